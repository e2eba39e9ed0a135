"""What a step commits for one sequence, and the best tokens of all rows at once."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.head import takes_best
from realm_desktop.engine.sampling.sampler import best_of_rows, sample_row, take_best
from realm_desktop.sampling_params import SamplingFilter, SamplingParams
from tests.support.sampling import row

CHANGES: list[dict[str, Any]] = [
    {"repetition_penalty": 1.1},
    {"presence_penalty": 0.5},
    {"frequency_penalty": 0.5},
    {"dry_multiplier": 0.8},
    {"logit_bias": ((3, 1.0),)},
]


def random_rows(count: int, size: int = 300, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 2, (count, size)).astype(np.float32)


def test_best_of_rows_is_the_lowest_id_of_equal_logits() -> None:
    logits = np.array([[0.0, 3.0, 3.0], [-np.inf, -1.0, -2.0]], np.float32)

    assert best_of_rows(logits) == [(1, 3.0), (1, -1.0)]


def test_no_rows_have_no_best() -> None:
    assert best_of_rows(np.empty((0, 7), np.float32)) == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_unusable_row_is_refused_and_its_neighbour_is_not(value: float) -> None:
    logits = random_rows(2)
    logits[0, 7] = value
    broken, sound = best_of_rows(logits)

    with pytest.raises(FloatingPointError, match="not finite"):
        take_best(broken)
    assert take_best(sound).token_id == logits[1].argmax()


def test_row_without_any_token_is_refused() -> None:
    best = best_of_rows(np.full((1, 5), -np.inf, np.float32))[0]

    with pytest.raises(FloatingPointError, match="not finite"):
        take_best(best)


def test_greedy_takes_the_best() -> None:
    assert takes_best(SamplingParams(temperature=0.0, top_k=3, top_p=0.5))


@pytest.mark.parametrize(
    "change", [{"temperature": 0.7}, *({**c, "temperature": 0.0} for c in CHANGES)]
)
def test_what_depends_on_more_than_the_row_does_not_take_the_best(change: dict[str, Any]) -> None:
    assert not takes_best(SamplingParams(**change))


def test_penalty_that_is_left_out_of_the_order_does_not_count() -> None:
    params = SamplingParams(
        temperature=0.0, repetition_penalty=2.0, sampler_order=(SamplingFilter.TEMPERATURE,)
    )

    assert takes_best(params)


@pytest.mark.parametrize("params", [{"temperature": 0.0}, {"top_k": 5, "seed": 4}, *CHANGES])
def test_known_best_changes_no_choice(params: dict[str, Any]) -> None:
    logits = random_rows(40)
    own = row(**params)

    with_best = [
        sample_row(each, own, None, best_of_rows(logits)[i]) for i, each in enumerate(logits)
    ]
    assert with_best == [sample_row(each, own) for each in logits]


@pytest.mark.parametrize(
    "params", [{"temperature": 0.0}, {"seed": 4}, {"temperature": 0.0, "logprobs": 2}]
)
def test_all_at_once_commits_what_row_by_row_does(params: dict[str, Any]) -> None:
    logits, tokens = random_rows(4), array("i", [1, 2, 3])
    chooser = TokenChooser(SamplingParams(**params), 2)
    drafts: tuple[int, ...] = ()
    for index in range(3):  # drafts that all stand
        seen = np.array([*tokens, *drafts], np.int32)
        drafts = (*drafts, chooser.choose(logits[index], seen).token_id)

    chosen = chooser.choose_all(tokens, drafts, logits, best_of_rows(logits))

    last = chooser.choose(logits[3], np.array([*tokens, *drafts], np.int32))
    assert [each.token_id for each in chosen] == [*drafts, last.token_id]
    assert chosen[-1] == last


def test_drafts_end_at_the_first_that_is_not_the_best() -> None:
    logits = random_rows(3)
    best = [each.token_id for each in best_of_rows(logits)]
    chooser = TokenChooser(SamplingParams(temperature=0.0), 1)
    drafts = (best[0], (best[1] + 1) % 300)

    chosen = chooser.choose_all(array("i", [9]), drafts, logits, best_of_rows(logits))

    assert [each.token_id for each in chosen] == best[:2]
