"""Tests of the words for what drafting brings."""

from __future__ import annotations

from realm_desktop.engine_stats import GenerationStats, SequenceState, SequenceStats
from realm_desktop.protocol import RequestId, WorkspaceId
from realm_desktop.ui.panels.draft_figures import figures_text


def test_figures_of_a_running_reply_have_rate_and_speed_up() -> None:
    stats = SequenceStats(
        RequestId("r"), WorkspaceId("w"), SequenceState.DECODE, 9, 1, 20.0,
        num_drafted_tokens=200, num_accepted_tokens=142, draft_length=5, speculation_speedup=1.62,
    )  # fmt: skip

    assert figures_text(stats, is_on=True) == (
        "Accepted 142 of 200 draft tokens (71 %) · measured: 1.62 times as fast as without"
        " · next draft: 5 tokens"
    )


def test_figures_without_drafts_say_so() -> None:
    assert "No draft" in figures_text(GenerationStats(), is_on=True)
    assert figures_text(None, is_on=False) == "Drafting is off."
