"""Rows of logits to tokens: the one place where a step's results are read from the device."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import Candidates, SamplingRow
from realm_desktop.engine.sampling.filters import apply_filters
from realm_desktop.engine.sampling.head import CHANGES_LOGITS, head_candidates, takes_best
from realm_desktop.engine.sampling.noise import approximate_uniform, exponential_noise
from realm_desktop.events import TokenLogprob
from realm_desktop.sampling_params import SamplingParams

MAX_NATS = 41.0
"""A token this far below the best loses against it for every noise that float64 can draw."""

_FEW = 4096
"""So many tokens race at once; of more, only those that can win."""

_FLOOR_STRIDE = 32
"""One token in so many sets the floor. Half as many let twice as many tokens pass, and the other way
round."""

_FLOOR_MARGIN = 1e-3
"""Nats; hundreds of times what float32 rounds away where the floor is compared."""


class BestToken(NamedTuple):
    """The token of a row with the highest logit, of equal ones the lowest, and that logit."""

    token_id: int
    logit: float


class SampledToken(NamedTuple):
    """The token of a row, and its log-probability if the request asked for it."""

    token_id: int
    logprob: TokenLogprob | None


def to_host(logits: torch.Tensor) -> NDArray[np.float32]:
    """`logits` [rows, vocabulary] float32 as a NumPy array; waits for the device."""
    return logits.detach().cpu().numpy()


def best_of_rows(logits: NDArray[np.float32]) -> list[BestToken]:
    """One for each row of `logits` [rows, vocabulary]; of a row with a NaN, that.

    For all rows of a step at once: NumPy takes longer to be called than to look at 4,096 logits.
    """
    ids = logits.argmax(axis=1)
    values = logits[np.arange(len(ids)), ids]
    return list(map(BestToken, ids.tolist(), values.tolist()))


def take_best(best: BestToken) -> SampledToken:
    """The token of a row whose parameters take the best.

    Raises:
        FloatingPointError: The row holds NaN or only -inf: the model's output is unusable.
    """
    if not math.isfinite(best.logit):
        raise FloatingPointError("the model computed logits that are not finite")
    return SampledToken(best.token_id, None)


def sample_row(
    logits: NDArray[np.float32],
    row: SamplingRow,
    mask: NDArray[np.bool_] | None = None,
    best: BestToken | None = None,
) -> SampledToken:
    """Choose the token of one row.

    Greedy takes the highest logit, else the highest `log p - log E` with E the seeded noise
    (the exponential race: each token is drawn exactly with probability p). Ties: lowest id.

    Args:
        logits: [vocabulary] float32, unchanged.
        row: How to sample it.
        mask: [vocabulary], the tokens a grammar allows, at least one; None allows all.
        best: Of the row, if that is known.

    Raises:
        FloatingPointError: The row holds NaN or only -inf: the model's output is unusable.
    """
    params = row.params
    plain = take_best(best or best_of_rows(logits[np.newaxis])[0])
    if mask is None and params.logprobs is None and takes_best(params):
        return plain
    allowed = logits if mask is None else np.where(mask, logits, np.float32(-np.inf))
    order = params.sampler_order
    if params.temperature == 0.0:
        order = tuple(name for name in order if name in CHANGES_LOGITS)
    candidates = apply_filters(head_candidates(allowed, row, order), row, order)
    token = _best(candidates) if params.temperature == 0.0 else _draw(candidates, row)
    return SampledToken(token, None if params.logprobs is None else _logprob(logits, token, params))


def _best(candidates: Candidates) -> int:
    return int(candidates.token_ids[candidates.logits.argmax()])


def _draw(candidates: Candidates, row: SamplingRow) -> int:
    if len(candidates.logits) > _FEW:
        candidates = _contenders(candidates, row)
    near = candidates.keep(candidates.logits >= candidates.logits.max() - MAX_NATS)
    return _best(_scored(near, row))


def _scored(candidates: Candidates, row: SamplingRow) -> Candidates:
    """The same tokens with what they reach in the race."""
    noise = exponential_noise(row.params.seed, row.position, candidates.token_ids)
    return Candidates(candidates.token_ids, candidates.logits - np.log(noise))


def _contenders(candidates: Candidates, row: SamplingRow) -> Candidates:
    """The tokens that can win the race, about a hundred of 152,064, and maybe some more.

    The best of a few tokens sets a floor. A token reaches it only if its noise is at most
    `exp(logit - floor)`, so the logarithms are taken of the others alone whose noise may be that
    small: 1.0 ms a row instead of 2.2 (152,064 tokens, one Xeon core).
    """
    ids, logits = candidates
    few = np.append(np.arange(0, len(ids), _FLOOR_STRIDE), logits.argmax())
    floor = _scored(candidates.keep(few), row).logits.max()
    most = np.empty(len(ids), np.float32)
    np.subtract(logits, floor - _FLOOR_MARGIN, out=most, casting="same_kind")
    np.exp(most, out=most)
    is_kept = approximate_uniform(row.params.seed, row.position, ids) <= most
    return candidates.keep(np.flatnonzero(is_kept))


def _logprob(logits: NDArray[np.float32], token: int, params: SamplingParams) -> TokenLogprob:
    """Log-probabilities of the unfiltered model, natural logarithm."""
    values = logits.astype(np.float64)
    values -= values.max()
    values -= np.log(np.exp(values).cumsum()[-1])
    top = tuple((int(index), float(values[index])) for index in _best_of(values, params.logprobs))
    return TokenLogprob(token, float(values[token]), top)


def _best_of(values: NDArray[np.float64], count: int | None) -> NDArray[np.int64]:
    """Indices of the `count` highest values, best first, ties by index.

    Sorted are only those that come into question: a whole vocabulary takes 20 ms.
    """
    if not count:
        return np.array([], np.int64)
    start = max(len(values) - count, 0)
    near = np.flatnonzero(values >= np.partition(values, start)[start])
    return near[np.argsort(-values[near], kind="stable")][:count]
