"""English words that remember how they were made, so that the window can say them otherwise.

For rooms that know no Qt and yet say something to the user: what a chat does, why it waits. Pure
values, any thread; what crosses to another process arrives as plain text.
"""

from __future__ import annotations


class Place(int):
    """A number that is said as a place: 1st, 2nd, 3rd, 4th, 11th, 21st."""

    def __str__(self) -> str:
        """In English."""
        ending = {1: "st", 2: "nd", 3: "rd"}.get(self % 10, "th")
        return f"{int(self)}{'th' if self % 100 in (11, 12, 13) else ending}"


class Phrase(str):
    """A text with its template and the values in it.

    Attributes:
        template: English, with `{}` for each value.
        values: Texts, other phrases, places and numbers.
    """

    __slots__ = ("template", "values")

    template: str
    values: tuple[str | int, ...]

    def __new__(cls, template: str, *values: str | int) -> Phrase:
        """The phrase in English, numbers with their digits grouped."""
        words = (str(v) if isinstance(v, str | Place) else f"{v:,}" for v in values)
        phrase = super().__new__(cls, template.format(*words))
        phrase.template = template
        phrase.values = values
        return phrase


class Template(str):
    """English words with `{}` for each value, to recognize them where they arrive as plain text."""

    __slots__ = ()
