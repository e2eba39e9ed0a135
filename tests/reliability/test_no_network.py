"""Nothing leaves this machine: a whole run of the program under an audit of the interpreter.

Demanded: no connection and no name look-up at all, loopback included, when the user asked for nothing;
and none to another machine while Offline is on, whatever the user asks for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from realm_desktop import app
from realm_desktop.launcher import EngineSetup, ThreadHandle, start_thread
from realm_desktop.network_settings import NetworkSettings
from tests.support.audit import Audit, recorded_access
from tests.support.running_app import running_app, until
from tests.support.scripted_engine import Plan, serve_plan


@pytest.fixture(autouse=True)
def _scripted_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine in a thread, and a home of nobody's."""
    lives = tmp_path / "lives"
    lives.mkdir()
    plan = Plan(lives, token_pause_s=0.0)

    def start(setup: EngineSetup) -> ThreadHandle:
        return start_thread(setup, serve=partial(serve_plan, plan))

    monkeypatch.setattr(app, "start_thread", start)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def _sockets(audit: Audit) -> list[str]:
    return [line for line in audit.foreign if line.startswith(("socket.", "webbrowser."))]


@pytest.mark.asyncio_qt(limit_s=60)
async def test_a_run_that_asks_for_nothing_opens_no_connection(tmp_path: Path) -> None:
    with recorded_access() as audit:
        async with running_app(tmp_path, is_in_process=True) as running:
            window = running.window
            await until(lambda: running.has_model)
            await running.new_chat()
            await running.say("Hello")
            for page in ("models", "adapters", "downloads", "chat"):
                window.commands.show_page(page)
            window.sources.show_discover()
            window.sources.show_network()
            window.commands.choose_model()
            await until(lambda: window.parts.models_page.models._models is not None)
            opened = window.sources._sources.gate.opened

    assert _sockets(audit) == []
    assert opened == []


@pytest.mark.asyncio_qt(limit_s=60)
async def test_offline_refuses_what_is_asked_and_counts_it(tmp_path: Path) -> None:
    with recorded_access() as audit:
        async with running_app(tmp_path, is_in_process=True) as running:
            window = running.window
            settings = window._settings
            network = NetworkSettings(is_offline=True)
            settings.put(replace(settings.current, network=network))
            window.sources.discover.look_up("org/model")
            gate = window.sources._sources.gate
            await until(lambda: gate.refused)

    assert _sockets(audit) == []
    assert (gate.opened, gate.refused) == ([], ["huggingface.co"])
