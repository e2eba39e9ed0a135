"""The message tree and its visible branch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from realm_desktop.chat.transcript import (
    MessageAppended,
    MessageChanged,
    Transcript,
    TranscriptChange,
    TranscriptReset,
)
from realm_desktop.store.records import Message, MessageId
from tests.support.stores import make_message, make_reply


def _ids(transcript: Transcript) -> list[str]:
    return [message.message_id for message in transcript.messages]


def _recorded(transcript: Transcript) -> list[TranscriptChange]:
    changes: list[TranscriptChange] = []
    transcript.subscribe(changes.append)
    return changes


@pytest.fixture
def transcript() -> Transcript:
    """u1 - a1 - u2 - a2, with b1 as a second version of a1."""
    made = Transcript()
    made.load(
        [
            make_message("u1"),
            make_reply("a1", "u1", "first"),
            make_message("u2", "a1"),
            make_reply("a2", "u2"),
            make_reply("b1", "u1", "second"),
        ],
        MessageId("a2"),
    )
    return made


def test_other_replies_are_versions_and_then_replies_to_an_edited_message() -> None:
    transcript = Transcript()
    transcript.load(
        [
            make_message("u1"),
            make_reply("a1", "u1"),
            make_message("u2"),
            make_reply("a2", "u2"),
            make_reply("b2", "u2"),
            make_message("u3", "a2"),
            make_reply("c2", "u2"),
        ]
    )

    others = transcript.other_replies(MessageId("b2"))
    assert [message.message_id for message in others] == ["c2", "a2", "a1"]


def test_first_reply_has_no_others(transcript: Transcript) -> None:
    assert transcript.other_replies(MessageId("a2")) == []


def test_new_transcript_is_empty() -> None:
    transcript = Transcript()
    transcript.load([])

    assert _ids(transcript) == []
    assert transcript.leaf_id is None
    assert transcript.branch_to(None) == []


def test_branch_runs_from_root_to_the_stored_leaf(transcript: Transcript) -> None:
    assert _ids(transcript) == ["u1", "a1", "u2", "a2"]
    assert transcript.leaf_id == "a2"


def test_unknown_leaf_shows_the_latest_message(transcript: Transcript) -> None:
    messages = [make_message("u1"), make_reply("a1", "u1"), make_reply("b1", "u1")]
    transcript.load(messages, MessageId("gone"))

    assert _ids(transcript) == ["u1", "b1"]


def test_message_whose_parent_is_lost_becomes_a_root(transcript: Transcript) -> None:
    transcript.load([make_message("u1"), make_reply("a9", "lost"), make_message("u9", "a9")])

    assert _ids(transcript) == ["a9", "u9"]
    assert transcript.version_of(MessageId("a9")) == (1, 2)


def test_message_that_is_its_own_parent_becomes_a_root(transcript: Transcript) -> None:
    transcript.load([make_message("u1", "u1")])

    assert _ids(transcript) == ["u1"]


def test_added_message_is_appended(transcript: Transcript) -> None:
    changes = _recorded(transcript)
    transcript.add(make_message("u3", "a2"))

    assert _ids(transcript)[-1] == "u3"
    assert changes == [MessageAppended(4)]


def test_added_version_replaces_the_branch_below_its_parent(transcript: Transcript) -> None:
    changes = _recorded(transcript)
    transcript.add(make_reply("c1", "u1"))

    assert _ids(transcript) == ["u1", "c1"]
    assert transcript.version_of(MessageId("c1")) == (2, 3)
    assert changes == [TranscriptReset()]


def test_message_of_an_unknown_parent_is_refused(transcript: Transcript) -> None:
    with pytest.raises(KeyError):
        transcript.add(make_message("u3", "nobody"))

    assert _ids(transcript) == ["u1", "a1", "u2", "a2"]


def test_version_there_and_back_shows_the_same_branch(transcript: Transcript) -> None:
    assert transcript.select_version(MessageId("a1"), +1)
    assert _ids(transcript) == ["u1", "b1"]

    assert transcript.select_version(MessageId("b1"), -1)
    assert _ids(transcript) == ["u1", "a1", "u2", "a2"]


@pytest.mark.parametrize("step", [-1, 0, 2])
def test_version_beyond_the_ends_changes_nothing(transcript: Transcript, step: int) -> None:
    changes = _recorded(transcript)

    assert not transcript.select_version(MessageId("a1"), step)
    assert changes == []


def test_streamed_text_is_in_the_message_when_it_is_read(transcript: Transcript) -> None:
    changes = _recorded(transcript)
    for piece in ("one ", "two ", "three"):
        transcript.append_text(MessageId("a2"), piece)

    assert transcript.messages[3].content == "one two three"
    assert transcript.get(MessageId("a2")).content == "one two three"
    assert changes == [MessageChanged(3)] * 3


def test_text_streamed_into_a_hidden_message_is_kept_silently(transcript: Transcript) -> None:
    transcript.select_version(MessageId("a1"), +1)
    changes = _recorded(transcript)
    transcript.append_text(MessageId("a2"), "hidden")

    assert changes == []
    assert transcript.get(MessageId("a2")).content == "hidden"


def test_replaced_message_drops_text_not_yet_joined(transcript: Transcript) -> None:
    transcript.append_text(MessageId("a1"), " more")
    changes = _recorded(transcript)
    transcript.replace(make_reply("a1", "u1", "final"))

    assert transcript.messages[1].content == "final"
    assert changes == [MessageChanged(1)]


def test_place_of_a_message_is_known_while_it_is_visible(transcript: Transcript) -> None:
    assert transcript.index_of(MessageId("u2")) == 2
    assert transcript.index_of(MessageId("b1")) is None


def test_unsubscribed_listener_hears_nothing_more(transcript: Transcript) -> None:
    changes: list[TranscriptChange] = []
    transcript.subscribe(changes.append)()
    transcript.add(make_message("u3", "a2"))

    assert changes == []


def test_streaming_a_long_reply_does_not_copy_it_for_every_token(transcript: Transcript) -> None:
    for _ in range(200_000):
        transcript.append_text(MessageId("a2"), "token ")

    assert len(transcript.messages[3].content) == 6 * 200_000


class TranscriptAgainstNaiveTree(RuleBasedStateMachine):
    """Random use of a transcript against a tree that recomputes everything from its parents."""

    def __init__(self) -> None:
        super().__init__()
        self.transcript = Transcript()
        self.transcript.load([])
        self.mirror: list[Message] = []
        self.tree: dict[str, Message] = {}
        self.path: list[str] = []
        self.seen: dict[str | None, str] = {}
        self.transcript.subscribe(self._on_change)

    def _on_change(self, change: TranscriptChange) -> None:
        messages = self.transcript.messages
        match change:
            case MessageAppended(index):
                assert index == len(self.mirror)
                self.mirror.append(messages[index])
            case MessageChanged(index):
                self.mirror[index] = messages[index]
            case TranscriptReset():
                self.mirror = list(messages)

    def _children(self, parent: str | None) -> list[str]:
        return [key for key, message in self.tree.items() if message.parent_id == parent]

    def _walk(self, key: str) -> None:
        up: list[str] = [key]
        while (parent := self.tree[up[-1]].parent_id) is not None:
            up.append(parent)
        self.path = up[::-1]
        for node in self.path:
            self.seen[self.tree[node].parent_id] = node
        while children := self._children(self.path[-1]):
            self.path.append(self.seen.get(self.path[-1], children[-1]))

    def _add(self, parent: str | None) -> None:
        message = make_message(f"m{len(self.tree)}", parent)
        self.tree[message.message_id] = message
        self.transcript.add(message)
        self._walk(message.message_id)

    @rule()
    def send(self) -> None:
        self._add(self.path[-1] if self.path else None)

    @precondition(lambda self: self.path)
    @rule(data=st.data())
    def make_version(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.path))
        self._add(self.tree[key].parent_id)

    @precondition(lambda self: self.path)
    @rule(data=st.data(), step=st.integers(-2, 2))
    def select_version(self, data: st.DataObject, step: int) -> None:
        key = data.draw(st.sampled_from(self.path))
        siblings = self._children(self.tree[key].parent_id)
        target = siblings.index(key) + step
        is_there = step != 0 and 0 <= target < len(siblings)
        assert self.transcript.select_version(MessageId(key), step) == is_there
        if is_there:
            self._walk(siblings[target])

    @precondition(lambda self: self.path)
    @rule(data=st.data(), text=st.text("ab", max_size=3))
    def stream(self, data: st.DataObject, text: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.tree)))
        self.transcript.append_text(MessageId(key), text)
        old = self.tree[key]
        self.tree[key] = replace(old, content=old.content + text)

    @precondition(lambda self: self.path)
    @rule()
    def load_again(self) -> None:
        leaf = self.path[-1]
        self.seen = {}
        self.transcript.load(list(self.tree.values()), MessageId(leaf))
        self._walk(leaf)

    @invariant()
    def branch_is_that_of_the_tree(self) -> None:
        assert list(self.transcript.messages) == [self.tree[key] for key in self.path]
        assert self.mirror == list(self.transcript.messages)

    @invariant()
    def versions_are_those_of_the_tree(self) -> None:
        for key in self.path:
            siblings = self._children(self.tree[key].parent_id)
            expected = (siblings.index(key), len(siblings))
            assert self.transcript.version_of(MessageId(key)) == expected
            assert self.transcript.index_of(MessageId(key)) == self.path.index(key)


TestTranscriptAgainstNaiveTree = TranscriptAgainstNaiveTree.TestCase
TestTranscriptAgainstNaiveTree.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None
)


def test_version_added_unseen_leaves_the_visible_branch(transcript: Transcript) -> None:
    changes = _recorded(transcript)
    transcript.add(make_reply("c1", "u1"), is_shown=False)

    assert _ids(transcript) == ["u1", "a1", "u2", "a2"]
    assert transcript.version_of(MessageId("a1")) == (0, 3)
    assert changes == [MessageChanged(1)]


def test_watcher_hears_of_a_message_on_another_branch(transcript: Transcript) -> None:
    texts: list[str] = []
    b1 = MessageId("b1")
    unwatch = transcript.watch(b1, lambda: texts.append(transcript.get(b1).content))
    transcript.append_text(b1, " word")
    transcript.append_text(MessageId("a1"), "!")
    unwatch()
    transcript.append_text(b1, "!")

    assert texts == ["second word"]


def test_shown_version_is_the_branch_down_to_its_leaf(transcript: Transcript) -> None:
    transcript.show(MessageId("b1"))
    shown = _ids(transcript)
    transcript.show(MessageId("a1"))

    assert shown == ["u1", "b1"]
    assert _ids(transcript) == ["u1", "a1", "u2", "a2"]
    assert [m.message_id for m in transcript.versions(MessageId("u1"))] == ["a1", "b1"]
