"""Settings of every test: no display, no font noise, async tests on the Qt event loop."""

from __future__ import annotations

import functools
import gc
import inspect
import os
from collections.abc import Generator

import pytest

if "REALM_TEST_DISPLAY" not in os.environ:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
# Numbers are written alike on every machine, and Qt says nothing about a locale that is not UTF-8.
os.environ["LC_ALL"] = "C.UTF-8"
# A machine without a font for some script is no fault of ours.
os.environ.setdefault("QT_LOGGING_RULES", "qt.text.font.db=false")
# Tiny models gain nothing from threads, and waiting for each other they are ten times slower on a
# busy machine. Read when torch is imported, here and in engine processes that tests start.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `@pytest.mark.asyncio_qt(limit_s=10)` tests; qasync is imported for these only."""
    marker = pyfuncitem.get_closest_marker("asyncio_qt")
    if marker is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    from tests.support.qt_loop import run_on_qt_loop  # here, because engine tests need no Qt

    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    run_on_qt_loop(functools.partial(pyfuncitem.obj, **arguments), **marker.kwargs)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Function) -> Generator[None, object, object]:
    """Keep the garbage of Qt tests away from other threads, as the app does (`garbage.py`)."""
    needs_qt = {"qtbot", "qapp"} & set(item.fixturenames) or item.get_closest_marker("asyncio_qt")
    if not needs_qt:
        return (yield)
    gc.disable()
    try:
        return (yield)
    finally:
        _delete_widgets()
        gc.collect()
        gc.freeze()  # what survived a whole test is imported code: not worth another look
        gc.enable()


def _delete_widgets() -> None:
    """Delete what asked for it; without an event loop Qt keeps it, and styles it with every test.

    Fourteen thousand widgets gathered in the tests of the panels.
    """
    from PySide6.QtCore import QCoreApplication, QEvent  # here, because engine tests need no Qt

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Give the environment back: an engine in a thread of this process sets OpenMP's variables."""
    before = dict(os.environ)
    try:
        return (yield)
    finally:
        if os.environ != before:
            os.environ.clear()
            os.environ.update(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make captured text fit for the way between test processes, which takes no lone surrogates."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report
