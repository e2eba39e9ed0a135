"""Importing what chats need, a part at a time."""

from __future__ import annotations

import asyncio
import importlib

import pytest

from realm_desktop.ui.chat_modules import _MODULES, import_chats


def test_the_loop_has_a_turn_after_each_module(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(importlib, "import_module", seen.append)

    async def work() -> list[int]:
        turns: list[int] = []
        importing = asyncio.ensure_future(import_chats())
        while not importing.done():
            await asyncio.sleep(0)
            turns.append(len(seen))
        return turns

    turns = asyncio.run(work())

    assert seen == list(_MODULES)
    assert set(range(1, len(_MODULES) + 1)) <= set(turns)


def test_every_module_is_there_and_the_page_of_a_chat_is_the_last() -> None:
    asyncio.run(import_chats())

    assert _MODULES[-1] == "realm_desktop.ui.chat.chat_tab"
