"""The whole app with an engine that makes its text up, in a second process like the real one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from realm_desktop import app
from realm_desktop.launcher import EngineSetup, ProcessHandle, Role, start_process
from tests.support.scripted_engine import Plan, serve_plan


def use_scripted_engine(patch: pytest.MonkeyPatch, lives: Path, **plan: object) -> None:
    """Let every app that is started from now on have such an engine.

    Args:
        patch: Takes it back.
        lives: Folder for the engine's notes; created.
        plan: Fields of `Plan`.
    """
    lives.mkdir(exist_ok=True)
    serve = partial(serve_plan, Plan(lives, **plan))  # type: ignore[arg-type]  # checked by the class

    def start(setup: EngineSetup, role: Role = Role.ENGINE) -> ProcessHandle:
        return start_process(setup, role=role, serve=serve)

    patch.setattr(app, "start_process", start)
