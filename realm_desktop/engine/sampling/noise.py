"""Counter-based noise: one exponential number for every (seed, position, token id).

Depends on nothing else, so the same request draws the same tokens alone or in any batch, before
and after a restart, with or without drafts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_STRIDE = 0xD1342543DE82EF95
_MASK = 2**64 - 1
_COIN_ID = 2**40
"""Beyond every token id."""


def exponential_noise(
    seed: int, position: int, token_ids: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Exp(1) noise for each token id.

    Args:
        seed: 0 to 2**63 - 1.
        position: Index the token will have in its sequence.
        token_ids: [n], ids to draw for.

    Returns:
        [n] float64, positive. `mix` is SplitMix64's finalizer (Steele, Lea, Flood 2014).
    """
    return -np.log1p(-_uniform(seed, position, token_ids))


def coin(seed: int, position: int) -> float:
    """A number in (0, 1) for a decision about the whole row, independent of every token's noise."""
    return float(_uniform(seed, position, np.array([_COIN_ID]))[0])


def _uniform(seed: int, position: int, token_ids: NDArray[np.int64]) -> NDArray[np.float64]:
    key = _mix(np.array([_mix_int((seed + _GOLDEN) & _MASK)], np.uint64) + _u64(position * _GOLDEN))
    hashed = _mix(key + (token_ids.astype(np.uint64) + _u64(1)) * _u64(_STRIDE))
    return ((hashed >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _u64(value: int) -> np.uint64:
    return np.uint64(value & _MASK)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * _u64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * _u64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _mix_int(z: int) -> int:
    return int(_mix(np.array([z], np.uint64))[0])
