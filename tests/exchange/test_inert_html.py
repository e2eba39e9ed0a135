"""HTML of strangers' Markdown does nothing: no tag of theirs, no address that loads."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.exchange.inert_html import (
    MAX_MARKDOWN,
    MAX_PIECE,
    InertMarkdown,
    markdown_html,
    markdown_pieces,
    plain_html,
    typed_pieces,
)

MARKDOWN = InertMarkdown()
SAFE_TAGS = frozenset(
    [
        "p",
        "pre",
        "code",
        "em",
        "strong",
        "s",
        "a",
        "ul",
        "ol",
        "li",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "svg",
        "g",
        "path",
        "rect",
    ]
)
SAFE_ATTRIBUTES = frozenset(
    {
        *("href", "title", "class", "start", "style"),
        # Of drawn formulas, none of which can hold an address.
        *("role", "aria-label", "xmlns", "viewbox", "fill", "d", "x", "y", "width", "height"),
        *("stroke", "stroke-width"),
    }
)
PIECES = st.sampled_from(
    [
        *("<script>x</script>", "<img src=x onerror=y>", "![a](http://h/p.png)", "![b][r]"),
        *("[c](javascript:z)", "[d](data:text/html,q)", "[e](file:///etc)", "<http://ok.example>"),
        *('```x" onload=y\n', "```\n", "\n\n", "| a | b |\n|:-|-|\n", "&lt;script&gt;", '"><svg>'),
        *("$x^2$", "$", "$$\n", "\\(<b>\\)", "\\["),
        *("[r]: javascript:1\n", "[f](vbscript:w 't')", "> ", "- ", "1. ", "# ", "**", "`", "\x00"),
    ]
)


class _Seen(HTMLParser):
    """Collects tags, attributes and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


@given(st.lists(PIECES | st.text(max_size=12), max_size=14).map("".join))
@settings(max_examples=80, deadline=None)
def test_nothing_of_theirs_becomes_a_tag_or_an_address(text: str) -> None:
    seen = _Seen(markdown_html(MARKDOWN, text))

    assert seen.tags <= SAFE_TAGS
    assert seen.attributes <= SAFE_ATTRIBUTES
    assert all(a.lower().startswith(("http:", "https:", "mailto:")) for a in seen.addresses)


def test_image_is_named_and_not_loaded() -> None:
    html = markdown_html(MARKDOWN, '![a "b" <i>](https://h/p.png)')

    assert html == "<p>[a &quot;b&quot; &lt;i&gt; · https://h/p.png]</p>\n"


def test_markdown_is_rendered() -> None:
    html = markdown_html(MARKDOWN, "# T\n\n| a |\n|---|\n| ~~b~~ |\n")

    assert "<h1>T</h1>" in html
    assert "<td><s>b</s></td>" in html


def test_text_beyond_the_limit_is_shown_as_it_is() -> None:
    html = markdown_html(MARKDOWN, "*a* " * (MAX_MARKDOWN // 4 + 1))

    assert html.startswith("<pre>*a* *a*")


def test_control_characters_become_visible() -> None:
    assert plain_html("a\x00b\x1b\n<") == "<pre>a\ufffdb\ufffd\n&lt;</pre>\n"


@pytest.mark.parametrize(
    "text",
    [
        "word " * 3_000,
        "x" * 300_000,
        "```\n" + "line\n" * 3_000 + "```",
        "- item\n" * 3_000,
        "> " * 3_000,
        "| a |\n|-|\n" + "| b |\n" * 3_000,
    ],
    ids=["words", "run", "code", "list", "quotes", "table"],
)
def test_pieces_for_paper_stay_small_and_keep_the_text(text: str) -> None:
    pieces = list(markdown_pieces(MARKDOWN, text))

    assert max(map(len, pieces)) < 8 * MAX_PIECE
    seen = sum(piece.count("line") + piece.count("item") + piece.count("word") for piece in pieces)
    assert seen == text.count("line") + text.count("item") + text.count("word")


def test_typed_text_keeps_its_markup_signs() -> None:
    assert list(typed_pieces("*a* <b>")) == ['<p class="typed">*a* &lt;b&gt;</p>']
