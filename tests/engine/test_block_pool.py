"""Blocks of one kind: free, used, cached."""

from __future__ import annotations

import pytest

from realm_desktop.engine.block_pool import BlockPool
from realm_desktop.engine.prefix_tree import Node


def node(name: int) -> Node:
    return Node(bytes([name]), None)


def counts(pool: BlockPool) -> tuple[int, int, int]:
    return pool.num_used, pool.num_cached, pool.num_free


def cached(pool: BlockPool, name: int, *, is_passed: bool = False) -> Node:
    """A node whose block nobody uses."""
    made = node(name)
    pool.release(pool.publish(made, pool.take(None)), is_passed=is_passed)
    return made


def test_new_pool_is_free() -> None:
    assert counts(BlockPool(3)) == (0, 0, 3)


def test_unpublished_block_is_free_again_after_its_use() -> None:
    pool = BlockPool(2)
    block = pool.take(None)

    pool.release(block)

    assert counts(pool) == (0, 0, 2)


def test_published_block_stays_cached_after_its_use() -> None:
    pool = BlockPool(2)
    made = cached(pool, 1)

    assert counts(pool) == (0, 1, 1)
    assert pool.holds(made)


def test_block_is_used_until_everybody_released_it() -> None:
    pool = BlockPool(2)
    made = cached(pool, 1)
    blocks = [pool.acquire_node(made), pool.acquire_node(made)]

    pool.release(blocks[0])

    assert pool.is_used(made)
    pool.release(blocks[1])
    assert counts(pool) == (0, 1, 1)


def test_wanted_block_is_taken_if_free() -> None:
    pool = BlockPool(4)

    assert pool.take(2) == 2
    assert pool.take(2) == 0  # the longest run that is left begins there


def test_second_block_of_a_node_gives_way_to_the_first() -> None:
    pool = BlockPool(3)
    made = node(1)
    first, second = pool.take(None), pool.take(None)

    assert pool.publish(made, first) == first
    assert pool.publish(made, second) == first
    pool.check_integrity([2 if block == first else 0 for block in range(3)])


def test_passed_blocks_are_given_up_before_kept_ones() -> None:
    pool = BlockPool(4)
    kept = cached(pool, 1)
    passed = [cached(pool, 2, is_passed=True), cached(pool, 3, is_passed=True)]

    assert list(pool.cached_nodes()) == [*passed, kept]


def test_use_makes_a_cached_block_the_latest() -> None:
    pool = BlockPool(4)
    first, second = cached(pool, 1), cached(pool, 2)
    pool.release(pool.acquire_node(first))

    assert list(pool.cached_nodes()) == [second, first]


def test_forgotten_node_frees_its_block() -> None:
    pool = BlockPool(2)
    made = cached(pool, 1)

    pool.forget(made)
    pool.forget(made)

    assert not pool.holds(made)
    assert counts(pool) == (0, 0, 2)


def test_used_block_cannot_be_forgotten() -> None:
    pool = BlockPool(2)
    made = cached(pool, 1)
    pool.acquire_node(made)

    with pytest.raises(AssertionError, match="is used"):
        pool.forget(made)


def test_second_release_is_noticed() -> None:
    pool = BlockPool(1)
    block = pool.take(None)
    pool.release(block)

    with pytest.raises(AssertionError, match="released twice"):
        pool.release(block)


def test_wrong_count_is_noticed() -> None:
    pool = BlockPool(1)
    pool.take(None)

    with pytest.raises(AssertionError, match="reference counts"):
        pool.check_integrity([0])


def test_version_tells_one_use_from_the_next() -> None:
    pool = BlockPool(1)
    pool.release(pool.take(None))
    pool.take(None)

    assert pool.versions == [2]
