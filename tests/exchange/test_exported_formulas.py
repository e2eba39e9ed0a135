"""Formulas in documents: drawn in HTML and on paper, as written elsewhere."""

from __future__ import annotations

import pytest

from realm_desktop.exchange import inert_html
from realm_desktop.exchange.chat_document import DocumentWords, as_markdown, chat_document
from realm_desktop.exchange.inert_html import (
    InertMarkdown,
    formula_of,
    markdown_html,
    markdown_pieces,
)
from realm_desktop.store.trees import StoredMessage, Tree
from tests.support.stores import make_conversation, make_reply

SOURCE = "So $x^2$ is\n\n$$\n\\frac{a}{b}\n$$\n\nfor $5 and $10."


def test_html_has_drawings_with_their_source_for_readers() -> None:
    html = markdown_html(InertMarkdown(), SOURCE)

    assert html.count("<svg ") == 2
    assert 'aria-label="$x^2$"' in html
    assert 'fill="currentColor"' in html
    assert "$5 and $10" in html
    assert "href" not in html


def test_drawing_stands_on_the_baseline_in_the_size_of_the_text() -> None:
    html = markdown_html(InertMarkdown(), r"$\frac{a}{b}$")

    opening = html[html.index("<svg") :].split(">")[0]
    assert "vertical-align:-0." in opening
    assert "em;" in opening
    assert " width=" not in opening


@pytest.mark.parametrize(
    "source",
    [r"$\frac{<b>$", r'$x_1_2" onload="y$', r"$\text{<image href='x'/>}$"],
)
def test_formula_that_cannot_be_set_is_escaped_source(source: str) -> None:
    html = markdown_html(InertMarkdown(), source)

    assert "<svg" not in html
    assert "<b>" not in html
    assert "<script" not in html
    assert "<image" not in html
    assert ' onload="' not in html


def test_paper_names_pictures_by_their_formula() -> None:
    pieces = list(markdown_pieces(InertMarkdown(is_paper=True), SOURCE))
    addresses = [piece.split('src="')[1].split('"')[0] for piece in pieces if "<img" in piece]

    found = [formula_of(address) for address in addresses]
    assert found == [("x^2", False), ("\n\\frac{a}{b}\n", True)]


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "http://a/b", "formulas:x", "x"])
def test_other_addresses_are_no_formulas(address: str) -> None:
    assert formula_of(address) is None


def test_document_of_slow_formulas_stops_drawing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inert_html, "_MAX_FORMULA_S", 0.0)

    assert markdown_html(InertMarkdown(), "$x$") == "<p><code>$x$</code></p>\n"


def test_markdown_keeps_the_source() -> None:
    tree = Tree(make_conversation(), (StoredMessage(make_reply("a", None, SOURCE)),))

    assert SOURCE in as_markdown(chat_document(tree, DocumentWords()))
