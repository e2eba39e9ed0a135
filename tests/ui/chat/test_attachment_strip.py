"""The chips above the text of a message."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.attachment_strip import AttachmentStrip
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.message_menu import MessageMenu
from tests.support.stores import make_message, make_reply
from tests.ui.chat.conftest import ShowChat

FILES = tuple(Attachment(f"file number {n}.py", "text\n") for n in range(5))


@pytest.fixture
def strip(style: ChatStyle) -> AttachmentStrip:
    made = AttachmentStrip(FILES, style)
    made.lay_out(400)
    return made


def test_chips_break_into_rows(strip: AttachmentStrip) -> None:
    assert strip.height > 2 * 24
    assert strip.natural_width > 400


def test_point_tells_its_chip(strip: AttachmentStrip) -> None:
    assert strip.number_at(QPointF(5, 5)) == 0
    assert strip.number_at(QPointF(5, strip.height - 5)) == 4
    assert strip.number_at(QPointF(399, 5)) == -1
    assert strip.number_at(QPointF(5, strip.height + 5)) == -1


def test_no_files_take_no_room(style: ChatStyle) -> None:
    strip = AttachmentStrip((), style)
    strip.lay_out(400)

    assert strip.height == 0
    assert strip.natural_width <= 0


def test_chip_is_never_wider_than_its_room(style: ChatStyle) -> None:
    strip = AttachmentStrip([Attachment("long name " * 99, "")], style)
    strip.lay_out(100)

    assert strip.number_at(QPointF(99, 5)) == 0
    assert strip.number_at(QPointF(101, 5)) == -1


def test_click_on_a_chip_opens_it(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(make_message("u", content="See", attachments=FILES), make_reply("a", "u", "x"))
    item = view.item(0)
    assert item is not None
    corner = view.visualRect(view.transcript_model.index(0)).topLeft()
    point = next(
        QPointF(x, y)
        for x in range(0, 760, 8)
        for y in range(0, 100, 4)
        if item.attachment_at(QPointF(x, y)) == 1
    )

    with qtbot.waitSignal(view.attachment_opened) as opened:
        place = corner + point.toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert opened.args == ["u", 1]


def test_chips_stand_above_the_text(show_chat: ShowChat) -> None:
    plain = show_chat(make_message("u", content="See")).item(0)
    with_files = show_chat(make_message("u", content="See", attachments=FILES[:1])).item(0)
    alone = show_chat(make_message("u", content="", attachments=FILES[:1])).item(0)

    assert plain is not None
    assert with_files is not None
    assert alone is not None
    assert with_files.height == plain.height + 24 + 8
    assert alone.height < with_files.height


def test_menu_opens_attachments_by_keyboard(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(make_message("u", content="See", attachments=FILES[:2]))
    item = view.item(0)
    assert item is not None
    menu = MessageMenu(item, "", view)
    action = next(a for a in menu.actions() if a.text() == "Show file number 1.py")

    with qtbot.waitSignal(menu.attachment_opened) as opened:
        action.trigger()

    assert opened.args == ["u", 1]
