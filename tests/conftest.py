"""Settings of every test: no display, no font noise, async tests on the Qt event loop."""

from __future__ import annotations

import functools
import inspect
import os

import pytest

if "REALM_TEST_DISPLAY" not in os.environ:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
# A machine without a font for some script is no fault of ours.
os.environ.setdefault("QT_LOGGING_RULES", "qt.text.font.db=false")


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
