"""Markdown that parsers and layouts choke on, in any size: every kind of the known traps, seeded."""

from __future__ import annotations

import random
from collections.abc import Callable

Generator = Callable[[int, random.Random], str]
WORD = "\u0645\u0631\u062d\u0628\u0627"
"""Arabic; written so that nobody mistakes its letters for others."""


def deep_quotes(size: int, _draw: random.Random) -> str:
    return "> " * (size // 2) + "x"


def deep_lists(size: int, draw: random.Random) -> str:
    marker = draw.choice(("- ", "1. ", "* "))
    lines, length, depth = [], 0, 0
    while length < size:
        lines.append("  " * depth + marker + "x")
        length += len(lines[-1]) + 1
        depth = (depth + 1) % 300
    return "\n".join(lines)


def lists_in_one_line(size: int, _draw: random.Random) -> str:
    return "- " * (size // 2) + "x"


def unclosed(size: int, draw: random.Random) -> str:
    opening = draw.choice(
        ("[", "![", "*", "**", "_", "__", "~~", "`", "<", "(", "[a](", "<a ", "**a ", "a**b", "*a_")
    )
    return opening * (size // len(opening))


def mixed_marks(size: int, draw: random.Random) -> str:
    marks = ("*", "**", "_", "[", "]", "(", ")", "`", "~~", "a", " ", "!", "<", ">", "\\")
    return "".join(draw.choices(marks, k=size))


def backticks(size: int, draw: random.Random) -> str:
    runs, length = [], 0
    while length < size:
        runs.append("`" * draw.randrange(1, 200) + "a ")
        length += len(runs[-1])
    return "".join(runs)


def entities(size: int, draw: random.Random) -> str:
    kinds = ("&amp;", "&#x202e;", "&#0;", "&#xd800;", "&NotOne;", "&#99999999999;", "&", "&lt")
    return "".join(draw.choices(kinds, k=size // 5))


def wide_table(size: int, draw: random.Random) -> str:
    columns = max(2, size // 12)
    align = draw.choice(("|-", "|:-", "|-:"))
    return "|a" * columns + "|\n" + align * columns + "|\n" + "|b" * columns + "|\n"


def long_table(size: int, _draw: random.Random) -> str:
    return "|a|b|c|\n|-|-|-|\n" + "|x|`y`|**z**|\n" * (size // 14)


def table_of_long_cells(size: int, _draw: random.Random) -> str:
    cell = "word" * (size // 40)
    return "|a|b|\n|-|-|\n" + f"|{cell}|{cell}|\n" * 5


def stacked_accents(size: int, draw: random.Random) -> str:
    return draw.choice("eo\u0627") + chr(draw.randrange(0x300, 0x36F)) * size


def many_fences(size: int, draw: random.Random) -> str:
    language = draw.choice(("", "py", "js", "html", "nosuch"))
    fence = f"```{language}\nx = [1, '\n```\n"
    return fence * (size // len(fence))


def open_fence(size: int, draw: random.Random) -> str:
    line = draw.choice(("x = 'y'\n", "x", "{" * 30 + "\n", '"""', "/* "))
    return "```" + draw.choice(("python", "c", "json", "")) + "\n" + line * (size // len(line))


def one_line(size: int, draw: random.Random) -> str:
    return draw.choice(("x", "中", "word ", "a**b", "<b>", "\t", "\u00a0", "-")) * size


def headings(size: int, draw: random.Random) -> str:
    line = draw.choice(("# x\n", "x\n===\n", "---\n", "#" * 7 + "\n"))
    return line * (size // len(line))


def links(size: int, draw: random.Random) -> str:
    link = draw.choice(
        (
            "[x](http://a.b) ",
            "[x][y] ",
            "<http://a.b> ",
            "[[[x]]]() ",
            f"[x](http://a.b/{'y' * 500})",
        )
    )
    return link * (size // len(link)) + "\n\n[y]: http://a.b\n"


def definitions(size: int, _draw: random.Random) -> str:
    return "".join(f"[{number}]: http://a.b/{number}\n" for number in range(size // 22))


def html(size: int, draw: random.Random) -> str:
    piece = draw.choice(("<div>", "<!-- ", "<?x ", "<![CDATA[", "<a href='", "</p>", "<script>\n"))
    return piece * (size // len(piece))


def right_to_left(size: int, _draw: random.Random) -> str:
    return f"{WORD}\u202e abc \u2066{WORD}\u2069 " * (size // 20)


def emoji(size: int, _draw: random.Random) -> str:
    return "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f3fd" * (size // 6)


def blank_lines(size: int, draw: random.Random) -> str:
    return draw.choice(("\n", " \n", "\\\n", "  \n", "\r\n", "\u2028")) * size


GENERATORS: tuple[Generator, ...] = (
    deep_quotes,
    deep_lists,
    lists_in_one_line,
    unclosed,
    mixed_marks,
    backticks,
    entities,
    wide_table,
    long_table,
    table_of_long_cells,
    stacked_accents,
    many_fences,
    open_fence,
    one_line,
    headings,
    links,
    definitions,
    html,
    right_to_left,
    emoji,
    blank_lines,
)


def wrapped(text: str, draw: random.Random) -> str:
    """The same inside something else: a quote, a list item, a table cell, after a paragraph."""
    before = draw.choice(("", "Words.\n\n", "> ", "- ", "1. > ", "|a|\n|-|\n|", "# ", "**"))
    return before + text
