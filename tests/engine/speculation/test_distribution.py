"""The distribution of tokens when drafts are verified: that of the target, to the last digit.

Draft and target draw with the same noise. A token j of probabilities p_j (target) and q_j (draft)
is then chosen by both with probability 1 / sum_i max(p_i / p_j, q_i / q_j): it must win two races of
exponential times at once. So not only the bound on the acceptance rate is known, but the rate.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.match import match_drafts
from realm_desktop.events import Finished
from realm_desktop.protocol import SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, make_request, run_requests
from tests.support.sampling import draw_counts_fit, rates_agree
from tests.support.speculation import drafting, load_pair, model_pair

SIZE = 6
NUM_SEEDS = 3_000
PLAIN = SamplingParams(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0)
SHARES = (0.05, 0.4, 1.0)
"""How much of the draft's distribution is of its own."""

Probabilities = NDArray[np.float64]
Tokens = tuple[int, ...]


class Chain:
    """A "model" whose next token depends on the last one alone, so that all is known exactly.

    Attributes:
        rows: [SIZE, SIZE], the distribution behind each token.
    """

    def __init__(self, seed: int) -> None:
        self.rows: Probabilities = np.random.default_rng(seed).dirichlet(np.ones(SIZE), SIZE)

    def blend(self, other: Chain, share: float) -> Chain:
        mixed = Chain(0)
        mixed.rows = (1 - share) * self.rows + share * other.rows
        return mixed

    def choose(self, seen: list[int], seed: int) -> int:
        """The token that this model draws behind `seen` with the noise of a seed."""
        logits = np.log(self.rows[seen[-1]]).astype(np.float32)
        chooser = TokenChooser(replace(PLAIN, seed=seed), 1)
        return chooser.choose(logits, np.array(seen, np.int32)).token_id


def speculate(target: Chain, draft: Chain, seed: int, num_tokens: int, depth: int) -> list[int]:
    """A reply of steps that verify `depth` drafts each, and are cut at their first wrong one."""
    seen = [0]
    while len(seen) <= num_tokens:
        drafts: list[int] = []
        for _ in range(depth):
            drafts.append(draft.choose([*seen, *drafts], seed))
        logits = [np.log(target.rows[token]).astype(np.float32) for token in [seen[-1], *drafts]]
        chooser = TokenChooser(replace(PLAIN, seed=seed), 1)
        along = np.array([*seen, *drafts], np.int32)
        length = len(seen)
        chosen = match_drafts(
            drafts,
            lambda i: chooser.choose(logits[i], along[: length + i]),  # noqa: B023  (called at once)
        )
        seen += [sampled.token_id for sampled in chosen]
    return seen[1 : num_tokens + 1]


def both_choose(p: Probabilities, q: Probabilities) -> Probabilities:
    """[SIZE]: how probable it is that target and draft both choose each token."""
    return np.array([1 / np.maximum(p / p[j], q / q[j]).sum() for j in range(len(p))])


@pytest.fixture(scope="module", params=SHARES)
def pair(request: pytest.FixtureRequest) -> tuple[Chain, Chain]:
    target = Chain(1)
    return target, target.blend(Chain(2), request.param)


def test_rate_of_coupled_drafts_is_the_exact_one_and_above_its_bound(
    pair: tuple[Chain, Chain],
) -> None:
    target, draft = pair
    p, q = target.rows[0], draft.rows[0]
    exact, distance = both_choose(p, q).sum(), np.abs(p - q).sum() / 2

    accepted = sum(target.choose([0], seed) == draft.choose([0], seed) for seed in range(NUM_SEEDS))

    # The bound is that of arXiv 2408.07978 for drafts that share their noise with the target.
    assert exact >= (1 - distance) / (1 + distance)
    assert rates_agree(accepted, NUM_SEEDS, exact)


def test_first_token_follows_its_distribution_accepted_or_rejected(
    pair: tuple[Chain, Chain],
) -> None:
    target, draft = pair
    both = both_choose(target.rows[0], draft.rows[0])
    accepted, rejected = np.zeros(SIZE, np.int64), np.zeros(SIZE, np.int64)
    for seed in range(NUM_SEEDS):
        token = target.choose([0], seed)
        counts = accepted if draft.choose([0], seed) == token else rejected
        counts[token] += 1

    left = target.rows[0] - both
    assert draw_counts_fit(accepted + rejected, target.rows[0])
    assert draw_counts_fit(accepted, both / both.sum())
    assert draw_counts_fit(rejected, left / left.sum())


@pytest.mark.parametrize("wrong", [0, 3])
def test_token_behind_a_fixed_wrong_draft_is_drawn_from_what_is_left(wrong: int) -> None:
    target, counts = Chain(1), np.zeros(SIZE, np.int64)
    for seed in range(NUM_SEEDS):
        chooser = TokenChooser(replace(PLAIN, seed=seed), 1)
        logits = np.log(target.rows[0]).astype(np.float32)
        seen = np.array([0, wrong], np.int32)
        chosen = match_drafts([wrong], lambda i: chooser.choose(logits, seen[: 1 + i]))  # noqa: B023  (called at once)
        if len(chosen) == 1:
            counts[chosen[0].token_id] += 1

    left = target.rows[0] * (np.arange(SIZE) != wrong)
    assert rates_agree(NUM_SEEDS - int(counts.sum()), NUM_SEEDS, target.rows[0, wrong])
    assert draw_counts_fit(counts, left / left.sum())


def test_two_tokens_in_a_row_follow_their_joint_distribution(pair: tuple[Chain, Chain]) -> None:
    target, draft = pair
    counts = np.zeros((SIZE, SIZE), np.int64)
    for seed in range(2_000):
        first, second = speculate(target, draft, seed, 2, depth=1 + seed % 3)
        counts[first, second] += 1
        assert first == target.choose([0], seed)
        assert second == target.choose([0, first], seed)

    joint = target.rows[0][:, None] * target.rows
    assert draw_counts_fit(counts.ravel(), joint.ravel())


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_pair(model_pair(tmp_path_factory.mktemp("pair"), noise=0.1))


def exact_replies(engine: Engine, prompt: list[int], num_tokens: int) -> dict[Tokens, float]:
    """Probabilities of all replies of the two best tokens each, by the engine's own logits."""
    replies: dict[Tokens, float] = {(): 1.0}
    for _ in range(num_tokens):
        longer: dict[Tokens, float] = {}
        for reply, probability in replies.items():
            logits = engine.prompt_logits([*prompt, *reply])[-1].astype(np.float64)
            best, second = np.argsort(-logits)[:2].tolist()
            share = float(1 / (1 + np.exp(logits[second] - logits[best])))
            longer[*reply, best] = probability * share
            longer[*reply, second] = probability * (1 - share)
        replies = longer
    return replies


def sampled_replies(engine: Engine, prompt: list[int], mode: SpeculationMode) -> Transcript:
    """The replies of many seeds, computed in batches."""
    transcript = Transcript()
    sampling = replace(PLAIN, top_k=2, max_tokens=5, ignore_end=True)
    for start in range(0, 900, 30):
        requests = (
            drafting(make_request(prompt, f"r{seed}", sampling=replace(sampling, seed=seed)), mode)
            for seed in range(start, start + 30)
        )
        transcript.take(run_requests(engine, *requests).events)
    return transcript


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("mode", [SpeculationMode.OFF, SpeculationMode.DRAFT_MODEL])
def test_replies_of_the_engine_follow_their_joint_distribution(
    engine: Engine, mode: SpeculationMode
) -> None:
    prompt = [7, 99, 31, 8, 250, 64, 12, 5]
    expected = exact_replies(engine, prompt, 5)

    transcript = sampled_replies(engine, prompt, mode)

    found = Counter(tuple(ids) for ids in transcript.token_ids.values())
    assert set(found) <= set(expected)
    counts = np.array([found[reply] for reply in expected])
    assert draw_counts_fit(counts, np.array(list(expected.values())))
    ends = [end.stats for end in transcript.ends.values() if isinstance(end, Finished)]
    num_rejected = sum(end.num_drafted_tokens - end.num_accepted_tokens for end in ends)
    assert (num_rejected > 50) == (mode is SpeculationMode.DRAFT_MODEL)
