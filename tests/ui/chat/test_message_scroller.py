"""Tests of leaving a place in a chat and coming back to it, and of how often a chat is painted."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.chat.transcript_layout import Anchor
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.chat_views import long_chat, settle, streaming
from tests.ui.chat.conftest import ShowChat


def test_place_at_the_end_is_none(show_chat: ShowChat) -> None:
    assert show_chat(*long_chat(30)).place is None


def test_place_that_was_read_is_shown_again(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(30))
    view.verticalScrollBar().setValue(900)
    place = view.place
    assert place is not None

    other = show_chat(*long_chat(30))
    other.return_to(place)
    settle(other)

    assert other.place == place
    assert not other.is_following


def test_place_of_a_hidden_chat_waits_until_it_is_shown(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(30))
    view.hide()
    view.return_to(Anchor(4, -1, 0.0))
    assert view.place == Anchor(4, -1, 0.0)

    view.show()
    settle(view)

    assert abs(view.visualRect(view.transcript_model.index(4)).top()) <= 1


def test_place_beyond_the_messages_shows_the_end(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(10))

    view.return_to(Anchor(99, -1, 0.0))
    settle(view)

    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()


def test_going_to_the_end_forgets_the_place(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(10))
    view.hide()
    view.return_to(Anchor(1, -1, 0.0))

    view.follow()

    assert view.place is None


def test_piece_of_a_reply_is_laid_out_and_painted_once(
    show_chat: ShowChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("settle", "paintEvent"):
        original = getattr(TranscriptView, name)

        def noting(view: TranscriptView, *event: object, name: str = name, do=original) -> None:  # type: ignore[no-untyped-def]  # a method of Qt
            done.append(name)
            do(view, *event)

        monkeypatch.setattr(TranscriptView, name, noting)
    view = show_chat(*streaming("First words"))
    settle(view)
    done.clear()
    model = view.transcript_model
    model.dataChanged.emit(model.index(1), model.index(1))
    for _ in range(5):
        QApplication.processEvents()

    assert done == ["settle", "paintEvent"]
