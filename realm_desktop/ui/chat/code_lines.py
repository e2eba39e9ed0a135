"""The lines of a code block: cut for display, coloured, positions in both countings.

Knows nothing of Qt; GUI thread.
"""

from __future__ import annotations

from bisect import bisect_right

from realm_desktop.ui.chat.display_text import MAX_RUN, utf16_length
from realm_desktop.ui.chat.highlight import Coloured, Highlighter

_REGION = 4 * 1024
"""Code that is still being written is coloured anew from here back, characters."""


class CodeLines:
    """Display lines of a code that may grow.

    A line longer than `MAX_RUN` is several display lines; nothing is lost of it.

    Attributes:
        lines: The display lines.
        starts: Where each begins in the code, in characters.
        unit_starts: The same in 16-bit units.
        longest: Characters of the longest display line.
    """

    def __init__(self, language: str) -> None:
        self.lines: list[str] = []
        self.starts: list[int] = []
        self.unit_starts: list[int] = []
        self.longest = 0
        self._language = language
        self._text = ""
        self._colours: dict[int, list[Coloured]] = {}
        self._anchor = 0
        self._highlighter: Highlighter | None = None

    @property
    def is_coloured(self) -> bool:
        """Whether no colour is missing."""
        return self._highlighter is None or self._highlighter.is_done

    def set_text(self, text: str, *, is_open: bool) -> int:
        """Take the code as it is now; returns the first display line that changed."""
        is_grown = text.startswith(self._text)
        changed = self._extend(text) if is_grown else self._replace(text)
        self._text = text
        if is_open:
            self._move_anchor()
            self._highlighter = Highlighter(text[self._anchor :], self._language)
        else:
            self._anchor = 0
            self._highlighter = Highlighter(text, self._language)
        return changed

    def colour(self, budget_s: float) -> set[int]:
        """Go on colouring for a time; returns the display lines whose colours changed."""
        if self._highlighter is None:
            return set()
        found: dict[int, list[Coloured]] = {}
        for start, end, token in self._highlighter.advance(budget_s):
            self._add_stretch(found, self._anchor + start, self._anchor + end, token)
        changed = {number for number, row in found.items() if self._colours.get(number) != row}
        for number, row in found.items():
            known = self._colours.get(number, [])
            self._colours[number] = [c for c in known if c.end <= row[0].start] + row
        return changed

    def colours(self, number: int) -> list[Coloured]:
        """The coloured stretches of a display line, counted from its start."""
        return self._colours.get(number, [])

    def _replace(self, text: str) -> int:
        self.lines.clear()
        self.starts.clear()
        self.unit_starts.clear()
        self._colours.clear()
        self._anchor = self.longest = 0
        return self._extend(text)

    def _extend(self, text: str) -> int:
        """Add what is new; the last line so far may go on."""
        # The pieces of a cut line belong together: begin at the start of the whole line.
        while self.lines and self.starts[-1] > 0 and text[self.starts[-1] - 1] != "\n":
            self._pop()
        start, units = self._pop() if self.lines else (0, 0)
        changed = len(self.lines)
        for line in text[start:].split("\n"):
            for offset in range(0, max(len(line), 1), MAX_RUN):
                piece = line[offset : offset + MAX_RUN]
                self.lines.append(piece)
                self.starts.append(start)
                self.unit_starts.append(units)
                self.longest = max(self.longest, len(piece))
                start += len(piece)
                units += utf16_length(piece)
            start += 1
            units += 1
        return changed

    def _pop(self) -> tuple[int, int]:
        self.lines.pop()
        return self.starts.pop(), self.unit_starts.pop()

    def _move_anchor(self) -> None:
        """Colour only the end of code that grows: from a blank line if there is one."""
        if len(self._text) - self._anchor <= _REGION:
            return
        half = self._anchor + _REGION // 2
        blank = self._text.rfind("\n\n", self._anchor, len(self._text) - 1)
        line = self._text.find("\n", half)
        end = blank + 1 if blank > half else line
        self._anchor = end + 1 if end >= 0 else len(self._text)

    def _add_stretch(
        self, found: dict[int, list[Coloured]], start: int, end: int, token: str
    ) -> None:
        """Spread a stretch over the display lines it covers."""
        number = bisect_right(self.starts, start) - 1
        while number < len(self.lines) and self.starts[number] < end:
            line_start = self.starts[number]
            first = max(start - line_start, 0)
            last = min(end - line_start, len(self.lines[number]))
            if last > first:
                found.setdefault(number, []).append(Coloured(first, last, token))
            number += 1
