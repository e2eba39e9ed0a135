"""Which keys the actions have: the usual ones, and those that the user chose instead.

Pure functions over the table of actions; a stored key that cannot be used costs only itself.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from realm_desktop.ui.actions import (
    ACTION_NAMES,
    MENUS,
    NUM_TAB_KEYS,
    SPECS,
    ActionName,
    action_text,
)

logger = logging.getLogger(__name__)

Keys = Mapping[ActionName, tuple[str, ...]]
"""Key sequences of every action in Qt's portable form; () is an action without keys."""

Stored = Mapping[str, Any]
"""As the settings have them: only what differs from the usual keys, and nothing is sure."""

USUAL_KEYS: Final[Keys] = {spec.name: spec.keys for spec in SPECS}

_PORTABLE: Final = QKeySequence.SequenceFormat.PortableText
_NATIVE: Final = QKeySequence.SequenceFormat.NativeText
_WITH_CHARACTERS: Final = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_FUNCTION_KEYS: Final = range(Qt.Key.Key_F1, Qt.Key.Key_F35 + 1)

_FIXED: Final = (
    (QT_TRANSLATE_NOOP("Keys", "Copy"), ("Ctrl+C", "Ctrl+Ins")),
    (QT_TRANSLATE_NOOP("Keys", "Paste"), ("Ctrl+V", "Shift+Ins")),
    (QT_TRANSLATE_NOOP("Keys", "Cut"), ("Ctrl+X", "Shift+Del")),
    (QT_TRANSLATE_NOOP("Keys", "Undo"), ("Ctrl+Z",)),
    (QT_TRANSLATE_NOOP("Keys", "Redo"), ("Ctrl+Y", "Ctrl+Shift+Z")),
    (QT_TRANSLATE_NOOP("Keys", "Select all"), ("Ctrl+A",)),
    (QT_TRANSLATE_NOOP("Keys", "Send"), ("Ctrl+Return", "Ctrl+Enter", "Return", "Enter")),
    (QT_TRANSLATE_NOOP("Keys", "New line"), ("Shift+Return", "Shift+Enter")),
    (QT_TRANSLATE_NOOP("Keys", "Previous or next message"), ("Alt+Up", "Alt+Down")),
    (
        QT_TRANSLATE_NOOP("Keys", "Previous or next version of the message"),
        ("Alt+Left", "Alt+Right"),
    ),
    (
        QT_TRANSLATE_NOOP("Keys", "Show a tab"),
        tuple(f"Alt+{place + 1}" for place in range(NUM_TAB_KEYS)),
    ),
)
"""Keys of text fields and messages, which work by where the focus is and cannot be given away."""


def keys_in_force(stored: Stored) -> dict[ActionName, tuple[str, ...]]:
    """The keys that every action has now; what cannot be used is logged and left out.

    No key is given twice: the user's own choice goes before the usual keys, and of two choices the
    first in the table wins.
    """
    taken: dict[str, ActionName] = {}
    found: dict[ActionName, tuple[str, ...]] = {}
    # In the order of the table and not of the file, so that the same file always means the same.
    for name in ACTION_NAMES:
        chosen = _stored_keys(name, stored.get(name)) if name in stored else None
        if chosen is not None:
            found[name] = _claim(name, chosen, taken)
    for name in ACTION_NAMES:
        if name not in found:
            # Silently: the user gave this key to another action, and knows.
            free = (key for key in map(portable, USUAL_KEYS[name]) if key not in taken)
            found[name] = tuple(free)
            taken.update(dict.fromkeys(found[name], name))
    return found


def with_keys(stored: Stored, name: ActionName, keys: Sequence[str]) -> dict[str, Any]:
    """What is stored after `name` gets these keys; the usual ones need no entry."""
    others = {known: value for known, value in stored.items() if known != name}
    usual = tuple(map(portable, USUAL_KEYS[name]))
    return others if tuple(keys) == usual else {**others, name: list(keys)}


def owners_of(keys: Keys, wanted: Sequence[str]) -> list[ActionName]:
    """The actions that have one of the wanted keys."""
    return [name for name, own in keys.items() if set(own) & set(wanted)]


def swapped(stored: Stored, name: ActionName, keys: Sequence[str]) -> dict[str, Any]:
    """What is stored after `name` takes these keys from whoever has them.

    The first one that loses a key gets those that `name` gives up.
    """
    now = keys_in_force(stored)
    given_up = [key for key in now[name] if key not in keys]
    result = with_keys(stored, name, keys)
    for other, own in now.items():
        if other != name and set(own) & set(keys):
            left = [key for key in own if key not in keys]
            result = with_keys(result, other, [*left, *given_up])
            given_up = []
    return result


def portable(key: str) -> str:
    """A key sequence as it is compared and stored; "" if Qt does not know it."""
    sequence = QKeySequence.fromString(key, _PORTABLE)
    if any(stroke.key() == Qt.Key.Key_unknown for stroke in _strokes(sequence)):
        return ""
    return sequence.toString(_PORTABLE)


def native(keys: Sequence[str]) -> str:
    """Keys as the user's desktop writes them."""
    return ", ".join(QKeySequence.fromString(key, _PORTABLE).toString(_NATIVE) for key in keys)


def refusal(key: str) -> str:
    """Why no action can have this key, as a sentence; "" if one can."""
    sequence = QKeySequence.fromString(key, _PORTABLE)
    if not portable(key):
        return _tr("This is no key.")
    shown = sequence.toString(_NATIVE)
    for text, fixed in _FIXED:
        # Compared as sequences: the table may spell a key in another way than Qt does.
        if sequence in map(QKeySequence, fixed):
            return _tr("{} always means: {}.").format(shown, _tr(str(text)))
    for title, _ in MENUS:
        name = action_text(title)
        if sequence == QKeySequence.mnemonic(name):
            return _tr("{} opens the menu {}.").format(shown, name.replace("&", ""))
    if _is_typed(_strokes(sequence)[0]):
        return _tr("{} alone is needed to write; add Ctrl or Alt.").format(shown)
    return ""


def action_names(names: Sequence[ActionName]) -> str:
    """The texts of actions, as a sentence names them."""
    texts = {spec.name: action_text(spec.text).rstrip("…") for spec in SPECS}
    return ", ".join(texts[name] for name in names)


def _strokes(sequence: QKeySequence) -> list[QKeyCombination]:
    """The keys of a sequence, one after the other."""
    return [sequence[place] for place in range(sequence.count())]  # type: ignore[index]  # the stubs of PySide6 6.11 leave it out


def _is_typed(stroke: QKeyCombination) -> bool:
    """Whether a text field takes the key as input: no modifier but Shift, and no function key."""
    has_modifier = bool(stroke.keyboardModifiers() & ~_WITH_CHARACTERS)
    return not has_modifier and stroke.key() not in _FUNCTION_KEYS


def _stored_keys(name: ActionName, value: object) -> tuple[str, ...] | None:
    """The usable keys of a stored entry; None if the entry is no list or has none that can be used."""
    if not isinstance(value, list | tuple):
        logger.warning("the stored keys of %s are %.60r, not a list; ignored", name, value)
        return None
    good = tuple(portable(key) for key in value if isinstance(key, str) and not refusal(key))
    if len(good) < len(value):
        logger.warning("some of the stored keys %.100r of %s cannot be used", value, name)
    return good if good or not value else None


def _claim(
    name: ActionName, keys: tuple[str, ...], taken: dict[str, ActionName]
) -> tuple[str, ...]:
    """Those of `keys` that are free; they are taken by `name` from now on."""
    for key in keys:
        if key in taken:
            logger.warning("%s is stored for %s and for %s", key, taken[key], name)
    free = tuple(dict.fromkeys(key for key in keys if key not in taken))
    taken.update(dict.fromkeys(free, name))
    return free


def _tr(text: str) -> str:
    return QCoreApplication.translate("Keys", text)
