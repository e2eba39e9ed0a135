"""Tests of what the right panel does, in a window over a real store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from realm_desktop.engine_stats import (
    EngineStats,
    SequenceState,
    SequenceStats,
)
from realm_desktop.events import (
    ErrorInfo,
    Failed,
    LoadFailed,
    ModelLoaded,
    Queued,
)
from realm_desktop.protocol import (
    LoadModel,
    SetSpeculation,
    SpeculationMode,
)
from realm_desktop.schema.setting import Scope
from realm_desktop.ui.panels.panel_pages import (
    ModelSettingsPage,
    SamplingPage,
    SpeculationPage,
    SystemPage,
)
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.panels import HOT, open_panel, shown_page
from tests.support.widgets import child, click
from tests.support.windows import open_window, until

LOAD = LoadModel("/models/tiny.gguf", is_draft_automatic=True)


@pytest.mark.asyncio_qt
async def test_change_belongs_to_the_chat_and_is_stored(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.edit(HOT, 0.3)
        await panel.saved()
        row = panel.page(SamplingPage).form.rows[HOT]

        assert (await panel.opened.store.conversations())[0].settings == {HOT: 0.3}
        assert (row.badge.text, row.badge.is_changed_here) == ("chat", True)
        assert panel.panel.changed_button.text() == "Changed from workspace (1)"


@pytest.mark.asyncio_qt
async def test_changes_faster_than_the_disk_end_with_the_last(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        for value in (0.1, 0.2, 0.9, 0.4):
            panel.edit(HOT, value)
            shown = panel.commands.resolved[HOT]
            assert shown == value
        await panel.saved()

        assert panel.chat.settings == {HOT: 0.4}


@pytest.mark.asyncio_qt
async def test_changed_chat_asks_the_engine_with_its_values(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.edit(HOT, 0.3)
        panel.edit("reply.is_seed_new", False)
        panel.edit("sampling.seed", 7)
        await panel.saved()
        session = panel.commands.session
        assert session is not None
        await session.send("hi")

        sampling = panel.opened.client.requests[-1].sampling
        assert (sampling.temperature, sampling.seed) == (0.3, 7)


@pytest.mark.asyncio_qt
async def test_reset_follows_the_workspace_again(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.edit(HOT, 0.3)
        click(panel.page(SamplingPage).form.rows[HOT].reset_button)
        await panel.saved()

        assert panel.chat.settings == {}
        assert panel.panel.changed_button.isHidden()


@pytest.mark.asyncio_qt
async def test_value_that_the_workspace_has_anyway_is_no_change(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.edit(HOT, 0.3)
        panel.edit(HOT, 0.8)
        await panel.saved()

        assert panel.chat.settings == {}


@pytest.mark.asyncio_qt
async def test_chat_is_reset_as_a_whole_and_keeps_unknown_values(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme) as panel:
        session = panel.commands.session
        assert session is not None
        await session.saved.change(lambda old: replace(old, settings={"later": 1, HOT: 0.3}))
        panel.panel.reset_all_requested.emit()
        await panel.saved()

        assert panel.chat.settings == {"later": 1}


@pytest.mark.asyncio_qt
async def test_change_can_go_to_the_workspace_or_the_app(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.panel.scope_chosen.emit(Scope.WORKSPACE.value)
        panel.edit(HOT, 0.3)
        await panel.saved()
        panel.panel.scope_chosen.emit(Scope.APP.value)
        panel.edit("sampling.top_k", 5)
        panel.panel.scope_chosen.emit(Scope.CONVERSATION.value)

        assert panel.opened.library.workspaces[0].settings == {HOT: 0.3}
        assert panel.opened.settings.current.defaults == {"sampling.top_k": 5}
        found = panel.commands.resolved
        assert (found[HOT], found["sampling.top_k"]) == (0.3, 5)


@pytest.mark.asyncio_qt
async def test_stored_value_that_cannot_be_used_is_told_at_its_row(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme) as panel:
        session = panel.commands.session
        assert session is not None
        await session.saved.change(lambda old: replace(old, settings={HOT: "hot"}))
        panel.commands.refresh()
        row = panel.page(SamplingPage).form.rows[HOT]

        assert "must be a number" in row.fault.text()


@pytest.mark.asyncio_qt
async def test_speculation_reaches_the_running_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "speculation") as panel:
        session = panel.commands.session
        assert session is not None
        await session.send("hi")
        panel.edit("speculation.mode", "off")
        await panel.saved()

        request = panel.opened.client.requests[-1]
        sent = [c for c in panel.opened.client.commands if isinstance(c, SetSpeculation)]
        assert [command.request_id for command in sent] == [request.request_id]
        assert sent[0].speculation.mode is SpeculationMode.OFF


@pytest.mark.asyncio_qt
async def test_loading_values_wait_for_a_reload(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "model") as panel:
        panel.opened.window.model_state.load("/models/tiny.gguf")
        panel.opened.client.emit(ModelLoaded(make_model_info("/models/tiny.gguf")))
        panel.edit("engine.kv_cache_dtype", "int8")
        click(panel.page(ModelSettingsPage).reload_button)

        expected = LoadModel("/models/tiny.gguf", kv_cache_dtype="int8", is_draft_automatic=True)
        assert panel.opened.client.commands[-1] == expected


@pytest.mark.asyncio_qt
async def test_refused_draft_is_replaced_by_ngrams(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "speculation") as panel:
        panel.edit("engine.draft_path", "/models/d.gguf")
        reason = ErrorInfo("DraftMismatch", "the vocabularies differ at id 139")
        panel.opened.client.emit(LoadFailed("/models/tiny.gguf", reason, is_unloaded=True))
        page = panel.page(SpeculationPage)
        shown = page.refusal.text() if page.card.isVisible() else ""
        click(page.ngram_button)
        await panel.saved()

        assert "139" in shown
        assert page.card.isHidden()
        assert panel.opened.client.commands[-1] == LOAD
        assert panel.chat.settings == {"speculation.mode": "ngram"}


@pytest.mark.asyncio_qt
async def test_refused_draft_opens_the_panel(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        panel.opened.window.commands.set_panel_visible(is_visible=False)
        reason = ErrorInfo("DraftMismatch", "the vocabularies differ at id 139")
        panel.opened.client.emit(LoadFailed("/models/tiny.gguf", reason, is_unloaded=True))

        assert panel.panel.isVisible()
        assert panel.panel.page == "speculation"


@pytest.mark.asyncio_qt
async def test_page_that_was_never_seen_obeys_after_a_refused_draft(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        reason = ErrorInfo("DraftMismatch", "the vocabularies differ at id 139")
        opened.client.emit(LoadFailed("/models/tiny.gguf", reason, is_unloaded=True))
        click(shown_page(opened.window.parts.panel, SpeculationPage).ngram_button)

        assert opened.client.commands[-1] == LOAD


@pytest.mark.asyncio_qt
async def test_draft_model_that_is_not_loaded_is_told_before_a_reply_is_refused(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme, "speculation") as panel:
        panel.edit("speculation.mode", "draft_model")
        await panel.saved()
        page = panel.page(SpeculationPage)
        shown = page.refusal.text()
        click(page.ngram_button)
        await panel.saved()

        assert "No draft model is loaded" in shown
        assert page.card.isHidden()


@pytest.mark.asyncio_qt
async def test_refused_form_is_told_with_its_place(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "system") as panel:
        client, page = panel.opened.client, panel.page(SystemPage)
        panel.edit("system.output_form", "regex")
        panel.edit("system.output_text", "a(")
        await until(lambda: bool(client.requests))
        error = ErrorInfo("InvalidGrammar", "the regular expression cannot be used")
        client.emit(Failed(client.requests[-1].request_id, error))

        await until(lambda: "cannot be used" in page.check.text())
        assert page.check.property("tone") == "danger"


@pytest.mark.asyncio_qt
async def test_newer_form_ends_the_check_of_the_older(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "system") as panel:
        client, page = panel.opened.client, panel.page(SystemPage)
        panel.edit("system.output_form", "regex")
        for text in ("a", "ab"):
            panel.edit("system.output_text", text)
            await until(lambda text=text: text in [r.regex for r in client.requests])  # type: ignore[misc]  # of this round
        client.emit(Queued(client.requests[-1].request_id, 1, "busy"))

        await until(lambda: "can enforce" in page.check.text())
        await asyncio.sleep(0)
        assert not any(client.is_open(request.request_id) for request in client.requests)


@pytest.mark.asyncio_qt
async def test_figures_follow_the_engine(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "speculation") as panel:
        session = panel.commands.session
        assert session is not None
        await session.send("hi")
        request = panel.opened.client.requests[-1]
        row = SequenceStats(
            request.request_id, request.workspace_id, SequenceState.DECODE, 9, 1, 20.0,
            num_drafted_tokens=4, num_accepted_tokens=1,
        )  # fmt: skip
        panel.opened.client.emit(EngineStats(sequences=(row,)))

        assert "1 of 4" in panel.page(SpeculationPage).figures.text()


@pytest.mark.asyncio_qt
async def test_header_lists_what_the_chat_has_of_its_own(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        window = panel.opened.window
        header = window.parts.tabs.header
        panel.edit(HOT, 0.25)
        await panel.saved()
        await until(header.overrides_button.isVisible)
        window.commands.set_panel_visible(is_visible=False)
        click(header.overrides_button)
        menu = child(header, QMenu)
        menu.actions()[0].trigger()
        is_led_there = panel.panel.isVisible() and panel.panel.page == "sampling"
        menu.actions()[-1].trigger()
        menu.close()
        await panel.saved()

        assert is_led_there
        assert panel.chat.settings == {}
        await until(header.overrides_button.isHidden)
