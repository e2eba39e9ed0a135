"""From one row of logits to the candidates that may be drawn, with their log-probabilities.

Order: penalties, temperature, top-k, top-p, min-p. Works on the host in float64. Every function
handles one row alone, so the numbers cannot depend on the batch around it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realm_desktop.protocol import SamplingParams

MAX_NATS = 41.0
"""A token this far below the best loses against it for every noise that float64 can draw."""


class Candidates(NamedTuple):
    """Tokens that survive, best first: ids int64 [n], log-probabilities float64 [n]."""

    token_ids: NDArray[np.int64]
    logprobs: NDArray[np.float64]


def has_penalties(params: SamplingParams) -> bool:
    """Whether seen tokens change the logits."""
    return (
        params.repetition_penalty != 1.0
        or params.presence_penalty != 0.0
        or params.frequency_penalty != 0.0
    )


def apply_penalties(
    logits: NDArray[np.float32],
    params: SamplingParams,
    seen: NDArray[np.int32],
    num_prompt_tokens: int,
) -> NDArray[np.float32]:
    """A copy of `logits` with the penalties of `params`.

    Args:
        logits: [vocabulary], unchanged.
        params: The penalties.
        seen: Every token before this row, drafts included.
        num_prompt_tokens: How many of them are prompt: repetition counts these too, presence and
            frequency count the completion only.
    """
    penalised = logits.copy()
    if params.repetition_penalty != 1.0:
        ids = np.unique(seen)
        values = penalised[ids]
        factor = np.float32(params.repetition_penalty)
        penalised[ids] = np.where(values > 0, values / factor, values * factor)
    if params.presence_penalty or params.frequency_penalty:
        ids, counts = np.unique(seen[num_prompt_tokens:], return_counts=True)
        penalised[ids] -= np.float32(params.presence_penalty) + (
            np.float32(params.frequency_penalty) * counts.astype(np.float32)
        )
    return penalised


def candidates(logits: NDArray[np.float32], params: SamplingParams) -> Candidates:
    """Tokens that temperature, top-k, top-p and min-p leave, with renormalised probabilities.

    Args:
        logits: [vocabulary], penalties already applied.
        params: `temperature` is above 0 here.
    """
    floor = logits.max() - np.float32(MAX_NATS * params.temperature)
    if 0 < params.top_k < len(logits):
        # The k-th value, not the k-th index: ties are then cut by id, whatever the algorithm.
        kth = np.partition(logits, len(logits) - params.top_k)[len(logits) - params.top_k]
        floor = max(floor, kth)
    ids = np.flatnonzero(logits >= floor)
    scaled = logits[ids].astype(np.float64) / params.temperature
    order = np.lexsort((ids, -scaled))
    if params.top_k:
        order = order[: params.top_k]
    ids, scaled = ids[order], scaled[order]
    weights = np.exp(scaled - scaled[0])
    probabilities = weights / weights.cumsum()[-1]
    before = probabilities.cumsum() - probabilities
    keep = probabilities >= params.min_p * probabilities[0]
    if params.top_p < 1.0:
        keep &= before < params.top_p
    keep[0] = True
    ids, scaled = ids[keep], scaled[keep]
    shifted = scaled - scaled[0]
    return Candidates(ids, shifted - np.log(np.exp(shifted).cumsum()[-1]))
