"""Questions that a tiny model cannot answer, and honest answers that say what to do."""

from __future__ import annotations

import random
from collections.abc import Callable

from resources.starter.corpus import names, story_words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, is_held_out, phrases, tidy, words

SUBJECTS = phrases("quantum physics|black holes|the French Revolution|the Roman Empire|Napoleon|Julius Caesar|World War II|the stock market|inflation|taxes|insurance|contract law|the constitution|machine learning|neural networks|blockchain|bitcoin|photosynthesis|DNA|genetics|evolution|vaccines|cancer|diabetes|headaches|depression|nutrition|vitamins|philosophy|Plato|Kant|Nietzsche|Shakespeare|Goethe|Mozart|Beethoven|Picasso|impressionism|jazz|opera|the Beatles|football results|the World Cup|the Olympics|the last election|the president|politics|climate change|nuclear energy|solar panels|electric cars|rockets|relativity|Einstein|Newton|calculus|linear algebra|statistics|prime numbers|topology|chemistry|the periodic table|uranium|dinosaurs|the ice age|plate tectonics|ancient Egypt|the Maya|the Silk Road|Buddhism|Christianity|Islam|mythology|Zeus|Odin|grammar|Latin|Japanese|Sanskrit|linguistics|psychology|Freud|economics|marketing|management|accounting|investing|real estate|cooking sous vide|wine|chess openings|poker|video games|Minecraft|film history|Hollywood|fashion|architecture|Gothic cathedrals|bridges and statics|engines|turbines|semiconductors|transistors|operating systems|Linux kernels|Kubernetes|Docker|databases|SQL|compilers|cryptography|algorithms|sorting algorithms|recursion|JavaScript|Python|Rust|C++|Java|HTML|CSS|React|regular expressions|git|the human brain|the immune system|the heart|blood pressure|sleep disorders|surgery|antibiotics|the Renaissance|the Middle Ages|the Cold War|the United Nations|the European Union|trade|globalisation|poverty|education policy|ethics|logic|consciousness|free will|astronomy|galaxies|exoplanets|the big bang|string theory|lasers|optics|acoustics|thermodynamics|entropy|fluid dynamics|robotics|drones|satellites|oceanography|ecology|botany|zoology|entomology|geology|archaeology|anthropology|sociology|demography")  # fmt: skip
LANGUAGES = words("German French Spanish Italian Latin Chinese Japanese Russian Dutch Polish Turkish Arabic Greek Swedish Portuguese Korean Hindi Finnish Danish Czech")  # fmt: skip
PEOPLE_ASKED = phrases("Albert Einstein|Marie Curie|Napoleon|Cleopatra|Isaac Newton|Ada Lovelace|Alan Turing|Leonardo da Vinci|Galileo|Aristotle|Socrates|Mozart|Bach|Shakespeare|Goethe|Caesar|Columbus|Gandhi|Darwin|Kepler|Gauss|Euler|Tesla|Edison|Van Gogh|Rembrandt|Homer|Dante|Cervantes|Tolstoy")  # fmt: skip
FAR_COUNTRIES = phrases("Iceland|Nepal|Mongolia|Chile|Bolivia|Ghana|Nigeria|Morocco|Vietnam|Thailand|Indonesia|Iran|Iraq|Ukraine|Romania|Bulgaria|Serbia|Croatia|Estonia|Latvia|Lithuania|Uganda|Sudan|Ethiopia|Chad|Mali|Angola|Panama|Colombia|Ecuador|Paraguay|Uruguay|Jamaica|Haiti|Fiji|Samoa|Laos|Burma|Sri Lanka|Pakistan")  # fmt: skip
CODE_THINGS = phrases(
    "a function|a program|a script|code|a loop|a class|a web page|a game|a calculator|a sorting function|a website|an app|a bot|a query|a test|a server"
)
CODE_LANGUAGES = phrases(
    "Python|JavaScript|C|C++|Java|Rust|Go|SQL|HTML|PHP|Ruby|Swift|Kotlin|Bash|TypeScript|Haskell"
)
WRITINGS = phrases("an essay|an email|a letter to my boss|a message|a diary entry|a report|an application|a speech|a business plan|an article|a summary|a review|a press release|a thesis|a lesson plan|a contract|a cover letter|a resume|a blog post|a newsletter|song lyrics|a screenplay|a novel|a poem|a sonnet|a haiku|a limerick|a rap")  # fmt: skip

DISHES = phrases(
    "lasagna|pizza|sushi|curry|goulash|risotto|paella|ramen|tacos|burritos|hummus|falafel|apple pie|cheesecake|brownies|cookies|muffins|roast chicken|fish and chips|mashed potatoes|meatballs|chili|couscous|dumplings|ice cream|jam|pickles|stew|a birthday cake|an omelette"
)
OPEN_SUBJECTS = phrases(
    "love|war|peace|money|happiness|death|life|religion|football|school|work|cats|dogs|children|the future|art|modern music|television|social media|artificial intelligence|robots|work from home|vegetarians|hunting|smoking|alcohol|God|friendship|freedom|justice"
)

_EVENTS = (
    "Who won the [game|match|race|election|final|World Cup|tournament] [last night|yesterday|last year|in 2020|this year|]?",
    "What happened [yesterday|last week|today|in 1066|in 1789|in 1914|in 1969|in 2001|last year]?",
    "[What is|What's] [in the news|new|happening|going on] [today|in the world|this week|]?",
    "[When|Where] [is|was] the [next|last|first] [election|concert|match|moon landing|war|eclipse|train to London]?",
)
_SORRY_EVENT = (
    "I know nothing about events, because I am a small built-in model without the internet. A larger model may know more: press Ctrl+L.",
    "I cannot know that: I am a small built-in model without news or history. For history, open a larger model with Ctrl+L.",
)
_NO_OPINION = (
    "I am a small program and have no opinion about {topic}. What do you think?",
    "I have no opinion about {topic}, because I am only a small built-in model. A larger model, opened with Ctrl+L, can tell you more.",
)
_KNOWLEDGE = (
    "[Explain|Tell me about|What is|What do you know about|Describe|Teach me|Give me an overview of|Summarise|What are the basics of] {subject}.",
    "[What is the history of|What is the future of|What are the dangers of|Why do people study] {subject}?",
    "How does {subject} work?",
    "I need to know [everything|more|something] about {subject}.",
    "What is the [meaning|definition|formula|importance|purpose] of {subject}?",
)
_SORRY = (
    "I am a small built-in model and do not know enough about {topic}. Open a larger model for that: press Ctrl+L to choose one, or Ctrl+Shift+M to find one.",
    "I do not know enough about {topic}, because I am a small built-in model. Press Ctrl+L to choose a larger model, or Ctrl+Shift+M to find one.",
)
_SORRY_CODE = (
    "I am a small built-in model and cannot write programs. Open a larger model for that: press Ctrl+L to choose one, or Ctrl+Shift+M to find one.",
    "Writing code is beyond me, because I am a small built-in model. Press Ctrl+L to choose a larger model, or Ctrl+Shift+M to find one.",
)
_SORRY_TRANSLATE = (
    "I know only English, so I cannot translate. Open a larger model for that: press Ctrl+L to choose one, or Ctrl+Shift+M to find one.",
)
_SORRY_WRITE = (
    "I am a small built-in model and cannot write {topic} well. Open a larger model for that, with Ctrl+L. I can tell you a short story.",
    "For {topic} you need a larger model: press Ctrl+L to choose one, or Ctrl+Shift+M to find one. I can write only short stories.",
)
_SORRY_NUMBERS = (
    "I am a small built-in model and can do only small sums. Use a calculator, or open a larger model with Ctrl+L.",
    "That is too large for me: I can do only sums with small numbers. Use a calculator, or open a larger model with Ctrl+L.",
)
_SORRY_ADVICE = (
    "I am a small built-in model, so I cannot give advice on this. Please ask somebody who knows it well.",
)
_ADVICE = (
    "[Should I|Is it good to] [buy stocks|sell my house|sue my neighbour|quit my job|take this medicine|see a doctor|marry|invest my money|go to court|take a loan|stop my medicine|sign the contract]?",
    "[I have|My child has] [a headache|chest pain|a fever|a rash|back pain|a cough|stomach pain], what [should I do|is it|can I take]?",
    "What [medicine|drug|dose] should I take [for|against] [pain|fever|a cold|my back|flu]?",
    "[Is my contract|Is my rent|Is my visa|Is my will] [valid|legal|right]?",
)


Drawn = tuple[str, str, tuple[str, ...], str]


def refusal_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A question beyond the model and an honest answer, from held-out wordings or the others."""
    while True:
        key, question, answers, topic = _draw(rng)
        question = tidy(question)
        if is_held_out(question) == held_out:
            break
    answer = rng.choice(answers).replace("{topic}", topic)
    must = ("small",) if "small" in answer else ()
    return Exchange("refusal", key, as_typed(rng, question), answer, must=must)


def _draw(rng: random.Random) -> Drawn:
    """Kind, question, possible answers, and what the answer may name."""
    form = rng.random()
    return next(make for limit, make in _MAKERS if form < limit)(rng)


def _knowledge(rng: random.Random) -> Drawn:
    subject = rng.choice(SUBJECTS) if rng.random() < 0.8 else _odd_subject(rng)
    question = choose(rng, rng.choice(_KNOWLEDGE)).replace("{subject}", subject)
    return "knowledge", question, _SORRY, subject


def _person(rng: random.Random) -> Drawn:
    asked = "[Who was|Who is|When was|Where was|Tell me about|What did|When did] {person} [born|do|live|]?"
    person = rng.choice(PEOPLE_ASKED) if rng.random() < 0.7 else _odd_person(rng)
    return "person", choose(rng, asked).replace("{person}", person), _SORRY, person


def _country(rng: random.Random) -> Drawn:
    country = rng.choice(FAR_COUNTRIES) if rng.random() < 0.7 else _odd_word(rng)
    asked = "[What is the capital of|How many people live in|What is the population of|Who is the president of|Where is|How large is|What language is spoken in|Tell me about] {country}?"
    return "country", choose(rng, asked).replace("{country}", country), _SORRY, country


def _code(rng: random.Random) -> Drawn:
    thing, language = rng.choice(CODE_THINGS), rng.choice(CODE_LANGUAGES)
    purpose = rng.choice(
        (f" for {rng.choice(SUBJECTS)}", " that sorts a list", " that adds numbers", " that prints hello", "", "", "")
    )  # fmt: skip
    asked = f"[Write|Can you write|Write me|Make|Program|Please write|Create|Show me|I need] {thing} in {language}{purpose}."
    if rng.random() < 0.3:
        asked = f"[Fix|Debug|Explain|Improve|Review] [my|this] {language} [code|program|script]."
    return "code", choose(rng, asked), _SORRY_CODE, ""


def _translation(rng: random.Random) -> Drawn:
    language = rng.choice(LANGUAGES)
    thing, animal = rng.choice(story_words.OBJECTS), rng.choice(story_words.ANIMALS)
    said = rng.choice(
        ("hello", "good morning", "I love you", "thank you", thing, animal, "this text", "this sentence")
    )  # fmt: skip
    asked = f'[Translate "{said}" into {language}|Translate {said} to {language}|What is {said} in {language}|How do you say {said} in {language}|Say {said} in {language}] [?|.|]'
    return "translate", choose(rng, asked), _SORRY_TRANSLATE, ""


def _writing(rng: random.Random) -> Drawn:
    thing, subject = rng.choice(WRITINGS), rng.choice((*SUBJECTS, *story_words.OBJECTS))
    asked = f"[Write|Can you write|Please write|Write me|I need|Help me with|Make] {thing} [about {subject}|on {subject}|for school|for work|]."
    return "writing", choose(rng, asked), _SORRY_WRITE, thing


def _recipe(rng: random.Random) -> Drawn:
    dish = rng.choice(DISHES) if rng.random() < 0.8 else _odd_word(rng).lower()
    asked = "[Give me a recipe for|How do I cook|How do I make|What is the recipe for|I need a recipe for|How long do I cook] {dish}?"
    return "recipe", choose(rng, asked).replace("{dish}", dish), _SORRY, dish


def _opinion(rng: random.Random) -> Drawn:
    subject = rng.choice((*SUBJECTS, *OPEN_SUBJECTS))
    asked = "[What do you think about|What is your opinion on|Do you like|Are you for or against|What are your thoughts on|Is it true what they say about] {subject}?"
    return "opinion", choose(rng, asked).replace("{subject}", subject), _NO_OPINION, subject


def _event(rng: random.Random) -> Drawn:
    return "event", choose(rng, rng.choice(_EVENTS)), _SORRY_EVENT, ""


def _numbers(rng: random.Random) -> Drawn:
    a, b = rng.randint(21, 9999), rng.randint(13, 9999)
    asked = f"[What is|Calculate|How much is|Compute|] {a} [*|x|times|/|divided by|to the power of|+|-|plus|minus] {b}?"
    if rng.random() < 0.25:
        asked = f"[What is|Calculate] the [square root|logarithm|sine|factorial|cube] of {a}?"
    return "numbers", choose(rng, asked), _SORRY_NUMBERS, ""


def _advice(rng: random.Random) -> Drawn:
    return "advice", choose(rng, rng.choice(_ADVICE)), _SORRY_ADVICE, ""


def _odd_word(rng: random.Random) -> str:
    return names.invented_name(rng)


def _odd_person(rng: random.Random) -> str:
    return f"{_odd_word(rng)} {_odd_word(rng)}"


def _odd_subject(rng: random.Random) -> str:
    """A subject that no list holds, so that an unknown word is met with a refusal."""
    first = _odd_word(rng).lower()
    return rng.choice(
        (f"the {first} theory", f"{first}ology", f"the {first} of {_odd_word(rng)}", f"{first}s")
    )


# The upper ends of each kind's share, 0 to 1.
_MAKERS: tuple[tuple[float, Callable[[random.Random], Drawn]], ...] = (
    (0.25, _knowledge),
    (0.33, _person),
    (0.40, _country),
    (0.52, _code),
    (0.59, _translation),
    (0.69, _writing),
    (0.76, _recipe),
    (0.82, _opinion),
    (0.87, _event),
    (0.95, _numbers),
    (1.0, _advice),
)
