"""Markdown of strangers to HTML that does nothing: no script, no style, no address that loads.

HTML in the source is shown as text, images as their words and address, links lead to http, https and
mailto only. Knows nothing of chats; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_MARKDOWN: Final = 128 * 1024
"""A longer text is shown as it is: parsing Markdown takes more than twice as long for twice the text."""

MAX_PIECE: Final = 12_000
"""Longest source of one piece for paper; Qt lays it out in a few milliseconds."""

_MAX_NESTING: Final = 20
_PLAIN_PIECE: Final = 3_000
_LINK: Final = re.compile(r"(https?:|mailto:)", re.IGNORECASE)
# No font has them, and XML parsers refuse a file with them.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class InertMarkdown(MarkdownIt):
    """The one renderer of exported Markdown."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
        self.enable(["table", "strikethrough"])
        self.disable(["html_block", "html_inline"])
        self.add_render_rule("image", _image)

    def validateLink(self, url: str) -> bool:  # noqa: N802  # the library's name
        """Whether an address may be the target of a link."""
        return _LINK.match(url) is not None


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


def _image(
    _renderer: object, tokens: Sequence[Token], index: int, _options: object, _env: object
) -> str:
    """What a picture is called and where it lies; it is never loaded."""
    token = tokens[index]
    words = " · ".join(filter(None, (token.content, str(token.attrs.get("src", "")))))
    return f"[{escape(words)}]"
