"""Rows and logits for tests of sampling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import SamplingRow
from realm_desktop.sampling_params import SamplingParams

FALSE_ALARM = 1e-6
"""How often a sound sampler would fail a statistical test, were its seeds not fixed."""

_DEVIATIONS = 4.7535
"""A normal variable exceeds so many standard deviations, on one side, with that probability."""

_LEAST_SHARE = 10


def logits_of(*probabilities: float) -> NDArray[np.float32]:
    """Logits whose softmax is the probabilities."""
    return np.log(np.array(probabilities, np.float64)).astype(np.float32)


def row(
    position: int = 0, *, seen: Iterable[int] = (), num_prompt_tokens: int = 0, **changes: Any
) -> SamplingRow:
    """A row at temperature 1 with every filter off, unless said otherwise."""
    values = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, **changes}
    params = SamplingParams(**values)
    return SamplingRow(params, position, np.array(list(seen), np.int32), num_prompt_tokens)


def draw_counts_fit(counts: NDArray[np.int64], expected: NDArray[np.float64]) -> bool:
    """Whether counts follow probabilities, by a chi-square test.

    Sound counts are refused with a probability of at most 1e-6 (`FALSE_ALARM`). Tokens drawn less
    than ten times on average count as one, because chi-square is no good for them.
    """
    assert not counts[expected == 0].any(), "a token without probability was drawn"
    shares = counts.sum() * expected
    is_rare = shares < _LEAST_SHARE
    cells, found = shares[~is_rare], counts[~is_rare].astype(np.float64)
    if shares[is_rare].sum() > _LEAST_SHARE:
        cells = np.append(cells, shares[is_rare].sum())
        found = np.append(found, counts[is_rare].sum())
    chi_square = ((found - cells) ** 2 / cells).sum()
    return bool(chi_square < chi_square_bound(max(1, len(cells) - 1)))


def chi_square_bound(freedom: int) -> float:
    """What a chi-square variable exceeds with a probability of at most `FALSE_ALARM`.

    Wilson and Hilferty's cube (1931), which lies above the exact quantile this far out.
    """
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + _DEVIATIONS * np.sqrt(spread)) ** 3)


def rates_agree(count: int, total: int, probability: float) -> bool:
    """Whether `count` of `total` draws fit a probability, with the same chance of a false alarm."""
    counts = np.array([count, total - count])
    return draw_counts_fit(counts, np.array([probability, 1 - probability]))
