<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
 <context>
  <name>AboutPage</name>
  <message>
   <source>Attention on {}: {}, WRONG, largest error {}</source>
   <translation>Attention auf {}: {}, FALSCH, größter Fehler {}</translation>
  </message>
  <message>
   <source>Attention on {}: {}, sound, largest error {}</source>
   <translation>Attention auf {}: {}, in Ordnung, größter Fehler {}</translation>
  </message>
  <message>
   <source>Check the backends</source>
   <translation>Die Rechenwege prüfen</translation>
  </message>
  <message>
   <source>Checking…</source>
   <translation>Wird geprüft…</translation>
  </message>
  <message>
   <source>Compiled kernels in use</source>
   <translation>Kompilierte Kernel in Gebrauch</translation>
  </message>
  <message>
   <source>Compiled kernels not in use</source>
   <translation>Kompilierte Kernel nicht in Gebrauch</translation>
  </message>
  <message>
   <source>Compiled kernels: {}</source>
   <translation>Kompilierte Kernel: {}</translation>
  </message>
  <message>
   <source>Compute a small network and compare; takes seconds</source>
   <translation>Ein kleines Netz rechnen und vergleichen; dauert Sekunden</translation>
  </message>
  <message>
   <source>Copied. Read it before you send it: it names folders of this machine.</source>
   <translation>Kopiert. Vor dem Senden lesen: Es nennt Ordner dieses Rechners.</translation>
  </message>
  <message>
   <source>Copy for a bug report</source>
   <translation>Für einen Fehlerbericht kopieren</translation>
  </message>
  <message>
   <source>Data folder</source>
   <translation>Datenordner</translation>
  </message>
  <message>
   <source>Device {} · {} threads · process {}</source>
   <translation>Gerät {} · {} Threads · Prozess {}</translation>
  </message>
  <message>
   <source>Engine {} · torch {}</source>
   <translation>Engine {} · torch {}</translation>
  </message>
  <message>
   <source>Failed the self-test, not used: {}</source>
   <translation>Selbsttest nicht bestanden, nicht benutzt: {}</translation>
  </message>
  <message>
   <source>Language models on your own machine. Apache-2.0 licence.</source>
   <translation>Sprachmodelle auf dem eigenen Rechner. Apache-2.0-Lizenz.</translation>
  </message>
  <message>
   <source>Memory: {}</source>
   <translation>Speicher: {}</translation>
  </message>
  <message>
   <source>Model {} · {} · {}</source>
   <translation>Modell {} · {} · {}</translation>
  </message>
  <message>
   <source>No compiled kernels: {}</source>
   <translation>Keine kompilierten Kernel: {}</translation>
  </message>
  <message>
   <source>No model is loaded.</source>
   <translation>Kein Modell ist geladen.</translation>
  </message>
  <message>
   <source>Python {} · Qt {}</source>
   <translation>Python {} · Qt {}</translation>
  </message>
  <message>
   <source>Realm Desktop {}</source>
   <translation>Realm Desktop {}</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>The engine has not started yet.</source>
   <translation>Die Engine ist noch nicht gestartet.</translation>
  </message>
  <message>
   <source>The engine is stopped.</source>
   <translation>Die Engine ist angehalten.</translation>
  </message>
  <message>
   <source>Updates</source>
   <translation>Updates</translation>
  </message>
  <message>
   <source>Versions, devices, memory and folders; nothing of your chats</source>
   <translation>Versionen, Geräte, Speicher und Ordner; nichts aus den Chats</translation>
  </message>
  <message>
   <source>Weights {} · KV pool {}</source>
   <translation>Gewichte {} · KV-Pool {}</translation>
  </message>
  <message>
   <source>Window, data folder and an engine of its own: nothing is wrong.</source>
   <translation>Fenster, Datenordner und eine eigene Engine: alles in Ordnung.</translation>
  </message>
  <message>
   <source>Works of others</source>
   <translation>Werke anderer</translation>
  </message>
  <message>
   <source>{} parameters · context {} tokens · {} · {}</source>
   <translation>{} Parameter · Kontext {} Tokens · {} · {}</translation>
  </message>
 </context>
 <context>
  <name>ActionReasons</name>
  <message>
   <source>No chat is shown.</source>
   <translation>Keine Unterhaltung wird gezeigt.</translation>
  </message>
  <message>
   <source>No model is loaded.</source>
   <translation>Kein Modell ist geladen.</translation>
  </message>
  <message>
   <source>No reply is being written here.</source>
   <translation>Hier wird keine Antwort geschrieben.</translation>
  </message>
  <message>
   <source>The engine runs.</source>
   <translation>Die Engine läuft.</translation>
  </message>
  <message>
   <source>The last message is no reply, or one is being written.</source>
   <translation>Die letzte Nachricht ist keine Antwort, oder es wird gerade eine geschrieben.</translation>
  </message>
  <message>
   <source>The last reply did not end early.</source>
   <translation>Die letzte Antwort endete nicht vorzeitig.</translation>
  </message>
  <message>
   <source>The workspace of this chat has no adapters.</source>
   <translation>Der Arbeitsbereich dieser Unterhaltung hat keine Adapter.</translation>
  </message>
  <message>
   <source>There is no reply yet.</source>
   <translation>Noch gibt es keine Antwort.</translation>
  </message>
  <message>
   <source>There is nothing to answer, or a reply is being written.</source>
   <translation>Es gibt nichts zu beantworten, oder eine Antwort wird geschrieben.</translation>
  </message>
  <message>
   <source>There is only one pane.</source>
   <translation>Es gibt nur ein Teilfenster.</translation>
  </message>
  <message>
   <source>There is only one tab.</source>
   <translation>Es gibt nur einen Tab.</translation>
  </message>
  <message>
   <source>This chat is in the main window.</source>
   <translation>Diese Unterhaltung ist im Hauptfenster.</translation>
  </message>
 </context>
 <context>
  <name>Actions</name>
  <message>
   <source>&amp;Adapter</source>
   <translation>&amp;Adapter</translation>
  </message>
  <message>
   <source>&amp;Chat</source>
   <translation>&amp;Unterhaltung</translation>
  </message>
  <message>
   <source>&amp;Edit</source>
   <translation>&amp;Bearbeiten</translation>
  </message>
  <message>
   <source>&amp;File</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>&amp;Help</source>
   <translation>&amp;Hilfe</translation>
  </message>
  <message>
   <source>&amp;Model</source>
   <translation>&amp;Modell</translation>
  </message>
  <message>
   <source>&amp;View</source>
   <translation>A&amp;nsicht</translation>
  </message>
  <message>
   <source>&amp;Window</source>
   <translation>&amp;Fenster</translation>
  </message>
  <message>
   <source>A/B: answer without adapters</source>
   <translation>A/B: ohne Adapter antworten</translation>
  </message>
  <message>
   <source>About Realm Desktop</source>
   <translation>Über Realm Desktop</translation>
  </message>
  <message>
   <source>Add GGUF or safetensors adapters</source>
   <translation>Adapter im Format GGUF oder safetensors hinzufügen</translation>
  </message>
  <message>
   <source>Add a model folder…</source>
   <translation>Modellordner hinzufügen…</translation>
  </message>
  <message>
   <source>Add adapter files…</source>
   <translation>Adapterdateien hinzufügen…</translation>
  </message>
  <message>
   <source>Add an adapter folder…</source>
   <translation>Adapterordner hinzufügen…</translation>
  </message>
  <message>
   <source>Add chats from Realm Desktop or ChatGPT</source>
   <translation>Unterhaltungen aus Realm Desktop oder ChatGPT hinzufügen</translation>
  </message>
  <message>
   <source>Add what PEFT wrote</source>
   <translation>Hinzufügen, was PEFT geschrieben hat</translation>
  </message>
  <message>
   <source>All adapters</source>
   <translation>Alle Adapter</translation>
  </message>
  <message>
   <source>Alt+1 … Alt+9</source>
   <translation>Alt+1 … Alt+9</translation>
  </message>
  <message>
   <source>Alt+← Alt+→</source>
   <translation>Alt+← Alt+→</translation>
  </message>
  <message>
   <source>Alt+↑ Alt+↓</source>
   <translation>Alt+↑ Alt+↓</translation>
  </message>
  <message>
   <source>Batch view</source>
   <translation>Stapelansicht</translation>
  </message>
  <message>
   <source>Branch chat</source>
   <translation>Unterhaltung abzweigen</translation>
  </message>
  <message>
   <source>Chats</source>
   <translation>Unterhaltungen</translation>
  </message>
  <message>
   <source>Choose a model to load</source>
   <translation>Ein Modell zum Laden wählen</translation>
  </message>
  <message>
   <source>Choose model…</source>
   <translation>Modell wählen…</translation>
  </message>
  <message>
   <source>Close tab</source>
   <translation>Tab schließen</translation>
  </message>
  <message>
   <source>Close this tab; the chat stays</source>
   <translation>Diesen Tab schließen; die Unterhaltung bleibt</translation>
  </message>
  <message>
   <source>Close this window, keep its tabs</source>
   <translation>Dieses Fenster schließen, seine Tabs behalten</translation>
  </message>
  <message>
   <source>Command palette…</source>
   <translation>Befehlspalette…</translation>
  </message>
  <message>
   <source>Compare lanes</source>
   <translation>Spuren vergleichen</translation>
  </message>
  <message>
   <source>Context, memory and draft model of the model</source>
   <translation>Kontext, Speicher und Entwurfsmodell des Modells</translation>
  </message>
  <message>
   <source>Continue reply</source>
   <translation>Antwort fortsetzen</translation>
  </message>
  <message>
   <source>Copy last reply</source>
   <translation>Letzte Antwort kopieren</translation>
  </message>
  <message>
   <source>Copy the last reply's text</source>
   <translation>Den Text der letzten Antwort kopieren</translation>
  </message>
  <message>
   <source>Copy this chat with all its versions</source>
   <translation>Diese Unterhaltung mit allen Fassungen kopieren</translation>
  </message>
  <message>
   <source>Discover models…</source>
   <translation>Modelle entdecken…</translation>
  </message>
  <message>
   <source>Download an adapter from the hub</source>
   <translation>Einen Adapter vom Hub herunterladen</translation>
  </message>
  <message>
   <source>Downloads</source>
   <translation>Downloads</translation>
  </message>
  <message>
   <source>Duplicate chat</source>
   <translation>Unterhaltung duplizieren</translation>
  </message>
  <message>
   <source>Edit the last message</source>
   <translation>Die letzte Nachricht bearbeiten</translation>
  </message>
  <message>
   <source>End Realm Desktop</source>
   <translation>Realm Desktop beenden</translation>
  </message>
  <message>
   <source>Enter</source>
   <translation>Eingabe</translation>
  </message>
  <message>
   <source>Esc</source>
   <translation>Esc</translation>
  </message>
  <message>
   <source>Export all chats…</source>
   <translation>Alle Unterhaltungen exportieren…</translation>
  </message>
  <message>
   <source>Export chat…</source>
   <translation>Unterhaltung exportieren…</translation>
  </message>
  <message>
   <source>Fill the screen with the window</source>
   <translation>Den Bildschirm mit dem Fenster füllen</translation>
  </message>
  <message>
   <source>Filter chats</source>
   <translation>Unterhaltungen filtern</translation>
  </message>
  <message>
   <source>Find a chat by its title</source>
   <translation>Eine Unterhaltung nach ihrem Titel finden</translation>
  </message>
  <message>
   <source>Find an action, a setting, a chat or a model</source>
   <translation>Eine Aktion, eine Einstellung, eine Unterhaltung oder ein Modell finden</translation>
  </message>
  <message>
   <source>Find in chat…</source>
   <translation>In der Unterhaltung suchen…</translation>
  </message>
  <message>
   <source>Find next</source>
   <translation>Weitersuchen</translation>
  </message>
  <message>
   <source>Find previous</source>
   <translation>Rückwärts suchen</translation>
  </message>
  <message>
   <source>Find words in this chat</source>
   <translation>Wörter in dieser Unterhaltung suchen</translation>
  </message>
  <message>
   <source>Full screen</source>
   <translation>Vollbild</translation>
  </message>
  <message>
   <source>Give the model's memory back</source>
   <translation>Den Speicher des Modells freigeben</translation>
  </message>
  <message>
   <source>Give this chat another title</source>
   <translation>Dieser Unterhaltung einen anderen Titel geben</translation>
  </message>
  <message>
   <source>Go on in a copy of the messages that are shown</source>
   <translation>In einer Kopie der gezeigten Nachrichten weitermachen</translation>
  </message>
  <message>
   <source>Go to the next hit in this chat</source>
   <translation>Zum nächsten Treffer in dieser Unterhaltung gehen</translation>
  </message>
  <message>
   <source>Go to the next pane</source>
   <translation>Zum nächsten Teilfenster gehen</translation>
  </message>
  <message>
   <source>Go to the previous hit in this chat</source>
   <translation>Zum vorigen Treffer in dieser Unterhaltung gehen</translation>
  </message>
  <message>
   <source>Group chats of their own</source>
   <translation>Eine eigene Gruppe von Unterhaltungen</translation>
  </message>
  <message>
   <source>Group chats of this workspace</source>
   <translation>Unterhaltungen dieses Arbeitsbereichs zusammenfassen</translation>
  </message>
  <message>
   <source>Import an adapter…</source>
   <translation>Adapter importieren…</translation>
  </message>
  <message>
   <source>Import chats…</source>
   <translation>Unterhaltungen importieren…</translation>
  </message>
  <message>
   <source>Keep this chat at the top of the sidebar</source>
   <translation>Diese Unterhaltung oben in der Seitenleiste halten</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>List every key</source>
   <translation>Alle Tasten auflisten</translation>
  </message>
  <message>
   <source>List the models of a folder</source>
   <translation>Die Modelle eines Ordners auflisten</translation>
  </message>
  <message>
   <source>Load a GGUF or safetensors file</source>
   <translation>Eine Datei im Format GGUF oder safetensors laden</translation>
  </message>
  <message>
   <source>Load the model again with the app's chat template instead of its own</source>
   <translation>Das Modell mit der Chat-Vorlage der App statt seiner eigenen neu laden</translation>
  </message>
  <message>
   <source>Load the model again with the present settings</source>
   <translation>Das Modell mit den jetzigen Einstellungen neu laden</translation>
  </message>
  <message>
   <source>Load with options…</source>
   <translation>Mit Optionen laden…</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
  <message>
   <source>Look, sending and engine</source>
   <translation>Aussehen, Senden und Engine</translation>
  </message>
  <message>
   <source>Make everything larger</source>
   <translation>Alles vergrößern</translation>
  </message>
  <message>
   <source>Make everything smaller</source>
   <translation>Alles verkleinern</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>Move back to the main window</source>
   <translation>Zurück ins Hauptfenster</translation>
  </message>
  <message>
   <source>Move this chat to the trash</source>
   <translation>Diese Unterhaltung in den Papierkorb legen</translation>
  </message>
  <message>
   <source>Move to Trash</source>
   <translation>In den Papierkorb</translation>
  </message>
  <message>
   <source>Move to a new window</source>
   <translation>In ein neues Fenster</translation>
  </message>
  <message>
   <source>Move to…</source>
   <translation>Verschieben nach…</translation>
  </message>
  <message>
   <source>Name, colour, system prompt and sampling of this chat's workspace</source>
   <translation>Name, Farbe, System-Prompt und Sampling des Arbeitsbereichs dieser Unterhaltung</translation>
  </message>
  <message>
   <source>Network…</source>
   <translation>Netzwerk…</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>New line</source>
   <translation>Neue Zeile</translation>
  </message>
  <message>
   <source>New workspace…</source>
   <translation>Neuer Arbeitsbereich…</translation>
  </message>
  <message>
   <source>Next pane</source>
   <translation>Nächstes Teilfenster</translation>
  </message>
  <message>
   <source>Next tab</source>
   <translation>Nächster Tab</translation>
  </message>
  <message>
   <source>Normal size</source>
   <translation>Normale Größe</translation>
  </message>
  <message>
   <source>Offline, proxy, mirror and access token</source>
   <translation>Offline, Proxy, Spiegelserver und Zugriffstoken</translation>
  </message>
  <message>
   <source>Open a model file…</source>
   <translation>Modelldatei öffnen…</translation>
  </message>
  <message>
   <source>Open the folder of the log files</source>
   <translation>Den Ordner der Protokolldateien öffnen</translation>
  </message>
  <message>
   <source>Open the last closed tab</source>
   <translation>Den zuletzt geschlossenen Tab öffnen</translation>
  </message>
  <message>
   <source>Page bar</source>
   <translation>Bereichsleiste</translation>
  </message>
  <message>
   <source>Pause reply</source>
   <translation>Antwort anhalten</translation>
  </message>
  <message>
   <source>Pause the reply of this chat, or let it go on</source>
   <translation>Die Antwort dieses Chats anhalten oder weiterlaufen lassen</translation>
  </message>
  <message>
   <source>Performance</source>
   <translation>Leistung</translation>
  </message>
  <message>
   <source>Pin</source>
   <translation>Anheften</translation>
  </message>
  <message>
   <source>Previous or next message</source>
   <translation>Vorige oder nächste Nachricht</translation>
  </message>
  <message>
   <source>Previous or next version of the message</source>
   <translation>Vorige oder nächste Fassung der Nachricht</translation>
  </message>
  <message>
   <source>Previous tab</source>
   <translation>Voriger Tab</translation>
  </message>
  <message>
   <source>Print this chat</source>
   <translation>Diese Unterhaltung drucken</translation>
  </message>
  <message>
   <source>Print…</source>
   <translation>Drucken…</translation>
  </message>
  <message>
   <source>Put this chat into another workspace or folder</source>
   <translation>Diese Unterhaltung in einen anderen Arbeitsbereich oder Ordner legen</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>Neu erzeugen</translation>
  </message>
  <message>
   <source>Regenerate with…</source>
   <translation>Neu erzeugen mit…</translation>
  </message>
  <message>
   <source>Reload model</source>
   <translation>Modell neu laden</translation>
  </message>
  <message>
   <source>Rename…</source>
   <translation>Umbenennen…</translation>
  </message>
  <message>
   <source>Reopen closed tab</source>
   <translation>Geschlossenen Tab wieder öffnen</translation>
  </message>
  <message>
   <source>Right panel</source>
   <translation>Rechter Bereich</translation>
  </message>
  <message>
   <source>Save every chat in one JSON file</source>
   <translation>Alle Unterhaltungen in einer JSON-Datei speichern</translation>
  </message>
  <message>
   <source>Save this chat as a document or as JSON</source>
   <translation>Diese Unterhaltung als Dokument oder als JSON speichern</translation>
  </message>
  <message>
   <source>Search the hub for models to download</source>
   <translation>Auf dem Hub nach Modellen zum Herunterladen suchen</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Senden</translation>
  </message>
  <message>
   <source>Send one prompt to several adapters or settings</source>
   <translation>Einen Prompt an mehrere Adapter oder Einstellungen senden</translation>
  </message>
  <message>
   <source>Settings…</source>
   <translation>Einstellungen…</translation>
  </message>
  <message>
   <source>Shift+Enter</source>
   <translation>Umschalt+Eingabe</translation>
  </message>
  <message>
   <source>Show everything at 100 %</source>
   <translation>Alles in 100 % zeigen</translation>
  </message>
  <message>
   <source>Show log files</source>
   <translation>Protokolldateien zeigen</translation>
  </message>
  <message>
   <source>Show or hide model, sampling, adapters, tokens and notes of this chat</source>
   <translation>Modell, Sampling, Adapter, Token und Notizen dieser Unterhaltung zeigen oder verbergen</translation>
  </message>
  <message>
   <source>Show or hide the bar of pages at the edge</source>
   <translation>Die Leiste der Bereiche am Rand zeigen oder verbergen</translation>
  </message>
  <message>
   <source>Show or hide the sidebar</source>
   <translation>Die Seitenleiste ein- oder ausblenden</translation>
  </message>
  <message>
   <source>Show or hide what the engine computes, its performance and the log</source>
   <translation>Ein- oder ausblenden, was die Engine rechnet, ihre Leistung und das Protokoll</translation>
  </message>
  <message>
   <source>Show tab 1 to 8, or the last one</source>
   <translation>Tab 1 bis 8 oder den letzten zeigen</translation>
  </message>
  <message>
   <source>Show the Adapters page</source>
   <translation>Die Seite Adapter zeigen</translation>
  </message>
  <message>
   <source>Show the Downloads page</source>
   <translation>Die Seite Downloads zeigen</translation>
  </message>
  <message>
   <source>Show the Models page</source>
   <translation>Die Seite Modelle zeigen</translation>
  </message>
  <message>
   <source>Show the chats</source>
   <translation>Die Unterhaltungen zeigen</translation>
  </message>
  <message>
   <source>Show the engine's figures as curves</source>
   <translation>Die Messwerte der Engine als Kurven zeigen</translation>
  </message>
  <message>
   <source>Show the last lines of the log</source>
   <translation>Die letzten Zeilen des Protokolls zeigen</translation>
  </message>
  <message>
   <source>Show the tab to the left</source>
   <translation>Den Tab links davon zeigen</translation>
  </message>
  <message>
   <source>Show the tab to the right</source>
   <translation>Den Tab rechts davon zeigen</translation>
  </message>
  <message>
   <source>Show this chat below the others</source>
   <translation>Diese Unterhaltung unter den anderen zeigen</translation>
  </message>
  <message>
   <source>Show this chat beside the others</source>
   <translation>Diese Unterhaltung neben den anderen zeigen</translation>
  </message>
  <message>
   <source>Show this chat in a window of its own</source>
   <translation>Diese Unterhaltung in einem eigenen Fenster zeigen</translation>
  </message>
  <message>
   <source>Sidebar</source>
   <translation>Seitenleiste</translation>
  </message>
  <message>
   <source>Space, backups, check of the data, trash</source>
   <translation>Platz, Sicherungen, Prüfung der Daten, Papierkorb</translation>
  </message>
  <message>
   <source>Split down</source>
   <translation>Nach unten teilen</translation>
  </message>
  <message>
   <source>Split right</source>
   <translation>Nach rechts teilen</translation>
  </message>
  <message>
   <source>Start a new chat in a tab</source>
   <translation>Eine neue Unterhaltung in einem Tab beginnen</translation>
  </message>
  <message>
   <source>Start engine</source>
   <translation>Engine starten</translation>
  </message>
  <message>
   <source>Start the engine again after it stopped</source>
   <translation>Die Engine wieder starten, nachdem sie angehalten hat</translation>
  </message>
  <message>
   <source>Stop reply</source>
   <translation>Antwort anhalten</translation>
  </message>
  <message>
   <source>Stop the reply</source>
   <translation>Die Antwort anhalten</translation>
  </message>
  <message>
   <source>Stop the reply of this chat</source>
   <translation>Die Antwort dieser Unterhaltung anhalten</translation>
  </message>
  <message>
   <source>Storage and backups…</source>
   <translation>Speicherplatz und Sicherungen…</translation>
  </message>
  <message>
   <source>Switch all adapters of this workspace off, or on again, from the next message on</source>
   <translation>Alle Adapter dieses Arbeitsbereichs aus- oder wieder einschalten, ab der nächsten Nachricht</translation>
  </message>
  <message>
   <source>Tab {}</source>
   <translation>Tab {}</translation>
  </message>
  <message>
   <source>Unload model</source>
   <translation>Modell entladen</translation>
  </message>
  <message>
   <source>Use built-in template</source>
   <translation>Eingebaute Vorlage verwenden</translation>
  </message>
  <message>
   <source>Versions, engine and licence</source>
   <translation>Versionen, Engine und Lizenz</translation>
  </message>
  <message>
   <source>Workspace settings…</source>
   <translation>Einstellungen des Arbeitsbereichs…</translation>
  </message>
  <message>
   <source>Write another version of the last reply</source>
   <translation>Eine andere Fassung der letzten Antwort schreiben</translation>
  </message>
  <message>
   <source>Write on where the last reply ended</source>
   <translation>Dort weiterschreiben, wo die letzte Antwort endete</translation>
  </message>
  <message>
   <source>Write the last reply again with another model, adapter, temperature or seed</source>
   <translation>Die letzte Antwort mit anderem Modell, Adapter, anderer Temperatur oder anderem Startwert neu schreiben</translation>
  </message>
  <message>
   <source>Zoom in</source>
   <translation>Vergrößern</translation>
  </message>
  <message>
   <source>Zoom out</source>
   <translation>Verkleinern</translation>
  </message>
  <message>
   <source>↑ in an empty field</source>
   <translation>↑ in einem leeren Feld</translation>
  </message>
 </context>
 <context>
  <name>AdapterButton</name>
  <message>
   <source>Adapters of this chat: {}</source>
   <translation>Adapter dieser Unterhaltung: {}</translation>
  </message>
  <message>
   <source>Adapters: {}</source>
   <translation>Adapter: {}</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keine</translation>
  </message>
 </context>
 <context>
  <name>AdapterCommands</name>
  <message>
   <source>Adapters (*.gguf *.safetensors adapter_config.json)</source>
   <translation>Adapter (*.gguf *.safetensors adapter_config.json)</translation>
  </message>
  <message>
   <source>Add a folder of adapters</source>
   <translation>Einen Ordner mit Adaptern hinzufügen</translation>
  </message>
  <message>
   <source>Add adapters</source>
   <translation>Adapter hinzufügen</translation>
  </message>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>{} And {} more could not be added: {}{}</source>
   <translation>{} Und {} weitere konnten nicht hinzugefügt werden: {}{}</translation>
  </message>
  <message>
   <source>{} removed</source>
   <translation>{} entfernt</translation>
  </message>
 </context>
 <context>
  <name>AdapterDetails</name>
  <message>
   <source>Attach</source>
   <translation>Zuordnen</translation>
  </message>
  <message>
   <source>Attach to</source>
   <translation>Zuordnen zu</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Detach</source>
   <translation>Lösen</translation>
  </message>
  <message>
   <source>Forget this adapter; its file stays where it is</source>
   <translation>Diesen Adapter vergessen; seine Datei bleibt, wo sie ist</translation>
  </message>
  <message>
   <source>Keep in memory</source>
   <translation>Im Speicher halten</translation>
  </message>
  <message>
   <source>Loaded with every model that it fits</source>
   <translation>Wird mit jedem Modell geladen, zu dem er passt</translation>
  </message>
  <message>
   <source>One prompt to the base model and this adapter</source>
   <translation>Ein Prompt an das Basismodell und an diesen Adapter</translation>
  </message>
  <message>
   <source>Refused: see the reason</source>
   <translation>Abgelehnt: siehe Grund</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Set weight</source>
   <translation>Gewicht setzen</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>Weight</source>
   <translation>Gewicht</translation>
  </message>
  <message>
   <source>Workspace</source>
   <translation>Arbeitsbereich</translation>
  </message>
 </context>
 <context>
  <name>AdapterTableModel</name>
  <message>
   <source>Base model</source>
   <translation>Basismodell</translation>
  </message>
  <message>
   <source>Format</source>
   <translation>Format</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Rank / α</source>
   <translation>Rang / α</translation>
  </message>
  <message>
   <source>Size</source>
   <translation>Größe</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Targets</source>
   <translation>Ziele</translation>
  </message>
  <message>
   <source>Used by</source>
   <translation>Verwendet von</translation>
  </message>
  <message>
   <source>{}, adapter {}</source>
   <translation>{}, Adapter {}</translation>
  </message>
 </context>
 <context>
  <name>Adapters</name>
  <message numerus="yes">
   <source>%Ln adapters</source>
   <translation>
    <numerusform>%Ln Adapter</numerusform>
    <numerusform>%Ln Adapter</numerusform>
   </translation>
  </message>
  <message>
   <source>loading</source>
   <translation>lädt</translation>
  </message>
  <message>
   <source>on disk</source>
   <translation>auf der Platte</translation>
  </message>
  <message>
   <source>on disk · loaded when needed</source>
   <translation>auf der Platte · wird bei Bedarf geladen</translation>
  </message>
  <message>
   <source>rank {} · α {} · {}</source>
   <translation>Rang {} · α {} · {}</translation>
  </message>
  <message>
   <source>refused</source>
   <translation>abgelehnt</translation>
  </message>
  <message>
   <source>warm</source>
   <translation>geladen</translation>
  </message>
  <message>
   <source>warm · swap {}</source>
   <translation>geladen · Wechsel {}</translation>
  </message>
  <message>
   <source>{0} {1}</source>
   <translation>{0} {1}</translation>
  </message>
  <message>
   <source>{} in memory</source>
   <translation>{} im Speicher</translation>
  </message>
  <message>
   <source>{} is loaded</source>
   <translation>{} ist geladen</translation>
  </message>
  <message>
   <source>{} warm</source>
   <translation>{} geladen</translation>
  </message>
  <message>
   <source>{}: load a model to see whether it fits</source>
   <translation>{}: ein Modell laden, um zu sehen, ob er passt</translation>
  </message>
 </context>
 <context>
  <name>AdaptersPage</name>
  <message>
   <source>A .gguf or .safetensors adapter, or the folder that PEFT wrote.</source>
   <translation>Ein Adapter als .gguf oder .safetensors oder der Ordner, den PEFT geschrieben hat.</translation>
  </message>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Add files…</source>
   <translation>Dateien…</translation>
  </message>
  <message>
   <source>Add folder…</source>
   <translation>Ordner…</translation>
  </message>
  <message>
   <source>Download an adapter from the hub</source>
   <translation>Einen Adapter vom Hub herunterladen</translation>
  </message>
  <message>
   <source>Drop .gguf, .safetensors or folders on this page</source>
   <translation>.gguf, .safetensors oder Ordner auf diese Seite ziehen</translation>
  </message>
  <message>
   <source>Drop a LoRA here</source>
   <translation>Eine LoRA hierher ziehen</translation>
  </message>
  <message>
   <source>Filter adapters</source>
   <translation>Adapter filtern</translation>
  </message>
  <message>
   <source>Import…</source>
   <translation>Importieren…</translation>
  </message>
  <message>
   <source>Make an adapter from messages or from a file</source>
   <translation>Einen Adapter aus Nachrichten oder aus einer Datei machen</translation>
  </message>
  <message>
   <source>Train…</source>
   <translation>Trainieren…</translation>
  </message>
 </context>
 <context>
  <name>App</name>
  <message>
   <source>Checking your conversations…</source>
   <translation>Die Unterhaltungen werden geprüft…</translation>
  </message>
  <message>
   <source>General</source>
   <translation>Allgemein</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
  <message>
   <source>Realm Desktop cannot open</source>
   <translation>Realm Desktop kann nicht öffnen</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>Anzeigen</translation>
  </message>
  <message>
   <source>Show backups</source>
   <translation>Sicherungen zeigen</translation>
  </message>
  <message>
   <source>Version {} of Realm Desktop is available.</source>
   <translation>Version {} von Realm Desktop ist verfügbar.</translation>
  </message>
 </context>
 <context>
  <name>AttachmentChips</name>
  <message>
   <source>Attachments</source>
   <translation>Anhänge</translation>
  </message>
 </context>
 <context>
  <name>AttachmentWindow</name>
  <message numerus="yes">
   <source>%n line(s)</source>
   <translation>
    <numerusform>%n Zeile</numerusform>
    <numerusform>%n Zeilen</numerusform>
   </translation>
  </message>
  <message>
   <source>only the first {0} characters are shown</source>
   <translation>nur die ersten {0} Zeichen werden gezeigt</translation>
  </message>
 </context>
 <context>
  <name>BatchPage</name>
  <message>
   <source>Abort</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Go to tab</source>
   <translation>Zum Tab</translation>
  </message>
  <message>
   <source>KV pool</source>
   <translation>KV-Pool</translation>
  </message>
  <message>
   <source>Lower priority</source>
   <translation>Priorität senken</translation>
  </message>
  <message>
   <source>No reply is computed or waits.</source>
   <translation>Keine Antwort wird berechnet oder wartet.</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Raise priority</source>
   <translation>Priorität erhöhen</translation>
  </message>
  <message>
   <source>Requests of the engine</source>
   <translation>Anfragen an die Engine</translation>
  </message>
  <message>
   <source>Share of steps, by workspace</source>
   <translation>Anteil an den Schritten, nach Arbeitsbereich</translation>
  </message>
  <message>
   <source>Step time {} ms · {} rows</source>
   <translation>Schrittdauer {} ms · {} Zeilen</translation>
  </message>
  <message>
   <source>cached {}</source>
   <translation>im Cache {}</translation>
  </message>
  <message>
   <source>free {}</source>
   <translation>frei {}</translation>
  </message>
  <message>
   <source>used {}</source>
   <translation>belegt {}</translation>
  </message>
  <message>
   <source>{} of {} blocks</source>
   <translation>{} von {} Blöcken</translation>
  </message>
  <message>
   <source>{} {} %</source>
   <translation>{} {} %</translation>
  </message>
 </context>
 <context>
  <name>BatchRows</name>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>Request of no open chat</source>
   <translation>Anfrage ohne offene Unterhaltung</translation>
  </message>
  <message>
   <source>base</source>
   <translation>Basis</translation>
  </message>
  <message>
   <source>continues when you say so</source>
   <translation>geht auf Ihr Zeichen weiter</translation>
  </message>
  <message>
   <source>decode</source>
   <translation>schreibt</translation>
  </message>
  <message>
   <source>goes before the others</source>
   <translation>geht vor den anderen</translation>
  </message>
  <message>
   <source>goes behind the others</source>
   <translation>geht hinter den anderen</translation>
  </message>
  <message>
   <source>memory is short: smaller steps</source>
   <translation>der Speicher ist knapp: kleinere Schritte</translation>
  </message>
  <message>
   <source>next in line</source>
   <translation>als Nächstes an der Reihe</translation>
  </message>
  <message>
   <source>paused</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>paused by you</source>
   <translation>von Ihnen angehalten</translation>
  </message>
  <message>
   <source>prefill</source>
   <translation>liest</translation>
  </message>
  <message>
   <source>waiting, {}</source>
   <translation>wartet {}</translation>
  </message>
  <message>
   <source>{} %</source>
   <translation>{} %</translation>
  </message>
  <message>
   <source>{} in line</source>
   <translation>an {} Stelle</translation>
  </message>
  <message>
   <source>{} paused</source>
   <translation>{} angehalten</translation>
  </message>
  <message>
   <source>{} running</source>
   <translation>{} laufen</translation>
  </message>
  <message>
   <source>{} waiting</source>
   <translation>{} warten</translation>
  </message>
 </context>
 <context>
  <name>BatchTableModel</name>
  <message>
   <source>, the shown chat</source>
   <translation>, die gezeigte Unterhaltung</translation>
  </message>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Conversation</source>
   <translation>Unterhaltung</translation>
  </message>
  <message>
   <source>Draft accepted</source>
   <translation>Entwurf angenommen</translation>
  </message>
  <message>
   <source>KV blocks</source>
   <translation>KV-Blöcke</translation>
  </message>
  <message>
   <source>Prompt read</source>
   <translation>Prompt gelesen</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Why</source>
   <translation>Grund</translation>
  </message>
  <message>
   <source>Workspace</source>
   <translation>Arbeitsbereich</translation>
  </message>
  <message>
   <source>tok/s</source>
   <translation>Tok/s</translation>
  </message>
 </context>
 <context>
  <name>BottomDock</name>
  <message>
   <source>Batch</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <source>Batch, performance and log</source>
   <translation>Stapel, Leistung und Protokoll</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close the dock</source>
   <translation>Den unteren Bereich schließen</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
  <message>
   <source>Pages of the dock</source>
   <translation>Seiten des unteren Bereichs</translation>
  </message>
  <message>
   <source>Performance</source>
   <translation>Leistung</translation>
  </message>
 </context>
 <context>
  <name>ChatCommands</name>
  <message>
   <source>1 chat moved to Trash</source>
   <translation>1 Unterhaltung in den Papierkorb gelegt</translation>
  </message>
  <message>
   <source>Delete the workspace {}?</source>
   <translation>Den Arbeitsbereich {} löschen?</translation>
  </message>
  <message>
   <source>Delete workspace</source>
   <translation>Arbeitsbereich löschen</translation>
  </message>
  <message>
   <source>Its chats go to the trash. Its name, prompt and sampling are gone for good.</source>
   <translation>Seine Unterhaltungen kommen in den Papierkorb. Name, Prompt und Sampling sind endgültig weg.</translation>
  </message>
  <message>
   <source>New workspace</source>
   <translation>Neuer Arbeitsbereich</translation>
  </message>
 </context>
 <context>
  <name>ChatFind</name>
  <message numerus="yes">
   <source>%Ln hits</source>
   <translation>
    <numerusform>%Ln Treffer</numerusform>
    <numerusform>%Ln Treffer</numerusform>
   </translation>
  </message>
  <message>
   <source>No hits</source>
   <translation>Keine Treffer</translation>
  </message>
  <message>
   <source>{0} of {1}</source>
   <translation>{0} von {1}</translation>
  </message>
  <message>
   <source>{0} of {1}…</source>
   <translation>{0} von {1}…</translation>
  </message>
 </context>
 <context>
  <name>ChatHeader</name>
  <message numerus="yes">
   <source>%Ln settings differ from the workspace</source>
   <translation>
    <numerusform>%Ln Einstellung weicht vom Arbeitsbereich ab</numerusform>
    <numerusform>%Ln Einstellungen weichen vom Arbeitsbereich ab</numerusform>
   </translation>
  </message>
  <message>
   <source>Compare lanes</source>
   <translation>Spuren vergleichen</translation>
  </message>
  <message>
   <source>Find in chat</source>
   <translation>In der Unterhaltung suchen</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <source>More actions for this chat</source>
   <translation>Weitere Aktionen für diese Unterhaltung</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>New title</source>
   <translation>Neuer Titel</translation>
  </message>
  <message>
   <source>No model</source>
   <translation>Kein Modell</translation>
  </message>
  <message>
   <source>Show this chat beside the others</source>
   <translation>Diese Unterhaltung neben den anderen zeigen</translation>
  </message>
  <message>
   <source>Split</source>
   <translation>Teilen</translation>
  </message>
  <message>
   <source>not loaded</source>
   <translation>nicht geladen</translation>
  </message>
  <message>
   <source>{} %</source>
   <translation>{} %</translation>
  </message>
 </context>
 <context>
  <name>ChatImportDialog</name>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Import chats</source>
   <translation>Unterhaltungen importieren</translation>
  </message>
  <message>
   <source>Imported chats: {}, messages: {}.</source>
   <translation>Importiert: {} Unterhaltungen, {} Nachrichten.</translation>
  </message>
  <message>
   <source>Progress of the import</source>
   <translation>Fortschritt des Imports</translation>
  </message>
  <message>
   <source>Reading…</source>
   <translation>Wird gelesen…</translation>
  </message>
  <message>
   <source>This was left out:</source>
   <translation>Das wurde ausgelassen:</translation>
  </message>
  <message>
   <source>Undo import</source>
   <translation>Import rückgängig machen</translation>
  </message>
  <message>
   <source>What was left out</source>
   <translation>Was ausgelassen wurde</translation>
  </message>
  <message>
   <source>You stopped the import there.</source>
   <translation>Der Import wurde dort angehalten.</translation>
  </message>
  <message>
   <source>… and {} more</source>
   <translation>… und {} weitere</translation>
  </message>
 </context>
 <context>
  <name>ChatTab</name>
  <message>
   <source>Engine restarting: nothing is lost</source>
   <translation>Engine startet neu: nichts geht verloren</translation>
  </message>
  <message>
   <source>Engine starting: your message will be sent when ready</source>
   <translation>Engine startet: die Nachricht wird gesendet, sobald sie bereit ist</translation>
  </message>
  <message>
   <source>Engine stopped: start it to go on</source>
   <translation>Engine angehalten: zum Weitermachen starten</translation>
  </message>
  <message>
   <source>Load a model to start</source>
   <translation>Zum Anfangen ein Modell laden</translation>
  </message>
  <message>
   <source>Loading {0} %: your message will be sent when ready</source>
   <translation>Lädt {0} %: die Nachricht wird gesendet, sobald es bereit ist</translation>
  </message>
  <message>
   <source>Message</source>
   <translation>Nachricht</translation>
  </message>
  <message>
   <source>Message {0}</source>
   <translation>Nachricht an {0}</translation>
  </message>
  <message>
   <source>One prompt for all lanes</source>
   <translation>Ein Prompt für alle Spuren</translation>
  </message>
 </context>
 <context>
  <name>CloseDialog</name>
  <message>
   <source>Can be changed in the settings, under General</source>
   <translation>Lässt sich in den Einstellungen unter Allgemein ändern</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Everything is done by now</source>
   <translation>Inzwischen ist alles fertig</translation>
  </message>
  <message>
   <source>Keep running in the background</source>
   <translation>Im Hintergrund weiterlaufen</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
  <message>
   <source>Realm Desktop is still working</source>
   <translation>Realm Desktop arbeitet noch</translation>
  </message>
  <message>
   <source>Remember my choice</source>
   <translation>Auswahl merken</translation>
  </message>
  <message>
   <source>Stop and quit</source>
   <translation>Stoppen und beenden</translation>
  </message>
  <message>
   <source>Stop replies and quit</source>
   <translation>Antworten stoppen und beenden</translation>
  </message>
 </context>
 <context>
  <name>CodeBox</name>
  <message numerus="yes">
   <source>Show all %n lines</source>
   <translation>
    <numerusform>%n Zeile zeigen</numerusform>
    <numerusform>Alle %n Zeilen zeigen</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>CompareBar</name>
  <message>
   <source>Add a lane</source>
   <translation>Eine Spur hinzufügen</translation>
  </message>
  <message>
   <source>All lanes draw with one seed, so that only their settings differ</source>
   <translation>Alle Spuren verwenden einen Startwert, damit sich nur ihre Einstellungen unterscheiden</translation>
  </message>
  <message>
   <source>At most {} lanes</source>
   <translation>Höchstens {} Spuren</translation>
  </message>
  <message>
   <source>Compare</source>
   <translation>Vergleichen</translation>
  </message>
  <message>
   <source>Lane</source>
   <translation>Spur</translation>
  </message>
  <message>
   <source>Leave the comparison</source>
   <translation>Den Vergleich verlassen</translation>
  </message>
  <message>
   <source>Leave; every reply stays as a version</source>
   <translation>Verlassen; jede Antwort bleibt als Fassung</translation>
  </message>
  <message>
   <source>Let the lanes without a reply answer this prompt</source>
   <translation>Die Spuren ohne Antwort diesen Prompt beantworten lassen</translation>
  </message>
  <message>
   <source>Mark the words that differ from the reply of the first lane</source>
   <translation>Die Wörter markieren, die von der Antwort der ersten Spur abweichen</translation>
  </message>
  <message>
   <source>One more lane</source>
   <translation>Noch eine Spur</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Starten</translation>
  </message>
  <message>
   <source>Same seed</source>
   <translation>Gleicher Startwert</translation>
  </message>
  <message>
   <source>Word diff against lane 1</source>
   <translation>Wortvergleich mit Spur 1</translation>
  </message>
 </context>
 <context>
  <name>CompareLane</name>
  <message>
   <source>Keep this one</source>
   <translation>Diese behalten</translation>
  </message>
  <message>
   <source>Keep when finished</source>
   <translation>Behalten, sobald fertig</translation>
  </message>
  <message>
   <source>Kept</source>
   <translation>Behalten</translation>
  </message>
  <message>
   <source>Lane {}</source>
   <translation>Spur {}</translation>
  </message>
  <message>
   <source>Not asked yet</source>
   <translation>Noch nicht gefragt</translation>
  </message>
  <message>
   <source>Reply of lane {}</source>
   <translation>Antwort der Spur {}</translation>
  </message>
  <message>
   <source>Writing</source>
   <translation>Schreibt</translation>
  </message>
  <message>
   <source>seed {}</source>
   <translation>Startwert {}</translation>
  </message>
  <message>
   <source>{}: lane {}</source>
   <translation>{}: Spur {}</translation>
  </message>
 </context>
 <context>
  <name>CompareView</name>
  <message>
   <source>Comparison</source>
   <translation>Vergleich</translation>
  </message>
  <message>
   <source>Prompt of all lanes</source>
   <translation>Prompt aller Spuren</translation>
  </message>
  <message>
   <source>{0} · {1} prompt tokens reused</source>
   <translation>{0} · {1} Prompt-Tokens wiederverwendet</translation>
  </message>
  <message>
   <source>{} lanes</source>
   <translation>{} Spuren</translation>
  </message>
 </context>
 <context>
  <name>Composer</name>
  <message>
   <source>Attach files</source>
   <translation>Dateien anhängen</translation>
  </message>
  <message>
   <source>Attach text or code files; or drop them here</source>
   <translation>Text- oder Codedateien anhängen oder hierher ziehen</translation>
  </message>
  <message>
   <source>Ctrl+Enter sends · Enter new line</source>
   <translation>Strg+Eingabe sendet · Eingabe neue Zeile</translation>
  </message>
  <message>
   <source>Ctrl+Enter: sends after this reply · Esc stops</source>
   <translation>Strg+Eingabe: sendet nach dieser Antwort · Esc hält an</translation>
  </message>
  <message>
   <source>Editing: sending makes a new version</source>
   <translation>Bearbeiten: Senden erzeugt eine neue Fassung</translation>
  </message>
  <message>
   <source>Enter sends · Shift+Enter new line</source>
   <translation>Eingabe sendet · Umschalt+Eingabe neue Zeile</translation>
  </message>
  <message>
   <source>Enter: sends after this reply · Esc stops</source>
   <translation>Eingabe: sendet nach dieser Antwort · Esc hält an</translation>
  </message>
  <message>
   <source>Esc stops</source>
   <translation>Esc hält an</translation>
  </message>
  <message>
   <source>Esc stops the reply</source>
   <translation>Esc hält die Antwort an</translation>
  </message>
  <message>
   <source>Long text, {0} characters</source>
   <translation>Langer Text, {0} Zeichen</translation>
  </message>
  <message>
   <source>Pasted text {0}.txt</source>
   <translation>Eingefügter Text {0}.txt</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Senden</translation>
  </message>
  <message>
   <source>Sends after this reply</source>
   <translation>Wird nach dieser Antwort gesendet</translation>
  </message>
  <message>
   <source>Stop</source>
   <translation>Stopp</translation>
  </message>
  <message>
   <source>The model answers at once</source>
   <translation>Das Modell antwortet sofort</translation>
  </message>
  <message>
   <source>The model thinks before it answers</source>
   <translation>Das Modell denkt nach, bevor es antwortet</translation>
  </message>
  <message>
   <source>Thinking</source>
   <translation>Nachdenken</translation>
  </message>
 </context>
 <context>
  <name>ComposerAdapters</name>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Adapters: {}</source>
   <translation>Adapter: {}</translation>
  </message>
  <message>
   <source>Add adapter files…</source>
   <translation>Adapterdateien hinzufügen…</translation>
  </message>
  <message>
   <source>Answer without adapters</source>
   <translation>Ohne Adapter antworten</translation>
  </message>
  <message>
   <source>No adapters</source>
   <translation>Keine Adapter</translation>
  </message>
  <message>
   <source>Set weights…</source>
   <translation>Gewichte einstellen…</translation>
  </message>
 </context>
 <context>
  <name>ComposerEdit</name>
  <message>
   <source>Message</source>
   <translation>Nachricht</translation>
  </message>
 </context>
 <context>
  <name>ComposerFiles</name>
  <message>
   <source>Attach files</source>
   <translation>Dateien anhängen</translation>
  </message>
 </context>
 <context>
  <name>ComposerRow</name>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
 </context>
 <context>
  <name>ConfirmDialog</name>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
 </context>
 <context>
  <name>ContextPopup</name>
  <message>
   <source>Attachments: {}</source>
   <translation>Anhänge: {}</translation>
  </message>
  <message>
   <source>Context</source>
   <translation>Kontext</translation>
  </message>
  <message>
   <source>Counting…</source>
   <translation>Wird gezählt…</translation>
  </message>
  <message>
   <source>Free: {}</source>
   <translation>Frei: {}</translation>
  </message>
  <message>
   <source>Kept for the answer: {}</source>
   <translation>Für die Antwort freigehalten: {}</translation>
  </message>
  <message>
   <source>Marks of the chat template: {}</source>
   <translation>Zeichen der Chat-Vorlage: {}</translation>
  </message>
  <message>
   <source>Messages: {}</source>
   <translation>Nachrichten: {}</translation>
  </message>
  <message>
   <source>System prompt: {}</source>
   <translation>System-Prompt: {}</translation>
  </message>
  <message>
   <source>The engine cannot count now.</source>
   <translation>Die Engine kann jetzt nicht zählen.</translation>
  </message>
  <message>
   <source>What fills the context</source>
   <translation>Was den Kontext füllt</translation>
  </message>
  <message>
   <source>{} of {} tokens</source>
   <translation>{} von {} Tokens</translation>
  </message>
 </context>
 <context>
  <name>CudaBox</name>
  <message>
   <source>CUDA support is installed and not used: {}.</source>
   <translation>Die CUDA-Unterstützung ist installiert und wird nicht benutzt: {}.</translation>
  </message>
  <message>
   <source>CUDA support is installed: torch {} on {}. The engine uses it whenever the program starts.</source>
   <translation>Die CUDA-Unterstützung ist installiert: torch {} auf {}. Die Engine benutzt sie bei jedem Start des Programms.</translation>
  </message>
  <message>
   <source>Download and install</source>
   <translation>Laden und installieren</translation>
  </message>
  <message>
   <source>Download {} for CUDA support?</source>
   <translation>{} für die CUDA-Unterstützung laden?</translation>
  </message>
  <message>
   <source>Free some space first.</source>
   <translation>Schaffen Sie zuerst Platz.</translation>
  </message>
  <message>
   <source>From {} into {}. Each file is compared with the list that came with this program; nothing of the system is changed.</source>
   <translation>Von {} nach {}. Jede Datei wird mit der Liste verglichen, die mit diesem Programm kam; am System wird nichts geändert.</translation>
  </message>
  <message>
   <source>Install CUDA support…</source>
   <translation>CUDA-Unterstützung installieren …</translation>
  </message>
  <message>
   <source>NVIDIA cards</source>
   <translation>NVIDIA-Karten</translation>
  </message>
  <message>
   <source>Remove CUDA support</source>
   <translation>CUDA-Unterstützung entfernen</translation>
  </message>
  <message>
   <source>Removing…</source>
   <translation>Wird entfernt …</translation>
  </message>
  <message>
   <source>The driver runs CUDA up to {}; {} is needed: install a newer driver first.</source>
   <translation>Der Treiber kann CUDA bis {}; gebraucht wird {}: installieren Sie zuerst einen neueren Treiber.</translation>
  </message>
  <message>
   <source>There is an NVIDIA driver, and the processor computes. CUDA support is {} to download into {}; it asks for {} of space, and {} are free.</source>
   <translation>Ein NVIDIA-Treiber ist da, und der Prozessor rechnet. Die CUDA-Unterstützung lädt {} nach {}; sie braucht {} Platz, und {} sind frei.</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal versuchen</translation>
  </message>
  <message>
   <source>Unpacking and trying it; you can go on working…</source>
   <translation>Wird ausgepackt und probiert; Sie können weiterarbeiten …</translation>
  </message>
 </context>
 <context>
  <name>CudaNotice</name>
  <message>
   <source>CUDA support is not used: {}. The processor computes.</source>
   <translation>Die CUDA-Unterstützung wird nicht benutzt: {}. Der Prozessor rechnet.</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
 </context>
 <context>
  <name>Discover</name>
  <message numerus="yes">
   <source>%Ln downloads a month</source>
   <translation>
    <numerusform>%Ln Download im Monat</numerusform>
    <numerusform>%Ln Downloads im Monat</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln files</source>
   <translation>
    <numerusform>%Ln Datei</numerusform>
    <numerusform>%Ln Dateien</numerusform>
   </translation>
  </message>
  <message>
   <source>Its author states no licence.</source>
   <translation>Die Urheber nennen keine Lizenz.</translation>
  </message>
  <message>
   <source>Licence, as its author states it: {}</source>
   <translation>Lizenz nach Angabe der Urheber: {}</translation>
  </message>
  <message>
   <source>None of these fits into this machine's free memory.</source>
   <translation>Nichts davon passt in den freien Speicher dieses Rechners.</translation>
  </message>
  <message>
   <source>about {}</source>
   <translation>etwa {}</translation>
  </message>
  <message>
   <source>on request</source>
   <translation>auf Anfrage</translation>
  </message>
  <message>
   <source>recommended</source>
   <translation>empfohlen</translation>
  </message>
  <message>
   <source>{} is recommended: the best balance of quality and size that fits into the free memory.</source>
   <translation>{} wird empfohlen: das beste Verhältnis von Qualität und Größe, das in den freien Speicher passt.</translation>
  </message>
 </context>
 <context>
  <name>DiscoverCommands</name>
  <message>
   <source>Asking the hub for {}…</source>
   <translation>Der Hub wird nach {} gefragt…</translation>
  </message>
  <message>
   <source>models</source>
   <translation>Modellen</translation>
  </message>
 </context>
 <context>
  <name>DiscoverPanel</name>
  <message>
   <source>Choose a repository to see its files.</source>
   <translation>Ein Repository wählen, um seine Dateien zu sehen.</translation>
  </message>
  <message>
   <source>Download</source>
   <translation>Herunterladen</translation>
  </message>
  <message>
   <source>Files of the repository</source>
   <translation>Dateien des Repositorys</translation>
  </message>
  <message>
   <source>Network settings…</source>
   <translation>Netzwerkeinstellungen…</translation>
  </message>
  <message>
   <source>Nothing is asked of the network before you press Enter.</source>
   <translation>Vor dem Drücken der Eingabetaste wird im Netz nichts abgefragt.</translation>
  </message>
  <message>
   <source>Nothing was found</source>
   <translation>Nichts gefunden</translation>
  </message>
  <message>
   <source>Offline is on</source>
   <translation>Offline ist eingeschaltet</translation>
  </message>
  <message>
   <source>Realm Desktop refuses every connection to another machine. Models on disk can be used as always.</source>
   <translation>Realm Desktop lehnt jede Verbindung zu einem anderen Rechner ab. Modelle auf der Platte sind verwendbar wie immer.</translation>
  </message>
  <message>
   <source>Repositories</source>
   <translation>Repositorys</translation>
  </message>
  <message>
   <source>Search</source>
   <translation>Suchen</translation>
  </message>
  <message>
   <source>Search adapters, or paste owner/name or an address</source>
   <translation>Adapter suchen oder Besitzer/Name oder eine Adresse einfügen</translation>
  </message>
  <message>
   <source>Search models, or paste owner/name or an address</source>
   <translation>Modelle suchen oder Besitzer/Name oder eine Adresse einfügen</translation>
  </message>
  <message>
   <source>Search the Hugging Face hub</source>
   <translation>Den Hugging-Face-Hub durchsuchen</translation>
  </message>
  <message>
   <source>The hub could not be asked</source>
   <translation>Der Hub konnte nicht gefragt werden</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal versuchen</translation>
  </message>
  <message>
   <source>Try fewer words, or paste the address of a repository.</source>
   <translation>Weniger Wörter versuchen oder die Adresse eines Repositorys einfügen.</translation>
  </message>
  <message>
   <source>{} is being downloaded; Downloads in the rail shows how far it is.</source>
   <translation>{} wird heruntergeladen; Downloads in der Leiste zeigt, wie weit es ist.</translation>
  </message>
 </context>
 <context>
  <name>DownloadRow</name>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Free space…</source>
   <translation>Platz schaffen…</translation>
  </message>
  <message>
   <source>Load</source>
   <translation>Laden</translation>
  </message>
  <message>
   <source>Mirror…</source>
   <translation>Spiegelserver…</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Progress of {}</source>
   <translation>Fortschritt von {}</translation>
  </message>
  <message>
   <source>Remove from list</source>
   <translation>Aus der Liste entfernen</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Show adapter</source>
   <translation>Adapter zeigen</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>Try again</source>
   <translation>Noch einmal versuchen</translation>
  </message>
  <message>
   <source>Verify</source>
   <translation>Prüfen</translation>
  </message>
 </context>
 <context>
  <name>Downloads</name>
  <message numerus="yes">
   <source>%Ln downloads paused</source>
   <translation>
    <numerusform>%Ln Download angehalten</numerusform>
    <numerusform>%Ln Downloads angehalten</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln downloads {} %</source>
   <translation>
    <numerusform>%Ln Download {} %</numerusform>
    <numerusform>%Ln Downloads {} %</numerusform>
   </translation>
  </message>
  <message>
   <source>days</source>
   <translation>Tage</translation>
  </message>
  <message>
   <source>{} h {} min</source>
   <translation>{} Std. {} Min.</translation>
  </message>
  <message>
   <source>{} left</source>
   <translation>noch {}</translation>
  </message>
  <message>
   <source>{} min</source>
   <translation>{} Min.</translation>
  </message>
  <message>
   <source>{} of {}</source>
   <translation>{} von {}</translation>
  </message>
  <message>
   <source>{} s</source>
   <translation>{} s</translation>
  </message>
  <message>
   <source>{} · paused</source>
   <translation>{} · angehalten</translation>
  </message>
  <message>
   <source>{} · reading what is on disk</source>
   <translation>{} · liest, was auf der Platte ist</translation>
  </message>
  <message>
   <source>{} · stopped</source>
   <translation>{} · abgebrochen</translation>
  </message>
  <message>
   <source>{} · tries again: {}</source>
   <translation>{} · neuer Versuch: {}</translation>
  </message>
  <message>
   <source>{} · verified</source>
   <translation>{} · geprüft</translation>
  </message>
  <message>
   <source>{} · waits for a place</source>
   <translation>{} · wartet auf einen Platz</translation>
  </message>
  <message>
   <source>{}/s</source>
   <translation>{}/s</translation>
  </message>
 </context>
 <context>
  <name>DownloadsButton</name>
  <message>
   <source>Downloads</source>
   <translation>Downloads</translation>
  </message>
  <message>
   <source>Downloads, {} %</source>
   <translation>Downloads, {} %</translation>
  </message>
 </context>
 <context>
  <name>DownloadsPage</name>
  <message>
   <source>Discover models</source>
   <translation>Modelle entdecken</translation>
  </message>
  <message>
   <source>Downloads</source>
   <translation>Downloads</translation>
  </message>
  <message>
   <source>Find a model or an adapter; what came is kept whatever happens to the line.</source>
   <translation>Ein Modell oder einen Adapter finden; was ankam, bleibt erhalten, was auch mit der Leitung geschieht.</translation>
  </message>
  <message>
   <source>No downloads</source>
   <translation>Keine Downloads</translation>
  </message>
 </context>
 <context>
  <name>EmptyPage</name>
  <message>
   <source>Are my chats private?</source>
   <translation>Are my chats private?</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>Nothing is open</source>
   <translation>Nichts ist offen</translation>
  </message>
  <message>
   <source>Start a chat, or ask one of these. Everything stays on this machine.</source>
   <translation>Eine Unterhaltung beginnen oder etwas davon fragen; das mitgelieferte Modell kann nur Englisch. Alles bleibt auf diesem Rechner.</translation>
  </message>
  <message>
   <source>Tell me a story about a fox in the forest.</source>
   <translation>Tell me a story about a fox in the forest.</translation>
  </message>
  <message>
   <source>What can you do?</source>
   <translation>What can you do?</translation>
  </message>
  <message>
   <source>What is a GGUF file?</source>
   <translation>What is a GGUF file?</translation>
  </message>
 </context>
 <context>
  <name>EmptyState</name>
  <message>
   <source>Ask: {}</source>
   <translation>Fragen: {}</translation>
  </message>
 </context>
 <context>
  <name>ErrorCard</name>
  <message>
   <source>A sampling value is outside its range</source>
   <translation>Ein Sampling-Wert liegt außerhalb seines Bereichs</translation>
  </message>
  <message>
   <source>An adapter cannot be used</source>
   <translation>Ein Adapter ist nicht verwendbar</translation>
  </message>
  <message>
   <source>An adapter does not fit this model</source>
   <translation>Ein Adapter passt nicht zu diesem Modell</translation>
  </message>
  <message>
   <source>Details</source>
   <translation>Einzelheiten</translation>
  </message>
  <message>
   <source>No model is loaded</source>
   <translation>Kein Modell ist geladen</translation>
  </message>
  <message>
   <source>Not enough memory for this reply</source>
   <translation>Zu wenig Speicher für diese Antwort</translation>
  </message>
  <message>
   <source>Now {} of {} are free.</source>
   <translation>Jetzt sind {} von {} frei.</translation>
  </message>
  <message>
   <source>The engine stopped during this reply</source>
   <translation>Die Engine hielt während dieser Antwort an</translation>
  </message>
  <message>
   <source>The model's chat template failed</source>
   <translation>Die Chat-Vorlage des Modells ist fehlgeschlagen</translation>
  </message>
  <message>
   <source>The schema for this reply cannot be used</source>
   <translation>Das Schema für diese Antwort ist nicht verwendbar</translation>
  </message>
  <message>
   <source>This conversation is too long for the model</source>
   <translation>Diese Unterhaltung ist zu lang für das Modell</translation>
  </message>
  <message>
   <source>This reply could not be saved</source>
   <translation>Diese Antwort konnte nicht gespeichert werden</translation>
  </message>
  <message>
   <source>This reply failed</source>
   <translation>Diese Antwort ist fehlgeschlagen</translation>
  </message>
 </context>
 <context>
  <name>ExchangeCommands</name>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>Chats ({})</source>
   <translation>Unterhaltungen ({})</translation>
  </message>
  <message>
   <source>Chats being exported: {}…</source>
   <translation>Unterhaltungen werden exportiert: {}…</translation>
  </message>
  <message>
   <source>Chats exported: {}, to {}</source>
   <translation>Exportierte Unterhaltungen: {}, nach {}</translation>
  </message>
  <message>
   <source>Chats imported: {}</source>
   <translation>Importierte Unterhaltungen: {}</translation>
  </message>
  <message>
   <source>End the name in {}.</source>
   <translation>Den Namen auf {} enden lassen.</translation>
  </message>
  <message>
   <source>Export chat</source>
   <translation>Unterhaltung exportieren</translation>
  </message>
  <message>
   <source>Export chats</source>
   <translation>Unterhaltungen exportieren</translation>
  </message>
  <message>
   <source>Exported from Realm Desktop on {}</source>
   <translation>Aus Realm Desktop exportiert am {}</translation>
  </message>
  <message>
   <source>Exported to {}</source>
   <translation>Exportiert nach {}</translation>
  </message>
  <message>
   <source>HTML ({})</source>
   <translation>HTML ({})</translation>
  </message>
  <message>
   <source>Import chats</source>
   <translation>Unterhaltungen importieren</translation>
  </message>
  <message>
   <source>JSON, with everything ({})</source>
   <translation>JSON, mit allem ({})</translation>
  </message>
  <message>
   <source>JSON, with everything, to import again ({})</source>
   <translation>JSON, mit allem, zum Wiedereinlesen ({})</translation>
  </message>
  <message>
   <source>Markdown ({})</source>
   <translation>Markdown ({})</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>PDF ({})</source>
   <translation>PDF ({})</translation>
  </message>
  <message>
   <source>Pages sent to the printer: {}</source>
   <translation>An den Drucker gesendete Seiten: {}</translation>
  </message>
  <message>
   <source>Plain text ({})</source>
   <translation>Reiner Text ({})</translation>
  </message>
  <message>
   <source>Print chat</source>
   <translation>Unterhaltung drucken</translation>
  </message>
  <message>
   <source>Reply</source>
   <translation>Antwort</translation>
  </message>
  <message>
   <source>System</source>
   <translation>System</translation>
  </message>
  <message>
   <source>This reply did not end.</source>
   <translation>Diese Antwort wurde nicht beendet.</translation>
  </message>
  <message>
   <source>Thought</source>
   <translation>Nachgedacht</translation>
  </message>
  <message>
   <source>Tool</source>
   <translation>Werkzeug</translation>
  </message>
  <message>
   <source>You</source>
   <translation>Sie</translation>
  </message>
  <message>
   <source>{} has no ending that names a format</source>
   <translation>{} hat keine Endung, die ein Format nennt</translation>
  </message>
 </context>
 <context>
  <name>FindBar</name>
  <message>
   <source>Close (Esc)</source>
   <translation>Schließen (Esc)</translation>
  </message>
  <message>
   <source>Close the search</source>
   <translation>Suche schließen</translation>
  </message>
  <message>
   <source>Find in chat</source>
   <translation>In der Unterhaltung suchen</translation>
  </message>
  <message>
   <source>Hits</source>
   <translation>Treffer</translation>
  </message>
  <message>
   <source>Match case</source>
   <translation>Groß- und Kleinschreibung beachten</translation>
  </message>
  <message>
   <source>Next hit</source>
   <translation>Nächster Treffer</translation>
  </message>
  <message>
   <source>Previous hit</source>
   <translation>Voriger Treffer</translation>
  </message>
 </context>
 <context>
  <name>FirstRun</name>
  <message numerus="yes">
   <source>%n model(s) found; nothing is copied.</source>
   <translation>
    <numerusform>%n Modell gefunden; nichts wird kopiert.</numerusform>
    <numerusform>%n Modelle gefunden; nichts wird kopiert.</numerusform>
   </translation>
  </message>
  <message>
   <source>5 MB, here already. It works at once and offline, and knows little of the world.</source>
   <translation>5 MB, schon da. Es geht sofort und offline und weiß wenig von der Welt.</translation>
  </message>
  <message>
   <source>A first model</source>
   <translation>Ein erstes Modell</translation>
  </message>
  <message>
   <source>Back</source>
   <translation>Zurück</translation>
  </message>
  <message>
   <source>Begin with the starter model</source>
   <translation>Mit dem Startermodell beginnen</translation>
  </message>
  <message>
   <source>Chats, models and settings are in</source>
   <translation>Unterhaltungen, Modelle und Einstellungen liegen in</translation>
  </message>
  <message>
   <source>Choose a folder, or look in those of LM Studio, Jan, Ollama and Hugging Face. Files are used where they are, never copied or changed.</source>
   <translation>Einen Ordner wählen oder in denen von LM Studio, Jan, Ollama und Hugging Face nachsehen. Dateien werden dort verwendet, wo sie sind, nie kopiert oder geändert.</translation>
  </message>
  <message>
   <source>Choose another folder…</source>
   <translation>Anderen Ordner wählen…</translation>
  </message>
  <message>
   <source>Choose folder…</source>
   <translation>Ordner wählen…</translation>
  </message>
  <message>
   <source>Chosen on the command line.</source>
   <translation>Auf der Befehlszeile gewählt.</translation>
  </message>
  <message>
   <source>Download</source>
   <translation>Herunterladen</translation>
  </message>
  <message>
   <source>Everything runs here. No account, and nothing is sent anywhere.</source>
   <translation>Alles läuft hier. Kein Konto, und nichts wird irgendwohin gesendet.</translation>
  </message>
  <message>
   <source>I have files</source>
   <translation>Ich habe Dateien</translation>
  </message>
  <message>
   <source>Next</source>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>No account. Nothing leaves this machine unless you say so.</source>
   <translation>Kein Konto. Nichts verlässt diesen Rechner ohne Ihre Zustimmung.</translation>
  </message>
  <message>
   <source>No model found there.</source>
   <translation>Dort wurde kein Modell gefunden.</translation>
  </message>
  <message>
   <source>Nothing is fetched before you press Download.</source>
   <translation>Vor dem Druck auf „Herunterladen“ wird nichts geholt.</translation>
  </message>
  <message>
   <source>Scan known folders</source>
   <translation>Bekannte Ordner durchsuchen</translation>
  </message>
  <message>
   <source>Show the models</source>
   <translation>Die Modelle zeigen</translation>
  </message>
  <message>
   <source>Skip</source>
   <translation>Überspringen</translation>
  </message>
  <message>
   <source>Start chatting</source>
   <translation>Loslegen</translation>
  </message>
  <message>
   <source>Step {} of {}</source>
   <translation>Schritt {} von {}</translation>
  </message>
  <message>
   <source>Your machine</source>
   <translation>Dieser Rechner</translation>
  </message>
 </context>
 <context>
  <name>FirstRunCommands</name>
  <message>
   <source>Device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <source>Disk</source>
   <translation>Platte</translation>
  </message>
  <message>
   <source>From the next start on: {}. Start the program again before your first chat.</source>
   <translation>Ab dem nächsten Start: {}. Das Programm vor der ersten Unterhaltung neu starten.</translation>
  </message>
  <message>
   <source>Memory</source>
   <translation>Speicher</translation>
  </message>
  <message>
   <source>Where to keep everything</source>
   <translation>Wo alles liegen soll</translation>
  </message>
  <message>
   <source>looking…</source>
   <translation>sieht nach…</translation>
  </message>
  <message>
   <source>{} free of {}</source>
   <translation>{} von {} frei</translation>
  </message>
  <message>
   <source>{} to download · {} · fits your machine with room for other programs.</source>
   <translation>{} herunterzuladen · {} · passt auf diesen Rechner, mit Platz für andere Programme.</translation>
  </message>
  <message numerus="yes">
   <source>{}, %n thread(s)</source>
   <translation>
    <numerusform>{}, %n Thread</numerusform>
    <numerusform>{}, %n Threads</numerusform>
   </translation>
  </message>
 </context>
 <context>
  <name>Glyph</name>
  <message>
   <source>engine restarting</source>
   <translation>Engine startet neu</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>fehlgeschlagen</translation>
  </message>
  <message>
   <source>interrupted</source>
   <translation>unterbrochen</translation>
  </message>
  <message>
   <source>new reply</source>
   <translation>neue Antwort</translation>
  </message>
  <message>
   <source>paused</source>
   <translation>angehalten</translation>
  </message>
  <message>
   <source>reading the prompt</source>
   <translation>liest den Prompt</translation>
  </message>
  <message>
   <source>stopping</source>
   <translation>hält an</translation>
  </message>
  <message>
   <source>waiting for the model</source>
   <translation>wartet auf das Modell</translation>
  </message>
  <message>
   <source>waiting in line</source>
   <translation>wartet, bis sie an der Reihe ist</translation>
  </message>
  <message>
   <source>writing</source>
   <translation>schreibt</translation>
  </message>
 </context>
 <context>
  <name>HeatLegend</name>
  <message>
   <source>Bits</source>
   <translation>Bit</translation>
  </message>
  <message>
   <source>Colours: how open the choice of a token was, in bits</source>
   <translation>Farben: wie offen die Wahl eines Tokens war, in Bit</translation>
  </message>
  <message>
   <source>How open the choice of a token was, in bits of entropy</source>
   <translation>Wie offen die Wahl eines Tokens war, in Bit Entropie</translation>
  </message>
 </context>
 <context>
  <name>ImportDialog</name>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Import an adapter</source>
   <translation>Adapter importieren</translation>
  </message>
 </context>
 <context>
  <name>InsertDialog</name>
  <message>
   <source>Insert</source>
   <translation>Einfügen</translation>
  </message>
  <message>
   <source>Insert a message</source>
   <translation>Eine Nachricht einfügen</translation>
  </message>
  <message>
   <source>Nothing is generated; the next reply reads it.</source>
   <translation>Nichts wird erzeugt; die nächste Antwort liest sie.</translation>
  </message>
  <message>
   <source>Reply</source>
   <translation>Antwort</translation>
  </message>
  <message>
   <source>System</source>
   <translation>System</translation>
  </message>
  <message>
   <source>Text of the message</source>
   <translation>Text der Nachricht</translation>
  </message>
  <message>
   <source>Who says it</source>
   <translation>Wer sie sagt</translation>
  </message>
  <message>
   <source>You</source>
   <translation>Sie</translation>
  </message>
 </context>
 <context>
  <name>Keys</name>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Cut</source>
   <translation>Ausschneiden</translation>
  </message>
  <message>
   <source>New line</source>
   <translation>Neue Zeile</translation>
  </message>
  <message>
   <source>Paste</source>
   <translation>Einfügen</translation>
  </message>
  <message>
   <source>Previous or next message</source>
   <translation>Vorige oder nächste Nachricht</translation>
  </message>
  <message>
   <source>Previous or next version of the message</source>
   <translation>Vorige oder nächste Fassung der Nachricht</translation>
  </message>
  <message>
   <source>Redo</source>
   <translation>Wiederholen</translation>
  </message>
  <message>
   <source>Select all</source>
   <translation>Alles auswählen</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Senden</translation>
  </message>
  <message>
   <source>Show a tab</source>
   <translation>Einen Tab zeigen</translation>
  </message>
  <message>
   <source>This is no key.</source>
   <translation>Das ist keine Taste.</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>{} alone is needed to write; add Ctrl or Alt.</source>
   <translation>{} allein wird zum Schreiben gebraucht; Strg oder Alt hinzunehmen.</translation>
  </message>
  <message>
   <source>{} always means: {}.</source>
   <translation>{} bedeutet immer: {}.</translation>
  </message>
  <message>
   <source>{} opens the menu {}.</source>
   <translation>{} öffnet das Menü {}.</translation>
  </message>
 </context>
 <context>
  <name>LaneGlyph</name>
  <message>
   <source>Done</source>
   <translation>Fertig</translation>
  </message>
 </context>
 <context>
  <name>LaneHead</name>
  <message>
   <source>A number makes this lane repeatable. Empty: a new seed each time.</source>
   <translation>Eine Zahl macht diese Spur wiederholbar. Leer: jedes Mal ein neuer Startwert.</translation>
  </message>
  <message>
   <source>A number makes this lane repeatable. Empty: the seed all lanes share.</source>
   <translation>Eine Zahl macht diese Spur wiederholbar. Leer: der gemeinsame Startwert aller Spuren.</translation>
  </message>
  <message>
   <source>Adapters of lane {}</source>
   <translation>Adapter der Spur {}</translation>
  </message>
  <message>
   <source>Answer again</source>
   <translation>Noch einmal antworten</translation>
  </message>
  <message>
   <source>Choose adapters…</source>
   <translation>Adapter wählen…</translation>
  </message>
  <message>
   <source>Copy reply</source>
   <translation>Antwort kopieren</translation>
  </message>
  <message>
   <source>Duplicate lane</source>
   <translation>Spur duplizieren</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <source>More actions for lane {}</source>
   <translation>Weitere Aktionen für Spur {}</translation>
  </message>
  <message>
   <source>Remove lane</source>
   <translation>Spur entfernen</translation>
  </message>
  <message>
   <source>Seed of lane {}</source>
   <translation>Startwert der Spur {}</translation>
  </message>
  <message>
   <source>Temperature of lane {}</source>
   <translation>Temperatur der Spur {}</translation>
  </message>
  <message>
   <source>seed: new</source>
   <translation>Startwert: neu</translation>
  </message>
  <message>
   <source>seed: same</source>
   <translation>Startwert: gleich</translation>
  </message>
  <message>
   <source>temp</source>
   <translation>Temp.</translation>
  </message>
 </context>
 <context>
  <name>LaneMixPopup</name>
  <message>
   <source>A changed lane answers again when you press Run.</source>
   <translation>Eine geänderte Spur antwortet nach „Starten“ erneut.</translation>
  </message>
  <message>
   <source>Adapters of this lane</source>
   <translation>Adapter dieser Spur</translation>
  </message>
  <message>
   <source>Add adapter</source>
   <translation>Adapter hinzufügen</translation>
  </message>
  <message>
   <source>No adapter is known yet: add one on the Adapters page.</source>
   <translation>Noch kein Adapter ist bekannt: auf der Seite Adapter einen hinzufügen.</translation>
  </message>
  <message>
   <source>Without adapters this lane is the base model.</source>
   <translation>Ohne Adapter ist diese Spur das Basismodell.</translation>
  </message>
 </context>
 <context>
  <name>LatestPill</name>
  <message>
   <source>Go to the latest message</source>
   <translation>Zur neuesten Nachricht</translation>
  </message>
  <message>
   <source>Go to the latest message (End)</source>
   <translation>Zur neuesten Nachricht (Ende)</translation>
  </message>
  <message>
   <source>Latest</source>
   <translation>Neueste</translation>
  </message>
 </context>
 <context>
  <name>LivePlot</name>
  <message>
   <source>now</source>
   <translation>jetzt</translation>
  </message>
  <message>
   <source>{} now, {} to {} in the last two minutes</source>
   <translation>jetzt {}, in den letzten zwei Minuten {} bis {}</translation>
  </message>
 </context>
 <context>
  <name>LoadPlan</name>
  <message>
   <source>Conversations of up to {} tokens, {} tokens of all together.</source>
   <translation>Unterhaltungen bis {} Tokens, {} Tokens aller zusammen.</translation>
  </message>
  <message>
   <source>KV cache</source>
   <translation>KV-Cache</translation>
  </message>
  <message>
   <source>Most memory beside this program: {}</source>
   <translation>Größter Speicher neben diesem Programm: {}</translation>
  </message>
  <message>
   <source>Planned {} · measured {} · {} % off</source>
   <translation>Geplant {} · gemessen {} · {} % daneben</translation>
  </message>
  <message>
   <source>Too large for this machine: {} more would be needed.</source>
   <translation>Zu groß für diesen Rechner: es fehlen {}.</translation>
  </message>
  <message>
   <source>Too large for this machine: {}.</source>
   <translation>Zu groß für diesen Rechner: {}.</translation>
  </message>
  <message>
   <source>Used by: this program with its model {}</source>
   <translation>Belegt durch: dieses Programm mit seinem Modell {}</translation>
  </message>
  <message>
   <source>adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>draft model</source>
   <translation>Entwurfsmodell</translation>
  </message>
  <message>
   <source>free after load {} of {}</source>
   <translation>nach dem Laden frei {} von {}</translation>
  </message>
  <message>
   <source>missing {}</source>
   <translation>es fehlen {}</translation>
  </message>
  <message>
   <source>other programs</source>
   <translation>andere Programme</translation>
  </message>
  <message>
   <source>others {}</source>
   <translation>andere {}</translation>
  </message>
  <message>
   <source>this window</source>
   <translation>dieses Fenster</translation>
  </message>
  <message>
   <source>weights</source>
   <translation>Gewichte</translation>
  </message>
  <message>
   <source>working memory</source>
   <translation>Arbeitsspeicher</translation>
  </message>
  <message>
   <source>{}, {} %</source>
   <translation>{}, {} %</translation>
  </message>
 </context>
 <context>
  <name>LoaderCommands</name>
  <message>
   <source>Stopped.</source>
   <translation>Angehalten.</translation>
  </message>
 </context>
 <context>
  <name>LoaderDialog</name>
  <message>
   <source>Adapters to keep in memory</source>
   <translation>Adapter, die im Speicher bleiben</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Hold Alt to load it anyway</source>
   <translation>Alt halten, um es trotzdem zu laden</translation>
  </message>
  <message>
   <source>Load</source>
   <translation>Laden</translation>
  </message>
  <message>
   <source>Load anyway</source>
   <translation>Trotzdem laden</translation>
  </message>
  <message>
   <source>Load {}</source>
   <translation>{} laden</translation>
  </message>
  <message>
   <source>Memory</source>
   <translation>Speicher</translation>
  </message>
  <message>
   <source>Memory plan</source>
   <translation>Speicherplan</translation>
  </message>
  <message>
   <source>Progress of loading</source>
   <translation>Fortschritt des Ladens</translation>
  </message>
  <message>
   <source>Reading the header…</source>
   <translation>Der Dateikopf wird gelesen…</translation>
  </message>
 </context>
 <context>
  <name>LogPage</name>
  <message>
   <source>Copy all</source>
   <translation>Alles kopieren</translation>
  </message>
  <message>
   <source>Follows the end</source>
   <translation>Folgt dem Ende</translation>
  </message>
  <message>
   <source>Log of window and engine</source>
   <translation>Protokoll von Fenster und Engine</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <source>Stands still while you read; scroll to the end to follow again</source>
   <translation>Steht beim Lesen still; zum Ende rollen, um wieder zu folgen</translation>
  </message>
 </context>
 <context>
  <name>LossCurve</name>
  <message>
   <source>Loss curve</source>
   <translation>Verlustkurve</translation>
  </message>
  <message>
   <source>Step {} of {}, loss {}, from {} at the start</source>
   <translation>Schritt {} von {}, Verlust {}, am Anfang {}</translation>
  </message>
  <message>
   <source>step 1</source>
   <translation>Schritt 1</translation>
  </message>
 </context>
 <context>
  <name>MainWindow</name>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
 </context>
 <context>
  <name>MessageActions</name>
  <message>
   <source>Compare…</source>
   <translation>Vergleichen…</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <source>Copy; drag it out for a file</source>
   <translation>Kopieren; herausziehen ergibt eine Datei</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Edit</source>
   <translation>Bearbeiten</translation>
  </message>
  <message>
   <source>Inspect tokens</source>
   <translation>Tokens ansehen</translation>
  </message>
  <message>
   <source>Next version</source>
   <translation>Nächste Fassung</translation>
  </message>
  <message>
   <source>Previous version</source>
   <translation>Vorige Fassung</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>Neu erzeugen</translation>
  </message>
  <message>
   <source>Remove star</source>
   <translation>Stern entfernen</translation>
  </message>
  <message>
   <source>Star, to learn from</source>
   <translation>Stern setzen, um daraus zu lernen</translation>
  </message>
  <message>
   <source>Version {number} of {count}</source>
   <translation>Fassung {number} von {count}</translation>
  </message>
 </context>
 <context>
  <name>MessageCommands</name>
  <message numerus="yes">
   <source>%n message(s) deleted</source>
   <translation>
    <numerusform>%n Nachricht gelöscht</numerusform>
    <numerusform>%n Nachrichten gelöscht</numerusform>
   </translation>
  </message>
  <message>
   <source>Another reply, from token {0} on</source>
   <translation>Eine andere Antwort ab Token {0}</translation>
  </message>
  <message>
   <source>The same reply again, token by token</source>
   <translation>Dieselbe Antwort noch einmal, Token für Token</translation>
  </message>
  <message>
   <source>the chat template</source>
   <translation>die Chat-Vorlage</translation>
  </message>
  <message>
   <source>the form of the reply</source>
   <translation>die Form der Antwort</translation>
  </message>
  <message>
   <source>the messages before</source>
   <translation>die Nachrichten davor</translation>
  </message>
  <message>
   <source>the system prompt</source>
   <translation>der System-Prompt</translation>
  </message>
  <message>
   <source>{}. Changed since then: {}</source>
   <translation>{}. Seitdem geändert: {}</translation>
  </message>
 </context>
 <context>
  <name>MessageFrame</name>
  <message>
   <source>System</source>
   <translation>System</translation>
  </message>
  <message>
   <source>Tool</source>
   <translation>Werkzeug</translation>
  </message>
 </context>
 <context>
  <name>MessageItem</name>
  <message numerus="yes">
   <source>Interrupted after %n tokens; the text is saved.</source>
   <translation>
    <numerusform>Nach %n Token unterbrochen; der Text ist gespeichert.</numerusform>
    <numerusform>Nach %n Tokens unterbrochen; der Text ist gespeichert.</numerusform>
   </translation>
  </message>
  <message>
   <source>Interrupted; the text is saved.</source>
   <translation>Unterbrochen; der Text ist gespeichert.</translation>
  </message>
 </context>
 <context>
  <name>MessageListModel</name>
  <message>
   <source>Reply</source>
   <translation>Antwort</translation>
  </message>
  <message>
   <source>System</source>
   <translation>System</translation>
  </message>
  <message>
   <source>Tool</source>
   <translation>Werkzeug</translation>
  </message>
  <message>
   <source>You</source>
   <translation>Sie</translation>
  </message>
  <message>
   <source>being written</source>
   <translation>wird geschrieben</translation>
  </message>
  <message>
   <source>failed</source>
   <translation>fehlgeschlagen</translation>
  </message>
  <message>
   <source>interrupted</source>
   <translation>unterbrochen</translation>
  </message>
  <message>
   <source>thought: {0}
Answer: {1}</source>
   <translation>nachgedacht: {0}
Antwort: {1}</translation>
  </message>
  <message>
   <source>version {number} of {count}</source>
   <translation>Fassung {number} von {count}</translation>
  </message>
  <message>
   <source>{row} of {count}</source>
   <translation>{row} von {count}</translation>
  </message>
 </context>
 <context>
  <name>MessageMenu</name>
  <message numerus="yes">
   <source>%n line(s)</source>
   <translation>
    <numerusform>%n Zeile</numerusform>
    <numerusform>%n Zeilen</numerusform>
   </translation>
  </message>
  <message>
   <source>Compare…</source>
   <translation>Vergleichen…</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Copy all marked messages</source>
   <translation>Alle markierten Nachrichten kopieren</translation>
  </message>
  <message>
   <source>Copy as Markdown, thoughts included</source>
   <translation>Als Markdown kopieren, mit den Gedanken</translation>
  </message>
  <message>
   <source>Copy message</source>
   <translation>Nachricht kopieren</translation>
  </message>
  <message>
   <source>Copy message with its files</source>
   <translation>Nachricht mit ihren Dateien kopieren</translation>
  </message>
  <message>
   <source>Copy selection</source>
   <translation>Auswahl kopieren</translation>
  </message>
  <message>
   <source>Copy {0}, {1}</source>
   <translation>{0} kopieren, {1}</translation>
  </message>
  <message>
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <source>Delete with everything below</source>
   <translation>Mit allem darunter löschen</translation>
  </message>
  <message>
   <source>Edit…</source>
   <translation>Bearbeiten…</translation>
  </message>
  <message>
   <source>Insert a message after…</source>
   <translation>Nachricht danach einfügen…</translation>
  </message>
  <message>
   <source>Inspect tokens</source>
   <translation>Tokens ansehen</translation>
  </message>
  <message>
   <source>Mark tokens in the text</source>
   <translation>Token im Text markieren</translation>
  </message>
  <message>
   <source>New chat up to here</source>
   <translation>Neue Unterhaltung bis hierher</translation>
  </message>
  <message>
   <source>Next version</source>
   <translation>Nächste Fassung</translation>
  </message>
  <message>
   <source>Open {0}</source>
   <translation>{0} öffnen</translation>
  </message>
  <message>
   <source>Previous version</source>
   <translation>Vorige Fassung</translation>
  </message>
  <message>
   <source>Re-run exactly, and compare</source>
   <translation>Genau wiederholen und vergleichen</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>Neu erzeugen</translation>
  </message>
  <message>
   <source>Regenerate with…</source>
   <translation>Neu erzeugen mit…</translation>
  </message>
  <message>
   <source>Remove star</source>
   <translation>Stern entfernen</translation>
  </message>
  <message>
   <source>Show the text without token marks</source>
   <translation>Text ohne markierte Token zeigen</translation>
  </message>
  <message>
   <source>Show {0}</source>
   <translation>{0} zeigen</translation>
  </message>
  <message>
   <source>Star, to learn from</source>
   <translation>Stern setzen, um daraus zu lernen</translation>
  </message>
  <message>
   <source>Turn into a message of yours</source>
   <translation>In eine eigene Nachricht verwandeln</translation>
  </message>
  <message>
   <source>Turn into a reply</source>
   <translation>In eine Antwort verwandeln</translation>
  </message>
  <message>
   <source>Turn into a system message</source>
   <translation>In eine Systemnachricht verwandeln</translation>
  </message>
  <message>
   <source>Wrap long lines of {0}</source>
   <translation>Lange Zeilen umbrechen: {0}</translation>
  </message>
  <message>
   <source>code</source>
   <translation>Code</translation>
  </message>
 </context>
 <context>
  <name>MessageScroller</name>
  <message>
   <source>Messages</source>
   <translation>Nachrichten</translation>
  </message>
 </context>
 <context>
  <name>MessageTips</name>
  <message>
   <source>The choice of this token was open: {} bits of entropy or more.</source>
   <translation>Die Wahl dieses Tokens war offen: {} Bit Entropie oder mehr.</translation>
  </message>
  <message>
   <source>The choice of this token was open: {} to {} bits of entropy.</source>
   <translation>Die Wahl dieses Tokens war offen: {} bis {} Bit Entropie.</translation>
  </message>
  <message>
   <source>The draft model or the text before proposed this token.</source>
   <translation>Das Entwurfsmodell oder der Text davor hat dieses Token vorgeschlagen.</translation>
  </message>
 </context>
 <context>
  <name>MessageWindow</name>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
 </context>
 <context>
  <name>MixButton</name>
  <message>
   <source>Base</source>
   <translation>Basis</translation>
  </message>
 </context>
 <context>
  <name>MixerPanel</name>
  <message>
   <source>A/B</source>
   <translation>A/B</translation>
  </message>
  <message>
   <source>A/B: all adapters are off. The next reply comes from the base model.</source>
   <translation>A/B: alle Adapter sind aus. Die nächste Antwort kommt vom Basismodell.</translation>
  </message>
  <message>
   <source>A/B: off</source>
   <translation>A/B: aus</translation>
  </message>
  <message>
   <source>Adapters of the workspace</source>
   <translation>Adapter des Arbeitsbereichs</translation>
  </message>
  <message>
   <source>Add adapter</source>
   <translation>Adapter hinzufügen</translation>
  </message>
  <message>
   <source>All adapters of the workspace off or on</source>
   <translation>Alle Adapter des Arbeitsbereichs aus oder ein</translation>
  </message>
  <message>
   <source>All adapters…</source>
   <translation>Alle Adapter…</translation>
  </message>
  <message>
   <source>Answer without adapters</source>
   <translation>Ohne Adapter antworten</translation>
  </message>
  <message>
   <source>Drop a LoRA here: a .gguf or .safetensors file, or a PEFT folder.</source>
   <translation>Eine LoRA hierher ziehen: eine Datei .gguf oder .safetensors oder einen PEFT-Ordner.</translation>
  </message>
  <message>
   <source>No adapter is attached: replies come from the base model.</source>
   <translation>Kein Adapter ist zugeordnet: Antworten kommen vom Basismodell.</translation>
  </message>
  <message>
   <source>Takes effect from the next message. The running reply keeps its mix.</source>
   <translation>Gilt ab der nächsten Nachricht. Die laufende Antwort behält ihre Mischung.</translation>
  </message>
  <message>
   <source>Workspace {}</source>
   <translation>Arbeitsbereich {}</translation>
  </message>
 </context>
 <context>
  <name>MixerRow</name>
  <message>
   <source>Take out of the mix</source>
   <translation>Aus der Mischung nehmen</translation>
  </message>
  <message>
   <source>Take {} out of the mix</source>
   <translation>{} aus der Mischung nehmen</translation>
  </message>
  <message>
   <source>Use {}</source>
   <translation>{} verwenden</translation>
  </message>
  <message>
   <source>Weight of {}</source>
   <translation>Gewicht von {}</translation>
  </message>
 </context>
 <context>
  <name>ModelCommands</name>
  <message>
   <source>1 reply goes on where it stopped.</source>
   <translation>1 Antwort geht dort weiter, wo sie anhielt.</translation>
  </message>
  <message>
   <source>Add a folder of models</source>
   <translation>Einen Ordner mit Modellen hinzufügen</translation>
  </message>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>Choose another model</source>
   <translation>Ein anderes Modell wählen</translation>
  </message>
  <message>
   <source>Less memory…</source>
   <translation>Weniger Speicher…</translation>
  </message>
  <message>
   <source>Models (*.gguf *.safetensors)</source>
   <translation>Modelle (*.gguf *.safetensors)</translation>
  </message>
  <message>
   <source>Open a model file</source>
   <translation>Eine Modelldatei öffnen</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>Show log</source>
   <translation>Protokoll zeigen</translation>
  </message>
  <message>
   <source>Show template</source>
   <translation>Vorlage zeigen</translation>
  </message>
  <message>
   <source>Start engine</source>
   <translation>Engine starten</translation>
  </message>
  <message>
   <source>Start with less memory…</source>
   <translation>Mit weniger Speicher starten…</translation>
  </message>
  <message>
   <source>The engine stopped and stays down: {} Nothing is lost.</source>
   <translation>Die Engine hielt an und bleibt aus: {} Nichts ist verloren.</translation>
  </message>
  <message>
   <source>The engine was restarted (number {} of this run). {}</source>
   <translation>Die Engine wurde neu gestartet (Nummer {} in diesem Lauf). {}</translation>
  </message>
  <message>
   <source>Use built-in template</source>
   <translation>Eingebaute Vorlage verwenden</translation>
  </message>
  <message>
   <source>{} replies go on where they stopped.</source>
   <translation>{} Antworten gehen dort weiter, wo sie anhielten.</translation>
  </message>
  <message>
   <source>{} was not loaded: {} {}</source>
   <translation>{} wurde nicht geladen: {} {}</translation>
  </message>
 </context>
 <context>
  <name>ModelList</name>
  <message>
   <source>Add a folder…</source>
   <translation>Ordner hinzufügen…</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Context, memory, draft model (Alt+Enter)</source>
   <translation>Kontext, Speicher, Entwurfsmodell (Alt+Eingabe)</translation>
  </message>
  <message>
   <source>Filter models</source>
   <translation>Modelle filtern</translation>
  </message>
  <message>
   <source>Load with options…</source>
   <translation>Mit Optionen laden…</translation>
  </message>
  <message>
   <source>Loading {}: {}, {} %</source>
   <translation>Lädt {}: {}, {} %</translation>
  </message>
  <message>
   <source>Looking for models…</source>
   <translation>Modelle werden gesucht…</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>No model has this in its name.</source>
   <translation>Kein Modell hat das in seinem Namen.</translation>
  </message>
  <message>
   <source>No model here. Open a file, or add the folder of your models.</source>
   <translation>Hier ist kein Modell. Eine Datei öffnen oder den Ordner mit den Modellen hinzufügen.</translation>
  </message>
  <message>
   <source>Open a file…</source>
   <translation>Datei öffnen…</translation>
  </message>
  <message>
   <source>Progress of loading</source>
   <translation>Fortschritt des Ladens</translation>
  </message>
 </context>
 <context>
  <name>ModelListModel</name>
  <message>
   <source>loaded</source>
   <translation>geladen</translation>
  </message>
 </context>
 <context>
  <name>ModelNotice</name>
  <message>
   <source>Choose another</source>
   <translation>Anderes wählen</translation>
  </message>
  <message>
   <source>Load {} when they are done</source>
   <translation>{} laden, wenn sie fertig sind</translation>
  </message>
  <message>
   <source>This reply</source>
   <translation>Diese Antwort</translation>
  </message>
  <message>
   <source>Use {}</source>
   <translation>{} verwenden</translation>
  </message>
  <message>
   <source>Use {} now</source>
   <translation>Jetzt {} verwenden</translation>
  </message>
  <message>
   <source>{} uses {}, which could not be loaded</source>
   <translation>{} verwendet {}; dieses Modell ließ sich nicht laden</translation>
  </message>
  <message>
   <source>{} uses {}, which is not here any more</source>
   <translation>{} verwendet {}; dieses Modell ist nicht mehr da</translation>
  </message>
  <message>
   <source>{} uses {}, {} is loaded: replies are being written</source>
   <translation>{} verwendet {}, geladen ist {}: Gerade werden Antworten geschrieben</translation>
  </message>
 </context>
 <context>
  <name>ModelPicker</name>
  <message>
   <source>All</source>
   <translation>Alle</translation>
  </message>
  <message>
   <source>Choose a model</source>
   <translation>Ein Modell wählen</translation>
  </message>
  <message>
   <source>Choose the file of a model.</source>
   <translation>Die Datei eines Modells wählen.</translation>
  </message>
  <message>
   <source>Downloaded</source>
   <translation>Heruntergeladen</translation>
  </message>
  <message>
   <source>Hugging Face cache</source>
   <translation>Hugging-Face-Cache</translation>
  </message>
  <message>
   <source>In your folders</source>
   <translation>In den eigenen Ordnern</translation>
  </message>
  <message>
   <source>Jan</source>
   <translation>Jan</translation>
  </message>
  <message>
   <source>LM Studio</source>
   <translation>LM Studio</translation>
  </message>
  <message>
   <source>Loaded</source>
   <translation>Geladen</translation>
  </message>
  <message>
   <source>Ollama</source>
   <translation>Ollama</translation>
  </message>
  <message>
   <source>Recent</source>
   <translation>Zuletzt verwendet</translation>
  </message>
  <message>
   <source>Starter</source>
   <translation>Starter</translation>
  </message>
  <message>
   <source>fits in memory</source>
   <translation>passt</translation>
  </message>
  <message>
   <source>text only</source>
   <translation>nur Text</translation>
  </message>
  <message>
   <source>tight</source>
   <translation>knapp</translation>
  </message>
  <message>
   <source>too large</source>
   <translation>zu groß</translation>
  </message>
  <message>
   <source>unusable</source>
   <translation>unbrauchbar</translation>
  </message>
  <message>
   <source>{} context</source>
   <translation>Kontext {}</translation>
  </message>
  <message>
   <source>{} holds a tokenizer and no weights.</source>
   <translation>{} enthält einen Tokenizer und keine Gewichte.</translation>
  </message>
  <message>
   <source>{} is an adapter, not a model.</source>
   <translation>{} ist ein Adapter, kein Modell.</translation>
  </message>
 </context>
 <context>
  <name>ModelPill</name>
  <message>
   <source>Model: {} {}</source>
   <translation>Modell: {} {}</translation>
  </message>
  <message>
   <source>{} {}: choose a model</source>
   <translation>{} {}: Modell wählen</translation>
  </message>
  <message>
   <source>{}, with the draft model {}</source>
   <translation>{}, mit dem Entwurfsmodell {}</translation>
  </message>
 </context>
 <context>
  <name>ModelState</name>
  <message>
   <source>Starting</source>
   <translation>Startet</translation>
  </message>
  <message>
   <source>Stopping</source>
   <translation>Hält an</translation>
  </message>
 </context>
 <context>
  <name>ModelsPage</name>
  <message>
   <source>Discover</source>
   <translation>Entdecken</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>On disk</source>
   <translation>Auf der Platte</translation>
  </message>
 </context>
 <context>
  <name>MoveQuestion</name>
  <message>
   <source>Keep</source>
   <translation>Behalten</translation>
  </message>
  <message>
   <source>Settings of its own came along ({}). Keep them in {}?</source>
   <translation>Eigene Einstellungen kamen mit ({}). In {} behalten?</translation>
  </message>
  <message>
   <source>Settings of the workspace taken</source>
   <translation>Einstellungen des Arbeitsbereichs übernommen</translation>
  </message>
  <message>
   <source>Settings of their own came along ({}). Keep them in {}?</source>
   <translation>Eigene Einstellungen kamen mit ({}). In {} behalten?</translation>
  </message>
  <message>
   <source>Use those of {}</source>
   <translation>Die von {} nehmen</translation>
  </message>
 </context>
 <context>
  <name>NetworkDialog</name>
  <message>
   <source>Access token</source>
   <translation>Zugriffstoken</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>For repositories on request; sent to this hub only</source>
   <translation>Für Repositorys auf Anfrage; geht nur an diesen Hub</translation>
  </message>
  <message>
   <source>In this run: {} connections to other machines, {} refused by Offline.</source>
   <translation>In diesem Lauf: {} Verbindungen zu anderen Rechnern, {} durch Offline abgelehnt.</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Netzwerk</translation>
  </message>
  <message>
   <source>Save token</source>
   <translation>Token speichern</translation>
  </message>
  <message>
   <source>not shown</source>
   <translation>nicht gezeigt</translation>
  </message>
 </context>
 <context>
  <name>NotesPage</name>
  <message>
   <source>Notes</source>
   <translation>Notizen</translation>
  </message>
  <message>
   <source>Notes of this chat</source>
   <translation>Notizen zu dieser Unterhaltung</translation>
  </message>
  <message>
   <source>Notes of workspace {}</source>
   <translation>Notizen zum Arbeitsbereich {}</translation>
  </message>
  <message>
   <source>Saved while you type. No model reads them.</source>
   <translation>Wird beim Tippen gespeichert. Kein Modell liest sie.</translation>
  </message>
  <message>
   <source>The text was cut: notes have room for {} characters.</source>
   <translation>Der Text wurde gekürzt: Notizen haben Platz für {} Zeichen.</translation>
  </message>
  <message>
   <source>These notes have {} characters. The first {} are shown; edit them elsewhere.</source>
   <translation>Diese Notizen haben {} Zeichen. Die ersten {} werden gezeigt; bearbeiten Sie sie anderswo.</translation>
  </message>
  <message>
   <source>What you want to keep beside the chat</source>
   <translation>Was Sie neben der Unterhaltung festhalten möchten</translation>
  </message>
  <message>
   <source>Whose notes</source>
   <translation>Wessen Notizen</translation>
  </message>
 </context>
 <context>
  <name>NoticeBar</name>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close message</source>
   <translation>Meldung schließen</translation>
  </message>
 </context>
 <context>
  <name>Palette</name>
  <message>
   <source>Actions, settings, chats, models</source>
   <translation>Aktionen, Einstellungen, Unterhaltungen, Modelle</translation>
  </message>
  <message>
   <source>Chat · {}</source>
   <translation>Unterhaltung · {}</translation>
  </message>
  <message>
   <source>Command palette</source>
   <translation>Befehlspalette</translation>
  </message>
  <message>
   <source>Find an action, a setting, a chat or a model</source>
   <translation>Eine Aktion, eine Einstellung, eine Unterhaltung oder ein Modell finden</translation>
  </message>
  <message>
   <source>Load model · {}</source>
   <translation>Modell laden · {}</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>Nothing has these words.</source>
   <translation>Nichts hat diese Wörter.</translation>
  </message>
  <message>
   <source>Right panel</source>
   <translation>Rechter Bereich</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>This model is loaded.</source>
   <translation>Dieses Modell ist geladen.</translation>
  </message>
  <message>
   <source>What was found</source>
   <translation>Was gefunden wurde</translation>
  </message>
 </context>
 <context>
  <name>PaletteCommands</name>
  <message>
   <source>Not possible now.</source>
   <translation>Jetzt nicht möglich.</translation>
  </message>
 </context>
 <context>
  <name>Paper</name>
  <message>
   <source>Check the printer, or export the chat to a file.</source>
   <translation>Den Drucker prüfen oder die Unterhaltung in eine Datei exportieren.</translation>
  </message>
  <message>
   <source>the pages could not be drawn</source>
   <translation>die Seiten konnten nicht gezeichnet werden</translation>
  </message>
 </context>
 <context>
  <name>PerformancePage</name>
  <message>
   <source>Decode, all replies</source>
   <translation>Schreiben, alle Antworten</translation>
  </message>
  <message>
   <source>Draft accepted</source>
   <translation>Entwurf angenommen</translation>
  </message>
  <message>
   <source>KV pool in use</source>
   <translation>KV-Pool belegt</translation>
  </message>
  <message>
   <source>Memory of the engine</source>
   <translation>Speicher der Engine</translation>
  </message>
  <message>
   <source>Performance</source>
   <translation>Leistung</translation>
  </message>
  <message>
   <source>Prefill, all prompts</source>
   <translation>Lesen, alle Prompts</translation>
  </message>
  <message>
   <source>Rows of a step</source>
   <translation>Zeilen eines Schritts</translation>
  </message>
  <message>
   <source>Step time</source>
   <translation>Schrittdauer</translation>
  </message>
  <message>
   <source>{} %</source>
   <translation>{} %</translation>
  </message>
  <message>
   <source>{} ms</source>
   <translation>{} ms</translation>
  </message>
  <message>
   <source>{} tok/s</source>
   <translation>{} Tok/s</translation>
  </message>
  <message>
   <source>−2 min</source>
   <translation>−2 Min.</translation>
  </message>
 </context>
 <context>
  <name>Phrases</name>
  <message>
   <source>A login page of the network, or of the mirror, is in between: open the address in a browser.</source>
   <translation>Eine Anmeldeseite des Netzes oder des Spiegelservers steht dazwischen: die Adresse in einem Browser öffnen.</translation>
  </message>
  <message>
   <source>A web page or an outdated mirror may be in between; try again later.</source>
   <translation>Vielleicht steht eine Webseite oder ein veralteter Spiegelserver dazwischen; später noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Accept the licence on the repository's page, and enter your token in the network settings.</source>
   <translation>Die Lizenz auf der Seite des Repositorys annehmen und das Zugriffstoken in den Netzwerkeinstellungen eintragen.</translation>
  </message>
  <message>
   <source>Add it again on the Adapters page, or take it out of the workspace's mix.</source>
   <translation>Ihn auf der Seite Adapter neu hinzufügen oder aus der Mischung des Arbeitsbereichs nehmen.</translation>
  </message>
  <message>
   <source>Allow writing to it or choose another folder with --data-dir.</source>
   <translation>Das Schreiben erlauben oder mit --data-dir einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Allow writing to this folder or choose another one with --data-dir.</source>
   <translation>Das Schreiben in diesen Ordner erlauben oder mit --data-dir einen anderen wählen.</translation>
  </message>
  <message>
   <source>An internal error; the log has the details.</source>
   <translation>Ein interner Fehler; das Protokoll hat die Einzelheiten.</translation>
  </message>
  <message>
   <source>An old feed may be held up to you. Try another network, or the release page.</source>
   <translation>Womöglich wird Ihnen eine alte Liste vorgehalten. Versuchen Sie es in einem anderen Netz oder auf der Seite der Veröffentlichungen.</translation>
  </message>
  <message>
   <source>Ask for access on its page, and enter your token in the network settings.</source>
   <translation>Auf der Seite um Zugang bitten und das Zugriffstoken in den Netzwerkeinstellungen eintragen.</translation>
  </message>
  <message>
   <source>Attach the files in it that matter.</source>
   <translation>Die Dateien darin anhängen, auf die es ankommt.</translation>
  </message>
  <message>
   <source>Attach the part that matters, or load the model with a larger context.</source>
   <translation>Den Teil anhängen, auf den es ankommt, oder das Modell mit einem größeren Kontext laden.</translation>
  </message>
  <message>
   <source>Attach the part that matters.</source>
   <translation>Den Teil anhängen, auf den es ankommt.</translation>
  </message>
  <message>
   <source>Attach the parts that matter.</source>
   <translation>Die Teile anhängen, auf die es ankommt.</translation>
  </message>
  <message>
   <source>Begin it again.</source>
   <translation>Beginnen Sie ihn noch einmal.</translation>
  </message>
  <message>
   <source>Cannot allocate memory</source>
   <translation>Der Speicher reicht nicht</translation>
  </message>
  <message>
   <source>Change the order or the roles of its messages, or leave it out.</source>
   <translation>Die Reihenfolge oder die Rollen seiner Nachrichten ändern oder es weglassen.</translation>
  </message>
  <message>
   <source>Change the permissions of the file, or copy it to a folder of your own.</source>
   <translation>Die Rechte der Datei ändern oder sie in einen eigenen Ordner kopieren.</translation>
  </message>
  <message>
   <source>Change the schema at this place.</source>
   <translation>Das Schema an dieser Stelle ändern.</translation>
  </message>
  <message>
   <source>Check the connection, the proxy and the mirror, then try again.</source>
   <translation>Verbindung, Proxy und Spiegelserver prüfen, dann noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Check the disk and its free space, then try again.</source>
   <translation>Den Datenträger und seinen freien Platz prüfen, dann noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Check the disk or the network drive, then try again.</source>
   <translation>Den Datenträger oder das Netzlaufwerk prüfen, dann noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Check the folder of the models, then resume.</source>
   <translation>Den Ordner der Modelle prüfen, dann fortsetzen.</translation>
  </message>
  <message>
   <source>Check the free space; older backups are untouched.</source>
   <translation>Den freien Platz prüfen; ältere Sicherungen sind unberührt.</translation>
  </message>
  <message>
   <source>Check the name; a private repository needs your token.</source>
   <translation>Den Namen prüfen; ein privates Repository braucht das Zugriffstoken.</translation>
  </message>
  <message>
   <source>Check the path, or choose the file again.</source>
   <translation>Den Pfad prüfen oder die Datei noch einmal wählen.</translation>
  </message>
  <message>
   <source>Choose "auto" unless memory is short.</source>
   <translation>"auto" wählen, wenn der Speicher nicht knapp ist.</translation>
  </message>
  <message>
   <source>Choose a GGUF file, or the folder with the weights and config.json, or adapter_config.json.</source>
   <translation>Eine GGUF-Datei wählen oder den Ordner mit den Gewichten und config.json oder adapter_config.json.</translation>
  </message>
  <message>
   <source>Choose a LoRA adapter.</source>
   <translation>Einen LoRA-Adapter wählen.</translation>
  </message>
  <message>
   <source>Choose a chat model, or send a raw prompt.</source>
   <translation>Ein Chat-Modell wählen oder einen rohen Prompt senden.</translation>
  </message>
  <message>
   <source>Choose a complete model file.</source>
   <translation>Eine vollständige Modelldatei wählen.</translation>
  </message>
  <message>
   <source>Choose a draft model of the same family, or load the model without one.</source>
   <translation>Ein Entwurfsmodell derselben Familie wählen oder das Modell ohne eines laden.</translation>
  </message>
  <message>
   <source>Choose a file in another quantization, for example Q4_K_M or Q8_0.</source>
   <translation>Eine Datei in einer anderen Quantisierung wählen, zum Beispiel Q4_K_M oder Q8_0.</translation>
  </message>
  <message>
   <source>Choose a file that Realm Desktop exported, or conversations.json of ChatGPT.</source>
   <translation>Eine Datei wählen, die Realm Desktop exportiert hat, oder conversations.json von ChatGPT.</translation>
  </message>
  <message>
   <source>Choose a folder further out.</source>
   <translation>Einen Ordner weiter außen wählen.</translation>
  </message>
  <message>
   <source>Choose a folder that you may write to.</source>
   <translation>Einen Ordner wählen, in den geschrieben werden darf.</translation>
  </message>
  <message>
   <source>Choose a lower learning rate and start anew.</source>
   <translation>Eine niedrigere Lernrate wählen und neu beginnen.</translation>
  </message>
  <message>
   <source>Choose a model of a supported architecture.</source>
   <translation>Ein Modell einer unterstützten Architektur wählen.</translation>
  </message>
  <message>
   <source>Choose a model of one of these architectures.</source>
   <translation>Ein Modell mit einer dieser Architekturen wählen.</translation>
  </message>
  <message>
   <source>Choose a value in its range.</source>
   <translation>Einen Wert im erlaubten Bereich wählen.</translation>
  </message>
  <message>
   <source>Choose an adapter file; open a model file as a model.</source>
   <translation>Eine Adapterdatei wählen; eine Modelldatei als Modell öffnen.</translation>
  </message>
  <message>
   <source>Choose an adapter that was made for the loaded model, or load its base model.</source>
   <translation>Einen Adapter wählen, der für das geladene Modell gemacht ist, oder sein Basismodell laden.</translation>
  </message>
  <message>
   <source>Choose an adapter without it, or merge it into the base model with PEFT.</source>
   <translation>Einen Adapter ohne das wählen oder ihn mit PEFT in das Basismodell einrechnen.</translation>
  </message>
  <message>
   <source>Choose another adapter, or export this one again.</source>
   <translation>Einen anderen Adapter wählen oder diesen neu exportieren.</translation>
  </message>
  <message>
   <source>Choose another adapter.</source>
   <translation>Einen anderen Adapter wählen.</translation>
  </message>
  <message>
   <source>Choose another backup.</source>
   <translation>Eine andere Sicherung wählen.</translation>
  </message>
  <message>
   <source>Choose another copy of the model.</source>
   <translation>Eine andere Kopie des Modells wählen.</translation>
  </message>
  <message>
   <source>Choose another device, or "auto".</source>
   <translation>Ein anderes Gerät wählen oder "auto".</translation>
  </message>
  <message>
   <source>Choose another file or repository.</source>
   <translation>Eine andere Datei oder ein anderes Repository wählen.</translation>
  </message>
  <message>
   <source>Choose another file, or check its permissions.</source>
   <translation>Eine andere Datei wählen oder ihre Rechte prüfen.</translation>
  </message>
  <message>
   <source>Choose another file.</source>
   <translation>Eine andere Datei wählen.</translation>
  </message>
  <message>
   <source>Choose another folder with --data-dir.</source>
   <translation>Mit --data-dir einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Choose another folder, or check the disk.</source>
   <translation>Einen anderen Ordner wählen oder die Platte prüfen.</translation>
  </message>
  <message>
   <source>Choose another folder, or the workspace.</source>
   <translation>Einen anderen Ordner wählen oder den Arbeitsbereich.</translation>
  </message>
  <message>
   <source>Choose another model, or another template for it.</source>
   <translation>Ein anderes Modell wählen oder eine andere Vorlage für dieses.</translation>
  </message>
  <message>
   <source>Choose another model.</source>
   <translation>Ein anderes Modell wählen.</translation>
  </message>
  <message>
   <source>Choose another name, or remove it first.</source>
   <translation>Einen anderen Namen wählen oder es zuerst entfernen.</translation>
  </message>
  <message>
   <source>Choose another repository.</source>
   <translation>Ein anderes Repository wählen.</translation>
  </message>
  <message>
   <source>Choose one of a lower rank, or a smaller model.</source>
   <translation>Einen mit niedrigerem Rang oder ein kleineres Modell wählen.</translation>
  </message>
  <message>
   <source>Choose the file itself; a model may also be a folder that holds a config.json.</source>
   <translation>Die Datei selbst wählen; ein Modell darf auch ein Ordner sein, der eine config.json enthält.</translation>
  </message>
  <message>
   <source>Choose the file {} in it.</source>
   <translation>Die Datei {} darin wählen.</translation>
  </message>
  <message>
   <source>Choose the folder that holds adapter_config.json and adapter_model.safetensors.</source>
   <translation>Den Ordner wählen, der adapter_config.json und adapter_model.safetensors enthält.</translation>
  </message>
  <message>
   <source>Choose the model in BF16 or F16, or as a GGUF file.</source>
   <translation>Das Modell in BF16 oder F16 oder als GGUF-Datei wählen.</translation>
  </message>
  <message>
   <source>Choose the other format with --to.</source>
   <translation>Mit --to das andere Format wählen.</translation>
  </message>
  <message>
   <source>Choose the same model as .safetensors or .gguf: a pickle file can run any program while it is opened, so it is never opened.</source>
   <translation>Dasselbe Modell als .safetensors oder .gguf wählen: eine Pickle-Datei kann beim Öffnen beliebige Programme ausführen, darum wird sie nie geöffnet.</translation>
  </message>
  <message>
   <source>Close other programs and start the {} again.</source>
   <translation>Andere Programme schließen und {} noch einmal starten.</translation>
  </message>
  <message>
   <source>Close other programs, or choose a smaller model or context.</source>
   <translation>Andere Programme schließen oder ein kleineres Modell oder einen kleineren Kontext wählen.</translation>
  </message>
  <message>
   <source>Close other programs, or choose a smaller model.</source>
   <translation>Andere Programme schließen oder ein kleineres Modell wählen.</translation>
  </message>
  <message>
   <source>Close other programs, or choose a smaller rank or shorter examples.</source>
   <translation>Andere Programme schließen oder einen kleineren Rang oder kürzere Beispiele wählen.</translation>
  </message>
  <message>
   <source>Close other programs, or unload another adapter.</source>
   <translation>Andere Programme schließen oder einen anderen Adapter entladen.</translation>
  </message>
  <message>
   <source>Close other programs, shorten the conversation, or choose a smaller model.</source>
   <translation>Andere Programme schließen, die Unterhaltung kürzen oder ein kleineres Modell wählen.</translation>
  </message>
  <message>
   <source>Close other programs, then try again.</source>
   <translation>Andere Programme schließen, dann noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Close that program and try again.</source>
   <translation>Das Programm schließen und noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Convert it with the program that made it.</source>
   <translation>Mit dem Programm umwandeln, das es erzeugt hat.</translation>
  </message>
  <message>
   <source>Convert the model again with a current llama.cpp, or download a newer GGUF file.</source>
   <translation>Das Modell mit einem aktuellen llama.cpp noch einmal umwandeln oder eine neuere GGUF-Datei herunterladen.</translation>
  </message>
  <message>
   <source>Copy it again from the settings of your account.</source>
   <translation>Noch einmal aus den Einstellungen des eigenen Kontos kopieren.</translation>
  </message>
  <message>
   <source>Copy the file to a local disk with free space and try again.</source>
   <translation>Die Datei auf eine lokale Platte mit freiem Platz kopieren und noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Default settings are used; the file is kept under another name.</source>
   <translation>Es gelten die Vorgaben; die Datei bleibt unter einem anderen Namen erhalten.</translation>
  </message>
  <message>
   <source>Disk quota exceeded</source>
   <translation>Das Kontingent ist erschöpft</translation>
  </message>
  <message>
   <source>Download all {} parts into the same folder.</source>
   <translation>Alle {} Teile in denselben Ordner herunterladen.</translation>
  </message>
  <message>
   <source>Download it again.</source>
   <translation>Noch einmal herunterladen.</translation>
  </message>
  <message>
   <source>Download the adapter again, with its own adapter_config.json.</source>
   <translation>Den Adapter noch einmal herunterladen, mit seiner eigenen adapter_config.json.</translation>
  </message>
  <message>
   <source>Download the file again and compare its size with the source; if it stays the same, use another copy of the model.</source>
   <translation>Die Datei noch einmal herunterladen und ihre Größe mit der Quelle vergleichen; bleibt sie gleich, eine andere Kopie des Modells verwenden.</translation>
  </message>
  <message>
   <source>Download the file again, or choose another one.</source>
   <translation>Die Datei noch einmal herunterladen oder eine andere wählen.</translation>
  </message>
  <message>
   <source>Download the file again, or use another copy of the model.</source>
   <translation>Die Datei noch einmal herunterladen oder eine andere Kopie des Modells verwenden.</translation>
  </message>
  <message>
   <source>Download the index too, or choose one of the files.</source>
   <translation>Auch den Index herunterladen oder eine der Dateien wählen.</translation>
  </message>
  <message>
   <source>Download the missing file into the same folder.</source>
   <translation>Die fehlende Datei in denselben Ordner herunterladen.</translation>
  </message>
  <message>
   <source>Download the model again, or choose another one.</source>
   <translation>Das Modell noch einmal herunterladen oder ein anderes wählen.</translation>
  </message>
  <message>
   <source>Download the model as GGUF, or convert it again with a current llama.cpp.</source>
   <translation>Das Modell als GGUF herunterladen oder mit einem aktuellen llama.cpp noch einmal umwandeln.</translation>
  </message>
  <message>
   <source>Download the weights into the same folder.</source>
   <translation>Die Gewichte in denselben Ordner herunterladen.</translation>
  </message>
  <message>
   <source>Download the whole model folder and choose the folder.</source>
   <translation>Den ganzen Modellordner herunterladen und den Ordner wählen.</translation>
  </message>
  <message>
   <source>Engine restarted ({} time). Resuming this reply</source>
   <translation>Engine neu gestartet ({} Mal). Diese Antwort geht weiter</translation>
  </message>
  <message>
   <source>Engine restarted. Resuming this reply</source>
   <translation>Engine neu gestartet. Diese Antwort geht weiter</translation>
  </message>
  <message>
   <source>Every conversation needs a workspace; delete its conversations instead.</source>
   <translation>Jede Unterhaltung braucht einen Arbeitsbereich; stattdessen seine Unterhaltungen löschen.</translation>
  </message>
  <message>
   <source>Expecting property name enclosed in double quotes.</source>
   <translation>Ein Name in doppelten Anführungszeichen wird erwartet.</translation>
  </message>
  <message>
   <source>Expecting value.</source>
   <translation>Ein Wert wird erwartet.</translation>
  </message>
  <message>
   <source>Export the adapter again in F32, F16 or BF16.</source>
   <translation>Den Adapter neu in F32, F16 oder BF16 exportieren.</translation>
  </message>
  <message>
   <source>Export the chats again where the file comes from.</source>
   <translation>Die Unterhaltungen dort neu exportieren, wo die Datei herkommt.</translation>
  </message>
  <message>
   <source>Extra data.</source>
   <translation>Dahinter steht noch etwas.</translation>
  </message>
  <message>
   <source>Free some space or choose another folder with --data-dir.</source>
   <translation>Platz schaffen oder mit --data-dir einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Free some space, or check the folder.</source>
   <translation>Platz schaffen oder den Ordner prüfen.</translation>
  </message>
  <message>
   <source>Free some space, or choose another disk.</source>
   <translation>Platz schaffen oder eine andere Platte wählen.</translation>
  </message>
  <message>
   <source>Free some space, or choose another folder.</source>
   <translation>Platz schaffen oder einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Free some space, then resume. What came already is kept.</source>
   <translation>Platz schaffen, dann fortsetzen. Was schon ankam, bleibt erhalten.</translation>
  </message>
  <message>
   <source>Free some space; nothing that was saved is lost.</source>
   <translation>Platz schaffen; nichts Gespeichertes ist verloren.</translation>
  </message>
  <message>
   <source>Give every part its original name and keep all parts in one folder.</source>
   <translation>Jedem Teil seinen ursprünglichen Namen geben und alle Teile in einem Ordner halten.</translation>
  </message>
  <message>
   <source>Give it with --base MODEL.</source>
   <translation>Mit --base MODELL angeben.</translation>
  </message>
  <message>
   <source>Give shorter examples, or allow longer ones.</source>
   <translation>Kürzere Beispiele geben oder längere erlauben.</translation>
  </message>
  <message>
   <source>Give the model it was made for with --base.</source>
   <translation>Mit --base das Modell angeben, für das er gemacht ist.</translation>
  </message>
  <message>
   <source>Give the texts that the reply will most likely repeat.</source>
   <translation>Die Texte angeben, die die Antwort wahrscheinlich wiederholt.</translation>
  </message>
  <message>
   <source>Input/output error</source>
   <translation>Ein-/Ausgabefehler</translation>
  </message>
  <message>
   <source>Install Realm Desktop again.</source>
   <translation>Realm Desktop neu installieren.</translation>
  </message>
  <message>
   <source>Install a newer NVIDIA driver.</source>
   <translation>Einen neueren NVIDIA-Treiber installieren.</translation>
  </message>
  <message>
   <source>Install apsw again.</source>
   <translation>apsw neu installieren.</translation>
  </message>
  <message>
   <source>Install the NVIDIA driver of your card.</source>
   <translation>Den NVIDIA-Treiber der Karte installieren.</translation>
  </message>
  <message>
   <source>Interrupted</source>
   <translation>Unterbrochen</translation>
  </message>
  <message>
   <source>Is a directory</source>
   <translation>Ist ein Ordner</translation>
  </message>
  <message>
   <source>It computes on the CPU. {}</source>
   <translation>Gerechnet wird auf der CPU. {}</translation>
  </message>
  <message>
   <source>It computes on the CPU: {}. {}</source>
   <translation>Gerechnet wird auf der CPU: {}. {}</translation>
  </message>
  <message>
   <source>It holds no adapter: neither GGUF nor a folder with adapter_config.json.</source>
   <translation>Es enthält keinen Adapter: weder GGUF noch einen Ordner mit adapter_config.json.</translation>
  </message>
  <message>
   <source>It holds no model: neither GGUF nor safetensors with config.json.</source>
   <translation>Es enthält kein Modell: weder GGUF noch safetensors mit config.json.</translation>
  </message>
  <message>
   <source>Its default is used instead.</source>
   <translation>Stattdessen gilt die Vorgabe.</translation>
  </message>
  <message>
   <source>JSON error at byte {}: the text is not UTF-8.</source>
   <translation>JSON-Fehler bei Byte {}: Der Text ist kein UTF-8.</translation>
  </message>
  <message>
   <source>JSON error at character {}: {}.</source>
   <translation>JSON-Fehler bei Zeichen {}: {}.</translation>
  </message>
  <message>
   <source>JSON error: nested deeper than the {} levels allowed.</source>
   <translation>JSON-Fehler: tiefer verschachtelt als die erlaubten {} Ebenen.</translation>
  </message>
  <message>
   <source>JSON error: the key {} occurs twice in one object.</source>
   <translation>JSON-Fehler: Der Schlüssel {} kommt in einem Objekt zweimal vor.</translation>
  </message>
  <message>
   <source>JSON error: the number {} is out of range.</source>
   <translation>JSON-Fehler: Die Zahl {} liegt außerhalb des Bereichs.</translation>
  </message>
  <message>
   <source>JSON error: {} is not a JSON number.</source>
   <translation>JSON-Fehler: {} ist keine JSON-Zahl.</translation>
  </message>
  <message>
   <source>Leave it out to train them all.</source>
   <translation>Weglassen, um alle zu trainieren.</translation>
  </message>
  <message>
   <source>Let its download end, or download the file again.</source>
   <translation>Ihren Download zu Ende laufen lassen oder die Datei noch einmal herunterladen.</translation>
  </message>
  <message>
   <source>Load a model to compare its replies.</source>
   <translation>Ein Modell laden, um seine Antworten zu vergleichen.</translation>
  </message>
  <message>
   <source>Load a model, then regenerate.</source>
   <translation>Ein Modell laden, dann neu erzeugen.</translation>
  </message>
  <message>
   <source>Load it together with a draft model, or choose ngram.</source>
   <translation>Zusammen mit einem Entwurfsmodell laden oder n-Gramme wählen.</translation>
  </message>
  <message>
   <source>Load that model to continue, or regenerate the reply.</source>
   <translation>Zum Fortsetzen dieses Modell laden oder die Antwort neu erzeugen.</translation>
  </message>
  <message>
   <source>Load the adapter again.</source>
   <translation>Den Adapter noch einmal laden.</translation>
  </message>
  <message>
   <source>Load the model again once memory is free, or shorten the conversation.</source>
   <translation>Das Modell neu laden, sobald Speicher frei ist, oder die Unterhaltung kürzen.</translation>
  </message>
  <message>
   <source>Load the model it was made for, or switch it off in the mix of the workspace.</source>
   <translation>Das Modell laden, für das er gemacht ist, oder ihn in der Mischung des Arbeitsbereichs ausschalten.</translation>
  </message>
  <message>
   <source>Loading 1 adapter</source>
   <translation>Lädt 1 Adapter</translation>
  </message>
  <message>
   <source>Loading {} adapters</source>
   <translation>Lädt {} Adapter</translation>
  </message>
  <message>
   <source>Loading {} %: your message will be sent when ready</source>
   <translation>Lädt {} %: die Nachricht wird gesendet, sobald es bereit ist</translation>
  </message>
  <message>
   <source>Look at all it offers: enter {}.</source>
   <translation>Alles ansehen, was es bietet: {} eingeben.</translation>
  </message>
  <message>
   <source>Look at the release page, and at the clock of this machine.</source>
   <translation>Sehen Sie auf der Seite der Veröffentlichungen nach und auf die Uhr dieses Rechners.</translation>
  </message>
  <message>
   <source>Look at the release page.</source>
   <translation>Sehen Sie auf der Seite der Veröffentlichungen nach.</translation>
  </message>
  <message>
   <source>Look for releases where you got this copy.</source>
   <translation>Suchen Sie neue Versionen dort, woher Sie dieses Programm haben.</translation>
  </message>
  <message>
   <source>Look the repository up again.</source>
   <translation>Das Repository noch einmal nachschlagen.</translation>
  </message>
  <message>
   <source>Merge into a GGUF file of the same model.</source>
   <translation>In eine GGUF-Datei desselben Modells einrechnen.</translation>
  </message>
  <message>
   <source>No example has anything to learn within {} tokens.</source>
   <translation>Kein Beispiel hat innerhalb von {} Tokens etwas zu lernen.</translation>
  </message>
  <message>
   <source>No space left on device</source>
   <translation>Auf dem Datenträger ist kein Platz mehr</translation>
  </message>
  <message>
   <source>No such file or directory</source>
   <translation>Datei oder Ordner gibt es nicht</translation>
  </message>
  <message>
   <source>Not a directory</source>
   <translation>Ist kein Ordner</translation>
  </message>
  <message>
   <source>Of {} cards it computes on {}, {}, which has the most free memory: {} GiB.</source>
   <translation>Von {} Karten rechnet {}, {}; sie hat den meisten freien Speicher: {} GiB.</translation>
  </message>
  <message>
   <source>Offline is on: a connection to {} was refused</source>
   <translation>Offline ist eingeschaltet: eine Verbindung zu {} wurde abgelehnt</translation>
  </message>
  <message>
   <source>Offline is on: the connection to {} was refused</source>
   <translation>Offline ist eingeschaltet: die Verbindung zu {} wurde abgelehnt</translation>
  </message>
  <message>
   <source>Offline is on: {} was not asked</source>
   <translation>Offline ist eingeschaltet: {} wurde nicht gefragt</translation>
  </message>
  <message>
   <source>Offline was switched on: the download stopped</source>
   <translation>Offline wurde eingeschaltet: der Download hielt an</translation>
  </message>
  <message>
   <source>Only text and code can be attached; copy its text instead.</source>
   <translation>Nur Text und Code können angehängt werden; stattdessen den Text kopieren.</translation>
  </message>
  <message>
   <source>Open a model file first.</source>
   <translation>Zuerst eine Modelldatei öffnen.</translation>
  </message>
  <message>
   <source>Open the download address in a browser: it may ask for a login or a licence.</source>
   <translation>Die Adresse des Downloads im Browser öffnen: Vielleicht verlangt sie eine Anmeldung oder eine Lizenz.</translation>
  </message>
  <message>
   <source>Paste the address of a model's page, or its name such as owner/model.</source>
   <translation>Die Adresse der Seite eines Modells einfügen oder seinen Namen wie Besitzer/Modell.</translation>
  </message>
  <message>
   <source>Paused by you</source>
   <translation>Von Ihnen angehalten</translation>
  </message>
  <message>
   <source>Permission denied</source>
   <translation>Zugriff verweigert</translation>
  </message>
  <message>
   <source>Put its folder back where it was, then try again.</source>
   <translation>Legen Sie ihren Ordner zurück an seinen Platz und versuchen Sie es noch einmal.</translation>
  </message>
  <message>
   <source>Put the file back as it was, or start the training anew.</source>
   <translation>Die Datei wieder herstellen, wie sie war, oder das Training neu beginnen.</translation>
  </message>
  <message>
   <source>Put the tokenizer.json of the model into the same folder.</source>
   <translation>Die tokenizer.json des Modells in denselben Ordner legen.</translation>
  </message>
  <message>
   <source>Read-only file system</source>
   <translation>Der Datenträger ist schreibgeschützt</translation>
  </message>
  <message>
   <source>Reading {} tokens · {} %</source>
   <translation>Liest {} Tokens · {} %</translation>
  </message>
  <message>
   <source>Reading {} tokens · {} % · {} reused</source>
   <translation>Liest {} Tokens · {} % · {} wiederverwendet</translation>
  </message>
  <message>
   <source>Regenerate it, or send another message.</source>
   <translation>Neu erzeugen oder eine andere Nachricht senden.</translation>
  </message>
  <message>
   <source>Regenerate it.</source>
   <translation>Neu erzeugen.</translation>
  </message>
  <message>
   <source>Regenerate the reply to write all of it with the file as it is now.</source>
   <translation>Die Antwort neu schreiben, dann entsteht alles mit der Datei, wie sie jetzt ist.</translation>
  </message>
  <message>
   <source>Remove a lane first.</source>
   <translation>Zuerst eine Spur entfernen.</translation>
  </message>
  <message>
   <source>Remove it from the downloads, then try again.</source>
   <translation>Entfernen Sie sie aus den Downloads und versuchen Sie es noch einmal.</translation>
  </message>
  <message>
   <source>Remove one, or send two messages.</source>
   <translation>Eine entfernen oder zwei Nachrichten senden.</translation>
  </message>
  <message>
   <source>Remove the broken character and send again.</source>
   <translation>Das kaputte Zeichen entfernen und noch einmal senden.</translation>
  </message>
  <message>
   <source>Remove the environment variable {}.</source>
   <translation>Die Umgebungsvariable {} entfernen.</translation>
  </message>
  <message>
   <source>Rename its file or folder, then add it again.</source>
   <translation>Seine Datei oder seinen Ordner umbenennen, dann neu hinzufügen.</translation>
  </message>
  <message>
   <source>Restart the program; without grammars everything else works.</source>
   <translation>Das Programm neu starten; ohne Grammatiken geht alles andere.</translation>
  </message>
  <message>
   <source>Resume goes on from the last checkpoint.</source>
   <translation>Fortsetzen macht beim letzten Zwischenstand weiter.</translation>
  </message>
  <message>
   <source>Run `git lfs pull` in the folder it came from, or download the file itself.</source>
   <translation>`git lfs pull` in dem Ordner ausführen, aus dem sie kommt, oder die Datei selbst herunterladen.</translation>
  </message>
  <message>
   <source>Run: pip install 'PySide6-Essentials&lt;6.12'</source>
   <translation>Ausführen: pip install 'PySide6-Essentials&lt;6.12'</translation>
  </message>
  <message>
   <source>SQLite {} is too old for the conversations; {} or later is needed</source>
   <translation>SQLite {} ist für die Unterhaltungen zu alt; {} oder neuer wird gebraucht</translation>
  </message>
  <message>
   <source>Save it with PEFT as a plain adapter (path_initial_model_for_weight_conversion).</source>
   <translation>Mit PEFT als einfachen Adapter speichern (path_initial_model_for_weight_conversion).</translation>
  </message>
  <message>
   <source>Saved: sent when a model is loaded</source>
   <translation>Gespeichert: wird gesendet, sobald ein Modell geladen ist</translation>
  </message>
  <message>
   <source>Send the message again.</source>
   <translation>Die Nachricht noch einmal senden.</translation>
  </message>
  <message>
   <source>Set the clock of this machine, then try again.</source>
   <translation>Stellen Sie die Uhr dieses Rechners und versuchen Sie es noch einmal.</translation>
  </message>
  <message>
   <source>Set {} to a value in this range.</source>
   <translation>{} auf einen Wert in diesem Bereich setzen.</translation>
  </message>
  <message>
   <source>Settings, Engine offers CUDA support where there is a build for this program.</source>
   <translation>„Einstellungen, Engine“ bietet CUDA-Unterstützung an, wo es sie für dieses Programm gibt.</translation>
  </message>
  <message>
   <source>Shorten it, or load the model with a larger context.</source>
   <translation>Kürzen oder das Modell mit einem größeren Kontext laden.</translation>
  </message>
  <message>
   <source>Shorten it, start a new chat, or load the model with a larger context.</source>
   <translation>Kürzen, eine neue Unterhaltung beginnen oder das Modell mit einem größeren Kontext laden.</translation>
  </message>
  <message>
   <source>Shorten it.</source>
   <translation>Kürzen.</translation>
  </message>
  <message>
   <source>Shorten the prompt.</source>
   <translation>Den Prompt kürzen.</translation>
  </message>
  <message>
   <source>Simplify it.</source>
   <translation>Vereinfachen.</translation>
  </message>
  <message>
   <source>Somebody may have changed it on its way. Try another network, or the release page.</source>
   <translation>Jemand kann sie unterwegs verändert haben. Versuchen Sie es in einem anderen Netz oder auf der Seite der Veröffentlichungen.</translation>
  </message>
  <message>
   <source>Start it again.</source>
   <translation>Wieder starten.</translation>
  </message>
  <message>
   <source>Start it anew.</source>
   <translation>Neu beginnen.</translation>
  </message>
  <message>
   <source>Start the engine again and repeat the request.</source>
   <translation>Die Engine wieder starten und die Anfrage wiederholen.</translation>
  </message>
  <message>
   <source>Start the engine and send again.</source>
   <translation>Die Engine starten und noch einmal senden.</translation>
  </message>
  <message>
   <source>Start the training anew.</source>
   <translation>Das Training neu beginnen.</translation>
  </message>
  <message>
   <source>Stop it or wait for its end.</source>
   <translation>Anhalten oder das Ende abwarten.</translation>
  </message>
  <message>
   <source>Stop them or wait for their end.</source>
   <translation>Anhalten oder das Ende abwarten.</translation>
  </message>
  <message>
   <source>Stopping</source>
   <translation>Hält an</translation>
  </message>
  <message>
   <source>Switch Offline off in the network settings, then try again.</source>
   <translation>Offline in den Netzwerkeinstellungen ausschalten, dann noch einmal versuchen.</translation>
  </message>
  <message>
   <source>The checkpoint of {} cannot be read: {}.</source>
   <translation>Der Zwischenstand von {} lässt sich nicht lesen: {}.</translation>
  </message>
  <message>
   <source>The connection to the engine ended.</source>
   <translation>Die Verbindung zur Engine ist abgebrochen.</translation>
  </message>
  <message>
   <source>The damaged file is kept as {}.</source>
   <translation>Die beschädigte Datei ist als {} aufbewahrt.</translation>
  </message>
  <message>
   <source>The device {} is not available; found are: {}.</source>
   <translation>Das Gerät {} ist nicht verfügbar; gefunden wurden: {}.</translation>
  </message>
  <message>
   <source>The engine is stopped after repeated crashes.</source>
   <translation>Die Engine bleibt nach wiederholten Abstürzen angehalten.</translation>
  </message>
  <message>
   <source>The engine was shut down.</source>
   <translation>Die Engine wurde beendet.</translation>
  </message>
  <message>
   <source>The file changed while it was read. Wait until its download is complete.</source>
   <translation>Die Datei änderte sich beim Lesen. Warten, bis ihr Download vollständig ist.</translation>
  </message>
  <message>
   <source>The folder {} has a {}, but no .safetensors file.</source>
   <translation>Der Ordner {} hat eine {}, aber keine .safetensors-Datei.</translation>
  </message>
  <message>
   <source>The folder {} has its weights only as pickle files ({}).</source>
   <translation>Der Ordner {} hat seine Gewichte nur als Pickle-Dateien ({}).</translation>
  </message>
  <message>
   <source>The folder {} has {} .safetensors files and no {}.</source>
   <translation>Der Ordner {} hat {} .safetensors-Dateien und keine {}.</translation>
  </message>
  <message>
   <source>The load was stopped.</source>
   <translation>Das Laden wurde abgebrochen.</translation>
  </message>
  <message>
   <source>The log has the details.</source>
   <translation>Das Protokoll hat die Einzelheiten.</translation>
  </message>
  <message>
   <source>The log of the engine may say more.</source>
   <translation>Das Protokoll der Engine sagt vielleicht mehr.</translation>
  </message>
  <message>
   <source>The memory for {} could not be had.</source>
   <translation>Der Speicher für {} war nicht zu bekommen.</translation>
  </message>
  <message>
   <source>The mirror may be out of date: try again later, or without it.</source>
   <translation>Der Spiegelserver ist vielleicht veraltet: später oder ohne ihn noch einmal versuchen.</translation>
  </message>
  <message>
   <source>The reply failed</source>
   <translation>Die Antwort ist fehlgeschlagen</translation>
  </message>
  <message>
   <source>The weights of {} need {} GiB of memory, which could not be had.</source>
   <translation>Die Gewichte von {} brauchen {} GiB Speicher, der nicht zu haben war.</translation>
  </message>
  <message>
   <source>The {} matrix of this model cannot be replaced by an adapter.</source>
   <translation>Die Matrix {} dieses Modells lässt sich nicht durch einen Adapter ersetzen.</translation>
  </message>
  <message>
   <source>The {} process cannot be started: {}.</source>
   <translation>Der Prozess {} lässt sich nicht starten: {}.</translation>
  </message>
  <message>
   <source>There is no room for {} beside the adapters in use or kept warm.</source>
   <translation>Neben den Adaptern, die benutzt oder warm gehalten werden, ist kein Platz für {}.</translation>
  </message>
  <message>
   <source>There is not enough memory to read the header of {}.</source>
   <translation>Der Speicher reicht nicht, um den Kopf von {} zu lesen.</translation>
  </message>
  <message>
   <source>Too many open files</source>
   <translation>Zu viele offene Dateien</translation>
  </message>
  <message>
   <source>Try again in a minute.</source>
   <translation>In einer Minute noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Try again later, or with another network.</source>
   <translation>Später noch einmal versuchen, oder mit einem anderen Netz.</translation>
  </message>
  <message>
   <source>Try again later.</source>
   <translation>Später noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Try again later; if it stays so, look at the release page.</source>
   <translation>Später noch einmal versuchen; bleibt es so, auf der Seite der Veröffentlichungen nachsehen.</translation>
  </message>
  <message>
   <source>Try again.</source>
   <translation>Noch einmal versuchen.</translation>
  </message>
  <message>
   <source>Try again; if it stays so, choose another repository.</source>
   <translation>Noch einmal versuchen; bleibt es so, ein anderes Repository wählen.</translation>
  </message>
  <message>
   <source>Try again; if it stays so, the server or a proxy changes the file.</source>
   <translation>Noch einmal versuchen; bleibt es so, ändert der Server oder ein Proxy die Datei.</translation>
  </message>
  <message>
   <source>Unload one that is not needed.</source>
   <translation>Einen entladen, der nicht gebraucht wird.</translation>
  </message>
  <message>
   <source>Unload the model of the chats, choose a smaller rank or shorter examples, or close other programs.</source>
   <translation>Das Modell der Unterhaltungen entladen, einen kleineren Rang oder kürzere Beispiele wählen oder andere Programme schließen.</translation>
  </message>
  <message>
   <source>Unpack the archive and choose the model file inside it.</source>
   <translation>Das Archiv auspacken und die Modelldatei darin wählen.</translation>
  </message>
  <message>
   <source>Update Realm Desktop, or choose another backup.</source>
   <translation>Realm Desktop aktualisieren oder eine andere Sicherung wählen.</translation>
  </message>
  <message>
   <source>Update Realm Desktop, or choose another folder with --data-dir.</source>
   <translation>Realm Desktop aktualisieren oder mit --data-dir einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Update Realm Desktop.</source>
   <translation>Realm Desktop aktualisieren.</translation>
  </message>
  <message>
   <source>Use an address that begins with https://.</source>
   <translation>Eine Adresse verwenden, die mit https:// beginnt.</translation>
  </message>
  <message>
   <source>Use another copy of the model, or one converted by a current program.</source>
   <translation>Eine andere Kopie des Modells verwenden, oder eine, die ein aktuelles Programm umgewandelt hat.</translation>
  </message>
  <message>
   <source>Use it as it is, or merge it into its model with `realm-desktop adapter merge`.</source>
   <translation>So verwenden, wie er ist, oder mit `realm-desktop adapter merge` in sein Modell einrechnen.</translation>
  </message>
  <message>
   <source>Use the window that is already open, or choose another folder with --data-dir.</source>
   <translation>Das schon offene Fenster verwenden oder mit --data-dir einen anderen Ordner wählen.</translation>
  </message>
  <message>
   <source>Wait for a reply to end, or keep fewer adapters warm.</source>
   <translation>Das Ende einer Antwort abwarten oder weniger Adapter im Speicher halten.</translation>
  </message>
  <message>
   <source>Waiting</source>
   <translation>Wartet</translation>
  </message>
  <message>
   <source>Waiting, {}</source>
   <translation>Wartet {}</translation>
  </message>
  <message>
   <source>Waiting, {}: {}</source>
   <translation>Wartet {}: {}</translation>
  </message>
  <message>
   <source>What came is kept: resume when the connection is back.</source>
   <translation>Was ankam, bleibt erhalten: fortsetzen, sobald die Verbindung wieder da ist.</translation>
  </message>
  <message>
   <source>Write one pair a line, as in 1234 -2.5.</source>
   <translation>Ein Paar je Zeile schreiben, wie in 1234 -2.5.</translation>
  </message>
  <message>
   <source>Write something first.</source>
   <translation>Zuerst etwas schreiben.</translation>
  </message>
  <message>
   <source>Write the address in full.</source>
   <translation>Die Adresse vollständig schreiben.</translation>
  </message>
  <message>
   <source>a ZIP archive or an office document</source>
   <translation>ein ZIP-Archiv oder ein Office-Dokument</translation>
  </message>
  <message>
   <source>a date of the release feed has no time zone</source>
   <translation>ein Datum der Liste der Veröffentlichungen hat keine Zeitzone</translation>
  </message>
  <message>
   <source>a device or pipe</source>
   <translation>ein Gerät oder eine Pipe</translation>
  </message>
  <message>
   <source>a folder</source>
   <translation>ein Ordner</translation>
  </message>
  <message>
   <source>a key of its object is no text</source>
   <translation>ein Schlüssel ihres Objekts ist kein Text</translation>
  </message>
  <message>
   <source>a message has {} bytes; at most {} can be sent at once</source>
   <translation>eine Nachricht hat {} Bytes; höchstens {} lassen sich auf einmal senden</translation>
  </message>
  <message>
   <source>a native library gave up: {}: {}</source>
   <translation>eine systemnahe Bibliothek gab auf: {}: {}</translation>
  </message>
  <message>
   <source>a number from {} to {}</source>
   <translation>eine Zahl von {} bis {}</translation>
  </message>
  <message>
   <source>a part of it is empty or leads elsewhere</source>
   <translation>ein Teil davon ist leer oder führt woandershin</translation>
  </message>
  <message>
   <source>a prompt goes to the lanes when none of them writes</source>
   <translation>ein Prompt geht an die Spuren, wenn keine von ihnen schreibt</translation>
  </message>
  <message>
   <source>a release key of this installation is damaged</source>
   <translation>ein Schlüssel für Veröffentlichungen in dieser Installation ist beschädigt</translation>
  </message>
  <message>
   <source>a request takes at most one of json_schema, regex and grammar</source>
   <translation>eine Anfrage nimmt höchstens eines von json_schema, regex und grammar</translation>
  </message>
  <message>
   <source>a text of at most {} characters</source>
   <translation>ein Text von höchstens {} Zeichen</translation>
  </message>
  <message>
   <source>all {} places in the batch are taken</source>
   <translation>alle {} Plätze im Stapel sind belegt</translation>
  </message>
  <message>
   <source>allowed are GGUF and safetensors</source>
   <translation>erlaubt sind GGUF und safetensors</translation>
  </message>
  <message>
   <source>an even number</source>
   <translation>eine gerade Zahl</translation>
  </message>
  <message>
   <source>an integer from {} to {}</source>
   <translation>eine ganze Zahl von {} bis {}</translation>
  </message>
  <message>
   <source>an object with 1 to {} tensors</source>
   <translation>ein Objekt mit 1 bis {} Tensoren</translation>
  </message>
  <message>
   <source>another program holds the file</source>
   <translation>ein anderes Programm hält die Datei</translation>
  </message>
  <message>
   <source>another reply of this chat runs</source>
   <translation>eine andere Antwort dieser Unterhaltung läuft</translation>
  </message>
  <message>
   <source>another torch was imported in its place</source>
   <translation>ein anderes torch wurde an seiner Stelle geladen</translation>
  </message>
  <message>
   <source>another version of this program tried it</source>
   <translation>eine andere Version dieses Programms hat es probiert</translation>
  </message>
  <message>
   <source>brings {} of {}, this model has {}</source>
   <translation>bringt {} mit {} mit, dieses Modell hat {}</translation>
  </message>
  <message>
   <source>brought back</source>
   <translation>zurückgeholt</translation>
  </message>
  <message>
   <source>changes {}, which this model does not have</source>
   <translation>ändert {}; das hat dieses Modell nicht</translation>
  </message>
  <message>
   <source>continued</source>
   <translation>fortgesetzt</translation>
  </message>
  <message>
   <source>deleted</source>
   <translation>gelöscht</translation>
  </message>
  <message>
   <source>draft model: {}</source>
   <translation>Entwurfsmodell: {}</translation>
  </message>
  <message>
   <source>edited</source>
   <translation>bearbeitet</translation>
  </message>
  <message>
   <source>fits {} · rank {} · {} of {} targets</source>
   <translation>passt zu {} · Rang {} · {} von {} Zielen</translation>
  </message>
  <message>
   <source>folders would lie {} deep; at most {} are possible</source>
   <translation>Ordner lägen {} tief; höchstens {} sind möglich</translation>
  </message>
  <message>
   <source>it does not work here: {}</source>
   <translation>es geht hier nicht: {}</translation>
  </message>
  <message>
   <source>it finds no card: the NVIDIA driver may be too old for it</source>
   <translation>es findet keine Karte: der NVIDIA-Treiber ist vielleicht zu alt dafür</translation>
  </message>
  <message>
   <source>it holds a character that no file name may have</source>
   <translation>er enthält ein Zeichen, das kein Dateiname haben darf</translation>
  </message>
  <message>
   <source>it is not UTF-8 text</source>
   <translation>sie ist kein UTF-8-Text</translation>
  </message>
  <message>
   <source>it is version {}; this program was made with {}</source>
   <translation>es ist Version {}; dieses Programm wurde mit {} gemacht</translation>
  </message>
  <message>
   <source>it leads to another server than the hub</source>
   <translation>sie führt zu einem anderen Server als dem Hub</translation>
  </message>
  <message>
   <source>it leads to {}, not to a model</source>
   <translation>sie führt zu {}, nicht zu einem Modell</translation>
  </message>
  <message>
   <source>it names a device of Windows</source>
   <translation>er nennt ein Gerät von Windows</translation>
  </message>
  <message>
   <source>it was not tried</source>
   <translation>es wurde nicht probiert</translation>
  </message>
  <message>
   <source>its folder is gone</source>
   <translation>ihr Ordner ist nicht mehr da</translation>
  </message>
  <message>
   <source>line {}: the model's chat template refuses this conversation: {}</source>
   <translation>Zeile {}: Die Chat-Vorlage des Modells lehnt diese Unterhaltung ab: {}</translation>
  </message>
  <message>
   <source>loading weights</source>
   <translation>Gewichte laden</translation>
  </message>
  <message>
   <source>logits are computed while no request is open</source>
   <translation>Logits werden berechnet, während keine Anfrage offen ist</translation>
  </message>
  <message>
   <source>made again</source>
   <translation>noch einmal geschrieben</translation>
  </message>
  <message>
   <source>made for hidden size {}, this model has {}</source>
   <translation>gemacht für die Breite {} (hidden size), dieses Modell hat {}</translation>
  </message>
  <message>
   <source>made for the architecture {}, this model has {}</source>
   <translation>gemacht für die Architektur {}, dieses Modell hat {}</translation>
  </message>
  <message>
   <source>made for {} layers or more, this model has {}</source>
   <translation>gemacht für mindestens {} Schichten, dieses Modell hat {}</translation>
  </message>
  <message>
   <source>made for {}; this model is called {}</source>
   <translation>gemacht für {}; dieses Modell heißt {}</translation>
  </message>
  <message>
   <source>missing</source>
   <translation>nicht vorhanden</translation>
  </message>
  <message>
   <source>next in line</source>
   <translation>als Nächstes an der Reihe</translation>
  </message>
  <message>
   <source>no connection to the server could be made</source>
   <translation>es kam keine Verbindung zum Server zustande</translation>
  </message>
  <message>
   <source>no model is loaded</source>
   <translation>kein Modell ist geladen</translation>
  </message>
  <message>
   <source>nothing can be {} while a reply runs</source>
   <translation>während eine Antwort läuft, kann nichts {} werden</translation>
  </message>
  <message>
   <source>one value is longer than {} MB</source>
   <translation>ein Wert ist länger als {} MB</translation>
  </message>
  <message>
   <source>only a reply that ended early can be continued</source>
   <translation>nur eine Antwort, die vorzeitig endete, kann fortgesetzt werden</translation>
  </message>
  <message>
   <source>only addresses that begin with https:// are understood</source>
   <translation>nur Adressen, die mit https:// beginnen, werden verstanden</translation>
  </message>
  <message>
   <source>owner and name of a repository are expected</source>
   <translation>Besitzer und Name eines Repositorys werden erwartet</translation>
  </message>
  <message>
   <source>paused to make room: memory is short; continues by itself</source>
   <translation>angehalten, um Platz zu machen: der Speicher ist knapp; geht von selbst weiter</translation>
  </message>
  <message>
   <source>paused to make room; continues by itself</source>
   <translation>angehalten, um Platz zu machen; geht von selbst weiter</translation>
  </message>
  <message>
   <source>reading</source>
   <translation>lesen</translation>
  </message>
  <message>
   <source>reads along with another reply that has the same beginning</source>
   <translation>liest bei einer anderen Antwort mit demselben Anfang mit</translation>
  </message>
  <message>
   <source>regenerated</source>
   <translation>neu geschrieben</translation>
  </message>
  <message>
   <source>speculation is draft_model, and the model was loaded without a draft model</source>
   <translation>gewählt ist das Entwurfsmodell, und das Modell wurde ohne eines geladen</translation>
  </message>
  <message>
   <source>starts with the next step</source>
   <translation>beginnt mit dem nächsten Schritt</translation>
  </message>
  <message>
   <source>switched</source>
   <translation>gewechselt</translation>
  </message>
  <message>
   <source>testing the device</source>
   <translation>Gerät wird geprüft</translation>
  </message>
  <message>
   <source>the JSON Schema</source>
   <translation>das JSON-Schema</translation>
  </message>
  <message>
   <source>the JSON Schema {}</source>
   <translation>das JSON-Schema {}</translation>
  </message>
  <message>
   <source>the KV cache needs {} and {} can be used</source>
   <translation>der KV-Cache braucht {}, und {} sind verfügbar</translation>
  </message>
  <message>
   <source>the adapter is not there any more</source>
   <translation>der Adapter ist nicht mehr da</translation>
  </message>
  <message>
   <source>the adapter {} does not fit: {}</source>
   <translation>der Adapter {} passt nicht: {}</translation>
  </message>
  <message>
   <source>the adapter {} of this reply is not known any more</source>
   <translation>der Adapter {} dieser Antwort ist nicht mehr bekannt</translation>
  </message>
  <message>
   <source>the address of the hub is {}; other machines are asked by https only</source>
   <translation>die Adresse des Hubs ist {}; andere Rechner werden nur über https gefragt</translation>
  </message>
  <message>
   <source>the address of the {} is {}; one such as {}://name:port is expected</source>
   <translation>die Adresse für {} ist {}; eine wie {}://name:port wird erwartet</translation>
  </message>
  <message>
   <source>the answer is no release feed</source>
   <translation>die Antwort ist keine Liste von Veröffentlichungen</translation>
  </message>
  <message>
   <source>the answer of {} is incomplete: {}</source>
   <translation>die Antwort von {} ist unvollständig: {}</translation>
  </message>
  <message>
   <source>the backup {} could not be made: {}</source>
   <translation>die Sicherung {} konnte nicht angelegt werden: {}</translation>
  </message>
  <message>
   <source>the backup {} has format {}; this version reads 1 to {}</source>
   <translation>die Sicherung {} hat das Format {}; diese Version liest 1 bis {}</translation>
  </message>
  <message>
   <source>the backup {} is damaged: {}</source>
   <translation>die Sicherung {} ist beschädigt: {}</translation>
  </message>
  <message>
   <source>the chat template {}: {}</source>
   <translation>die Chat-Vorlage {}: {}</translation>
  </message>
  <message>
   <source>the check of the backends ended without a report: {}</source>
   <translation>die Prüfung der Rechenwege endete ohne Bericht: {}</translation>
  </message>
  <message>
   <source>the connection was cut</source>
   <translation>die Verbindung wurde unterbrochen</translation>
  </message>
  <message>
   <source>the conversation has {} tokens; the KV cache, which was made smaller when memory ran out, holds {}</source>
   <translation>die Unterhaltung hat {} Tokens; der KV-Cache, der kleiner wurde, als der Speicher ausging, fasst {}</translation>
  </message>
  <message>
   <source>the conversation has {} tokens; {} fit</source>
   <translation>die Unterhaltung hat {} Tokens; {} passen</translation>
  </message>
  <message>
   <source>the conversation is not there any more</source>
   <translation>die Unterhaltung ist nicht mehr da</translation>
  </message>
  <message>
   <source>the conversations could not be read or saved in {}: {}</source>
   <translation>die Unterhaltungen in {} konnten nicht gelesen oder gespeichert werden: {}</translation>
  </message>
  <message>
   <source>the conversations in {} are open in another Realm Desktop{}</source>
   <translation>die Unterhaltungen in {} sind in einem anderen Realm Desktop geöffnet{}</translation>
  </message>
  <message>
   <source>the conversations in {} were damaged; {} messages were recovered from {}</source>
   <translation>die Unterhaltungen in {} waren beschädigt; {} Nachrichten wurden wiederhergestellt aus: {}</translation>
  </message>
  <message>
   <source>the conversations were saved by a newer Realm Desktop: format {}, this version reads up to {}</source>
   <translation>die Unterhaltungen wurden von einem neueren Realm Desktop gespeichert: Format {}, diese Version liest bis {}</translation>
  </message>
  <message>
   <source>the database is closed</source>
   <translation>die Datenbank ist geschlossen</translation>
  </message>
  <message>
   <source>the disk is full</source>
   <translation>die Platte ist voll</translation>
  </message>
  <message>
   <source>the download needs {} MB more and {} MB to spare; the disk has {} MB free</source>
   <translation>der Download braucht noch {} MB und {} MB Reserve; auf der Platte sind {} MB frei</translation>
  </message>
  <message>
   <source>the download was cancelled</source>
   <translation>der Download wurde abgebrochen</translation>
  </message>
  <message>
   <source>the engine ended the reply without a word</source>
   <translation>die Engine beendete die Antwort ohne ein Wort</translation>
  </message>
  <message>
   <source>the engine stopped: {}</source>
   <translation>die Engine hielt an: {}</translation>
  </message>
  <message>
   <source>the file cannot be written</source>
   <translation>die Datei lässt sich nicht schreiben</translation>
  </message>
  <message>
   <source>the file does not say that its format is {}</source>
   <translation>die Datei sagt nicht, dass ihr Format {} ist</translation>
  </message>
  <message>
   <source>the file has version {}; this Realm Desktop reads up to {}</source>
   <translation>die Datei hat die Version {}; dieses Realm Desktop liest bis {}</translation>
  </message>
  <message>
   <source>the file is read-only</source>
   <translation>die Datei ist schreibgeschützt</translation>
  </message>
  <message>
   <source>the file name {} is refused: {}</source>
   <translation>der Dateiname {} wird abgelehnt: {}</translation>
  </message>
  <message>
   <source>the file was moved or deleted</source>
   <translation>die Datei wurde verschoben oder gelöscht</translation>
  </message>
  <message>
   <source>the file {} is missing from this installation of Realm Desktop</source>
   <translation>in dieser Installation von Realm Desktop fehlt die Datei {}</translation>
  </message>
  <message>
   <source>the folder is not there any more</source>
   <translation>der Ordner ist nicht mehr da</translation>
  </message>
  <message>
   <source>the folder {} cannot be created: {}</source>
   <translation>der Ordner {} kann nicht angelegt werden: {}</translation>
  </message>
  <message>
   <source>the folder {} cannot be moved into itself</source>
   <translation>der Ordner {} kann nicht in sich selbst verschoben werden</translation>
  </message>
  <message>
   <source>the folder {} cannot be written: {}</source>
   <translation>der Ordner {} lässt sich nicht beschreiben: {}</translation>
  </message>
  <message>
   <source>the gradients are no finite numbers any more</source>
   <translation>die Gradienten sind keine endlichen Zahlen mehr</translation>
  </message>
  <message>
   <source>the grammar</source>
   <translation>die Grammatik</translation>
  </message>
  <message>
   <source>the grammar cannot be followed</source>
   <translation>der Grammatik lässt sich nicht folgen</translation>
  </message>
  <message>
   <source>the hub answered HTTP {}</source>
   <translation>der Hub antwortete HTTP {}</translation>
  </message>
  <message>
   <source>the hub knows no repository {}, or shows it to its owner only</source>
   <translation>der Hub kennt kein Repository {} oder zeigt es nur dem Besitzer</translation>
  </message>
  <message>
   <source>the hub lists no checksum for {}, so it could not be verified</source>
   <translation>der Hub nennt keine Prüfsumme für {}, also ließe sie sich nicht prüfen</translation>
  </message>
  <message>
   <source>the hub's answer about {} has no commit</source>
   <translation>die Antwort des Hubs zu {} nennt keinen Commit</translation>
  </message>
  <message>
   <source>the hub's answer cannot be understood: {}</source>
   <translation>die Antwort des Hubs ist nicht zu verstehen: {}</translation>
  </message>
  <message>
   <source>the lane still writes</source>
   <translation>die Spur schreibt noch</translation>
  </message>
  <message>
   <source>the last message has {} tokens; {} fit</source>
   <translation>die letzte Nachricht hat {} Tokens; {} passen</translation>
  </message>
  <message>
   <source>the model has no chat template</source>
   <translation>das Modell hat keine Chat-Vorlage</translation>
  </message>
  <message>
   <source>the model has no chat template, so it cannot take messages</source>
   <translation>das Modell hat keine Chat-Vorlage und kann darum keine Nachrichten nehmen</translation>
  </message>
  <message>
   <source>the process that checks grammars does not start</source>
   <translation>der Prozess, der Grammatiken prüft, startet nicht</translation>
  </message>
  <message>
   <source>the prompt is empty</source>
   <translation>der Prompt ist leer</translation>
  </message>
  <message>
   <source>the proxy refused the connection</source>
   <translation>der Proxy hat die Verbindung abgelehnt</translation>
  </message>
  <message>
   <source>the regular expression</source>
   <translation>der reguläre Ausdruck</translation>
  </message>
  <message>
   <source>the release feed cannot be understood: {}</source>
   <translation>die Liste von Veröffentlichungen ist nicht zu verstehen: {}</translation>
  </message>
  <message>
   <source>the release feed has format {}; this version reads {}</source>
   <translation>die Liste von Veröffentlichungen hat Format {}; diese Version liest {}</translation>
  </message>
  <message>
   <source>the release feed is not signed by the key of this program; it was not used</source>
   <translation>die Liste von Veröffentlichungen ist nicht mit dem Schlüssel dieses Programms unterschrieben; sie wurde nicht verwendet</translation>
  </message>
  <message>
   <source>the release feed is of the channel {}; {} is expected</source>
   <translation>die Liste von Veröffentlichungen gehört zum Kanal {}; erwartet wird {}</translation>
  </message>
  <message>
   <source>the release feed is of {} (version {}); a later one, of {} (version {}), was seen before</source>
   <translation>die Liste von Veröffentlichungen ist vom {} (Version {}); eine spätere vom {} (Version {}) wurde schon gesehen</translation>
  </message>
  <message>
   <source>the release feed is of {}, which lies in the future</source>
   <translation>die Liste von Veröffentlichungen ist vom {}, was in der Zukunft liegt</translation>
  </message>
  <message>
   <source>the release feed was valid until {}; a newer one is missing</source>
   <translation>die Liste der Veröffentlichungen galt bis {}; eine neuere fehlt</translation>
  </message>
  <message>
   <source>the reply was written by {}; {} is loaded</source>
   <translation>die Antwort schrieb {}; geladen ist {}</translation>
  </message>
  <message>
   <source>the server did not answer</source>
   <translation>der Server hat nicht geantwortet</translation>
  </message>
  <message>
   <source>the server ended the file early</source>
   <translation>der Server beendete die Datei zu früh</translation>
  </message>
  <message>
   <source>the server has no such range</source>
   <translation>der Server hat diesen Bereich nicht</translation>
  </message>
  <message>
   <source>the server sends more than the {} bytes that are listed for {}</source>
   <translation>der Server schickt mehr als die {} Bytes, die für {} genannt sind</translation>
  </message>
  <message>
   <source>the server sent another range than the one asked for</source>
   <translation>der Server sandte einen anderen Bereich als den verlangten</translation>
  </message>
  <message>
   <source>the settings could not be saved in {}: {}</source>
   <translation>die Einstellungen konnten nicht in {} gespeichert werden: {}</translation>
  </message>
  <message>
   <source>the settings file {} is damaged ({}); default settings are used</source>
   <translation>die Einstellungsdatei {} ist beschädigt ({}); es gelten die Vorgaben</translation>
  </message>
  <message>
   <source>the settings in {} cannot be read: {}</source>
   <translation>die Einstellungen in {} lassen sich nicht lesen: {}</translation>
  </message>
  <message>
   <source>the token could not be saved: {}</source>
   <translation>der Schlüssel ließ sich nicht speichern: {}</translation>
  </message>
  <message>
   <source>the token holds characters that no token has</source>
   <translation>das Zugriffstoken enthält Zeichen, die kein Token hat</translation>
  </message>
  <message>
   <source>the tokens of this reply are not known any more</source>
   <translation>die Tokens dieser Antwort sind nicht mehr bekannt</translation>
  </message>
  <message>
   <source>the weight of an adapter is {}; it must be 0 to {}</source>
   <translation>das Gewicht eines Adapters ist {}; es muss 0 bis {} sein</translation>
  </message>
  <message>
   <source>the workspace General cannot be deleted</source>
   <translation>der Arbeitsbereich General kann nicht gelöscht werden</translation>
  </message>
  <message>
   <source>the workspace is not there any more</source>
   <translation>der Arbeitsbereich ist nicht mehr da</translation>
  </message>
  <message>
   <source>there are {} lanes; at most {} can be compared</source>
   <translation>es gibt {} Spuren; höchstens {} können verglichen werden</translation>
  </message>
  <message>
   <source>there is an NVIDIA driver, but this torch was built for the CPU</source>
   <translation>ein NVIDIA-Treiber ist da, aber dieses torch wurde für die CPU gebaut</translation>
  </message>
  <message>
   <source>there is no memory to go on with this reply: not for one token behind {}, with every other reply paused</source>
   <translation>für diese Antwort ist kein Speicher mehr da: nicht für ein Token nach {}, obwohl alle anderen Antworten pausieren</translation>
  </message>
  <message>
   <source>this copy of Realm Desktop has no release key, so updates cannot be verified</source>
   <translation>dieses Realm Desktop hat keinen Schlüssel für Veröffentlichungen, Updates lassen sich also nicht prüfen</translation>
  </message>
  <message>
   <source>torch in {}: {}</source>
   <translation>torch in {}: {}</translation>
  </message>
  <message>
   <source>torch is built for CUDA {}, and there is no NVIDIA driver</source>
   <translation>torch ist für CUDA {} gebaut, und es gibt keinen NVIDIA-Treiber</translation>
  </message>
  <message>
   <source>torch is built for CUDA {}; the driver runs CUDA up to {}</source>
   <translation>torch ist für CUDA {} gebaut; der Treiber kann CUDA bis {}</translation>
  </message>
  <message>
   <source>training {} needs memory that could not be had</source>
   <translation>{} zu trainieren braucht Speicher, der nicht zu bekommen war</translation>
  </message>
  <message>
   <source>training {} needs {} ({}), and {} can be used</source>
   <translation>{} zu trainieren braucht {} ({}), und {} sind verfügbar</translation>
  </message>
  <message>
   <source>true or false</source>
   <translation>true oder false</translation>
  </message>
  <message>
   <source>two files of {} differ in upper and lower case only</source>
   <translation>zwei Dateien von {} unterscheiden sich nur in der Groß- und Kleinschreibung</translation>
  </message>
  <message>
   <source>waiting for room in the KV cache</source>
   <translation>wartet auf Platz im KV-Cache</translation>
  </message>
  <message>
   <source>what made this reply is not known</source>
   <translation>womit diese Antwort entstand, ist nicht bekannt</translation>
  </message>
  <message>
   <source>with {} the files have {} characters; a message takes {}</source>
   <translation>mit {} haben die Dateien {} Zeichen; eine Nachricht nimmt {}</translation>
  </message>
  <message>
   <source>{english}</source>
   <translation>{number}.</translation>
  </message>
  <message>
   <source>{} ({} bytes) cannot be mapped into memory: {}.</source>
   <translation>{} ({} Bytes) lässt sich nicht in den Speicher abbilden: {}.</translation>
  </message>
  <message>
   <source>{} ({}) failed its self-test: {}.</source>
   <translation>{} ({}) hat den Selbsttest nicht bestanden: {}.</translation>
  </message>
  <message>
   <source>{} It was removed.</source>
   <translation>{} Sie wurde entfernt.</translation>
  </message>
  <message>
   <source>{} adapters are loaded; at most {} can be.</source>
   <translation>{} Adapter sind geladen; höchstens {} sind möglich.</translation>
  </message>
  <message>
   <source>{} answered HTTP {}</source>
   <translation>{} antwortete mit HTTP {}</translation>
  </message>
  <message>
   <source>{} arrived with another {} than it is listed with; the bytes were removed</source>
   <translation>{} kam mit einer anderen Prüfsumme ({}) an als genannt; die Bytes wurden entfernt</translation>
  </message>
  <message>
   <source>{} at byte 0; {}.</source>
   <translation>{} bei Byte 0; {}.</translation>
  </message>
  <message>
   <source>{} begins like {} and is not</source>
   <translation>{} beginnt wie {} und ist es nicht</translation>
  </message>
  <message>
   <source>{} cannot be opened: {}</source>
   <translation>{} lässt sich nicht öffnen: {}</translation>
  </message>
  <message>
   <source>{} cannot be reached: {}</source>
   <translation>{} ist nicht erreichbar: {}</translation>
  </message>
  <message>
   <source>{} cannot be read from character {} on: {}</source>
   <translation>{} lässt sich ab Zeichen {} nicht lesen: {}</translation>
  </message>
  <message>
   <source>{} cannot be read: {}</source>
   <translation>{} lässt sich nicht lesen: {}</translation>
  </message>
  <message>
   <source>{} cannot be read: {}.</source>
   <translation>{} lässt sich nicht lesen: {}.</translation>
  </message>
  <message>
   <source>{} cannot be used: {}</source>
   <translation>{} lässt sich nicht verwenden: {}</translation>
  </message>
  <message>
   <source>{} cannot be written: {}</source>
   <translation>{} lässt sich nicht schreiben: {}</translation>
  </message>
  <message>
   <source>{} cannot be written: {}.</source>
   <translation>{} lässt sich nicht schreiben: {}.</translation>
  </message>
  <message>
   <source>{} cannot draft for this model: the vocabularies differ ({}; expected is the same vocabulary)</source>
   <translation>{} kann für dieses Modell nicht entwerfen: Die Vokabulare unterscheiden sich ({}; erwartet wird dasselbe Vokabular)</translation>
  </message>
  <message>
   <source>{} changes a layer that another name changes too</source>
   <translation>{} ändert eine Schicht, die auch ein anderer Name ändert</translation>
  </message>
  <message>
   <source>{} changes biases: bias is {}; none is expected.</source>
   <translation>{} ändert Biaswerte: bias ist {}; none wird erwartet.</translation>
  </message>
  <message>
   <source>{} does not exist.</source>
   <translation>{} gibt es nicht.</translation>
  </message>
  <message>
   <source>{} exists already.</source>
   <translation>{} gibt es schon.</translation>
  </message>
  <message>
   <source>{} files; a download has 1 to {}</source>
   <translation>{} Dateien; ein Download hat 1 bis {}</translation>
  </message>
  <message>
   <source>{} has a bad value: {}</source>
   <translation>{} hat einen falschen Wert: {}</translation>
  </message>
  <message>
   <source>{} has a matrix {} and no matrix {}</source>
   <translation>{} hat eine Matrix {} und keine Matrix {}</translation>
  </message>
  <message>
   <source>{} has changed</source>
   <translation>{} hat sich geändert</translation>
  </message>
  <message>
   <source>{} has no adapter_config.json with it, or is not an adapter.</source>
   <translation>{} hat keine adapter_config.json bei sich oder ist kein Adapter.</translation>
  </message>
  <message>
   <source>{} has no tensor {}; one of shape {} is expected.</source>
   <translation>{} hat keinen Tensor {}; erwartet wird einer der Form {}.</translation>
  </message>
  <message>
   <source>{} has no tokenizer, so it cannot read or write text</source>
   <translation>{} hat keinen Tokenizer und kann darum keinen Text lesen oder schreiben</translation>
  </message>
  <message>
   <source>{} has no training that could be resumed.</source>
   <translation>{} hat kein Training, das fortgesetzt werden könnte.</translation>
  </message>
  <message>
   <source>{} has no {} beside it, so it cannot read or write text</source>
   <translation>{} hat keine {} neben sich und kann darum keinen Text lesen oder schreiben</translation>
  </message>
  <message>
   <source>{} has shape {}</source>
   <translation>{} hat die Form {}</translation>
  </message>
  <message>
   <source>{} has the architecture {}; supported are {}.</source>
   <translation>{} hat die Architektur {}; unterstützt werden {}.</translation>
  </message>
  <message>
   <source>{} has the architecture {}; {} is supported for networks with the layers of Llama, Mistral, Qwen2 and Qwen3.</source>
   <translation>{} hat die Architektur {}; {} wird für Netze mit den Schichten von Llama, Mistral, Qwen2 und Qwen3 unterstützt.</translation>
  </message>
  <message>
   <source>{} has the magic number of GGML, older than GGUF,</source>
   <translation>{} hat die Kennung von GGML, das älter als GGUF ist,</translation>
  </message>
  <message>
   <source>{} has the start of a pickle file</source>
   <translation>{} beginnt wie eine Pickle-Datei</translation>
  </message>
  <message>
   <source>{} has the start of an archive ({})</source>
   <translation>{} beginnt wie ein Archiv ({})</translation>
  </message>
  <message>
   <source>{} has {} bytes; {} can be attached</source>
   <translation>{} hat {} Bytes; {} können angehängt werden</translation>
  </message>
  <message>
   <source>{} has {} tokens; {} fit into the context of this model</source>
   <translation>{} hat {} Tokens; {} passen in den Kontext dieses Modells</translation>
  </message>
  <message>
   <source>{} holds only zeros, not a header,</source>
   <translation>{} enthält nur Nullen statt eines Kopfes</translation>
  </message>
  <message>
   <source>{} holds values that are not finite numbers</source>
   <translation>{} enthält Werte, die keine endlichen Zahlen sind</translation>
  </message>
  <message>
   <source>{} in line</source>
   <translation>an {} Stelle</translation>
  </message>
  <message>
   <source>{} is GGUF version 1 (at byte 4); allowed are versions 2 and 3.</source>
   <translation>{} ist GGUF der Version 1 (bei Byte 4); erlaubt sind die Versionen 2 und 3.</translation>
  </message>
  <message>
   <source>{} is a Git LFS pointer at byte 0, not JSON or text.</source>
   <translation>{} ist bei Byte 0 ein Zeiger von Git LFS, weder JSON noch Text.</translation>
  </message>
  <message>
   <source>{} is a device or a pipe, not a file</source>
   <translation>{} ist ein Gerät oder eine Pipe, keine Datei</translation>
  </message>
  <message>
   <source>{} is a folder</source>
   <translation>{} ist ein Ordner</translation>
  </message>
  <message>
   <source>{} is a folder without {}, not a model file.</source>
   <translation>{} ist ein Ordner ohne {}, keine Modelldatei.</translation>
  </message>
  <message>
   <source>{} is a second matrix for the same place; one is expected</source>
   <translation>{} ist eine zweite Matrix für denselben Platz; eine wird erwartet</translation>
  </message>
  <message>
   <source>{} is a zip archive as PyTorch writes it, with pickle</source>
   <translation>{} ist ein Zip-Archiv, wie PyTorch es schreibt, mit Pickle</translation>
  </message>
  <message>
   <source>{} is a {} adapter; LORA is expected.</source>
   <translation>{} ist ein {}-Adapter; LORA wird erwartet.</translation>
  </message>
  <message>
   <source>{} is big endian (version at byte 4); only little-endian GGUF can be read.</source>
   <translation>{} ist Big-Endian (Version bei Byte 4); nur GGUF in Little-Endian lässt sich lesen.</translation>
  </message>
  <message>
   <source>{} is busy (HTTP {})</source>
   <translation>{} ist überlastet (HTTP {})</translation>
  </message>
  <message>
   <source>{} is closed and cannot be read any more.</source>
   <translation>{} ist geschlossen und lässt sich nicht mehr lesen.</translation>
  </message>
  <message>
   <source>{} is damaged: near byte {}: {}</source>
   <translation>{} ist beschädigt: bei Byte {}: {}</translation>
  </message>
  <message>
   <source>{} is damaged: {} is {}; allowed is {}.</source>
   <translation>{} ist beschädigt: {} ist {}; erlaubt ist {}.</translation>
  </message>
  <message>
   <source>{} is empty: it ends</source>
   <translation>{} ist leer: Sie endet</translation>
  </message>
  <message>
   <source>{} is file {}; a message takes {}</source>
   <translation>{} ist Datei {}; eine Nachricht nimmt {}</translation>
  </message>
  <message>
   <source>{} is for {}, this model has {}</source>
   <translation>{} ist für {}, dieses Modell hat {}</translation>
  </message>
  <message>
   <source>{} is larger than {} KB</source>
   <translation>{} ist größer als {} KB</translation>
  </message>
  <message>
   <source>{} is listed with a digest that is none</source>
   <translation>{} steht mit einer Prüfsumme im Verzeichnis, die keine ist</translation>
  </message>
  <message>
   <source>{} is listed with an address that is none</source>
   <translation>{} steht mit einer Adresse da, die keine ist</translation>
  </message>
  <message>
   <source>{} is listed with {} bytes</source>
   <translation>{} steht mit {} Bytes im Verzeichnis</translation>
  </message>
  <message>
   <source>{} is no LoRA adapter: {} is {}; {} is expected.</source>
   <translation>{} ist kein LoRA-Adapter: {} ist {}; erwartet wird {}.</translation>
  </message>
  <message>
   <source>{} is no model but a Git LFS pointer</source>
   <translation>{} ist kein Modell, sondern ein Zeiger von Git LFS</translation>
  </message>
  <message>
   <source>{} is no model but a text file</source>
   <translation>{} ist kein Modell, sondern eine Textdatei</translation>
  </message>
  <message>
   <source>{} is no model but a web page (HTML)</source>
   <translation>{} ist kein Modell, sondern eine Webseite (HTML)</translation>
  </message>
  <message>
   <source>{} is no preset: {}</source>
   <translation>{} ist keine Voreinstellung: {}</translation>
  </message>
  <message>
   <source>{} is no repository: owner/name is expected</source>
   <translation>{} ist kein Repository: Besitzer/Name wird erwartet</translation>
  </message>
  <message>
   <source>{} is no repository: {}</source>
   <translation>{} ist kein Repository: {}</translation>
  </message>
  <message>
   <source>{} is no text: it has bytes that no text has</source>
   <translation>{} ist kein Text: Es hat Bytes, die kein Text hat</translation>
  </message>
  <message>
   <source>{} is no version; three numbers are expected</source>
   <translation>{} ist keine Version; erwartet werden drei Zahlen</translation>
  </message>
  <message>
   <source>{} is no wheel that can be unpacked</source>
   <translation>{} ist kein Wheel, das sich auspacken lässt</translation>
  </message>
  <message>
   <source>{} is not complete: {}, described at byte {}, ends at byte {}; the file has {}.</source>
   <translation>{} ist nicht vollständig: {}, beschrieben bei Byte {}, endet bei Byte {}; die Datei hat {}.</translation>
  </message>
  <message>
   <source>{} is not there any more</source>
   <translation>{} ist nicht mehr da</translation>
  </message>
  <message>
   <source>{} is not there any more (HTTP {} from {})</source>
   <translation>{} ist nicht mehr da (HTTP {} von {})</translation>
  </message>
  <message>
   <source>{} is one of {} parts (split.count), but its name does not end in -00001-of-{}.gguf.</source>
   <translation>{} ist einer von {} Teilen (split.count), aber sein Name endet nicht auf -00001-of-{}.gguf.</translation>
  </message>
  <message>
   <source>{} is one of {} parts, and {} is missing.</source>
   <translation>{} ist einer von {} Teilen, und {} fehlt.</translation>
  </message>
  <message>
   <source>{} is one of {} shards, and their index {} is missing.</source>
   <translation>{} ist einer von {} Teilen, und ihr Verzeichnis {} fehlt.</translation>
  </message>
  <message>
   <source>{} is {}, not a file.</source>
   <translation>{} ist {}, keine Datei.</translation>
  </message>
  <message>
   <source>{} is {}, which is no text</source>
   <translation>{} ist {}, was kein Text ist</translation>
  </message>
  <message>
   <source>{} is {}; it must be between {} and {}</source>
   <translation>{} ist {}; erlaubt ist {} bis {}</translation>
  </message>
  <message>
   <source>{} is {}; it must be {}</source>
   <translation>{} ist {}; es muss {} sein</translation>
  </message>
  <message>
   <source>{} is {}; this processor takes {}.</source>
   <translation>{} ist {}; dieser Prozessor kennt {}.</translation>
  </message>
  <message>
   <source>{} may be seen only by users whom its author lets in</source>
   <translation>{} dürfen nur die sehen, die Zugang erhalten haben</translation>
  </message>
  <message>
   <source>{} may not be read by this user.</source>
   <translation>{} darf von diesem Benutzer nicht gelesen werden.</translation>
  </message>
  <message>
   <source>{} names {} shards, and {} is missing.</source>
   <translation>{} nennt {} Teile, und {} fehlt.</translation>
  </message>
  <message>
   <source>{} needs {} MB; the disk has {} MB free.</source>
   <translation>{} braucht {} MB; auf der Platte sind {} MB frei.</translation>
  </message>
  <message>
   <source>{} needs {}, which is not supported ({}).</source>
   <translation>{} braucht {}, was nicht unterstützt wird ({}).</translation>
  </message>
  <message>
   <source>{} needs {}; {} are set aside for all adapters.</source>
   <translation>{} braucht {}; {} sind für alle Adapter vorgesehen.</translation>
  </message>
  <message>
   <source>{} of this installation cannot be read</source>
   <translation>{} dieser Installation kann nicht gelesen werden</translation>
  </message>
  <message>
   <source>{} of this installation names no https address</source>
   <translation>{} dieser Installation nennt keine https-Adresse</translation>
  </message>
  <message>
   <source>{} of {} token ids differ: {}</source>
   <translation>{} von {} Token-Nummern unterscheiden sich: {}</translation>
  </message>
  <message>
   <source>{} offers nothing that can be used under the name {}</source>
   <translation>{} bietet unter dem Namen {} nichts, was sich verwenden lässt</translation>
  </message>
  <message>
   <source>{} redirects to no address</source>
   <translation>{} leitet an keine Adresse weiter</translation>
  </message>
  <message>
   <source>{} redirects to this machine, which was refused</source>
   <translation>{} leitet auf diesen Rechner um; das wurde abgelehnt</translation>
  </message>
  <message>
   <source>{} replaces modules whole: modules_to_save names {}; {} can be replaced here.</source>
   <translation>{} ersetzt ganze Module: modules_to_save nennt {}; ersetzen lassen sich hier {}.</translation>
  </message>
  <message>
   <source>{} replaces {} whole, which a GGUF adapter cannot say.</source>
   <translation>{} ersetzt {} ganz, was ein GGUF-Adapter nicht ausdrücken kann.</translation>
  </message>
  <message>
   <source>{} sent a compressed answer that was not asked for</source>
   <translation>{} schickte eine komprimierte Antwort, um die nicht gebeten wurde</translation>
  </message>
  <message>
   <source>{} sent more than {} bytes</source>
   <translation>{} schickte mehr als {} Bytes</translation>
  </message>
  <message>
   <source>{} since it was downloaded</source>
   <translation>{}, seit sie heruntergeladen wurde</translation>
  </message>
  <message>
   <source>{} stopped at {} of {} bytes: {}</source>
   <translation>{} hielt bei {} von {} Bytes an: {}</translation>
  </message>
  <message>
   <source>{} tokens in the model and {} in the draft</source>
   <translation>{} Tokens im Modell und {} im Entwurf</translation>
  </message>
  <message>
   <source>{} took longer than {} s to answer</source>
   <translation>{} brauchte länger als {} s für die Antwort</translation>
  </message>
  <message>
   <source>{} uses {}, which cannot be used here.</source>
   <translation>{} verwendet {}, was hier nicht geht.</translation>
  </message>
  <message>
   <source>{} was begun with {}, which changed its base model.</source>
   <translation>{} wurde mit {} begonnen, was sein Basismodell geändert hat.</translation>
  </message>
  <message>
   <source>{} was not asked: it is not the hub of the settings</source>
   <translation>{} wurde nicht gefragt: Es ist nicht der Hub der Einstellungen</translation>
  </message>
  <message>
   <source>{} would be asked over {}; only https is used with other machines</source>
   <translation>{} würde über {} gefragt; mit anderen Rechnern wird nur https verwendet</translation>
  </message>
  <message>
   <source>{}: number of tensors is {}; 2 to {} for this base model is expected.</source>
   <translation>{}: Es sind {} Tensoren; 2 bis {} werden für dieses Basismodell erwartet.</translation>
  </message>
  <message>
   <source>{}: tensor {} has dtype {}; allowed are F64, F32, F16, BF16, F8_E4M3, F8_E5M2, integers and BOOL.</source>
   <translation>{}: Der Tensor {} hat den dtype {}; erlaubt sind F64, F32, F16, BF16, F8_E4M3, F8_E5M2, ganze Zahlen und BOOL.</translation>
  </message>
  <message>
   <source>{}: tensor {} has shape {}; {} is expected.</source>
   <translation>{}: Der Tensor {} hat die Form {}; erwartet wird {}.</translation>
  </message>
  <message>
   <source>{}: tensor {} has type {} at byte {}; allowed are the types of GGUF up to {}.</source>
   <translation>{}: Der Tensor {} hat den Typ {} bei Byte {}; erlaubt sind die Typen von GGUF bis {}.</translation>
  </message>
  <message>
   <source>{}: tensor {} has type {}, which cannot be read here; F32, F16, BF16 and the quantized types of GGUF are expected.</source>
   <translation>{}: Der Tensor {} hat den Typ {}, der sich hier nicht lesen lässt; erwartet werden F32, F16, BF16 und die quantisierten Typen von GGUF.</translation>
  </message>
  <message>
   <source>{}: tensor {} has values that are not positive numbers.</source>
   <translation>{}: Der Tensor {} hat Werte, die keine positiven Zahlen sind.</translation>
  </message>
  <message>
   <source>{}: the matrices of {} have rank {}; adapter_config.json says {}.</source>
   <translation>{}: Die Matrizen von {} haben den Rang {}; adapter_config.json sagt {}.</translation>
  </message>
  <message>
   <source>{}: the server announces {} bytes; listed are {}</source>
   <translation>{}: Der Server kündigt {} Bytes an; genannt sind {}</translation>
  </message>
  <message>
   <source>{}: the server redirects in circles</source>
   <translation>{}: Der Server leitet im Kreis um</translation>
  </message>
  <message>
   <source>{}: the server redirects to no address</source>
   <translation>{}: Der Server leitet an keine Adresse um</translation>
  </message>
  <message>
   <source>{}: the server sent a web page instead of the file</source>
   <translation>{}: Der Server schickte eine Webseite statt der Datei</translation>
  </message>
  <message>
   <source>{}: the tokenizer is of kind {}; supported are {}</source>
   <translation>{}: Der Tokenizer ist von der Art {}; unterstützt werden {}</translation>
  </message>
  <message>
   <source>{}: the tokenizer was refused: {}</source>
   <translation>{}: Der Tokenizer wurde abgelehnt: {}</translation>
  </message>
  <message>
   <source>{}: {}</source>
   <translation>{}: {}</translation>
  </message>
  <message>
   <source>{}: {} answered HTTP {}</source>
   <translation>{}: {} antwortete mit HTTP {}</translation>
  </message>
  <message>
   <source>{}: {} refuses access (HTTP {})</source>
   <translation>{}: {} verweigert den Zugriff (HTTP {})</translation>
  </message>
  <message>
   <source>{}: {}.</source>
   <translation>{}: {}.</translation>
  </message>
  <message>
   <source>{}: {}; {} is expected.</source>
   <translation>{}: {}; erwartet wird {}.</translation>
  </message>
 </context>
 <context>
  <name>PresetBar</name>
  <message>
   <source>Discard changes</source>
   <translation>Änderungen verwerfen</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>Exportieren…</translation>
  </message>
  <message>
   <source>Import…</source>
   <translation>Importieren…</translation>
  </message>
  <message>
   <source>No preset</source>
   <translation>Keine Voreinstellung</translation>
  </message>
  <message>
   <source>Preset</source>
   <translation>Voreinstellung</translation>
  </message>
  <message>
   <source>Preset actions</source>
   <translation>Aktionen für Voreinstellungen</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Speichern</translation>
  </message>
  <message>
   <source>Save as…</source>
   <translation>Speichern unter…</translation>
  </message>
  <message>
   <source>Save, import and export presets</source>
   <translation>Voreinstellungen speichern, importieren und exportieren</translation>
  </message>
  <message>
   <source>{} (changed)</source>
   <translation>{} (geändert)</translation>
  </message>
 </context>
 <context>
  <name>PresetCommands</name>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>Export the preset</source>
   <translation>Die Voreinstellung exportieren</translation>
  </message>
  <message>
   <source>Import a preset</source>
   <translation>Eine Voreinstellung importieren</translation>
  </message>
  <message>
   <source>Name of the preset</source>
   <translation>Name der Voreinstellung</translation>
  </message>
  <message>
   <source>Presets ({})</source>
   <translation>Voreinstellungen ({})</translation>
  </message>
  <message>
   <source>Save preset</source>
   <translation>Voreinstellung speichern</translation>
  </message>
  <message>
   <source>preset</source>
   <translation>Voreinstellung</translation>
  </message>
 </context>
 <context>
  <name>Rail</name>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Chats</source>
   <translation>Unterhaltungen</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
 </context>
 <context>
  <name>Remedies</name>
  <message>
   <source>Choose a model</source>
   <translation>Ein Modell wählen</translation>
  </message>
  <message>
   <source>Choose another model</source>
   <translation>Ein anderes Modell wählen</translation>
  </message>
  <message>
   <source>Edit the message</source>
   <translation>Die Nachricht bearbeiten</translation>
  </message>
  <message>
   <source>Free space…</source>
   <translation>Platz schaffen…</translation>
  </message>
  <message>
   <source>Leave out oldest messages</source>
   <translation>Älteste Nachrichten weglassen</translation>
  </message>
  <message>
   <source>Less memory…</source>
   <translation>Weniger Speicher…</translation>
  </message>
  <message>
   <source>Longer context…</source>
   <translation>Längerer Kontext…</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>Neu erzeugen</translation>
  </message>
  <message>
   <source>Show adapters</source>
   <translation>Adapter zeigen</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>Show log</source>
   <translation>Protokoll zeigen</translation>
  </message>
  <message>
   <source>Show template</source>
   <translation>Vorlage zeigen</translation>
  </message>
  <message>
   <source>Use built-in template</source>
   <translation>Eingebaute Vorlage verwenden</translation>
  </message>
 </context>
 <context>
  <name>RightPanel</name>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Changed from workspace ({})</source>
   <translation>Abweichend vom Arbeitsbereich ({})</translation>
  </message>
  <message>
   <source>Changes apply to</source>
   <translation>Gilt für</translation>
  </message>
  <message>
   <source>Changes apply to the whole app</source>
   <translation>Gilt für die ganze App</translation>
  </message>
  <message>
   <source>Changes apply to this chat</source>
   <translation>Gilt für diese Unterhaltung</translation>
  </message>
  <message>
   <source>Changes apply to workspace {}</source>
   <translation>Gilt für Arbeitsbereich {}</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close the panel</source>
   <translation>Den Bereich schließen</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>Notes</source>
   <translation>Notizen</translation>
  </message>
  <message>
   <source>Reset to workspace</source>
   <translation>Auf den Arbeitsbereich zurücksetzen</translation>
  </message>
  <message>
   <source>Sampling</source>
   <translation>Sampling</translation>
  </message>
  <message>
   <source>Settings of the chat</source>
   <translation>Einstellungen der Unterhaltung</translation>
  </message>
  <message>
   <source>Speculation</source>
   <translation>Spekulation</translation>
  </message>
  <message>
   <source>System</source>
   <translation>System</translation>
  </message>
  <message>
   <source>Tokens</source>
   <translation>Tokens</translation>
  </message>
 </context>
 <context>
  <name>RunningWork</name>
  <message numerus="yes">
   <source>%Ln chats are being answered</source>
   <translation>
    <numerusform>%Ln Unterhaltung wird beantwortet</numerusform>
    <numerusform>%Ln Unterhaltungen werden beantwortet</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln downloads are running</source>
   <translation>
    <numerusform>%Ln Download läuft</numerusform>
    <numerusform>%Ln Downloads laufen</numerusform>
   </translation>
  </message>
  <message>
   <source>1 training is running</source>
   <translation>1 Training läuft</translation>
  </message>
  <message>
   <source>Downloads keep what has arrived and can be resumed.</source>
   <translation>Downloads behalten, was angekommen ist, und lassen sich fortsetzen.</translation>
  </message>
  <message>
   <source>The text of the replies so far is kept; each can be continued later.</source>
   <translation>Der bisherige Text der Antworten bleibt erhalten; jede lässt sich später fortsetzen.</translation>
  </message>
  <message>
   <source>The training is paused and can be resumed.</source>
   <translation>Das Training wird angehalten und lässt sich fortsetzen.</translation>
  </message>
 </context>
 <context>
  <name>ScopeBadge</name>
  <message>
   <source>set in: {}</source>
   <translation>gesetzt in: {}</translation>
  </message>
 </context>
 <context>
  <name>SettingPages</name>
  <message>
   <source>About</source>
   <translation>Über</translation>
  </message>
  <message>
   <source>Appearance</source>
   <translation>Aussehen</translation>
  </message>
  <message>
   <source>Chat</source>
   <translation>Unterhaltung</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>Engine</translation>
  </message>
  <message>
   <source>General</source>
   <translation>Allgemein</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Netzwerk</translation>
  </message>
  <message>
   <source>Pages of the settings</source>
   <translation>Seiten der Einstellungen</translation>
  </message>
  <message>
   <source>Shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>Storage</source>
   <translation>Speicherplatz</translation>
  </message>
 </context>
 <context>
  <name>Settings</name>
  <message>
   <source>0 is off.</source>
   <translation>0 ist aus.</translation>
  </message>
  <message>
   <source>0 is off; 0.8 is usual</source>
   <translation>0 ist aus; 0,8 ist üblich</translation>
  </message>
  <message>
   <source>0 is off; the likeliest choices are dropped this often</source>
   <translation>0 ist aus; so oft fallen die wahrscheinlichsten weg</translation>
  </message>
  <message>
   <source>0 keeps all tokens.</source>
   <translation>0 behält alle Tokens.</translation>
  </message>
  <message>
   <source>0 keeps all tokens. Suits high temperatures better than top p.</source>
   <translation>0 behält alle Tokens. Passt besser zu hohen Temperaturen als Top p.</translation>
  </message>
  <message>
   <source>0 reports the probability of the chosen token alone. The text does not depend on it.</source>
   <translation>0 meldet nur die Wahrscheinlichkeit des gewählten Tokens. Der Text hängt nicht davon ab.</translation>
  </message>
  <message>
   <source>0 takes the likeliest token; higher is more varied</source>
   <translation>0 nimmt das wahrscheinlichste Token; höher ist abwechslungsreicher</translation>
  </message>
  <message>
   <source>1 is off; higher avoids what was said already</source>
   <translation>1 ist aus; höher vermeidet, was schon gesagt wurde</translation>
  </message>
  <message>
   <source>1 keeps all tokens.</source>
   <translation>1 behält alle Tokens.</translation>
  </message>
  <message>
   <source>A model that has been loaded once is then loaded in a part of the time. What was used longest ago goes first. Storage and backups shows what they take and removes them.</source>
   <translation>Ein Modell, das einmal geladen war, lädt dann in einem Bruchteil der Zeit. Was am längsten nicht gebraucht wurde, weicht zuerst. „Speicherplatz und Sicherungen“ zeigt, wie viel sie belegen, und entfernt sie.</translation>
  </message>
  <message>
   <source>A new version of the reply that goes on from this token</source>
   <translation>Eine neue Fassung der Antwort, die bei diesem Token weitergeht</translation>
  </message>
  <message>
   <source>A reply ends after so many tokens</source>
   <translation>Eine Antwort endet nach so vielen Tokens</translation>
  </message>
  <message>
   <source>A smaller model with the same vocabulary; empty takes the model's own</source>
   <translation>Ein kleineres Modell mit demselben Vokabular; leer nimmt das eigene des Modells</translation>
  </message>
  <message>
   <source>About {}</source>
   <translation>Über {}</translation>
  </message>
  <message>
   <source>Accepted {} of {} draft tokens ({} %)</source>
   <translation>{} von {} Entwurfstokens angenommen ({} %)</translation>
  </message>
  <message>
   <source>Address of an HTTP proxy; empty connects directly</source>
   <translation>Adresse eines HTTP-Proxys; leer verbindet direkt</translation>
  </message>
  <message>
   <source>All of them share one memory for the context; none has a fixed part of it.</source>
   <translation>Alle teilen sich einen Speicher für den Kontext; keine hat einen festen Teil davon.</translation>
  </message>
  <message>
   <source>Allowed length</source>
   <translation>Erlaubte Länge</translation>
  </message>
  <message>
   <source>Also likely there:</source>
   <translation>Dort auch wahrscheinlich:</translation>
  </message>
  <message>
   <source>Alt+Up and Alt+Down move a filter. The mask of a schema or grammar comes first.</source>
   <translation>Alt+Auf und Alt+Ab verschieben einen Filter. Die Maske eines Schemas oder einer Grammatik kommt zuerst.</translation>
  </message>
  <message>
   <source>Alternatives of the token</source>
   <translation>Alternativen des Tokens</translation>
  </message>
  <message>
   <source>Appearance</source>
   <translation>Aussehen</translation>
  </message>
  <message>
   <source>Apple GPU</source>
   <translation>Apple-GPU</translation>
  </message>
  <message>
   <source>As computed</source>
   <translation>Wie berechnet</translation>
  </message>
  <message>
   <source>As far as memory allows. A longer context takes more memory for keys and values.</source>
   <translation>Soweit der Speicher reicht. Ein längerer Kontext braucht mehr Speicher für Keys und Values.</translation>
  </message>
  <message>
   <source>As the language</source>
   <translation>Wie die Sprache</translation>
  </message>
  <message>
   <source>As the model does</source>
   <translation>Wie das Modell es hält</translation>
  </message>
  <message>
   <source>Ask</source>
   <translation>Fragen</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>Automatic takes the draft model if one is loaded, else n-grams, and stops drafting while it does not pay. The running reply changes at once.</source>
   <translation>„Automatisch“ nimmt das Entwurfsmodell, wenn eines geladen ist, sonst n-Gramme, und hört mit Entwürfen auf, solange sie sich nicht lohnen. Die laufende Antwort ändert sich sofort.</translation>
  </message>
  <message>
   <source>Automatic takes the physical cores</source>
   <translation>„Automatisch“ nimmt die physischen Kerne</translation>
  </message>
  <message>
   <source>Breakers</source>
   <translation>Trenner</translation>
  </message>
  <message>
   <source>CPU</source>
   <translation>CPU</translation>
  </message>
  <message>
   <source>CPU threads</source>
   <translation>CPU-Threads</translation>
  </message>
  <message>
   <source>CUDA or ROCm</source>
   <translation>CUDA oder ROCm</translation>
  </message>
  <message>
   <source>Changes speed only, never the text.</source>
   <translation>Ändert nur das Tempo, nie den Text.</translation>
  </message>
  <message>
   <source>Chat</source>
   <translation>Unterhaltung</translation>
  </message>
  <message>
   <source>Chats that are computed together; more of them wait in line</source>
   <translation>Unterhaltungen, die zusammen berechnet werden; weitere warten</translation>
  </message>
  <message>
   <source>Check of the form</source>
   <translation>Prüfung der Form</translation>
  </message>
  <message>
   <source>Checked as soon as a model is loaded.</source>
   <translation>Wird geprüft, sobald ein Modell geladen ist.</translation>
  </message>
  <message>
   <source>Checking…</source>
   <translation>Wird geprüft…</translation>
  </message>
  <message>
   <source>Choice of tokens</source>
   <translation>Auswahl der Tokens</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Wählen…</translation>
  </message>
  <message>
   <source>Closing the window</source>
   <translation>Schließen des Fensters</translation>
  </message>
  <message>
   <source>Colours of the window</source>
   <translation>Farben des Fensters</translation>
  </message>
  <message>
   <source>Comfortable</source>
   <translation>Bequem</translation>
  </message>
  <message>
   <source>Compact</source>
   <translation>Kompakt</translation>
  </message>
  <message>
   <source>Context length</source>
   <translation>Kontextlänge</translation>
  </message>
  <message>
   <source>Continue from this</source>
   <translation>Von hier fortsetzen</translation>
  </message>
  <message>
   <source>Counted in standard deviations of all logits. 0 keeps all tokens.</source>
   <translation>Gezählt in Standardabweichungen aller Logits. 0 behält alle Tokens.</translation>
  </message>
  <message>
   <source>Ctrl+Enter</source>
   <translation>Strg+Eingabe</translation>
  </message>
  <message>
   <source>DRY</source>
   <translation>DRY</translation>
  </message>
  <message>
   <source>DRY: repeated passages</source>
   <translation>DRY: wiederholte Passagen</translation>
  </message>
  <message>
   <source>Dark</source>
   <translation>Dunkel</translation>
  </message>
  <message>
   <source>Density</source>
   <translation>Dichte</translation>
  </message>
  <message>
   <source>Deutsch</source>
   <translation>Deutsch</translation>
  </message>
  <message>
   <source>Device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <source>Disk space for weights as the processor reads them; 0 keeps none</source>
   <translation>Speicherplatz für Gewichte, wie der Prozessor sie liest; 0 behält keine</translation>
  </message>
  <message>
   <source>Divides the logits before they become probabilities. At 0 the filters that drop tokens are not used; penalties, DRY and token bias still are.</source>
   <translation>Teilt die Logits, bevor sie zu Wahrscheinlichkeiten werden. Bei 0 werden die Filter, die Tokens weglassen, nicht verwendet; Abzüge, DRY und Token-Gewichtung weiterhin.</translation>
  </message>
  <message>
   <source>Divides the positive logits of tokens that the prompt or the reply has, and multiplies the negative ones.</source>
   <translation>Teilt die positiven Logits von Tokens, die im Prompt oder in der Antwort stehen, und vervielfacht die negativen.</translation>
  </message>
  <message>
   <source>Dotted: the draft proposed them.</source>
   <translation>Gepunktet: vom Entwurf vorgeschlagen.</translation>
  </message>
  <message>
   <source>Draft model</source>
   <translation>Entwurfsmodell</translation>
  </message>
  <message>
   <source>Draft model of its own</source>
   <translation>Eigenes Entwurfsmodell</translation>
  </message>
  <message>
   <source>Drafting is off.</source>
   <translation>Entwürfe sind aus.</translation>
  </message>
  <message>
   <source>Drafts</source>
   <translation>Entwürfe</translation>
  </message>
  <message>
   <source>Drop logits this many deviations below the best</source>
   <translation>Logits weglassen, die so viele Abweichungen unter dem besten liegen</translation>
  </message>
  <message>
   <source>Drop tokens below this part of the best one's probability</source>
   <translation>Tokens unter diesem Teil der höchsten Wahrscheinlichkeit weglassen</translation>
  </message>
  <message>
   <source>Enforced token by token</source>
   <translation>Token für Token erzwungen</translation>
  </message>
  <message>
   <source>English</source>
   <translation>English</translation>
  </message>
  <message>
   <source>Enter</source>
   <translation>Eingabe</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Expand thinking</source>
   <translation>Gedanken aufklappen</translation>
  </message>
  <message>
   <source>Fewer settings</source>
   <translation>Weniger Einstellungen</translation>
  </message>
  <message>
   <source>First on top; a filter that is not ticked is off</source>
   <translation>Der erste steht oben; ein Filter ohne Häkchen ist aus</translation>
  </message>
  <message>
   <source>Follow the system</source>
   <translation>Wie das System</translation>
  </message>
  <message>
   <source>For measurements: a reply then ends by its length only.</source>
   <translation>Für Messungen: eine Antwort endet dann nur durch ihre Länge.</translation>
  </message>
  <message>
   <source>For the next model that is loaded.</source>
   <translation>Für das nächste geladene Modell.</translation>
  </message>
  <message>
   <source>Form of the reply</source>
   <translation>Form der Antwort</translation>
  </message>
  <message>
   <source>Free text</source>
   <translation>Freier Text</translation>
  </message>
  <message>
   <source>Frequency penalty</source>
   <translation>Häufigkeitsabzug</translation>
  </message>
  <message>
   <source>From -1,000 (never) to 1,000 (always). “realm-desktop tokenize” tells the ids of a text.</source>
   <translation>Von -1.000 (nie) bis 1.000 (immer). „realm-desktop tokenize“ nennt die IDs eines Textes.</translation>
  </message>
  <message>
   <source>From probability</source>
   <translation>Ab Wahrscheinlichkeit</translation>
  </message>
  <message>
   <source>From right to left</source>
   <translation>Von rechts nach links</translation>
  </message>
  <message>
   <source>GB</source>
   <translation>GB</translation>
  </message>
  <message>
   <source>General</source>
   <translation>Allgemein</translation>
  </message>
  <message>
   <source>Go on past the end</source>
   <translation>Über das Ende hinaus</translation>
  </message>
  <message>
   <source>Growth</source>
   <translation>Wachstum</translation>
  </message>
  <message>
   <source>High contrast</source>
   <translation>Hoher Kontrast</translation>
  </message>
  <message>
   <source>How close rows and messages stand</source>
   <translation>Wie eng Zeilen und Nachrichten stehen</translation>
  </message>
  <message>
   <source>How far repetitions are looked for</source>
   <translation>Wie weit zurück nach Wiederholungen gesucht wird</translation>
  </message>
  <message>
   <source>How often</source>
   <translation>Wie oft</translation>
  </message>
  <message>
   <source>How the context is kept in memory</source>
   <translation>Wie der Kontext im Speicher liegt</translation>
  </message>
  <message>
   <source>How the penalty grows with each repeated token</source>
   <translation>Wie der Abzug mit jedem wiederholten Token wächst</translation>
  </message>
  <message>
   <source>Hub</source>
   <translation>Hub</translation>
  </message>
  <message>
   <source>Ignore the model's own end of a reply</source>
   <translation>Das eigene Ende des Modells übergehen</translation>
  </message>
  <message>
   <source>In the background, an icon in the system's tray says what goes on and brings the window back. A desktop without a tray asks in its place.</source>
   <translation>Im Hintergrund sagt ein Symbol im Infobereich des Systems, was läuft, und holt das Fenster zurück. Wo es keinen Infobereich gibt, wird stattdessen gefragt.</translation>
  </message>
  <message>
   <source>Intel GPU</source>
   <translation>Intel-GPU</translation>
  </message>
  <message>
   <source>JSON Schema (2020-12), regular expression, or Lark grammar</source>
   <translation>JSON-Schema (2020-12), regulärer Ausdruck oder Lark-Grammatik</translation>
  </message>
  <message>
   <source>JSON of a schema</source>
   <translation>JSON nach einem Schema</translation>
  </message>
  <message>
   <source>Keep packed weights</source>
   <translation>Gepackte Gewichte behalten</translation>
  </message>
  <message>
   <source>Keep running in the background</source>
   <translation>Im Hintergrund weiterlaufen</translation>
  </message>
  <message>
   <source>Keep so many of the likeliest tokens</source>
   <translation>So viele der wahrscheinlichsten Tokens behalten</translation>
  </message>
  <message>
   <source>Keep the likeliest other tokens of new replies, for the Tokens page</source>
   <translation>Die wahrscheinlichsten anderen Tokens neuer Antworten behalten, für die Seite Tokens</translation>
  </message>
  <message>
   <source>Keep the smallest set with this probability</source>
   <translation>Die kleinste Menge mit dieser Wahrscheinlichkeit behalten</translation>
  </message>
  <message>
   <source>Keep the tokens of most typical surprise</source>
   <translation>Die Tokens mit der typischsten Überraschung behalten</translation>
  </message>
  <message>
   <source>Keeps tokens whose surprise is nearest to the average, with this probability together. 1 keeps all.</source>
   <translation>Behält Tokens, deren Überraschung dem Mittel am nächsten ist, mit zusammen dieser Wahrscheinlichkeit. 1 behält alle.</translation>
  </message>
  <message>
   <source>Keys and values</source>
   <translation>Keys und Values</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Sprache</translation>
  </message>
  <message>
   <source>Layout direction</source>
   <translation>Laufrichtung</translation>
  </message>
  <message>
   <source>Length and seed</source>
   <translation>Länge und Startwert</translation>
  </message>
  <message>
   <source>Light</source>
   <translation>Hell</translation>
  </message>
  <message>
   <source>List what LM Studio, Jan, Ollama and Hugging Face have, in place</source>
   <translation>Auflisten, was LM Studio, Jan, Ollama und Hugging Face haben, an Ort und Stelle</translation>
  </message>
  <message>
   <source>Load the last model at start</source>
   <translation>Letztes Modell beim Start laden</translation>
  </message>
  <message>
   <source>Loaded together with the model; both count in its memory.</source>
   <translation>Wird zusammen mit dem Modell geladen; beide zählen zu seinem Speicher.</translation>
  </message>
  <message>
   <source>Loading</source>
   <translation>Laden</translation>
  </message>
  <message>
   <source>Longest conversation; automatic takes the model's own</source>
   <translation>Längste Unterhaltung; „Automatisch“ nimmt die des Modells</translation>
  </message>
  <message>
   <source>Longest draft</source>
   <translation>Längster Entwurf</translation>
  </message>
  <message>
   <source>Longest reply</source>
   <translation>Längste Antwort</translation>
  </message>
  <message>
   <source>Look back</source>
   <translation>Rückblick</translation>
  </message>
  <message>
   <source>Look for updates</source>
   <translation>Nach Updates suchen</translation>
  </message>
  <message>
   <source>Match of a pattern</source>
   <translation>Treffer eines Musters</translation>
  </message>
  <message>
   <source>Messages follow the direction of their own text, and code runs from left to right.</source>
   <translation>Nachrichten folgen der Richtung ihres Textes, und Code läuft von links nach rechts.</translation>
  </message>
  <message>
   <source>Messages take the whole width of their pane</source>
   <translation>Nachrichten nehmen die ganze Breite ihres Bereichs ein</translation>
  </message>
  <message>
   <source>Min p</source>
   <translation>Min p</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>Models answer in the language they are asked in, whatever is chosen here.</source>
   <translation>Modelle antworten in der Sprache, in der sie gefragt werden, was immer hier gewählt ist.</translation>
  </message>
  <message>
   <source>Models of other programs</source>
   <translation>Modelle anderer Programme</translation>
  </message>
  <message>
   <source>Models that think take longer and answer hard questions better. A model whose chat template has no switch for it is not changed by this.</source>
   <translation>Modelle, die nachdenken, brauchen länger und beantworten schwere Fragen besser. Ein Modell, dessen Chat-Vorlage dafür keinen Schalter hat, ändert sich dadurch nicht.</translation>
  </message>
  <message>
   <source>More settings</source>
   <translation>Weitere Einstellungen</translation>
  </message>
  <message>
   <source>Move down (Alt+Down)</source>
   <translation>Nach unten (Alt+Ab)</translation>
  </message>
  <message>
   <source>Move the filter down</source>
   <translation>Den Filter nach unten schieben</translation>
  </message>
  <message>
   <source>Move the filter up</source>
   <translation>Den Filter nach oben schieben</translation>
  </message>
  <message>
   <source>Move up (Alt+Up)</source>
   <translation>Nach oben (Alt+Auf)</translation>
  </message>
  <message>
   <source>Network</source>
   <translation>Netzwerk</translation>
  </message>
  <message>
   <source>New seed for each reply</source>
   <translation>Neuer Startwert für jede Antwort</translation>
  </message>
  <message>
   <source>No draft in this chat so far.</source>
   <translation>Noch kein Entwurf in dieser Unterhaltung.</translation>
  </message>
  <message>
   <source>No draft model is loaded, so replies are refused. Choose one below.</source>
   <translation>Kein Entwurfsmodell ist geladen, darum werden Antworten abgelehnt. Unten eines wählen.</translation>
  </message>
  <message>
   <source>No limit</source>
   <translation>Keine Grenze</translation>
  </message>
  <message>
   <source>No other machine is asked for anything</source>
   <translation>Kein anderer Rechner wird nach etwas gefragt</translation>
  </message>
  <message>
   <source>Nothing turns or slides</source>
   <translation>Nichts dreht oder schiebt sich</translation>
  </message>
  <message>
   <source>Of the window; takes effect at the next start</source>
   <translation>Des Fensters; gilt ab dem nächsten Start</translation>
  </message>
  <message>
   <source>Off</source>
   <translation>Aus</translation>
  </message>
  <message>
   <source>Off: every reply uses the seed above</source>
   <translation>Aus: jede Antwort verwendet den Startwert darüber</translation>
  </message>
  <message>
   <source>Offline</source>
   <translation>Offline</translation>
  </message>
  <message>
   <source>On</source>
   <translation>An</translation>
  </message>
  <message>
   <source>Once a day at the start; nothing is downloaded or installed by itself</source>
   <translation>Einmal am Tag beim Start; nichts wird von selbst geladen oder installiert</translation>
  </message>
  <message>
   <source>One a line: token id, space, number added to its logit</source>
   <translation>Je Zeile: Token-ID, Leerzeichen, Zahl zu seinem Logit</translation>
  </message>
  <message>
   <source>One a line; a reply ends before the first it meets</source>
   <translation>Eine je Zeile; eine Antwort endet vor der ersten, die vorkommt</translation>
  </message>
  <message>
   <source>One a line; no repetition is counted across them</source>
   <translation>Einer je Zeile; über sie hinweg zählt keine Wiederholung</translation>
  </message>
  <message>
   <source>Order of the filters</source>
   <translation>Reihenfolge der Filter</translation>
  </message>
  <message>
   <source>Otherwise lines end where they are still easy to read; wide tables and code then scroll.</source>
   <translation>Sonst enden Zeilen dort, wo sie sich noch gut lesen lassen; breite Tabellen und Quelltext lassen sich dann verschieben.</translation>
  </message>
  <message>
   <source>Otherwise the window starts without a model</source>
   <translation>Sonst startet das Fenster ohne Modell</translation>
  </message>
  <message>
   <source>Penalties</source>
   <translation>Abzüge</translation>
  </message>
  <message>
   <source>Presence penalty</source>
   <translation>Anwesenheitsabzug</translation>
  </message>
  <message>
   <source>Proxy</source>
   <translation>Proxy</translation>
  </message>
  <message>
   <source>Reduced motion</source>
   <translation>Weniger Bewegung</translation>
  </message>
  <message>
   <source>Reload to apply</source>
   <translation>Zum Anwenden neu laden</translation>
  </message>
  <message>
   <source>Repetition penalty</source>
   <translation>Wiederholungsabzug</translation>
  </message>
  <message>
   <source>Replies at once</source>
   <translation>Antworten zugleich</translation>
  </message>
  <message>
   <source>Reset</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <source>Reset {}</source>
   <translation>{} zurücksetzen</translation>
  </message>
  <message>
   <source>Schema, pattern or grammar</source>
   <translation>Schema, Muster oder Grammatik</translation>
  </message>
  <message>
   <source>Seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <source>Send with</source>
   <translation>Senden mit</translation>
  </message>
  <message>
   <source>Set “Token alternatives” to see the tokens of new replies.</source>
   <translation>„Token-Alternativen“ setzen, um die Tokens neuer Antworten zu sehen.</translation>
  </message>
  <message>
   <source>Shorter repetitions cost nothing</source>
   <translation>Kürzere Wiederholungen kosten nichts</translation>
  </message>
  <message>
   <source>Shows what a reply thought before it answered, and not only for how long</source>
   <translation>Zeigt, was vor einer Antwort gedacht wurde, und nicht nur, wie lange</translation>
  </message>
  <message>
   <source>Single tokens and order</source>
   <translation>Einzelne Tokens und Reihenfolge</translation>
  </message>
  <message>
   <source>Size of text and rows</source>
   <translation>Größe von Text und Zeilen</translation>
  </message>
  <message>
   <source>Size of the penalty for a token that would prolong a repeated passage.</source>
   <translation>Höhe des Abzugs für ein Token, das eine wiederholte Passage verlängern würde.</translation>
  </message>
  <message>
   <source>Speculation</source>
   <translation>Spekulation</translation>
  </message>
  <message>
   <source>Stands before the conversation, from the next message on</source>
   <translation>Steht vor der Unterhaltung, ab der nächsten Nachricht</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>Start</translation>
  </message>
  <message>
   <source>Stop and quit</source>
   <translation>Stoppen und beenden</translation>
  </message>
  <message>
   <source>Stop strings</source>
   <translation>Stoppzeichenfolgen</translation>
  </message>
  <message>
   <source>Strength</source>
   <translation>Stärke</translation>
  </message>
  <message>
   <source>Subtracted each time the reply has a token</source>
   <translation>Wird bei jedem Vorkommen eines Tokens in der Antwort abgezogen</translation>
  </message>
  <message>
   <source>Subtracted once for a token the reply has</source>
   <translation>Wird einmal für ein Token abgezogen, das die Antwort hat</translation>
  </message>
  <message>
   <source>System prompt</source>
   <translation>System-Prompt</translation>
  </message>
  <message>
   <source>Take the draft model that lies beside a model and bears its name</source>
   <translation>Das Entwurfsmodell nehmen, das neben einem Modell liegt und dessen Namen trägt</translation>
  </message>
  <message>
   <source>Temperature</source>
   <translation>Temperatur</translation>
  </message>
  <message>
   <source>Text of a grammar</source>
   <translation>Text einer Grammatik</translation>
  </message>
  <message>
   <source>The engine can enforce this form.</source>
   <translation>Die Engine kann diese Form erzwingen.</translation>
  </message>
  <message>
   <source>The least likely of them stays. Above 0.5 nothing is dropped.</source>
   <translation>Das unwahrscheinlichste davon bleibt. Über 0,5 fällt nichts weg.</translation>
  </message>
  <message>
   <source>The loaded model has these values.</source>
   <translation>Das geladene Modell hat diese Werte.</translation>
  </message>
  <message>
   <source>The loaded model still has other values.</source>
   <translation>Das geladene Modell hat noch andere Werte.</translation>
  </message>
  <message>
   <source>The next reply will have its tokens here.</source>
   <translation>Die nächste Antwort hat hier ihre Tokens.</translation>
  </message>
  <message>
   <source>The one of name.gguf is name-draft.gguf. The starter model has one. It changes the speed of replies, never their text.</source>
   <translation>Zu name.gguf gehört name-draft.gguf. Das Startermodell hat eines. Es ändert das Tempo der Antworten, nie ihren Text.</translation>
  </message>
  <message>
   <source>The other key, or Shift+Enter, begins a new line</source>
   <translation>Die andere Taste oder Umschalt+Eingabe beginnt eine neue Zeile</translation>
  </message>
  <message>
   <source>The reply must be</source>
   <translation>Die Antwort muss sein</translation>
  </message>
  <message>
   <source>The same seed gives the same text, whatever else runs</source>
   <translation>Derselbe Startwert ergibt denselben Text, was auch sonst läuft</translation>
  </message>
  <message>
   <source>Theme</source>
   <translation>Farbschema</translation>
  </message>
  <message>
   <source>Thinking</source>
   <translation>Nachdenken</translation>
  </message>
  <message>
   <source>Token alternatives</source>
   <translation>Token-Alternativen</translation>
  </message>
  <message>
   <source>Token bias</source>
   <translation>Token-Gewichtung</translation>
  </message>
  <message>
   <source>Token {}</source>
   <translation>Token {}</translation>
  </message>
  <message>
   <source>Tokens from here on count as likely choices</source>
   <translation>Tokens ab hier gelten als wahrscheinlich</translation>
  </message>
  <message>
   <source>Tokens of the chosen reply, with their probability.</source>
   <translation>Tokens der gewählten Antwort mit ihrer Wahrscheinlichkeit.</translation>
  </message>
  <message>
   <source>Tokens of the last reply, with their probability.</source>
   <translation>Tokens der letzten Antwort mit ihrer Wahrscheinlichkeit.</translation>
  </message>
  <message>
   <source>Tokens of the reply</source>
   <translation>Tokens der Antwort</translation>
  </message>
  <message>
   <source>Tokens that one step may try at once</source>
   <translation>Tokens, die ein Schritt auf einmal versuchen darf</translation>
  </message>
  <message>
   <source>Top k</source>
   <translation>Top k</translation>
  </message>
  <message>
   <source>Top n sigma</source>
   <translation>Top n Sigma</translation>
  </message>
  <message>
   <source>Top p</source>
   <translation>Top p</translation>
  </message>
  <message>
   <source>Typical p</source>
   <translation>Typical p</translation>
  </message>
  <message>
   <source>Use n-gram</source>
   <translation>n-Gramme verwenden</translation>
  </message>
  <message>
   <source>Used while “New seed for each reply” is off. Every reply keeps the seed it was made with.</source>
   <translation>Wird verwendet, solange „Neuer Startwert für jede Antwort“ aus ist. Jede Antwort behält den Startwert, mit dem sie entstand.</translation>
  </message>
  <message>
   <source>What cannot be enforced is refused with its place, never ignored.</source>
   <translation>Was nicht erzwungen werden kann, wird mit seiner Stelle abgelehnt, nie übergangen.</translation>
  </message>
  <message>
   <source>What drafting brings</source>
   <translation>Was Entwürfe bringen</translation>
  </message>
  <message>
   <source>Where guesses at the next tokens come from</source>
   <translation>Woher Vermutungen über die nächsten Tokens kommen</translation>
  </message>
  <message>
   <source>Where models are searched and downloaded, or a mirror of it</source>
   <translation>Wo Modelle gesucht und heruntergeladen werden, oder ein Spiegelserver davon</translation>
  </message>
  <message>
   <source>Where the model computes</source>
   <translation>Wo das Modell rechnet</translation>
  </message>
  <message>
   <source>Whether the model thinks before it answers, where that can be chosen</source>
   <translation>Ob das Modell nachdenkt, bevor es antwortet, wo sich das wählen lässt</translation>
  </message>
  <message>
   <source>Which side the window begins on; takes effect at the next start</source>
   <translation>Auf welcher Seite das Fenster beginnt; gilt ab dem nächsten Start</translation>
  </message>
  <message>
   <source>While replies, downloads or a training are under way</source>
   <translation>Solange Antworten, Downloads oder ein Training laufen</translation>
  </message>
  <message>
   <source>Wide messages</source>
   <translation>Breite Nachrichten</translation>
  </message>
  <message>
   <source>Without the device, the model computes on the CPU and the status bar says why.</source>
   <translation>Fehlt das Gerät, rechnet das Modell auf der CPU, und die Statusleiste sagt, warum.</translation>
  </message>
  <message>
   <source>Write \n for a line break and \t for a tab. At most 16.</source>
   <translation>\n für einen Zeilenumbruch und \t für einen Tabulator schreiben. Höchstens 16.</translation>
  </message>
  <message>
   <source>Write \n for a line break and \t for a tab. At most 32, of 64 characters each.</source>
   <translation>\n für einen Zeilenumbruch und \t für einen Tabulator schreiben. Höchstens 32 mit je 64 Zeichen.</translation>
  </message>
  <message>
   <source>XTC</source>
   <translation>XTC</translation>
  </message>
  <message>
   <source>XTC: unlikely choices</source>
   <translation>XTC: unwahrscheinliche Wahl</translation>
  </message>
  <message>
   <source>Zoom</source>
   <translation>Zoom</translation>
  </message>
  <message>
   <source>accepted draft</source>
   <translation>angenommener Entwurf</translation>
  </message>
  <message>
   <source>app</source>
   <translation>App</translation>
  </message>
  <message>
   <source>chat</source>
   <translation>Unterhaltung</translation>
  </message>
  <message>
   <source>chosen</source>
   <translation>gewählt</translation>
  </message>
  <message>
   <source>control token {}</source>
   <translation>Steuertoken {}</translation>
  </message>
  <message>
   <source>int8</source>
   <translation>int8</translation>
  </message>
  <message>
   <source>int8 takes about half the memory of bfloat16, with a small error.</source>
   <translation>int8 braucht etwa den halben Speicher von bfloat16, mit einem kleinen Fehler.</translation>
  </message>
  <message>
   <source>measured: {} times as fast as without</source>
   <translation>gemessen: {}-mal so schnell wie ohne</translation>
  </message>
  <message>
   <source>n-gram</source>
   <translation>n-Gramm</translation>
  </message>
  <message>
   <source>next draft: {} tokens</source>
   <translation>nächster Entwurf: {} Tokens</translation>
  </message>
  <message>
   <source>tokens</source>
   <translation>Tokens</translation>
  </message>
  <message>
   <source>workspace</source>
   <translation>Arbeitsbereich</translation>
  </message>
  <message>
   <source>{} bits of entropy</source>
   <translation>{} Bit Entropie</translation>
  </message>
  <message>
   <source>{} to {}</source>
   <translation>{} bis {}</translation>
  </message>
 </context>
 <context>
  <name>SettingsDialog</name>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Full</source>
   <translation>Vollständig</translation>
  </message>
  <message>
   <source>Load the model again with these engine settings</source>
   <translation>Das Modell mit diesen Engine-Einstellungen neu laden</translation>
  </message>
  <message>
   <source>No action has these words.</source>
   <translation>Keine Aktion hat diese Wörter.</translation>
  </message>
  <message>
   <source>No setting has these words.</source>
   <translation>Keine Einstellung hat diese Wörter.</translation>
  </message>
  <message>
   <source>Reload model</source>
   <translation>Modell neu laden</translation>
  </message>
  <message>
   <source>Search actions and keys</source>
   <translation>Aktionen und Tasten suchen</translation>
  </message>
  <message>
   <source>Search settings</source>
   <translation>Einstellungen suchen</translation>
  </message>
  <message>
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>Simple</source>
   <translation>Einfach</translation>
  </message>
  <message>
   <source>Simple hides settings that few people change</source>
   <translation>„Einfach“ verbirgt Einstellungen, die wenige ändern</translation>
  </message>
  <message>
   <source>Space, backups, check of the data, trash</source>
   <translation>Platz, Sicherungen, Prüfung der Daten, Papierkorb</translation>
  </message>
  <message>
   <source>Storage…</source>
   <translation>Speicherplatz…</translation>
  </message>
  <message>
   <source>Which settings are shown</source>
   <translation>Welche Einstellungen gezeigt werden</translation>
  </message>
 </context>
 <context>
  <name>ShelfCommands</name>
  <message>
   <source>1 chat moved</source>
   <translation>1 Unterhaltung verschoben</translation>
  </message>
  <message>
   <source>All chats in it are gone then. This cannot be undone.</source>
   <translation>Alle Unterhaltungen darin sind dann weg. Das lässt sich nicht rückgängig machen.</translation>
  </message>
  <message>
   <source>Delete for good</source>
   <translation>Endgültig löschen</translation>
  </message>
  <message>
   <source>Delete {} for good?</source>
   <translation>{} endgültig löschen?</translation>
  </message>
  <message>
   <source>Empty the trash?</source>
   <translation>Den Papierkorb leeren?</translation>
  </message>
  <message>
   <source>Empty trash</source>
   <translation>Papierkorb leeren</translation>
  </message>
  <message>
   <source>Folder {} deleted; its chats stay</source>
   <translation>Ordner {} gelöscht; seine Unterhaltungen bleiben</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>The chat and all its messages are gone then. This cannot be undone.</source>
   <translation>Die Unterhaltung und alle ihre Nachrichten sind dann weg. Das lässt sich nicht rückgängig machen.</translation>
  </message>
  <message>
   <source>{} (branch)</source>
   <translation>{} (Zweig)</translation>
  </message>
  <message>
   <source>{} (copy)</source>
   <translation>{} (Kopie)</translation>
  </message>
 </context>
 <context>
  <name>ShortcutTableModel</name>
  <message>
   <source>Action</source>
   <translation>Aktion</translation>
  </message>
  <message>
   <source>Changed</source>
   <translation>Geändert</translation>
  </message>
  <message>
   <source>Keys</source>
   <translation>Tasten</translation>
  </message>
  <message>
   <source>Menu</source>
   <translation>Menü</translation>
  </message>
 </context>
 <context>
  <name>ShortcutsPage</name>
  <message>
   <source>Choose an action.</source>
   <translation>Eine Aktion wählen.</translation>
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation>Tastenkürzel</translation>
  </message>
  <message>
   <source>New key for “{}”</source>
   <translation>Neue Taste für „{}“</translation>
  </message>
  <message>
   <source>No key</source>
   <translation>Keine Taste</translation>
  </message>
  <message>
   <source>Reset</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <source>Reset all</source>
   <translation>Alle zurücksetzen</translation>
  </message>
  <message>
   <source>Swap</source>
   <translation>Tauschen</translation>
  </message>
  <message>
   <source>This key cannot be changed.</source>
   <translation>Diese Taste lässt sich nicht ändern.</translation>
  </message>
  <message>
   <source>Undo: my keys back</source>
   <translation>Rückgängig: eigene Tasten zurück</translation>
  </message>
  <message>
   <source>{} already means “{}”.</source>
   <translation>{} bedeutet schon „{}“.</translation>
  </message>
 </context>
 <context>
  <name>Sidebar</name>
  <message>
   <source>Branch</source>
   <translation>Abzweigen</translation>
  </message>
  <message>
   <source>Delete folder</source>
   <translation>Ordner löschen</translation>
  </message>
  <message>
   <source>Delete for good…</source>
   <translation>Endgültig löschen…</translation>
  </message>
  <message>
   <source>Delete workspace…</source>
   <translation>Arbeitsbereich löschen…</translation>
  </message>
  <message>
   <source>Drag chats here</source>
   <translation>Unterhaltungen hierher ziehen</translation>
  </message>
  <message>
   <source>Duplicate</source>
   <translation>Duplizieren</translation>
  </message>
  <message>
   <source>Empty the trash</source>
   <translation>Den Papierkorb leeren</translation>
  </message>
  <message>
   <source>Empty…</source>
   <translation>Leeren…</translation>
  </message>
  <message>
   <source>Enter searches the contents too</source>
   <translation>Die Eingabetaste sucht auch in den Inhalten</translation>
  </message>
  <message>
   <source>Export chats…</source>
   <translation>Unterhaltungen exportieren…</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>Exportieren…</translation>
  </message>
  <message>
   <source>Filter titles</source>
   <translation>Titel filtern</translation>
  </message>
  <message>
   <source>Group by date</source>
   <translation>Nach Datum gruppieren</translation>
  </message>
  <message>
   <source>Group by workspace</source>
   <translation>Nach Arbeitsbereich gruppieren</translation>
  </message>
  <message>
   <source>Grouping and workspaces</source>
   <translation>Gruppierung und Arbeitsbereiche</translation>
  </message>
  <message>
   <source>In messages and notes</source>
   <translation>In Nachrichten und Notizen</translation>
  </message>
  <message>
   <source>In no message and no notes. Esc clears the filter.</source>
   <translation>In keiner Nachricht und keinen Notizen. Esc leert den Filter.</translation>
  </message>
  <message>
   <source>In no title. Enter searches texts.</source>
   <translation>In keinem Titel. Eingabe sucht in Texten.</translation>
  </message>
  <message>
   <source>Move to Trash</source>
   <translation>In den Papierkorb</translation>
  </message>
  <message>
   <source>Move to…</source>
   <translation>Verschieben nach…</translation>
  </message>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>New chat here</source>
   <translation>Neue Unterhaltung hier</translation>
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>New workspace…</source>
   <translation>Neuer Arbeitsbereich…</translation>
  </message>
  <message>
   <source>No chats yet.</source>
   <translation>Noch keine Unterhaltungen.</translation>
  </message>
  <message>
   <source>Notes: {}</source>
   <translation>Notizen: {}</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
  <message>
   <source>Pin</source>
   <translation>Anheften</translation>
  </message>
  <message>
   <source>Pinned</source>
   <translation>Angeheftet</translation>
  </message>
  <message>
   <source>Previous 7 days</source>
   <translation>Letzte 7 Tage</translation>
  </message>
  <message>
   <source>Rename</source>
   <translation>Umbenennen</translation>
  </message>
  <message>
   <source>Restore</source>
   <translation>Wiederherstellen</translation>
  </message>
  <message>
   <source>The trash is empty.</source>
   <translation>Der Papierkorb ist leer.</translation>
  </message>
  <message>
   <source>Today</source>
   <translation>Heute</translation>
  </message>
  <message>
   <source>Trash</source>
   <translation>Papierkorb</translation>
  </message>
  <message>
   <source>Trash ({})</source>
   <translation>Papierkorb ({})</translation>
  </message>
  <message>
   <source>Trash, kept for 30 days</source>
   <translation>Papierkorb, 30 Tage aufbewahrt</translation>
  </message>
  <message>
   <source>Unpin</source>
   <translation>Nicht mehr anheften</translation>
  </message>
  <message>
   <source>Workspace settings…</source>
   <translation>Einstellungen des Arbeitsbereichs…</translation>
  </message>
  <message>
   <source>Yesterday</source>
   <translation>Gestern</translation>
  </message>
  <message>
   <source>Your first chat appears here.</source>
   <translation>Hier erscheint die erste Unterhaltung.</translation>
  </message>
 </context>
 <context>
  <name>SidebarDelegate</name>
  <message>
   <source>New title</source>
   <translation>Neuer Titel</translation>
  </message>
 </context>
 <context>
  <name>SidebarList</name>
  <message>
   <source>Chats</source>
   <translation>Unterhaltungen</translation>
  </message>
 </context>
 <context>
  <name>SidebarModel</name>
  <message numerus="yes">
   <source>Folder {}, %Ln chats, {}</source>
   <translation>
    <numerusform>Ordner {}, %Ln Unterhaltung, {}</numerusform>
    <numerusform>Ordner {}, %Ln Unterhaltungen, {}</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>Workspace {}, %Ln chats, {}</source>
   <translation>
    <numerusform>Arbeitsbereich {}, %Ln Unterhaltung, {}</numerusform>
    <numerusform>Arbeitsbereich {}, %Ln Unterhaltungen, {}</numerusform>
   </translation>
  </message>
  <message>
   <source>folded</source>
   <translation>zugeklappt</translation>
  </message>
  <message>
   <source>high priority</source>
   <translation>hohe Priorität</translation>
  </message>
  <message>
   <source>low priority</source>
   <translation>niedrige Priorität</translation>
  </message>
  <message>
   <source>unfolded</source>
   <translation>aufgeklappt</translation>
  </message>
  <message>
   <source>{}, adapters {}</source>
   <translation>{}, Adapter {}</translation>
  </message>
 </context>
 <context>
  <name>StatsLine</name>
  <message>
   <source>%1 s to first token</source>
   <translation>%1 s bis zum ersten Token</translation>
  </message>
  <message>
   <source>%1 tok/s</source>
   <translation>%1 Tok/s</translation>
  </message>
  <message>
   <source>%1, %2×</source>
   <translation>%1, %2×</translation>
  </message>
  <message numerus="yes">
   <source>%Ln oldest messages left out</source>
   <translation>
    <numerusform>%Ln älteste Nachricht weggelassen</numerusform>
    <numerusform>%Ln älteste Nachrichten weggelassen</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln tokens</source>
   <translation>
    <numerusform>%Ln Token</numerusform>
    <numerusform>%Ln Tokens</numerusform>
   </translation>
  </message>
  <message>
   <source>An adapter can learn from it: Adapters, Train…</source>
   <translation>Ein Adapter kann daraus lernen: Adapter, Trainieren…</translation>
  </message>
  <message>
   <source>Behind it, how many times as fast the reply was for it.</source>
   <translation>Dahinter, wievielmal so schnell die Antwort dadurch war.</translation>
  </message>
  <message>
   <source>From the request to the first token, waiting included.</source>
   <translation>Von der Anfrage bis zum ersten Token, Wartezeit eingeschlossen.</translation>
  </message>
  <message>
   <source>Guessed tokens that the model would have chosen too.</source>
   <translation>Vermutete Tokens, die auch das Modell gewählt hätte.</translation>
  </message>
  <message>
   <source>Length of the reply.</source>
   <translation>Länge der Antwort.</translation>
  </message>
  <message>
   <source>Prompt tokens that did not have to be computed again.</source>
   <translation>Prompt-Tokens, die nicht noch einmal berechnet werden mussten.</translation>
  </message>
  <message>
   <source>The adapter and the weight that this reply was made with.</source>
   <translation>Adapter und Gewicht, mit denen diese Antwort entstand.</translation>
  </message>
  <message>
   <source>The longest reply allowed was reached; Continue goes on.</source>
   <translation>Die erlaubte Länge ist erreicht; „Fortsetzen“ schreibt weiter.</translation>
  </message>
  <message>
   <source>The model did not read them; they stay in the chat.</source>
   <translation>Das Modell hat sie nicht gelesen; sie bleiben in der Unterhaltung.</translation>
  </message>
  <message>
   <source>The model ended its reply.</source>
   <translation>Das Modell hat seine Antwort beendet.</translation>
  </message>
  <message>
   <source>Tokens per second after the first one.</source>
   <translation>Tokens je Sekunde nach dem ersten.</translation>
  </message>
  <message>
   <source>You changed the text of this reply.</source>
   <translation>Der Text dieser Antwort wurde geändert.</translation>
  </message>
  <message>
   <source>You stopped this reply.</source>
   <translation>Diese Antwort wurde angehalten.</translation>
  </message>
  <message>
   <source>draft %1 % accepted</source>
   <translation>Entwurf %1 % angenommen</translation>
  </message>
  <message>
   <source>edited</source>
   <translation>bearbeitet</translation>
  </message>
  <message>
   <source>reused %1</source>
   <translation>%1 wiederverwendet</translation>
  </message>
  <message>
   <source>stop: by you</source>
   <translation>Ende: angehalten</translation>
  </message>
  <message>
   <source>stop: end</source>
   <translation>Ende: fertig</translation>
  </message>
  <message>
   <source>stop: length</source>
   <translation>Ende: Länge</translation>
  </message>
  <message>
   <source>★ starred</source>
   <translation>★ mit Stern</translation>
  </message>
 </context>
 <context>
  <name>StatusBar</name>
  <message numerus="yes">
   <source>%Ln chats generating in the background</source>
   <translation>
    <numerusform>%Ln Unterhaltung schreibt im Hintergrund</numerusform>
    <numerusform>%Ln Unterhaltungen schreiben im Hintergrund</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln connections</source>
   <translation>
    <numerusform>%Ln Verbindung</numerusform>
    <numerusform>%Ln Verbindungen</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <source>%Ln threads</source>
   <translation>
    <numerusform>%Ln Thread</numerusform>
    <numerusform>%Ln Threads</numerusform>
   </translation>
  </message>
  <message>
   <source>Adapters of the shown chat</source>
   <translation>Adapter der gezeigten Unterhaltung</translation>
  </message>
  <message>
   <source>Choose a model</source>
   <translation>Ein Modell wählen</translation>
  </message>
  <message>
   <source>Connections to other machines in this run; none is opened unless you ask for it</source>
   <translation>Verbindungen zu anderen Rechnern in diesem Lauf; ohne Aufforderung wird keine geöffnet</translation>
  </message>
  <message>
   <source>Engine starting</source>
   <translation>Engine startet</translation>
  </message>
  <message>
   <source>Engine stopped</source>
   <translation>Engine angehalten</translation>
  </message>
  <message>
   <source>Every connection to another machine is refused</source>
   <translation>Jede Verbindung zu einem anderen Rechner wird abgelehnt</translation>
  </message>
  <message>
   <source>Loading {} {} %</source>
   <translation>Lädt {} {} %</translation>
  </message>
  <message>
   <source>Memory of the engine process, and of this machine. Press for the memory plan</source>
   <translation>Speicher des Engine-Prozesses und dieses Rechners. Drücken zeigt den Speicherplan</translation>
  </message>
  <message>
   <source>Press to start the engine again</source>
   <translation>Drücken startet die Engine wieder</translation>
  </message>
  <message>
   <source>RAM</source>
   <translation>RAM</translation>
  </message>
  <message>
   <source>Replies that are computed together, and those in line</source>
   <translation>Antworten, die zusammen berechnet werden, und die wartenden</translation>
  </message>
  <message>
   <source>Show the downloads</source>
   <translation>Die Downloads zeigen</translation>
  </message>
  <message>
   <source>The engine process is loading</source>
   <translation>Der Engine-Prozess lädt</translation>
  </message>
  <message>
   <source>The engine runs. Press for the log</source>
   <translation>Die Engine läuft. Drücken zeigt das Protokoll</translation>
  </message>
  <message>
   <source>Their tabs are closed. Press for their state</source>
   <translation>Ihre Tabs sind geschlossen. Drücken zeigt ihren Zustand</translation>
  </message>
  <message>
   <source>Tokens per second of all replies together</source>
   <translation>Tokens je Sekunde aller Antworten zusammen</translation>
  </message>
  <message>
   <source>adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>batch</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <source>no model</source>
   <translation>kein Modell</translation>
  </message>
  <message>
   <source>off (A/B)</source>
   <translation>aus (A/B)</translation>
  </message>
  <message>
   <source>offline</source>
   <translation>offline</translation>
  </message>
  <message>
   <source>tok/s</source>
   <translation>Tok/s</translation>
  </message>
  <message>
   <source>· GPU not used</source>
   <translation>· GPU nicht benutzt</translation>
  </message>
  <message>
   <source>· {} refused</source>
   <translation>· {} abgelehnt</translation>
  </message>
  <message>
   <source>· {} waiting</source>
   <translation>· {} warten</translation>
  </message>
 </context>
 <context>
  <name>StorageCommands</name>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>All chats, workspaces and folders become what they were then; open tabs close and running replies stop. What is there now is kept as another backup.</source>
   <translation>Alle Unterhaltungen, Arbeitsbereiche und Ordner werden, was sie damals waren; offene Tabs schließen und laufende Antworten halten an. Was jetzt da ist, bleibt als weitere Sicherung erhalten.</translation>
  </message>
  <message>
   <source>Backup</source>
   <translation>Sicherung</translation>
  </message>
  <message>
   <source>Backup {} made and checked.</source>
   <translation>Sicherung {} angelegt und geprüft.</translation>
  </message>
  <message>
   <source>Backups</source>
   <translation>Sicherungen</translation>
  </message>
  <message>
   <source>Before a backup was restored</source>
   <translation>Bevor eine Sicherung wiederhergestellt wurde</translation>
  </message>
  <message>
   <source>Before an update changed the format</source>
   <translation>Bevor eine Aktualisierung das Format änderte</translation>
  </message>
  <message>
   <source>Broken references mended: {}.</source>
   <translation>Reparierte Verweise: {}.</translation>
  </message>
  <message>
   <source>Chats</source>
   <translation>Unterhaltungen</translation>
  </message>
  <message>
   <source>Checking… Saving may wait for a moment.</source>
   <translation>Wird geprüft… Das Speichern wartet vielleicht einen Moment.</translation>
  </message>
  <message>
   <source>Logs</source>
   <translation>Protokolle</translation>
  </message>
  <message>
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <source>Restore</source>
   <translation>Wiederherstellen</translation>
  </message>
  <message>
   <source>Restore this backup?</source>
   <translation>Diese Sicherung wiederherstellen?</translation>
  </message>
  <message>
   <source>Restored. What was there before is kept as {}.</source>
   <translation>Wiederhergestellt. Was vorher da war, ist als {} aufbewahrt.</translation>
  </message>
  <message>
   <source>Start Realm Desktop again: it will recover it.</source>
   <translation>Realm Desktop neu starten: es stellt sie wieder her.</translation>
  </message>
  <message>
   <source>The data are sound. Chats: {}, messages: {}.</source>
   <translation>Die Daten sind in Ordnung. Unterhaltungen: {}, Nachrichten: {}.</translation>
  </message>
  <message>
   <source>The file is damaged: {}. Nothing was changed.</source>
   <translation>Die Datei ist beschädigt: {}. Nichts wurde geändert.</translation>
  </message>
  <message>
   <source>The search index was built anew.</source>
   <translation>Der Suchindex wurde neu aufgebaut.</translation>
  </message>
  <message>
   <source>{} is sound. Chats: {}, messages: {}.</source>
   <translation>{} ist in Ordnung. Unterhaltungen: {}, Nachrichten: {}.</translation>
  </message>
 </context>
 <context>
  <name>StorageDialog</name>
  <message>
   <source>Back up now</source>
   <translation>Jetzt sichern</translation>
  </message>
  <message>
   <source>Backups</source>
   <translation>Sicherungen</translation>
  </message>
  <message>
   <source>Chats in it: {}. Each goes for good 30 days after it was deleted.</source>
   <translation>Unterhaltungen darin: {}. Jede verschwindet 30 Tage nach dem Löschen endgültig.</translation>
  </message>
  <message>
   <source>Check data</source>
   <translation>Daten prüfen</translation>
  </message>
  <message>
   <source>Check of the data</source>
   <translation>Prüfung der Daten</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Counting…</source>
   <translation>Wird gezählt…</translation>
  </message>
  <message>
   <source>Empty trash…</source>
   <translation>Papierkorb leeren…</translation>
  </message>
  <message>
   <source>Made once a day. The seven newest are kept, each checked when it was made.</source>
   <translation>Einmal am Tag angelegt. Die sieben neuesten bleiben, jede beim Anlegen geprüft.</translation>
  </message>
  <message>
   <source>None are kept.</source>
   <translation>Es sind keine da.</translation>
  </message>
  <message>
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <source>Packed weights</source>
   <translation>Gepackte Gewichte</translation>
  </message>
  <message>
   <source>Reads every page, mends broken references and builds the search index anew.</source>
   <translation>Liest jede Seite, repariert Verweise und baut den Suchindex neu auf.</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Remove packed weights</source>
   <translation>Gepackte Gewichte entfernen</translation>
  </message>
  <message>
   <source>Restore…</source>
   <translation>Wiederherstellen…</translation>
  </message>
  <message>
   <source>Space</source>
   <translation>Platz</translation>
  </message>
  <message>
   <source>Storage and backups</source>
   <translation>Speicherplatz und Sicherungen</translation>
  </message>
  <message>
   <source>The trash is empty.</source>
   <translation>Der Papierkorb ist leer.</translation>
  </message>
  <message>
   <source>Trash</source>
   <translation>Papierkorb</translation>
  </message>
  <message>
   <source>Verify</source>
   <translation>Prüfen</translation>
  </message>
  <message>
   <source>{}. They make the next load of a model short and are made again when needed.</source>
   <translation>{}. Sie machen das nächste Laden eines Modells kurz und entstehen bei Bedarf neu.</translation>
  </message>
 </context>
 <context>
  <name>TabArea</name>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>{} tok/s</source>
   <translation>{} Tok/s</translation>
  </message>
 </context>
 <context>
  <name>TabStrip</name>
  <message>
   <source>New chat</source>
   <translation>Neue Unterhaltung</translation>
  </message>
  <message>
   <source>Open chats</source>
   <translation>Offene Unterhaltungen</translation>
  </message>
 </context>
 <context>
  <name>TaskKeeper</name>
  <message>
   <source>Something went wrong inside Realm Desktop: {}</source>
   <translation>In Realm Desktop ging etwas schief: {}</translation>
  </message>
  <message>
   <source>The log has the details.</source>
   <translation>Das Protokoll hat die Einzelheiten.</translation>
  </message>
 </context>
 <context>
  <name>TemplateWindow</name>
  <message>
   <source>Chat template of {}</source>
   <translation>Chat-Vorlage von {}</translation>
  </message>
  <message>
   <source>Line {} failed.</source>
   <translation>Zeile {} ist fehlgeschlagen.</translation>
  </message>
  <message>
   <source>The file has no chat template; the app's own is used.</source>
   <translation>Die Datei hat keine Chat-Vorlage; verwendet wird die der App.</translation>
  </message>
 </context>
 <context>
  <name>TextWindow</name>
  <message>
   <source>Copy all</source>
   <translation>Alles kopieren</translation>
  </message>
 </context>
 <context>
  <name>ThoughtHeader</name>
  <message>
   <source>Hidden; press to show</source>
   <translation>Verborgen; Drücken zeigt ihn</translation>
  </message>
  <message>
   <source>Shown; press to hide</source>
   <translation>Gezeigt; Drücken verbirgt ihn</translation>
  </message>
  <message>
   <source>Thinking…</source>
   <translation>Denkt nach…</translation>
  </message>
  <message>
   <source>Thinking… {0} s</source>
   <translation>Denkt nach… {0} s</translation>
  </message>
  <message>
   <source>Thought</source>
   <translation>Nachgedacht</translation>
  </message>
  <message>
   <source>Thought for {0} s</source>
   <translation>{0} s nachgedacht</translation>
  </message>
 </context>
 <context>
  <name>Toast</name>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Close message</source>
   <translation>Meldung schließen</translation>
  </message>
  <message>
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <source>{} s</source>
   <translation>{} s</translation>
  </message>
 </context>
 <context>
  <name>TokenCount</name>
  <message>
   <source>{0} free</source>
   <translation>{0} frei</translation>
  </message>
  <message>
   <source>{0} tokens</source>
   <translation>{0} Tokens</translation>
  </message>
  <message>
   <source>{0} too many</source>
   <translation>{0} zu viel</translation>
  </message>
 </context>
 <context>
  <name>TokenMeter</name>
  <message>
   <source>Context used: {}</source>
   <translation>Kontext belegt: {}</translation>
  </message>
  <message>
   <source>Tokens of this chat, and how many fit: {}</source>
   <translation>Tokens dieser Unterhaltung und wie viele passen: {}</translation>
  </message>
  <message>
   <source>{} %</source>
   <translation>{} %</translation>
  </message>
  <message>
   <source>{} / {} · {} %</source>
   <translation>{} / {} · {} %</translation>
  </message>
 </context>
 <context>
  <name>Training</name>
  <message>
   <source>Done: {} steps in {}, loss {}, {}</source>
   <translation>Fertig: {} Schritte in {}, Verlust {}, {}</translation>
  </message>
  <message>
   <source>Measuring a step</source>
   <translation>Ein Schritt wird gemessen</translation>
  </message>
  <message>
   <source>Paused after step {} of {}</source>
   <translation>Angehalten nach Schritt {} von {}</translation>
  </message>
  <message>
   <source>Reading the base model</source>
   <translation>Das Basismodell wird gelesen</translation>
  </message>
  <message>
   <source>Reading the examples</source>
   <translation>Die Beispiele werden gelesen</translation>
  </message>
  <message>
   <source>Slower than it could be, to fit into memory</source>
   <translation>Langsamer als möglich, um in den Speicher zu passen</translation>
  </message>
  <message>
   <source>Starting the trainer</source>
   <translation>Das Training startet</translation>
  </message>
  <message>
   <source>Step {} of {} · loss {} · {} tokens/s · {} left</source>
   <translation>Schritt {} von {} · Verlust {} · {} Tokens/s · noch {}</translation>
  </message>
  <message>
   <source>Stopping after this step…</source>
   <translation>Hält nach diesem Schritt an…</translation>
  </message>
  <message>
   <source>The first step…</source>
   <translation>Der erste Schritt…</translation>
  </message>
  <message>
   <source>Too long for this model: {} lost their end, {} were left out</source>
   <translation>Zu lang für dieses Modell: {} verloren ihr Ende, {} wurden ausgelassen</translation>
  </message>
  <message>
   <source>Training done</source>
   <translation>Training fertig</translation>
  </message>
  <message>
   <source>Training paused</source>
   <translation>Training angehalten</translation>
  </message>
  <message>
   <source>Training stopped</source>
   <translation>Training abgebrochen</translation>
  </message>
  <message>
   <source>Training {} %</source>
   <translation>Training {} %</translation>
  </message>
  <message>
   <source>Training…</source>
   <translation>Training…</translation>
  </message>
  <message>
   <source>Train…</source>
   <translation>Trainieren…</translation>
  </message>
  <message>
   <source>{} examples, {} tokens to learn, {} held out to measure</source>
   <translation>{} Beispiele, {} Tokens zu lernen, {} zum Messen zurückgehalten</translation>
  </message>
  <message>
   <source>{} h</source>
   <translation>{} Std.</translation>
  </message>
  <message>
   <source>{} min</source>
   <translation>{} Min.</translation>
  </message>
  <message>
   <source>{} of memory; {} can be used</source>
   <translation>{} Speicher; {} sind verfügbar</translation>
  </message>
  <message>
   <source>{} s</source>
   <translation>{} s</translation>
  </message>
  <message>
   <source>{} steps, about {} on this machine ({})</source>
   <translation>{} Schritte, etwa {} auf diesem Rechner ({})</translation>
  </message>
  <message>
   <source>{}… {} %</source>
   <translation>{}… {} %</translation>
  </message>
 </context>
 <context>
  <name>TrainingCommands</name>
  <message>
   <source>Discard</source>
   <translation>Verwerfen</translation>
  </message>
  <message>
   <source>Discard the training of {}?</source>
   <translation>Das Training von {} verwerfen?</translation>
  </message>
  <message>
   <source>No model is loaded. Load the model that shall learn, then train.</source>
   <translation>Kein Modell ist geladen. Erst das Modell laden, das lernen soll, dann trainieren.</translation>
  </message>
  <message>
   <source>What it learned so far is removed. Pause instead to go on later.</source>
   <translation>Was es bisher gelernt hat, wird entfernt. Zum späteren Weitermachen stattdessen anhalten.</translation>
  </message>
 </context>
 <context>
  <name>TrainingDialog</name>
  <message>
   <source>Attach to {}</source>
   <translation>{} zuordnen</translation>
  </message>
  <message>
   <source>Cancel training</source>
   <translation>Training abbrechen</translation>
  </message>
  <message>
   <source>Chats go first: the training takes what they leave.</source>
   <translation>Unterhaltungen gehen vor: das Training nimmt, was sie übrig lassen.</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Finish now</source>
   <translation>Jetzt beenden</translation>
  </message>
  <message>
   <source>Line: loss of the examples. Dots: loss of those held out.</source>
   <translation>Linie: Verlust der Beispiele. Punkte: Verlust der zurückgehaltenen.</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Progress of the training</source>
   <translation>Fortschritt des Trainings</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Training</source>
   <translation>Training</translation>
  </message>
 </context>
 <context>
  <name>TrainingSetupDialog</name>
  <message>
   <source>A file</source>
   <translation>Eine Datei</translation>
  </message>
  <message>
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <source>All replies of {} ({})</source>
   <translation>Alle Antworten von {} ({})</translation>
  </message>
  <message>
   <source>Automatic</source>
   <translation>Automatisch</translation>
  </message>
  <message>
   <source>Choose a file…</source>
   <translation>Datei wählen…</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Discard it</source>
   <translation>Verwerfen</translation>
  </message>
  <message>
   <source>Each reply is learned together with what was said before it</source>
   <translation>Jede Antwort wird zusammen mit dem gelernt, was vor ihr gesagt wurde</translation>
  </message>
  <message>
   <source>Edited replies of {} ({})</source>
   <translation>Bearbeitete Antworten von {} ({})</translation>
  </message>
  <message>
   <source>Estimate</source>
   <translation>Schätzung</translation>
  </message>
  <message>
   <source>Examples (*.jsonl *.json *.txt *.chatml)</source>
   <translation>Beispiele (*.jsonl *.json *.txt *.chatml)</translation>
  </message>
  <message>
   <source>Examples per step</source>
   <translation>Beispiele je Schritt</translation>
  </message>
  <message>
   <source>Examples to learn from</source>
   <translation>Beispiele zum Lernen</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Datei</translation>
  </message>
  <message>
   <source>How much it can learn, and how large it is</source>
   <translation>Wie viel er lernen kann und wie groß er ist</translation>
  </message>
  <message>
   <source>How often each example is seen</source>
   <translation>Wie oft jedes Beispiel gesehen wird</translation>
  </message>
  <message>
   <source>JSON lines with "messages" or "prompt" and "completion", or ChatML text</source>
   <translation>JSON-Zeilen mit "messages" oder "prompt" und "completion", oder ChatML-Text</translation>
  </message>
  <message>
   <source>Learn from</source>
   <translation>Lernen aus</translation>
  </message>
  <message>
   <source>Learning rate</source>
   <translation>Lernrate</translation>
  </message>
  <message>
   <source>Less</source>
   <translation>Weniger</translation>
  </message>
  <message>
   <source>Lower if the loss jumps, higher if it hardly falls</source>
   <translation>Niedriger, wenn der Verlust springt, höher, wenn er kaum fällt</translation>
  </message>
  <message>
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <source>My voice</source>
   <translation>Meine Stimme</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Rank</source>
   <translation>Rang</translation>
  </message>
  <message>
   <source>Resume {}</source>
   <translation>{} fortsetzen</translation>
  </message>
  <message>
   <source>Rounds</source>
   <translation>Durchgänge</translation>
  </message>
  <message>
   <source>Starred messages of {} ({})</source>
   <translation>Nachrichten mit Stern aus {} ({})</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>Start</translation>
  </message>
  <message>
   <source>Train an adapter</source>
   <translation>Einen Adapter trainieren</translation>
  </message>
 </context>
 <context>
  <name>TrayIcon</name>
  <message>
   <source>Everything is done</source>
   <translation>Alles ist fertig</translation>
  </message>
  <message>
   <source>Open Realm Desktop</source>
   <translation>Realm Desktop öffnen</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation>Realm Desktop</translation>
  </message>
  <message>
   <source>Stop and quit</source>
   <translation>Stoppen und beenden</translation>
  </message>
 </context>
 <context>
  <name>UpdateBox</name>
  <message>
   <source>Asking…</source>
   <translation>Fragt nach …</translation>
  </message>
  <message>
   <source>Asks the list of releases once; nothing is installed</source>
   <translation>Fragt einmal die Liste der Veröffentlichungen ab; nichts wird installiert</translation>
  </message>
  <message>
   <source>Check for updates</source>
   <translation>Nach Updates suchen</translation>
  </message>
  <message>
   <source>Download</source>
   <translation>Herunterladen</translation>
  </message>
  <message>
   <source>It is downloaded and verified. Nothing is run for you: install it.</source>
   <translation>Sie ist geladen und geprüft. Nichts wird für Sie gestartet: installieren Sie sie.</translation>
  </message>
  <message>
   <source>Nobody is asked until you press the button, or switch it on in Network.</source>
   <translation>Niemand wird gefragt, bis Sie den Knopf drücken oder es unter Netzwerk einschalten.</translation>
  </message>
  <message>
   <source>Release page…</source>
   <translation>Seite der Veröffentlichung …</translation>
  </message>
  <message>
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <source>Show in folder</source>
   <translation>Im Ordner zeigen</translation>
  </message>
  <message>
   <source>There is no package for this installation; see the release page.</source>
   <translation>Für diese Installation gibt es kein Paket; siehe die Seite der Veröffentlichung.</translation>
  </message>
  <message>
   <source>This copy has no release key, so updates could not be verified: none are looked for.</source>
   <translation>Dieses Programm hat keinen Schlüssel für Veröffentlichungen, Updates ließen sich nicht prüfen: nach ihnen wird nicht gesucht.</translation>
  </message>
  <message>
   <source>Version {} is available.</source>
   <translation>Version {} ist verfügbar.</translation>
  </message>
  <message>
   <source>Version {} is the newest one; this is {}.</source>
   <translation>Version {} ist die neueste; dies ist {}.</translation>
  </message>
 </context>
 <context>
  <name>VariationDialog</name>
  <message>
   <source>0 takes the likeliest token each time</source>
   <translation>0 nimmt jedes Mal das wahrscheinlichste Token</translation>
  </message>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Add adapter</source>
   <translation>Adapter hinzufügen</translation>
  </message>
  <message>
   <source>Another one is loaded first</source>
   <translation>Ein anderes wird zuerst geladen</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Auswählen…</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>On: only what is changed here makes a difference</source>
   <translation>Ein: nur was hier geändert wird, macht einen Unterschied</translation>
  </message>
  <message>
   <source>Regenerate</source>
   <translation>Neu erzeugen</translation>
  </message>
  <message>
   <source>Regenerate with</source>
   <translation>Neu erzeugen mit</translation>
  </message>
  <message>
   <source>Same seed</source>
   <translation>Gleicher Startwert</translation>
  </message>
  <message>
   <source>Temperature</source>
   <translation>Temperatur</translation>
  </message>
 </context>
 <context>
  <name>WindowCommands</name>
  <message>
   <source>A window has room for four panes.</source>
   <translation>Ein Fenster hat Platz für vier Teilfenster.</translation>
  </message>
 </context>
 <context>
  <name>WorkspaceDialog</name>
  <message>
   <source>A mark before the name</source>
   <translation>Ein Zeichen vor dem Namen</translation>
  </message>
  <message>
   <source>Adapters</source>
   <translation>Adapter</translation>
  </message>
  <message>
   <source>Add adapter</source>
   <translation>Adapter hinzufügen</translation>
  </message>
  <message>
   <source>Blue</source>
   <translation>Blau</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Wählen…</translation>
  </message>
  <message>
   <source>Colour</source>
   <translation>Farbe</translation>
  </message>
  <message>
   <source>Green</source>
   <translation>Grün</translation>
  </message>
  <message>
   <source>High</source>
   <translation>Hoch</translation>
  </message>
  <message>
   <source>Loaded when a message needs it</source>
   <translation>Wird geladen, wenn eine Nachricht es braucht</translation>
  </message>
  <message>
   <source>Low</source>
   <translation>Niedrig</translation>
  </message>
  <message>
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>None</source>
   <translation>Keine</translation>
  </message>
  <message>
   <source>Normal</source>
   <translation>Normal</translation>
  </message>
  <message>
   <source>Of its replies while another chat is in front</source>
   <translation>Für seine Antworten, während eine andere Unterhaltung vorn ist</translation>
  </message>
  <message>
   <source>Olive</source>
   <translation>Oliv</translation>
  </message>
  <message>
   <source>Orange</source>
   <translation>Orange</translation>
  </message>
  <message>
   <source>Pink</source>
   <translation>Rosa</translation>
  </message>
  <message>
   <source>Preset</source>
   <translation>Voreinstellung</translation>
  </message>
  <message>
   <source>Priority</source>
   <translation>Priorität</translation>
  </message>
  <message>
   <source>Save</source>
   <translation>Speichern</translation>
  </message>
  <message>
   <source>Share of the engine against workspaces of the same priority</source>
   <translation>Anteil an der Engine gegenüber Arbeitsbereichen derselben Priorität</translation>
  </message>
  <message>
   <source>Takes over all values below; they can be changed then</source>
   <translation>Übernimmt alle Werte darunter; danach lassen sie sich ändern</translation>
  </message>
  <message>
   <source>Violet</source>
   <translation>Violett</translation>
  </message>
  <message>
   <source>Weight</source>
   <translation>Gewicht</translation>
  </message>
  <message>
   <source>Whichever is loaded</source>
   <translation>Das gerade geladene</translation>
  </message>
  <message>
   <source>Workspace settings</source>
   <translation>Einstellungen des Arbeitsbereichs</translation>
  </message>
 </context>
 <context>
  <name>_Chip</name>
  <message numerus="yes">
   <source>%Ln tokens</source>
   <translation>
    <numerusform>%Ln Token</numerusform>
    <numerusform>%Ln Tokens</numerusform>
   </translation>
  </message>
  <message>
   <source>Put into the message</source>
   <translation>In die Nachricht übernehmen</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <source>Remove {0}</source>
   <translation>{0} entfernen</translation>
  </message>
  <message>
   <source>Show</source>
   <translation>Zeigen</translation>
  </message>
  <message>
   <source>Show {0}, {1}</source>
   <translation>{0} zeigen, {1}</translation>
  </message>
 </context>
 <context>
  <name>links</name>
  <message>
   <source>Host: %1</source>
   <translation>Host: %1</translation>
  </message>
  <message>
   <source>It holds a user name, which hides the real host.</source>
   <translation>Sie enthält einen Benutzernamen, der den wahren Host verdeckt.</translation>
  </message>
  <message>
   <source>It holds characters that hide where it leads.</source>
   <translation>Sie enthält Zeichen, die verbergen, wohin sie führt.</translation>
  </message>
  <message>
   <source>It is %1 characters long; at most %2 are opened.</source>
   <translation>Sie ist %1 Zeichen lang; höchstens %2 werden geöffnet.</translation>
  </message>
  <message>
   <source>It is not a valid address.</source>
   <translation>Es ist keine gültige Adresse.</translation>
  </message>
  <message>
   <source>It names no host.</source>
   <translation>Sie nennt keinen Host.</translation>
  </message>
  <message>
   <source>Its host is not a valid name.</source>
   <translation>Ihr Host ist kein gültiger Name.</translation>
  </message>
  <message>
   <source>Only http, https and mailto links are opened; this one has the scheme %1.</source>
   <translation>Nur Links mit http, https und mailto werden geöffnet; dieser hat das Schema %1.</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Öffnen</translation>
  </message>
  <message>
   <source>Open link</source>
   <translation>Link öffnen</translation>
  </message>
  <message>
   <source>Open this address outside of Realm Desktop?</source>
   <translation>Diese Adresse außerhalb von Realm Desktop öffnen?</translation>
  </message>
  <message>
   <source>The host holds letters that can look like others.</source>
   <translation>Der Host enthält Buchstaben, die wie andere aussehen können.</translation>
  </message>
  <message>
   <source>This link is not opened.</source>
   <translation>Dieser Link wird nicht geöffnet.</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keine</translation>
  </message>
 </context>
</TS>
