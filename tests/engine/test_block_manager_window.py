"""Blocks of the window kind: what a sequence gives back, what is kept, what a prefix needs."""

from __future__ import annotations

import pytest

from realm_desktop.engine.block_manager import BlockCopy, BlockManager
from realm_desktop.engine.sequence import NO_BLOCK, Sequence
from realm_desktop.kv_blocks import SlidingWindow
from tests.support.sequences import compute, computed, make_sequence

WINDOW = SlidingWindow(128, 64)
"""A row sees its own block and at most two before it; a step adds one."""


def make_manager(num_window_blocks: int = 20, num_blocks: int = 40) -> BlockManager:
    return BlockManager(num_blocks, WINDOW, num_window_blocks)


def held_indices(sequence: Sequence) -> list[int]:
    return [index for index, block in enumerate(sequence.window_table) if block != NO_BLOCK]


def reused(manager: BlockManager, tokens: list[int]) -> int:
    """How many tokens a new sequence need not compute."""
    sequence = make_sequence(tokens)
    manager.reuse_prefix(sequence)
    count = sequence.num_computed_tokens
    manager.release(sequence)
    return count


def test_blocks_before_the_window_are_given_back() -> None:
    manager = make_manager()
    sequence = computed(manager, list(range(640)))

    assert held_indices(sequence) == [8, 9]
    assert len(sequence.block_table) == 10
    manager.check_integrity([sequence])


def test_rejected_drafts_give_nothing_back() -> None:
    manager = make_manager()
    sequence = computed(manager, list(range(200)))
    manager.extend(sequence, 260)  # drafts up to there, all of them wrong

    manager.publish(sequence)

    assert held_indices(sequence) == [1, 2, 3, 4]


def test_prompt_needs_a_window_and_a_chunk_at_most() -> None:
    manager = make_manager(WINDOW.num_blocks(10_000))

    assert computed(manager, list(range(2000))).num_computed_tokens == 2000


def test_extend_changes_nothing_when_the_window_pool_is_too_small() -> None:
    manager = make_manager(num_window_blocks=2)
    sequence = make_sequence(range(300))

    assert not manager.extend(sequence, 192)
    assert (sequence.block_table, sequence.window_table) == ([], [])


def test_model_without_windows_has_no_window_table() -> None:
    assert computed(BlockManager(8), list(range(200))).window_table == []


def test_conversation_goes_on_from_its_end() -> None:
    manager = make_manager()
    manager.release(computed(manager, list(range(640))))

    assert reused(manager, list(range(700))) == 640


def test_only_blocks_that_the_next_row_sees_are_held_again() -> None:
    manager = make_manager()
    manager.release(computed(manager, list(range(640))))
    sequence = make_sequence(range(700))

    manager.reuse_prefix(sequence)

    assert held_indices(sequence) == [8, 9]


def test_prefix_ends_where_its_window_is_still_held() -> None:
    manager = make_manager(num_window_blocks=5)
    manager.release(computed(manager, list(range(640))))

    assert reused(manager, [*range(640), 1]) == 640
    assert reused(manager, [*range(320), 1]) == 0  # the middle was given up
    assert reused(manager, [*range(448), 1]) == 448


def test_computing_again_brings_window_blocks_back_to_known_nodes() -> None:
    manager = make_manager(num_window_blocks=8)
    whole = computed(manager, list(range(640)))
    shorter = make_sequence([*range(320), 1])
    manager.reuse_prefix(shorter)
    compute(manager, shorter)

    assert shorter.block_table[:5] == whole.block_table[:5]
    assert reused(manager, [*range(320), 2]) == 320
    manager.check_integrity([whole, shorter])


def test_equal_tokens_computed_twice_share_both_kinds() -> None:
    manager = make_manager()
    first, second = make_sequence(range(70), "a"), make_sequence(range(70), "b")
    for sequence in (first, second):
        manager.extend(sequence, 70)
    for sequence in (first, second):
        sequence.num_computed_tokens = 70
        manager.publish(sequence)

    assert first.window_table[0] == second.window_table[0]
    assert first.block_table[0] == second.block_table[0]
    manager.check_integrity([first, second])


def test_partly_matching_block_is_copied_in_both_kinds() -> None:
    manager = make_manager()
    first = computed(manager, list(range(128)))
    edited = make_sequence([*range(100), *range(500, 600)])

    copies = manager.reuse_prefix(edited)

    assert copies == [
        BlockCopy(first.block_table[1], edited.block_table[1]),
        BlockCopy(first.window_table[1], edited.window_table[1], is_window=True),
    ]


def test_no_block_is_copied_when_one_kind_has_no_room() -> None:
    manager = make_manager(num_window_blocks=2)
    first = computed(manager, list(range(128)))
    edited = make_sequence([*range(100), *range(500, 600)])

    assert manager.reuse_prefix(edited) == []
    assert edited.num_computed_tokens == 64
    manager.check_integrity([first, edited])


def test_ends_of_turns_outlive_what_was_passed_by() -> None:
    manager = make_manager(num_window_blocks=12, num_blocks=60)
    manager.release(computed(manager, list(range(640))))
    manager.release(computed(manager, list(range(5000, 7000))))

    assert reused(manager, list(range(700))) == 640


def test_end_of_a_prompt_is_kept_behind_a_long_reply() -> None:
    manager = make_manager(num_window_blocks=12)
    sequence = computed(manager, list(range(300)))
    sequence.tokens.extend(range(3000, 4000))
    compute(manager, sequence)
    manager.release(sequence)

    assert reused(manager, list(range(300))) == 299


def test_block_that_a_turn_ended_in_stays_so_for_the_next_turn() -> None:
    manager = make_manager(num_window_blocks=14)
    manager.release(computed(manager, list(range(640))))
    manager.release(computed(manager, list(range(1600))))

    assert reused(manager, [*range(640), 1]) == 640


def test_evicted_full_block_takes_its_window_block_along() -> None:
    manager = make_manager(num_blocks=4)
    manager.release(computed(manager, list(range(256))))
    manager.release(computed(manager, list(range(1000, 1256))))

    assert (manager.full.num_cached, manager.windowed.num_cached) == (4, 4)
    manager.check_integrity([])


def test_drop_cached_frees_both_kinds() -> None:
    manager = make_manager()
    sequence = computed(manager, list(range(640)))

    manager.drop_cached()

    assert (manager.full.num_cached, manager.windowed.num_cached) == (0, 0)
    assert (manager.full.num_used, manager.windowed.num_used) == (10, 2)
    manager.check_integrity([sequence])


@pytest.mark.parametrize(("num_window_blocks", "can_hold"), [(3, False), (4, True)])
def test_admission_counts_no_more_than_a_window(num_window_blocks: int, can_hold: bool) -> None:
    assert make_manager(num_window_blocks).can_hold(2000) is can_hold


def test_admission_counts_what_others_will_hold() -> None:
    manager = make_manager(num_window_blocks=6)
    other = make_sequence(range(600))

    assert manager.can_hold(100, [other])
    assert not manager.can_hold(200, [other])


def test_admission_does_not_count_twice_what_others_hold_already() -> None:
    manager = make_manager(num_window_blocks=6)
    other = computed(manager, list(range(600)))

    assert manager.can_hold(100, [other])
    assert not manager.can_hold(200, [other])


@pytest.mark.parametrize(("num_window_blocks", "expected"), [(4, 40), (3, 3)])
def test_longest_sequence_is_what_both_pools_hold(num_window_blocks: int, expected: int) -> None:
    assert make_manager(num_window_blocks).max_sequence_tokens == expected * 64


def test_known_beginning_without_its_window_is_waited_for_again() -> None:
    manager = make_manager(num_window_blocks=5)
    manager.release(computed(manager, list(range(640))))
    runner, waiter = make_sequence([*range(320), 1]), make_sequence([*range(320), 2])
    manager.reuse_prefix(runner)

    assert runner.num_computed_tokens == 0
    assert manager.is_computing_for(runner, waiter)


def test_shrunk_pools_still_hold_the_longest_sequence() -> None:
    manager = make_manager()

    while any(manager.shrink(640)):
        manager.check_integrity([])

    assert (manager.full.num_usable, manager.windowed.num_usable) == (10, 4)
    assert computed(manager, list(range(640))).num_computed_tokens == 640
