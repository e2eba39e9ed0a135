"""Which examples are computed when, and as which rows."""

from __future__ import annotations

import torch

from realm_desktop.engine.training.encoded_examples import EncodedExample
from realm_desktop.engine.training.micro_batch import (
    make_micro_batch,
    micro_batches,
    split_examples,
    step_examples,
)


def example(*ids: int, targets: tuple[int, ...] = ()) -> EncodedExample:
    return EncodedExample(ids, tuple(place in targets for place in range(len(ids))))


def numbered(count: int) -> list[EncodedExample]:
    return [example(number, number + 1, targets=(1,)) for number in range(count)]


def test_rows_before_targets_say_them() -> None:
    batch = make_micro_batch([example(5, 6, 7, targets=(1, 2)), example(8, 9, 4, targets=(0, 2))])

    assert batch.ids.tolist() == [5, 6, 7, 8, 9, 4]
    assert batch.positions.tolist() == [0, 1, 2, 0, 1, 2]
    assert (batch.target_rows.tolist(), batch.target_ids.tolist()) == ([0, 1, 4], [6, 7, 4])
    assert (batch.lengths, batch.num_targets) == ((3, 3), 3)


def test_micro_batches_keep_within_their_tokens() -> None:
    examples = [example(*range(length), targets=(1,)) for length in (4, 4, 3, 20, 2, 9)]

    batches = micro_batches(examples, 10)

    assert [batch.lengths for batch in batches] == [(4, 4), (3,), (20,), (2,), (9,)]


def test_every_epoch_takes_each_example_once_in_another_order() -> None:
    examples = numbered(12)

    epochs = [
        [
            one.ids[0]
            for step in range(3 * e, 3 * e + 3)
            for one in step_examples(examples, step, 4, 1)
        ]
        for e in range(2)
    ]

    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(12))
    assert epochs[0] != epochs[1]


def test_step_may_take_the_end_of_an_epoch_and_the_start_of_the_next() -> None:
    steps = [step_examples(numbered(3), step, 2, 0) for step in range(3)]

    assert [len(step) for step in steps] == [2, 2, 2]
    assert sorted(one.ids[0] for step in steps for one in step) == [0, 0, 1, 1, 2, 2]


def test_step_follows_from_seed_and_number_alone() -> None:
    examples = numbered(30)

    assert step_examples(examples, 5, 4, 7) == step_examples(examples, 5, 4, 7)
    assert step_examples(examples, 5, 4, 7) != step_examples(examples, 5, 4, 8)


def test_held_out_examples_are_never_trained_on() -> None:
    split = split_examples(numbered(40), 0.1, 3)

    assert (len(split.train), len(split.held_out)) == (36, 4)
    assert not set(split.train) & set(split.held_out)


def test_few_examples_hold_none_out() -> None:
    assert split_examples(numbered(9), 0.5, 0).held_out == ()


def test_batch_moves_to_a_device_as_it_is() -> None:
    batch = make_micro_batch([example(1, 2, targets=(1,))])

    assert torch.equal(batch.to(torch.device("cpu")).ids, batch.ids)
