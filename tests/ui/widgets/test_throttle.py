"""Tests of the throttle."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from realm_desktop.ui.widgets.throttle import Throttle


def test_first_request_is_answered_at_once(qtbot: QtBot) -> None:
    throttle = Throttle(1000)

    with qtbot.waitSignal(throttle.triggered, timeout=100):
        throttle.request()


def test_requests_of_one_interval_are_answered_together(qtbot: QtBot) -> None:
    throttle = Throttle(20)
    answers: list[bool] = []
    throttle.triggered.connect(lambda: answers.append(True))

    for _ in range(5):
        throttle.request()
    assert len(answers) == 1
    qtbot.waitUntil(lambda: len(answers) == 2)

    assert len(answers) == 2


def test_flush_answers_a_waiting_request_now(qtbot: QtBot) -> None:
    throttle = Throttle(60_000)
    throttle.request()
    throttle.request()

    with qtbot.waitSignal(throttle.triggered, timeout=100):
        throttle.flush()


def test_flush_without_a_waiting_request_is_silent(qtbot: QtBot) -> None:
    throttle = Throttle(60_000)
    throttle.request()

    with qtbot.assertNotEmitted(throttle.triggered):
        throttle.flush()


def test_stop_forgets_a_waiting_request(qtbot: QtBot) -> None:
    throttle = Throttle(60_000)
    throttle.request()
    throttle.request()
    throttle.stop()

    with qtbot.assertNotEmitted(throttle.triggered):
        throttle.flush()


def test_request_after_stop_is_answered_at_once(qtbot: QtBot) -> None:
    throttle = Throttle(60_000)
    throttle.request()
    throttle.stop()

    with qtbot.waitSignal(throttle.triggered, timeout=100):
        throttle.request()
