r"""Formulas in Markdown: ``$...$``, ``$$...$$``, ``\(...\)`` and ``\[...\]``.

Dollars follow the rules of the dollarmath plugin at their strictest, and two of our own, because
prices and shell variables have dollars too: no letter or digit right behind the closing one, and no
number with words behind it in between. Knows nothing of how a formula is drawn.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath.index import math_block_dollar, math_inline_dollar

from realm_desktop.formula_svg import MAX_LATEX

INLINE_MATH: Final = "math_inline"
INLINE_DISPLAY_MATH: Final = "math_inline_double"
BLOCK_MATH: Final = "math_block"

_CLOSINGS: Final = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_PRICE: Final = re.compile(r"\d[\d.,]*[kKMB]?\s+[a-zA-Z]{2}")
_MAX_LINES: Final = 60
_SIGNS: Final = re.compile(r"[\\^_={}<>+*/|]")
_plugin_inline = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)
_plugin_block = math_block_dollar(allow_labels=False, allow_blank_lines=False)


def add_math(markdown: MarkdownIt) -> None:
    """Let a parser find formulas; their tokens have the LaTeX as content, the sign as markup."""
    interrupted: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown.inline.ruler.before("escape", "math_brackets", _inline_brackets)
    markdown.inline.ruler.before("escape", "math_dollars", _inline_dollars)
    markdown.block.ruler.before("fence", "math_dollars", _block_dollars, interrupted)
    markdown.block.ruler.before("fence", "math_brackets", _block_brackets, interrupted)


def math_source(token: Token) -> str:
    """A formula as it was written."""
    return f"{token.markup}{token.content}{_CLOSINGS.get(token.markup, token.markup)}"


def _inline_dollars(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if state.src[start] != "$" or not _plugin_inline(state, True):
        return False
    end, state.pos = state.pos, start
    if end - start > MAX_LATEX or not _is_math(state.src, start, end):
        return False
    return _plugin_inline(state, silent)


def _block_dollars(
    state: StateBlock,
    start_line: int,
    end_line: int,
    silent: bool,
) -> bool:
    num_before, line = len(state.tokens), state.line
    is_found = _plugin_block(state, start_line, end_line, silent)
    content = state.tokens[-1].content if is_found else ""
    # The plugin takes "$$a$$ and $$b$$" for one, and makes tokens where it is only asked.
    is_found = bool(content.strip()) and "$$" not in content
    if silent or not is_found:
        del state.tokens[num_before:]
        state.line = line
    return is_found


def _is_math(source: str, start: int, end: int) -> bool:
    """Whether what stands between dollars, these included, is a formula and no price."""
    if source[end : end + 1].isalnum():
        return False
    content = source[start:end].strip("$")
    return _SIGNS.search(content) is not None or _PRICE.match(content) is None


def _inline_brackets(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    opening = source[start : start + 2]
    if opening not in ("\\(", "\\["):
        return False
    # A limit here keeps many openings without an end from taking quadratic time.
    end = source.find(_CLOSINGS[opening], start + 2, start + MAX_LATEX)
    if end < 0 or not source[start + 2 : end].strip():
        return False
    if not silent:
        kind = INLINE_MATH if opening == "\\(" else INLINE_DISPLAY_MATH
        token = state.push(kind, "math", 0)
        token.content = source[start + 2 : end]
        token.markup = opening
    state.pos = end + 2
    return True


def _block_brackets(
    state: StateBlock,
    start_line: int,
    end_line: int,
    silent: bool,
) -> bool:
    first = state.bMarks[start_line] + state.tShift[start_line]
    if state.is_code_block(start_line) or not state.src.startswith("\\[", first):
        return False
    if "\\]" not in state.src[first + 2 : first + MAX_LATEX]:
        return False
    line = start_line
    while not state.src[first + 2 : state.eMarks[line]].rstrip().endswith("\\]"):
        line += 1
        is_over = line >= end_line or state.isEmpty(line) or state.sCount[line] < state.blkIndent
        # Many openings above one end would take quadratic time.
        if is_over or line - start_line > _MAX_LINES:
            return False
    last = state.src.rindex("\\]", first, state.eMarks[line])
    if "\\]" in state.src[first:last] or not state.src[first + 2 : last].strip():
        return False
    if not silent:
        token = state.push(BLOCK_MATH, "math", 0)
        token.block = True
        token.content = state.src[first + 2 : last]
        token.markup = "\\["
        token.map = [start_line, line + 1]
    state.line = line + 1
    return True
