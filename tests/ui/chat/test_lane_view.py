"""The view of one message: narrow, led by its neighbours, with a diff in place of the text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.chat.word_diff import word_diff
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.diff_blocks import diff_blocks
from realm_desktop.ui.chat.lane_model import LaneModel
from realm_desktop.ui.chat.lane_view import LaneView
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import make_session, settle
from tests.support.pictures import has_colour
from tests.support.stores import make_message, make_reply
from tests.support.widgets import press

MakeView = Callable[[str], LaneView]
LONG = "Some words about the tide.\n\n" * 60


@pytest.fixture
def make_view(qtbot: QtBot, theme: Theme, store: ConversationStore) -> MakeView:
    """Shows a reply in a view of 260 by 300 px."""

    def make(text: str) -> LaneView:
        session = make_session(store, make_message("u"), make_reply("a", "u", text))
        model = LaneModel(session)
        view = LaneView(model, theme)
        model.setParent(view)
        qtbot.addWidget(view)
        view.resize(260, 300)
        view.show()
        model.show_message(MessageId("a"))
        settle(view)
        return view

    return make


def test_text_is_smaller_than_in_a_chat(make_view: MakeView, theme: Theme) -> None:
    item = make_view("short").item(0)

    assert item is not None
    assert item.document.height == theme.line_height("lane")


def test_scrolling_tells_the_share(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view(LONG)
    with qtbot.waitSignal(view.scrolled) as told:
        press(view, Qt.Key.Key_Home)

    assert told.args == [0.0]
    assert view.share == 0.0


def test_led_view_goes_along_without_telling(make_view: MakeView) -> None:
    view = make_view(LONG)
    told: list[float] = []
    view.scrolled.connect(told.append)
    view.lead_to(0.5)

    assert view.share == pytest.approx(0.5, abs=0.01)
    assert told == []
    assert not view.is_following


def test_short_text_is_at_its_beginning(make_view: MakeView) -> None:
    view = make_view("short")
    view.lead_to(1.0)

    assert view.share == 0.0


def test_new_height_is_told(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view("short")
    before = view.content_height
    model = view.transcript_model
    assert isinstance(model, LaneModel)
    with qtbot.waitSignal(view.settled):
        model.show_blocks(diff_blocks(word_diff("", LONG)))
        model.flush()

    assert view.content_height > before


def test_diff_is_painted_and_taken_away(make_view: MakeView, theme: Theme) -> None:
    view = make_view("the tide fell")
    model = view.transcript_model
    assert isinstance(model, LaneModel)
    seen = []
    for blocks in (diff_blocks(word_diff("the tide rose", "the tide fell")), None):
        model.show_blocks(blocks)
        settle(view)
        seen.append([has_colour(view, theme.colour(t)) for t in ("diff-add", "diff-del")])

    assert seen == [[True, True], [False, False]]
