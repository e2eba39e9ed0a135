"""Sequences without a model, for scheduler and block manager tests."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from realm_desktop.engine.block_manager import BlockManager
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


def computed(
    manager: BlockManager, tokens: list[int], request_id: str = "r", *, chunk: int = 64
) -> Sequence:
    """A sequence whose prompt is computed in chunks and published."""
    sequence = make_sequence(tokens, request_id)
    manager.reuse_prefix(sequence)
    compute(manager, sequence, chunk=chunk)
    return sequence


def compute(manager: BlockManager, sequence: Sequence, *, chunk: int = 64) -> None:
    """Compute and publish all tokens of a sequence in chunks."""
    while sequence.num_pending_tokens:
        end = min(sequence.num_computed_tokens + chunk, len(sequence.tokens))
        assert manager.extend(sequence, end)
        sequence.num_computed_tokens = end
        manager.publish(sequence)
