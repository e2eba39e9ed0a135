"""Tests of the buttons under a message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Attachment, Message, MessageState
from realm_desktop.ui.chat.message_actions import MessageAction, MessageActions, enabled_actions
from realm_desktop.ui.chat.message_item import ItemState
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_message, make_reply
from tests.support.widgets import child, click

USER = make_message("u", content="Why?")
REPLY = make_reply("a", "u", "Because.")
ACTION = MessageAction
ROLES = {"user": ACTION.ROLE_USER, "assistant": ACTION.ROLE_ASSISTANT}
AGAIN = {ACTION.REGENERATE, ACTION.REGENERATE_WITH}
CHANGES = {
    *(ACTION.DELETE, ACTION.DELETE_BELOW, ACTION.INSERT, ACTION.BRANCH),
    *ROLES.values(),
    ACTION.ROLE_SYSTEM,
}


@pytest.fixture
def actions(shelf: QWidget, theme: Theme) -> MessageActions:
    row = MessageActions(theme, shelf)
    shelf.show()
    return row


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (USER, {ACTION.COPY, ACTION.EDIT, ACTION.STAR, ACTION.COMPARE}),
        (REPLY, {ACTION.COPY, ACTION.EDIT, *AGAIN, ACTION.STAR}),
        (replace(REPLY, content=""), {ACTION.EDIT, *AGAIN, ACTION.STAR}),
        (replace(REPLY, state=MessageState.STREAMING), {ACTION.COPY}),
    ],
)
def test_actions_depend_on_role_and_state(message: Message, expected: set[MessageAction]) -> None:
    found = enabled_actions(ItemState(message))

    is_open = message.state is MessageState.STREAMING
    assert found - CHANGES == expected
    assert found & CHANGES == (set() if is_open else CHANGES - {ROLES[message.role]})


def test_last_message_has_nothing_below() -> None:
    assert ACTION.DELETE_BELOW not in enabled_actions(ItemState(REPLY, is_last=True))


def test_files_can_be_copied_along_where_there_are_any() -> None:
    user = replace(USER, attachments=(Attachment("a.py", "x"),))

    assert ACTION.COPY_WITH_FILES in enabled_actions(ItemState(user))


def test_tokens_can_be_inspected_where_they_are_known() -> None:
    assert ACTION.INSPECT in enabled_actions(ItemState(REPLY, has_tokens=True))
    assert ACTION.INSPECT not in enabled_actions(ItemState(REPLY))


def test_only_copy_is_left_while_a_reply_runs() -> None:
    state = ItemState(REPLY, num_versions=2, is_busy=True)

    assert enabled_actions(state) == {ACTION.COPY}


@pytest.mark.parametrize(
    ("message", "expected"),
    [(USER, {ACTION.COPY}), (REPLY, {ACTION.COPY, ACTION.REGENERATE})],
)
def test_lane_offers_copy_and_another_answer(
    message: Message, expected: set[MessageAction]
) -> None:
    state = ItemState(message, 1, 3, can_continue=True, is_lane=True)

    assert enabled_actions(state) == expected


def test_continue_is_offered_where_it_works() -> None:
    assert ACTION.CONTINUE in enabled_actions(ItemState(REPLY, can_continue=True))


@pytest.mark.parametrize(
    ("version", "expected"),
    [(0, {ACTION.NEXT}), (1, {ACTION.NEXT, ACTION.PREVIOUS}), (2, {ACTION.PREVIOUS})],
)
def test_version_steps_end_at_both_ends(version: int, expected: set[MessageAction]) -> None:
    enabled = enabled_actions(ItemState(REPLY, version, 3))

    assert enabled & {ACTION.NEXT, ACTION.PREVIOUS} == expected


def test_button_asks_for_its_action_on_its_message(qtbot: QtBot, actions: MessageActions) -> None:
    actions.set_message(ItemState(REPLY))

    with qtbot.waitSignal(actions.requested) as asked:
        click(child(actions, QToolButton, "Regenerate"))

    assert asked.args == [ACTION.REGENERATE, "a"]


def test_switcher_shows_which_version_of_how_many(actions: MessageActions) -> None:
    actions.set_message(ItemState(REPLY, 1, 3))

    assert child(actions, QToolButton, "Previous version").isVisibleTo(actions)
    assert child(actions, QLabel, "Version 2 of 3").text() == "2/3"


def test_switcher_is_hidden_for_one_version(actions: MessageActions) -> None:
    actions.set_message(ItemState(REPLY))

    assert not child(actions, QToolButton, "Next version").isVisibleTo(actions)


def test_every_button_has_a_name_and_a_key_path(actions: MessageActions) -> None:
    for button in actions.findChildren(QToolButton):
        assert button.accessibleName()
        assert button.toolTip()
        assert button.width() >= 24


def test_star_says_what_it_would_do(actions: MessageActions) -> None:
    names = []
    for is_starred in (False, True):
        actions.set_message(ItemState(replace(REPLY, is_starred=is_starred)))
        names.append(actions._buttons[ACTION.STAR].accessibleName())

    assert names == ["Star, to learn from", "Remove star"]


def test_reply_that_thought_is_copied_with_its_thoughts_too() -> None:
    reply = replace(REPLY, content="<think>Hm.</think>Because.")

    assert ACTION.COPY_MARKDOWN in enabled_actions(ItemState(reply))
    assert ACTION.COPY_MARKDOWN not in enabled_actions(ItemState(REPLY))
    asked = replace(USER, content="<think>Hm.</think>Because.")
    assert ACTION.COPY_MARKDOWN not in enabled_actions(ItemState(asked))
