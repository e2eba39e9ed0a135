"""Lanes that change: added, removed, edited, repeated, found again in the versions of an answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.errors import RequestError
from realm_desktop.events import Failed
from realm_desktop.protocol import Abort
from tests.support.chats import Chat, with_chat
from tests.support.lanes import (
    BROKEN,
    HOT,
    answer_all,
    answer_lane,
    ask_lanes,
    lane_replies,
    with_lanes,
)


def test_lanes_of_an_answered_prompt_are_its_versions(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        again = Comparison(chat.session)

        assert [reply.content for reply in lane_replies(again)] == ["reply 0", "reply 1"]
        assert [lane.settings for lane in again.lanes] == [LaneSettings(), HOT]
        assert not again.can_run
        again.close()

    with_lanes(tmp_path, work)


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

        assert [reply.content for reply in lane_replies(comparison)] == [
            "0",
            "3",
            "4",
            "5",
            "6",
            "7",
        ]
        with pytest.raises(RequestError, match="at most 6"):
            comparison.add_lane()
        comparison.close()

    with_chat(tmp_path, work)


def test_changed_lane_waits_for_another_reply(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        changed = replace(HOT, temperature=0.1)
        comparison.change_lane(comparison.lanes[1].lane_id, changed)
        assert (len(lane_replies(comparison)), comparison.can_run) == (1, True)
        await comparison.run()

        assert len(chat.client.requests) == 3
        assert chat.client.requests[2].sampling.temperature == 0.1
        assert len(chat.session.transcript.versions(chat.last.parent_id)) == 3

    with_lanes(tmp_path, work)


def test_change_that_changes_nothing_keeps_the_reply(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        await answer_all(chat)
        lane = comparison.lanes[0]
        comparison.change_lane(
            lane.lane_id, replace(lane.settings, mix=AdapterMix(is_bypassed=True))
        )

        assert comparison.lanes[0].reply_id == lane.reply_id

    with_lanes(tmp_path, work)


def test_lane_added_while_others_write_joins_them(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        comparison.add_lane(LaneSettings(temperature=0.0))
        assert comparison.can_run
        await comparison.run()

        assert len(chat.client.requests) == 3
        await answer_all(chat)
        assert len(lane_replies(comparison)) == 3

    with_lanes(tmp_path, work)


def test_removed_lane_is_stopped_and_its_text_stays(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        comparison.add_lane()
        await ask_lanes(comparison)
        comparison.remove_lane(comparison.lanes[2].lane_id)
        comparison.remove_lane(comparison.lanes[1].lane_id)

        assert Abort(chat.client.requests[2].request_id) in chat.client.commands
        assert len(comparison.lanes) == 2
        await answer_all(chat)
        assert len(chat.session.transcript.versions(chat.last.parent_id)) == 3

    with_lanes(tmp_path, work)


def test_failed_lane_is_repeated_with_its_seed_and_a_good_one_with_another(tmp_path: Path) -> None:
    async def work(chat: Chat, comparison: Comparison) -> None:
        await ask_lanes(comparison)
        chat.client.emit(Failed(chat.client.requests[1].request_id, BROKEN))
        answer_lane(chat, 0, "fine")
        await chat.idle()
        for lane in comparison.lanes:
            await comparison.rerun(lane.lane_id)
        seeds = [request.sampling.seed for request in chat.client.requests]

        assert seeds[3] == seeds[1]
        assert seeds[2] != seeds[0]
        assert chat.texts == ["Why?", "fine"]

    with_lanes(tmp_path, work)


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
