"""Short stories of 4 to 8 sentences for a hero, a place and a mood."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from resources.starter.corpus import names
from resources.starter.corpus import story_plots as plots
from resources.starter.corpus import story_words as words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, is_held_out, tidy

_ASKED_WITH = {
    "all": (
        "[Write|Tell me|Tell|Make up|Give me|Invent] a [|short|little] {mood} story about {hero} {place}.",
        "[Write|Tell me] a [|short] story about {hero} {place}. [Make it|It should be] {mood}.",
        "[Write|Tell me] a [|short] {mood} story that [takes place|happens|is set] {place}. The hero is {hero}.",
        "Hero: {hero}. Place: {place}. Mood: {mood}.",
        "Story, please. Hero: {hero}. Place: {place}. Mood: {mood}.",
        "I would like a {mood} story about {hero} {place}, please.",
        "Can you [write|tell me] a {mood} story about {hero} {place}?",
    ),
    "hero place": (
        "[Write|Tell me|Make up] a [|short|little] story about {hero} {place}.",
        "[Can you|Could you|Please] tell me a story about {hero} {place}?",
        "A story about {hero} {place}, please.",
    ),
    "hero mood": (
        "[Write|Tell me|Make up] a [|short] {mood} story about {hero}.",
        "I want a {mood} story about {hero}.",
    ),
    "hero": (
        "[Write|Tell me|Make up] a [|short|little] story about {hero}.",
        "Write something about {hero}.",
        "[Can you|Could you] write a story about {hero}?",
        "A story about {hero}, please.",
        "{hero}, as a story.",
    ),
    "hero friend": (
        "[Write|Tell me|Make up] a [|short|little|{mood}] story about {hero} and {friend}.",
        "A story with {hero} and {friend}, please.",
    ),
    "mood": (
        "[Write|Tell me] a {mood} story.",
        "I [want|would like|need] a {mood} story.",
        "Something {mood} to read, please.",
    ),
    "place": (
        "[Write|Tell me] a [|short] story that [takes place|happens|is set] {place}.",
        "A story {place}, please.",
    ),
    "nothing": (
        "[Tell me|Write|Write me|Make up|Give me] a [|short|little|good|nice|bedtime] story.",
        "[Can you|Could you|Will you] [tell me|write] a [|short] story?",
        "I [want|would like] [a story|to hear a story|to read a story].",
        "[Story|A story|A story please|Another story].",
    ),
}
_FORMS = ("all",) * 5 + ("hero place",) * 3 + ("hero mood",) * 2 + ("hero",) * 4 + ("hero friend",) * 2 + ("mood", "place", "nothing")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Hero:
    """Who a story is about: as asked for, as first named, afterwards, and its pronouns."""

    asked: str
    named: str
    later: str
    pronouns: tuple[str, str, str]


_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])")
_ARTICLE_OF_PLACE = re.compile(r"\ban? ")
_HE = ("he", "him", "his")
_SHE = ("she", "her", "her")
_IT = ("it", "it", "its")


def story_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A request for a story and the story.

    Args:
        rng: The only source of chance.
        held_out: Draw from the combinations kept for validation (True) or from the others.
    """
    while True:
        hero, friend = _hero(rng), _hero(rng, as_friend=True)
        place, mood = _place(rng), rng.choice(words.MOODS)
        key = f"{hero.asked}|{place}|{mood}"
        if is_held_out(key) == held_out and hero.later != friend.later:
            break
    form = rng.choice(_FORMS)
    mood_word = rng.choice(words.MOOD_WORDS[mood])
    question = choose(rng, rng.choice(_ASKED_WITH[form]))
    question = question.replace("{mood}", mood_word).replace("{hero}", hero.asked)
    question = question.replace("{place}", place).replace("{friend}", friend.asked)
    if rng.random() < 0.15 and "[" not in question:
        question += rng.choice(
            (" Keep it short.", " Not too long.", " A few sentences are enough.")
        )
        return _exchange(rng, key, _articles(question), _Parts(hero, friend, place, mood, 5))
    return _exchange(
        rng, key, _articles(question), _Parts(hero, friend, place, mood, rng.randint(5, 8))
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a story is made of; `length` is its number of sentences, 5 to 8."""

    hero: _Hero
    friend: _Hero
    place: str
    mood: str
    length: int


def _exchange(rng: random.Random, key: str, question: str, parts: _Parts) -> Exchange:
    text = _story(rng, parts)
    return Exchange(
        "story",
        key,
        _as_typed(rng, tidy(question)),
        text,
        follow_ups=_follow_ups(rng, parts),
        must=_slots(key, question, text),
    )


def _story(rng: random.Random, parts: _Parts) -> str:
    """The sentences in order: opening, flavour, plot, ending."""
    plot = plots.PLOTS[rng.choice(tuple(plots.PLOTS))]
    rows = [
        plots.OPENINGS,
        plot.trouble,
        plot.attempt,
        plot.turn,
        plot.sad if parts.mood == "sad" else plot.good,
    ]
    if parts.length > 5:
        rows.append(plots.ENDINGS[parts.mood])
    if parts.length > 6:
        rows.insert(1, plots.ATMOSPHERE[parts.mood])
    if parts.length > 7:
        rows.insert(rng.choice((4, 5)), plots.REACTIONS[parts.mood])
    thing = rng.choice(words.OBJECTS)
    if rng.random() < 0.6:
        thing = f"{rng.choice(words.OBJECT_TRAITS)} {thing}"
    fields = _fields(parts, thing)
    sentences = [choose(rng, rng.choice(row)).format_map(fields) for row in rows]
    text = " ".join(_capital(sentence) for sentence in _name_friend_once(sentences, parts.friend))
    return _articles(text)


def _fields(parts: _Parts, thing: str) -> dict[str, str]:
    he, him, his = parts.hero.pronouns
    return {
        "hero": parts.hero.named,
        "s": parts.hero.later,
        "S": _capital(parts.hero.later),
        "he": he,
        "him": him,
        "his": his,
        "place": parts.place,
        "the_place": _ARTICLE_OF_PLACE.sub("the ", parts.place),
        "thing": thing,
        "the_thing": f"the {thing}",
        "friend": parts.friend.named,
        "the_friend": parts.friend.later,
        "The_friend": _capital(parts.friend.later),
    }


def _name_friend_once(sentences: list[str], friend: _Hero) -> list[str]:
    """The sentences with the friend's first naming only once, the short form afterwards."""
    is_named = False
    result = []
    for sentence in sentences:
        if is_named:
            result.append(sentence.replace(friend.named, friend.later))
            continue
        head, found, tail = sentence.partition(friend.named)
        is_named = bool(found)
        result.append(head + found + tail.replace(friend.named, friend.later))
    return result


def _articles(text: str) -> str:
    """The text with "an" before a vowel, where a word was put behind "a"."""
    return _ARTICLE.sub(r"\1n ", text)


def _follow_ups(rng: random.Random, parts: _Parts) -> tuple[tuple[str, str], ...]:
    """At most one question about the story just told."""
    hero = _capital(parts.hero.later)
    where = f"It happened {parts.place}."
    options = (
        (choose(rng, "[Who was|Who is] the [hero|story about]?").replace("was the story", "is the story"), f"The hero of the story was {parts.hero.later}."),
        (choose(rng, "Where did [it|the story|that] happen?"), where),
        (choose(rng, "[Where was that|Where is the story set|Where does the story take place]?"), where),
        (choose(rng, "[Who else was in it|Who else was in the story|Who did the hero meet]?"), f"{hero} met {parts.friend.later}."),
        (choose(rng, "[Did you like it|Do you like your story|Is the story true]?"), "I made it up. I am a small model, so I do not have feelings about it."),
    )  # fmt: skip
    return (rng.choice(options),) if rng.random() < 0.35 else ()


def _hero(rng: random.Random, *, as_friend: bool = False) -> _Hero:
    """A hero by name, by kind, or by both."""
    name, pronouns = _name(rng)
    kind, kind_pronouns = _kind(rng)
    trait = f"{rng.choice(words.TRAITS)} " if rng.random() < 0.5 else ""
    described = words.with_article(trait + kind)
    form = rng.random()
    if form < (0.15 if as_friend else 0.35):
        return _Hero(name, name, name, pronouns)
    if form < (0.85 if as_friend else 0.75):
        return _Hero(described, described, f"the {kind}", kind_pronouns)
    joined = rng.choice(("named", "called"))
    asked = f"{described} {joined} {name}"
    return _Hero(asked, f"{described} {joined} {name}", name, pronouns)


def _name(rng: random.Random) -> tuple[str, tuple[str, str, str]]:
    form = rng.random()
    if form < 0.15:
        return rng.choice(words.BOYS), _HE
    if form < 0.3:
        return rng.choice(words.GIRLS), _SHE
    return names.invented_name(rng), rng.choice((_HE, _SHE))


def _kind(rng: random.Random) -> tuple[str, tuple[str, str, str]]:
    form = rng.random()
    if form < 0.3:
        return rng.choice(words.ANIMALS), _IT
    if form < 0.5:
        return rng.choice(words.BEINGS), _IT
    if form < 0.65:
        return rng.choice(words.PEOPLE), rng.choice((_HE, _SHE))
    if form < 0.9:
        return rng.choice(names.KINDS), _IT
    return names.invented_name(rng).lower(), _IT


def _place(rng: random.Random) -> str:
    return rng.choice(words.PLACES) if rng.random() < 0.5 else names.invented_place(rng)


def _as_typed(rng: random.Random, question: str) -> str:
    """With little noise: a name in small letters or with a slip cannot be copied as it should be."""
    return as_typed(rng, question) if rng.random() < 0.15 else question


def _slots(key: str, question: str, text: str) -> tuple[str, ...]:
    """The last words of hero and place, where they were asked for and the story has them."""
    hero, place, _ = key.split("|")
    last = (hero.split()[-1], place.split()[-1])
    return tuple(dict.fromkeys(word for word in last if word in question and word in text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
