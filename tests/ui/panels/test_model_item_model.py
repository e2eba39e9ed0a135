"""Tests of the item model and the painting of models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from realm_desktop.library.fit import Fit
from realm_desktop.ui.panels.model_item_model import ModelListModel, ModelRowDelegate
from realm_desktop.ui.panels.model_rows import ModelRow
from realm_desktop.ui.theme import Theme
from tests.support.pictures import colours_in

ROW = QRect(0, 0, 500, 46)
HEADING = ModelRow("Recent")
LLAMA = ModelRow("Llama", "/models/Llama.gguf", "llama", "8.0B", "Q4_K", "4.9 GB")


@pytest.fixture
def model(qapp: object) -> Iterator[ModelListModel]:
    model = ModelListModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.set_rows([HEADING, LLAMA])
    yield model
    tester.deleteLater()


def _painted(
    theme: Theme, row: ModelRow, state: QStyle.StateFlag = QStyle.StateFlag.State_None
) -> QImage:
    model = ModelListModel()
    model.set_rows([row])
    image = QImage(ROW.size(), QImage.Format.Format_RGB32)
    image.fill(theme.colour("surface-raised"))
    option = QStyleOptionViewItem()
    option.rect = ROW
    option.state = state
    painter = QPainter(image)
    ModelRowDelegate(theme).paint(painter, option, model.index(0, 0))
    painter.end()
    return image


def test_rows_are_listed(model: ModelListModel) -> None:
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Recent", "Llama"]


def test_rows_have_no_rows_of_their_own(model: ModelListModel) -> None:
    assert model.rowCount(model.index(1, 0)) == 0


def test_heading_is_neither_chosen_nor_said_as_a_model(model: ModelListModel) -> None:
    heading = model.index(0, 0)

    assert model.flags(heading) == Qt.ItemFlag.NoItemFlags
    assert heading.data(Qt.ItemDataRole.AccessibleTextRole) is None


def test_loaded_model_is_said(model: ModelListModel) -> None:
    model.set_rows(
        [ModelRow("Llama", "/a.gguf", "llama", "8.0B", "Q4_K", "4.9 GB", Fit.FITS, is_loaded=True)]
    )

    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Llama, llama, 8.0B, Q4_K, 4.9 GB, fits in memory, loaded"


def test_same_rows_reset_nothing(model: ModelListModel) -> None:
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))

    model.set_rows([HEADING, LLAMA])

    assert resets == []


@pytest.mark.parametrize(
    ("fit", "token"),
    [(Fit.FITS, "success"), (Fit.TIGHT, "warning"), (Fit.TOO_LARGE, "danger"), (None, "danger")],
)
def test_fit_has_its_colour(theme: Theme, fit: Fit | None, token: str) -> None:
    image = _painted(theme, ModelRow("Llama", "/a.gguf", "llama", "8.0B", "Q4_K", "4.9 GB", fit))

    assert theme.colour(token).name() in colours_in(image)


def test_fits_differ_without_colour(theme: Theme) -> None:
    pictures = [
        _painted(
            theme, ModelRow("Llama", "/a.gguf", "llama", "8.0B", "Q4_K", "4.9 GB", fit)
        ).convertToFormat(QImage.Format.Format_Mono)
        for fit in Fit
    ]

    assert pictures[0] != pictures[1] != pictures[2] != pictures[0]


def test_chosen_row_has_its_ground(theme: Theme) -> None:
    image = _painted(theme, LLAMA, QStyle.StateFlag.State_Selected)

    assert theme.colour("selected").name() in colours_in(image)


def test_row_under_the_mouse_has_its_ground(theme: Theme) -> None:
    image = _painted(theme, LLAMA, QStyle.StateFlag.State_MouseOver)

    assert theme.colour("hover").name() in colours_in(image)


def test_heading_has_no_ground(theme: Theme) -> None:
    image = _painted(theme, HEADING, QStyle.StateFlag.State_MouseOver)

    assert theme.colour("hover").name() not in colours_in(image)


def test_heading_has_one_line_and_a_model_two(theme: Theme, model: ModelListModel) -> None:
    delegate = ModelRowDelegate(theme)
    heights = [
        delegate.sizeHint(QStyleOptionViewItem(), model.index(row, 0)).height() for row in (0, 1)
    ]

    assert heights[0] < heights[1]


def test_facts_are_painted_below_the_name(theme: Theme) -> None:
    plain = _painted(theme, LLAMA)
    other = _painted(theme, replace(LLAMA, facts="qwen3 · 600M"))

    upper = QRect(0, 0, 500, 22)
    assert plain.copy(upper) == other.copy(upper)
    assert plain != other


def test_long_name_leaves_size_and_fit_readable(theme: Theme) -> None:
    short = _painted(theme, ModelRow("L", "/a.gguf", "llama", "8.0B", "Q4_K", "4.9 GB"))
    long = _painted(theme, ModelRow("L" * 200, "/a.gguf", "llama", "8.0B", "Q4_K", "4.9 GB"))

    right = QRect(300, 0, 200, 46)
    assert short.copy(right) == long.copy(right)
