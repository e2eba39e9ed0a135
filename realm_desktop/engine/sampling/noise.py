"""Counter-based noise: one exponential number for every (seed, position, token id).

Depends on nothing else, so the same request draws the same tokens alone or in any batch, before
and after a restart, with or without drafts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_STRIDE = 0xD1342543DE82EF95
_FIRST_FACTOR, _SECOND_FACTOR = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = 2**64 - 1
_COIN_ID = 2**40
"""Beyond every token id."""

_CHUNK = 16_384
"""Token ids that are hashed together: a dozen passes over them stay in the cache of the core."""


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


def approximate_uniform(
    seed: int, position: int, token_ids: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The u behind the noise of each token id, to 2**-32 and a relative 2**-24.

    The noise is `-log1p(-u)`, which is at least u: this bounds it from below at a quarter of the
    cost.

    Returns:
        [n] float32, 0 to 1.
    """
    u = np.empty(len(token_ids), np.float32)
    key = _key(seed, position)
    buffer = np.empty((2, min(len(token_ids), _CHUNK)), np.uint64)
    for first in range(0, len(token_ids), _CHUNK):
        ids = token_ids[first : first + _CHUNK]
        z, scratch = buffer[:, : len(ids)]
        z[:] = ids
        u[first : first + _CHUNK] = _hash_in_place(key, z, scratch) >> np.uint64(32)
    u *= np.float32(2.0**-32)
    return u


def coin(seed: int, position: int) -> float:
    """A number in (0, 1) for a decision about the whole row, independent of every token's noise."""
    return float(_uniform(seed, position, np.array([_COIN_ID]))[0])


def _uniform(seed: int, position: int, token_ids: NDArray[np.int64]) -> NDArray[np.float64]:
    z = token_ids.astype(np.uint64)
    hashed = _hash_in_place(_key(seed, position), z, np.empty_like(z))
    return ((hashed >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _key(seed: int, position: int) -> np.uint64:
    """The counter of the row; in plain integers, a single one takes NumPy ten times as long."""
    return np.uint64(_mix((_mix((seed + _GOLDEN) & _MASK) + position * _GOLDEN) & _MASK))


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * _FIRST_FACTOR) & _MASK
    z = ((z ^ (z >> 27)) * _SECOND_FACTOR) & _MASK
    return z ^ (z >> 31)


def _hash_in_place(
    key: np.uint64, z: NDArray[np.uint64], scratch: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Turn token ids into their hashes; `scratch` is as long as `z`."""
    z += np.uint64(1)
    z *= np.uint64(_STRIDE)
    z += key
    z ^= np.right_shift(z, np.uint64(30), out=scratch)
    z *= np.uint64(_FIRST_FACTOR)
    z ^= np.right_shift(z, np.uint64(27), out=scratch)
    z *= np.uint64(_SECOND_FACTOR)
    z ^= np.right_shift(z, np.uint64(31), out=scratch)
    return z
