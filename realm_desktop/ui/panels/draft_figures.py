"""What drafting brings, in words. Pure functions."""

from __future__ import annotations

from realm_desktop.engine_stats import GenerationStats, SequenceStats
from realm_desktop.ui.settings.words import number_text, words


def figures_text(stats: SequenceStats | GenerationStats | None, *, is_on: bool) -> str:
    """What drafting brings, in words; `stats` of one reply."""
    if stats is None or not stats.num_drafted_tokens:
        return words("No draft in this chat so far.") if is_on else words("Drafting is off.")
    parts = [
        words("Accepted {} of {} draft tokens ({} %)").format(
            number_text(stats.num_accepted_tokens),
            number_text(stats.num_drafted_tokens),
            number_text(round(100 * stats.acceptance_rate)),
        )
    ]
    if stats.speculation_speedup > 0:
        speedup = number_text(round(stats.speculation_speedup, 2))
        parts.append(words("measured: {} times as fast as without").format(speedup))
    if isinstance(stats, SequenceStats):
        parts.append(words("next draft: {} tokens").format(number_text(stats.draft_length)))
    return " · ".join(parts)
