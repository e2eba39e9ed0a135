"""Who holds which KV block: block tables, prefix reuse, eviction.

Plain bookkeeping on the engine thread; it never touches a tensor. Copies that a reuse needs are
returned to the caller.

Blocks are of two kinds, each with a pool of its own. A *full* block is held for as long as its
sequence lives; it serves the layers that see every position. A *window* block serves the layers with
a sliding window and is given back as soon as no later row can see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from realm_desktop.engine.block_pool import BlockPool
from realm_desktop.engine.prefix_tree import Node, PrefixTree, closest_node
from realm_desktop.engine.sequence import NO_BLOCK, Sequence
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow, blocks_for

MIN_COPY_TOKENS = 16
"""A partly matching block is copied from this many positions on; below, computing is as cheap."""


class BlockCopy(NamedTuple):
    """KV of one kind that must be copied before the next step."""

    source: int
    target: int
    is_window: bool = False


class RetiredBlocks(NamedTuple):
    """Blocks of each kind that are never used again."""

    full: Collection[int] = ()
    windowed: Collection[int] = ()


class BlockManager:
    """The blocks of one model.

    The full kind holds every node of the prefix tree, the window kind those that there is room for:
    a prefix can be reused where the blocks that its next row sees are there.

    Args:
        num_blocks: Size of the full pool.
        window: What the layers with a sliding window see; None if the full kind serves all layers.
        num_window_blocks: Size of the window pool.

    Attributes:
        full, windowed: The pools; the second one is empty without a window.
    """

    def __init__(
        self, num_blocks: int, window: SlidingWindow | None = None, num_window_blocks: int = 0
    ) -> None:
        self.full = BlockPool(num_blocks)
        self.windowed = BlockPool(num_window_blocks)
        self._window = window
        self._tree = PrefixTree()
        self._last_nodes: dict[Sequence, Node] = {}

    @property
    def max_sequence_tokens(self) -> int:
        """The longest sequence that the pools can hold."""
        num_tokens = self.full.num_usable * BLOCK_SIZE
        if self._window and self._window.num_blocks(num_tokens) > self.windowed.num_usable:
            return self.windowed.num_usable * BLOCK_SIZE
        return num_tokens

    @property
    def num_used(self) -> int:
        """Blocks of both kinds that sequences hold."""
        return self.full.num_used + self.windowed.num_used

    def can_hold(
        self,
        num_tokens: int,
        others: Iterable[Sequence] = (),
        leaving: Iterable[Sequence] = (),
        *,
        spares_free: bool = False,
    ) -> bool:
        """Whether a new sequence fits beside all that the others will hold at their present length.

        What it could share with them or find cached is not counted on.

        Args:
            num_tokens: Its length.
            others: Sequences that hold blocks.
            leaving: Those of the others that would give their blocks back for it.
            spares_free: It may take only what the leaving ones give back, not what is free now.
        """
        others, leaving = list(others), list(leaving)
        staying = [other for other in others if other not in leaving]
        for pool in self._pools():
            room = self._room(pool, staying, leaving)
            if spares_free:
                room -= max(self._room(pool, others, ()), 0)
            if self._num_blocks(pool, num_tokens) > room:
                return False
        return True

    def is_computing_for(self, runner: Sequence, waiter: Sequence) -> bool:
        """Whether the next block that `runner` will share is one that `waiter` needs and nobody has.

        The same adapters and the same tokens up to the end of a full block, all of them committed.
        """
        index = runner.num_published_blocks
        start, end = index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE
        if runner.cache_key != waiter.cache_key:
            return False
        if end > min(len(runner.tokens), len(waiter.tokens)):
            return False
        tokens = runner.block_tokens(index)
        known = self._last_nodes[runner].children.get(tokens)
        return (
            tokens == waiter.block_tokens(index)
            and (known is None or not self._is_held(known))
            and runner.tokens[:start] == waiter.tokens[:start]
        )

    def reuse_prefix(self, sequence: Sequence) -> list[BlockCopy]:
        """Give a sequence without blocks the longest known beginning of its tokens.

        Sets `num_computed_tokens`; the last token is never reused because its logits are needed.
        Full blocks are shared, a partly matching one is copied.
        """
        assert not sequence.block_table, "reuse happens before the first block is taken"
        limit = len(sequence.tokens) - 1
        root = self._tree.root(sequence.cache_key)
        path = self._reusable(self._known_nodes(sequence, root, limit))
        start = len(path) * BLOCK_SIZE
        for pool, table in self._tables(sequence):
            num_unseen = self._num_unseen(start) if pool is self.windowed else 0
            table += [NO_BLOCK] * num_unseen
            table += [pool.acquire_node(node) for node in path[num_unseen:]]
        self._last_nodes[sequence] = node = path[-1] if path else root
        sequence.num_published_blocks = len(path)
        sequence.num_computed_tokens = start
        return self._copy_partial(sequence, node, limit)

    def extend(self, sequence: Sequence, num_tokens: int) -> bool:
        """Make the block tables cover `num_tokens` positions; False and unchanged if impossible."""
        num_missing = blocks_for(num_tokens) - len(sequence.block_table)
        if num_missing <= 0:
            return True
        if not self._has_room(num_missing):
            return False
        for _ in range(num_missing):
            self._append(sequence)
        return True

    def publish(self, sequence: Sequence) -> None:
        """Put every full block of computed tokens into the prefix tree; due after every step.

        Where another sequence published the same tokens first, its blocks are taken over and the
        own ones released. Window blocks that no later row can see are given back.
        """
        first, end = sequence.num_published_blocks, sequence.num_computed_tokens // BLOCK_SIZE
        if first < end:
            node = self._last_nodes.get(sequence) or self._tree.root(sequence.cache_key)
            for index in range(first, end):
                node = self._tree.insert(node, sequence.block_tokens(index))
                for pool, table in self._tables(sequence):
                    table[index] = pool.publish(node, table[index])
            self._last_nodes[sequence] = node
            sequence.num_published_blocks = end
        if self._window is not None:
            self._return_unseen(sequence)

    def release(self, sequence: Sequence) -> None:
        """Give all blocks of a sequence back; published ones stay cached until evicted."""
        for block in sequence.window_table:
            if block != NO_BLOCK:
                self._return_window_block(block, is_turn_end=True)
        for block in reversed(sequence.block_table):  # leaves become the oldest, so they go first
            self.full.release(block)
        sequence.block_table.clear()
        sequence.window_table.clear()
        sequence.num_computed_tokens = 0
        sequence.num_published_blocks = 0
        self._last_nodes.pop(sequence, None)

    def drop_cached(self) -> None:
        """Forget every block that no sequence holds (memory is short, or weights changed)."""
        for pool in (self.windowed, self.full):
            while pool.num_cached:
                self._evict_one(pool)

    def shrink(self, num_tokens: int, *, is_given_back: bool = False) -> RetiredBlocks:
        """Let the pools take no more memory; the blocks that are given up, perhaps none.

        Args:
            num_tokens: A sequence of this length must still fit.
            is_given_back: The memory of blocks that were used can be given back. Without it a window
                pool hardly shrinks: its sequences wander through all of it.
        """
        self.drop_cached()
        retired = [
            pool.retire(self._num_blocks(pool, num_tokens), is_given_back=is_given_back)
            for pool in self._pools()
        ]
        return RetiredBlocks(*retired)

    def check_integrity(self, sequences: Iterable[Sequence]) -> None:
        """Assert that counts, tree and block tables agree (tests and debugging)."""
        held = {pool: [0] * pool.num_blocks for pool in (self.full, self.windowed)}
        for sequence in sequences:
            self._check_window_table(sequence)
            for pool, table in self._tables(sequence):
                blocks = [block for block in table if block != NO_BLOCK]
                assert len(set(blocks)) == len(blocks), "a block twice"
                for block in blocks:
                    held[pool][block] += 1
        for pool, counts in held.items():
            pool.check_integrity(counts)
        nodes = set(self._tree.nodes())
        assert set(self.full.nodes()) == nodes, "tree and full pool differ"
        assert set(self.windowed.nodes()) <= nodes, "a window block of an unknown node"
        for node in nodes:
            if self.full.is_used(node):
                assert self._is_used_or_root(node.parent), "a used block behind an unused one"
            else:
                assert not self.windowed.is_used(node), "a used window block, an unused full one"

    def _known_nodes(self, sequence: Sequence, root: Node, limit: int) -> list[Node]:
        """The path of the tree that spells the full blocks of the first `limit` tokens."""
        path: list[Node] = []
        node: Node | None = root
        while node is not None and (len(path) + 1) * BLOCK_SIZE <= limit:
            node = node.children.get(sequence.block_tokens(len(path)))
            if node is not None:
                path.append(node)
        return path

    def _reusable(self, path: list[Node]) -> list[Node]:
        """The longest beginning of a path behind which every block that a row sees is there."""
        if self._window is None:
            return path
        longest = run = 0
        for count, node in enumerate(path, start=1):
            run = run + 1 if self.windowed.holds(node) else 0
            if run >= count - self._window.first_block(count * BLOCK_SIZE):
                longest = count
        return path[:longest]

    def _copy_partial(self, sequence: Sequence, node: Node, limit: int) -> list[BlockCopy]:
        """Copy the child that matches at least MIN_COPY_TOKENS of the next block, if any."""
        start = sequence.num_computed_tokens
        rest = sequence.tokens[start : min(limit, start + BLOCK_SIZE)].tobytes()
        tables = self._tables(sequence)
        children = node.children.values()
        child, shared = closest_node((child for child in children if self._is_held(child)), rest)
        if child is None or shared < MIN_COPY_TOKENS:
            return []
        # Held, so that making room cannot evict the source.
        sources = [pool.acquire_node(child) for pool, _ in tables]
        has_room = self._has_room(1)
        if has_room:
            self._append(sequence)
            sequence.num_computed_tokens = start + shared
        for (pool, _), source in zip(tables, sources, strict=True):
            pool.release(source)
        if not has_room:
            return []
        return [
            BlockCopy(source, table[-1], pool is self.windowed)
            for (pool, table), source in zip(tables, sources, strict=True)
        ]

    def _tables(self, sequence: Sequence) -> list[tuple[BlockPool, list[int]]]:
        """Each kind's pool and the sequence's table of it."""
        tables = [(self.full, sequence.block_table)]
        if self._window:
            tables.append((self.windowed, sequence.window_table))
        return tables

    def _is_held(self, node: Node) -> bool:
        """Whether blocks of every kind hold a node."""
        return self.full.holds(node) and (self._window is None or self.windowed.holds(node))

    def _pools(self) -> tuple[BlockPool, ...]:
        """The pools that sequences take blocks from."""
        return (self.full, self.windowed) if self._window else (self.full,)

    def _has_room(self, num_blocks: int) -> bool:
        """Whether so many blocks of each kind can be had."""
        return all(num_blocks <= pool.num_available for pool in self._pools())

    def _num_blocks(self, pool: BlockPool, num_tokens: int) -> int:
        """Most blocks of one kind that a sequence of this length holds at once."""
        if self._window and pool is self.windowed:
            return self._window.num_blocks(num_tokens)
        return blocks_for(num_tokens)

    def _room(
        self, pool: BlockPool, staying: Iterable[Sequence], leaving: Iterable[Sequence]
    ) -> int:
        """Blocks of one kind that a newcomer may take; below 0 if those who stay lack some."""
        room = pool.num_available - sum(self._num_lacking(pool, each) for each in staying)
        # A block that somebody else shares stays used when its leaving holders are gone.
        given = Counter(block for each in leaving for block in self._held(pool, each))
        return room + sum(pool.num_uses(block) == count for block, count in given.items())

    def _num_lacking(self, pool: BlockPool, sequence: Sequence) -> int:
        """Blocks of one kind that a sequence has yet to take for the tokens it has."""
        num_held = len(self._held(pool, sequence))
        return max(self._num_blocks(pool, len(sequence.tokens)) - num_held, 0)

    def _held(self, pool: BlockPool, sequence: Sequence) -> list[int]:
        """The blocks of one kind that a sequence holds."""
        if pool is self.full:
            return sequence.block_table
        return sequence.window_table[sequence.window_table.count(NO_BLOCK) :]

    def _append(self, sequence: Sequence) -> None:
        """Take one more block of each kind; there is room."""
        for pool, table in self._tables(sequence):
            if not pool.num_free:
                self._evict_one(pool)
            table.append(pool.take(table[-1] + 1 if table else None))

    def _evict_one(self, pool: BlockPool) -> None:
        """Free the cached block of a pool that is worth least.

        A full block is the end of its node, so only nodes without children lose theirs.
        """
        if pool is self.windowed:
            pool.forget(next(pool.cached_nodes()))
            return
        node = next(node for node in pool.cached_nodes() if not node.children)
        self.full.forget(node)
        self.windowed.forget(node)
        self._tree.remove(node)

    def _num_unseen(self, num_computed_tokens: int) -> int:
        """Leading blocks that no row behind the computed ones can see in a window layer."""
        return self._window.first_block(num_computed_tokens) if self._window else 0

    def _return_unseen(self, sequence: Sequence) -> None:
        """Give back the window blocks that lie before the window of every later row."""
        table = sequence.window_table
        num_unseen = self._num_unseen(sequence.num_computed_tokens)
        if not num_unseen or table[num_unseen - 1] == NO_BLOCK:
            return
        prompt_end = (sequence.num_prompt_tokens - 1) // BLOCK_SIZE * BLOCK_SIZE
        turn_end = range(self._num_unseen(prompt_end), prompt_end // BLOCK_SIZE + 1)
        for index in range(table.count(NO_BLOCK), num_unseen):
            self._return_window_block(table[index], is_turn_end=index in turn_end)
            table[index] = NO_BLOCK

    def _return_window_block(self, block: int, *, is_turn_end: bool) -> None:
        """Release a window block, to be given up late if conversations go on from there.

        Regenerate and the next message begin where a prompt or a reply ended; there they need the
        whole window. Blocks in the middle of a turn serve an edit at most.
        """
        node = self.windowed.node(block)
        if node is not None:
            node.is_turn_end |= is_turn_end
        self.windowed.release(block, is_passed=node is None or not node.is_turn_end)

    def _check_window_table(self, sequence: Sequence) -> None:
        table = sequence.window_table
        assert len(table) == (len(sequence.block_table) if self._window else 0)
        num_returned = table.count(NO_BLOCK)
        assert table[:num_returned] == [NO_BLOCK] * num_returned, "a gap in a window"
        unseen = min(self._num_unseen(sequence.num_computed_tokens), len(table))
        assert num_returned <= unseen, "a block that is still seen was given back"

    def _is_used_or_root(self, node: Node | None) -> bool:
        return node is None or node.parent is None or self.full.is_used(node)
