"""Tests of links, images and styles inside a line."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.blocks import Span, SpanStyle, TextBlock
from realm_desktop.ui.chat.markdown import MarkdownParser


def _block(source: str) -> TextBlock:
    block = MarkdownParser().parse(source)[0].blocks[0]
    assert isinstance(block, TextBlock)
    return block


def _links(source: str) -> list[tuple[str, str]]:
    block = _block(source)
    return [(block.text[s.start : s.start + s.length], s.address) for s in block.spans if s.address]


def test_link_keeps_text_and_address() -> None:
    assert _links("see [here](https://a.b/c) now") == [("here", "https://a.b/c")]


def test_link_without_text_shows_its_address() -> None:
    assert _links("[](https://a.b)") == [("https://a.b", "https://a.b")]


def test_bare_address_becomes_a_link_without_its_full_stop() -> None:
    assert _links("Go to https://a.b/c?d=1.") == [("https://a.b/c?d=1", "https://a.b/c?d=1")]


def test_address_inside_code_stays_code() -> None:
    assert _links("`https://a.b`") == []


@pytest.mark.parametrize(
    "source", ["[x](javascript:alert(1))", "[x](data:text/html,1)", "[x](file:///etc/passwd)"]
)
def test_link_with_a_dangerous_scheme_is_shown_as_source(source: str) -> None:
    assert _block(source).text == source
    assert _links(source) == []


def test_image_shows_alternative_text_and_address() -> None:
    block = _block("![a cat](https://a.b/cat.png)")

    assert block.text == "a cat (https://a.b/cat.png)"
    assert all(SpanStyle.MUTED in span.style for span in block.spans)


def test_image_of_a_local_path_shows_the_path() -> None:
    assert "/dev/zero" in _block("![x](/dev/zero)").text


def test_image_inside_a_link_leads_where_the_link_leads() -> None:
    assert _links("[![x](https://i.j)](https://a.b)")[-1][1] == "https://a.b"


def test_text_of_a_link_shows_direction_controls() -> None:
    assert _links("[a\u200fb](https://a.b)")[0][0] == "a\u21d0b"


def test_bold_link_is_bold_and_a_link() -> None:
    assert _block("**[x](https://a.b)**").spans == (Span(0, 1, SpanStyle.BOLD, "https://a.b"),)


def test_entity_cannot_bring_in_an_override() -> None:
    assert "\u202e" not in _block("a&#x202E;b").text


def test_nul_entity_is_shown() -> None:
    assert "\x00" not in _block("a&#0;b").text


def test_plain_text_has_no_spans() -> None:
    assert _block("just words").spans == ()
