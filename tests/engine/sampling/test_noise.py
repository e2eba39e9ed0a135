"""The seeded noise: its distribution and its independence of everything but its counter."""

from __future__ import annotations

import numpy as np
import pytest

from realm_desktop.engine.sampling.noise import coin, exponential_noise

MASK = 2**64 - 1


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


def test_coin_is_a_fair_number_for_each_position() -> None:
    coins = np.array([coin(4, position) for position in range(5_000)])

    assert 0 < coins.min() < coins.max() < 1
    assert abs(coins.mean() - 0.5) < 0.02
    assert coin(4, 17) == coins[17]
    assert coin(5, 17) != coins[17]
