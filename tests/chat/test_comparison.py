"""Lanes over a chat with a fake engine: asked together, kept, left, stored."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat import reply_journal
from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.session_state import SessionState
from realm_desktop.errors import RequestError, StoreError
from realm_desktop.events import EngineRestarted, Failed, TextDelta
from realm_desktop.protocol import Abort, AdapterUse, SetPriority
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.records import MessageState
from tests.support.adapter_libraries import mix_of
from tests.support.chats import Chat
from tests.support.lanes import (
    BROKEN,
    answer_all,
    answer_lane,
    ask_lanes,
    lane_replies,
    only_messages,
    with_lanes,
)
from tests.support.plain_adapters import write_adapter
from tests.support.stores import with_store


def test_one_prompt_goes_to_every_lane_with_its_settings(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        base, hot = chat.client.requests

        assert base.messages == hot.messages
        assert (base.sampling.temperature, hot.sampling.temperature) == (0.8, 1.5)
        assert base.sampling.seed == hot.sampling.seed
        assert base.clock_s == hot.clock_s
        assert chat.texts == ["Why?", ""]

    with_lanes(tmp_path, work)


def test_lanes_name_their_own_adapters(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        (adapter,) = (await chat.library.adapters.add([write_adapter(tmp_path / "terse")])).adapters
        mix = mix_of(adapter, weight=0.5)
        comparison.change_lane(comparison.lanes[1].lane_id, LaneSettings(mix))
        await ask_lanes(comparison)
        await chat.until(lambda: len(chat.client.requests) == 2)

        uses = [request.adapters for request in chat.client.requests]
        assert uses == [(), (AdapterUse(adapter.adapter_id, 0.5),)]
        assert [reply.adapters == () for reply in lane_replies(comparison)] == [True, False]

    with_lanes(tmp_path, work)


def test_lanes_draw_seeds_of_their_own_if_they_shall(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        comparison.set_same_seed(False)
        comparison.add_lane(LaneSettings(seed=7))
        await ask_lanes(comparison)

        seeds = [request.sampling.seed for request in chat.client.requests]
        assert len(set(seeds)) == 3
        assert seeds[2] == 7

    with_lanes(tmp_path, work)


def test_seed_of_the_settings_is_that_of_the_lanes(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        fixed = {"reply.is_seed_new": False, "sampling.seed": 99}
        await chat.library.update_workspace(replace(chat.session.workspace, settings=fixed))
        await ask_lanes(comparison)

        assert [request.sampling.seed for request in chat.client.requests] == [99, 99]

    with_lanes(tmp_path, work)


def test_lanes_stream_side_by_side_and_the_first_is_shown(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        for number, text in ((1, "hot"), (0, "cold"), (1, "ter")):
            request_id = chat.client.requests[number].request_id
            chat.client.emit(TextDelta(request_id, text, (number,)))
        await chat.until(
            lambda: [r.content for r in lane_replies(comparison)] == ["cold", "hotter"]
        )

        assert chat.texts == ["Why?", "cold"]
        assert chat.state is SessionState.DECODE

    with_lanes(tmp_path, work)


def test_replies_are_stored_as_versions_with_what_made_them(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        user, *versions = await chat.stored()

        assert [version.parent_id for version in versions] == [user.message_id] * 2
        assert [version.content for version in versions] == ["reply 0", "reply 1"]
        assert [v.sampling.temperature for v in versions if v.sampling] == [0.8, 1.5]
        assert versions[0].seed == versions[1].seed == chat.client.requests[0].sampling.seed

    with_lanes(tmp_path, work)


def test_open_lanes_are_interrupted_versions_after_a_kill(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        conversation_id = chat.session.conversation.conversation_id
        # What a next start finds if this process is killed now.
        found = await chat.store.messages(conversation_id)

        assert [message.state for message in found[1:]] == [MessageState.STREAMING] * 2
        await chat.library.close()
        after = await chat.store.messages(conversation_id)
        assert [message.state for message in after[1:]] == [MessageState.INTERRUPTED] * 2

    with_lanes(tmp_path, work)


def test_texts_of_all_lanes_survive_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_journal, "JOURNAL_TOKENS", 1)

    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        for number, text in enumerate(("cold", "hot")):
            chat.client.emit(TextDelta(chat.client.requests[number].request_id, text, (number,)))
        await chat.until(lambda: [r.content for r in lane_replies(comparison)] == ["cold", "hot"])
        for lane in comparison.lanes:
            running = comparison.running(lane)
            assert running is not None
            assert running._journal._task is not None
            await running._journal._task
        # The files as a process leaves them that is killed now.
        shutil.copytree(tmp_path / "data", tmp_path / "killed" / "data")

    with_lanes(tmp_path, work)

    after = with_store(tmp_path / "killed", only_messages)[1:]
    assert [(reply.state, reply.content) for reply in after] == [
        (MessageState.INTERRUPTED, "cold"),
        (MessageState.INTERRUPTED, "hot"),
    ]


def test_failure_stays_in_its_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        chat.client.emit(Failed(chat.client.requests[1].request_id, BROKEN))
        answer_lane(chat, 0, "fine")
        await chat.idle()
        fine, failed = lane_replies(comparison)

        assert (fine.state, fine.error) == (MessageState.COMPLETE, None)
        assert (failed.state, failed.error) == (MessageState.FAILED, BROKEN)
        assert (chat.state, chat.session.error) == (SessionState.IDLE, None)

    with_lanes(tmp_path, work)


def test_kept_lane_becomes_the_branch_and_the_others_stay(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        await comparison.keep(comparison.lanes[1].lane_id)

        assert chat.texts == ["Why?", "reply 1"]
        assert chat.session.transcript.version_of(chat.last.message_id) == (1, 2)
        (stored,) = await chat.store.conversations()
        assert stored.leaf_id == comparison.kept_id == chat.last.message_id

    with_lanes(tmp_path, work)


def test_lane_that_writes_cannot_be_kept(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        answer_lane(chat, 0, "done")
        await chat.until(lambda: comparison.running(comparison.lanes[0]) is None)
        await comparison.keep(comparison.lanes[1].lane_id)

        assert comparison.kept_id is None
        assert [comparison.can_keep(lane) for lane in comparison.lanes] == [True, False]

    with_lanes(tmp_path, work)


def test_next_prompt_goes_on_from_the_kept_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        await comparison.keep(comparison.lanes[1].lane_id)
        await ask_lanes(comparison, "And then?")

        for request in chat.client.requests[2:]:
            assert [m.content for m in request.messages] == ["Why?", "reply 1", "And then?"]
        assert comparison.kept_id is None

    with_lanes(tmp_path, work)


def test_without_a_kept_lane_the_first_goes_on(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        await ask_lanes(comparison, "And then?")

        assert [m.content for m in chat.client.requests[2].messages][1] == "reply 0"

    with_lanes(tmp_path, work)


def test_stop_ends_every_lane_and_keeps_the_texts(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        request_ids = [request.request_id for request in chat.client.requests]
        for request_id in request_ids:
            chat.client.emit(TextDelta(request_id, "half", (1,)))
        await chat.until(lambda: [r.content for r in lane_replies(comparison)] == ["half"] * 2)
        await chat.session.stop()
        await chat.idle()

        aborted = {c.request_id for c in chat.client.commands if isinstance(c, Abort)}
        assert aborted == set(request_ids)
        assert [reply.content for reply in lane_replies(comparison)] == ["half"] * 2

    with_lanes(tmp_path, work)


def test_engine_death_resumes_every_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        chat.client.emit(EngineRestarted("killed", num_resumed=2, num_restarts=1))
        states = [comparison.running(lane) for lane in comparison.lanes]

        assert [running and running.state for running in states] == [SessionState.RESTARTING] * 2
        await answer_all(chat)
        assert [reply.content for reply in lane_replies(comparison)] == ["reply 0", "reply 1"]

    with_lanes(tmp_path, work)


def test_prompt_is_refused_while_lanes_write(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        with pytest.raises(RequestError, match="none of them writes"):
            await comparison.send("more")

        assert chat.texts == ["Why?", ""]

    with_lanes(tmp_path, work)


def test_nothing_is_saved_without_a_model(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        with pytest.raises(RequestError, match="no model"):
            await comparison.send("Why?")

        assert chat.texts == []
        assert await comparison.send("  \n") is False

    with_lanes(tmp_path, work, has_model=False)


def test_replies_that_cannot_be_saved_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise StoreError("disk full")

    async def work(chat: Chat, comparison: Comparison) -> None:
        await comparison.send("Why?")
        monkeypatch.setattr(chat.store, "add_messages", refuse)
        with pytest.raises(StoreError):
            await comparison.run()

        assert chat.client.requests == []
        assert (chat.texts, comparison.can_run) == (["Why?"], True)

    with_lanes(tmp_path, work)


def test_chat_in_front_puts_every_lane_first(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        chat.session.set_focused(True)

        moved = [c.request_id for c in chat.client.commands if isinstance(c, SetPriority)]
        assert moved == [request.request_id for request in chat.client.requests]

    with_lanes(tmp_path, work)


def test_left_comparison_goes_on_writing(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        comparison.close()
        await answer_all(chat)

        versions = chat.session.transcript.versions(chat.last.parent_id)
        assert [version.content for version in versions] == ["reply 0", "reply 1"]

    with_lanes(tmp_path, work)


def test_chat_is_unseen_once_when_the_last_lane_ends(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        answer_lane(chat, 0, "one")
        await chat.until(lambda: comparison.running(comparison.lanes[0]) is None)
        assert not chat.session.conversation.is_unseen
        answer_lane(chat, 1, "two")
        await chat.idle()

        assert chat.session.conversation.is_unseen

    with_lanes(tmp_path, work)


def test_versions_come_back_with_sampling_and_seed(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)

    with_lanes(tmp_path, work)

    samplings = [message.sampling for message in with_store(tmp_path, only_messages)[1:]]
    assert samplings == [SamplingParams(), SamplingParams(temperature=1.5)]
