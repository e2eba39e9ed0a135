"""Tooltips over the text of messages."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.blocks import HEATS, SpanStyle
from realm_desktop.ui.chat.box import Hit
from realm_desktop.ui.chat.message_tips import tip_of


def test_plain_text_needs_no_tip() -> None:
    assert tip_of(Hit(3, is_on_text=True, style=SpanStyle.BOLD)) == ""


def test_address_is_told_with_its_hidden_signs_and_cut() -> None:
    tip = tip_of(Hit(3, "https://a.b/\u202e" + "x" * 999))

    assert tip.startswith("https://a.b/\u21d0")
    assert len(tip) == 400


@pytest.mark.parametrize(("level", "words"), [(1, "1 to 2 bits"), (5, "5 bits of entropy or more")])
def test_heat_is_told_in_bits(level: int, words: str) -> None:
    assert words in tip_of(Hit(3, style=HEATS[level]))


def test_accepted_draft_is_told_beside_its_heat() -> None:
    lines = tip_of(Hit(3, style=SpanStyle.DRAFT | HEATS[2])).splitlines()

    assert ["bits" in line for line in lines] == [True, False]
    assert "proposed" in lines[1]
