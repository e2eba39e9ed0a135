"""The tokens of a reply as paragraphs that a message can show: how open each choice was, what a draft proposed.

The text is shown as it was written, its Markdown included: signs that Markdown takes away are tokens
too. Knows nothing of Qt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from realm_desktop.chat.token_traces import TokenTrace
from realm_desktop.events import TokenLogprob
from realm_desktop.thinking import answer_of
from realm_desktop.ui.chat.blocks import HEATS, TOP_LEVEL, Span, SpanStyle, TextBlock
from realm_desktop.ui.chat.display_text import safe_text
from realm_desktop.ui.chat.markdown import text_blocks
from realm_desktop.ui.panels.token_item_model import entropy_of, heat_level

_PARAGRAPH_END: Final = "\n\n"
_PART: Final = "\ufffd"
_MAX_PARTS: Final = 4
"""Bytes of one character in UTF-8: so many tokens can share it."""


class _Stretch(NamedTuple):
    """Some of a reply's text, counted in characters, and how its tokens look."""

    start: int
    end: int
    style: SpanStyle


def token_blocks(trace: TokenTrace, content: str) -> tuple[TextBlock, ...]:
    """The answer of a reply with its tokens marked, cut into paragraphs at blank lines.

    Args:
        trace: Of the reply; text whose tokens it does not have is not marked.
        content: All of the reply, its thought included, which is not shown.
    """
    shown = safe_text(content)
    stretches = [one for one in _stretches(trace, content) if one.style and one.end > one.start]
    blocks: list[TextBlock] = []
    # Replies in channels have an answer that is no part of them as it stands: all is shown then.
    start = max(content.rfind(answer_of(content)), 0)
    while start < len(shown):
        found = shown.find(_PARAGRAPH_END, start)
        end = len(shown) if found < 0 else found
        if end > start:
            blocks += text_blocks(shown[start:end], _spans(stretches, start, end), TOP_LEVEL, 0)
        start = end + len(_PARAGRAPH_END)
    return tuple(blocks)


def _spans(stretches: list[_Stretch], start: int, end: int) -> tuple[Span, ...]:
    """What of the stretches lies in a paragraph, counted from its start."""
    inside = (
        (max(one.start, start), min(one.end, end), one.style)
        for one in stretches
        if one.start < end and one.end > start
    )
    return tuple(Span(first - start, last - first, style) for first, last, style in inside)


def _stretches(trace: TokenTrace, text: str) -> Iterator[_Stretch]:
    """Where the tokens stand, as far as they are found again in the text."""
    place = _first_place(trace, text)
    num_parts, heat, is_accepted = 0, 0, False
    for number, entry in enumerate(trace.entries):
        if not entry.text or place < 0:
            continue
        own_heat, own_accepted = heat_level(entropy_of(entry)), number in trace.accepted
        if _PART in entry.text:
            # The character stands where the next whole token begins: its tokens are marked as one.
            num_parts, heat = num_parts + 1, max(heat, own_heat)
            is_accepted = is_accepted or own_accepted
            continue
        start, end = _found(entry, text, place, num_parts * _MAX_PARTS)
        if start < 0:
            return
        if start > place:
            yield _Stretch(place, start, _style(heat, is_accepted=is_accepted))
        yield _Stretch(start, end, _style(own_heat, is_accepted=own_accepted))
        place, num_parts, heat, is_accepted = end, 0, 0, False


def _first_place(trace: TokenTrace, text: str) -> int:
    """Where the first token of a trace stands; -1 if that is not known."""
    if not trace.first:
        return 0
    # What was written before it was asked for is somewhere before.
    return text.rfind("".join(entry.text for entry in trace.entries))


def _found(entry: TokenLogprob, text: str, place: int, slack: int) -> tuple[int, int]:
    """Where a token stands at a place or at most `slack` characters behind; -1 if it does not."""
    # Vocabularies write the space before a word into its token, also where no text is before it.
    for words in (entry.text, entry.text.lstrip()):
        start = text.find(words, place, place + slack + len(words))
        if start >= 0:
            return start, start + len(words)
    return -1, -1


def _style(heat: int, *, is_accepted: bool) -> SpanStyle:
    return HEATS[heat] | (SpanStyle.DRAFT if is_accepted else SpanStyle.NORMAL)
