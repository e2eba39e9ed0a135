"""Which beginnings of conversations are known, block by block.

A tree of full blocks: the path from a root to a node spells the tokens. Keys are the exact
64 token ids, so no hash collision can mix two texts; parents are objects, so a node that is
removed can never be found under its old prefix. Which KV block holds a node is the business of the
pools. Owned by the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from realm_desktop.engine.sequence import AdapterKey


@dataclass(slots=True, eq=False)
class Node:
    """One full block of tokens (int32 bytes) behind its parent's; a root has no parent.

    Attributes:
        is_turn_end: Whether a prompt or a reply ended in this block, or so near behind it that its
            last row saw it through a sliding window: somebody may want to go on from there.
    """

    tokens: bytes
    parent: Node | None
    children: dict[bytes, Node] = field(default_factory=dict)
    is_turn_end: bool = False


class PrefixTree:
    """Nodes by tokens, one root per adapter mix: two mixes never share KV."""

    def __init__(self) -> None:
        self._roots: dict[AdapterKey, Node] = {}

    def root(self, adapter_key: AdapterKey) -> Node:
        """The node before the first block for this adapter mix."""
        return self._roots.setdefault(adapter_key, Node(b"", None))

    def insert(self, parent: Node, tokens: bytes) -> Node:
        """The node for `tokens` behind `parent`, a new one if there is none."""
        node = parent.children.get(tokens)
        if node is None:
            node = parent.children[tokens] = Node(tokens, parent)
        return node

    def remove(self, node: Node) -> None:
        """Forget a node without children."""
        assert not node.children, "a node with children cannot be evicted"
        assert node.parent is not None, "a root cannot be evicted"
        del node.parent.children[node.tokens]

    def nodes(self) -> Iterator[Node]:
        """Every node but the roots."""
        stack = list(self._roots.values())
        while stack:
            node = stack.pop()
            if node.parent is not None:
                yield node
            stack.extend(node.children.values())


def closest_node(nodes: Iterable[Node], tokens: bytes) -> tuple[Node | None, int]:
    """The node that shares the most leading positions with `tokens`, and how many.

    Args:
        nodes: Those to choose from.
        tokens: int32 bytes of at most one block.
    """
    wanted = np.frombuffer(tokens, dtype=np.int32)
    best: tuple[Node | None, int] = (None, 0)
    for node in nodes:
        have = np.frombuffer(node.tokens, dtype=np.int32)[: len(wanted)]
        differs = have != wanted
        shared = int(differs.argmax()) if differs.any() else len(wanted)
        if shared > best[1]:
            best = (node, shared)
    return best
