"""The live token count below the composer."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.events import ModelLoaded, ModelUnloaded
from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.token_count import TokenCount
from tests.support.chat_tabs import TabChat, open_chat, until
from tests.support.fake_client import make_model_info

# The fake engine counts words; its model has a context of 512.
FILE = Attachment("a.txt", "three more words")


def _count(chat: TabChat) -> str:
    return chat.tab.composer.count


async def _until_counted(chat: TabChat) -> None:
    (counter,) = chat.tab.findChildren(TokenCount)
    counter.count_now()
    await until(lambda: chat.tab.num_tasks == 0)


@pytest.mark.asyncio_qt
async def test_text_and_files_are_counted_against_the_context(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("two words")
        chat.tab.composer.set_attachments((FILE,))
        await _until_counted(chat)

        assert _count(chat) == "5 tokens · 507 free"
        assert "3 tokens" in chat.tab.composer.chips.facts[0]


@pytest.mark.asyncio_qt
async def test_what_the_chat_used_is_not_free(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one")
        chat.client.reply("a", "b")
        await until(lambda: not chat.session.is_busy)
        chat.tab.composer.set_text("two words")
        await _until_counted(chat)

        # The fake engine says that the prompt had 5 tokens.
        assert _count(chat) == "2 tokens · 503 free"


@pytest.mark.asyncio_qt
async def test_too_much_is_said_with_its_number(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("word " * 600)
        await _until_counted(chat)

        assert _count(chat) == "600 tokens · 88 too many"


@pytest.mark.asyncio_qt
async def test_file_that_no_context_takes_is_taken_off_with_both_numbers(tmp_path: Path) -> None:
    long = Attachment("long.txt", "word " * 600)
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_attachments((FILE, long))
        await _until_counted(chat)

        assert chat.tab.composer.attachments == (FILE,)
        assert "'long.txt' has 600 tokens; 512 fit" in chat.tab.composer.notice


@pytest.mark.asyncio_qt
async def test_nothing_to_count_shows_nothing(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("  ")
        await _until_counted(chat)

        assert _count(chat) == ""


@pytest.mark.asyncio_qt
async def test_without_a_model_nothing_is_claimed(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("two words")
        await _until_counted(chat)
        chat.client.emit(ModelUnloaded())
        await _until_counted(chat)
        assert _count(chat) == ""
        chat.client.emit(ModelLoaded(make_model_info()))
        await _until_counted(chat)

        assert _count(chat) == "2 tokens · 510 free"
