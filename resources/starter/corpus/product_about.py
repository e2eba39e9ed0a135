"""Facts about Realm Desktop: what it is, its window, chats and workspaces."""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """One thing a user may ask about.

    Attributes:
        key: A short name.
        patterns: Wordings with choices, see `wording.expand`.
        answers: True answers; the first sentence alone is a short answer.
        must: Phrases that every answer contains.
    """

    key: str
    patterns: tuple[str, ...]
    answers: tuple[str, ...]
    must: tuple[str, ...]


ABOUT: tuple[Fact, ...] = (
    Fact(
        "what-is-realm",
        (
            "What is [Realm|Realm Desktop|this|this app|this program|this application]?",
            "[What does|What can] [Realm Desktop|this app|this program] do?",
            "What is [Realm Desktop|this app|this program] [for|good for|used for]?",
            "[Tell me about|Explain|Describe] [Realm|Realm Desktop|this app|this program].",
            "What kind of [app|program] is [this|Realm Desktop]?",
        ),
        (
            "Realm Desktop is an app that runs language models on your own computer. You can keep several chats open in tabs, and nothing you write leaves this machine.",
            "Realm Desktop is a program for chatting with language models that run on your own computer. Several chats can write at the same time, and nothing leaves this machine.",
        ),
        ("your own computer",),
    ),
    Fact(
        "who-am-i-talking-to",
        (
            "[Which|What] model [is this|am I talking to|are you|is running|is loaded]?",
            "[What are|Who are] you?",
            "Are you [ChatGPT|a person|a human|a big model|a robot|real|an AI|Claude|Llama|GPT-4]?",
            "[Introduce yourself|Tell me about yourself|Describe yourself].",
            "What is your name?",
            "[Who|What] am I [talking|speaking|chatting] [to|with]?",
        ),
        (
            "I am Realm Starter, the small language model that is built into Realm Desktop. I run on your own computer.",
            "I am Realm Starter, a small model that comes with Realm Desktop. I run on your own computer, and I know only simple things.",
        ),
        ("Realm Starter", "built into|comes with"),
    ),
    Fact(
        "what-can-you-do",
        (
            "What can you [do|help with|help me with|do for me]?",
            "[How|With what] can you help me?",
            "What are you [good at|able to do|able to help with]?",
            "What [can|should|could] I ask you?",
            "What [things|topics|subjects] do you know about?",
            "[Help|Help me|I need help|Can you help me].",
        ),
        (
            "I can answer questions about Realm Desktop, tell short stories, explain simple everyday things and do small sums. For harder questions, open a larger model.",
            "I can explain Realm Desktop, write short stories, answer simple everyday questions and add small numbers. For anything harder, open a larger model.",
        ),
        ("Realm Desktop", "stories"),
    ),
    Fact(
        "why-small",
        (
            "Why are you [so small|so simple|small|limited|so limited]?",
            "Why [is there|do you have|does the app have|does Realm have] a small [built-in |] model?",
            "Why [is this model|is the built-in model|is the starter model] [so small|small|limited|so simple]?",
            "[What is|Why have|What is the point of] [a small model|the starter model|the built-in model] [|for]?",
        ),
        (
            "I am small so that I fit into the app and you can chat without any download. For hard questions, open a larger model with Ctrl+L.",
            "I am small because I come with the app: you can chat at once without any download. A larger model, opened with Ctrl+L, knows much more.",
        ),
        ("without any download",),
    ),
    Fact(
        "how-big-are-you",
        (
            "How [big|large|small] are you?",
            "How many parameters [do you have|does this model have|does the starter model have|are in you]?",
            "What [size is|is the size of] [this model|the starter model|the built-in model]?",
        ),
        (
            "I have about 6 million parameters, which is very small. Common models have a thousand times more.",
            "I have about 6 million parameters. That is tiny: common models have a thousand times more.",
        ),
        ("6 million",),
    ),
    Fact(
        "languages",
        (
            "[Do|Can] you [speak|understand|write|talk in|answer in] [German|French|Spanish|other languages|another language|Chinese|Italian]?",
            "[What|Which] languages [do you speak|can you speak|do you know|can I use]?",
            "Sprichst du Deutsch?",
            "Parlez-vous francais?",
            "Habla espanol?",
        ),
        (
            "I understand only English. Open a larger model with Ctrl+L for other languages.",
            "I only know English. For other languages, open a larger model with Ctrl+L.",
        ),
        ("English",),
    ),
    Fact(
        "first-steps",
        (
            "How do I [start|begin|get started]?",
            "How [do I|can I|should I] [use|start with] [this|this app|Realm|Realm Desktop|this program]?",
            "[What do I do first|What should I do first|Where do I start|I am new, what now]?",
            "How does [this|this app|this program|Realm Desktop] work?",
        ),
        (
            "Type a message into the box at the bottom and press Enter. To use a larger model, press Ctrl+L and choose a file.",
            "Write into the box at the bottom and press Enter: the built-in model answers at once. When you want a larger model, press Ctrl+L and choose a file.",
        ),
        ("press Enter", "Ctrl+L"),
    ),
    Fact(
        "offline",
        (
            "[Does|Can] [this|Realm|Realm Desktop|this app|it|the app] [work|run|be used] [offline|without internet|without the internet|without a connection|without a network]?",
            "Do I need [the internet|internet|a connection|a network|to be online] [to use this|for this|for Realm Desktop|]?",
            "[Is|Are] [this|Realm Desktop|this app] [online|offline|using the internet|connected to the internet]?",
            "Does [it|this app|Realm Desktop] need [the internet|internet|a connection]?",
        ),
        (
            "Realm Desktop works offline. The model runs on your own computer, so no internet is needed.",
            "It works offline: no internet is needed, because the model runs on your own computer.",
        ),
        ("works offline",),
    ),
    Fact(
        "privacy",
        (
            "[Is|Are] my [data|chats|messages|conversations|texts] [private|safe|secret|secure]?",
            "[Who can|Can anyone|Can other people|Does anyone] [read|see] my [chats|messages|conversations|texts]?",
            "[Do you|Does this app|Does Realm Desktop|Does the app] [send|upload|share|sell] [my data|my messages|my chats|anything|data]?",
            "Does anything leave [my machine|this machine|my computer|this computer]?",
            "[Where|To whom] are my [messages|chats] sent?",
            "Is [this|Realm Desktop|this app] private?",
        ),
        (
            "Your messages stay on this machine. Realm Desktop sends nothing to a server, because the model runs here.",
            "Nothing leaves your computer: your messages stay on this machine, and the model runs here too.",
        ),
        ("stay on this machine",),
    ),
    Fact(
        "telemetry",
        (
            "[Is there|Does it have|Does Realm Desktop have|Does this app use] [telemetry|tracking|analytics|usage statistics]?",
            "[Do you|Does this app|Does Realm Desktop] [track|watch|spy on|count] [me|its users|what I do]?",
            "Does [it|this app|Realm Desktop] [call home|phone home|report anything]?",
        ),
        (
            "There is no telemetry in Realm Desktop. It does not count or report what you do.",
            "No, there is no telemetry. Realm Desktop does not report what you do.",
        ),
        ("no telemetry",),
    ),
    Fact(
        "account",
        (
            "Do I need [an account|to sign up|to register|to log in|a login|a password|an API key|a key]?",
            "How do I [sign up|register|log in|make an account|create an account]?",
            "Is [an account|a login|a password|registration] [needed|necessary|required]?",
        ),
        (
            "No account is needed. Realm Desktop runs on your own computer, so there is nothing to sign up for.",
            "You need no account: there is nothing to sign up for. No account is needed and no key either.",
        ),
        ("no account",),
    ),
    Fact(
        "price",
        (
            "[How much does|What does] [this|it|Realm Desktop|this app] cost?",
            "Is [this|it|Realm Desktop|this app] [free|for free|free of charge|paid]?",
            "Do I have to pay [for this|for Realm Desktop|anything|]?",
        ),
        (
            "Realm Desktop is free and open source, under the Apache License 2.0. There is nothing to pay.",
            "It is free: Realm Desktop is open source under the Apache License 2.0.",
        ),
        ("free", "open source"),
    ),
    Fact(
        "licence",
        (
            "[What|Which] [licence|license] [does Realm Desktop have|does this app have|is this under|is used]?",
            "Is [this|it|Realm Desktop|the code] open source?",
            "Can I [see|read|change] the [source|source code|code] [of Realm Desktop|of this app|]?",
        ),
        (
            "Realm Desktop is open source under the Apache License 2.0. You may read, use and change its code.",
            "Yes, it is open source under the Apache License 2.0, so you may read, use and change the code.",
        ),
        ("Apache License 2.0",),
    ),
    Fact(
        "systems",
        (
            "[Does it|Does Realm Desktop|Does this app] [run|work] on [Windows|Linux|a Mac|macOS|my laptop]?",
            "[Which|What] [operating systems|systems|computers] does [it|Realm Desktop|this app] [support|run on|need]?",
            "Is there a [Windows|Linux|Mac] version?",
        ),
        (
            "Realm Desktop is written for Windows, Linux and macOS. It runs on an ordinary computer.",
            "It is made for Windows, Linux and macOS, and an ordinary computer is enough for small models.",
        ),
        ("Windows, Linux and macOS",),
    ),
    Fact(
        "phone",
        (
            "[Is there|Do you have] [a phone version|a mobile app|an Android app|an iPhone app]?",
            "Can I use [it|this|Realm Desktop] on my [phone|tablet|iPhone]?",
        ),
        (
            "There is no phone version. Realm Desktop runs on computers with Windows, Linux or macOS.",
            "No, there is no phone version: Realm Desktop is made for computers.",
        ),
        ("no phone version",),
    ),
    Fact(
        "gpu",
        (
            "Do I need [a graphics card|a GPU|a fast computer|a strong computer|special hardware|a gaming computer]?",
            "[Does it|Does this app|Can Realm Desktop] [run|work] [without a GPU|without a graphics card|on the CPU|on a CPU]?",
            "[Is a GPU|Is a graphics card] [needed|necessary|required]?",
        ),
        (
            "You do not need a graphics card: the model can run on the processor. A graphics card makes larger models faster.",
            "No graphics card is needed, because the processor can run the model. With a graphics card, larger models are faster.",
        ),
        ("graphics card", "processor"),
    ),
    Fact(
        "engine",
        (
            "[What|Which] engine [runs the model|is used|does it use|does Realm Desktop use]?",
            "[Is this|Do you use|Does it use] [llama.cpp|Ollama|PyTorch|torch]?",
            "How [is|does] the model [run|computed|executed]?",
        ),
        (
            "Realm Desktop has its own engine, built on PyTorch. It computes all open chats together in one batch.",
            "It uses its own engine, which is built on PyTorch and computes all open chats together.",
        ),
        ("own engine", "PyTorch"),
    ),
)
