"""Refuses numbers of the settings that lie outside their range, by name. Pure functions."""

from __future__ import annotations

from realm_desktop.errors import SettingsError


def require_range(what: str, value: float, low: float, high: float, *, name: str = "") -> None:
    """Let a value pass that is not below `low` nor above `high`.

    Args:
        what: The value in words, for the message.
        value: NaN is refused too.
        low: The least value allowed.
        high: The greatest value allowed.
        name: The field the message is about; `what` by default.

    Raises:
        SettingsError: It is outside.
    """
    if not low <= value <= high:
        raise SettingsError(
            f"{what} is {value}; it must be between {low:g} and {high:g}",
            advice=f"Set {what} to a value in this range.",
            field=name or what,
        )
