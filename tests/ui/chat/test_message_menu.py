"""Tests of the context menu of a message."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Message
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_item import ItemState, MessageItem
from realm_desktop.ui.chat.message_menu import MessageMenu
from tests.support.stores import make_reply

SOURCE = "See [x](https://a.b) and R&D.\n\n```py\nx = 1\n```\n"


@pytest.fixture
def menu(style: ChatStyle, shelf: QWidget) -> MessageMenu:
    return _menu(style, shelf, make_reply("a", content=SOURCE))


def _menu(
    style: ChatStyle, shelf: QWidget, message: Message, selected_text: str = ""
) -> MessageMenu:
    item = MessageItem(style, MarkdownParser(), ItemState(message))
    while item.document.has_work:
        item.document.work(1.0)
    item.lay_out(600)
    item.lay_out_text(0, 1e6)
    return MessageMenu(item, selected_text, shelf)


def _entry(menu: MessageMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def test_menu_asks_for_an_action(qtbot: QtBot, menu: MessageMenu) -> None:
    with qtbot.waitSignal(menu.action_requested) as asked:
        _entry(menu, "Regenerate").trigger()

    assert asked.args == [MessageAction.REGENERATE, "a"]


def test_menu_takes_a_star_off_again(qtbot: QtBot, style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content=SOURCE, is_starred=True))

    with qtbot.waitSignal(menu.action_requested) as asked:
        _entry(menu, "Remove star").trigger()

    assert asked.args == [MessageAction.STAR, "a"]


def test_menu_copies_code(qtbot: QtBot, menu: MessageMenu) -> None:
    entry = next(action for action in menu.actions() if action.text().startswith("Copy py"))

    with qtbot.waitSignal(menu.text_copied) as copied:
        entry.trigger()

    assert copied.args == ["x = 1"]


def test_menu_opens_links(qtbot: QtBot, menu: MessageMenu) -> None:
    with qtbot.waitSignal(menu.link_activated) as activated:
        _entry(menu, "Open https://a.b").trigger()

    assert activated.args == ["https://a.b"]


def test_selection_comes_first(qtbot: QtBot, style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content="words"), "some words")

    with qtbot.waitSignal(menu.text_copied) as copied:
        menu.actions()[0].trigger()

    assert copied.args == ["some words"]


def test_wide_code_can_be_wrapped(qtbot: QtBot, style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content="```py\n" + "x" * 500 + "\n```"))

    with qtbot.waitSignal(menu.wrap_toggled) as toggled:
        _entry(menu, "Wrap long lines of py").trigger()

    assert toggled.args == ["a", 0, False]


def test_code_and_links_of_a_shown_thought_are_offered(style: ChatStyle, shelf: QWidget) -> None:
    text = "<think>```\nx\n```\n\n[a](http://a.b)</think>Yes."
    state = ItemState(make_reply("a", content=text), is_thought_open=True)
    item = MessageItem(style, MarkdownParser(), state)
    while item.has_work:
        item.work(1.0)
    labels = [action.text() for action in MessageMenu(item, "", shelf).actions()]

    assert "Copy code, 1 line" in labels
    assert "Open http://a.b" in labels


def test_ampersand_of_an_address_is_shown(style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content="https://a.b/?c=1&d=2"))

    assert "Open https://a.b/?c=1&&d=2" in [action.text() for action in menu.actions()]


def test_long_address_is_cut_in_the_menu(style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content="https://a.b/" + "x" * 500))

    assert max(len(action.text()) for action in menu.actions()) < 80


def test_menu_copies_thoughts_too(qtbot: QtBot, style: ChatStyle, shelf: QWidget) -> None:
    menu = _menu(style, shelf, make_reply("a", content="<think>Hm.</think>Because."))

    with qtbot.waitSignal(menu.action_requested) as asked:
        _entry(menu, "Copy as Markdown, thoughts included").trigger()

    assert asked.args == [MessageAction.COPY_MARKDOWN, "a"]


@pytest.mark.parametrize(
    ("blocks", "label"),
    [(None, "Mark tokens in the text"), ((TextBlock("a"),), "Show the text without token marks")],
)
def test_menu_marks_tokens_or_takes_the_marks_away(
    qtbot: QtBot,
    style: ChatStyle,
    shelf: QWidget,
    blocks: tuple[TextBlock, ...] | None,
    label: str,
) -> None:
    state = ItemState(make_reply("a", content="a"), has_tokens=True, blocks=blocks)
    menu = MessageMenu(MessageItem(style, MarkdownParser(), state), "", shelf)

    with qtbot.waitSignal(menu.action_requested) as asked:
        _entry(menu, label).trigger()

    assert asked.args == [MessageAction.MARK_TOKENS, "a"]
