"""Turns the inline tokens of a paragraph into text and spans.

Images are never loaded: their alternative text and address are shown. HTML stays visible source.
Knows nothing of Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from realm_desktop.formula_svg import is_formula
from realm_desktop.markdown_math import INLINE_DISPLAY_MATH, INLINE_MATH, math_source
from realm_desktop.ui.chat.blocks import LINE_BREAK, Formula, Span, SpanStyle
from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls

_BARE_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+")
_TRAILING = ".,;:!?)]}*_"
_TOGGLES = {
    "strong_open": SpanStyle.BOLD,
    "em_open": SpanStyle.ITALIC,
    "s_open": SpanStyle.STRIKE,
}
_ENDS = {
    "strong_close": SpanStyle.BOLD,
    "em_close": SpanStyle.ITALIC,
    "s_close": SpanStyle.STRIKE,
}


class InlineText:
    """Collects text and spans; `text` and `spans` are the result.

    Args:
        children: The inline tokens of one paragraph, heading or table cell.
    """

    def __init__(self, children: Sequence[Token]) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._spans: list[Span] = []
        self._style = SpanStyle.NORMAL
        self._address = ""
        self._link_start = 0
        self._formulas: list[Formula] = []
        for token in children:
            self._add_token(token)

    @property
    def text(self) -> str:
        """The text as it is shown."""
        return "".join(self._pieces)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The styled stretches in order; plain text has none."""
        return tuple(self._spans)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """What of the text can be drawn as a formula."""
        return tuple(self._formulas)

    def _add_token(self, token: Token) -> None:
        if token.type == "text":
            self._add_text(token.content)
        elif token.type == "code_inline":
            self._add(with_visible_controls(safe_text(token.content)), SpanStyle.CODE)
        elif token.type in ("softbreak", "hardbreak"):
            self._add(LINE_BREAK)
        elif token.type in _TOGGLES:
            self._style |= _TOGGLES[token.type]
        elif token.type in _ENDS:
            self._style &= ~_ENDS[token.type]
        elif token.type == "link_open":
            self._address = str(token.attrs.get("href", ""))
            self._link_start = self._length
        elif token.type == "link_close":
            self._close_link()
        elif token.type == "image":
            self._add_image(token)
        elif token.type in (INLINE_MATH, INLINE_DISPLAY_MATH):
            self._add_formula(token)
        else:
            self._add_text(token.content)

    def _add_text(self, content: str) -> None:
        """Plain text; an address in it becomes a link, as models rarely mark them."""
        if self._address:
            self._add(with_visible_controls(safe_text(content)))
            return
        for piece, address in _linked_pieces(safe_text(content)):
            if address:
                self._add(with_visible_controls(piece), address=address)
            else:
                self._add(piece)

    def _close_link(self) -> None:
        # A link without text would be invisible: its address takes the place of the text.
        if self._length == self._link_start:
            self._add(with_visible_controls(safe_text(self._address)))
        self._address = ""

    def _add_formula(self, token: Token) -> None:
        source = safe_text(math_source(token)).replace("\n", LINE_BREAK)
        is_display = token.type == INLINE_DISPLAY_MATH
        if is_formula(token.content):
            self._formulas.append(Formula(self._length, len(source), token.content, is_display))
        self._add(source)

    def _add_image(self, token: Token) -> None:
        address = str(token.attrs.get("src", ""))
        alternative = InlineText(token.children or []).text
        label = f"{alternative} " if alternative else ""
        self._add(f"{safe_text(label)}(", SpanStyle.MUTED)
        shown = with_visible_controls(safe_text(address))
        self._add(shown, SpanStyle.MUTED, address=self._address or address)
        self._add(")", SpanStyle.MUTED)

    def _add(
        self, text: str, style: SpanStyle = SpanStyle.NORMAL, *, address: str | None = None
    ) -> None:
        if not text:
            return
        style |= self._style
        address = self._address if address is None else address
        if style or address:
            self._spans.append(Span(self._length, len(text), style, address))
        self._pieces.append(text)
        self._length += len(text)


def _linked_pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the address it links to or an empty one."""
    end = 0
    for match in _BARE_ADDRESS.finditer(text):
        address = match.group().rstrip(_TRAILING)
        if len(address) <= len("https://"):
            continue
        yield text[end : match.start()], ""
        yield address, address
        end = match.start() + len(address)
    yield text[end:], ""
