"""Rows of logits to tokens: the one place where a step's results are read from the device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.sampling.filters import apply_penalties, candidates, has_penalties
from realm_desktop.engine.sampling.noise import exponential_noise
from realm_desktop.protocol import SamplingParams, TokenLogprob


class SamplingRow(NamedTuple):
    """What one row of logits is sampled with.

    Attributes:
        params: The request's own.
        position: Index the token will have in its sequence.
        seen: Every token before the row, drafts included, int32.
        num_prompt_tokens: How many of `seen` are prompt.
    """

    params: SamplingParams
    position: int
    seen: NDArray[np.int32]
    num_prompt_tokens: int


class SampledToken(NamedTuple):
    """The token of a row, and its log-probability if the request asked for it."""

    token_id: int
    logprob: TokenLogprob | None


def to_host(logits: torch.Tensor) -> NDArray[np.float32]:
    """`logits` [rows, vocabulary] float32 as a NumPy array; waits for the device."""
    return logits.detach().cpu().numpy()


def sample_row(logits: NDArray[np.float32], row: SamplingRow) -> SampledToken:
    """Choose the token of one row.

    Greedy takes the highest logit, else the highest `log p - log E` with E the seeded noise
    (the exponential race: each token is drawn exactly with probability p). Ties: lowest id.

    Args:
        logits: [vocabulary] float32, unchanged.
        row: How to sample it.

    Raises:
        FloatingPointError: The row holds NaN or only -inf: the model's output is unusable.
    """
    params = row.params
    if not np.isfinite(logits.max()):
        raise FloatingPointError("the model computed logits that are not finite")
    adjusted = logits
    if has_penalties(params):
        adjusted = apply_penalties(logits, params, row.seen, row.num_prompt_tokens)
    if params.temperature == 0.0:
        token = int(adjusted.argmax())
    else:
        token = _draw(adjusted, params, row.position)
    return SampledToken(token, None if params.logprobs is None else _logprob(logits, token, params))


def _draw(logits: NDArray[np.float32], params: SamplingParams, position: int) -> int:
    chosen = candidates(logits, params)
    noise = exponential_noise(params.seed, position, chosen.token_ids)
    scores = chosen.logprobs - np.log(noise)
    best = np.flatnonzero(scores == scores.max())
    return int(chosen.token_ids[best].min())


def _logprob(logits: NDArray[np.float32], token: int, params: SamplingParams) -> TokenLogprob:
    """Log-probabilities of the unfiltered model, natural logarithm."""
    values = logits.astype(np.float64)
    values -= values.max()
    values -= np.log(np.exp(values).cumsum()[-1])
    best = np.lexsort((np.arange(len(values)), -values))[: params.logprobs or 0]
    top = tuple((int(index), float(values[index])) for index in best)
    return TokenLogprob(token, float(values[token]), top)
