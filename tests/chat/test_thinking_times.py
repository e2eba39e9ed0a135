"""How long replies thought."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.chat.thinking_times import ThinkingTimes
from realm_desktop.store.records import MessageId
from tests.support.chats import Chat, with_chat

A = MessageId("a")


class _Clock:
    """A clock that is set by hand."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def _times() -> tuple[ThinkingTimes, _Clock]:
    clock = _Clock()
    times = ThinkingTimes(clock)
    times.begin(A, "")
    return times, clock


def test_time_runs_from_the_first_text_to_the_closing_tag() -> None:
    times, clock = _times()
    clock.now_s += 5
    times.add(A, "<think>Why")
    clock.now_s += 12
    times.add(A, "</think>")
    clock.now_s += 3
    times.add(A, "Yes.")

    assert times.seconds_of(A) == 12


def test_time_of_a_running_thought_grows() -> None:
    times, clock = _times()
    times.add(A, "<think>")
    clock.now_s += 2

    assert times.seconds_of(A) == 2


def test_stopped_thought_goes_on_later() -> None:
    times, clock = _times()
    times.add(A, "<think>Why")
    clock.now_s += 2
    times.end(A)
    clock.now_s += 60
    times.begin(A, "<think>Why")
    times.add(A, " not")
    clock.now_s += 3
    times.add(A, "</think>")

    assert times.seconds_of(A) == 5


def test_thought_that_began_in_an_earlier_run_has_no_time() -> None:
    times = ThinkingTimes()
    times.begin(A, "<think>Why")
    times.add(A, " not</think>")

    assert times.seconds_of(A) is None


def test_unknown_reply_has_no_time() -> None:
    assert ThinkingTimes().seconds_of(A) is None


def test_chat_times_its_replies(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.exchange("hello", "<think>", "hm", "</think>", "Hi")

        assert chat.session.replies.thinking.seconds_of(chat.last.message_id) is not None
        assert chat.last.content == "<think>hm</think>Hi"

    with_chat(tmp_path, work)


def test_reply_that_goes_on_from_an_earlier_token_has_no_time() -> None:
    times, clock = _times()
    times.add(A, "<think>Why not")
    clock.now_s += 2
    times.add(A, "</think>Yes")
    times.end(A)
    times.begin(A, "<think>Why")
    times.add(A, " indeed")

    assert times.seconds_of(A) is None
