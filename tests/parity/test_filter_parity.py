"""Our filters against the logits processors of transformers: the same tokens, the same numbers.

Where the two definitions part, a test says how:

- Ties at the border of top-k and typical sampling: transformers keeps them all, we keep the lowest
  ids, so that `top_k=5` never leaves six. Of ties at the border of top-p it keeps those that its
  sort happens to put last.
- Presence and frequency penalties, DRY, XTC and top-n-sigma have no counterpart there.
- Its order is fixed, ours is the request's: by default typical sampling comes before top-p.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers.generation import logits_process

from realm_desktop.engine.sampling.candidates import all_candidates, probabilities
from realm_desktop.engine.sampling.filters import apply_filters
from realm_desktop.sampling_params import SamplingFilter
from tests.support.sampling import row

pytestmark = pytest.mark.parity

VOCABULARY = 500
SEEDS = range(12)
SEEN = (3, 3, 7, 499, 120, 3)
Processor = Callable[[Any, Any], Any]
F = SamplingFilter

temperature = logits_process.TemperatureLogitsWarper
top_k = logits_process.TopKLogitsWarper
top_p = logits_process.TopPLogitsWarper
min_p = logits_process.MinPLogitsWarper
typical_p = logits_process.TypicalLogitsWarper
repetition = logits_process.RepetitionPenaltyLogitsProcessor


def bias(*pairs: tuple[int, float]) -> Processor:
    listed: list[list[list[int] | float]] = [[[token_id], value] for token_id, value in pairs]
    return logits_process.SequenceBiasLogitsProcessor(listed)


CASES: dict[str, tuple[dict[str, Any], list[Processor]]] = {
    # name: our parameters, their processors in the same order
    "nothing": ({}, []),
    "cold": ({"temperature": 0.3}, [temperature(0.3)]),
    "hot": ({"temperature": 7.0}, [temperature(7.0)]),
    "top-k 1": ({"top_k": 1}, [top_k(1)]),
    "top-k": ({"top_k": 40}, [top_k(40)]),
    "top-k beyond the vocabulary": ({"top_k": 9999}, [top_k(9999)]),
    "top-p 0": ({"top_p": 0.0}, [top_p(0.0)]),
    "top-p, small": ({"top_p": 0.05}, [top_p(0.05)]),
    "top-p": ({"top_p": 0.9}, [top_p(0.9)]),
    "top-p, large": ({"top_p": 0.999}, [top_p(0.999)]),
    "min-p": ({"min_p": 0.05}, [min_p(0.05)]),
    "min-p 1": ({"min_p": 1.0}, [min_p(1.0)]),
    "typical, small": ({"typical_p": 0.1}, [typical_p(0.1)]),
    "typical": ({"typical_p": 0.9}, [typical_p(0.9)]),
    "repetition": ({"repetition_penalty": 1.7}, [repetition(1.7)]),
    "reward of repetition": ({"repetition_penalty": 0.5}, [repetition(0.5)]),
    "bias": ({"logit_bias": ((2, 3.5), (7, -8.0))}, [bias((2, 3.5), (7, -8.0))]),
    "defaults": (
        {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05},
        [temperature(0.8), top_k(40), top_p(0.95), min_p(0.05)],
    ),
    "all in our order": (
        {
            "repetition_penalty": 1.2,
            "logit_bias": ((9, 4.0),),
            "temperature": 1.4,
            "top_k": 200,
            "typical_p": 0.95,
            "top_p": 0.9,
            "min_p": 0.02,
        },
        [
            *(repetition(1.2), bias((9, 4.0)), temperature(1.4), top_k(200)),
            *(typical_p(0.95), top_p(0.9), min_p(0.02)),
        ],
    ),
    "all in their order": (
        {
            "repetition_penalty": 1.2,
            "temperature": 1.4,
            "top_k": 200,
            "top_p": 0.9,
            "min_p": 0.02,
            "typical_p": 0.7,
            "sampler_order": (F.PENALTIES, F.TEMPERATURE, F.TOP_K, F.TOP_P, F.MIN_P, F.TYPICAL_P),
        },
        [repetition(1.2), temperature(1.4), top_k(200), top_p(0.9), min_p(0.02), typical_p(0.7)],
    ),
    "temperature last": (
        {
            "temperature": 3.0,
            "top_p": 0.8,
            "min_p": 0.1,
            "sampler_order": (F.MIN_P, F.TOP_P, F.TEMPERATURE),
        },
        [min_p(0.1), top_p(0.8), temperature(3.0)],
    ),
}


def random_logits(seed: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(seed)
    spread = generator.choice((0.3, 2.0, 5.0))
    return generator.normal(0.0, spread, VOCABULARY).astype(np.float32)


def our_probabilities(logits: NDArray[np.float32], changes: dict[str, Any]) -> NDArray[np.float64]:
    """[vocabulary], 0 for tokens that were dropped."""
    entry = row(seen=SEEN, num_prompt_tokens=3, **changes)
    left = apply_filters(all_candidates(logits), entry, entry.params.sampler_order)
    dense = np.zeros(len(logits))
    dense[left.token_ids] = probabilities(left)
    return dense


def their_probabilities(
    logits: NDArray[np.float32], processors: Sequence[Processor]
) -> NDArray[np.float64]:
    # In float64, as ours: in float32 a token at the very border of a set may fall either way.
    ids, scores = torch.tensor([SEEN]), torch.from_numpy(logits).double()[None]
    for processor in processors:
        scores = processor(ids, scores)
    dense: NDArray[np.float64] = scores.softmax(dim=-1)[0].numpy()
    return dense


@pytest.mark.parametrize("name", CASES)
def test_filters_leave_what_those_of_transformers_leave(name: str) -> None:
    changes, processors = CASES[name]
    for seed in SEEDS:
        logits = random_logits(seed)

        ours = our_probabilities(logits, changes)

        theirs = their_probabilities(logits, processors)
        assert np.array_equal(ours > 0, theirs > 0)
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=0.0)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"nothing", "top-k beyond the vocabulary"}))
def test_every_case_changes_something(name: str) -> None:
    changed = [
        not np.allclose(our_probabilities(logits, CASES[name][0]), our_probabilities(logits, {}))
        for logits in map(random_logits, SEEDS)
    ]

    assert any(changed)


@pytest.mark.parametrize(
    ("changes", "processor", "num_ours", "num_theirs"),
    [
        ({"top_k": 5}, top_k(5), 5, VOCABULARY),
        ({"typical_p": 0.02}, typical_p(0.02), 10, VOCABULARY),
        ({"top_p": 0.019}, top_p(0.019), 10, 10),
    ],
)
def test_ties_are_cut_by_us_alone(
    changes: dict[str, Any], processor: Processor, num_ours: int, num_theirs: int
) -> None:
    flat = np.zeros(VOCABULARY, np.float32)

    ours, theirs = our_probabilities(flat, changes), their_probabilities(flat, [processor])

    assert np.flatnonzero(ours).tolist() == list(range(num_ours))
    assert np.count_nonzero(theirs) == num_theirs
