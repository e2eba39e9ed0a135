"""Compare lanes with nothing replaced by a double: the starter, two adapters, a real engine process."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop import assets
from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.cli import random_adapters
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import Message, MessageState
from realm_desktop.ui.chat.compare_view import CompareView
from tests.support.running_app import RunningApp, running_app, until
from tests.support.widgets import click

pytestmark = pytest.mark.slow

LIMIT_S = 200.0
BLOCK_TOKENS = 64
QUESTION = "Tell me a story about a fox in the forest. " * 12
"""More than two KV blocks, so that there is a prefix to share."""


@asynccontextmanager
async def _app(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, max_tokens: int = 24
) -> AsyncIterator[tuple[RunningApp, list[AdapterId]]]:
    """The app with the starter, two adapters that fit it, and replies of a fixed length."""
    # The default is for measurements and changes no text.
    monkeypatch.setattr(random_adapters, "_DEVIATION", 0.08)
    paths = random_adapters.write_random_adapters(
        assets.resource("starter", "starter.gguf"), 2, folder
    )
    async with running_app(folder / "data") as app:
        library = app.window._library
        await until(lambda: library.workspaces and app.has_model)
        general = library.workspaces[0]
        settings = {
            "sampling.temperature": 0.0,
            "sampling.max_tokens": max_tokens,
            "sampling.ignore_end": True,
        }
        await library.update_workspace(replace(general, settings=settings))
        added = await library.adapters.add(paths)
        await app.new_chat()
        yield app, [adapter.adapter_id for adapter in added.adapters]


def _open_lanes(app: RunningApp, *settings: LaneSettings) -> CompareView:
    """Compare these settings in the tab in front."""
    app.tab.enter_compare()
    view = app.tab.compare
    assert view is not None
    comparison = view.comparison
    while len(comparison.lanes) < len(settings):
        comparison.add_lane()
    for lane, wanted in zip(comparison.lanes, settings, strict=True):
        comparison.change_lane(lane.lane_id, wanted)
    return view


def _only(adapter_id: AdapterId, temperature: float | None = None) -> LaneSettings:
    return LaneSettings(AdapterMix((MixEntry(adapter_id),)), temperature)


def _replies(view: CompareView) -> list[Message]:
    found = (view.comparison.reply(lane) for lane in view.comparison.lanes)
    return [reply for reply in found if reply is not None]


def _stats(reply: Message) -> GenerationStats:
    assert reply.stats is not None
    return reply.stats


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_lanes_of_one_mix_read_the_prompt_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _app(tmp_path, monkeypatch) as (app, (first, _)):
        hot = LaneSettings(temperature=1.5)
        view = _open_lanes(app, LaneSettings(), hot, hot, _only(first), _only(first, 1.5))
        session = await app.say(QUESTION)
        await until(lambda: len(_replies(view)) == 5 and not session.is_busy)
        stats = [_stats(reply) for reply in _replies(view)]

    num_prompt_tokens = stats[0].num_prompt_tokens
    assert num_prompt_tokens > 2 * BLOCK_TOKENS
    # Keys and values depend on the adapters, so each mix reads the prompt itself, and only once.
    whole_blocks = (num_prompt_tokens - 1) // BLOCK_TOKENS * BLOCK_TOKENS
    reused = [one.num_cached_tokens for one in stats]
    assert [min(count, whole_blocks) for count in reused] == [
        0, whole_blocks, whole_blocks, 0, whole_blocks,
    ]  # fmt: skip


@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_lane_writes_what_a_chat_would_and_the_kept_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _app(tmp_path, monkeypatch) as (app, adapters):
        alone = await app.say("Tell me about a fox.")
        await until(lambda: not alone.is_busy and len(alone.transcript.messages) == 2)
        await app.new_chat()
        view = _open_lanes(app, LaneSettings(), *map(_only, adapters))
        session = await app.say("Tell me about a fox.")
        await until(lambda: len(_replies(view)) == 3 and not session.is_busy)
        texts = [reply.content for reply in _replies(view)]
        view.refresh()
        click(view.lane_widgets()[2].keep_button)
        await until(lambda: view.comparison.kept_id is not None)
        await app.say("And then?")
        await until(lambda: len(_replies(view)) == 3 and not session.is_busy)

        assert texts[0] == alone.transcript.messages[1].content
        assert len(set(texts)) == 3
        branch = [message.content for message in session.transcript.messages]
        assert branch[:3] == ["Tell me about a fox.", texts[2], "And then?"]


# Deaths have tests of their own in the default run; this one shows that lanes are no exception.
@pytest.mark.full
@pytest.mark.asyncio_qt(limit_s=LIMIT_S)
async def test_engine_that_dies_resumes_every_lane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _app(tmp_path, monkeypatch, max_tokens=160) as (app, adapters):
        view = _open_lanes(app, LaneSettings(), *map(_only, adapters))
        session = await app.say("Tell me about a fox.")
        await until(lambda: len(_replies(view)) == 3 and all(r.content for r in _replies(view)))
        engine = app.window.model_state.engine
        assert engine is not None
        os.kill(engine.process_id, signal.SIGKILL)
        await until(lambda: not session.is_busy)

        assert app.window._library.engine.num_restarts == 1
        assert [reply.state for reply in _replies(view)] == [MessageState.COMPLETE] * 3
        assert [_stats(reply).num_completion_tokens for reply in _replies(view)] == [160] * 3
