"""What a setting is: its words, its range, where it may be set; and which values it takes.

Values are what JSON knows: None, bool, int, float, str and lists of these. Knows no Qt, no file and
no widget; the texts are English and translated where they are shown. Pure functions, any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from realm_desktop.errors import InvalidSampling, SettingsError
from realm_desktop.sampling_params import SamplingFilter, SamplingParams

MAX_TEXT_CHARACTERS = 256 * 1024
"""Of a system prompt, a schema or a grammar; the engine refuses larger grammars too."""

SAMPLING_PREFIX = "sampling."

Values = Mapping[str, Any]
"""Keys of settings to their values; keys that this version does not know are kept."""


class Scope(StrEnum):
    """Where a value is set; a later one goes before an earlier one."""

    APP = "app"
    WORKSPACE = "workspace"
    CONVERSATION = "conversation"


EVERY_SCOPE = tuple(Scope)


class Kind(StrEnum):
    """Which values a setting takes, and with that which control shows it."""

    NUMBER = "number"
    WHOLE = "whole"
    PERCENT = "percent"
    SWITCH = "switch"
    CHOICE = "choice"
    SEED = "seed"
    TEXT = "text"
    CODE = "code"
    LINE = "line"
    PATH = "path"
    LINES = "lines"
    BIAS = "bias"
    ORDER = "order"


_TEXT_KINDS = (Kind.TEXT, Kind.CODE, Kind.LINE, Kind.PATH)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: Its name in files, "part.name"; never changes.
        group: The heading it stands under.
        description: One line.
        info: What a longer look should tell; may be empty.
        default: Holds where no scope has a value.
        low, high: Range of a number, both included.
        unit: Behind the number.
        choices: Value and text of each, for a choice.
        empty_text: What None means; empty for a setting that always has a value.
        scopes: Where it may be set.
        is_rare: Hidden from a first look.
        needs_reload: Takes effect with the next load of the model.
    """

    key: str
    group: str
    label: str
    description: str
    kind: Kind
    default: Any
    info: str = ""
    low: float = 0
    high: float = 0
    step: float = 1
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    empty_text: str = ""
    scopes: tuple[Scope, ...] = EVERY_SCOPE
    is_rare: bool = False
    needs_reload: bool = False

    @property
    def part(self) -> str:
        """The first word of the key: which part of the settings it belongs to."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """The key without its part."""
        return self.key.partition(".")[2]

    def checked(self, value: object) -> Any:
        """`value` as this setting stores it.

        Raises:
            SettingsError: It is of another type or outside the range; names both.
        """
        if value is None and self.empty_text:
            return None
        match self.kind:
            case Kind.SWITCH:
                found: Any = self._require(value, isinstance(value, bool), "true or false")
            case Kind.CHOICE:
                allowed = [choice for choice, _ in self.choices]
                found = self._require(value, value in allowed, f"one of {', '.join(allowed)}")
            case Kind.NUMBER | Kind.PERCENT:
                found = float(self._in_range(value, int | float))
            case Kind.WHOLE | Kind.SEED:
                found = int(self._in_range(value, int))
            case _ if self.kind in _TEXT_KINDS:
                is_text = isinstance(value, str) and len(value) <= MAX_TEXT_CHARACTERS
                limit = f"text of at most {MAX_TEXT_CHARACTERS:,} characters"
                found = self._require(value, is_text, limit)
            case _:
                found = self._checked_list(value)
        self._check_sampling(found)
        return found

    def _in_range(self, value: object, kind: Any) -> Any:
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        is_inside = is_number and math.isfinite(value) and self.low <= value <= self.high  # type: ignore[arg-type,operator]  # a number, as just asked
        words = "whole number" if kind is int else "number"
        return self._require(value, is_inside, f"a {words} from {self.low:g} to {self.high:g}")

    def _checked_list(self, value: object) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise self._refusal(value, "a list")
        if self.kind is Kind.BIAS:
            return [self._checked_bias(pair) for pair in value]
        for entry in value:
            self._require(entry, isinstance(entry, str), "a list of texts")
        return list(value)

    def _checked_bias(self, pair: object) -> list[Any]:
        expected = "pairs of a token id and a number"
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise self._refusal(pair, expected)
        token_id, bias = pair
        is_id = isinstance(token_id, int) and not isinstance(token_id, bool)
        is_number = isinstance(bias, int | float) and not isinstance(bias, bool)
        self._require(pair, is_id and is_number, expected)
        return [token_id, float(bias)]

    def _check_sampling(self, value: Any) -> None:
        """Ask the type that the engine gets: its limits are the only ones that count."""
        if self.part != "sampling":
            return
        try:
            SamplingParams(**{self.name: sampling_field(self, value)})
        except InvalidSampling as error:
            raise SettingsError(
                f"{self.label}: {error.message}", advice=error.advice, field=self.key
            ) from error

    def _require(self, value: object, is_good: bool, expected: str) -> Any:
        if not is_good:
            raise self._refusal(value, expected)
        return value

    def _refusal(self, value: object, expected: str) -> SettingsError:
        return SettingsError(
            f"{self.label} is {value!r:.60}; it must be {expected}",
            advice="Choose a value in its range.",
            field=self.key,
        )


def sampling_field(setting: Setting, value: Any) -> Any:
    """A stored value as the field of `SamplingParams` wants it: tuples instead of lists."""
    if setting.kind is Kind.BIAS:
        return tuple((token_id, bias) for token_id, bias in value)
    if setting.kind is Kind.ORDER:
        known = {member.value: member for member in SamplingFilter}
        return tuple(known.get(name, name) for name in value)
    return tuple(value) if setting.kind is Kind.LINES else value
