"""Values that are typed as text: lists one a line, seeds as digits. Pure functions."""

from __future__ import annotations

from typing import Any

from realm_desktop.errors import SettingsError
from realm_desktop.schema.setting import Kind, Setting

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"))


def to_text(setting: Setting, value: Any) -> str:
    """`value` as it is typed."""
    match setting.kind:
        case Kind.LINES:
            return "\n".join(_escaped(entry) for entry in value)
        case Kind.BIAS:
            return "\n".join(f"{token_id} {bias:g}" for token_id, bias in value)
        case _:
            return str(value)


def from_text(setting: Setting, text: str) -> Any:
    """What was typed, as the setting stores it.

    Raises:
        SettingsError: It cannot be read, or the setting does not take it.
    """
    value: Any = text
    lines = [line for line in text.split("\n") if line]
    match setting.kind:
        case Kind.LINES:
            value = [_plain(line) for line in lines]
        case Kind.BIAS:
            value = [_bias(setting, line) for line in lines if line.strip()]
        case Kind.SEED:
            value = int(text) if text.isascii() and text.isdecimal() else text
    return setting.checked(value)


def _escaped(text: str) -> str:
    for plain, escape in _ESCAPES:
        text = text.replace(plain, escape)
    return text


def _plain(line: str) -> str:
    r"""A typed line with \n, \t, \r and \\ as what they stand for; other backslashes stay."""
    meanings = {escape[1]: plain for plain, escape in _ESCAPES}
    found: list[str] = []
    characters = iter(line)
    for character in characters:
        if character != "\\":
            found.append(character)
            continue
        following = next(characters, "")
        found.append(meanings.get(following, f"\\{following}"))
    return "".join(found)


def _bias(setting: Setting, line: str) -> list[Any]:
    try:
        token_id, bias = line.split()
        return [int(token_id), float(bias)]
    except ValueError as error:
        raise SettingsError(
            f"{setting.label}: {line!r:.40} is no token id and number",
            advice="Write one pair a line, as in 1234 -2.5.",
            field=setting.key,
        ) from error
