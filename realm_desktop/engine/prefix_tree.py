"""Which KV blocks hold which beginning of a conversation.

A tree of full blocks: the path from a root to a node spells the tokens. Keys are the exact
64 token ids, so no hash collision can mix two texts; parents are objects, so a block that is
evicted and reused can never be found under its old prefix. Owned by the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from realm_desktop.engine.sequence import AdapterKey

ROOT_BLOCK = -1


@dataclass(slots=True, eq=False)
class Node:
    """One full block: its tokens (int32 bytes), its KV block and what follows it."""

    tokens: bytes
    block_id: int
    parent: Node | None
    children: dict[bytes, Node] = field(default_factory=dict)


class PrefixTree:
    """Nodes by tokens, one root per adapter mix: two mixes never share KV."""

    def __init__(self) -> None:
        self._roots: dict[AdapterKey, Node] = {}

    def root(self, adapter_key: AdapterKey) -> Node:
        """The node before the first block for this adapter mix."""
        return self._roots.setdefault(adapter_key, Node(b"", ROOT_BLOCK, None))

    def insert(self, parent: Node, tokens: bytes, block_id: int) -> Node:
        """The node for `tokens` behind `parent`; an existing one keeps its own block."""
        node = parent.children.get(tokens)
        if node is None:
            node = Node(tokens, block_id, parent)
            parent.children[tokens] = node
        return node

    def remove(self, node: Node) -> None:
        """Forget a node without children."""
        assert not node.children, "a node with children cannot be evicted"
        assert node.parent is not None, "a root cannot be evicted"
        del node.parent.children[node.tokens]

    def closest_child(self, parent: Node, tokens: bytes) -> tuple[Node | None, int]:
        """The child that shares the most leading positions with `tokens`, and how many.

        Args:
            parent: Where the full blocks matched so far end.
            tokens: int32 bytes of at most one block.
        """
        wanted = np.frombuffer(tokens, dtype=np.int32)
        best: tuple[Node | None, int] = (None, 0)
        for child in parent.children.values():
            have = np.frombuffer(child.tokens, dtype=np.int32)[: len(wanted)]
            differs = have != wanted
            shared = int(differs.argmax()) if differs.any() else len(wanted)
            if shared > best[1]:
                best = (child, shared)
        return best

    def nodes(self) -> Iterator[Node]:
        """Every node that holds a block."""
        stack = list(self._roots.values())
        while stack:
            node = stack.pop()
            if node.block_id != ROOT_BLOCK:
                yield node
            stack.extend(node.children.values())
