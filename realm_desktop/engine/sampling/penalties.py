"""Filters that change logits because of what was said before, or because the caller says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import Candidates, SamplingRow, places_of

MAX_REPETITION = 128
"""Longest repetition that DRY tells apart; its penalty is beyond every logit long before."""


def apply_penalties(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Repetition, presence and frequency penalties.

    Repetition counts prompt and completion, and divides a positive logit or multiplies a negative
    one (CTRL, arXiv 1909.05858, section 4.1); presence and frequency count the completion only.
    """
    params = row.params
    counts_completion = bool(params.presence_penalty or params.frequency_penalty)
    if params.repetition_penalty == 1.0 and not counts_completion:
        return candidates
    logits = candidates.logits.copy()
    if params.repetition_penalty != 1.0:
        places, _ = places_of(candidates, np.unique(row.seen))
        values, factor = logits[places], params.repetition_penalty
        logits[places] = np.where(values > 0, values / factor, values * factor)
    if counts_completion:
        ids, counts = np.unique(row.seen[row.num_prompt_tokens :], return_counts=True)
        places, is_present = places_of(candidates, ids)
        logits[places] -= params.presence_penalty
        logits[places] -= params.frequency_penalty * counts[is_present]
    return Candidates(candidates.token_ids, logits)


def apply_dry(candidates: Candidates, row: SamplingRow) -> Candidates:
    """DRY ("don't repeat yourself"): a penalty for tokens that would prolong a repetition.

    If the tokens before the row end with a run of n tokens that occurred before, the token that
    followed it then loses `multiplier * base ** (n - allowed_length)`, for n of at least
    `allowed_length`; the longest such run counts. No run reaches across a sequence breaker.
    Described by its author, p-e-w: text-generation-webui, pull request 5637 and 5677.
    """
    params = row.params
    if not params.dry_multiplier:
        return candidates
    window = row.seen[-(params.dry_penalty_last_n or len(row.seen)) :]
    ids, lengths = longest_repetitions(window, row.breaker_ids)
    is_long = lengths >= params.dry_allowed_length
    ids, lengths = ids[is_long], lengths[is_long]
    places, is_present = places_of(candidates, ids)
    logits = candidates.logits.copy()
    excess = (lengths[is_present] - params.dry_allowed_length).astype(np.float64)
    logits[places] -= params.dry_multiplier * params.dry_base**excess
    return Candidates(candidates.token_ids, logits)


def longest_repetitions(
    seen: NDArray[np.int32], breaker_ids: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tokens that would prolong a repetition, and how long the repeated run is.

    Args:
        seen: [n] tokens; runs are compared with its end.
        breaker_ids: A run holds none of these.

    Returns:
        Token ids, each once; the longest run before each, 1 to 128. Costs one pass over the ends
        that still match per token of the longest run.
    """
    tail = seen[-MAX_REPETITION:]
    breaks = np.flatnonzero(np.isin(tail, breaker_ids))
    reach = len(tail) - 1 - int(breaks[-1]) if breaks.size else len(tail)
    if not reach:
        return np.array([], np.int64), np.array([], np.int64)
    ends = np.flatnonzero(seen[:-1] == seen[-1])
    lengths = np.ones(len(ends), np.int64)
    matching = np.arange(len(ends))
    for back in range(1, reach):
        places = ends[matching] - back
        matching = matching[(places >= 0) & (seen[places] == seen[-1 - back])]
        if not matching.size:
            break
        lengths[matching] += 1
    ids, index = np.unique(seen[ends + 1], return_inverse=True)
    longest = np.zeros(len(ids), np.int64)
    np.maximum.at(longest, index, lengths)
    return ids.astype(np.int64), longest


def apply_bias(candidates: Candidates, row: SamplingRow) -> Candidates:
    """The caller's own numbers, added to the logits of single tokens."""
    if not row.params.logit_bias:
        return candidates
    ids, biases = zip(*row.params.logit_bias, strict=True)
    places, is_present = places_of(candidates, np.array(ids, np.int64))
    logits = candidates.logits.copy()
    logits[places] += np.array(biases, np.float64)[is_present]
    return Candidates(candidates.token_ids, logits)
