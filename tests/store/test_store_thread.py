"""Which job of the store thread comes first."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest

from realm_desktop.store.store_thread import StoreThread


class Busy:
    """A store thread that is held up until `let_go`, and notes what it does."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.fault: Exception | None = None
        self.thread: StoreThread[str] = StoreThread(self._do_together)
        self._may_go = threading.Event()
        self.thread.submit(lambda: self._may_go.wait(10))

    def submit(self, name: str) -> Future[None]:
        return self.thread.submit(lambda: self.done.append(name))

    def let_go(self) -> list[object]:
        """Let it do everything and end; what it did, in its order."""
        self._may_go.set()
        self.thread.end(lambda: self.done.append("end"))
        return self.done

    def _do_together(self, works: Sequence[str]) -> None:
        self.done.append(tuple(works))
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def busy() -> Iterator[Busy]:
    made = Busy()
    yield made
    made._may_go.set()
    if "end" not in made.done:
        made.let_go()


def test_what_somebody_waits_for_goes_before_what_waited_longer(busy: Busy) -> None:
    busy.thread.submit_behind("journal")
    busy.submit("message")

    assert busy.let_go() == ["message", ("journal",), "end"]


def test_jobs_of_one_kind_stay_in_their_order(busy: Busy) -> None:
    for name in "abc":
        busy.submit(name)

    assert busy.let_go() == ["a", "b", "c", "end"]


def test_everything_behind_is_done_at_once(busy: Busy) -> None:
    futures = [busy.thread.submit_behind(name) for name in "abc"]

    assert busy.let_go() == [("a", "b", "c"), "end"]
    assert [future.result(0) for future in futures] == [None, None, None]


def test_failure_of_one_behind_is_told_to_all(busy: Busy) -> None:
    busy.fault = OSError("the disk is full")
    futures = [busy.thread.submit_behind(name) for name in "ab"]
    busy.let_go()

    assert [future.exception(0) for future in futures] == [busy.fault, busy.fault]


@pytest.mark.parametrize("is_behind", [False, True])
def test_job_that_was_cancelled_in_time_is_not_done(busy: Busy, is_behind: bool) -> None:
    future = busy.thread.submit_behind("no") if is_behind else busy.submit("no")
    future.cancel()

    assert busy.let_go() == ["end"]


def test_failing_job_tells_whoever_waits_and_the_next_one_is_done(busy: Busy) -> None:
    failing = busy.thread.submit(lambda: 1 // 0)
    busy.submit("next")

    assert busy.let_go() == ["next", "end"]
    assert isinstance(failing.exception(0), ZeroDivisionError)


def test_thread_that_has_ended_takes_nothing(busy: Busy) -> None:
    busy.let_go()

    with pytest.raises(RuntimeError):
        busy.submit("late")
    with pytest.raises(RuntimeError):
        busy.thread.submit_behind("late")
    with pytest.raises(RuntimeError):
        busy.thread.end(lambda: None)
