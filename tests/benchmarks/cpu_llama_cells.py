"""What `cpu_llama` measures: cells of its table, and the files they are measured with.

The goals are those of the issue that asked for the kernels: ratios to llama.cpp, at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from tests.benchmarks.contestant import Question

OURS, THEIRS, PLAIN = "Realm", "llama.cpp", "llama.cpp plain"
DECODED_TOKENS: Final = 24
DEPTH, LONG_DEPTH = 2048, 8000  # the network has 8192 positions
START_TOKENS: Final = 16
MOST_ROW_COST: Final = 1.15
LEAST_BANDWIDTH: Final = 0.9
"""Share of the read bandwidth that one chat reaches."""

_NO_GOALS: Final[Mapping[str, float]] = MappingProxyType({})


class Cell(NamedTuple):
    """One line of the table for each file, or several.

    Attributes:
        group: What --cells calls it.
        name: For the table.
        question: What contestants are asked.
        tokens: Tokens a second are this over the seconds of the answer; 0 for other figures.
        num_chats, num_tokens: What room a contestant needs.
        goal: Of the ratio to llama.cpp.
        goals: Where a type of file has another one.
        peers: With whom it is compared.
        has_probe: Whether the weights read in a second are set beside what the memory can give.
    """

    group: str
    name: str
    question: Question
    tokens: int
    num_chats: int
    num_tokens: int
    goal: float
    goals: Mapping[str, float] = _NO_GOALS
    peers: tuple[str, ...] = (THEIRS,)
    has_probe: bool = False

    @property
    def is_start(self) -> bool:
        """Whether each answer takes fresh processes."""
        return self.question["work"] == "start"

    def goal_of(self, kind: str) -> float:
        """For a type of file."""
        return self.goals.get(kind, self.goal)


class Suite(NamedTuple):
    """Files of one shape, and what is measured with each.

    Attributes:
        name: What --suites calls it.
        shape: Of `random_models`.
        kinds: Types of files.
        cells: In the order of the table.
    """

    name: str
    shape: str
    kinds: tuple[str, ...]
    cells: tuple[Cell, ...]


def decode_cell(
    chats: int, goal: float, *, depth: int = 16, group: str = "decode", q8_goal: float | None = None
) -> Cell:
    """One token of each chat at a depth."""
    question: Question = {
        "work": "decode",
        "chats": chats,
        "depth": depth,
        "tokens": DECODED_TOKENS,
    }
    goals = _NO_GOALS if q8_goal is None else {"Q8_0": q8_goal}
    room = depth + 2 * DECODED_TOKENS
    return Cell(group, f"decode {chats} at {depth}", question, chats, chats, room, goal, goals)


def prefill_cell(group: str, tokens: int) -> Cell:
    """A prompt up to its first token; the peer without its run-time layout is often faster."""
    question: Question = {"work": "prefill", "tokens": tokens}
    peers = (THEIRS, PLAIN)
    return Cell(group, f"prefill {tokens}", question, tokens, 1, tokens + 1, 1.8, peers=peers)


def rows_cell(rows: int) -> Cell:
    """One pass over some rows of one chat."""
    question: Question = {"work": "rows", "rows": rows, "depth": 64, "tokens": DECODED_TOKENS}
    return Cell("rows", f"{rows} rows of 1", question, rows, 1, 256, 1.0)


def start_cell() -> Cell:
    """The second start, up to the first token."""
    question: Question = {"work": "start", "tokens": START_TOKENS}
    return Cell("start", "start", question, 0, 1, 256, 1 / 0.7)


BEST_OF_PEER_GOAL: Final = 1.2
"""Of prefill, against the faster of the peer's settings."""

SUITES: Final = (
    Suite(
        "main",
        "llama-1b",
        ("Q4_0", "Q4_K_M", "Q8_0"),
        (
            decode_cell(1, 1.0)._replace(has_probe=True),
            decode_cell(4, 2.2, q8_goal=1.8),
            decode_cell(8, 3.5, q8_goal=2.5),
            decode_cell(16, 2.5),
            rows_cell(4),
            start_cell(),
            prefill_cell("prefill", 512),
            prefill_cell("long-prefill", 2048),
            decode_cell(1, 1.4, depth=DEPTH, group="depth"),
            decode_cell(1, 2.0, depth=LONG_DEPTH, group="long-depth"),
            decode_cell(4, 2.0, depth=LONG_DEPTH, group="long-depth-4"),
        ),
    ),
    Suite(
        "types",
        "llama-1b",
        ("Q6_K", "IQ4_XS", "MXFP4"),
        (decode_cell(1, 1.0), decode_cell(8, 2.0)),
    ),
    Suite(
        "qwen",
        "qwen3-0.6b",
        ("Q4_K_M",),
        (
            decode_cell(1, 1.0),
            decode_cell(8, 2.5),
            decode_cell(1, 2.5, depth=DEPTH, group="depth"),
        ),
    ),
    Suite("8m", "llama-8m", ("Q4_0",), (decode_cell(1, 1.0), decode_cell(8, 2.5))),
)
