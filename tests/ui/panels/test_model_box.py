"""The combo box of models."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.panels.model_box import MAX_MODEL_CHARACTERS, ModelBox
from realm_desktop.ui.theme import Theme


@pytest.fixture
def box(qtbot: QtBot, theme: Theme) -> ModelBox:
    made = ModelBox(theme, "Whichever is loaded")
    qtbot.addWidget(made)
    return made


def test_begins_without_a_model(box: ModelBox) -> None:
    box.offer("", "nothing")

    assert (box.count(), box.value) == (1, "")


def test_model_is_listed_once_under_its_latest_name(box: ModelBox) -> None:
    box.offer("/m/qwen.gguf", "qwen")
    box.offer("/m/qwen.gguf", "Qwen 2.5")

    assert [box.itemText(place) for place in range(box.count())][1:] == ["Qwen 2.5"]


def test_long_or_broken_name_is_one_short_line(box: ModelBox) -> None:
    box.offer("/m/<b>.gguf", "two\nlines " + "x" * 99)

    shown = box.itemText(1)
    assert len(shown) == MAX_MODEL_CHARACTERS
    assert "\n" not in shown
    assert "&lt;b&gt;" in box.itemData(1, Qt.ItemDataRole.ToolTipRole)
