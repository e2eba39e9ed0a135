"""The watchdog fires at silence, and only then."""

from __future__ import annotations

import threading
import time

from realm_desktop.watchdog import Watchdog

LONG_S = 60.0
SOON_S = 5.0


def test_watchdog_fires_after_silence() -> None:
    alarm = threading.Event()

    watchdog = Watchdog(0.02, alarm.set)

    assert alarm.wait(SOON_S)
    assert watchdog.has_fired


def test_fed_watchdog_waits_for_the_new_deadline() -> None:
    alarm = threading.Event()
    watchdog = Watchdog(0.05, alarm.set)

    watchdog.feed(LONG_S)

    assert not alarm.wait(0.2)
    watchdog.stop()


def test_shorter_limit_takes_effect_at_once() -> None:
    alarm = threading.Event()
    watchdog = Watchdog(LONG_S, alarm.set)

    watchdog.feed(0.02)

    assert alarm.wait(SOON_S)


def test_stopped_watchdog_never_fires() -> None:
    alarm = threading.Event()
    watchdog = Watchdog(0.05, alarm.set)

    watchdog.stop()

    assert not alarm.wait(0.2)
    assert not watchdog.has_fired


def test_watchdog_forgives_a_sleep_of_the_machine() -> None:
    alarm = threading.Event()
    asleep_s = [0.0]
    watchdog = Watchdog(1.0, alarm.set, clock=lambda: time.monotonic() + asleep_s[0])

    asleep_s[0] = LONG_S

    assert not alarm.wait(1.3)
    watchdog.stop()
