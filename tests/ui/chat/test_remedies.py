"""What can be done about each kind of failure, and that every button does something."""

from __future__ import annotations

import pytest

from realm_desktop.events import ErrorInfo
from realm_desktop.ui.actions import ACTION_NAMES
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.remedies import MAX_REMEDIES, InFolder, Remedy, remedies_of

KINDS = (
    "OutOfMemory",
    "PromptTooLong",
    "NoModel",
    "EngineStopped",
    "TemplateError",
    "AdapterError",
    "AdapterMismatch",
    "StoreError",
    "InternalError",
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_has_one_to_three_remedies_that_exist(kind: str) -> None:
    remedies = remedies_of(ErrorInfo(kind, "x"))

    assert 1 <= len(remedies) <= MAX_REMEDIES
    assert len({remedy.text for remedy in remedies}) == len(remedies)
    known = {*MessageAction, *ACTION_NAMES}
    assert {remedy.does for remedy in remedies} <= known


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_can_be_tried_again(kind: str) -> None:
    does = {remedy.does for remedy in remedies_of(ErrorInfo(kind, "x"))}

    assert does & {MessageAction.REGENERATE, MessageAction.LEAVE_OUT}


@pytest.mark.parametrize("kind", KINDS)
def test_lane_offers_only_what_it_can_do(kind: str) -> None:
    remedies = remedies_of(ErrorInfo(kind, "x"), is_lane=True)

    assert remedies
    assert {one.does for one in remedies} <= {MessageAction.REGENERATE, *ACTION_NAMES}


@pytest.mark.parametrize("kind", [*KINDS, "CorruptFile"])
def test_file_at_fault_is_shown_where_there_is_room(kind: str) -> None:
    without, found = (remedies_of(ErrorInfo(kind, "x", file=file)) for file in (None, "/m/a.gguf"))

    place = (Remedy("Show in folder", InFolder("/m/a.gguf")),)
    assert found == (without if len(without) == MAX_REMEDIES else without + place)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("OutOfMemory", MessageAction.REGENERATE),
        ("PromptTooLong", MessageAction.LEAVE_OUT),
        ("NoModel", "choose-model"),
        ("TemplateError", "builtin-template"),
        ("AdapterMismatch", "show-adapters"),
    ],
)
def test_likeliest_remedy_comes_first(kind: str, first: str) -> None:
    assert remedies_of(ErrorInfo(kind, "x"))[0].does == first
