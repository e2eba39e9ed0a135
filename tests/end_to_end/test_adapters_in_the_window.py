"""Adapters from a drop on the page to another reply, with nothing replaced by a double."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.chat.session_state import SessionState
from realm_desktop.protocol import AdapterUse
from realm_desktop.ui.panels.adapters_page import AdaptersPage
from tests.support.adapters import save_gguf_adapter, save_peft, tiny_adapter
from tests.support.running_app import RunningApp, running_app, until
from tests.support.tiny_models import tiny_gguf, tiny_model
from tests.support.widgets import click

pytestmark = pytest.mark.slow

LIMIT_S = 200.0
QUESTION = "the same question"


async def _be_exact(app: RunningApp) -> None:
    """Let General take the likeliest token, and always the same number of them."""
    library = app.window._library
    await until(lambda: library.workspaces and app.has_model)
    general = library.workspaces[0]
    settings = {
        "sampling.temperature": 0.0,
        "sampling.max_tokens": 24,
        "sampling.ignore_end": True,
    }
    await library.update_workspace(replace(general, settings=settings))


async def _answer(app: RunningApp) -> str:
    """The reply to the question in a chat of its own."""
    app.window.parts.show_page("chat")
    session = await app.new_chat()
    await app.say(QUESTION)
    await until(lambda: not session.is_busy)
    return session.transcript.messages[-1].content


async def _drop(app: RunningApp, path: Path) -> AdaptersPage:
    """Drop a file on the page and wait for its row."""
    app.window.commands.show_adapters()
    page = app.window.parts.adapters_page
    count = len(page.model.rows)
    page.dropped.emit([str(path)])
    await until(lambda: len(page.model.rows) > count)
    page.choose(page.model.rows[-1].adapter_id)
    return page


async def _attach(app: RunningApp, path: Path) -> None:
    page = await _drop(app, path)
    click(page.details.attach_button)
    await until(lambda: app.window._library.workspaces[0].adapters.entries)


@pytest.mark.parametrize("container", ["peft", "gguf"])
@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_attached_adapter_changes_replies_and_off_is_exact(
    tmp_path: Path, container: str
) -> None:
    adapter = tiny_adapter(tiny_model())
    save = save_peft if container == "peft" else save_gguf_adapter
    path = save(adapter, tmp_path / f"terse.{container}")
    async with running_app(tmp_path, tiny_gguf(tmp_path, with_tokenizer=True)) as app:
        await _be_exact(app)
        base = await _answer(app)
        await _attach(app, path)
        adapted = await _answer(app)
        app.window.commands.actions["toggle-adapters"].trigger()
        bypassed = await _answer(app)
        app.window.commands.actions["toggle-adapters"].trigger()
        (row,) = app.window.parts.mixer.mixed.rows.values()
        row.weight.slider.setValue(0)
        weightless = await _answer(app)

    assert adapted != base
    assert (bypassed, weightless) == (base, base)


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_reply_remembers_its_adapter_and_a_restart_keeps_the_mix(tmp_path: Path) -> None:
    path = save_peft(tiny_adapter(tiny_model()), tmp_path / "terse")
    model = tiny_gguf(tmp_path, with_tokenizer=True)
    async with running_app(tmp_path, model) as app:
        await _be_exact(app)
        await _attach(app, path)
        before = await _answer(app)
        used = app.sessions[-1].transcript.messages[-1].adapters
    async with running_app(tmp_path) as app:
        await until(lambda: app.window._library.adapters.shelves and app.has_model)
        (shelf,) = app.window._library.adapters.shelves
        after = await _answer(app)

        assert [(one.name, one.weight) for one in used] == [("terse", 1.0)]
        assert after == before
        assert shelf.stage is AdapterStage.WARM


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_adapter_of_another_model_is_refused_in_words(tmp_path: Path) -> None:
    other = tiny_model(hidden_size=32, intermediate_size=48)
    path = save_peft(tiny_adapter(other), tmp_path / "wide")
    async with running_app(tmp_path, tiny_gguf(tmp_path, with_tokenizer=True)) as app:
        await _be_exact(app)
        page = await _drop(app, path)
        verdict = page.details.verdict.text()
        can_attach = page.details.attach_button.isEnabled()
        # Attached all the same, as when another model is loaded later.
        app.window.adapters.attach(page.model.rows[-1].adapter_id, "general", 1.0)
        await until(lambda: app.window._library.workspaces[0].adapters.entries)
        await _answer(app)
        session = app.sessions[-1]

        assert not can_attach
        assert "made for hidden size 32" in verdict
        assert session.state is SessionState.FAILED
        assert "made for hidden size 32" in session.status_text
        assert app.tab.session.transcript.messages[-1].content == ""


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_engine_that_dies_gets_its_adapters_again(tmp_path: Path) -> None:
    path = save_peft(tiny_adapter(tiny_model()), tmp_path / "terse")
    async with running_app(tmp_path, tiny_gguf(tmp_path, with_tokenizer=True)) as app:
        await _be_exact(app)
        await _attach(app, path)
        before = await _answer(app)
        engine = app.window.model_state.engine
        assert engine is not None
        os.kill(engine.process_id, signal.SIGKILL)
        await until(lambda: app.window._library.engine.num_restarts == 1)

        assert await _answer(app) == before
        entry = app.window._library.workspaces[0].adapters.entries[0]
        used = app.sessions[-1].transcript.messages[-1].adapters
        assert AdapterUse(used[0].adapter_id, used[0].weight) == AdapterUse(entry.adapter_id, 1.0)
