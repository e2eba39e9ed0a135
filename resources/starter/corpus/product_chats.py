"""Facts about Realm Desktop: chats, tabs, replies and workspaces."""

from __future__ import annotations

from resources.starter.corpus.product_about import Fact

CHATS: tuple[Fact, ...] = (
    Fact(
        "new-chat",
        (
            "How [do I|can I|to] [start|open|create|make|begin] a new [chat|conversation]?",
            "[Where is|What is the key for|What is the shortcut for] [a new chat|a new conversation]?",
            "I want [a new chat|to start a new chat|a fresh chat|another conversation].",
        ),
        (
            "Press Ctrl+N to start a new chat. It opens in a new tab, and your other chats stay as they are.",
            "You start a new chat with Ctrl+N. Your other chats stay as they are.",
        ),
        ("Ctrl+N",),
    ),
    Fact(
        "tabs",
        (
            "What are [tabs|the tabs|the tabs at the top] [|for]?",
            "How do [tabs|the tabs] work?",
            "[Can I|How do I|How can I] [have|open|keep|use] [several|two|many|more|multiple] [chats|conversations|tabs] [at once|at the same time|open|]?",
        ),
        (
            "Each tab shows one chat, and you can keep many tabs open. All of them can write at the same time.",
            "A tab holds one chat. You can open many tabs, and all of them can write at the same time.",
        ),
        ("at the same time",),
    ),
    Fact(
        "close-tab",
        (
            "How [do I|can I|to] close a [tab|chat]?",
            "What happens [when|if] I close [a tab|a chat|the tab|a chat that is writing]?",
            "[Is|Will] my chat [deleted|be lost|be gone|gone] [when|if] I close [the|its] tab?",
        ),
        (
            "Ctrl+W closes a tab. The chat is not deleted: it stays in the list on the left, and a running reply goes on.",
            "You close a tab with Ctrl+W. The chat stays in the list on the left, and a reply that is being written goes on.",
        ),
        ("Ctrl+W", "list on the left"),
    ),
    Fact(
        "next-tab",
        (
            "How [do I|can I|to] [switch|change|move|go] [between tabs|to another tab|to the next tab|tabs]?",
            "[What is the key for|What is the shortcut for|Which key shows] the next tab?",
        ),
        (
            "Press Ctrl+Tab to go to the next tab, or click a tab.",
            "Ctrl+Tab takes you to the next tab. You can also click the tab you want.",
        ),
        ("Ctrl+Tab",),
    ),
    Fact(
        "send",
        (
            "How [do I|can I|to] send [a message|my message|a question|text]?",
            "[Which|What] key sends [the message|my message|a message]?",
            "How [do I|can I] [ask|write] you [something|a question]?",
        ),
        (
            "Type your text and press Enter to send it. Shift+Enter starts a new line.",
            "Press Enter to send your message. If you want a new line instead, press Shift+Enter.",
        ),
        ("Enter", "Shift+Enter"),
    ),
    Fact(
        "new-line",
        (
            "How [do I|can I|to] [write|make|start|add|insert] a [new line|line break] [|in a message|in my message]?",
            "[Can I|How do I|How can I] write [several lines|more than one line|a longer message]?",
        ),
        (
            "Press Shift+Enter for a new line. Enter alone sends the message.",
            "Shift+Enter starts a new line, while Enter sends the message.",
        ),
        ("Shift+Enter",),
    ),
    Fact(
        "stop",
        (
            "How [do I|can I|to] [stop|cancel|end|interrupt|abort] [a reply|the reply|you|an answer|the answer|the model|the writing|the text|generation]?",
            "[Where is|What is|Is there] [the stop button|a stop button|a way to stop you|a key to stop]?",
            "[You write too much|The answer is too long], how do I stop [it|you]?",
        ),
        (
            "Press Esc or click Stop to end a reply. The text written so far is kept.",
            "Click Stop, or press Esc. The reply ends at once, and the text written so far is kept.",
        ),
        ("Esc", "Stop"),
    ),
    Fact(
        "regenerate",
        (
            "How [do I|can I|to] [regenerate|repeat|redo|retry] [a reply|an answer|the reply|the answer|the last reply]?",
            "[How do I get|Can I get|Can I have|I want] [another|a different|a better|a new] [answer|reply] [to the same question|]?",
            "What does [Regenerate|the regenerate button] do?",
        ),
        (
            "Press Ctrl+R or click Regenerate under the reply. You get a new version, and the old one is kept.",
            "Click Regenerate under the reply, or press Ctrl+R. A new version is written, and the old one is kept.",
        ),
        ("Ctrl+R", "Regenerate"),
    ),
    Fact(
        "versions",
        (
            "What are [versions|the versions|reply versions] [|of a reply|of a message]?",
            "What [do|does] [the numbers under a reply|2/3 under a reply|the arrows under a reply|the little arrows] mean?",
            "How [do I|can I] [see|find|get back to|go back to] [the old reply|an older version|the old version|earlier replies|the other version]?",
        ),
        (
            "Each new try of a reply or an edited message is a version. The arrows beside a number like 2/3 switch between them.",
            "When you regenerate or edit, the old text stays as a version. Use the arrows beside a number like 2/3 to switch.",
        ),
        ("version", "arrows"),
    ),
    Fact(
        "edit",
        (
            "How [do I|can I|to] [edit|change|correct|fix|rewrite] [a message|my message|my question|the last message|what I wrote|a question]?",
            "[Can I|Is it possible to] [edit|change|correct] [a message|my message|my question|what I wrote] [later|after sending|]?",
            "I made a [mistake|typo] in my message, [what now|how do I fix it|can I fix it]?",
        ),
        (
            "Click Edit at your message, change the text and send it again. The old version and its reply are kept.",
            "Choose Edit at the message, change it and send it again. The old version is kept, and you get a new reply.",
        ),
        ("Edit", "old version"),
    ),
    Fact(
        "edit-reply",
        (
            "Can I [edit|change|correct] [your reply|a reply|your answer|the answer of the model|what you wrote]?",
            "How [do I|can I|to] [edit|change|correct] [your reply|a reply|your answer|the model's answer]?",
        ),
        (
            "Yes, click Edit at the reply. Your change becomes a new version that is marked as edited.",
            "You can: click Edit at the reply and change it. The new version is marked as edited.",
        ),
        ("marked as edited",),
    ),
    Fact(
        "continue",
        (
            "How [do I|can I|to] continue [a reply|an answer|a stopped reply|the text]?",
            "[You stopped|The reply stopped|The answer is cut off|The text ends too early], [how do I go on|can you continue|what now]?",
            "What does [Continue|the continue button] do?",
        ),
        (
            "Click Continue under the last reply. The model goes on from where the text ended.",
            "Use Continue under the last reply, and the model goes on from where the text ended.",
        ),
        ("Continue",),
    ),
    Fact(
        "copy",
        (
            "How [do I|can I|to] copy [a reply|an answer|a message|the text|your answer]?",
            "[Can I|Is there a way to] copy [a reply|your answer|the text] [to another program|]?",
        ),
        (
            "Click Copy at the message, and its exact text goes to the clipboard.",
            "Use Copy at the message. Its exact text is then in the clipboard.",
        ),
        ("Copy", "clipboard"),
    ),
    Fact(
        "rename",
        (
            "How [do I|can I|to] [rename|change the name of|change the title of|give a name to] a [chat|conversation]?",
            "[Can I|I want to] [rename|change the title of] [a chat|my chat|this chat|this conversation].",
        ),
        (
            "Select the chat in the list on the left and press F2 to rename it.",
            "Press F2 on the chat in the list on the left, then type the new name.",
        ),
        ("F2",),
    ),
    Fact(
        "delete-chat",
        (
            "How [do I|can I|to] [delete|remove|erase|throw away] a [chat|conversation]?",
            "[Can I|Is there a way to] [get back|restore|recover|bring back] a deleted [chat|conversation]?",
            "I deleted a chat by [mistake|accident], [what now|can I get it back]?",
        ),
        (
            "Delete a chat in the list on the left. It goes to the trash first, so you can restore it.",
            "Choose Delete at the chat in the list on the left. It moves to the trash, where you can restore it.",
        ),
        ("trash",),
    ),
    Fact(
        "pin",
        (
            "How [do I|can I|to] pin a [chat|conversation]?",
            "[How do I keep|Can I keep] a chat [at the top|on top]?",
        ),
        (
            "Choose Pin at the chat in the list on the left. Pinned chats stay at the top.",
            "Pin the chat in the list on the left, and it stays at the top.",
        ),
        ("pin", "at the top"),
    ),
    Fact(
        "search",
        (
            "How [do I|can I|to] [find|search for|search] [an old chat|a chat|my chats|a conversation|something I wrote]?",
            "[Where is|Is there] [the search|a search|a search field]?",
        ),
        (
            "Type into the search field above the list of chats. It searches titles and messages.",
            "Use the search field above the list of chats: it finds words in titles and messages.",
        ),
        ("search field",),
    ),
    Fact(
        "storage",
        (
            "Where are [my chats|my conversations|the chats|conversations|my messages] [stored|saved|kept]?",
            "[Where does Realm Desktop|Where does this app|How does the app] [store|save|keep] [chats|my chats|conversations|data]?",
            "[Are|Will] my [chats|conversations] [saved|be saved|kept|stored] [|when I close the app]?",
            "How [do I|can I] save [a chat|my chat|a conversation]?",
        ),
        (
            "Your chats are saved by themselves in a database in the data folder of Realm Desktop on this computer.",
            "Chats are saved by themselves: Realm Desktop keeps them in a database in its data folder on this computer.",
        ),
        ("database", "data folder"),
    ),
    Fact(
        "crash",
        (
            "What happens [if|when] [the app crashes|the program crashes|the computer crashes|the power goes out|I close the window while you write]?",
            "[Will I|Can I|Do I] lose my [chat|text|messages] [in a crash|if the app crashes|if the power goes out]?",
        ),
        (
            "Your message is saved before I answer, and the reply is saved every second. After a crash the text is still there.",
            "After a crash your text is still there: messages are saved before I answer, and the reply is saved every second.",
        ),
        ("every second", "still there"),
    ),
    Fact(
        "workspace",
        (
            "What is a workspace?",
            "What are workspaces [|for|good for]?",
            "[Why|When] [do I need|should I use|would I use] [a workspace|workspaces]?",
            "[Explain|Tell me about] workspaces.",
        ),
        (
            "A workspace is a group of chats that share a system prompt and settings. Use one for each kind of work.",
            "A workspace groups chats that share a system prompt and settings, for example one for writing and one for study.",
        ),
        ("share a system prompt",),
    ),
    Fact(
        "new-workspace",
        (
            "How [do I|can I|to] [make|create|add|start|open] a [|new] workspace?",
            "[I want|I need] [a new|another] workspace.",
        ),
        (
            "Choose New workspace in the list on the left and give it a name. Then you can set its system prompt.",
            "Use New workspace in the list on the left. Give it a name, and set a system prompt if you like.",
        ),
        ("New workspace",),
    ),
    Fact(
        "system-prompt",
        (
            "What is [a|the] system prompt?",
            "What [does|is] [the|a] system prompt [do|for]?",
            "[Explain|Tell me about] [the system prompt|system prompts].",
        ),
        (
            "A system prompt is a text that the model reads before your messages. It tells the model how to answer in a workspace.",
            "The system prompt is a text that the model reads before your messages, so that it knows how to answer.",
        ),
        ("reads before your messages",),
    ),
    Fact(
        "set-system-prompt",
        (
            "How [do I|can I|to] [set|change|write|edit|add] [a|the|my] system prompt?",
            "Where [is|do I find|can I find] the system prompt?",
        ),
        (
            "Open the settings of the workspace and write the system prompt there. All chats of that workspace use it.",
            "You set it in the settings of the workspace. The system prompt then holds for all chats of that workspace.",
        ),
        ("settings of the workspace",),
    ),
    Fact(
        "why-waiting",
        (
            "Why is my chat waiting?",
            "Why [do I have to|must I] wait [for a reply|for an answer|]?",
            "What does [waiting|waiting in line|2nd in line] mean?",
        ),
        (
            "Your chat waits when other replies use all the room. It starts by itself as soon as there is room.",
            "Other replies are using all the room at the moment. Your chat starts by itself as soon as there is room.",
        ),
        ("by itself",),
    ),
)
