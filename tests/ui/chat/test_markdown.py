"""Tests of Markdown source becoming blocks."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.blocks import (
    LINE_BREAK,
    Block,
    CodeBlock,
    RuleBlock,
    SpanStyle,
    TableBlock,
    TextBlock,
)
from realm_desktop.ui.chat.markdown import MAX_COLUMNS, MarkdownParser, plain_blocks


def _blocks(source: str) -> list[Block]:
    return [block for group in MarkdownParser().parse(source) for block in group.blocks]


def _text(source: str) -> TextBlock:
    block = _blocks(source)[0]
    assert isinstance(block, TextBlock)
    return block


def _table(source: str) -> TableBlock:
    block = _blocks(source)[0]
    assert isinstance(block, TableBlock)
    return block


def test_paragraph_is_one_text_block() -> None:
    assert _blocks("one two") == [TextBlock("one two")]


def test_line_end_inside_a_paragraph_breaks_the_line() -> None:
    assert _text("one\ntwo").text == f"one{LINE_BREAK}two"


@pytest.mark.parametrize("level", [1, 2, 3, 6])
def test_heading_has_its_level(level: int) -> None:
    assert _text("#" * level + " Title").level == level


def test_heading_level_does_not_reach_the_next_paragraph() -> None:
    assert [block.level for block in _blocks("# a\n\nb") if isinstance(block, TextBlock)] == [1, 0]


@pytest.mark.parametrize(
    ("source", "style"),
    [
        ("**x**", SpanStyle.BOLD),
        ("*x*", SpanStyle.ITALIC),
        ("~~x~~", SpanStyle.STRIKE),
        ("`x`", SpanStyle.CODE),
        ("***x***", SpanStyle.BOLD | SpanStyle.ITALIC),
    ],
)
def test_emphasis_becomes_a_span(source: str, style: SpanStyle) -> None:
    assert _text(source).text == "x"
    assert _text(source).spans[0].style == style


def test_code_fence_has_text_and_language() -> None:
    assert _blocks("```python title=x\na\n\nb\n```") == [CodeBlock("a\n\nb", "python")]


def test_indented_code_has_no_language() -> None:
    assert _blocks("    x = 1") == [CodeBlock("x = 1")]


def test_rule_is_a_block() -> None:
    assert _blocks("---") == [RuleBlock()]


def test_list_items_have_markers_and_insets() -> None:
    places = [block.place for block in _blocks("- a\n- b\n  1. c")]

    assert [place.marker for place in places] == ["•", "•", "1."]
    assert places[2].insets == ("bullet", "ordered")


def test_ordered_list_counts_from_its_start() -> None:
    assert [block.place.marker for block in _blocks("7) a\n8) b")] == ["7)", "8)"]


def test_second_paragraph_of_an_item_has_no_marker() -> None:
    assert [block.place.marker for block in _blocks("- a\n\n  b")] == ["•", ""]


def test_empty_item_still_shows_its_marker() -> None:
    assert [block.place.marker for block in _blocks("- a\n-")] == ["•", "•"]


def test_items_without_blank_lines_stand_close() -> None:
    assert [block.place.is_tight for block in _blocks("- a\n- b\n\n- c")] == [False, True, False]


def test_quote_adds_an_inset() -> None:
    assert _text("> > a").place.insets == ("quote", "quote")


def test_numbers_of_a_table_stand_on_the_right() -> None:
    table = _table("|a|b|c|\n|-|-|:-:|\n|x|1,240|y|\n|y|61 %|z|")

    assert table.alignments == ("left", "right", "center")


def test_table_keeps_what_its_cells_hold() -> None:
    table = _table("|a|\n|-|\n|**b** `c`|")

    assert table.rows[0][0].text == "b c"
    assert [span.style for span in table.rows[0][0].spans] == [SpanStyle.BOLD, SpanStyle.CODE]


def test_table_of_too_many_columns_is_shown_as_source() -> None:
    columns = MAX_COLUMNS + 1
    source = "|a" * columns + "|\n" + "|-" * columns + "|\n" + "|b" * columns + "|"

    assert _text(source).text == source


def test_html_is_shown_as_source() -> None:
    source = "<script>alert(1)</script> <b>x</b>"

    assert _text(source).text == source


@pytest.mark.parametrize(
    "source", ["> " * 400 + "deep", "".join("  " * n + "- x\n" for n in range(60))]
)
def test_nesting_too_deep_is_shown_as_source(source: str) -> None:
    shown = "\n".join(block.text for block in _blocks(source) if isinstance(block, TextBlock))

    assert shown.split() == source.split()


def test_list_after_a_deep_quote_is_read_again() -> None:
    blocks = _blocks("> " * 40 + "x\n\n- a")

    assert blocks[-1].place.marker == "•"


def test_groups_are_items_of_top_level_lists() -> None:
    groups = MarkdownParser().parse("a\n\n1. b\n2. c\n\nd")

    assert [group.first_line for group in groups] == [0, 2, 3, 5]
    assert [group.ordinal for group in groups] == [None, 1, 2, None]


def test_list_that_goes_on_keeps_counting() -> None:
    (group,) = MarkdownParser().parse("1. x", first_ordinal=5)

    assert group.blocks[0].place.marker == "5."


def test_reference_definition_is_shown() -> None:
    assert "[x]: http://a.b" in _text("[x]: http://a.b").text


def test_code_shows_direction_controls() -> None:
    block = _blocks("```\nif a\u2066b\n```")[0]

    assert isinstance(block, CodeBlock)
    assert block.text == "if a\u21d2b"


def test_long_paragraph_becomes_several_blocks() -> None:
    blocks = [b for b in _blocks("a" * 5_000 + " **b**") if isinstance(b, TextBlock)]

    assert "".join(block.text for block in blocks) == "a" * 5_000 + " b"
    assert [block.continues for block in blocks] == [False] + [True] * (len(blocks) - 1)


def test_span_across_a_cut_is_in_both_blocks() -> None:
    blocks = [b for b in _blocks(f"**{'a' * 3_000}**") if isinstance(b, TextBlock)]

    assert [block.spans[0].length for block in blocks] == [2_000, 1_000]


def test_plain_blocks_keep_every_character() -> None:
    text = "# not a *title*\n" * 1_000

    assert "".join(block.text for block in plain_blocks(text)) == text
