"""The filters of one row in the order a request wants them.

Each takes candidates and gives those it leaves, never none. Ties are cut by token id, the lowest
stays, so that no result depends on an algorithm's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import Candidates, SamplingRow, probabilities
from realm_desktop.engine.sampling.noise import coin
from realm_desktop.engine.sampling.penalties import apply_bias, apply_dry, apply_penalties
from realm_desktop.sampling_params import SamplingFilter

_HEAD = 1024
"""Tokens that top-p sorts first; the rest of a vocabulary is rarely needed."""

Filter = Callable[[Candidates, SamplingRow], Candidates]


def apply_filters(
    candidates: Candidates, row: SamplingRow, order: Iterable[SamplingFilter]
) -> Candidates:
    """What the named filters leave, applied one behind the other."""
    for name in order:
        candidates = _FILTERS[name](candidates, row)
    return candidates


def apply_temperature(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Logits divided by the temperature, which is above 0 here."""
    # The quotient would have the same bits and cost a copy of the row.
    if row.params.temperature == 1.0:
        return candidates
    return Candidates(candidates.token_ids, candidates.logits / row.params.temperature)


def keep_top_n_sigma(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Top-n-sigma: tokens at most n standard deviations of the logits below the best.

    Does not depend on the temperature before it (arXiv 2411.07641, section 3).
    """
    if not row.params.top_n_sigma:
        return candidates
    logits = candidates.logits
    return candidates.keep(logits >= logits.max() - row.params.top_n_sigma * logits.std())


def keep_top_k(candidates: Candidates, row: SamplingRow) -> Candidates:
    """The k best tokens."""
    return _keep_best(candidates, row.params.top_k)


def keep_typical(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Locally typical sampling: tokens whose surprise is nearest to the expected one.

    Sorted by the distance of -log p from the entropy, the smallest set with probability
    `typical_p` stays (arXiv 2202.00666, section 4).
    """
    if row.params.typical_p >= 1.0:
        return candidates
    weights = probabilities(candidates)
    logits = candidates.logits - candidates.logits.max()
    surprise = np.log(np.exp(logits).sum()) - logits
    distance = np.abs(surprise - (weights * surprise).sum())
    order = _stable_order(distance)
    return _keep_mass(candidates, order, weights, row.params.typical_p)


def keep_top_p(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Nucleus sampling: the smallest set of best tokens with probability `top_p`.

    Source: arXiv 1904.09751, section 3.1.
    """
    if row.params.top_p >= 1.0:
        return candidates
    weights = probabilities(candidates)
    return _keep_best(
        candidates, _num_for_mass(_largest(weights, row.params.top_p), row.params.top_p)
    )


def keep_min_p(candidates: Candidates, row: SamplingRow) -> Candidates:
    """Min-p: tokens at least `min_p` times as probable as the best (arXiv 2407.01082, section 3)."""
    if not row.params.min_p:
        return candidates
    logits = candidates.logits
    return candidates.keep(np.exp(logits - logits.max()) >= row.params.min_p)


def drop_top_choices(candidates: Candidates, row: SamplingRow) -> Candidates:
    """XTC ("exclude top choices"): with some probability, all top choices but the least probable.

    A top choice has at least the threshold's probability. The coin is part of the seeded noise,
    so a reply stays reproducible. Described by its author, p-e-w: text-generation-webui, pull
    request 6335.
    """
    params = row.params
    # The coin is a hash for every row: most requests do without XTC.
    if not params.xtc_probability or coin(params.seed, row.position) >= params.xtc_probability:
        return candidates
    weights = probabilities(candidates)
    top = np.flatnonzero(weights >= params.xtc_threshold)
    if len(top) < 2:
        return candidates
    is_kept = np.ones(len(weights), np.bool_)
    is_kept[top] = False
    is_kept[top[weights[top].argmin()]] = True
    return candidates.keep(is_kept)


def _keep_best(candidates: Candidates, count: int) -> Candidates:
    """The tokens with the highest logits; 0 keeps all."""
    logits = candidates.logits
    if not 0 < count < len(logits):
        return candidates
    # A partition finds the border in linear time; nobody needs the order of what is kept.
    last = np.partition(logits, len(logits) - count)[len(logits) - count]
    is_kept = logits > last
    ties = np.flatnonzero(logits == last)
    is_kept[ties[: count - int(is_kept.sum())]] = True
    return candidates.keep(is_kept)


def _stable_order(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Indices by rising value, ties by index; several times faster than a stable sort."""
    order = np.argsort(values)
    ordered = values[order]
    is_tie = ordered[1:] == ordered[:-1]
    if is_tie.any():
        places = np.flatnonzero(np.append(is_tie, False) | np.insert(is_tie, 0, False))
        tied = order[places]
        order[places] = tied[np.lexsort((tied, ordered[places]))]
    return order


def _largest(weights: NDArray[np.float64], mass: float) -> NDArray[np.float64]:
    """The largest probabilities in falling order, enough of them to hold `mass`."""
    if len(weights) > _HEAD:
        head = np.partition(weights, len(weights) - _HEAD)[len(weights) - _HEAD :]
        if head.sum() > mass:
            weights = head
    return np.sort(weights)[::-1]


def _num_for_mass(ordered: NDArray[np.float64], mass: float) -> int:
    """How many of the probabilities in this order reach `mass` together, at least one."""
    # What stands before a token decides: the one that reaches the mass belongs to it.
    return max(1, int(((ordered.cumsum() - ordered) < mass).sum()))


def _keep_mass(
    candidates: Candidates, order: NDArray[np.int64], weights: NDArray[np.float64], mass: float
) -> Candidates:
    """The first tokens of `order` that reach `mass` together."""
    return candidates.keep(np.sort(order[: _num_for_mass(weights[order], mass)]))


_FILTERS: Mapping[SamplingFilter, Filter] = {
    SamplingFilter.PENALTIES: apply_penalties,
    SamplingFilter.DRY: apply_dry,
    SamplingFilter.LOGIT_BIAS: apply_bias,
    SamplingFilter.TEMPERATURE: apply_temperature,
    SamplingFilter.TOP_N_SIGMA: keep_top_n_sigma,
    SamplingFilter.TOP_K: keep_top_k,
    SamplingFilter.TYPICAL_P: keep_typical,
    SamplingFilter.TOP_P: keep_top_p,
    SamplingFilter.MIN_P: keep_min_p,
    SamplingFilter.XTC: drop_top_choices,
}
