"""Tests of the sentences that explain disabled actions."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.ui.action_reasons import reasons
from realm_desktop.ui.actions import ACTION_NAMES
from realm_desktop.ui.theme import Theme
from tests.support.windows import open_window


@pytest.mark.asyncio_qt
async def test_every_disabled_action_of_an_empty_window_is_explained(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        actions = opened.window.commands.actions
        disabled = {name for name in ACTION_NAMES if not actions[name].isEnabled()}

    assert "stop" in disabled
    assert disabled <= set(reasons())


def test_reasons_are_sentences() -> None:
    assert all(text.endswith(".") for text in reasons().values())
