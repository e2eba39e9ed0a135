"""Which experts a row gets: as transformers chooses them, and the same in any company."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.layers.router import Router, sigmoid

pytestmark = pytest.mark.usefixtures("one_thread")

SPEC = ExpertSpec(num_experts=12, num_chosen=4, intermediate_size=8, layers=(True,))
SIGMOID = replace(SPEC, scoring="sigmoid", is_normalised=True, scale=2.5, has_choice_bias=True)
CASES = {
    "softmax": SPEC,
    "normalised": replace(SPEC, is_normalised=True),
    "scaled": replace(SPEC, scale=16.0),
    "softmax of the chosen": replace(SPEC, scoring="softmax_of_chosen"),
    "groups": replace(SPEC, num_groups=4, num_chosen_groups=2),
    "sigmoid": SIGMOID,
    "groups of sigmoids": replace(SIGMOID, num_groups=4, num_chosen_groups=2),
}


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def router(spec: ExpertSpec) -> Router:
    choice_bias = 0.2 * draw(12, seed=2) if spec.has_choice_bias else None
    return Router(spec, draw(12, 32), 0.3 * draw(12, seed=3), choice_bias)


def logits_of(x: Tensor) -> Tensor:
    return x @ draw(12, 32).T + 0.3 * draw(12, seed=3)


def test_softmax_weighs_the_best_experts() -> None:
    x = draw(9, 32, seed=1)

    choice = router(SPEC)(x)

    scores = logits_of(x).softmax(-1)
    assert torch.equal(choice.ids, scores.topk(4).indices.sort(-1).values)
    torch.testing.assert_close(choice.weights, scores.gather(1, choice.ids))


def test_weights_of_the_chosen_can_be_made_to_sum_to_one() -> None:
    choice = router(CASES["normalised"])(draw(9, 32, seed=1))

    torch.testing.assert_close(choice.weights.sum(-1), torch.ones(9))


def test_softmax_over_the_chosen_alone() -> None:
    x = draw(9, 32, seed=1)

    choice = router(CASES["softmax of the chosen"])(x)

    logits = logits_of(x)
    assert torch.equal(choice.ids, logits.topk(4).indices.sort(-1).values)
    torch.testing.assert_close(choice.weights, logits.gather(1, choice.ids).softmax(-1))


def test_groups_are_chosen_by_their_best_expert() -> None:
    x = draw(50, 32, seed=1)

    choice = router(CASES["groups"])(x)

    scores = logits_of(x).softmax(-1)
    best = scores.view(50, 4, 3).amax(-1).topk(2).indices
    assert all(
        set((row // 3).tolist()) <= set(own.tolist())
        for row, own in zip(choice.ids, best, strict=True)
    )
    torch.testing.assert_close(choice.weights, scores.gather(1, choice.ids))


def test_bias_counts_for_the_choice_and_not_for_the_weight() -> None:
    x = draw(50, 32, seed=1)

    choice = router(SIGMOID)(x)

    scores = logits_of(x).sigmoid()
    chosen = (scores + 0.2 * draw(12, seed=2)).topk(4).indices
    assert torch.equal(choice.ids, chosen.sort(-1).values)
    weights = scores.gather(1, choice.ids)
    torch.testing.assert_close(choice.weights, 2.5 * weights / weights.sum(-1, keepdim=True))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_choice_has_the_same_bits_in_every_batch(name: str, dtype: torch.dtype) -> None:
    chooser, x = router(CASES[name]), draw(67, 32, seed=1).to(dtype)
    whole = chooser(x)

    for start, count in ((0, 1), (66, 1), (3, 2), (5, 7), (1, 33), (2, 65)):
        part = chooser(x[start : start + count])
        assert torch.equal(part.ids, whole.ids[start : start + count])
        assert torch.equal(part.weights, whole.weights[start : start + count])


def test_sigmoid_has_the_same_bits_wherever_a_value_stands() -> None:
    values = 5 * draw(101)

    assert torch.equal(torch.cat([sigmoid(one) for one in torch.split(values, 1)]), sigmoid(values))
    torch.testing.assert_close(sigmoid(values), values.sigmoid())
