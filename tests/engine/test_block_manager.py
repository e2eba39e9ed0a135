"""Blocks of the full kind: reuse, copies, eviction."""

from __future__ import annotations

from realm_desktop.engine.block_manager import BlockCopy, BlockManager
from tests.support.sequences import computed, make_sequence


def test_new_sequence_reuses_nothing_in_an_empty_pool() -> None:
    manager = BlockManager(4)
    sequence = make_sequence(range(100))

    assert manager.reuse_prefix(sequence) == []
    assert sequence.num_computed_tokens == 0


def test_block_in_progress_is_recognized_until_it_is_there() -> None:
    manager = BlockManager(8)
    runner, waiter = make_sequence(range(200)), make_sequence([*range(128), *range(900, 950)])
    manager.reuse_prefix(runner)
    assert manager.is_computing_for(runner, waiter)

    assert manager.extend(runner, 128)
    runner.num_computed_tokens = 128
    manager.publish(runner)
    assert not manager.is_computing_for(runner, waiter)  # the next one differs


def test_block_of_other_tokens_or_adapters_or_half_a_block_is_not_in_progress() -> None:
    manager = BlockManager(8)
    runner = make_sequence(range(200))
    manager.reuse_prefix(runner)

    assert not manager.is_computing_for(runner, make_sequence(range(63)))
    assert not manager.is_computing_for(runner, make_sequence([7, *range(1, 100)]))
    other = make_sequence(range(200), adapter_key=((1, 1.0),))
    assert not manager.is_computing_for(runner, other)


def test_block_that_another_one_has_shared_is_not_in_progress() -> None:
    manager = BlockManager(8)
    runner = make_sequence(range(200))
    manager.reuse_prefix(runner)
    computed(manager, list(range(70)))

    assert not manager.is_computing_for(runner, make_sequence(range(200)))


def test_second_sequence_shares_full_blocks_of_a_running_one() -> None:
    manager = BlockManager(8)
    first = computed(manager, list(range(200)))
    second = make_sequence([*range(128), *range(900, 950)])

    copies = manager.reuse_prefix(second)

    assert copies == []
    assert second.block_table == first.block_table[:2]
    assert second.num_computed_tokens == 128


def test_finished_sequence_leaves_its_blocks_cached() -> None:
    manager = BlockManager(8)
    manager.release(computed(manager, list(range(130))))

    assert (manager.full.num_used, manager.full.num_cached, manager.full.num_free) == (0, 2, 6)


def test_last_prompt_token_is_always_computed() -> None:
    manager = BlockManager(8)
    manager.release(computed(manager, list(range(128))))
    again = make_sequence(range(128))

    copies = manager.reuse_prefix(again)

    assert again.num_computed_tokens == 127
    assert len(copies) == 1


def test_partly_matching_block_is_copied_from_16_positions_on() -> None:
    manager = BlockManager(8)
    first = computed(manager, list(range(128)))
    edited = make_sequence([*range(80), *range(500, 600)])

    copies = manager.reuse_prefix(edited)

    assert copies == [BlockCopy(first.block_table[1], edited.block_table[1])]
    assert edited.num_computed_tokens == 80


def test_short_partial_match_is_not_copied() -> None:
    manager = BlockManager(8)
    computed(manager, list(range(128)))
    edited = make_sequence([*range(79), *range(500, 600)])

    assert manager.reuse_prefix(edited) == []
    assert edited.num_computed_tokens == 64


def test_adapter_mixes_never_share_blocks() -> None:
    manager = BlockManager(8)
    computed(manager, list(range(128)))
    other = make_sequence(range(128), adapter_key=((1, 0.5),))

    manager.reuse_prefix(other)

    assert other.num_computed_tokens == 0


def test_extend_changes_nothing_when_the_pool_is_too_small() -> None:
    manager = BlockManager(2)
    sequence = make_sequence(range(300))
    manager.reuse_prefix(sequence)

    assert not manager.extend(sequence, 300)
    assert sequence.block_table == []
    assert manager.full.num_free == 2


def test_blocks_of_one_sequence_ascend_beside_each_other() -> None:
    manager = BlockManager(8)
    sequence = make_sequence(range(256))
    manager.reuse_prefix(sequence)
    manager.extend(sequence, 256)

    start = sequence.block_table[0]
    assert sequence.block_table == [start, start + 1, start + 2, start + 3]


def test_oldest_cached_leaf_is_evicted_first() -> None:
    manager = BlockManager(3)
    manager.release(computed(manager, list(range(128))))
    newcomer = make_sequence(range(1000, 1128))
    manager.reuse_prefix(newcomer)
    manager.extend(newcomer, 128)
    again = make_sequence(range(128))

    manager.reuse_prefix(again)

    assert again.num_computed_tokens == 64  # the first block survived, the one behind it did not


def test_reused_block_never_matches_its_old_prefix() -> None:
    manager = BlockManager(2)
    manager.release(computed(manager, list(range(128))))
    manager.release(computed(manager, list(range(1000, 1128))))
    again = make_sequence(range(128))

    manager.reuse_prefix(again)

    assert again.num_computed_tokens == 0


def test_same_tokens_computed_twice_end_in_one_block() -> None:
    manager = BlockManager(8)
    first, second = make_sequence(range(70), "a"), make_sequence(range(70), "b")
    for sequence in (first, second):
        manager.reuse_prefix(sequence)
        manager.extend(sequence, 70)
    for sequence in (first, second):
        sequence.num_computed_tokens = 70
        manager.publish(sequence)

    assert first.block_table[0] == second.block_table[0]
    manager.check_integrity([first, second])


def test_drop_cached_frees_everything_unused() -> None:
    manager = BlockManager(8)
    manager.release(computed(manager, list(range(200))))

    manager.drop_cached()

    assert manager.full.num_free == 8


def test_version_of_a_block_changes_with_its_owner() -> None:
    manager, first, second = BlockManager(1), make_sequence(range(9)), make_sequence(range(5))
    manager.extend(first, 9)
    before = manager.full.versions[0]
    manager.release(first)
    manager.extend(second, 5)

    assert manager.full.versions[0] == before + 1


def test_shared_blocks_are_no_room_until_the_last_holder_leaves() -> None:
    manager = BlockManager(3)
    first = computed(manager, list(range(129)), "first")
    second = make_sequence(range(129), "second")
    manager.reuse_prefix(second)

    assert not manager.can_hold(65, [first, second], [first])
    assert manager.can_hold(65, [first, second], [first, second])


def test_newcomer_that_spares_what_is_free_needs_all_from_those_who_leave() -> None:
    manager = BlockManager(4)
    only = computed(manager, list(range(100)))

    assert manager.can_hold(200, [only], [only])
    assert not manager.can_hold(200, [only], [only], spares_free=True)
    assert manager.can_hold(128, [only], [only], spares_free=True)
