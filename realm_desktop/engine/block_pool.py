"""The blocks of one kind: which are free, which are held, and which keep something for later.

Plain bookkeeping on the engine thread. Knows neither sequences nor layers; what is given up when
room is short is the block manager's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from realm_desktop.engine.prefix_tree import Node


class BlockPool:
    """Blocks with reference counts, and the nodes of the prefix tree that they hold.

    Invariant: a block is *used* (its count is above 0), *cached* (count 0, holds a node) or *free*.

    Args:
        num_blocks: Size of the pool.

    Attributes:
        versions: How often each block was handed out: tells one use of a block from the next.
    """

    def __init__(self, num_blocks: int) -> None:
        self.num_blocks = num_blocks
        self._retired: set[int] = set()
        self.versions = [0] * num_blocks
        self._ref_counts = [0] * num_blocks
        self._free: dict[int, None] = dict.fromkeys(range(num_blocks))
        self._nodes: dict[int, Node] = {}
        self._blocks: dict[Node, int] = {}
        # In order of release. What was only passed by is given up before what was worked with.
        self._passed: dict[int, None] = {}
        self._kept: dict[int, None] = {}

    @property
    def num_free(self) -> int:
        """Blocks that hold nothing."""
        return len(self._free)

    @property
    def num_cached(self) -> int:
        """Blocks that hold a node and that nobody uses."""
        return len(self._passed) + len(self._kept)

    @property
    def num_retired(self) -> int:
        """Blocks that are never handed out any more."""
        return len(self._retired)

    @property
    def num_usable(self) -> int:
        """Blocks that are handed out, now or later."""
        return self.num_blocks - self.num_retired

    @property
    def num_used(self) -> int:
        """Blocks that some sequence holds."""
        return self.num_usable - self.num_available

    @property
    def num_available(self) -> int:
        """Blocks that can be had: free ones, and cached ones once they are given up."""
        return self.num_free + self.num_cached

    def holds(self, node: Node) -> bool:
        """Whether a block holds the KV of a node."""
        return node in self._blocks

    def is_used(self, node: Node) -> bool:
        """Whether a sequence holds the block of a node."""
        return node in self._blocks and self._ref_counts[self._blocks[node]] > 0

    def num_uses(self, block: int) -> int:
        """How often sequences hold a block."""
        return self._ref_counts[block]

    def node(self, block: int) -> Node | None:
        """The node that a block holds, or None."""
        return self._nodes.get(block)

    def nodes(self) -> Iterable[Node]:
        """Every node that a block holds."""
        return self._blocks.keys()

    def cached_nodes(self) -> Iterator[Node]:
        """What unused blocks hold, in the order in which it should be given up."""
        for block in chain(self._passed, self._kept):
            yield self._nodes[block]

    def take(self, wanted: int | None) -> int:
        """A free block, `wanted` if that is free; there must be one.

        Ascending runs of blocks are read as one strided view, so who starts one gets the beginning
        of the longest.
        """
        block = self._longest_run() if wanted is None or wanted not in self._free else wanted
        del self._free[block]
        self._ref_counts[block] = 1
        self.versions[block] += 1
        return block

    def retire(self, least: int, *, is_given_back: bool = False) -> list[int]:
        """Give up half of the free blocks for good; which.

        Memory of the pool is taken when a block is first written, so one that was never used holds
        none yet: without it the pool takes no more. Any other is given up only if that helps.

        Args:
            least: So many blocks stay, free ones and others together.
            is_given_back: The memory of blocks that were used can be given back.
        """
        spare = [block for block in sorted(self._free) if not self.versions[block]]
        if is_given_back:
            spare += [block for block in sorted(self._free) if self.versions[block]]
        count = max(min(len(spare) // 2, self.num_usable - least), 0)
        # The last ones: those that hold memory, and of them the highest, so that long runs remain.
        retired = spare[len(spare) - count :]
        for block in retired:
            del self._free[block]
        self._retired.update(retired)
        return retired

    def acquire(self, block: int) -> None:
        """Hold a block that is used or cached once more."""
        self._passed.pop(block, None)
        self._kept.pop(block, None)
        self._ref_counts[block] += 1

    def acquire_node(self, node: Node) -> int:
        """Hold the block of a node; which one that is."""
        block = self._blocks[node]
        self.acquire(block)
        return block

    def release(self, block: int, *, is_passed: bool = False) -> None:
        """Hold a block once less.

        Args:
            block: A used one.
            is_passed: It is among the first to be given up, should nobody hold it now.
        """
        self._ref_counts[block] -= 1
        assert self._ref_counts[block] >= 0, f"block {block} released twice"
        if self._ref_counts[block]:
            return
        if block not in self._nodes:
            self._free[block] = None
        elif is_passed:
            self._passed[block] = None
        else:
            self._kept[block] = None

    def publish(self, node: Node, block: int) -> int:
        """Let a used block hold a node; the block to use from now on.

        If another block holds the node already, that one is acquired and `block` released: equal
        tokens give equal KV, so one copy is enough.
        """
        own = self._blocks.setdefault(node, block)
        if own != block:
            self.acquire(own)
            self.release(block)
        else:
            self._nodes[block] = node
        return own

    def forget(self, node: Node) -> None:
        """Free the cached block that holds a node; nothing happens if none does."""
        block = self._blocks.pop(node, None)
        if block is None:
            return
        assert not self._ref_counts[block], f"block {block} is used"
        del self._nodes[block]
        self._passed.pop(block, None)
        self._kept.pop(block, None)
        self._free[block] = None

    def check_integrity(self, held: list[int]) -> None:
        """Assert that counts and places agree; `held` is how often sequences hold each block."""
        assert held == self._ref_counts, f"reference counts {self._ref_counts}, held {held}"
        assert {block: node for node, block in self._blocks.items()} == self._nodes
        for block in range(self.num_blocks):
            is_cached = (block in self._passed) + (block in self._kept)
            places = (block in self._free) + is_cached + (held[block] > 0)
            places += block in self._retired
            assert places == 1, f"block {block} is in {places} places"
            assert is_cached == (block in self._nodes and held[block] == 0)

    def _longest_run(self) -> int:
        """First block of the longest run of free blocks."""
        best_start, best_length, start, previous = -1, 0, -1, -2
        for block in sorted(self._free):
            if block != previous + 1:
                start = block
            previous = block
            if block - start + 1 > best_length:
                best_start, best_length = start, block - start + 1
        return best_start
