"""What every drafter can do.

A drafter guesses the tokens that a sequence will commit next. The step verifies the guess by the
seeded match, so a drafter changes the speed of a reply and never its text. Engine thread.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from realm_desktop.engine.sequence import Sequence


class DraftOrder(NamedTuple):
    """One sequence that should get a draft, and the most tokens it may have (at least 1)."""

    sequence: Sequence
    max_tokens: int


class Drafter(Protocol):
    """Proposes draft tokens for running sequences that have one pending token."""

    def observe(self, sequence: Sequence) -> None:
        """Take note of the tokens that a sequence has committed since the last call."""

    def propose(self, orders: list[DraftOrder]) -> list[list[int]]:
        """Draft tokens for each order, in their order: at most as many as asked, possibly none."""

    def forget(self, sequence: Sequence) -> None:
        """Drop what is kept about a sequence that has ended."""
