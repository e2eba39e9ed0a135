"""The prefix tree: exact keys, roots per adapter mix, closest child."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import pytest

from realm_desktop.engine.prefix_tree import PrefixTree


def block(tokens: Iterable[int]) -> bytes:
    return array("i", tokens).tobytes()


def test_inserting_twice_keeps_the_first_block() -> None:
    tree = PrefixTree()
    first = tree.insert(tree.root(()), block(range(64)), 5)
    second = tree.insert(tree.root(()), block(range(64)), 9)

    assert second is first
    assert second.block_id == 5


def test_adapter_mixes_have_roots_of_their_own() -> None:
    tree = PrefixTree()
    tree.insert(tree.root(()), block(range(64)), 5)

    assert not tree.root(((1, 1.0),)).children


def test_closest_child_is_the_one_with_the_longest_common_beginning() -> None:
    tree = PrefixTree()
    root = tree.root(())
    tree.insert(root, block([*range(10), *[99] * 54]), 1)
    near = tree.insert(root, block([*range(30), *[99] * 34]), 2)

    assert tree.closest_child(root, block(range(64))) == (near, 30)


def test_closest_child_of_a_short_rest_is_cut_to_it() -> None:
    tree = PrefixTree()
    child = tree.insert(tree.root(()), block(range(64)), 1)

    assert tree.closest_child(tree.root(()), block(range(20))) == (child, 20)


def test_node_with_children_cannot_be_removed() -> None:
    tree = PrefixTree()
    parent = tree.insert(tree.root(()), block(range(64)), 1)
    tree.insert(parent, block(range(64)), 2)

    with pytest.raises(AssertionError, match="children"):
        tree.remove(parent)


def test_removed_node_is_gone() -> None:
    tree = PrefixTree()
    node = tree.insert(tree.root(()), block(range(64)), 1)
    tree.remove(node)

    assert list(tree.nodes()) == []
