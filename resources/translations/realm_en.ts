<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
 <context>
  <name>Adapters</name>
  <message numerus="yes">
   <source>%Ln adapters</source>
   <translation>
    <numerusform>%Ln adapter</numerusform>
    <numerusform>%Ln adapters</numerusform>
   </translation>
  </message>
 </context>
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
  <name>ChatFind</name>
  <message numerus="yes">
   <source>%Ln hits</source>
   <translation>
    <numerusform>%Ln hit</numerusform>
    <numerusform>%Ln hits</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>ChatHeader</name>
  <message numerus="yes">
   <source>%Ln settings differ from the workspace</source>
   <translation>
    <numerusform>%Ln setting differs from the workspace</numerusform>
    <numerusform>%Ln settings differ from the workspace</numerusform>
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
  <name>Discover</name>
  <message numerus="yes">
   <source>%Ln downloads a month</source>
   <translation>
    <numerusform>%Ln download a month</numerusform>
    <numerusform>%Ln downloads a month</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln files</source>
   <translation>
    <numerusform>%Ln file</numerusform>
    <numerusform>%Ln files</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>Downloads</name>
  <message numerus="yes">
   <source>%Ln downloads paused</source>
   <translation>
    <numerusform>%Ln download paused</numerusform>
    <numerusform>%Ln downloads paused</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln downloads {} %</source>
   <translation>
    <numerusform>%Ln download {} %</numerusform>
    <numerusform>%Ln downloads {} %</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>FirstRun</name>
  <message numerus="yes">
   <source>%n model(s) found; nothing is copied.</source>
   <translation>
    <numerusform>%n model found; nothing is copied.</numerusform>
    <numerusform>%n models found; nothing is copied.</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>FirstRunCommands</name>
  <message numerus="yes">
   <source>{}, %n thread(s)</source>
   <translation>
    <numerusform>{}, %n thread</numerusform>
    <numerusform>{}, %n threads</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>MessageCommands</name>
  <message numerus="yes">
   <source>%n message(s) deleted</source>
   <translation>
    <numerusform>%n message deleted</numerusform>
    <numerusform>%n messages deleted</numerusform>
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
 <context>
  <name>RunningWork</name>
  <message numerus="yes">
   <source>%Ln chats are being answered</source>
   <translation>
    <numerusform>%Ln chat is being answered</numerusform>
    <numerusform>%Ln chats are being answered</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln downloads are running</source>
   <translation>
    <numerusform>%Ln download is running</numerusform>
    <numerusform>%Ln downloads are running</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>SidebarModel</name>
  <message numerus="yes">
   <source>Folder {}, %Ln chats, {}</source>
   <translation>
    <numerusform>Folder {}, %Ln chat, {}</numerusform>
    <numerusform>Folder {}, %Ln chats, {}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Workspace {}, %Ln chats, {}</source>
   <translation>
    <numerusform>Workspace {}, %Ln chat, {}</numerusform>
    <numerusform>Workspace {}, %Ln chats, {}</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>StatsLine</name>
  <message numerus="yes">
   <source>%Ln oldest messages left out</source>
   <translation>
    <numerusform>%Ln oldest message left out</numerusform>
    <numerusform>%Ln oldest messages left out</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln tokens</source>
   <translation>
    <numerusform>%Ln token</numerusform>
    <numerusform>%Ln tokens</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>StatusBar</name>
  <message numerus="yes">
   <source>%Ln chats generating in the background</source>
   <translation>
    <numerusform>%Ln chat generating in the background</numerusform>
    <numerusform>%Ln chats generating in the background</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln connections</source>
   <translation>
    <numerusform>%Ln connection</numerusform>
    <numerusform>%Ln connections</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln threads</source>
   <translation>
    <numerusform>%Ln thread</numerusform>
    <numerusform>%Ln threads</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>_Chip</name>
  <message numerus="yes">
   <source>%Ln tokens</source>
   <translation>
    <numerusform>%Ln token</numerusform>
    <numerusform>%Ln tokens</numerusform>
   </translation>
  </message>
 </context>
</TS>
