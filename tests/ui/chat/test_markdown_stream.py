"""Tests of parsing a text that grows."""

from __future__ import annotations

import random

import pytest

from realm_desktop.ui.chat.blocks import Block, CodeBlock, TextBlock
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.markdown_stream import MAX_BLOCK, MarkdownStream

RICH = """# Title

para *a* **b** `c` https://a.b
next line

1. one
2. two
   - x
   - y

     deeper

3. three

```py
def f():
    pass

x = 1
```
after
> quote
> more

| a | b |
|---|--:|
| 1 | 2 |

~~~
other fence
```
~~~
---
end
"""


def _stream() -> MarkdownStream:
    return MarkdownStream(MarkdownParser())


def _run(stream: MarkdownStream) -> None:
    for _ in range(100_000):
        if not stream.has_more:
            return
        stream.advance()
    raise AssertionError("the stream does not come to an end")


def _parsed(text: str) -> list[Block]:
    stream = _stream()
    stream.set_text(text, is_open=False)
    _run(stream)
    return stream.frozen


def _shown(blocks: list[Block]) -> str:
    return "".join(block.text for block in blocks if isinstance(block, TextBlock | CodeBlock))


def test_whole_text_gives_the_blocks_of_one_parse() -> None:
    groups = MarkdownParser().parse(RICH)

    assert _parsed(RICH) == [block for group in groups for block in group.blocks]


@pytest.mark.parametrize("step", [1, 3, 17, 200])
def test_text_in_pieces_gives_the_same_blocks(step: int) -> None:
    stream = _stream()
    for end in range(step, len(RICH) + step, step):
        stream.set_text(RICH[:end], is_open=end < len(RICH))
        _run(stream)

    assert stream.frozen == _parsed(RICH)
    assert stream.tail == ()


@pytest.mark.parametrize("seed", range(8))
def test_random_markers_in_pieces_give_the_same_blocks(seed: int) -> None:
    choose = random.Random(seed)
    parts = [
        "# ",
        "- ",
        "1. ",
        "> ",
        "```\n",
        "|a|b|\n|-|-|\n",
        "*",
        "`",
        "word ",
        "\n",
        "\n\n",
        "  ",
    ]
    text = "".join(choose.choice(parts) for _ in range(300))
    stream = _stream()
    for end in range(0, len(text), 13):
        stream.set_text(text[:end], is_open=True)
        _run(stream)
    stream.set_text(text, is_open=False)
    _run(stream)

    assert _shown(stream.frozen).split() == _shown(_parsed(text)).split()


def test_finished_blocks_are_frozen_while_the_text_grows() -> None:
    stream = _stream()
    stream.set_text("one\n\ntwo\n\nthr", is_open=True)
    _run(stream)

    assert [block.text for block in stream.frozen if isinstance(block, TextBlock)] == ["one", "two"]
    assert _shown(list(stream.tail)) == "thr"


def test_frozen_blocks_are_the_same_objects_later() -> None:
    stream = _stream()
    stream.set_text("one\n\ntwo", is_open=True)
    _run(stream)
    first = stream.frozen[0]
    stream.set_text("one\n\ntwo\n\nthree", is_open=False)
    _run(stream)

    assert stream.frozen[0] is first


def test_items_of_an_open_list_are_frozen_and_numbered_on() -> None:
    stream = _stream()
    text = ""
    for number in range(1, 30):
        text += f"{number}. item\n"
        stream.set_text(text, is_open=True)
        _run(stream)

    assert len(stream.frozen) == 28
    assert stream.tail[0].place.marker == "29."


def test_open_fence_is_a_block_that_may_grow() -> None:
    stream = _stream()
    stream.set_text("```py\na\nb", is_open=True)
    _run(stream)

    assert stream.tail == (CodeBlock("a\nb", "py", is_open=True),)


def test_closing_fence_is_not_shown_while_it_arrives() -> None:
    stream = _stream()
    stream.set_text("```py\na\n``", is_open=True)
    _run(stream)

    assert _shown(list(stream.tail)) == "a"


def test_text_that_changed_is_read_anew() -> None:
    stream = _stream()
    stream.set_text("one\n\ntwo", is_open=False)
    _run(stream)
    stream.set_text("three", is_open=False)
    _run(stream)

    assert stream.generation == 1
    assert _shown(stream.frozen) == "three"


def test_carriage_return_at_a_seam_is_one_line_end() -> None:
    stream = _stream()
    stream.set_text("one\r", is_open=True)
    _run(stream)
    stream.set_text("one\r\n\r\ntwo", is_open=False)
    _run(stream)

    assert [block.text for block in stream.frozen if isinstance(block, TextBlock)] == ["one", "two"]


def test_block_too_long_is_shown_as_it_is() -> None:
    text = "*word* " * 20_000

    assert len(text) > MAX_BLOCK
    assert _shown(_parsed(text)) == text


def test_block_of_too_many_markers_is_shown_as_it_is() -> None:
    text = "[*a" * 5_000

    assert _shown(_parsed(text)) == text


def test_markdown_goes_on_behind_a_plain_block() -> None:
    blocks = _parsed("[" * 9_000 + "\n\n# Title")

    assert isinstance(blocks[-1], TextBlock)
    assert blocks[-1].level == 1


def test_plain_block_is_one_paragraph_for_a_copy() -> None:
    blocks = _parsed("a" * 200_000)

    flags = [block.continues for block in blocks if isinstance(block, TextBlock)]
    assert flags == [False] + [True] * (len(flags) - 1)


def test_long_code_in_pieces_loses_no_line() -> None:
    code = "\n".join(f"line {number}" for number in range(20_000))
    stream = _stream()
    text = f"```\n{code}\n```\n"
    for end in range(0, len(text), 40_000):
        stream.set_text(text[:end], is_open=True)
        _run(stream)
    stream.set_text(text, is_open=False)
    _run(stream)

    assert stream.frozen == [CodeBlock(code)]


def test_code_of_one_long_line_loses_nothing() -> None:
    assert _parsed("```\n" + "x" * 300_000) == [CodeBlock("x" * 300_000)]


@pytest.mark.parametrize("marker", ["~", "`", "\n", "> ", "- ", "|-", "![", "&", "\\"])
def test_a_flood_of_markers_comes_to_an_end(marker: str) -> None:
    stream = _stream()
    stream.set_text(marker * 50_000, is_open=False)
    _run(stream)

    assert not stream.has_more
