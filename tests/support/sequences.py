"""Sequences without a model, for scheduler and block manager tests."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from realm_desktop.engine.sequence import AdapterKey, Sequence
from realm_desktop.protocol import GenerateRequest, Priority, RequestId, WorkspaceId


def make_sequence(
    tokens: Iterable[int],
    request_id: str = "r",
    workspace_id: str = "general",
    *,
    max_tokens: int = 10_000,
    priority: Priority = Priority.NORMAL,
    adapter_key: AdapterKey = (),
    arrived_s: float = 0.0,
) -> Sequence:
    """A waiting sequence with this prompt."""
    ids = array("i", tokens)
    request = GenerateRequest(
        RequestId(request_id), WorkspaceId(workspace_id), prompt_token_ids=tuple(ids)
    )
    return Sequence(
        request=request,
        tokens=ids,
        num_prompt_tokens=len(ids),
        max_tokens=max_tokens,
        arrived_s=arrived_s,
        priority=priority,
        adapter_key=adapter_key,
    )
