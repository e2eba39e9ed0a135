"""A chat in a tab that is being searched."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.ui.chat.chat_find import ChatFind
from realm_desktop.ui.chat.chat_tab import ChatTab
from tests.support.chat_views import settle


@dataclass(frozen=True)
class Searched:
    """A tab and its search."""

    tab: ChatTab
    session: ChatSession
    qtbot: QtBot

    @property
    def finder(self) -> ChatFind:
        """The search of the tab."""
        return self.tab.finder

    @property
    def count(self) -> str:
        """What the bar says once everything was looked at."""
        self.wait()
        return self.finder.bar.count.text()

    @property
    def marked(self) -> str:
        """Row, block and part of the present hit, and where it begins."""
        current = self.tab.view.marks.current
        return "" if current is None else f"{current[0]}:{current[1].block}.{current[1].part}"

    def wait(self) -> None:
        """Until every message was looked at and the hit is in sight."""
        settle(self.tab.view)
        self.qtbot.waitUntil(lambda: self.finder.is_done, timeout=20_000)

    def find(self, text: str) -> str:
        """Type words into the bar; returns what it says."""
        self.finder.open()
        self.finder.bar.field.clear()
        QTest.keyClicks(self.finder.bar.field, text)
        return self.count

    def step(self, direction: int = 1) -> str:
        """Go to another hit; returns what the bar says."""
        self.finder.step(direction)
        return self.count

    def replace(self, text: str) -> str:
        """Give the last message another text; returns what the bar says after the pause."""
        transcript = self.session.transcript
        last = transcript.messages[-1]
        before = self.finder.bar.count.text()
        transcript.append_text(last.message_id, text)
        self.tab.model.flush()
        self.qtbot.waitUntil(lambda: self.finder.bar.count.text() != before, timeout=5000)
        return self.count
