"""Random operations on blocks of both kinds, against a plain search over texts."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.prefix_tree import Node
from realm_desktop.engine.sequence import NO_BLOCK, Sequence
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow
from tests.support.sequences import make_sequence

MAX_ROWS = 150
Contents = dict[int, list[int]]
"""Which token the KV of each position belongs to, by block."""


class FullBlocks(RuleBasedStateMachine):
    """Sequences come, grow, pause and go; all layers use the full kind."""

    num_blocks = 12
    num_window_blocks = 0
    window: int | None = None

    def __init__(self) -> None:
        super().__init__()
        window = SlidingWindow(self.window, MAX_ROWS) if self.window else None
        self.manager = BlockManager(self.num_blocks, window, self.num_window_blocks)
        self.open: list[Sequence] = []
        self.paused: list[Sequence] = []
        self.full: Contents = {}
        self.windowed: Contents = {}

    def enter(self, sequence: Sequence) -> None:
        """Admit a sequence; what it reuses is the most that any text in the tree allows."""
        expected = self.num_reusable_blocks(sequence)
        for copy in self.manager.reuse_prefix(sequence):
            contents = self.windowed if copy.is_window else self.full
            contents[copy.target] = list(contents[copy.source])
        assert sequence.num_computed_tokens < len(sequence.tokens)
        assert sequence.num_computed_tokens // BLOCK_SIZE == expected
        self.open.append(sequence)

    def num_reusable_blocks(self, sequence: Sequence) -> int:
        """The longest beginning in whole blocks that is known and whose window is there."""
        nodes = dict(texts(self.manager._tree.root(()), []))
        tokens = tuple(sequence.tokens)
        for count in range((len(tokens) - 1) // BLOCK_SIZE, 0, -1):
            path = [nodes.get(tokens[: end * BLOCK_SIZE]) for end in range(1, count + 1)]
            oldest = count * BLOCK_SIZE - self.window + 1 if self.window else 0
            if all(
                node is not None and (not self.window or self.manager.windowed.holds(node))
                for index, node in enumerate(path)
                if node is None or (index + 1) * BLOCK_SIZE > oldest
            ):
                return count
        return 0

    def write(self, sequence: Sequence, first: int, last: int) -> None:
        for position in range(first, last):
            for contents, table in self.tables(sequence):
                block = contents.setdefault(table[position // BLOCK_SIZE], [])
                block[position % BLOCK_SIZE :] = [sequence.tokens[position]]

    def tables(self, sequence: Sequence) -> list[tuple[Contents, list[int]]]:
        full = [(self.full, sequence.block_table)]
        return full + [(self.windowed, sequence.window_table)] * bool(self.window)

    @rule(start=st.integers(0, 1), length=st.integers(1, 460), branch=st.integers(0, 400))
    def add(self, start: int, length: int, branch: int) -> None:
        tokens = [(start * 1000 + i) if i < branch else (i * 7 + length) for i in range(length)]
        if self.manager.can_hold(length + 1, self.open):
            self.enter(make_sequence(tokens))

    @rule(start=st.integers(0, 1), length=st.integers(1, 460), branch=st.integers(0, 400))
    def finish_a_turn(self, start: int, length: int, branch: int) -> None:
        num_open = len(self.open)
        self.add(start, length, branch)
        while len(self.open) > num_open and self.open[-1].num_pending_tokens:
            self.compute(-1, MAX_ROWS, 0)
        if len(self.open) > num_open:
            self.release(-1, is_preempted=False)

    @precondition(lambda self: self.open)
    @rule(index=st.integers(0, 100), num_new=st.integers(1, MAX_ROWS), num_right=st.integers(0, 9))
    def compute(self, index: int, num_new: int, num_right: int) -> None:
        sequence = self.open[index % len(self.open)]
        target = min(sequence.num_computed_tokens + num_new, len(sequence.tokens))
        before = list(sequence.block_table), list(sequence.window_table)
        if not self.manager.extend(sequence, target):
            assert (sequence.block_table, sequence.window_table) == before
            return
        self.write(sequence, sequence.num_computed_tokens, target)
        # Draft rows that are rejected were written too, but count for nothing.
        sequence.num_computed_tokens = max(sequence.num_computed_tokens, target - num_right)
        self.manager.publish(sequence)

    @precondition(lambda self: self.open)
    @rule(index=st.integers(0, 100), num_tokens=st.integers(1, 40))
    def generate(self, index: int, num_tokens: int) -> None:
        sequence = self.open[index % len(self.open)]
        sequence.tokens.extend(range(num_tokens))

    @precondition(lambda self: self.open)
    @rule(index=st.integers(0, 100), is_preempted=st.booleans(), newcomer=st.integers(1, 460))
    def release(self, index: int, is_preempted: bool, newcomer: int = 1) -> None:
        index %= len(self.open)
        would_fit = self.manager.can_hold(newcomer, self.open, [self.open[index]])
        sequence = self.open.pop(index)
        self.manager.release(sequence)
        assert self.manager.can_hold(newcomer, self.open) == would_fit
        if is_preempted:
            self.paused.append(sequence)

    @precondition(lambda self: self.paused)
    @rule()
    def resume(self) -> None:
        if self.manager.can_hold(len(self.paused[0].tokens) + 1, self.open):
            self.enter(self.paused.pop(0))

    @rule()
    def drop_cached(self) -> None:
        self.manager.drop_cached()

    @invariant()
    def every_visible_position_holds_its_own_token(self) -> None:
        for sequence in self.open:
            oldest = sequence.num_computed_tokens - self.window + 1 if self.window else 0
            for position in range(sequence.num_computed_tokens):
                for contents, table in self.tables(sequence):
                    if contents is self.full or position >= oldest:
                        block = contents[table[position // BLOCK_SIZE]]
                        assert block[position % BLOCK_SIZE] == sequence.tokens[position]

    @invariant()
    def no_sequence_holds_more_than_a_window_and_its_rows(self) -> None:
        for sequence in self.open:
            if self.window:
                num_held = len(sequence.window_table) - sequence.window_table.count(NO_BLOCK)
                assert num_held <= SlidingWindow(self.window, MAX_ROWS).num_blocks(10**6)

    @invariant()
    def nothing_leaks(self) -> None:
        self.manager.check_integrity(self.open)
        for pool in (self.manager.full, self.manager.windowed):
            assert pool.num_free + pool.num_cached + pool.num_used == pool.num_blocks


class NarrowWindow(FullBlocks):
    """A window of less than a block."""

    num_window_blocks, window = 8, 40


class WideWindow(FullBlocks):
    """A window of several blocks, in a pool that holds hardly more than one sequence."""

    num_window_blocks, window = 9, 200


class RoomyWindow(FullBlocks):
    """A window pool that the full one always exceeds: it keeps most of what it once held."""

    num_blocks, num_window_blocks, window = 9, 30, 128


def texts(node: Node, before: list[int]) -> Iterator[tuple[tuple[int, ...], Node]]:
    """Every text that the tree knows, and the node where it ends."""
    for child in node.children.values():
        tokens = [*before, *memoryview(child.tokens).cast("i")]
        yield tuple(tokens), child
        yield from texts(child, tokens)


SETTINGS = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestFullBlocks = FullBlocks.TestCase
TestFullBlocks.settings = SETTINGS
TestNarrowWindow = NarrowWindow.TestCase
TestNarrowWindow.settings = SETTINGS
TestWideWindow = WideWindow.TestCase
TestWideWindow.settings = SETTINGS
TestRoomyWindow = RoomyWindow.TestCase
TestRoomyWindow.settings = SETTINGS
