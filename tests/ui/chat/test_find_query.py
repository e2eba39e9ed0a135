"""Tests of what is a hit."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.blocks import CodeBlock, RuleBlock, TextBlock
from realm_desktop.ui.chat.find_query import FindQuery, Found, block_texts
from realm_desktop.ui.chat.markdown import MarkdownParser


def _texts(source: str) -> list[tuple[str, ...]]:
    groups = MarkdownParser().parse(source)
    return [block_texts(block) for group in groups for block in group.blocks]


def test_case_does_not_matter_unless_asked_for() -> None:
    text = "Word and word"

    assert FindQuery("word").spans(text) == [(0, 4), (9, 13)]
    assert FindQuery("word", is_case_sensitive=True).spans(text) == [(9, 13)]


def test_signs_of_patterns_are_letters_like_others() -> None:
    assert FindQuery("a.*(").spans("abc( a.*(") == [(5, 9)]


def test_hits_do_not_overlap() -> None:
    assert FindQuery("aa").spans("aaaaa") == [(0, 2), (2, 4)]


def test_letters_that_fold_to_more_keep_their_places() -> None:
    assert FindQuery("b").spans("ßßb") == [(2, 3)]


def test_every_cell_of_a_table_is_a_part_of_its_own() -> None:
    texts = _texts("| a | b |\n|---|---|\n| c | d |")

    assert texts == [("a", "b", "c", "d")]
    assert list(FindQuery("d").find(texts)) == [Found(0, 3, 0, 1)]


def test_what_markdown_hides_is_not_found() -> None:
    texts = _texts("A [name](http://address.example) in **bo**ld.")

    assert not list(FindQuery("address").find(texts))
    assert list(FindQuery("bold").find(texts)) == [Found(0, 0, 10, 14)]


@pytest.mark.parametrize(
    ("block", "texts"),
    [
        (TextBlock("words"), ("words",)),
        (CodeBlock("code"), ("code",)),
        (RuleBlock(), ()),
    ],
)
def test_block_has_its_text(block: TextBlock, texts: tuple[str, ...]) -> None:
    assert block_texts(block) == texts


@pytest.mark.parametrize(
    ("words", "source", "may"),
    [
        ("bold text", "**bo**ld\n> text", True),
        ("STRASSE", "Straße", True),
        ("ä", "&auml;", True),
        ("...", "nothing", True),
        ("sea", "land", False),
    ],
)
def test_source_is_passed_over_only_if_it_has_no_hit(words: str, source: str, may: bool) -> None:
    assert FindQuery(words).may_stand_in(source) is may
