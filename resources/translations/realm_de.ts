<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
 <context>
  <name>AboutDialog</name>
  <message>
   <source>About Realm Desktop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device {} · {} threads · process {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine {} · torch {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Language models on your own machine. Apache-2.0 licence.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model {} · {} · {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model is loaded.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Python {} · Qt {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Realm Desktop {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine has not started yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weights {} · KV pool {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} parameters · context {} tokens · {} · {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Actions</name>
  <message>
   <source>&amp;Adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Edit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;File</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Help</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;View</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>&amp;Window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A/B: answer without adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>About Realm Desktop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapter panel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add GGUF or safetensors adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a model folder…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add adapter files…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add an adapter folder…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add chats from Realm Desktop or ChatGPT</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add what PEFT wrote</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alt+1 … Alt+9</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alt+← Alt+→</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alt+↑ Alt+↓</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Batch view</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a model to load</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose model…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close this tab; the chat stays</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close this window, keep its tabs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare lanes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy last reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy the last reply's text</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Discover models…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Download an adapter from the hub</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Downloads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit the last message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>End Realm Desktop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Esc</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export all chats…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export chat…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fill the screen with the window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Filter chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Find a chat by its title</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Full screen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Give the model's memory back</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Give this chat another title</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go to the next pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Group chats of their own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Group chats of this workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import an adapter…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import chats…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep this chat at the top of the sidebar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>List every key</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>List the models of a folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load a GGUF or safetensors file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load the model again with the present settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look, sending and engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Make everything larger</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Make everything smaller</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move back to the main window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move this chat to the trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move to Trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move to a new window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name, colour, system prompt and sampling of this chat's workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>New line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New workspace…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next pane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Normal size</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Offline, proxy, mirror and access token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open a model file…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open the folder of the log files</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open the last closed tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Performance</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pin</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous or next message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous or next version of the message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Print this chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Print…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reload model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rename…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reopen closed tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save every chat in one JSON file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save this chat as a document or as JSON</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search the hub for models to download</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send one prompt to several adapters or settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shift+Enter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show everything at 100 %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show log files</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show or hide the adapters of this chat's workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show or hide the sidebar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show or hide what the engine computes, its performance and the log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show tab 1 to 8, or the last one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the Adapters page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the Downloads page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the Models page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the engine's figures as curves</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the last lines of the log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the tab to the left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the tab to the right</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show this chat below the others</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show this chat beside the others</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show this chat in a window of its own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sidebar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Space, backups, check of the data, trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Split down</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Split right</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start a new chat in a tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start the engine again after it stopped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop the reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop the reply of this chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Storage and backups…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Switch all adapters of this workspace off, or on again, from the next message on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tab {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unload model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Versions, engine and licence</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace settings…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Write another version of the last reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Write on where the last reply ended</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Zoom in</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Zoom out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>↑ in an empty field</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>AdapterButton</name>
  <message>
   <source>Adapters of this chat: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters: {} (Ctrl+Alt+B)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>none</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>AdapterCommands</name>
  <message>
   <source>Adapters (*.gguf *.safetensors adapter_config.json)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a folder of adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} And {} more could not be added: {}{}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} removed</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>AdapterDetails</name>
  <message>
   <source>Attach</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Attach to</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Detach</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Forget this adapter; its file stays where it is</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep in memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loaded with every model that it fits</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One prompt to the base model and this adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Refused: see the reason</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Set weight</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show in folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weight</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>AdapterTableModel</name>
  <message>
   <source>Base model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Format</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rank / α</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Size</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>State</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Targets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Used by</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}, adapter {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Adapters</name>
  <message>
   <source>1 adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>loading</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>on disk</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>on disk · loaded when needed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>rank {} · α {} · {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>refused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>warm</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>warm · swap {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} in memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} is loaded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} warm</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}: load a model to see whether it fits</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>AdaptersPage</name>
  <message>
   <source>A .gguf or .safetensors adapter, or the folder that PEFT wrote.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add files…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add folder…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Download an adapter from the hub</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop .gguf, .safetensors or folders on this page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop a LoRA here</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Filter adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Make an adapter from messages or from a file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Train…</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>App</name>
  <message>
   <source>Checking your conversations…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Realm Desktop cannot open</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>BatchPage</name>
  <message>
   <source>Abort</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go to tab</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>KV pool</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Lower priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No reply is computed or waits.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Raise priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Requests of the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of steps, by workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Step time {} ms · {} rows</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>cached {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>free {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>used {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} of {} blocks</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} {} %</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>BatchRows</name>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Request of no open chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>base</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>decode</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>goes before the others</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>goes behind the others</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>memory is short: smaller steps</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>next in line</source>
   <translation>als Nächstes an der Reihe</translation>
  </message>
  <message>
   <source>paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>prefill</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting, {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} in line</source>
   <translation>an {} Stelle</translation>
  </message>
  <message>
   <source>{} paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} running</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} waiting</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>BatchTableModel</name>
  <message>
   <source>, the shown chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Conversation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Draft accepted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>KV blocks</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Prompt read</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>State</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Why</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tok/s</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>BottomDock</name>
  <message>
   <source>Batch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Batch, performance and log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close (Ctrl+J)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close the dock</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pages of the dock</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Performance</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ChatCommands</name>
  <message>
   <source>1 chat moved to Trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete the workspace {}?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its chats go to the trash. Its name, prompt and sampling are gone for good.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New workspace</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ChatHeader</name>
  <message>
   <source>Compare lanes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare lanes (Ctrl+D)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More actions for this chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New title</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} %</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ChatImportDialog</name>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Imported chats: {}, messages: {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of the import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reading…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This was left out:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Undo import</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You stopped the import there.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>… and {} more</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ChatTab</name>
  <message>
   <source>Engine restarting: nothing is lost</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine starting: your message will be sent when ready</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine stopped: start it to go on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load a model to start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading {0} %: your message will be sent when ready</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Message {0}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One prompt for all lanes</source>
   <translation type="unfinished" />
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
   <translation type="unfinished" />
  </message>
  <message>
   <source>All lanes draw with one seed, so that only their settings differ</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>At most {} lanes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Compare</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leave the comparison</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leave; every reply stays as a version (Ctrl+D)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Let the lanes without a reply answer this prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Mark the words that differ from the reply of the first lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One more lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Same seed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Word diff against lane 1</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>CompareLane</name>
  <message>
   <source>Keep this one</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep when finished</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Kept</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Not asked yet</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reply of lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Writing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>seed {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}: lane {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>CompareView</name>
  <message>
   <source>Comparison</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Prompt of all lanes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{0} · {1} prompt tokens reused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} lanes</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Composer</name>
  <message>
   <source>Ctrl+Enter sends · Enter new line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ctrl+Enter: sends after this reply · Esc stops</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Editing: sending makes a new version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter sends · Shift+Enter new line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter: sends after this reply · Esc stops</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Esc stops</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Esc stops the reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pasted text, {0} characters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sends after this reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ComposerEdit</name>
  <message>
   <source>Message</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ComposerRow</name>
  <message>
   <source>Remove</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ConfirmDialog</name>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Realm Desktop</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Discover</name>
  <message>
   <source>1 download a month</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its author states no licence.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Licence, as its author states it: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>None of these fits into this machine's free memory.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>on request</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>recommended</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} downloads a month</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} files</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} is recommended: the best balance of quality and size that fits into the free memory.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DiscoverCommands</name>
  <message>
   <source>Asking the hub for {}…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>models</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DiscoverPanel</name>
  <message>
   <source>Choose a repository to see its files.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Download</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Files of the repository</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network settings…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing is asked of the network before you press Enter.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing was found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Offline is on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Realm Desktop refuses every connection to another machine. Models on disk can be used as always.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Repositories</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search adapters, or paste owner/name or an address</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search models, or paste owner/name or an address</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search the Hugging Face hub</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The hub could not be asked</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Try again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Try fewer words, or paste the address of a repository.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} is being downloaded; Downloads in the rail shows how far it is.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DownloadRow</name>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pause</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove from list</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resume</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show in folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Try again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Verify</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Downloads</name>
  <message>
   <source>1 download paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>1 download {} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>days</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} downloads paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} downloads {} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} h {} min</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} min</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} of {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · reading what is on disk</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · stopped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · tries again: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · verified</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} · waits for a place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}/s</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DownloadsButton</name>
  <message>
   <source>Downloads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Downloads, {} %</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>DownloadsPage</name>
  <message>
   <source>Discover models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Downloads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Find a model or an adapter; what came is kept whatever happens to the line.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No downloads</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>EmptyPage</name>
  <message>
   <source>Does anything I write leave this machine?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing is open</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start a chat, or ask one of these. Everything stays on this machine.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tell me a story about a fox in the forest.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What can you do?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is a GGUF file?</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>EmptyState</name>
  <message>
   <source>Ask: {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ErrorCard</name>
  <message>
   <source>A sampling value is outside its range</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Details</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model is loaded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Not enough memory for this reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine stopped during this reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model's chat template failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The schema for this reply cannot be used</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This conversation is too long for the model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This reply could not be saved</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This reply failed</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ExchangeCommands</name>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats being exported: {}…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats exported: {}, to {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats imported: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>End the name in {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Exported from Realm Desktop on {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Exported to {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>HTML ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON, with everything ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON, with everything, to import again ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Markdown ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>PDF ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pages sent to the printer: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Plain text ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Print chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This reply did not end.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tool</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} has no ending that names a format</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Glyph</name>
  <message>
   <source>engine restarting</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>interrupted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>new reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reading the prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>stopping</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting for the model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>waiting in line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>writing</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ImportDialog</name>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import an adapter</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Keys</name>
  <message>
   <source>This is no key.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} alone is needed to write; add Ctrl or Alt.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} always means: {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} opens the menu {}.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LaneGlyph</name>
  <message>
   <source>Done</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LaneHead</name>
  <message>
   <source>A number makes this lane repeatable. Empty: a new seed each time.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A number makes this lane repeatable. Empty: the seed all lanes share.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters of lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Answer again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose adapters…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Duplicate lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More actions for lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seed of lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Temperature of lane {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>seed: new</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>seed: same</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>temp</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LaneMixPopup</name>
  <message>
   <source>A changed lane answers again when you press Run.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters of this lane</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No adapter is known yet: add one on the Adapters page.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Without adapters this lane is the base model.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LatestPill</name>
  <message>
   <source>Go to the latest message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go to the latest message (End)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Latest</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LivePlot</name>
  <message>
   <source>now</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} now, {} to {} in the last two minutes</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LogPage</name>
  <message>
   <source>Copy all</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Follows the end</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Log of window and engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stands still while you read; scroll to the end to follow again</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>LossCurve</name>
  <message>
   <source>Loss curve</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Step {} of {}, loss {}, from {} at the start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>step 1</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MainWindow</name>
  <message>
   <source>Realm Desktop</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageActions</name>
  <message>
   <source>Compare…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Inspect tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove star</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Star, to learn from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Version {number} of {count}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageItem</name>
  <message numerus="yes">
   <source>Interrupted after %n tokens; the text is saved.</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Interrupted; the text is saved.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageListModel</name>
  <message>
   <source>Reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tool</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>being written</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>interrupted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>version {number} of {count}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{row} of {count}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageMenu</name>
  <message numerus="yes">
   <source>%n line(s)</source>
   <translation type="unfinished">
    <numerusform />
    <numerusform />
   </translation>
  </message>
  <message>
   <source>Compare…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy selection</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Copy {0}, {1}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edit…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Inspect tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Next version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open {0}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous version</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Regenerate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Remove star</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Star, to learn from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Wrap long lines of {0}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>code</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageScroller</name>
  <message>
   <source>Messages</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MessageWindow</name>
  <message>
   <source>Realm Desktop</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MixButton</name>
  <message>
   <source>Base</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MixerPanel</name>
  <message>
   <source>A/B</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A/B: all adapters are off. The next reply comes from the base model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A/B: off</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters of the workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All adapters of the workspace off or on (Ctrl+Shift+A)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All adapters…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Answer without adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop a LoRA here: a .gguf or .safetensors file, or a PEFT folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No adapter is attached: replies come from the base model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Takes effect from the next message. The running reply keeps its mix.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>MixerRow</name>
  <message>
   <source>Take out of the mix</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take {} out of the mix</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weight of {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelCommands</name>
  <message>
   <source>1 reply goes on where it stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Add a folder of models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose another model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models (*.gguf *.safetensors)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open a model file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine stopped and stays down: {} Nothing is lost.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine was restarted (number {} of this run). {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} replies go on where they stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} was not loaded: {} {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelList</name>
  <message>
   <source>Add a folder…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Filter models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading {}: {}, {} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Looking for models…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model has this in its name.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model here. Open a file, or add the folder of your models.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open a file…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of loading</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelListModel</name>
  <message>
   <source>loaded</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelPicker</name>
  <message>
   <source>Choose a model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose the file of a model.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Downloaded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hugging Face cache</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In your folders</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Jan</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>LM Studio</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ollama</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Recent</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>fits in memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tight</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>too large</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>unusable</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} context</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} holds a tokenizer and no weights.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} is an adapter, not a model.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelPill</name>
  <message>
   <source>Model: {} {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} {}: choose a model (Ctrl+L)</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelState</name>
  <message>
   <source>Starting</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ModelsPage</name>
  <message>
   <source>Discover</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>On disk</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>NetworkDialog</name>
  <message>
   <source>Access token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For repositories on request; sent to this hub only</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In this run: {} connections to other machines, {} refused by Offline.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>not shown</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>NoticeBar</name>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close message</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Paper</name>
  <message>
   <source>Check the printer, or export the chat to a file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the pages could not be drawn</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>PerformancePage</name>
  <message>
   <source>Performance</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>−2 min</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Phrases</name>
  <message>
   <source>Engine restarted ({} time). Resuming this reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine restarted. Resuming this reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Interrupted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading 1 adapter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading {} adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading {} %: your message will be sent when ready</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reading {} tokens · {} %</source>
   <translation>Liest {} Tokens · {} %</translation>
  </message>
  <message>
   <source>Reading {} tokens · {} % · {} reused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Saved: sent when a model is loaded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopping</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The reply failed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Waiting</source>
   <translation type="unfinished" />
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
   <source>all {} places in the batch are taken</source>
   <translation>alle {} Plätze im Stapel sind belegt</translation>
  </message>
  <message>
   <source>draft model: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>loading weights</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>next in line</source>
   <translation>als Nächstes an der Reihe</translation>
  </message>
  <message>
   <source>paused to make room: memory is short; continues by itself</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>paused to make room; continues by itself</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reading</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reads along with another reply that has the same beginning</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>starts with the next step</source>
   <translation>beginnt mit dem nächsten Schritt</translation>
  </message>
  <message>
   <source>waiting for room in the KV cache</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{english}</source>
   <translation>{number}.</translation>
  </message>
  <message>
   <source>{} in line</source>
   <translation>an {} Stelle</translation>
  </message>
 </context>
 <context>
  <name>PresetBar</name>
  <message>
   <source>Discard changes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Preset actions</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save as…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save, import and export presets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} (changed)</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>PresetCommands</name>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export the preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Import a preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of the preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Presets ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save preset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>preset</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Rail</name>
  <message>
   <source>Adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings (Ctrl+,)</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>RightPanel</name>
  <message>
   <source>Adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changed from workspace ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changes apply to</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changes apply to the whole app</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changes apply to this chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changes apply to workspace {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close (Ctrl+Alt+B)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close the panel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reset to workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sampling</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings of the chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speculation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ScopeBadge</name>
  <message>
   <source>set in: {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Settings</name>
  <message>
   <source>0 is off.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 is off; 0.8 is usual</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 is off; the likeliest choices are dropped this often</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 keeps all tokens.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 keeps all tokens. Suits high temperatures better than top p.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 reports the probability of the chosen token alone. The text does not depend on it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>0 takes the likeliest token; higher is more varied</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>1 is off; higher avoids what was said already</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>1 keeps all tokens.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A device this machine does not have is refused when the model is loaded.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A new version of the reply that goes on from this token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A reply ends after so many tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A smaller model with the same vocabulary; empty takes the model's own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>About {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Accepted {} of {} draft tokens ({} %)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Address of an HTTP proxy; empty connects directly</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Allowed length</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Also likely there:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alt+Up and Alt+Down move a filter. The mask of a schema or grammar comes first.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Alternatives of the token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Appearance</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Apple GPU</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As computed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As far as memory allows. A longer context takes more memory for keys and values.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>As the language</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Automatic</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Automatic takes the draft model if one is loaded, else n-grams, and stops drafting while it does not pay. The running reply changes at once.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Automatic takes the physical cores</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Breakers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>CPU</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>CPU threads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>CUDA</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Changes speed only, never the text.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check of the form</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Checked as soon as a model is loaded.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Checking…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choice of tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Colours of the window</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Context length</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Continue from this</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Counted in standard deviations of all logits. 0 keeps all tokens.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ctrl+Enter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>DRY</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>DRY: repeated passages</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dark</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Deutsch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Device</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Divides the logits before they become probabilities. At 0 the filters that drop tokens are not used; penalties, DRY and token bias still are.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Divides the positive logits of tokens that the prompt or the reply has, and multiplies the negative ones.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Draft model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Draft model of its own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drafting is off.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drafts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop logits this many deviations below the best</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drop tokens below this part of the best one's probability</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enforced token by token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>English</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Everything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Fewer settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>First on top; a filter that is not ticked is off</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Follow the system</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For measurements: a reply then ends by its length only.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For the next model that is loaded.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Form of the reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Free text</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Frequency penalty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From -1,000 (never) to 1,000 (always). “realm-desktop tokenize” tells the ids of a text.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From probability</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From right to left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>General</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Go on past the end</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Growth</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>High contrast</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How far repetitions are looked for</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How often</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How the context is kept in memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How the penalty grows with each repeated token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Hub</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Ignore the model's own end of a reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON Schema (2020-12), regular expression, or Lark grammar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON of a schema</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep so many of the likeliest tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep the likeliest other tokens of new replies, for the Tokens page</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep the smallest set with this probability</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keep the tokens of most typical surprise</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keeps tokens whose surprise is nearest to the average, with this probability together. 1 keeps all.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keys and values</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Language</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Layout direction</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Length and seed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Light</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>List what LM Studio, Jan, Ollama and Hugging Face have, in place</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load the last model at start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loaded together with the model; both count in its memory.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest conversation; automatic takes the model's own</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest draft</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Longest reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Look back</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Match of a pattern</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Messages follow the direction of their own text, and code runs from left to right.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Min p</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models answer in the language they are asked in, whatever is chosen here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models of other programs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move down (Alt+Down)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move the filter down</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move the filter up</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move up (Alt+Up)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New seed for each reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No draft in this chat so far.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No draft model is loaded, so replies are refused. Choose one below.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No limit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No other machine is asked for anything</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Nothing turns or slides</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Of the window; takes effect at the next start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Off</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Off: every reply uses the seed above</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Offline</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One a line: token id, space, number added to its logit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One a line; a reply ends before the first it meets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One a line; no repetition is counted across them</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Order of the filters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Otherwise the window starts without a model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Penalties</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Presence penalty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Proxy</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reduced motion</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reload to apply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Repetition penalty</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reset</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reset {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Schema, pattern or grammar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Seed</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Send with</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Set “Token alternatives” to see the tokens of new replies.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shorter repetitions cost nothing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Single tokens and order</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Size of text and rows</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Size of the penalty for a token that would prolong a repeated passage.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Speculation</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stands before the conversation, from the next message on</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop strings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Strength</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Subtracted each time the reply has a token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Subtracted once for a token the reply has</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>System prompt</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Take the draft model that lies beside a model and bears its name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Temperature</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Text of a grammar</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine can enforce this form.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The least likely of them stays. Above 0.5 nothing is dropped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The loaded model has these values.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The loaded model still has other values.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The next reply will have its tokens here.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The one of name.gguf is name-draft.gguf. The starter model has one. It changes the speed of replies, never their text.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The other key, or Shift+Enter, begins a new line</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The reply must be</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The same seed gives the same text, whatever else runs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Theme</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Token alternatives</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Token bias</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Token {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens from here on count as likely choices</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of the chosen reply, with their probability.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of the last reply, with their probability.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of the reply</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens that one step may try at once</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Top k</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Top n sigma</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Top p</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Typical p</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Use n-gram</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Used while “New seed for each reply” is off. Every reply keeps the seed it was made with.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What cannot be enforced is refused with its place, never ignored.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What drafting brings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where guesses at the next tokens come from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where models are searched and downloaded, or a mirror of it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where the model computes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Which side the window begins on; takes effect at the next start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Write \n for a line break and \t for a tab. At most 16.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Write \n for a line break and \t for a tab. At most 32, of 64 characters each.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>XTC</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>XTC: unlikely choices</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Zoom</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>app</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>chosen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>control token {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>int8</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>int8 takes about half the memory of bfloat16, with a small error.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>measured: {} times as fast as without</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>n-gram</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>next draft: {} tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} to {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SettingsDialog</name>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Load the model again with these engine settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No setting has these words.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reload model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Search settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Space, backups, check of the data, trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Storage…</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ShelfCommands</name>
  <message>
   <source>1 chat moved</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All chats in it are gone then. This cannot be undone.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete for good</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete {} for good?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty the trash?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder {} deleted; its chats stay</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>The chat and all its messages are gone then. This cannot be undone.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} (branch)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} (copy)</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>ShortcutsDialog</name>
  <message>
   <source>Action</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keyboard shortcuts</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Keys</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Sidebar</name>
  <message>
   <source>Branch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete for good…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Delete workspace…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Drag chats here</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Duplicate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty the trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Enter searches the contents too (Ctrl+Shift+F)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export chats…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Export…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Filter titles</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Group by date</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Group by workspace</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Grouping and workspaces</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In messages</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In no message. Esc clears the filter.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>In no title. Enter searches texts.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move to Trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Move to…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat (Ctrl+N)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat here</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New folder</source>
   <translation>Neuer Ordner</translation>
  </message>
  <message>
   <source>New folder (Ctrl+Shift+N)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New workspace…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No chats yet.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pin</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pinned</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Previous 7 days</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rename</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The trash is empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Today</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trash ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trash, kept for 30 days</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unpin</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace settings…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Yesterday</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Your first chat appears here.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SidebarDelegate</name>
  <message>
   <source>New title</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SidebarList</name>
  <message>
   <source>Chats</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>SidebarModel</name>
  <message>
   <source>Folder {}, {} chats, {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace {}, {} chats, {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>folded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>high priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>low priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>unfolded</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}, adapters {}</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>StatsLine</name>
  <message>
   <source>%1 s to first token</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>%1 tok/s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>%1 tokens</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An adapter can learn from it: Adapters, Train…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From the request to the first token, waiting included.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Guessed tokens that the model would have chosen too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Length of the reply.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Prompt tokens that did not have to be computed again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The adapter and the weight that this reply was made with.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The longest reply allowed was reached; Continue goes on.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The model ended its reply.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens per second after the first one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You changed the text of this reply.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>You stopped this reply.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>draft %1 % accepted</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>edited</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>reused %1</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>stop: by you</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>stop: end</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>stop: length</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>★ starred</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>StatusBar</name>
  <message>
   <source>1 chat generating in the background</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>1 connection</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>1 thread</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Adapters of the shown chat (Ctrl+Alt+B)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a model (Ctrl+L)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Connections to other machines in this run; none is opened unless you ask for it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine starting</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine stopped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Every connection to another machine is refused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Loading {} {} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Memory of the engine process. Press for its curve</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Press to start the engine again</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>RAM</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Replies that are computed together, and those in line (Ctrl+J)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Show the downloads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine process is loading</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine runs. Press for the log</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Their tabs are closed; the sidebar shows their state</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens per second of all replies together (Ctrl+J)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>batch</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>no model</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>off (A/B)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>offline</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>tok/s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} chats generating in the background</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} connections</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} threads</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>· {} refused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>· {} waiting</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>StorageCommands</name>
  <message>
   <source>Adapters</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All chats, workspaces and folders become what they were then; open tabs close and running replies stop. What is there now is kept as another backup.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backup</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backup {} made and checked.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backups</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Before a backup was restored</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Before an update changed the format</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Broken references mended: {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Checking… Saving may wait for a moment.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Logs</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Models</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore this backup?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restored. What was there before is kept as {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start Realm Desktop again: it will recover it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The data are sound. Chats: {}, messages: {}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The file is damaged: {}. Nothing was changed.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The search index was built anew.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} is sound. Chats: {}, messages: {}.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>StorageDialog</name>
  <message>
   <source>Back up now</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Backups</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats in it: {}. Each goes for good 30 days after it was deleted.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check data</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check of the data</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Counting…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Empty trash…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Made once a day. The seven newest are kept, each checked when it was made.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open folder</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reads every page, mends broken references and builds the search index anew.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Restore…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Space</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Storage and backups</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The trash is empty.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trash</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Verify</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TabArea</name>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>New chat (Ctrl+T)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} tok/s</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TabStrip</name>
  <message>
   <source>New chat</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open chats</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TaskKeeper</name>
  <message>
   <source>Something went wrong inside Realm Desktop: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The log has the details.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Toast</name>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close message</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Undo</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} s</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TokenMeter</name>
  <message>
   <source>Context used: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tokens of this chat, and how many fit: {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} / {} · {} %</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>Training</name>
  <message>
   <source>Done: {} steps in {}, loss {}, {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Paused after step {} of {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Slower than it could be, to fit into memory</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Step {} of {} · loss {} · {} tokens/s · {} left</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stopping after this step…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The first step…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Too long for this model: {} lost their end, {} were left out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training done</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training paused</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training stopped</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training {} %</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Train…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} examples, {} tokens to learn, {} held out to measure</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} h</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} min</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} of memory; {} can be used</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} s</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{} steps, about {} on this machine ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{}… {} %</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TrainingCommands</name>
  <message>
   <source>Discard</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Discard the training of {}?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No model is loaded. Load the model that shall learn, then train.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What it learned so far is removed. Pause instead to go on later.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TrainingDialog</name>
  <message>
   <source>Attach to {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancel training</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Chats go first: the training takes what they leave.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Finish now</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Line: loss of the examples. Dots: loss of those held out.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pause</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Progress of the training</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resume</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Training</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>TrainingSetupDialog</name>
  <message>
   <source>A file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All files (*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All replies of {} ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Automatic</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a file…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Close</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Discard it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Each reply is learned together with what was said before it</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Edited replies of {} ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Estimate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Examples (*.jsonl *.json *.txt *.chatml)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Examples per step</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Examples to learn from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>File</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How much it can learn, and how large it is</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>How often each example is seen</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>JSON lines with "messages" or "prompt" and "completion", or ChatML text</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Learn from</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Learning rate</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Less</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Lower if the loss jumps, higher if it hardly falls</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>More</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>My voice</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rank</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Resume {}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rounds</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Starred messages of {} ({})</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Start</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Train an adapter</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>WindowCommands</name>
  <message>
   <source>A window has room for four panes.</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>WorkspaceDialog</name>
  <message>
   <source>A mark before the name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Blue</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancel</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Colour</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Green</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>High</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Low</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>None</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Normal</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Of its replies while another chat is in front</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Olive</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Orange</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Pink</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Save</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of the engine against workspaces of the same priority</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Violet</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weight</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Workspace settings</source>
   <translation type="unfinished" />
  </message>
 </context>
 <context>
  <name>links</name>
  <message>
   <source>Host: %1</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It holds a user name, which hides the real host.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It holds characters that hide where it leads.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is %1 characters long; at most %2 are opened.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It is not a valid address.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>It names no host.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its host is not a valid name.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Only http, https and mailto links are opened; this one has the scheme %1.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open link</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Open this address outside of Realm Desktop?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The host holds letters that can look like others.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>This link is not opened.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>none</source>
   <translation type="unfinished" />
  </message>
 </context>
</TS>
