"""The prefix tree: exact keys, roots per adapter mix, closest child."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import pytest

from realm_desktop.engine.prefix_tree import PrefixTree, closest_node


def block(tokens: Iterable[int]) -> bytes:
    return array("i", tokens).tobytes()


def test_equal_tokens_behind_one_parent_are_one_node() -> None:
    tree = PrefixTree()
    first = tree.insert(tree.root(()), block(range(64)))
    second = tree.insert(tree.root(()), block(range(64)))

    assert second is first


def test_equal_tokens_behind_two_parents_are_two_nodes() -> None:
    tree = PrefixTree()
    first = tree.insert(tree.root(()), block(range(64)))
    second = tree.insert(first, block(range(64)))

    assert second is not first
    assert set(tree.nodes()) == {first, second}


def test_adapter_mixes_have_roots_of_their_own() -> None:
    tree = PrefixTree()
    tree.insert(tree.root(()), block(range(64)))

    assert not tree.root(((1, 1.0),)).children


def test_closest_node_has_the_longest_common_beginning() -> None:
    tree = PrefixTree()
    far = tree.insert(tree.root(()), block([*range(10), *[99] * 54]))
    near = tree.insert(tree.root(()), block([*range(30), *[99] * 34]))

    assert closest_node([far, near], block(range(64))) == (near, 30)


def test_closest_node_to_a_short_rest_is_cut_to_it() -> None:
    tree = PrefixTree()
    child = tree.insert(tree.root(()), block(range(64)))

    assert closest_node([child], block(range(20))) == (child, 20)


def test_no_node_is_closest_where_none_shares_a_token() -> None:
    tree = PrefixTree()
    child = tree.insert(tree.root(()), block(range(1, 65)))

    assert closest_node([child], block(range(20))) == (None, 0)


def test_node_with_children_cannot_be_removed() -> None:
    tree = PrefixTree()
    parent = tree.insert(tree.root(()), block(range(64)))
    tree.insert(parent, block(range(64)))

    with pytest.raises(AssertionError, match="children"):
        tree.remove(parent)


def test_removed_node_is_gone() -> None:
    tree = PrefixTree()
    node = tree.insert(tree.root(()), block(range(64)))
    tree.remove(node)

    assert list(tree.nodes()) == []
