"""Functions that take too long are stopped."""

from __future__ import annotations

import os
import threading

import pytest

from realm_desktop.deadline import DeadlineReached, run_with_deadline


def count_for_ever() -> None:
    number = 0
    while True:
        number += 1


def count_and_swallow(num_swallowed: int) -> None:
    for _ in range(num_swallowed):
        try:
            count_for_ever()
        except BaseException:  # noqa: BLE001  (the behaviour under test)
            continue
    count_for_ever()


def test_the_result_is_returned() -> None:
    assert run_with_deadline(lambda: 5, 10.0) == 5


def test_an_exception_is_passed_on() -> None:
    with pytest.raises(KeyError):
        run_with_deadline(lambda: os.environ["NO_SUCH_NAME"], 10.0)


def test_the_work_runs_in_another_thread() -> None:
    assert run_with_deadline(threading.get_ident, 10.0) != threading.get_ident()


def test_a_loop_is_stopped() -> None:
    with pytest.raises(DeadlineReached):
        run_with_deadline(count_for_ever, 0.01)


def test_work_that_swallows_the_exception_is_stopped_too() -> None:
    with pytest.raises(DeadlineReached):
        run_with_deadline(lambda: count_and_swallow(3), 0.01)


def test_work_that_never_ends_is_left_behind() -> None:
    release = threading.Event()

    with pytest.raises(DeadlineReached):
        # A wait without limit is one call into C: no exception reaches it.
        run_with_deadline(release.wait, 0.01)

    release.set()
