"""Tests of the figures under a reply."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPointF

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import FinishReason
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import UsedAdapter
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.stats_line import StatsLine, stats_parts
from tests.support.chat_views import STATS
from tests.support.stores import make_reply


@pytest.fixture(autouse=True)
def _english() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English))


def _line(style: ChatStyle, **fields: Any) -> StatsLine:
    return StatsLine(make_reply("a", **fields), style)


def test_line_has_all_figures_in_order(style: ChatStyle) -> None:
    line = _line(style, stats=STATS, finish_reason=FinishReason.STOP)

    assert line.text == (
        "38.2 tok/s · 412 tokens · 0.41 s to first token · reused 12,340 · stop: end"
    )


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (FinishReason.STOP, "stop: end"),
        (FinishReason.LENGTH, "stop: length"),
        (FinishReason.ABORT, "stop: by you"),
    ],
)
def test_line_says_why_the_reply_ended(reason: FinishReason, text: str) -> None:
    assert stats_parts(make_reply("a", finish_reason=reason))[-1].text == text


def test_accepted_drafts_are_a_share() -> None:
    stats = GenerationStats(num_completion_tokens=9, num_drafted_tokens=100, num_accepted_tokens=71)

    assert stats_parts(make_reply("a", stats=stats))[-1].text == "draft 71\u00a0% accepted"


@pytest.mark.parametrize(("speedup", "times"), [(1.62, "1.6"), (0.97, "1.0")])
def test_measured_gain_of_drafts_stands_behind_their_share(speedup: float, times: str) -> None:
    stats = GenerationStats(
        num_drafted_tokens=4, num_accepted_tokens=3, speculation_speedup=speedup
    )
    part = stats_parts(make_reply("a", stats=stats))[-1]

    assert part.text == f"draft 75\u00a0% accepted, {times}\u00d7"
    assert "as fast" in part.explanation


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 oldest message left out"), (2, "2 oldest messages left out")]
)
def test_messages_that_were_left_out_are_counted(number: int, text: str) -> None:
    assert stats_parts(make_reply("a", num_left_out=number))[0].text == text


def test_adapters_of_the_reply_are_named_with_their_weights() -> None:
    used = (UsedAdapter(AdapterId("a"), "terse", 0.8), UsedAdapter(AdapterId("b"), "x" * 99, 1.0))

    texts = [part.text for part in stats_parts(make_reply("a", stats=STATS, adapters=used))]

    assert texts[-2] == "terse 0.80"
    assert texts[-1] == f"{'x' * 31}… 1.00"


def test_name_of_an_adapter_shows_its_direction_controls() -> None:
    used = (UsedAdapter(AdapterId("a"), "a\u202eb", 0.8),)

    texts = [part.text for part in stats_parts(make_reply("a", stats=STATS, adapters=used))]

    assert "\u202e" not in texts[-1]


def test_edited_reply_says_so() -> None:
    assert [part.text for part in stats_parts(make_reply("a", is_edited=True))] == ["edited"]


def test_starred_reply_says_so() -> None:
    (part,) = stats_parts(make_reply("a", is_starred=True))

    assert part.text == "\u2605 starred"


def test_reply_without_figures_has_no_line(style: ChatStyle) -> None:
    line = _line(style)
    line.lay_out(400)

    assert line.height == 0


def test_line_wraps_between_parts_only(style: ChatStyle) -> None:
    line = _line(style, stats=STATS, finish_reason=FinishReason.STOP)
    line.lay_out(2_000)
    one_row = line.height
    line.lay_out(200)

    assert one_row == 18
    assert line.height > 2 * one_row


def test_every_part_explains_itself(style: ChatStyle) -> None:
    line = _line(style, stats=STATS, finish_reason=FinishReason.STOP)
    line.lay_out(2_000)

    assert line.explanation_at(QPointF(5, 9)) == line.parts[0].explanation
    assert line.explanation_at(QPointF(1_900, 9)) == ""
