"""Tests of what the bottom dock shows and does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from realm_desktop.chat.session_state import SessionState
from realm_desktop.engine_stats import SequenceState
from realm_desktop.events import EngineDown, Parked
from realm_desktop.protocol import Abort, Priority, RequestId, SetParked, SetPriority
from realm_desktop.ui.theme import Theme
from tests.support.batch import ask, make_row, make_stats
from tests.support.widgets import click, press
from tests.support.windows import open_window, until


@pytest.mark.asyncio_qt
async def test_key_shows_and_hides_the_dock(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        window, dock = opened.window, opened.window.parts.dock
        was_hidden = dock.isHidden()

        press(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
        is_shown, is_checked = dock.isVisible(), window.commands.actions["toggle-dock"].isChecked()
        press(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)

        assert (was_hidden, is_shown, is_checked) == (True, True, True)
        assert dock.isHidden()


@pytest.mark.asyncio_qt
async def test_requests_of_the_engine_are_listed(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        first, second = await ask(opened, "one", "two")
        opened.window.dock.toggle()
        waiting = make_row(second, SequenceState.WAITING, position=1, reason="slots are taken")
        opened.client.emit(make_stats(make_row(first), waiting))

        page = opened.window.parts.dock.batch
        await until(lambda: len(page.model.rows) == 2)
        assert [row.title for row in page.model.rows] == ["one", "two"]
        assert page.model.rows[1].reason == "slots are taken"
        assert opened.window.parts.dock.summary.text == "1 running · 1 waiting"


@pytest.mark.asyncio_qt
async def test_hidden_dock_is_not_refreshed(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        dock = opened.window.parts.dock
        opened.window.dock.toggle()
        opened.window.dock.toggle()

        opened.client.emit(make_stats(make_row("x")))

        assert dock.batch.model.rows == []
        assert len(opened.window.dock.history.samples) == 1
        opened.window.dock.toggle()
        assert len(dock.batch.model.rows) == 1


@pytest.mark.asyncio_qt
async def test_page_that_is_not_seen_is_not_refreshed(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        dock = opened.window.parts.dock
        opened.window.dock.show_page("performance")

        opened.client.emit(make_stats(make_row("x"), decode_tokens_per_s=38.0))

        plot = dock.performance.plots["decode_tokens_per_s"]
        await until(lambda: plot.value_text == "38.0 tok/s")
        assert dock.batch.model.rows == []


@pytest.mark.asyncio_qt
async def test_curves_end_when_the_engine_stops(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window(tmp_path, theme) as opened:
        commands, dock = opened.window.dock, opened.window.parts.dock
        now_s = [0.0]
        monkeypatch.setattr(commands.history, "_clock", lambda: now_s[0])
        commands.show_page("performance")
        opened.client.emit(make_stats(make_row("x"), decode_tokens_per_s=38.0))
        now_s[0] = 1.0

        opened.client.emit(EngineDown("killed"))

        plots = dock.performance.plots
        await until(lambda: plots["decode_tokens_per_s"].value_text == "0.0 tok/s")
        assert plots["step_ms"].value_text == "\N{EN DASH}"


@pytest.mark.asyncio_qt
async def test_reply_is_aborted_from_its_row(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        (request_id,) = await ask(opened, "one")
        opened.client.emit(make_stats(make_row(request_id), make_row("stray")))
        opened.window.dock.toggle()

        for row in opened.window.parts.dock.batch.model.rows:
            opened.window.parts.dock.batch.abort_requested.emit(row)

        aborts = [command for command in opened.client.commands if isinstance(command, Abort)]
        assert {abort.request_id for abort in aborts} == {request_id, RequestId("stray")}
        session = next(iter(opened.library.sessions.values()))
        await until(lambda: not session.is_busy)


@pytest.mark.asyncio_qt
async def test_chosen_priority_outlives_a_change_of_tabs(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        (request_id,) = await ask(opened, "one")
        opened.client.emit(make_stats(make_row(request_id)))
        opened.window.dock.toggle()
        page = opened.window.parts.dock.batch

        page.priority_chosen.emit(page.model.rows[0], Priority.BACKGROUND)
        opened.window.chats.new_chat()
        await until(lambda: len(opened.window.parts.tabs.sessions) == 2)

        set_last = [c for c in opened.client.commands if isinstance(c, SetPriority)][-1]
        assert set_last == SetPriority(request_id, Priority.BACKGROUND)
        assert page.model.rows[0].priority is Priority.BACKGROUND


@pytest.mark.asyncio_qt
async def test_reply_is_paused_and_continued_from_its_row(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        (request_id,) = await ask(opened, "one")
        opened.client.emit(make_stats(make_row(request_id)))
        opened.window.dock.toggle()
        page = opened.window.parts.dock.batch
        session = next(iter(opened.library.sessions.values()))

        page.parking_chosen.emit(page.model.rows[0], True)
        opened.client.emit(Parked(request_id))
        await until(lambda: session.state is SessionState.PARKED)
        can_stop = opened.window.commands.actions["stop"].isEnabled()
        page.parking_chosen.emit(page.model.rows[0], False)

        sent = [c for c in opened.client.commands if isinstance(c, SetParked)]
        assert [command.is_parked for command in sent] == [True, False]
        assert can_stop


@pytest.mark.asyncio_qt
async def test_row_goes_to_its_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        first, _ = await ask(opened, "one", "two")
        opened.client.emit(make_stats(make_row(first)))
        opened.window.dock.toggle()
        opened.window.parts.show_page("models")
        page = opened.window.parts.dock.batch

        page.opened.emit(page.model.rows[0])

        tabs = opened.window.parts.tabs
        await until(lambda: tabs.current_session.conversation.title == "one")  # type: ignore[union-attr]  # there is a chat
        assert opened.window.parts.centre.currentWidget() is tabs


@pytest.mark.asyncio_qt
async def test_log_is_read_while_it_is_seen(tmp_path: Path, theme: Theme) -> None:
    (tmp_path / "gui.log").write_text("2026-01-01T10:00:01.000Z INFO painted\n", "utf-8")
    async with open_window(tmp_path, theme) as opened:
        commands, dock = opened.window.dock, opened.window.parts.dock
        commands.show_log()

        await until(lambda: "painted" in dock.log.view.toPlainText())
        is_reading = commands._log_timer.isActive()
        commands.toggle()
        assert is_reading
        assert not commands._log_timer.isActive()


@pytest.mark.asyncio_qt
async def test_items_of_the_status_bar_open_their_pages(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await ask(opened, "one")
        opened.client.emit(make_stats(make_row("x")))
        status, dock = opened.window.parts.status, opened.window.parts.dock
        seen = []
        for item in (status.batch, status.speed):
            dock.show_page("log")
            click(item)
            seen.append(dock.seen_page)

        assert seen == ["batch", "batch"]
