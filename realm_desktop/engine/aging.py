"""Priority classes over time: what waiting earns, and what it lets a paused sequence keep.

Three classes of one sequence are told apart. Its *raw* class is what the caller asked for. Its *aged*
class says whose turn it is: one better for every AGING_S seconds without progress. Its *held* class
defends its blocks: raw until it was paused, and better by what it rose since, to its end. So a sequence
that has only waited takes no blocks from others, and one that was sent away cannot be sent away without
end. Plain numbers; time is passed in. Engine thread.
"""

from __future__ import annotations

from realm_desktop.engine.sequence import Sequence
from realm_desktop.protocol import Priority

AGING_S = 10.0
"""A sequence without progress rises one priority class in this time, so nothing starves."""

OVERDUE = int(Priority.FOREGROUND) - 1
"""The class that only a paused sequence can rise to, by waiting once more than to FOREGROUND. Without it
an endless stream of newcomers, whose clocks are lower, would keep it out for good."""


def aged_class(sequence: Sequence, now_s: float) -> int:
    """The class that a sequence goes by; the lowest goes first."""
    risen = max(sequence.num_classes_risen, _num_classes(sequence, now_s))
    return max(int(sequence.priority) - risen, _best_class(sequence))


def held_class(sequence: Sequence) -> int:
    """The class that defends the blocks of a running sequence; the highest gives way first."""
    return max(int(sequence.priority) - sequence.num_classes_risen, _best_class(sequence))


def note_admission(sequence: Sequence, now_s: float) -> None:
    """A sequence gets blocks: if it was paused, it defends them with the class it rose to."""
    if sequence.num_preemptions:
        risen = max(sequence.num_classes_risen, _num_classes(sequence, now_s))
        sequence.num_classes_risen = risen


def note_rows(sequence: Sequence, num_new: int, now_s: float) -> None:
    """A sequence gets rows. Only those beyond where it was when it was paused end its waiting.

    Computing again what was computed before is no progress: sequences sent away in turn, each time
    before they caught up, would never be old.
    """
    note_admission(sequence, now_s)
    if sequence.num_computed_tokens + num_new > sequence.num_reached_tokens:
        sequence.waiting_since_s = now_s


def note_preemption(sequence: Sequence) -> None:
    """A sequence is about to give its blocks back."""
    sequence.num_preemptions += 1
    reached = max(sequence.num_reached_tokens, sequence.num_computed_tokens)
    sequence.num_reached_tokens = reached


def note_return(sequence: Sequence, parked_s: float) -> None:
    """A sequence comes back after the user had paused it for so long.

    All its times move on by that, as if it had come later: it does not age by it, and the speed of
    its reply and the time to its first token do not tell of it.
    """
    sequence.arrived_s += parked_s
    sequence.waiting_since_s += parked_s
    sequence.admitted_s += parked_s
    if sequence.first_token_s > 0:
        sequence.first_token_s += parked_s
        sequence.last_token_s += parked_s


def _num_classes(sequence: Sequence, now_s: float) -> int:
    """Classes that a sequence rose since it last got on."""
    return int((now_s - sequence.waiting_since_s) / AGING_S)


def _best_class(sequence: Sequence) -> int:
    return OVERDUE if sequence.num_preemptions else int(Priority.FOREGROUND)
