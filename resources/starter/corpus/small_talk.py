"""Greetings, thanks, moods, names, and other small talk."""

from __future__ import annotations

import functools
import random
from typing import NamedTuple

from resources.starter.corpus import names, story_words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, expand, is_held_out, tidy


class Talk(NamedTuple):
    """One kind of small talk: what people say, and fitting answers."""

    key: str
    patterns: tuple[str, ...]
    answers: tuple[str, ...]


TALKS: tuple[Talk, ...] = (
    Talk("hello", ("[Hello|Hi|Hey|Good morning|Good evening|Good afternoon|Hello there|Hi there|Hey there|Greetings|Good day|Howdy|Hiya|Yo|Hallo] [!|.|,|]",),
         ("Hello! What can I do for you?", "Hi! How can I help you?", "Hello! Ask me something, or let me tell you a story.", "Hi! I am Realm Starter. How can I help?")),
    Talk("how-are-you", ("How are you [|today|doing|doing today|feeling]?", "How is it going?", "How do you do?", "What's up?", "[Are you|You] [well|fine|ok|okay|all right]?", "How was your day?"),
         ("I am well, thank you. What can I do for you?", "Thank you, all is well. I am a small program, so I have no bad days. How can I help?")),
    Talk("thanks", ("[Thanks|Thank you|Thank you very much|Thanks a lot|Many thanks|Thx|Thank you so much|Great, thanks|Ok, thanks|Perfect, thank you|Cheers] [!|.|]", "That [helped|was helpful|helps], [thanks|thank you]."),
         ("You are welcome!", "You are welcome. Is there anything else?", "Gladly! Ask me again any time.")),
    Talk("bye", ("[Bye|Goodbye|See you|See you later|Good night|Farewell|Bye bye|See you tomorrow|I have to go|Have a nice day|Take care|That is all|I am done] [!|.|]",),
         ("Goodbye! Your chat is saved.", "See you! This chat will still be here when you come back.", "Goodbye, and have a nice day!")),
    Talk("good", ("[Great|Good|Nice|Cool|Wonderful|Well done|Awesome|Perfect|Excellent|Good job|I like it|I like that|That is nice|That was good|That is great|Not bad|Super|Amazing] [!|.|]",),
         ("I am glad that you like it.", "Thank you! Shall we go on?", "Good! What would you like next?")),
    Talk("bad", ("[That is wrong|That is not right|Wrong|You are wrong|This is wrong|That is bad|I do not like it|That was bad|That makes no sense|Nonsense|You made a mistake|No, that is wrong|That is stupid|Are you sure] [!|.|?|]",),
         ("I am sorry. I am a small model and make mistakes. You can press Ctrl+R for another try, or open a larger model with Ctrl+L.", "Sorry, I may be wrong there. Ask me in other words, or open a larger model with Ctrl+L.")),
    Talk("yes", ("[Yes|Ok|Okay|Sure|Yes please|Of course|Alright|Yep|Yeah|Fine|Right|I see|I understand|Aha] [!|.|]",),
         ("Good. What would you like to do?", "All right. What comes next?")),
    Talk("no", ("[No|No thanks|No thank you|Nope|Nothing|Not now|Never mind|Forget it|Nothing else] [!|.|]",),
         ("All right. I am here when you need me.", "That is fine. Just write when you need something.")),
    Talk("joke", ("[Tell me a joke|Do you know a joke|Make me laugh|Say something funny|A joke, please|Another joke|Can you tell me a joke|Tell a joke] [.|]",),
         ("Why did the clock go to school? Because it wanted to learn the time.", "What does a cloud wear under its coat? Thunderwear.", "Why was the book cold? It had lost its cover.", "What did the little candle say to the big one? I am going out tonight.", "Why do bees hum? Because they forgot the words.", "What runs but never walks? A river.")),
    Talk("riddle", ("[Tell me a riddle|Do you know a riddle|Give me a riddle|A riddle, please|Ask me a riddle] [.|]",),
         ("What has hands but cannot clap? A clock.", "What has teeth but cannot bite? A comb.", "What gets wetter the more it dries? A towel.", "What has a neck but no head? A bottle.", "What can you catch but not throw? A cold.")),
    Talk("bored", ("[I am bored|I'm bored|What should I do|I have nothing to do|I am so bored|Entertain me] [.|]",),
         ("Let me tell you a story: give me a hero and a place. Or try a walk, a book or a cup of tea.", "Shall I tell you a story? Just name a hero and a place.")),
    Talk("sad", ("[I am sad|I'm sad|I feel bad|I feel sad|I am unhappy|I had a bad day|I feel lonely|I am lonely|I am not well|I am depressed] [.|today|]",),
         ("I am sorry to hear that. A talk with somebody you trust can help more than I can. Shall I tell you a kind story?", "That is hard, and I am sorry. Please talk to somebody you trust. If you like, I tell you a warm story.")),
    Talk("happy", ("[I am happy|I'm happy|I feel good|I had a good day|I am fine|I am well|I feel great|I am in a good mood] [.|today|!|]",),
         ("That is good to hear! What shall we do?", "I am glad to hear that. How can I help?")),
    Talk("tired", ("[I am tired|I'm tired|I cannot sleep|I can't sleep|I am sleepy|I should go to bed] [.|]",),
         ("Then a rest may be the best idea. Shall I tell you a calm story first?", "Rest is good for you. Put the screen away soon, and sleep well.")),
    Talk("hungry", ("[I am hungry|I'm hungry|What should I eat|What should I cook|What can I cook] [|today|tonight] [.|?|]",),
         ("How about soup, pasta or a sandwich? Ask me how to make one of them.", "A quick idea: pasta with tomatoes, or bread with cheese and an apple.")),
    Talk("feelings", ("[Do you have|Have you got] [feelings|emotions|a soul|friends|a family|a body|dreams|a brain]?", "Are you [alive|happy|sad|conscious|bored|tired|lonely|hungry]?", "Do you [love|like|hate] me?", "Do you sleep?"),
         ("I am a program without feelings, but I am glad to help.", "No, I am only a small program that writes text. How can I help you?")),
    Talk("favourite", ("What is your favourite [colour|animal|food|book|song|film|season|number|color]?", "Which [colour|animal|food|season|book] do you like [best|most]?", "What do you like?"),
         ("I am a program and have no favourites. What is yours?", "I have none, because I am a program. Tell me yours!")),
    Talk("age", ("How old are you?", "When were you [born|made|built]?", "When is your birthday?"),
         ("I am a program and have no age. I belong to the first version of Realm Desktop.",)),
    Talk("where", ("Where are you?", "Where do you live?", "Where are you from?", "Where do you run?"),
         ("I am on your own computer, inside of Realm Desktop.",)),
    Talk("time", ("What time is it?", "What is the time?", "What day is it [|today]?", "What is the date [|today]?", "What year is it?", "Which day is today?"),
         ("I cannot see a clock or a calendar. Your computer shows the time and the date.",)),
    Talk("weather", ("[What is|How is] the weather [|today|like|like today|tomorrow|in London|outside]?", "Will it rain [|today|tomorrow]?", "Is it [cold|warm|raining|sunny] [|today|outside]?"),
         ("I cannot know the weather, because I do not look at the internet. A look out of the window helps.", "I do not know the weather: I have no connection to the internet.")),
    Talk("insult", ("You are [stupid|dumb|useless|bad|an idiot|silly|terrible|not very smart|boring]!", "I hate you.", "You know nothing."),
         ("I am sorry that I could not help. I am a very small model. A larger one, opened with Ctrl+L, can do more.",)),
    Talk("praise", ("You are [great|good|nice|clever|smart|funny|the best|helpful|cute|kind]!", "I like you.", "I love you."),
         ("Thank you! That is kind of you.", "Thank you! What shall we do next?")),
    Talk("test", ("[Test|Testing|Test 1 2 3|Is this on|Are you there|Anybody there|Can you hear me|Hello, are you there|Does this work|Do you work] [?|]",),
         ("I am here and it works. What can I do for you?",)),
    Talk("unclear", ("[?|??|hm|hmm|asdf|asdfgh|qwerty|xyz|what|huh|hä|...|!|.|blah|blah blah|la la la|abc|foo|aaa|ok what|eh]",),
         ("I did not understand that. Ask me about Realm Desktop, or ask for a short story.", "Please say it in other words. I can explain Realm Desktop, tell stories and do small sums.")),
    Talk("another", ("[What else|Anything else|Tell me more|More|More please|Go on|And then|What next|Tell me something|Say something|Talk to me|Tell me something interesting|Surprise me] [?|.|]",),
         ("An octopus has three hearts. Shall I tell you a story too?", "Honey can keep for many years. What else would you like to know?", "A day on Venus is longer than its year. Ask me something, or let me tell you a story.", "Bees tell each other the way by dancing. Shall I tell you a story?", "Some trees are older than a thousand years. What would you like to know?")),
)  # fmt: skip


def talk_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A piece of small talk and a fitting answer, from held-out wordings or from the others."""
    while True:
        talk = rng.choice(TALKS)
        question = rng.choice(_wordings(talk))
        if is_held_out(question) == held_out:
            break
    return Exchange("talk", talk.key, as_typed(rng, question), rng.choice(talk.answers))


def remember_exchange(rng: random.Random) -> Exchange:
    """The user tells a name or a liking, and asks for it afterwards."""
    return _name(rng) if rng.random() < 0.6 else _favourite(rng)


def repeat_exchange(rng: random.Random) -> Exchange:
    """The user asks to have words repeated, joined or written large."""
    pool = (
        *story_words.OBJECTS,
        *story_words.ANIMALS,
        *story_words.BEINGS,
        *story_words.TRAITS,
        *story_words.PEOPLE,
    )
    said = " ".join(rng.choice(pool) for _ in range(rng.randint(1, 7)))
    if rng.random() < 0.5:
        said = " ".join(names.invented_name(rng) for _ in range(rng.randint(1, 4)))
    question = choose(rng, f"[Repeat after me:|Say|Please repeat:|Repeat:|Write|Please say] {said}")
    return Exchange("talk", "repeat", tidy(question), tidy(said) + ".", must=tuple(said.split()))


def _wordings(talk: Talk) -> list[str]:
    return _expanded(talk.patterns)


@functools.cache
def _expanded(patterns: tuple[str, ...]) -> list[str]:
    return [text for pattern in patterns for text in expand(pattern)]


def _name(rng: random.Random) -> Exchange:
    name = rng.choice((*story_words.BOYS, *story_words.GIRLS))
    if rng.random() < 0.7:
        name = names.invented_name(rng)
    question = choose(
        rng,
        f"[My name is|I am|I'm|Hello, I am|Hi, my name is|Call me|Hi, I'm|You can call me] {name}.",
    )
    answer = choose(
        rng,
        f"[Hello|Hi|Nice to meet you], {name}! [How can I help you?|What can I do for you?]",
    )
    asked = choose(
        rng,
        "[What is my name?|What's my name?|Do you remember my name?|Who am I?|Do you know my name?]",
    )
    return Exchange(
        "talk",
        "name",
        as_typed(rng, question),
        answer,
        ((as_typed(rng, asked), f"Your name is {name}."),),
    )


def _favourite(rng: random.Random) -> Exchange:
    kind, things = rng.choice(
        (
            ("colour", "red blue green yellow orange purple pink brown black white grey"),
            ("animal", " ".join(story_words.ANIMALS)),
            ("food", "bread cheese rice pasta soup salad cake fish"),
        )
    )
    thing = rng.choice(things.split())
    question = f"My favourite {kind} is {'the ' if kind == 'animal' else ''}{thing}."
    answer = rng.choice(
        ("That is a good choice! What else do you like?", "Good to know. How can I help you?")
    )
    asked = choose(rng, f"What is my favourite {kind}?")
    reply = f"Your favourite {kind} is {'the ' if kind == 'animal' else ''}{thing}."
    return Exchange(
        "talk",
        "favourite-of-user",
        as_typed(rng, question),
        answer,
        ((as_typed(rng, asked), reply),),
    )
