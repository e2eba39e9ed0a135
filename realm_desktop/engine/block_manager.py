"""Who holds which KV block: free list, reference counts, prefix reuse, eviction.

Plain bookkeeping on the engine thread; it never touches a tensor. Copies that a reuse needs are
returned to the caller.

A block is *used* (held by a sequence), *cached* (held by nobody, still in the prefix tree) or *free*.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from realm_desktop.engine.options import BLOCK_SIZE
from realm_desktop.engine.prefix_tree import Node, PrefixTree
from realm_desktop.engine.sequence import Sequence

MIN_COPY_TOKENS = 16
"""A partly matching block is copied from this many positions on; below, computing is as cheap."""


class BlockCopy(NamedTuple):
    """KV that must be copied before the next step."""

    source: int
    target: int


class BlockManager:
    """Blocks of one KV pool.

    Args:
        num_blocks: Size of the pool.
    """

    def __init__(self, num_blocks: int) -> None:
        self.num_blocks = num_blocks
        self._tree = PrefixTree()
        self._free: dict[int, None] = dict.fromkeys(range(num_blocks))
        self._ref_counts = [0] * num_blocks
        self.versions = [0] * num_blocks
        """How often each block was handed out: tells one use of a block from the next."""
        self._nodes: dict[int, Node] = {}
        self._evictable: dict[int, None] = {}
        self._last_nodes: dict[Sequence, Node] = {}

    @property
    def num_free(self) -> int:
        """Blocks that hold nothing."""
        return len(self._free)

    @property
    def num_cached(self) -> int:
        """Blocks that only the prefix tree holds."""
        return len(self._evictable)

    @property
    def num_used(self) -> int:
        """Blocks that some sequence holds."""
        return self.num_blocks - self.num_free - self.num_cached

    def can_hold(self, num_tokens: int, promised_blocks: int = 0) -> bool:
        """Whether free and evictable blocks cover `num_tokens` positions beside a promise."""
        return _blocks_for(num_tokens) + promised_blocks <= self.num_free + self.num_cached

    def num_missing(self, sequence: Sequence, num_tokens: int) -> int:
        """Blocks that a sequence must still take to cover `num_tokens` positions, at least 0."""
        return max(_blocks_for(num_tokens) - len(sequence.block_table), 0)

    def is_computing_for(self, runner: Sequence, waiter: Sequence) -> bool:
        """Whether the next block that `runner` will share is one that `waiter` needs and nobody has.

        The same adapters and the same tokens up to the end of a full block, all of them committed.
        """
        index = runner.num_published_blocks
        start, end = index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE
        if runner.adapter_key != waiter.adapter_key:
            return False
        if end > min(len(runner.tokens), len(waiter.tokens)):
            return False
        tokens = runner.block_tokens(index)
        return (
            tokens == waiter.block_tokens(index)
            and tokens not in self._last_nodes[runner].children
            and runner.tokens[:start] == waiter.tokens[:start]
        )

    def reuse_prefix(self, sequence: Sequence) -> list[BlockCopy]:
        """Give a sequence without blocks the longest known beginning of its tokens.

        Sets `num_computed_tokens`; the last token is never reused because its logits are needed.
        Full blocks are shared, a partly matching one is copied.
        """
        assert not sequence.block_table, "reuse happens before the first block is taken"
        node = self._tree.root(sequence.adapter_key)
        limit = len(sequence.tokens) - 1
        index = 0
        while (index + 1) * BLOCK_SIZE <= limit:
            child = node.children.get(sequence.block_tokens(index))
            if child is None:
                break
            self._acquire(child.block_id)
            sequence.block_table.append(child.block_id)
            node = child
            index += 1
        self._last_nodes[sequence] = node
        sequence.num_published_blocks = index
        sequence.num_computed_tokens = index * BLOCK_SIZE
        return self._copy_partial(sequence, node, limit)

    def _copy_partial(self, sequence: Sequence, node: Node, limit: int) -> list[BlockCopy]:
        """Copy the child that matches at least MIN_COPY_TOKENS of the next block, if any."""
        start = sequence.num_computed_tokens
        rest = sequence.tokens[start : min(limit, start + BLOCK_SIZE)].tobytes()
        child, shared = self._tree.closest_child(node, rest)
        if child is None or shared < MIN_COPY_TOKENS:
            return []
        self._acquire(child.block_id)  # so that making room cannot evict the source
        target = self._take(sequence)
        self._release(child.block_id)
        if target is None:
            return []
        sequence.block_table.append(target)
        sequence.num_computed_tokens = start + shared
        return [BlockCopy(child.block_id, target)]

    def extend(self, sequence: Sequence, num_tokens: int) -> bool:
        """Make the block table cover `num_tokens` positions; False and unchanged if impossible."""
        needed = self.num_missing(sequence, num_tokens)
        if needed > self.num_free + self.num_cached:
            return False
        for _ in range(needed):
            block = self._take(sequence)
            assert block is not None, "a cached block could not be evicted"
            sequence.block_table.append(block)
        return True

    def publish(self, sequence: Sequence) -> None:
        """Put every full block of computed tokens into the prefix tree.

        Where another sequence published the same tokens first, its block is taken over and the
        own one released: equal rows give equal KV, so one copy is enough.
        """
        node = self._last_nodes[sequence]
        for index in range(
            sequence.num_published_blocks, sequence.num_computed_tokens // BLOCK_SIZE
        ):
            block = sequence.block_table[index]
            node = self._tree.insert(node, sequence.block_tokens(index), block)
            if node.block_id != block:
                self._acquire(node.block_id)
                sequence.block_table[index] = node.block_id
                self._release(block)
            else:
                self._nodes[block] = node
            sequence.num_published_blocks = index + 1
        self._last_nodes[sequence] = node

    def release(self, sequence: Sequence) -> None:
        """Give all blocks of a sequence back; published ones stay cached until evicted."""
        for block in reversed(sequence.block_table):  # leaves become the oldest, so they go first
            self._release(block)
        sequence.block_table.clear()
        sequence.num_computed_tokens = 0
        sequence.num_published_blocks = 0
        self._last_nodes.pop(sequence, None)

    def drop_cached(self) -> None:
        """Forget every block that no sequence holds (memory is short, or weights changed)."""
        while self._evictable and self._evict_one():
            pass

    def check_integrity(self, sequences: Iterable[Sequence]) -> None:
        """Assert that counts, tree and block tables agree (tests and debugging)."""
        held = [0] * self.num_blocks
        for sequence in sequences:
            assert len(set(sequence.block_table)) == len(sequence.block_table), "a block twice"
            for block in sequence.block_table:
                held[block] += 1
        assert held == self._ref_counts, f"reference counts {self._ref_counts}, held {held}"
        in_tree = {node.block_id: node for node in self._tree.nodes()}
        assert in_tree == self._nodes, "tree and block map differ"
        for block in range(self.num_blocks):
            places = (block in self._free) + (block in self._evictable) + (held[block] > 0)
            assert places == 1, f"block {block} is in {places} places"
            assert (block in self._evictable) == (block in in_tree and held[block] == 0)
        for node in in_tree.values():
            assert node.parent is not None
            if held[node.block_id]:
                parent = node.parent.block_id
                assert parent < 0 or held[parent], "a used block behind an unused one"

    def _acquire(self, block: int) -> None:
        self._evictable.pop(block, None)
        self._ref_counts[block] += 1

    def _release(self, block: int) -> None:
        self._ref_counts[block] -= 1
        assert self._ref_counts[block] >= 0, f"block {block} released twice"
        if self._ref_counts[block]:
            return
        if block in self._nodes:
            self._evictable[block] = None
        else:
            self._free[block] = None

    def _take(self, sequence: Sequence) -> int | None:
        """A block for the end of the block table; None if nothing can be evicted."""
        if not self._free and not self._evict_one():
            return None
        # Ascending runs of blocks are read as one strided view, without a gather.
        wanted = sequence.block_table[-1] + 1 if sequence.block_table else self._longest_run()
        block = wanted if wanted in self._free else next(iter(self._free))
        del self._free[block]
        self._ref_counts[block] = 1
        self.versions[block] += 1
        return block

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

    def _evict_one(self) -> bool:
        """Free the least recently used cached block that nothing hangs on."""
        for block in self._evictable:
            node = self._nodes[block]
            if not node.children:
                del self._evictable[block]
                del self._nodes[block]
                self._tree.remove(node)
                self._free[block] = None
                return True
        return False


def _blocks_for(num_tokens: int) -> int:
    return -(-num_tokens // BLOCK_SIZE)
