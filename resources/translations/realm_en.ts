<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
 <context>
  <name>AttachmentWindow</name>
  <message numerus="yes">
   <source>%n line(s)</source>
   <translation>
    <numerusform>%n line</numerusform>
    <numerusform>%n lines</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>CodeBox</name>
  <message numerus="yes">
   <source>Show all %n lines</source>
   <translation>
    <numerusform>Show %n line</numerusform>
    <numerusform>Show all %n lines</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>MessageItem</name>
  <message numerus="yes">
   <source>Interrupted after %n tokens; the text is saved.</source>
   <translation>
    <numerusform>Interrupted after %n token; the text is saved.</numerusform>
    <numerusform>Interrupted after %n tokens; the text is saved.</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>MessageMenu</name>
  <message numerus="yes">
   <source>%n line(s)</source>
   <translation>
    <numerusform>%n line</numerusform>
    <numerusform>%n lines</numerusform>
   </translation>
  </message>
 </context>
</TS>
