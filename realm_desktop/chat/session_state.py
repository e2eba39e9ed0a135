"""The states of a chat and the words for them."""

from __future__ import annotations

from enum import StrEnum

from realm_desktop.events import LoadProgress, Queued
from realm_desktop.store.records import MessageState


class SessionState(StrEnum):
    """What a chat does right now."""

    IDLE = "idle"
    WAITING_FOR_MODEL = "waiting_for_model"
    QUEUED = "queued"
    PREFILL = "prefill"
    DECODE = "decode"
    STOPPING = "stopping"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    RESTARTING = "restarting"

    @property
    def is_busy(self) -> bool:
        """Whether a message waits for its reply or a reply runs."""
        return self not in _RESTING


_RESTING = frozenset({SessionState.IDLE, SessionState.FAILED, SessionState.INTERRUPTED})

_STATE_OF_LEAF = {
    MessageState.FAILED: SessionState.FAILED,
    MessageState.INTERRUPTED: SessionState.INTERRUPTED,
}


def state_of_leaf(leaf: MessageState) -> SessionState:
    """The state of a chat at rest, told by its last message."""
    return _STATE_OF_LEAF.get(leaf, SessionState.IDLE)


def loading_text(progress: LoadProgress | None) -> str:
    """Words for a message that waits for a model."""
    if progress is None:
        return "Saved: sent when a model is loaded"
    return f"Loading {progress.fraction:.0%}: your message will be sent when ready".replace(
        "%", "\u00a0%"
    )


def queued_text(event: Queued) -> str:
    """Words for a request that waits for its place in the batch."""
    place = "next in line" if event.position <= 1 else f"{ordinal(event.position)} in line"
    return f"Waiting, {place}: {event.reason}" if event.reason else f"Waiting, {place}"


def adapters_text(num_adapters: int) -> str:
    """Words for a reply whose adapters are loaded first."""
    return "Loading 1 adapter" if num_adapters == 1 else f"Loading {num_adapters} adapters"


def reading_text(num_prompt_tokens: int, num_cached_tokens: int, progress: float) -> str:
    """Words for a prompt that is being computed; `progress` is 0 to 1."""
    words = f"Reading {num_prompt_tokens:,} tokens · {int(progress * 100)}\u00a0%"
    return f"{words} · {num_cached_tokens:,} reused" if num_cached_tokens else words


def restarting_text(num_restarts: int) -> str:
    """Words for a reply whose engine died and that is being resumed."""
    times = f" ({ordinal(num_restarts)} time)" if num_restarts > 1 else ""
    return f"Engine restarted{times}. Resuming this reply"


def ordinal(number: int) -> str:
    """A place in words: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
