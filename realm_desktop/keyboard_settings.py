"""What the user chose for the keyboard: own shortcuts, and what the palette was used for.

Plain values. Which key sequences exist only Qt can say, so they are checked where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

MAX_RECENT: Final = 30


@dataclass(frozen=True, slots=True)
class KeyboardSettings:
    """Keys and what was done by them.

    Attributes:
        shortcuts: Names of actions to lists of key sequences, as Qt writes them portably. An action
            without an entry has its usual keys, one with an empty list has none.
        recent: Keys of the palette's entries that were chosen, the latest first.
    """

    shortcuts: dict[str, Any] = field(default_factory=dict, hash=False)
    recent: tuple[str, ...] = ()

    def with_recent(self, key: str) -> KeyboardSettings:
        """These settings after an entry of the palette was chosen."""
        others = tuple(known for known in self.recent if known != key)
        return replace(self, recent=(key, *others)[:MAX_RECENT])
