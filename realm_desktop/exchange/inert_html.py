"""Markdown of strangers to HTML that does nothing: no script, no style, no address that loads.

HTML in the source is shown as text, images as their words and address, links lead to http, https and
mailto only. Formulas are drawn; on paper their pictures are named by their source, for whoever lays
the page out. Knows nothing of chats; for a thread beside the GUI's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from realm_desktop.formula_svg import UNIT_PX, FormulaSvg, formula_svg
from realm_desktop.markdown_math import (
    BLOCK_MATH,
    INLINE_DISPLAY_MATH,
    INLINE_MATH,
    add_math,
    math_source,
)

MAX_MARKDOWN: Final = 128 * 1024
"""A longer text is shown as it is: parsing Markdown takes more than twice as long for twice the text."""

MAX_PIECE: Final = 12_000
"""Longest source of one piece for paper; Qt lays it out in a few milliseconds."""

_MAX_NESTING: Final = 20
_MAX_FORMULA_S: Final = 20.0
_FORMULA_SCHEME: Final = "formula"
_PAPER_PX: Final = 14
_SIZE: Final = re.compile(r' (?:width|height)="[\d.]+"')
_PLAIN_PIECE: Final = 3_000
_LINK: Final = re.compile(r"(https?:|mailto:)", re.IGNORECASE)
# No font has them, and XML parsers refuse a file with them.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class InertMarkdown(MarkdownIt):
    """The one renderer of exported Markdown.

    Args:
        is_paper: Writes what Qt's rich text can lay out, which has no SVG.
    """

    def __init__(self, *, is_paper: bool = False) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
        self.enable(["table", "strikethrough"])
        self.disable(["html_block", "html_inline"])
        self.add_render_rule("image", _image)
        add_math(self)
        self._is_paper = is_paper
        # One document may hold thousands of formulas that each take as long as they may.
        self._formula_s = _MAX_FORMULA_S
        for kind in (INLINE_MATH, INLINE_DISPLAY_MATH, BLOCK_MATH):
            self.renderer.rules[kind] = self._formula  # type: ignore[attr-defined]  # of the HTML one

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        """Whether an address may be the target of a link."""
        return _LINK.match(url) is not None

    def _formula(self, tokens: Sequence[Token], index: int, _options: object, _env: object) -> str:
        """A formula as a drawing; one that cannot be set as its source."""
        token = tokens[index]
        is_display = token.type != INLINE_MATH
        start_s = time.monotonic()
        drawing = None
        if self._formula_s > 0:
            drawing = formula_svg(token.content, is_display=is_display)
        self._formula_s -= time.monotonic() - start_s
        if drawing is None:
            html = f"<code>{escape(math_source(token))}</code>"
        elif self._is_paper:
            html = _picture(token.content, drawing, is_display=is_display)
        else:
            html = _inline_svg(math_source(token), drawing)
        if token.type != BLOCK_MATH:
            return html
        return (
            f'<p align="center">{html}</p>\n' if self._is_paper else f'<p class="math">{html}</p>\n'
        )


def formula_of(address: str) -> tuple[str, bool] | None:
    """LaTeX and whether it stands alone, of a picture on paper; None for any other address."""
    scheme, form, latex = (*address.split(":", 2), "", "")[:3]
    return (unquote(latex), form == "display") if scheme == _FORMULA_SCHEME else None


def plain_html(text: str) -> str:
    """`text` as it is, with its lines."""
    return f"<pre>{escape(shown_text(text))}</pre>\n"


def shown_text(text: str) -> str:
    """`text` without characters that no document takes."""
    return _CONTROLS.sub("\ufffd", text)


def markdown_html(markdown: InertMarkdown, text: str) -> str:
    """A message as HTML."""
    if len(text) > MAX_MARKDOWN:
        return plain_html(text)
    html: str = markdown.render(shown_text(text))
    return html


def markdown_pieces(markdown: InertMarkdown, text: str) -> Iterator[str]:
    """A message as HTML, in pieces that each can be laid out quickly.

    A block that is too long for that is cut, and shown as it is written.
    """
    if len(text) > MAX_MARKDOWN:
        yield from plain_pieces(text)
        return
    shown = shown_text(text)
    lines = shown.split("\n")
    env: dict[str, Any] = {}
    for group in _groups(markdown.parse(shown, env)):
        first, end = group[0].map or (0, 0)
        source = "\n".join(lines[first:end])
        if group[0].type in ("fence", "code_block"):
            yield from plain_pieces(group[0].content.rstrip("\n"))
        elif len(source) > MAX_PIECE:
            yield from plain_pieces(source)
        else:
            yield str(markdown.renderer.render(group, markdown.options, env))


def typed_pieces(text: str) -> Iterator[str]:
    """A text that is no Markdown, in pieces that each can be laid out quickly."""
    for piece in _cut(text):
        shown = escape(shown_text(piece.removesuffix("\n")))
        yield f'<p class="typed">{shown}</p>'


def plain_pieces(text: str) -> Iterator[str]:
    """`text` as it is, in pieces that each can be laid out quickly."""
    for piece in _cut(text):
        yield plain_html(piece.removesuffix("\n"))


def _groups(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each block that stands in no other."""
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []


def _cut(text: str) -> Iterator[str]:
    """Stretches of a text, cut at a line or a space where there is one."""
    start = 0
    while start < len(text):
        end = start + _PLAIN_PIECE
        if end < len(text):
            places = (text.rfind(sign, start + _PLAIN_PIECE // 2, end) + 1 for sign in "\n ")
            end = next(filter(None, places), end)
        yield text[start:end]
        start = end


def _inline_svg(source: str, drawing: FormulaSvg) -> str:
    """The drawing in the colour and the size of the text around it, with its source for readers."""
    scale = 1 / UNIT_PX
    size = f"width:{drawing.width * scale:.3f}em;vertical-align:{-drawing.descent * scale:.3f}em"
    svg = drawing.coloured("currentColor")
    opening = f'<svg role="img" aria-label="{escape(source)}" style="{size}" '
    return _SIZE.sub("", svg.replace("<svg ", opening, 1), count=2)


def _picture(latex: str, drawing: FormulaSvg, *, is_display: bool) -> str:
    form = "display" if is_display else "inline"
    scale = _PAPER_PX / UNIT_PX
    width, height = drawing.width * scale, (drawing.ascent + drawing.descent) * scale
    return (
        f'<img src="{_FORMULA_SCHEME}:{form}:{quote(latex, safe="")}" width="{width:.0f}" '
        f'height="{height:.0f}" style="vertical-align: middle" />'
    )


def _image(
    _renderer: object, tokens: Sequence[Token], index: int, _options: object, _env: object
) -> str:
    """What a picture is called and where it lies; it is never loaded."""
    token = tokens[index]
    words = " · ".join(filter(None, (token.content, str(token.attrs.get("src", "")))))
    return f"[{escape(words)}]"
