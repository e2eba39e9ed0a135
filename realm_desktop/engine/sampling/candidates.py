"""What filters work on: one row's tokens that may still be drawn, and what the row knows.

Host arrays in float64. Everything here and in the filters handles one row alone, so its numbers
cannot depend on the batch around it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realm_desktop.sampling_params import SamplingParams

NO_TOKENS: NDArray[np.int32] = np.array([], np.int32)


class Candidates(NamedTuple):
    """Tokens that survive: ids int64 [n], ascending; their finite logits float64 [n]; n >= 1."""

    token_ids: NDArray[np.int64]
    logits: NDArray[np.float64]

    def keep(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Candidates:
        """Those of a mask or of ascending indices."""
        return Candidates(self.token_ids[chosen], self.logits[chosen])


class SamplingRow(NamedTuple):
    """What one row of logits is sampled with.

    Attributes:
        params: The request's own.
        position: Index the token will have in its sequence.
        seen: Every token before the row, drafts included, int32.
        num_prompt_tokens: How many of `seen` are prompt.
        breaker_ids: Tokens across which DRY counts no repetition.
    """

    params: SamplingParams
    position: int
    seen: NDArray[np.int32]
    num_prompt_tokens: int
    breaker_ids: NDArray[np.int32] = NO_TOKENS


def all_candidates(logits: NDArray[np.float32]) -> Candidates:
    """Every token of a row [vocabulary] that is not masked (-inf)."""
    if logits.min() > -np.inf:  # most rows: no copy by index
        return Candidates(np.arange(len(logits)), logits.astype(np.float64))
    ids = np.flatnonzero(logits > -np.inf)
    return Candidates(ids, logits[ids].astype(np.float64))


def probabilities(candidates: Candidates) -> NDArray[np.float64]:
    """Softmax over the candidates, [n]."""
    weights: NDArray[np.float64] = np.exp(candidates.logits - candidates.logits.max())
    return weights / float(weights.sum())


def places_of(
    candidates: Candidates, token_ids: NDArray[np.int64] | NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where tokens are among the candidates.

    Args:
        candidates: To look in.
        token_ids: [m], each at most once.

    Returns:
        Indices of those that are present, in the order asked; and which are: bool [m].
    """
    places = np.searchsorted(candidates.token_ids, token_ids)
    places = np.minimum(places, len(candidates.token_ids) - 1)
    is_present = candidates.token_ids[places] == token_ids
    return places[is_present], is_present
