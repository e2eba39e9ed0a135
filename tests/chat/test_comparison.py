"""Lanes over a chat with a fake engine: asked together, kept, repeated, left, stored."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat import reply_journal
from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.session_state import SessionState
from realm_desktop.errors import RequestError, StoreError
from realm_desktop.events import EngineRestarted, ErrorInfo, Failed, TextDelta
from realm_desktop.protocol import Abort, AdapterUse, SetPriority
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, MessageState
from tests.support.adapter_libraries import mix_of
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import reply_events
from tests.support.plain_adapters import write_adapter
from tests.support.stores import with_store

HOT = LaneSettings(temperature=1.5)
BROKEN = ErrorInfo("OutOfMemory", "needed 9 GB, free 7 GB", "Load with less context.")


def _with_lanes(
    folder: Path, work: Callable[[Chat, Comparison], Awaitable[None]], *, has_model: bool = True
) -> None:
    """Run `work` with a comparison of base and a hot lane over a new chat."""

    async def run(chat: Chat) -> None:
        comparison = Comparison(chat.session)
        comparison.change_lane(comparison.lanes[1].lane_id, HOT)
        await work(chat, comparison)
        comparison.close()

    with_chat(folder, run, has_model=has_model)


async def _ask(comparison: Comparison, text: str = "Why?") -> None:
    await comparison.send(text)
    await comparison.run()


def _answer(chat: Chat, number: int, *pieces: str) -> None:
    """Answer one of the requests, counted from the first."""
    chat.client.emit(*reply_events(chat.client.requests[number], pieces))


async def _answer_all(chat: Chat, first: int = 0) -> None:
    for number in range(first, len(chat.client.requests)):
        _answer(chat, number, f"reply {number}")
    await chat.idle()


async def _messages(store: ConversationStore) -> list[Message]:
    """Those of the one conversation there is."""
    (conversation,) = await store.conversations()
    return await store.messages(conversation.conversation_id)


def _replies(comparison: Comparison) -> list[Message]:
    return [reply for lane in comparison.lanes if (reply := comparison.reply(lane)) is not None]


def test_one_prompt_goes_to_every_lane_with_its_settings(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        base, hot = chat.client.requests

        assert base.messages == hot.messages
        assert (base.sampling.temperature, hot.sampling.temperature) == (0.8, 1.5)
        assert base.sampling.seed == hot.sampling.seed
        assert base.clock_s == hot.clock_s
        assert chat.texts == ["Why?", ""]

    _with_lanes(tmp_path, work)


def test_lanes_name_their_own_adapters(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        (adapter,) = (await chat.library.adapters.add([write_adapter(tmp_path / "terse")])).adapters
        mix = mix_of(adapter, weight=0.5)
        comparison.change_lane(comparison.lanes[1].lane_id, LaneSettings(mix))
        await _ask(comparison)
        await chat.until(lambda: len(chat.client.requests) == 2)

        uses = [request.adapters for request in chat.client.requests]
        assert uses == [(), (AdapterUse(adapter.adapter_id, 0.5),)]
        assert [reply.adapters == () for reply in _replies(comparison)] == [True, False]

    _with_lanes(tmp_path, work)


def test_lanes_draw_seeds_of_their_own_if_they_shall(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        comparison.set_same_seed(False)
        comparison.add_lane(LaneSettings(seed=7))
        await _ask(comparison)

        seeds = [request.sampling.seed for request in chat.client.requests]
        assert len(set(seeds)) == 3
        assert seeds[2] == 7

    _with_lanes(tmp_path, work)


def test_seed_of_the_settings_is_that_of_the_lanes(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        fixed = {"reply.is_seed_new": False, "sampling.seed": 99}
        await chat.library.update_workspace(replace(chat.session.workspace, settings=fixed))
        await _ask(comparison)

        assert [request.sampling.seed for request in chat.client.requests] == [99, 99]

    _with_lanes(tmp_path, work)


def test_lanes_stream_side_by_side_and_the_first_is_shown(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        for number, text in ((1, "hot"), (0, "cold"), (1, "ter")):
            request_id = chat.client.requests[number].request_id
            chat.client.emit(TextDelta(request_id, text, (number,)))
        await chat.until(lambda: [r.content for r in _replies(comparison)] == ["cold", "hotter"])

        assert chat.texts == ["Why?", "cold"]
        assert chat.state is SessionState.DECODE

    _with_lanes(tmp_path, work)


def test_replies_are_stored_as_versions_with_what_made_them(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        user, *versions = await chat.stored()

        assert [version.parent_id for version in versions] == [user.message_id] * 2
        assert [version.content for version in versions] == ["reply 0", "reply 1"]
        assert [v.sampling.temperature for v in versions if v.sampling] == [0.8, 1.5]
        assert versions[0].seed == versions[1].seed == chat.client.requests[0].sampling.seed

    _with_lanes(tmp_path, work)


def test_open_lanes_are_interrupted_versions_after_a_kill(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        conversation_id = chat.session.conversation.conversation_id
        # What a next start finds if this process is killed now.
        found = await chat.store.messages(conversation_id)

        assert [message.state for message in found[1:]] == [MessageState.STREAMING] * 2
        await chat.library.close()
        after = await chat.store.messages(conversation_id)
        assert [message.state for message in after[1:]] == [MessageState.INTERRUPTED] * 2

    _with_lanes(tmp_path, work)


def test_texts_of_all_lanes_survive_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_journal, "JOURNAL_TOKENS", 1)

    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        for number, text in enumerate(("cold", "hot")):
            chat.client.emit(TextDelta(chat.client.requests[number].request_id, text, (number,)))
        await chat.until(lambda: [r.content for r in _replies(comparison)] == ["cold", "hot"])
        for lane in comparison.lanes:
            running = comparison.running(lane)
            assert running is not None
            assert running._journal._task is not None
            await running._journal._task
        # The files as a process leaves them that is killed now.
        shutil.copytree(tmp_path / "data", tmp_path / "killed" / "data")

    _with_lanes(tmp_path, work)

    after = with_store(tmp_path / "killed", _messages)[1:]
    assert [(reply.state, reply.content) for reply in after] == [
        (MessageState.INTERRUPTED, "cold"),
        (MessageState.INTERRUPTED, "hot"),
    ]


def test_failure_stays_in_its_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        chat.client.emit(Failed(chat.client.requests[1].request_id, BROKEN))
        _answer(chat, 0, "fine")
        await chat.idle()
        fine, failed = _replies(comparison)

        assert (fine.state, fine.error) == (MessageState.COMPLETE, None)
        assert (failed.state, failed.error) == (MessageState.FAILED, BROKEN)
        assert (chat.state, chat.session.error) == (SessionState.IDLE, None)

    _with_lanes(tmp_path, work)


def test_kept_lane_becomes_the_branch_and_the_others_stay(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        await comparison.keep(comparison.lanes[1].lane_id)

        assert chat.texts == ["Why?", "reply 1"]
        assert chat.session.transcript.version_of(chat.last.message_id) == (1, 2)
        (stored,) = await chat.store.conversations()
        assert stored.leaf_id == comparison.kept_id == chat.last.message_id

    _with_lanes(tmp_path, work)


def test_lane_that_writes_cannot_be_kept(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        _answer(chat, 0, "done")
        await chat.until(lambda: comparison.running(comparison.lanes[0]) is None)
        await comparison.keep(comparison.lanes[1].lane_id)

        assert comparison.kept_id is None
        assert [comparison.can_keep(lane) for lane in comparison.lanes] == [True, False]

    _with_lanes(tmp_path, work)


def test_next_prompt_goes_on_from_the_kept_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        await comparison.keep(comparison.lanes[1].lane_id)
        await _ask(comparison, "And then?")

        for request in chat.client.requests[2:]:
            assert [m.content for m in request.messages] == ["Why?", "reply 1", "And then?"]
        assert comparison.kept_id is None

    _with_lanes(tmp_path, work)


def test_without_a_kept_lane_the_first_goes_on(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        await _ask(comparison, "And then?")

        assert [m.content for m in chat.client.requests[2].messages][1] == "reply 0"

    _with_lanes(tmp_path, work)


def test_stop_ends_every_lane_and_keeps_the_texts(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        request_ids = [request.request_id for request in chat.client.requests]
        for request_id in request_ids:
            chat.client.emit(TextDelta(request_id, "half", (1,)))
        await chat.until(lambda: [r.content for r in _replies(comparison)] == ["half"] * 2)
        await chat.session.stop()
        await chat.idle()

        aborted = {c.request_id for c in chat.client.commands if isinstance(c, Abort)}
        assert aborted == set(request_ids)
        assert [reply.content for reply in _replies(comparison)] == ["half"] * 2

    _with_lanes(tmp_path, work)


def test_engine_death_resumes_every_lane(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        chat.client.emit(EngineRestarted("killed", num_resumed=2, num_restarts=1))
        states = [comparison.running(lane) for lane in comparison.lanes]

        assert [running and running.state for running in states] == [SessionState.RESTARTING] * 2
        await _answer_all(chat)
        assert [reply.content for reply in _replies(comparison)] == ["reply 0", "reply 1"]

    _with_lanes(tmp_path, work)


def test_lanes_of_an_answered_prompt_are_its_versions(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        again = Comparison(chat.session)

        assert [reply.content for reply in _replies(again)] == ["reply 0", "reply 1"]
        assert [lane.settings for lane in again.lanes] == [LaneSettings(), HOT]
        assert not again.can_run
        again.close()

    _with_lanes(tmp_path, work)


def test_lane_beside_an_answer_shares_its_seed(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("Why?", "because")
        comparison = Comparison(chat.session, wanted=HOT)
        await comparison.run()
        first, second = chat.client.requests

        assert second.sampling == replace(first.sampling, temperature=1.5)
        assert second.messages == first.messages
        assert chat.texts == ["Why?", "because"]
        comparison.close()

    with_chat(tmp_path, work)


def test_of_many_versions_the_latest_and_the_visible_are_lanes(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("Why?", "0")
        first = chat.last.message_id
        for number in range(1, 8):
            await chat.session.regenerate(chat.last.message_id)
            chat.client.reply(str(number))
            await chat.idle()
        chat.session.transcript.show(first)
        comparison = Comparison(chat.session)

        assert [reply.content for reply in _replies(comparison)] == ["0", "3", "4", "5", "6", "7"]
        with pytest.raises(RequestError, match="at most 6"):
            comparison.add_lane()
        comparison.close()

    with_chat(tmp_path, work)


def test_changed_lane_waits_for_another_reply(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        changed = replace(HOT, temperature=0.1)
        comparison.change_lane(comparison.lanes[1].lane_id, changed)
        assert (len(_replies(comparison)), comparison.can_run) == (1, True)
        await comparison.run()

        assert len(chat.client.requests) == 3
        assert chat.client.requests[2].sampling.temperature == 0.1
        assert len(chat.session.transcript.versions(chat.last.parent_id)) == 3

    _with_lanes(tmp_path, work)


def test_change_that_changes_nothing_keeps_the_reply(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)
        lane = comparison.lanes[0]
        comparison.change_lane(
            lane.lane_id, replace(lane.settings, mix=AdapterMix(is_bypassed=True))
        )

        assert comparison.lanes[0].reply_id == lane.reply_id

    _with_lanes(tmp_path, work)


def test_lane_added_while_others_write_joins_them(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        comparison.add_lane(LaneSettings(temperature=0.0))
        assert comparison.can_run
        await comparison.run()

        assert len(chat.client.requests) == 3
        await _answer_all(chat)
        assert len(_replies(comparison)) == 3

    _with_lanes(tmp_path, work)


def test_removed_lane_is_stopped_and_its_text_stays(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        comparison.add_lane()
        await _ask(comparison)
        comparison.remove_lane(comparison.lanes[2].lane_id)
        comparison.remove_lane(comparison.lanes[1].lane_id)

        assert Abort(chat.client.requests[2].request_id) in chat.client.commands
        assert len(comparison.lanes) == 2
        await _answer_all(chat)
        assert len(chat.session.transcript.versions(chat.last.parent_id)) == 3

    _with_lanes(tmp_path, work)


def test_failed_lane_is_repeated_with_its_seed_and_a_good_one_with_another(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        chat.client.emit(Failed(chat.client.requests[1].request_id, BROKEN))
        _answer(chat, 0, "fine")
        await chat.idle()
        for lane in comparison.lanes:
            await comparison.rerun(lane.lane_id)
        seeds = [request.sampling.seed for request in chat.client.requests]

        assert seeds[3] == seeds[1]
        assert seeds[2] != seeds[0]
        assert chat.texts == ["Why?", "fine"]

    _with_lanes(tmp_path, work)


def test_prompt_is_refused_while_lanes_write(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        with pytest.raises(RequestError, match="none of them writes"):
            await comparison.send("more")

        assert chat.texts == ["Why?", ""]

    _with_lanes(tmp_path, work)


def test_nothing_is_saved_without_a_model(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        with pytest.raises(RequestError, match="no model"):
            await comparison.send("Why?")

        assert chat.texts == []
        assert await comparison.send("  \n") is False

    _with_lanes(tmp_path, work, has_model=False)


def test_lanes_wait_while_another_reply_runs(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("one", "1")
        first = chat.session.transcript.messages[0].message_id
        await chat.session.send("two")
        comparison = Comparison(chat.session, first)

        assert not comparison.can_run
        with pytest.raises(RequestError, match="another reply"):
            await comparison.run()
        comparison.close()

    with_chat(tmp_path, work)


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

    _with_lanes(tmp_path, work)


def test_chat_in_front_puts_every_lane_first(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        chat.session.set_focused(True)

        moved = [c.request_id for c in chat.client.commands if isinstance(c, SetPriority)]
        assert moved == [request.request_id for request in chat.client.requests]

    _with_lanes(tmp_path, work)


def test_left_comparison_goes_on_writing(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        comparison.close()
        await _answer_all(chat)

        versions = chat.session.transcript.versions(chat.last.parent_id)
        assert [version.content for version in versions] == ["reply 0", "reply 1"]

    _with_lanes(tmp_path, work)


def test_chat_is_unseen_once_when_the_last_lane_ends(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        _answer(chat, 0, "one")
        await chat.until(lambda: comparison.running(comparison.lanes[0]) is None)
        assert not chat.session.conversation.is_unseen
        _answer(chat, 1, "two")
        await chat.idle()

        assert chat.session.conversation.is_unseen

    _with_lanes(tmp_path, work)


def test_versions_come_back_with_sampling_and_seed(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await _ask(comparison)
        await _answer_all(chat)

    _with_lanes(tmp_path, work)

    samplings = [message.sampling for message in with_store(tmp_path, _messages)[1:]]
    assert samplings == [SamplingParams(), SamplingParams(temperature=1.5)]
