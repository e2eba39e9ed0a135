"""The seeded noise: its distribution and its independence of everything but its counter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from realm_desktop.engine.sampling.noise import approximate_uniform, coin, exponential_noise

MASK = 2**64 - 1
NUM_TOKENS = 100_000
TOKEN = np.array([17])
DEVIATIONS = 4.9
"""A normal variable is farther from its mean, on either side, with a probability below 1e-6."""

FloatArray = NDArray[np.float64]


def distance_from_uniform(values: FloatArray) -> float:
    """Kolmogorov and Smirnov's distance between the values' distribution and the uniform one."""
    ordered, steps = np.sort(values), np.arange(len(values) + 1) / len(values)
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def kolmogorov_bound(count: int) -> float:
    """What the distance exceeds with a probability below 1e-6 (Massart 1990)."""
    return float(np.sqrt(np.log(2 / 1e-6) / (2 * count)))


def uniform_of_torch(seed: int, position: int, token_ids: torch.Tensor) -> torch.Tensor:
    """The uniform numbers of the design in int64, as a device without uint64 computes them."""

    def signed(value: int) -> int:
        return (value & MASK) - 2**64 if value & 2**63 else value & MASK

    def shifted(z: torch.Tensor, bits: int) -> torch.Tensor:
        return torch.bitwise_and(z >> bits, 2 ** (64 - bits) - 1)

    def mix(z: torch.Tensor) -> torch.Tensor:
        z = (z ^ shifted(z, 30)) * signed(0xBF58476D1CE4E5B9)
        z = (z ^ shifted(z, 27)) * signed(0x94D049BB133111EB)
        return z ^ shifted(z, 31)

    golden = 0x9E3779B97F4A7C15
    key = mix(mix(torch.tensor([signed(seed + golden)])) + signed(position * golden))
    hashed = mix(key + (token_ids + 1) * signed(0xD1342543DE82EF95))
    return (shifted(hashed, 12).double() + 0.5) * 2.0**-52


def by_hand(seed: int, position: int, token_id: int) -> float:
    """The formula of the design, in plain Python integers."""

    def mix(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    golden = 0x9E3779B97F4A7C15
    key = mix((mix((seed + golden) & MASK) + position * golden) & MASK)
    hashed = mix((key + (token_id + 1) * 0xD1342543DE82EF95) & MASK)
    return float(-np.log1p(-(((hashed >> 12) + 0.5) * 2.0**-52)))


@pytest.mark.parametrize(
    ("seed", "position", "token_id"), [(0, 0, 0), (7, 7, 7), (2**63 - 1, 10**6, 151_000)]
)
def test_noise_follows_the_written_formula(seed: int, position: int, token_id: int) -> None:
    noise = exponential_noise(seed, position, np.array([token_id]))

    assert noise[0] == by_hand(seed, position, token_id)


def test_noise_of_a_token_does_not_depend_on_its_neighbours() -> None:
    alone = exponential_noise(3, 5, np.array([40]))
    together = exponential_noise(3, 5, np.arange(100))

    assert alone[0] == together[40]


def test_noise_is_positive_and_has_mean_one() -> None:
    noise = exponential_noise(11, 0, np.arange(200_000))

    assert noise.min() > 0
    assert abs(noise.mean() - 1) < 0.01
    assert abs(noise.var() - 1) < 0.03


def test_token_equal_to_its_position_is_not_special() -> None:
    noise = [exponential_noise(0, index, np.array([index]))[0] for index in range(2_000)]

    assert abs(float(np.mean(noise)) - 1) < 0.1


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 3, 2**63 - 1])
@pytest.mark.parametrize("position", [0, 7, 131_071])
def test_noise_of_torch_has_the_same_bits(seed: int, position: int) -> None:
    token_ids = np.arange(5_000)

    ours = exponential_noise(seed, position, token_ids)

    theirs = uniform_of_torch(seed, position, torch.from_numpy(token_ids)).numpy()
    assert np.array_equal(ours, -np.log1p(-theirs))


def uniform_of_numpy(seed: int, position: int, token_ids: NDArray[np.int64]) -> FloatArray:
    return -np.expm1(-exponential_noise(seed, position, token_ids))


NEIGHBOURS = {
    # seed, position and first token id of a row of noise, beside (1000, 500, 0)
    "next seed": (1001, 500, 0),
    "next position": (1000, 501, 0),
    "next token": (1000, 500, 1),
    "seed and position exchanged": (500, 1000, 0),
    "next seed, position before": (1001, 499, 0),
    "next position, token before": (1000, 501, -1),
    "next bit of the seed": (1000 ^ 2**32, 500, 0),
    "highest bit of the seed": (1000 + 2**62, 500, 0),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_noise_of_neighbours_is_uncorrelated(name: str) -> None:
    seed, position, first = NEIGHBOURS[name]
    ids = np.arange(1, NUM_TOKENS + 1)

    mine = uniform_of_numpy(1000, 500, ids)
    other = uniform_of_numpy(seed, position, ids + first)

    # A correlation of independent numbers is normal with deviation 1 / sqrt(n).
    assert abs(np.corrcoef(mine, other)[0, 1]) < DEVIATIONS / np.sqrt(NUM_TOKENS)
    # Neither are they the same now and then, nor mirrored.
    assert np.abs(mine - other).min() > 0
    assert np.abs(mine + other - 1).min() > 0


def test_noise_over_seeds_and_positions_is_uniform() -> None:
    by_seed = np.array([uniform_of_numpy(seed, 9, TOKEN)[0] for seed in range(5_000)])
    by_position = np.array([uniform_of_numpy(3, place, TOKEN)[0] for place in range(5_000)])
    by_token = uniform_of_numpy(3, 9, np.arange(NUM_TOKENS))

    for values in (by_seed, by_position, by_token):
        assert distance_from_uniform(values) < kolmogorov_bound(len(values))
        lagged = np.corrcoef(values[:-1], values[1:])[0, 1]
        assert abs(lagged) < DEVIATIONS / np.sqrt(len(values) - 1)


def test_coin_is_a_fair_number_for_each_position() -> None:
    coins = np.array([coin(4, position) for position in range(5_000)])

    assert 0 < coins.min() < coins.max() < 1
    assert abs(coins.mean() - 0.5) < 0.02
    assert coin(4, 17) == coins[17]
    assert coin(5, 17) != coins[17]


def test_approximate_numbers_are_the_leading_bits_of_the_noise() -> None:
    ids = np.arange(40_000)
    approximate = approximate_uniform(12, 34, ids).astype(np.float64)
    exact = -np.expm1(-exponential_noise(12, 34, ids))

    assert (np.abs(approximate - exact) <= 2.0**-31 + exact * 2.0**-23).all()
