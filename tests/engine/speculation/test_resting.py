"""Sequences that are looked at less often, and what a conversation's next reply begins with."""

from __future__ import annotations

import pytest

from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.controller import (
    FIRST_ACCEPTANCE,
    MAX_PROBE_INTERVAL,
)
from realm_desktop.engine.speculation.ngram import NUM_SHARED_TOKENS, NgramDrafter
from realm_desktop.engine.speculation.speculator import (
    MAX_REMEMBERED,
    NGRAM_REST,
    Speculator,
)
from realm_desktop.protocol import Speculation, SpeculationMode
from tests.support.sequences import make_sequence

LOOP = [20, 21, 22, 23]


@pytest.fixture
def speculator() -> Speculator:
    """With n-grams alone, and nothing known yet."""
    return Speculator(NgramDrafter(), None)


def reply(tokens: list[int]) -> Sequence:
    sequence = make_sequence(tokens)
    sequence.speculation = Speculation(SpeculationMode.NGRAM)
    sequence.num_computed_tokens = len(tokens) - 1
    return sequence


def commit(speculator: Speculator, sequence: Sequence, token: int, row_s: float = 0.0) -> int:
    """One step that adds a token; how many were drafted before it. A row takes `row_s` seconds."""
    speculator.propose([sequence], 64)
    num_drafts = len(sequence.draft_tokens)
    speculator.measure(1, num_drafts, row_s * (1 + num_drafts), 0.0)
    sequence.tokens.append(token)
    sequence.num_computed_tokens += 1
    sequence.num_generated_tokens += 1
    return num_drafts


def looks(speculator: Speculator, monkeypatch: pytest.MonkeyPatch, num_steps: int) -> list[int]:
    """Steps at which a reply that never repeats was looked at, the first one being 1."""
    sequence, seen = reply([1, 2, 3]), []
    observe = NgramDrafter.observe
    step = 0

    def note(self: NgramDrafter, observed: Sequence) -> None:
        seen.append(step)
        observe(self, observed)

    monkeypatch.setattr(NgramDrafter, "observe", note)
    for step in range(1, num_steps + 1):
        commit(speculator, sequence, 10 + step)
    return seen


def test_reply_without_drafts_is_looked_at_every_few_steps(
    speculator: Speculator, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = looks(speculator, monkeypatch, NGRAM_REST.after + 4 * NGRAM_REST.stride)

    assert steps[: NGRAM_REST.after] == list(range(1, NGRAM_REST.after + 1))
    resting = steps[NGRAM_REST.after :]
    assert len(resting) == 4
    assert all(step % NGRAM_REST.stride == 0 for step in resting)


def test_repetition_wakes_a_resting_reply(speculator: Speculator) -> None:
    sequence = reply([1, 2, 3])
    for token in range(10, 10 + 2 * NGRAM_REST.after):
        assert commit(speculator, sequence, token) == 0
    drafts = [commit(speculator, sequence, LOOP[index % 4]) for index in range(40)]

    first = next(index for index, length in enumerate(drafts) if length)
    assert first < 2 * len(LOOP) + NGRAM_REST.stride
    # One step in between shows what one without drafts costs.
    assert drafts[first : first + 8].count(0) <= 1


def conversation(first_token: int) -> Sequence:
    """A reply of the conversation that begins with this token; others begin otherwise."""
    return reply([first_token, *range(100, 100 + NUM_SHARED_TOKENS), *LOOP * 3])


def reject_drafts(
    speculator: Speculator, sequence: Sequence, num_steps: int = 40, row_s: float = 0.0
) -> list[int]:
    """Let a reply run in which no draft stands, and end it; how many were drafted at each step."""
    drafts = []
    for token in range(50, 50 + num_steps):
        drafts.append(commit(speculator, sequence, token, row_s))
        sequence.num_drafted_tokens += drafts[-1]
        sequence.tokens.extend(LOOP[:3])  # so that there is something to draft
        sequence.num_computed_tokens += 3
    speculator.propose([], 64)
    return drafts


def acceptance(speculator: Speculator, sequence: Sequence) -> float:
    speculator.propose([sequence], 64)
    return speculator._known[sequence].controller.acceptance


def test_next_reply_of_a_conversation_begins_with_its_acceptance(speculator: Speculator) -> None:
    reject_drafts(speculator, conversation(1))

    assert acceptance(speculator, conversation(1)) < FIRST_ACCEPTANCE / 2
    assert acceptance(speculator, conversation(2)) == FIRST_ACCEPTANCE


def test_trials_in_vain_stay_rare_in_the_next_reply(speculator: Speculator) -> None:
    for _ in range(8):
        reject_drafts(speculator, conversation(1), row_s=0.001)

    known = reject_drafts(speculator, conversation(1), MAX_PROBE_INTERVAL, 0.001)
    new = reject_drafts(speculator, conversation(2), MAX_PROBE_INTERVAL, 0.001)

    assert sum(length > 0 for length in known) == 1
    assert sum(length > 0 for length in new) > 1


def test_short_replies_count_towards_the_next_trial(speculator: Speculator) -> None:
    for _ in range(8):
        reject_drafts(speculator, conversation(1), row_s=0.001)
    num_replies = MAX_PROBE_INTERVAL // 8
    short = [reject_drafts(speculator, conversation(1), 8, 0.001) for _ in range(num_replies)]

    assert sum(length > 0 for drafts in short for length in drafts) == 1


def test_branches_side_by_side_keep_their_own_counts(speculator: Speculator) -> None:
    reject_drafts(speculator, conversation(1))
    branches = [conversation(1), conversation(1)]
    speculator.propose(branches, 64)

    first, second = (speculator._known[branch].controller for branch in branches)
    assert first is not second


def test_only_so_many_conversations_are_remembered(speculator: Speculator) -> None:
    for first_token in range(MAX_REMEMBERED + 3):
        sequence = conversation(first_token)
        speculator.propose([sequence], 64)
        sequence.num_drafted_tokens += 1
        speculator.propose([sequence], 64)
    speculator.propose([], 64)

    assert len(speculator._remembered) == MAX_REMEMBERED
