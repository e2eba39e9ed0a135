"""Snapshots of an engine, and chats whose replies run, for tests of the dock."""

from __future__ import annotations

from typing import Any

from realm_desktop.engine_stats import EngineStats, SequenceState, SequenceStats, WorkspaceStats
from realm_desktop.events import ModelLoaded
from realm_desktop.protocol import RequestId, WorkspaceId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID
from tests.support.fake_client import make_model_info
from tests.support.windows import OpenWindow, until


def make_row(
    request_id: str = "r1", state: SequenceState = SequenceState.DECODE, **values: Any
) -> SequenceStats:
    """The engine's figures of one request."""
    figures: dict[str, Any] = {"num_tokens": 100, "num_blocks": 2, "tokens_per_s": 0.0, **values}
    return SequenceStats(RequestId(request_id), GENERAL_WORKSPACE_ID, state, **figures)


def make_stats(*sequences: SequenceStats, **values: Any) -> EngineStats:
    """A snapshot of a pool of 10 blocks."""
    figures: dict[str, Any] = {
        "step_ms": 25.0,
        "num_decode_rows": 4,
        "blocks_used": 5,
        "blocks_cached": 2,
    }
    figures |= {"blocks_free": 3, "resident_bytes": 2_000_000_000, **values}
    shares = (WorkspaceStats(WorkspaceId(GENERAL_WORKSPACE_ID), 1.0, 1.0, 0.0, 1, 0),)
    return EngineStats(sequences=sequences, workspaces=shares, **figures)


async def ask(opened: OpenWindow, *texts: str) -> list[RequestId]:
    """Have a reply run in a new chat for each text; the ids of their requests."""
    opened.client.emit(ModelLoaded(make_model_info()))
    for text in texts:
        count = len(opened.client.requests)
        opened.window.chats.ask(text)
        await until(lambda count=count: len(opened.client.requests) > count)  # type: ignore[misc]  # a default binds the value of this turn
    return [request.request_id for request in opened.client.requests]
