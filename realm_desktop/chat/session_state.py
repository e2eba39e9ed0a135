"""The states of a chat and the words for them."""

from __future__ import annotations

from enum import StrEnum

from realm_desktop.events import ErrorInfo, LoadProgress, Queued
from realm_desktop.phrase import Phrase, Place
from realm_desktop.store.records import MessageState


class SessionState(StrEnum):
    """What a chat does right now."""

    IDLE = "idle"
    WAITING_FOR_MODEL = "waiting_for_model"
    QUEUED = "queued"
    PARKED = "parked"
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


def loading_text(progress: LoadProgress | None) -> Phrase:
    """Words for a message that waits for a model."""
    if progress is None:
        return Phrase("Saved: sent when a model is loaded")
    # Rounded as a whole number of percent: a locale writes the digits, the template the sign.
    percent = round(progress.fraction * 100)
    return Phrase("Loading {}\u00a0%: your message will be sent when ready", percent)


def queued_text(event: Queued) -> Phrase:
    """Words for a request that waits for its place in the batch."""
    is_next = event.position <= 1
    place = Phrase("next in line") if is_next else Phrase("{} in line", Place(event.position))
    if event.reason:
        return Phrase("Waiting, {}: {}", place, event.reason)
    return Phrase("Waiting, {}", place)


def parked_text() -> Phrase:
    """Words for a reply that the user paused."""
    return Phrase("Paused by you")


def adapters_text(num_adapters: int) -> Phrase:
    """Words for a reply whose adapters are loaded first."""
    if num_adapters == 1:
        return Phrase("Loading 1 adapter")
    return Phrase("Loading {} adapters", num_adapters)


def reading_text(num_prompt_tokens: int, num_cached_tokens: int, progress: float) -> Phrase:
    """Words for a prompt that is being computed; `progress` is 0 to 1."""
    percent = int(progress * 100)
    if num_cached_tokens:
        return Phrase(
            "Reading {} tokens · {}\u00a0% · {} reused",
            num_prompt_tokens,
            percent,
            num_cached_tokens,
        )
    return Phrase("Reading {} tokens · {}\u00a0%", num_prompt_tokens, percent)


def restarting_text(num_restarts: int) -> Phrase:
    """Words for a reply whose engine died and that is being resumed."""
    if num_restarts > 1:
        return Phrase("Engine restarted ({} time). Resuming this reply", Place(num_restarts))
    return Phrase("Engine restarted. Resuming this reply")


def resting_text(
    state: SessionState, progress: LoadProgress | None, error: ErrorInfo | None
) -> str:
    """Words for a chat none of whose replies is under way; empty when there is nothing to say."""
    match state:
        case SessionState.WAITING_FOR_MODEL:
            return loading_text(progress)
        case SessionState.QUEUED:
            return Phrase("Waiting")
        case SessionState.FAILED:
            return error.message if error else Phrase("The reply failed")
        case SessionState.INTERRUPTED:
            return Phrase("Interrupted")
    return ""
