"""Rows and logits for tests of sampling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import SamplingRow
from realm_desktop.sampling_params import SamplingParams


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
    """Whether counts follow probabilities: chi-square within four deviations of its mean."""
    assert not counts[expected == 0].any(), "a token without probability was drawn"
    shares = counts.sum() * expected[expected > 0]
    chi_square = ((counts[expected > 0] - shares) ** 2 / shares).sum()
    freedom = len(shares) - 1
    return bool(chi_square < freedom + 4 * np.sqrt(2 * freedom) + 1)
