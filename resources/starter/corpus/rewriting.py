"""Short texts with something to do: sum up, shorten, retell, answer, put another name in."""

from __future__ import annotations

import random
from typing import NamedTuple

from resources.starter.corpus import names, story_words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import choose, is_held_out, tidy


class _Deed(NamedTuple):
    """What happens in a text, with verbs in the past and the present."""

    past: str
    present: str


_DEEDS = (
    _Deed("found {thing}", "finds {thing}"),
    _Deed("lost {thing}", "loses {thing}"),
    _Deed("bought {thing}", "buys {thing}"),
    _Deed("mended {thing}", "mends {thing}"),
    _Deed("painted {thing}", "paints {thing}"),
    _Deed("broke {thing}", "breaks {thing}"),
    _Deed("sold {thing}", "sells {thing}"),
    _Deed("hid {thing}", "hides {thing}"),
    _Deed("carried {thing}", "carries {thing}"),
    _Deed("made {thing}", "makes {thing}"),
    _Deed("dropped {thing}", "drops {thing}"),
    _Deed("cleaned {thing}", "cleans {thing}"),
)
_THEN = (
    _Deed("showed it to {friend}", "shows it to {friend}"),
    _Deed("gave it to {friend}", "gives it to {friend}"),
    _Deed("told {friend} about it", "tells {friend} about it"),
    _Deed("asked {friend} for help", "asks {friend} for help"),
    _Deed("went home with {friend}", "goes home with {friend}"),
)
_WEATHER = ("It was raining.", "The sun was shining.", "It was cold.", "It was a quiet day.", "The wind was strong.", "There was snow on the roofs.")  # fmt: skip
_ENDS = ("Both were happy.", "They laughed a lot.", "It was a good day.", "Nobody was angry.", "Then it was time for tea.")  # fmt: skip
_DAYS = ("On Monday", "On Friday", "On Sunday", "In the morning", "In the evening", "Last week", "Yesterday", "At noon")  # fmt: skip


class _Text(NamedTuple):
    """Parts of a text; `name` and `friend` are single words."""

    name: str
    friend: str
    place: str
    thing: str
    day: str
    deed: _Deed
    then: _Deed
    weather: str
    end: str

    def told(self) -> str:
        """The text, in the past."""
        first = f"{self.day} {self.name} was {self.place}. {self.weather} {self.name} {self.deed.past}, "
        return self._filled(first + f"and then {self.name} {self.then.past}. {self.end}")

    def summed_up(self) -> str:
        """One sentence that says what happened."""
        return self._filled(f"{self.name} {self.deed.past} and {self.then.past}.")

    def present(self) -> str:
        """What happened, in the present."""
        return self._filled(f"{self.name} {self.deed.present} and {self.then.present}.")

    def by_myself(self) -> str:
        """What happened, told by the hero."""
        return self._filled(f"I {self.deed.past} and {self.then.past}.")

    def _filled(self, text: str) -> str:
        return text.replace("{thing}", self.thing).replace("{friend}", self.friend)


_SUM_UP = "[Summarise|Summarize|Sum up|Shorten|Make shorter|Give me a summary of|Summarise in one sentence|Put in one sentence|Say in one sentence|What happens in] [this|this text|this story|the text|] : {text}"
_PRESENT = "[Put|Rewrite|Write] [this|this text|the text] in the present [tense|] : {text}"
_MYSELF = "[Rewrite|Tell|Write] [this|this text|it] [as if you were {name}|in the first person|from the view of {name}] : {text}"
_RENAME = "[Replace|Change|Put] {name} [by|with] {other} [in this text|] : {text}"
_RENAME_PUT = "[Write|Tell|Rewrite] this again with {other} instead of {name}: {text}"
_ASKED = (
    ("[Who is it about|Who is the text about|Who is the hero]?", "It is about {name}."),
    ("[Where was {name}|Where did it happen]?", "{name} was {place}."),
    ("[What did {name} do|What did {name} do first]?", "{name} {deed}."),
    ("[Who else is in the text|Who is the other one|Who did {name} meet]?", "The other one is {friend}."),
    ("[When was it|When did it happen|When was that]?", "It was {day}."),
)  # fmt: skip


def rewriting_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A short text with a task, and the result; held-out texts have their own names and deeds."""
    while True:
        text = _text(rng)
        key = f"{text.name}|{text.friend}|{text.place}|{text.thing}"
        if is_held_out(key) == held_out:
            break
    form = rng.random()
    if form < 0.4:
        return _exchange(rng, key, choose(rng, _SUM_UP), text, text.summed_up())
    if form < 0.5:
        return _exchange(rng, key, choose(rng, _PRESENT), text, text.present())
    if form < 0.6:
        return _exchange(rng, key, choose(rng, _MYSELF), text, text.by_myself())
    if form < 0.75:
        other = names.invented_name(rng)
        asked = choose(rng, _RENAME if rng.random() < 0.6 else _RENAME_PUT)
        renamed = text._replace(name=other)
        return _exchange(rng, key, asked.replace("{other}", other), text, renamed.told(), (other,))
    pattern, answer = rng.choice(_ASKED)
    asked = f"{{text}} {choose(rng, pattern)}"
    return _exchange(rng, key, asked, text, _filled(answer, text))


def _exchange(
    rng: random.Random,
    key: str,
    asked: str,
    text: _Text,
    answer: str,
    more: tuple[str, ...] = (),
) -> Exchange:
    question = tidy(_filled(asked.replace(" :", ":"), text).replace("{text}", text.told()))
    named = tuple(n for n in (text.name, text.friend, text.thing) if n in answer)
    follow_ups: tuple[tuple[str, str], ...] = ()
    if rng.random() < 0.3:
        pattern, reply = rng.choice(_ASKED)
        follow_ups = ((_filled(choose(rng, pattern), text), _filled(reply, text)),)
    return Exchange("rewriting", key, question, answer, follow_ups, must=(*named, *more))


def _filled(pattern: str, text: _Text) -> str:
    deed = text.deed.past.replace("{thing}", text.thing)
    day = text.day[0].lower() + text.day[1:]
    fields = (("{name}", text.name), ("{friend}", text.friend), ("{place}", text.place))
    for field, value in (*fields, ("{deed}", deed), ("{day}", day)):
        pattern = pattern.replace(field, value)
    return pattern


def _text(rng: random.Random) -> _Text:
    name, friend = _name(rng), _name(rng)
    while friend == name:
        friend = _name(rng)
    place = rng.choice(story_words.PLACES)
    if rng.random() < 0.4:
        place = names.invented_place(rng)
    thing = story_words.with_article(
        f"{rng.choice(story_words.OBJECT_TRAITS)} {rng.choice(story_words.OBJECTS)}"
    )
    return _Text(
        *(name, friend, place, thing, rng.choice(_DAYS)),
        *(rng.choice(_DEEDS), rng.choice(_THEN), rng.choice(_WEATHER), rng.choice(_ENDS)),
    )


def _name(rng: random.Random) -> str:
    if rng.random() < 0.35:
        return rng.choice((*story_words.BOYS, *story_words.GIRLS))
    return names.invented_name(rng)
