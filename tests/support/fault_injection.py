"""Faults that are raised inside the engine for one request, at one of its steps."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.reply import Reply
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.sampling import chooser
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.grammar import Grammar
from realm_desktop.engine.sequence import PlannedRows, Sequence
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.engine.speculation.ngram import NgramDrafter
from realm_desktop.errors import InvalidGrammar
from realm_desktop.protocol import RequestId


class Place(StrEnum):
    """Where a fault is raised."""

    FORWARD = "forward"
    UNATTRIBUTED = "forward, once and for nobody in particular"
    SAMPLER = "sampler"
    GRAMMAR = "grammar"
    DETOKENIZER = "detokenizer"
    PUBLISH = "publish"
    NGRAM_DRAFTER = "n-gram drafter"
    MODEL_DRAFTER = "draft model"


HARMLESS = frozenset({Place.UNATTRIBUTED, Place.NGRAM_DRAFTER, Place.MODEL_DRAFTER})
"""Faults that end nobody's reply: a pass is run again in halves, and a reply needs no draft."""


class Panic(BaseException):
    """Stands for a panic of a Rust library, which Python sees as a BaseException."""


ERRORS: tuple[Callable[[], BaseException], ...] = (
    lambda: ValueError("injected"),
    lambda: RuntimeError("injected"),
    lambda: AssertionError("injected"),
    lambda: RecursionError("injected"),
    lambda: StopIteration("injected"),
    lambda: KeyError("injected"),
    lambda: InvalidGrammar("injected"),
    lambda: Panic("injected"),
    MemoryError,
)


@dataclass
class Fault:
    """An error from the `step`-th call on that a place makes for a request.

    Attributes:
        engine: Whose request it is.
        request_id: The one at fault.
        place: Where.
        step: Calls that pass before it, at least 0.
        error: Makes the exception.
        num_raised: How often it was raised.
    """

    engine: Engine
    request_id: RequestId
    place: Place
    step: int
    error: Callable[[], BaseException]
    num_raised: int = 0
    _num_calls: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Patch the place."""
        owner, name, concerns = _SITES[self.place]
        original = getattr(owner, name)

        def faulty(*args: Any, **options: Any) -> Any:
            if concerns(self, args):
                self._count()
            return original(*args, **options)

        patch.setattr(owner, name, faulty)

    @property
    def sequence(self) -> Sequence | None:
        """The request at fault, while it is open."""
        model = self.engine._model
        assert model is not None
        return model.scheduler.find(self.request_id)

    @property
    def chooser(self) -> TokenChooser | None:
        """What chooses its tokens."""
        sequence, model = self.sequence, self.engine._model
        assert model is not None
        return model.requests.chooser(sequence) if sequence else None

    @property
    def reply(self) -> Reply | None:
        """Its text."""
        sequence, model = self.sequence, self.engine._model
        assert model is not None
        return model.requests.reply(sequence) if sequence else None

    def _count(self) -> None:
        self._num_calls += 1
        is_once = self.place is Place.UNATTRIBUTED
        if self._num_calls <= self.step or (is_once and self.num_raised):
            return
        self.num_raised += 1
        raise self.error()


def random_error(generator: random.Random, place: Place) -> Callable[[], BaseException]:
    """Any error; a lack of memory in the forward pass is nobody's fault and tested elsewhere."""
    if place is Place.FORWARD:
        return generator.choice(ERRORS[:-1])
    return generator.choice(ERRORS)


def _is_in_pass(fault: Fault, args: tuple[Any, ...]) -> bool:
    rows: list[PlannedRows] = args[1]
    return any(entry.sequence.request_id == fault.request_id for entry in rows)


def _is_own_chooser(fault: Fault, args: tuple[Any, ...]) -> bool:
    row = args[1]
    own = fault.chooser
    return own is not None and row.params is own._params


def _is_own_grammar(fault: Fault, args: tuple[Any, ...]) -> bool:
    own = fault.chooser
    return own is not None and own._grammar is args[0]


def _is_own_reply(fault: Fault, args: tuple[Any, ...]) -> bool:
    return fault.reply is args[0]


def _is_own_sequence(fault: Fault, args: tuple[Any, ...]) -> bool:
    sequence: Sequence = args[1]
    return sequence.request_id == fault.request_id


def _is_ordered(fault: Fault, args: tuple[Any, ...]) -> bool:
    return any(order.sequence.request_id == fault.request_id for order in args[1])


Concerns = Callable[[Fault, tuple[Any, ...]], bool]
_SITES: dict[Place, tuple[Any, str, Concerns]] = {
    Place.FORWARD: (Runner, "forward", _is_in_pass),
    Place.UNATTRIBUTED: (Runner, "forward", _is_in_pass),
    Place.SAMPLER: (chooser, "sample_row", _is_own_chooser),
    Place.GRAMMAR: (Grammar, "commit", _is_own_grammar),
    Place.DETOKENIZER: (Reply, "push", _is_own_reply),
    Place.PUBLISH: (BlockManager, "publish", _is_own_sequence),
    Place.NGRAM_DRAFTER: (NgramDrafter, "propose", _is_ordered),
    Place.MODEL_DRAFTER: (ModelDrafter, "propose", _is_ordered),
}
