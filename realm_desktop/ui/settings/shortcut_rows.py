"""What the list of shortcuts says, as plain rows. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass

from realm_desktop.ui.actions import CHAT_KEYS, MENUS, SPECS, ActionName, action_text, menu_title
from realm_desktop.ui.shortcut_keys import Stored, keys_in_force, native, with_keys


@dataclass(frozen=True, slots=True)
class ShortcutRow:
    """One action with its keys.

    Attributes:
        name: None for keys of text fields and messages, which nobody can change.
        text, menu: What it does, and where else it is found; in the user's language.
        keys: As the user's desktop writes them.
        is_changed: The user chose them.
    """

    name: ActionName | None
    text: str
    menu: str
    keys: str
    is_changed: bool = False

    def matches(self, words: str) -> bool:
        """Whether every one of `words` is in the row."""
        content = f"{self.text} {self.menu} {self.keys}".casefold()
        return all(word in content for word in words.casefold().split())


def shortcut_rows(stored: Stored) -> list[ShortcutRow]:
    """Every action in the order of the menus, then the keys that cannot be changed."""
    texts = {spec.name: action_text(spec.text) for spec in SPECS}
    keys = keys_in_force(stored)
    rows = [
        ShortcutRow(
            name, texts[name], menu_title(name), native(keys[name]), is_changed(stored, name)
        )
        for _, names in MENUS
        for name in names
        if name is not None
    ]
    return rows + [ShortcutRow(None, action_text(t), "", action_text(k)) for t, k in CHAT_KEYS]


def is_changed(stored: Stored, name: ActionName) -> bool:
    """Whether an action has other keys than usual, by choice or because another one took them."""
    return name in with_keys({}, name, keys_in_force(stored)[name])
