"""Which value holds where: the conversation's goes before the workspace's, that before the app's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realm_desktop.errors import SettingsError
from realm_desktop.schema.setting import Scope, Values
from realm_desktop.schema.table import BY_KEY, SCOPED


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value of every setting that more than the app may set.

    Attributes:
        values: One for each key of `SCOPED`.
        scopes: Where each value comes from; a key without an entry has its default.
        problems: Stored values that cannot be used; the next scope's holds instead.
    """

    values: Values
    scopes: Mapping[str, Scope]
    problems: tuple[SettingsError, ...] = ()

    def __getitem__(self, key: str) -> Any:
        """The value of a setting."""
        return self.values[key]


def resolve(app: Values, workspace: Values, conversation: Values | None = None) -> Resolved:
    """What holds for a conversation, or for a workspace if there is none."""
    levels = (
        (Scope.CONVERSATION, conversation or {}),
        (Scope.WORKSPACE, workspace),
        (Scope.APP, app),
    )
    values: dict[str, Any] = {}
    scopes: dict[str, Scope] = {}
    problems: list[SettingsError] = []
    for setting in SCOPED:
        values[setting.key] = setting.default
        for scope, level in levels:
            if setting.key not in level:
                continue
            try:
                values[setting.key] = setting.checked(level[setting.key])
            except SettingsError as error:
                problems.append(error)
                continue
            scopes[setting.key] = scope
            break
    return Resolved(values, scopes, tuple(problems))


def known_keys(values: Values) -> tuple[str, ...]:
    """The keys among `values` that this version knows, in the order they are shown."""
    return tuple(key for key in BY_KEY if key in values)


def with_value(values: Values, key: str, value: object) -> Values:
    """`values` with one more, checked.

    Raises:
        SettingsError: There is no such setting, or it does not take this value.
    """
    setting = BY_KEY.get(key)
    if setting is None:
        raise SettingsError(f"there is no setting named {key!r}", field=key)
    return {**values, key: setting.checked(value)}


def without_keys(values: Values, *keys: str) -> Values:
    """`values` less some keys; the next scope's values hold again."""
    return {key: value for key, value in values.items() if key not in keys}


def with_preset(values: Values, preset: Values, inherited: Resolved) -> Values:
    """`values` after a preset was chosen: its values, less those that hold anyway.

    Args:
        values: Of a scope; keys that this version does not know stay.
        preset: Values of a preset; empty takes back all that the scope has.
        inherited: What would hold if the scope had no values of its own.
    """
    own = {
        key: value
        for key, value in preset.items()
        if key not in inherited.values or inherited[key] != value
    }
    return {**without_keys(values, *BY_KEY), **own}


def problems_of(values: Values) -> list[SettingsError]:
    """What is wrong with stored values; keys that this version does not know are no problem."""
    problems: list[SettingsError] = []
    for key in known_keys(values):
        try:
            BY_KEY[key].checked(values[key])
        except SettingsError as error:
            problems.append(error)
    return problems
