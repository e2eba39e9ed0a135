"""Which model answers in a workspace that names one: the loaded one, or its own after a load.

A load ends every reply that runs, so it begins by itself only while no other chat needs the loaded
model. Only the decision; `model_switch.py` acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ModelStep(StrEnum):
    """What happens next with a message that waits for its reply."""

    WAIT = "wait"
    ANSWER = "answer"
    LOAD = "load"
    ASK = "ask"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ModelSituation:
    """What the decision depends on.

    Attributes:
        wanted: Path of the workspace's model; empty takes whichever is loaded.
        loaded: Path of the loaded model; empty without one.
        is_switching: A load for the sake of a workspace is about to begin, or runs.
        is_loading: Any load runs, or the engine is down.
        is_lost: The wanted model is gone, or was refused.
        is_loaded_accepted: The user lets the loaded model answer in its place.
        are_others_busy: Another chat generates with the loaded model, or is about to.
    """

    wanted: str
    loaded: str
    is_switching: bool = False
    is_loading: bool = False
    is_lost: bool = False
    is_loaded_accepted: bool = False
    are_others_busy: bool = False

    @property
    def is_loaded_right(self) -> bool:
        """Whether the loaded model, if any, may answer."""
        return not self.wanted or self.wanted == self.loaded or self.is_loaded_accepted


def next_step(situation: ModelSituation) -> ModelStep:
    """The decision; the first rule that fits holds."""
    if situation.is_switching:
        # What begins now would be ended by the load a moment later.
        return ModelStep.WAIT
    if situation.loaded and situation.is_loaded_right:
        return ModelStep.ANSWER
    if situation.is_loading or not situation.wanted:
        # A load that the user asked for goes first; a second one would end it.
        return ModelStep.WAIT
    if situation.is_lost:
        return ModelStep.LOST
    return ModelStep.ASK if situation.are_others_busy else ModelStep.LOAD
