"""The head of a row: the few tokens that can survive top-k, found without sorting a vocabulary.

The filters behind it work on tens of tokens instead of 150,000. Nothing is decided here: what is
left out could not have been kept, so the result is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import Candidates, SamplingRow, all_candidates
from realm_desktop.sampling_params import SamplingFilter, SamplingParams

_GROUP = 128
"""Tokens of which only the best is compared at first: 1,188 numbers for a vocabulary of 152,064."""

CHANGES_LOGITS = (SamplingFilter.PENALTIES, SamplingFilter.DRY, SamplingFilter.LOGIT_BIAS)
"""Filters that change the logits of tokens already seen, or named by the caller, and no others."""


def head_candidates(
    logits: NDArray[np.float32], row: SamplingRow, order: Iterable[SamplingFilter]
) -> Candidates:
    """The tokens of a row [vocabulary] that the filters in `order` can leave, and maybe more.

    Greedy counts as top-k with k = 1. All tokens if the filters do not come to a top-k, or drop
    tokens by what the whole row looks like before it.
    """
    count, changes_logits = _reach(row.params, order)
    num_groups = len(logits) // _GROUP
    if not 0 < count < num_groups:
        return all_candidates(logits)
    rest = logits
    if changes_logits:
        # What the sparse filters make of these tokens is not known yet: they all stay.
        changed = _changed(row, len(logits))
        rest = logits.copy()
        rest[changed] = -np.inf
    # A group is a column, because the maximum of neighbours takes eight times as long.
    best = rest[: num_groups * _GROUP].reshape(_GROUP, num_groups).max(axis=0)
    # The best of `count` groups are as many tokens that are at least this good.
    floor = np.partition(best, num_groups - count)[num_groups - count]
    if floor == -np.inf:
        return all_candidates(logits)
    is_kept = rest >= floor
    if changes_logits:
        is_kept[changed] = logits[changed] > -np.inf
    ids = np.flatnonzero(is_kept)
    return Candidates(ids, logits[ids].astype(np.float64))


def takes_best(params: SamplingParams) -> bool:
    """Whether the best token of a row is the one that is chosen, whatever was written before."""
    if params.temperature:
        return False
    names = (name for name in params.sampler_order if name in CHANGES_LOGITS)
    return not any(_ACTIVE[name](params) for name in names)


def _reach(params: SamplingParams, order: Iterable[SamplingFilter]) -> tuple[int, bool]:
    """How many tokens come through at most (0: unknown), and whether logits change before that."""
    changes_logits = False
    for name in order:
        if name is SamplingFilter.TOP_K and params.top_k:
            return params.top_k, changes_logits
        if name in CHANGES_LOGITS:
            changes_logits |= _ACTIVE[name](params)
        elif name is not SamplingFilter.TEMPERATURE and _ACTIVE[name](params):
            return 0, changes_logits
    return (0 if params.temperature else 1), changes_logits


def _changed(row: SamplingRow, vocabulary_size: int) -> NDArray[np.int64]:
    """Ids, some more than once, whose logits a sparse filter may change."""
    biased = np.array([token_id for token_id, _ in row.params.logit_bias], np.int64)
    ids = np.concatenate([row.seen.astype(np.int64), biased])
    return ids[ids < vocabulary_size]


# Functions, so that only what is asked about is looked at: this runs for every row.
_ACTIVE: Mapping[SamplingFilter, Callable[[SamplingParams], bool]] = {
    SamplingFilter.PENALTIES: lambda params: (
        params.repetition_penalty != 1.0
        or bool(params.presence_penalty or params.frequency_penalty)
    ),
    SamplingFilter.DRY: lambda params: bool(params.dry_multiplier),
    SamplingFilter.LOGIT_BIAS: lambda params: bool(params.logit_bias),
    SamplingFilter.TEMPERATURE: lambda params: True,
    SamplingFilter.TOP_N_SIGMA: lambda params: bool(params.top_n_sigma),
    SamplingFilter.TOP_K: lambda params: bool(params.top_k),
    SamplingFilter.TYPICAL_P: lambda params: params.typical_p < 1.0,
    SamplingFilter.TOP_P: lambda params: params.top_p < 1.0,
    SamplingFilter.MIN_P: lambda params: bool(params.min_p),
    SamplingFilter.XTC: lambda params: bool(params.xtc_probability),
}
