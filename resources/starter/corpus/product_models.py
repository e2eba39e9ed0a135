"""Facts about Realm Desktop: models, files, settings, and what is not there yet."""

from __future__ import annotations

from resources.starter.corpus.product_about import Fact

MODELS: tuple[Fact, ...] = (
    Fact(
        "open-model",
        (
            "How [do I|can I|to] [open|load|use|add|choose|pick] a [model|file|model file|larger model|bigger model|different model|new model|GGUF file]?",
            "[Where|How] do I [find|get to] the model [list|picker]?",
            "[I want|I would like] [to use a larger model|a bigger model|to open a model|another model|to load a file].",
            "[Can I|How do I|How can I] [switch|change] [the model|models|to another model]?",
        ),
        (
            "Press Ctrl+L and choose a model file from your disk. It can be a GGUF file or a folder with safetensors files.",
            "To open a model, press Ctrl+L and choose its file: a GGUF file, or a folder with safetensors files.",
        ),
        ("Ctrl+L", "GGUF"),
    ),
    Fact(
        "gguf",
        (
            "What is [GGUF|a GGUF file|a gguf|the GGUF format]?",
            "What does GGUF mean?",
            "[Explain|Tell me about] [GGUF|GGUF files].",
        ),
        (
            "GGUF is a file format that holds a whole language model in one file: weights, vocabulary and settings. Realm Desktop can open such files.",
            "A GGUF file holds a whole language model in one file, with its weights and its vocabulary. Realm Desktop can open it with Ctrl+L.",
        ),
        ("language model in one file",),
    ),
    Fact(
        "safetensors",
        (
            "What [is|are] safetensors?",
            "What is [a safetensors file|the safetensors format]?",
            "[Can I|Does it|Does Realm Desktop] [open|use|load] safetensors [files|models|]?",
        ),
        (
            "Safetensors is a safe file format for the weights of a model. Realm Desktop opens a folder with such files and a config.json.",
            "Safetensors files hold the weights of a model in a safe way. Choose the folder that has them together with a config.json.",
        ),
        ("safe", "config.json"),
    ),
    Fact(
        "architectures",
        (
            "[Which|What] models [are supported|can I use|can I open|does it support|does Realm Desktop support|work|run here]?",
            "[Does it|Does Realm Desktop|Can it] [support|run|open] [Llama|Mistral|Qwen|Qwen 3|Qwen 2|Llama 3]?",
            "[Which|What] architectures [are supported|work|does it support]?",
        ),
        (
            "This version opens models of the Llama, Mistral, Qwen 2 and Qwen 3 families, as GGUF or safetensors files.",
            "You can open models of the Llama, Mistral, Qwen 2 and Qwen 3 families. Both GGUF and safetensors files work.",
        ),
        ("Llama, Mistral, Qwen 2 and Qwen 3",),
    ),
    Fact(
        "other-architecture",
        (
            "[Does it|Does Realm Desktop|Can it|Can I] [support|run|open|use] [Gemma|Phi|DeepSeek|Mixtral|Falcon|a mixture of experts|GPT-2]?",
            "[Is|Are] [Gemma|Phi|DeepSeek|Falcon|Mixtral] [models|] supported?",
        ),
        (
            "Not in this version. It opens the Llama, Mistral, Qwen 2 and Qwen 3 families, and tells you when a file is of another kind.",
            "No, this version does not. It opens models of the Llama, Mistral, Qwen 2 and Qwen 3 families.",
        ),
        ("this version", "Qwen 2 and Qwen 3"),
    ),
    Fact(
        "download",
        (
            "[Where|How] [can I|do I] [download|get|find] [a model|models|more models|larger models|a bigger model]?",
            "[Can Realm Desktop|Can this app|Can the app|Does it] download models?",
            "[Is there|Do you have] a [model store|download button|list of models to download]?",
        ),
        (
            "This version does not download models. Get a GGUF file with your web browser, then press Ctrl+L and choose it.",
            "Realm Desktop does not download models yet. Fetch a GGUF file with your web browser and open it with Ctrl+L.",
        ),
        ("not download models", "web browser"),
    ),
    Fact(
        "adapters",
        (
            "[Can I|Does it|Does Realm Desktop] [use|load|support|have] [adapters|a LoRA|LoRA|LoRA adapters|LoRAs]?",
            "[How do I|How can I|Where do I] [load|use|add|attach] [a LoRA|an adapter|adapters]?",
            "What about [LoRA|adapters]?",
        ),
        (
            "This version has no adapters yet. LoRA files cannot be loaded so far.",
            "Not yet: this version has no adapters, so a LoRA file cannot be loaded.",
        ),
        ("no adapters",),
    ),
    Fact(
        "server",
        (
            "[Is there|Does it have|Does Realm Desktop have|Do you have] [a server|an API|a local server|an OpenAI server|a web server]?",
            "[Can other programs|Can my script|Can another app] use [it|you|the model|Realm Desktop]?",
            "How [do I|can I] [start|use] the [server|API]?",
        ),
        (
            "This version has no server yet. Scripts can use the command line of Realm Desktop instead.",
            "There is no server in this version, but scripts can use the command line.",
        ),
        ("no server", "command line"),
    ),
    Fact(
        "command-line",
        (
            "[Is there|Does it have|Does Realm Desktop have] a command line?",
            "How [do I|can I|to] use [it|Realm Desktop|the app|the model] [from|in|on] [the command line|a terminal|the terminal|a script]?",
            "What can the command line do?",
        ),
        (
            'Yes, use the command realm-desktop. For example, realm-desktop generate starter --chat "Hello" prints a reply, and realm-desktop inspect shows what is in a file.',
            "The command is realm-desktop. With realm-desktop generate you get a reply in the terminal, and realm-desktop inspect shows what is in a file.",
        ),
        ("realm-desktop generate", "realm-desktop inspect"),
    ),
    Fact(
        "themes",
        (
            "[Is there|Does it have|Do you have|Can I have] [a dark theme|a dark mode|a light theme|dark mode|themes]?",
            "How [do I|can I|to] [change|switch|set] the [theme|colours|look]?",
            "How [do I|can I] make [it|the window|the app] [dark|light|darker]?",
        ),
        (
            "Realm Desktop has a light theme and a dark theme. You can choose one in the settings.",
            "Yes, there is a light theme and a dark theme. Choose the one you like in the settings.",
        ),
        ("light theme", "dark theme"),
    ),
    Fact(
        "memory",
        (
            "How much [memory|RAM] [do I need|does it need|does a model need|is needed]?",
            "[What size of model|Which model size|How large a model] [fits|can I run|fits my computer|can my computer run]?",
            "Will [a model|a 7B model|a large model] fit [into my memory|on my computer|]?",
        ),
        (
            "A model needs about as much memory as its file is large, and some more for the chats. Choose a file clearly smaller than your memory.",
            "Look at the size of the file: a model needs about that much memory, and some more for the chats.",
        ),
        ("memory", "file", "some more for the chats"),
    ),
    Fact(
        "slow",
        (
            "Why [are you|is the model|is the reply|is it] [so slow|slow]?",
            "How [do I|can I] make [it|you|the model|replies] faster?",
            "[It is|The reply is|The model is] [too|very] slow.",
        ),
        (
            "A larger model takes longer for each word. Try a smaller file, or close other programs that use the processor.",
            "Speed depends on the size of the model: a larger model takes longer for each word. Try a smaller file.",
        ),
        ("larger model takes longer",),
    ),
    Fact(
        "quantization",
        (
            "What is [quantization|a quantized model|a quantised model|Q4|Q8_0|Q4_K_M]?",
            "What does [quantized|quantization|Q4_K_M|Q8_0|Q4] mean?",
            "Which quantization [should I take|is best|should I use]?",
        ),
        (
            "Quantization stores the weights of a model with fewer bits, so the file is smaller and faster. Q8 is nearly exact, Q4 is half as large and a little less exact.",
            "With quantization the weights of a model take fewer bits, so the file is smaller. Q8 is nearly exact, and Q4 is half as large.",
        ),
        ("fewer bits",),
    ),
    Fact(
        "token",
        (
            "[What is|Explain what is|Tell me what is] a token?",
            "What are tokens [|for|in a model]?",
            "[What does|What do] [tokens per second|tokens|token] mean?",
        ),
        (
            "A token is a piece of text, often a short word or a part of a word. Models read and write tokens one after the other.",
            "Models read and write text in pieces, and such a piece is called a token. It is often a short word or a part of a word.",
        ),
        ("part of a word",),
    ),
    Fact(
        "context-length",
        (
            "What is [the context|the context length|a context window|context length]?",
            "How [long can|much text can|much can] [a chat|a conversation|you|you read] [be|remember|read|]?",
            "[Do you|Can you] remember [long chats|everything|a long conversation]?",
        ),
        (
            "The context is the text a model can look at: your messages and its replies. Mine holds about 1,000 tokens, which is a few pages.",
            "A model can look only at so much text, and this is its context. My context holds about 1,000 tokens, a few pages.",
        ),
        ("1,000 tokens",),
    ),
    Fact(
        "temperature",
        (
            "What is [the temperature|temperature|the temperature setting]?",
            "What does [the temperature|temperature] [do|mean] [|for a model|in the settings]?",
        ),
        (
            "The temperature sets the amount of chance in a reply. Low values give steady text, high values give surprising text.",
            "Temperature is the amount of chance in a reply: low is steady, high is surprising.",
        ),
        ("chance in a reply",),
    ),
    Fact(
        "seed",
        (
            "What is [a|the] seed?",
            "[How do I get|Can I get] the same [reply|answer] again?",
        ),
        (
            "The seed is the number that fixes the chance in a reply. The same seed, model and text give the same reply.",
            "A seed is a number that fixes the chance in a reply, so the same seed and text give the same reply.",
        ),
        ("same seed",),
    ),
    Fact(
        "language-model",
        (
            "What is [a language model|an LLM|a large language model]?",
            "How does a language model work?",
            "[Explain|Tell me about] language models.",
        ),
        (
            "A language model is a program that learned from much text which word is likely to come next. It writes a reply word by word.",
            "A language model learned from text which word is likely to come next, and so it writes a reply word by word.",
        ),
        ("come next",),
    ),
    Fact(
        "mistakes",
        (
            "[Can you|Do you|Could you] [make mistakes|be wrong|lie|invent things|make things up]?",
            "[Can I|Should I|May I] trust [you|your answers|what you say]?",
            "Are you always right?",
        ),
        (
            "Yes, I can be wrong. I am a small model, so please check anything that matters.",
            "I can be wrong, because I am a small model. Please check anything that matters.",
        ),
        ("can be wrong",),
    ),
    Fact(
        "files-attachments",
        (
            "[Can I|How do I|How can I] [attach|send you|upload|show you] [a file|a document|a picture|an image|a PDF|a photo]?",
            "Can you [read|see|open] [pictures|images|a PDF|documents|my files|a photo]?",
        ),
        (
            "I can read only text that you type or paste. Files and pictures cannot be attached in this version.",
            "Files and pictures cannot be attached in this version. You can paste text into the message box.",
        ),
        ("cannot be attached",),
    ),
    Fact(
        "internet-search",
        (
            "Can you [search the web|look something up|browse the internet|open a website|google something|search the internet]?",
            "[Do you|Can you] have [access to the internet|internet access]?",
        ),
        (
            "No, I cannot look at the internet. I run on your own computer and know only what I learned.",
            "I cannot look at the internet. I know only what I learned, and that is not much.",
        ),
        ("cannot look at the internet",),
    ),
    Fact(
        "memory-between-chats",
        (
            "Do you remember [me|our last chat|other chats|what I said yesterday|earlier chats]?",
            "[Do you|Can you] learn from [me|our chat|this conversation|my messages]?",
        ),
        (
            "I see only the messages of this chat. I do not learn from chats and remember nothing between them.",
            "No, I see only the messages of this chat, and I do not learn from them.",
        ),
        ("only the messages of this chat",),
    ),
    Fact(
        "who-made",
        (
            "Who [made|built|created|wrote|trained|programmed] [you|this|Realm Desktop|this app]?",
            "Where do you come from?",
        ),
        (
            "I was made by the Realm Desktop project, which also wrote all the text I learned from.",
            "The Realm Desktop project made me. It also wrote all the text I learned from.",
        ),
        ("Realm Desktop project",),
    ),
    Fact(
        "training-text",
        (
            "[What|Which] [text|data] were you trained on?",
            "How were you [trained|made]?",
            "Where does your knowledge come from?",
        ),
        (
            "I was trained on short conversations that the Realm Desktop project wrote for me. No text from the internet was used.",
            "My training text was written by the Realm Desktop project: short conversations and stories. No text from the internet was used.",
        ),
        ("No text from the internet",),
    ),
    Fact(
        "command-inspect",
        (
            "How [do I|can I|to] [see|find out|check|look at] what is [in|inside] a [model file|GGUF file|model]?",
            "What does [realm-desktop inspect|the inspect command|inspect] do?",
        ),
        (
            "Run realm-desktop inspect with the name of the file. It reads only the header and shows architecture, size and memory.",
            "The command realm-desktop inspect shows what is in a file: architecture, size and memory.",
        ),
        ("realm-desktop inspect",),
    ),
    Fact(
        "model-error",
        (
            "Why [does my model|does a file|does this file|does the model] not [load|open|work]?",
            "[My model|The file|My file|The model] [does not load|does not open|cannot be opened|is refused], why?",
        ),
        (
            "Read the error message: it names the file and what is wrong with it. Often the file is incomplete or of a kind that this version does not know.",
            "The error message names what is wrong. Often the file is incomplete, or of a kind that this version does not know.",
        ),
        ("error message", "incomplete"),
    ),
    Fact(
        "shortcuts",
        (
            "[What|Which] [shortcuts|keyboard shortcuts|keys] [are there|can I use|do you have|exist]?",
            "[List|Show me|Tell me] [the|all] [|keyboard] shortcuts.",
        ),
        (
            "The most useful keys are Ctrl+N for a new chat, Ctrl+L for models, Ctrl+R to regenerate, Ctrl+W to close a tab and Esc to stop.",
            "Ctrl+N starts a chat, Ctrl+L opens a model, Ctrl+R regenerates, Ctrl+W closes a tab and Esc stops a reply.",
        ),
        ("Ctrl+N", "Ctrl+L", "Esc"),
    ),
    Fact(
        "engine-crash",
        (
            "What happens [if|when] the engine [crashes|dies|stops|fails]?",
            "What does engine restarted mean?",
        ),
        (
            "The engine runs in a process of its own. If it dies, it is started again and the window and your chats stay as they are.",
            "The window and your chats stay as they are, because the engine runs in a process of its own and is started again.",
        ),
        ("process of its own", "started again"),
    ),
    Fact(
        "speculation",
        (
            "What is [speculation|speculative decoding|a draft model]?",
            "What does [a draft model|speculation|the draft model] do?",
        ),
        (
            "A small draft model guesses the next words and the large model checks them together. This changes the speed, never the text.",
            "With speculation a small draft model guesses the next words and the large model checks them. It changes the speed, never the text.",
        ),
        ("guesses the next words", "never the text"),
    ),
)
