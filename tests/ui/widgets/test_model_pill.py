"""Tests of the model pill."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.model_pill import ModelPill
from tests.support.pictures import has_colour, picture_of
from tests.support.widgets import click, press


@pytest.fixture
def pill(theme: Theme, qtbot: QtBot) -> ModelPill:
    pill = ModelPill(theme)
    qtbot.addWidget(pill)
    pill.show_model("Llama-3.1-8B", "Q4_K · 8k")
    pill.resize(pill.sizeHint())
    return pill


def test_pill_says_model_and_detail(pill: ModelPill) -> None:
    assert pill.accessibleName() == "Model: Llama-3.1-8B Q4_K · 8k"


def test_pill_has_the_height_of_the_design(pill: ModelPill) -> None:
    assert pill.sizeHint().height() == 26


def test_pill_is_pressed_by_mouse_and_key(pill: ModelPill, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pill.clicked):
        click(pill)
    with qtbot.waitSignal(pill.clicked):
        press(pill, Qt.Key.Key_Space)


def test_pill_is_wider_for_a_longer_name_up_to_a_limit(pill: ModelPill) -> None:
    widths = [pill.sizeHint().width()]
    for repeats in (20, 40):
        pill.show_model("A name of a model that is rather long" * repeats)
        widths.append(pill.sizeHint().width())

    assert widths[0] < widths[1] == widths[2]


def test_progress_of_a_load_is_drawn(pill: ModelPill, theme: Theme) -> None:
    assert not has_colour(pill, theme.colour("accent"))

    pill.show_model("Llama-3.1-8B", "43 %", 0.43)

    assert has_colour(pill, theme.colour("accent"))


def test_progress_grows(pill: ModelPill) -> None:
    pill.show_model("Llama-3.1-8B", "43 %", 0.1)
    early = picture_of(pill)

    pill.show_model("Llama-3.1-8B", "43 %", 0.9)

    assert picture_of(pill) != early


def test_narrow_pill_leaves_the_detail_out(pill: ModelPill, theme: Theme) -> None:
    pill.resize(pill.minimumSizeHint())
    with_detail = picture_of(pill)

    pill.show_model("Llama-3.1-8B")
    pill.resize(pill.minimumSizeHint())

    assert picture_of(pill) == with_detail


def test_short_name_is_followed_by_the_detail(pill: ModelPill) -> None:
    pill.show_model("t", "F32")
    pill.resize(pill.sizeHint())
    with_detail = picture_of(pill)

    pill.show_model("t")

    assert picture_of(pill) != with_detail


def test_draft_model_is_named_and_shown_by_a_bolt(pill: ModelPill, theme: Theme) -> None:
    before = pill.sizeHint().width()
    assert not has_colour(pill, theme.colour("accent-ink"))

    pill.show_model("Llama-3.1-8B", "Q4_K · 8k", draft="Llama-1B")
    pill.resize(pill.sizeHint())

    assert pill.accessibleName().endswith(", with the draft model Llama-1B")
    assert "Llama-1B" in pill.toolTip()
    assert has_colour(pill, theme.colour("accent-ink"))
    assert pill.width() > before


def test_bolt_outlives_the_detail_in_a_narrow_pill(pill: ModelPill, theme: Theme) -> None:
    pill.show_model("Llama-3.1-8B", "Q4_K · 8k", draft="Llama-1B")

    pill.resize(pill.sizeHint().width() - theme.px(60), pill.height())
    without_detail = picture_of(pill)
    pill.show_model("Llama-3.1-8B", draft="Llama-1B")

    assert picture_of(pill) == without_detail
    assert has_colour(pill, theme.colour("accent-ink"))
