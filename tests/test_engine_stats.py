"""Rates that figures of an engine give."""

from __future__ import annotations

from dataclasses import replace

from realm_desktop.engine_stats import (
    EngineStats,
    GenerationStats,
    SequenceState,
    SequenceStats,
    acceptance_rate,
)
from realm_desktop.protocol import RequestId, WorkspaceId


def test_nothing_drafted_is_an_acceptance_rate_of_zero() -> None:
    assert acceptance_rate(0, 0) == 0.0
    assert acceptance_rate(3, 4) == 0.75


def test_engine_counts_the_drafts_of_all_requests() -> None:
    row = SequenceStats(
        RequestId("a"), WorkspaceId("w"), SequenceState.DECODE, 1, 1, 0.0, num_drafted_tokens=10
    )
    rows = (replace(row, num_accepted_tokens=10), replace(row, num_drafted_tokens=30))

    assert EngineStats(sequences=rows).acceptance_rate == 0.25


def test_reused_tokens_do_not_count_as_computed() -> None:
    stats = GenerationStats(num_prompt_tokens=100, num_cached_tokens=60, prefill_s=2.0)

    assert stats.prefill_tokens_per_s == 20.0


def test_first_token_does_not_count_as_decoded() -> None:
    assert GenerationStats(num_completion_tokens=5, decode_s=2.0).decode_tokens_per_s == 2.0
    assert GenerationStats(num_completion_tokens=1).decode_tokens_per_s == 0.0
