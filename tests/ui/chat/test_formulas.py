"""Formulas as they are seen in a message: source first, then a picture in its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from realm_desktop.ui.chat import formula_pictures
from realm_desktop.ui.chat.blocks import Formula, TextBlock
from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.formula_pictures import (
    FormulaKey,
    FormulaPictures,
    draw_formula,
)
from realm_desktop.ui.chat.formula_text import PLACE
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.table_box import TableBox
from realm_desktop.ui.chat.text_box import TextBox
from tests.support.chat_views import question_and_answer, settle
from tests.ui.chat.conftest import MakeDocument, ShowChat

SOURCE = r"So $\frac{a}{b}$ and $x^2$ hold."
KEY = FormulaKey("x^2", False, 15, "#ff0000", 1.0)


@pytest.fixture
def pictures(style: ChatStyle) -> FormulaPictures:
    style.formulas = FormulaPictures()
    return style.formulas


def _block(source: str) -> TextBlock:
    block = MarkdownParser().parse(source)[0].blocks[0]
    assert isinstance(block, TextBlock)
    return block


def _drawn_box(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures, block: TextBlock, width: float = 600
) -> TextBox:
    box = TextBox(block, style)
    box.lay_out(width)
    qtbot.waitUntil(lambda: pictures.is_idle)
    box.take_pictures()
    box.lay_out(width)
    return box


def test_source_stands_in_the_text_of_the_block() -> None:
    block = _block(SOURCE)

    assert block.text == SOURCE
    assert [block.text[f.start : f.start + f.length] for f in block.formulas] == [
        r"$\frac{a}{b}$",
        "$x^2$",
    ]


def test_source_is_shown_until_the_picture_is_there(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    box = TextBox(_block(SOURCE), style)
    box.lay_out(600)
    assert box.text == SOURCE
    qtbot.waitUntil(lambda: pictures.is_idle)
    assert box.take_pictures()
    box.lay_out(600)

    assert box.text == f"So {PLACE} and {PLACE} hold."


def test_copy_gives_the_source_back(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    box = _drawn_box(qtbot, style, pictures, _block(f"\U0001f600 {SOURCE}"))

    assert box.copied(0, len(box.text) + 1) == f"\U0001f600 {SOURCE}"
    assert box.copied(6, 7) == r"$\frac{a}{b}$"
    assert box.copied(7, 12) == " and "


def test_tall_formula_makes_its_line_taller_and_stands_on_the_baseline(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    low = _drawn_box(qtbot, style, pictures, _block("a $x$ b"))
    tall = _drawn_box(qtbot, style, pictures, _block(r"a $\displaystyle\sum_{n=1}^{9}n$ b"))

    assert low.height == 24
    assert tall.height > 40


def test_formula_wider_than_its_room_is_made_smaller(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    block = _block("$" + "+".join("abcdefghijklm" * 3) + "$")
    box = _drawn_box(qtbot, style, pictures, block, 100)
    image = QImage(200, 60, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    box.paint(Painting(painter, style, QRectF(0, 0, 200, 60)), QPointF(0, 0))
    painter.end()

    columns = {x for x in range(200) for y in range(60) if image.pixelColor(x, y).lightness() < 128}
    assert 50 < max(columns) <= 101


def test_span_behind_a_formula_moves_along(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    box = _drawn_box(qtbot, style, pictures, _block("$x^2$ and [a link](https://example.org)"))
    x = box.end_point().x() - 8

    assert box.hit(QPointF(x, 12)).address == "https://example.org"


def test_formula_that_cannot_be_set_stays_source(
    qtbot: QtBot, style: ChatStyle, pictures: FormulaPictures
) -> None:
    box = _drawn_box(qtbot, style, pictures, _block(r"So $\frac{a$ it is"))

    assert box.text == r"So $\frac{a$ it is"


def test_picture_has_the_colour_and_the_pixels_asked_for() -> None:
    one, two = draw_formula(KEY), draw_formula(KEY._replace(ratio=2.0))

    assert one is not None
    assert two is not None
    assert (one.width, one.ascent) == (two.width, two.ascent)
    assert abs(two.image.width() - 2 * one.image.width()) <= 1
    dots = [one.image.pixelColor(x, y) for x in range(12) for y in range(one.image.height())]
    darkest = max(dots, key=lambda dot: dot.alpha())
    assert darkest.red() > 240
    assert darkest.blue() < 10


def test_huge_picture_is_drawn_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula_pictures, "MAX_PIXELS", 1_000)
    picture = draw_formula(KEY._replace(size=400, ratio=2.0))

    assert picture is not None
    assert picture.image.width() * picture.image.height() < 1_200
    assert picture.width > 400


def test_pictures_beyond_the_memory_are_forgotten(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formula_pictures, "MAX_BYTES", 1)
    pictures = FormulaPictures()
    for latex in "ab":
        pictures.picture(KEY._replace(latex=latex))
        qtbot.waitUntil(lambda: pictures.is_idle)

    assert pictures.picture(KEY._replace(latex="b")) is not None
    assert pictures.picture(KEY._replace(latex="a")) is None
    qtbot.waitUntil(lambda: pictures.is_idle)


def test_message_shows_formulas_and_copies_their_source(show_chat: ShowChat) -> None:
    source = "First $x^2$.\n\n$$\ny\n$$"
    view = show_chat(*question_and_answer(source))
    settle(view)
    item = view.item(1)
    assert item is not None
    document = item.document

    assert [box.text for box in document.boxes] == [f"First {PLACE}.", PLACE]
    assert document.selected_text(document.everything()) == source


def test_text_of_the_user_keeps_its_dollars(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("x", question="What is $x^2$?"))
    item = view.item(0)
    assert item is not None

    assert item.document.boxes[0].text == "What is $x^2$?"


def test_formula_in_a_cut_paragraph_keeps_its_place(make_document: MakeDocument) -> None:
    document = make_document("many words " * 700 + "$x^2$ end")
    *_, last = document.boxes
    assert isinstance(last.block, TextBlock)
    (formula,) = last.block.formulas

    assert last.block.text[formula.start :][: formula.length] == "$x^2$"
    assert formula == Formula(formula.start, 5, "x^2")


def test_formulas_in_a_table_are_drawn_and_copied_as_source(show_chat: ShowChat) -> None:
    source = "| a | formula |\n|---|---|\n| one | so $x^2$ and $y$ |\n| two | none |"
    view = show_chat(*question_and_answer(source))
    settle(view)
    item = view.item(1)
    assert item is not None
    (box,) = item.document.boxes

    assert box.text == f"a\tformula\none\tso {PLACE} and {PLACE}\ntwo\tnone"
    everything = item.document.selected_text(item.document.everything())
    assert everything == "a\tformula\none\tso $x^2$ and $y$\ntwo\tnone"


def test_part_of_a_table_is_copied_with_its_formula(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("| a | b |\n|---|---|\n| $x^2$ | end |"))
    settle(view)
    item = view.item(1)
    assert item is not None
    (box,) = item.document.boxes
    assert isinstance(box, TableBox)

    assert box.copied(4, 5) == "$x^2$"
    assert box.copied(5, 9) == "\tend"
    assert box.copied(2, 9) == "b\n$x^2$\tend"


def test_tall_formula_makes_its_row_taller(show_chat: ShowChat) -> None:
    rows = [
        show_chat(*question_and_answer(f"| a |\n|---|\n| {cell} |")).item(1)
        for cell in ("x", r"$\\displaystyle\\sum_{n=1}^{9}n$".replace("\\\\", "\\"))
    ]

    heights = [item.document.height for item in rows if item is not None]
    assert heights[1] > heights[0] + 15
