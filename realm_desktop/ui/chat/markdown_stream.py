"""Markdown of a text that grows, parsed a slice at a time.

Finished blocks are frozen; only the open block at the end is parsed again. No slice takes long: a
block that is too long or holds too many markers is shown as plain text. Knows nothing of Qt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from realm_desktop.ui.chat.blocks import Block, CodeBlock, Place, TextBlock
from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls
from realm_desktop.ui.chat.markdown import Group, MarkdownParser, plain_blocks

MAX_BLOCK = 64 * 1024
"""Longest block that is parsed as Markdown."""

MAX_MARKERS = 2_000
"""Most markers in one block; the dearest of them cost about 10 µs each (2-core Zen 4)."""

_SLICE_MARKERS = 800

_WINDOW = 2 * 1024
_MIN_WINDOW = 512
_PLAIN_SLICE = 16 * 1024
_MARKER_COSTS = {"\n": 3, "!": 3, "[": 2, **dict.fromkeys("]*_`<&~|#:\\$", 1)}
# Possessive, as a line of nothing but markers would take quadratic time.
_FENCE = re.compile(r"(`{3,64}+|~{3,64}+)(?![`~])[ \t]*+([^`\n]*+)\n")
_FENCE_BEGUN = re.compile(r" {0,3}(`+|~+)")


@dataclass(slots=True)
class _OpenFence:
    """A fence at the top level that has no end yet.

    Attributes:
        text: Its complete lines so far.
        scanned: Offset in the source up to which `text` goes.
    """

    closing: re.Pattern[str]
    language: str
    place: Place
    scanned: int
    text: str = ""


class MarkdownStream:
    """Blocks of one message; owned by its document.

    Attributes:
        frozen: Blocks that never change again; the list only grows.
        tail: Blocks of the open end; replaced by every slice.
        generation: Counts how often everything began anew, because the text did not just grow.
    """

    def __init__(self, parser: MarkdownParser) -> None:
        self._parser = parser
        self.generation = 0
        self._source = ""
        self._is_open = True
        self._restart()

    @property
    def has_more(self) -> bool:
        """Whether `advance` has anything to do."""
        return self._seen < len(self._text) or (not self._is_open and bool(self.tail))

    def set_text(self, source: str, *, is_open: bool) -> None:
        """Take the whole text as it is now; `is_open` while more of it may come."""
        is_grown = source.startswith(self._source) and (self._is_open or source == self._source)
        if not is_grown:
            self._restart()
            self.generation += 1
            self._source = ""
        self._is_open = is_open
        # The second half of a CR LF may still come.
        usable = source[:-1] if is_open and source.endswith("\r") else source
        if len(usable) > len(self._source):
            self._text += safe_text(usable[len(self._source) :])
            self._source = usable

    def advance(self) -> None:
        """Parse one slice: a few kilobytes, about 20 ms at the very most."""
        if self._fence is not None:
            self._advance_fence(self._fence)
        elif self._is_plain:
            self._advance_plain()
        else:
            self._advance_blocks()

    def _restart(self) -> None:
        self.frozen: list[Block] = []
        self.tail: tuple[Block, ...] = ()
        self._text = ""
        self._start = 0
        self._seen = 0
        self._reset_window()
        self._is_open = True
        self._is_plain = False
        self._is_inside_plain = False
        self._fence: _OpenFence | None = None
        self._ordinal: int | None = None
        self._is_tight = False

    def _reset_window(self) -> None:
        self._window = _WINDOW
        self._least_window = _MIN_WINDOW

    def _advance_blocks(self) -> None:
        end = self._window_end()
        source = self._text[self._start : end]
        is_end = end == len(self._text)
        if is_end and len(source) > MAX_BLOCK:
            self._is_plain = True
            return
        groups = self._parser.parse(source, first_ordinal=self._ordinal, is_tight=self._is_tight)
        if is_end and not self._is_open:
            self._freeze(groups)
            self._finish(end)
            return
        self._seen = end
        if not groups:
            self.tail = ()
            self._start = end if source.endswith("\n") else self._start
            return
        self._freeze(groups[:-1])
        self._hold(groups[-1], source)
        if len(groups) > 1 or self._fence is not None:
            self._reset_window()
        elif not is_end:
            self._widen()

    def _window_end(self) -> int:
        """Where the next slice ends: at a line end, before too many markers."""
        while True:
            end = min(self._start + self._window, len(self._text))
            if end < len(self._text):
                line_end = self._text.rfind("\n", self._start, end) + 1
                end = line_end if line_end > self._start else end
            is_least = self._window <= self._least_window
            if is_least or _cost(self._text, self._start, end) <= _SLICE_MARKERS:
                return end
            self._window = max(self._least_window, (end - self._start) // 2)

    def _widen(self) -> None:
        """One block fills the window: look at twice as much, or give up on its markers."""
        wider = 2 * self._window
        cost = _cost(self._text, self._start, self._start + wider)
        if wider > MAX_BLOCK or cost > MAX_MARKERS:
            self._is_plain = True
        self._window = self._least_window = wider
        self._seen = self._start

    def _hold(self, group: Group, source: str) -> None:
        """Keep the last group open; it begins the next slice."""
        offset = 0
        for _ in range(group.first_line):
            offset = source.index("\n", offset) + 1
        self._start += offset
        self.tail = group.blocks
        self._ordinal = group.ordinal
        self._is_tight = group.blocks[0].place.is_tight
        opening = _FENCE.match(self._text, self._start)
        if opening is not None and len(group.blocks) == 1:
            marker = opening.group(1)
            closing = re.compile(rf" {{0,3}}{re.escape(marker[0])}{{{len(marker)},}}[ \t]*")
            words = opening.group(2).split()
            language = with_visible_controls(words[0]) if words else ""
            place = group.blocks[0].place
            self._fence = _OpenFence(closing, language, place, opening.end())
            self._seen = self._start

    def _freeze(self, groups: list[Group]) -> None:
        for group in groups:
            self.frozen.extend(group.blocks)

    def _finish(self, end: int) -> None:
        """Everything up to `end` is frozen; what follows begins a new block."""
        self.tail = ()
        self._start = self._seen = end
        self._ordinal = None
        self._is_tight = False
        self._reset_window()

    def _advance_fence(self, fence: _OpenFence) -> None:
        limit = min(len(self._text), fence.scanned + MAX_BLOCK)
        line_end = self._text.find("\n", fence.scanned, limit)
        first = fence.scanned
        while line_end >= 0:
            if fence.closing.fullmatch(self._text, fence.scanned, line_end):
                self._close_fence(fence, self._text[first : fence.scanned], line_end + 1)
                return
            fence.scanned = line_end + 1
            line_end = self._text.find("\n", fence.scanned, limit)
        fence.text += with_visible_controls(self._text[first : fence.scanned])
        rest = self._text[fence.scanned : limit]
        if limit < len(self._text):
            # No line end within a whole slice: the rest cannot be a closing line any more.
            fence.text += with_visible_controls(rest)
            fence.scanned = limit
            rest = ""
        self._seen = limit
        if limit == len(self._text) and not self._is_open:
            is_closing = fence.closing.fullmatch(rest) is not None
            self._close_fence(fence, "" if is_closing else rest, limit)
            return
        shown = "" if _FENCE_BEGUN.fullmatch(rest) else with_visible_controls(rest)
        text = (fence.text + shown).removesuffix("\n")
        self.tail = (CodeBlock(text, fence.language, fence.place, is_open=True),)

    def _close_fence(self, fence: _OpenFence, last_lines: str, end: int) -> None:
        text = (fence.text + with_visible_controls(last_lines)).removesuffix("\n")
        self.frozen.append(CodeBlock(text, fence.language, fence.place))
        self._fence = None
        self._finish(end)

    def _advance_plain(self) -> None:
        """Freeze the pieces of a block that is shown as it is, up to the next blank line."""
        limit = min(len(self._text), self._start + _PLAIN_SLICE)
        blank = self._text.find("\n\n", self._start, limit)
        end = blank if blank >= 0 else limit
        blocks = self._continued(plain_blocks(self._text[self._start : end]))
        if blank >= 0 or (end == len(self._text) and not self._is_open):
            self.frozen.extend(blocks)
            self._finish(end + 2 if blank >= 0 else end)
            self._is_plain = self._is_inside_plain = False
            return
        self._seen = end
        self.frozen.extend(blocks[:-1])
        self._start = end - len(blocks[-1].text)
        self.tail = blocks[-1:]
        self._is_inside_plain = self._is_inside_plain or len(blocks) > 1

    def _continued(self, blocks: tuple[TextBlock, ...]) -> tuple[TextBlock, ...]:
        if not self._is_inside_plain:
            return blocks
        return (TextBlock(blocks[0].text, continues=True), *blocks[1:])


def _cost(text: str, start: int, end: int) -> int:
    """How long a parse of text[start:end] may take, in units of about 10 µs."""
    return sum(text.count(marker, start, end) * cost for marker, cost in _MARKER_COSTS.items())
