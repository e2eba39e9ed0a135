"""Finding titles and contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.notes import NotesStore, chat_owner
from realm_desktop.store.records import Attachment, ConversationId
from realm_desktop.store.search import Search, SearchHit
from tests.support.stores import make_conversation, make_message, with_store

TEXTS = (
    "The quick brown fox",
    "Ein Café in Zürich",
    "日本語の文章を検索する",
    "100% of C++ code_path \"quoted\" AND 'single'",
    "second fox, this one red",
)


async def _fill(store: ConversationStore, texts: Sequence[str] = TEXTS) -> Search:
    await store.save_conversation(make_conversation(title="Animals of the forest"))
    parent = None
    for number, text in enumerate(texts):
        await store.add_message(make_message(f"m{number}", parent, text))
        parent = f"m{number}"
    return Search(store.database)


def test_words_of_an_attachment_find_its_message(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[SearchHit]:
        search = await _fill(store)
        files = (Attachment("zebra.txt", "striped\nhorse"),)
        await store.add_message(make_message("m5", "m4", "a fox too", attachments=files))
        hits = [await search.contents(text) for text in ("striped", "fox", "zebra", "name", "{}")]
        return [hit for found in hits for hit in found]

    hits = with_store(tmp_path, work)
    assert [hit.message_id for hit in hits] == ["m5", "m5", "m4", "m0", "m5"]
    assert "striped horse" in hits[0].snippet


def test_attachment_that_was_deleted_is_not_found(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[SearchHit]:
        await store.save_conversation(make_conversation(deleted_s=1.0))
        await store.add_message(make_message("m", attachments=(Attachment("a", "needle"),)))
        await store.delete_deleted(ConversationId("c1"))
        return await Search(store.database).contents("needle")

    assert with_store(tmp_path, work) == []


def _contents(tmp_path: Path, text: str) -> list[SearchHit]:
    async def work(store: ConversationStore) -> list[SearchHit]:
        return await (await _fill(store)).contents(text)

    return with_store(tmp_path, work)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fox", ["m4", "m0"]),
        ("FOX quick", ["m0"]),
        ("row", ["m0"]),
        ("cafe", ["m1"]),
        ("Zürich", ["m1"]),
        ("日本語", ["m2"]),
        ("検索", ["m2"]),
        ("語", ["m2"]),
        ("C++", ["m3"]),
        ('"quoted"', ["m3"]),
        ("'single'", ["m3"]),
        ("AND", ["m3"]),
        ("0%", ["m3"]),
        ("e_p", ["m3"]),
        ("fox re", ["m4"]),
        ("of", ["m3"]),
        ("fox cat", []),
        ("_%", []),
        ("NEAR(fox", []),
        ("fox*", []),
        ("", []),
        ("  \n ", []),
        ("\0\ud800", []),
    ],
)
def test_contents_are_found_by_every_word(tmp_path: Path, text: str, found: list[str]) -> None:
    assert [hit.message_id for hit in _contents(tmp_path, text)] == found


def test_hit_carries_title_and_the_text_around_the_word(tmp_path: Path) -> None:
    (hit,) = _contents(tmp_path, "red")

    assert hit.title == "Animals of the forest"
    assert hit.conversation_id == "c1"
    assert hit.snippet == "…econd fox, this one red"


def test_snippet_of_a_long_text_is_one_short_line(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> SearchHit:
        search = await _fill(store, ["x\n\n" * 1000 + "needle" + "\ty" * 1000])
        return (await search.contents("needle"))[0]

    snippet = with_store(tmp_path, work).snippet
    assert "needle" in snippet
    assert "\n" not in snippet
    assert len(snippet) <= 62


def test_titles_are_found_the_latest_first(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[ConversationId]:
        for key, title, updated_s in (
            ("a", "Red fox", 1.0),
            ("b", "Fox red", 2.0),
            ("c", "Cat", 3.0),
        ):
            await store.save_conversation(
                replace(make_conversation(key, title), updated_s=updated_s)
            )
        return await Search(store.database).titles("fox re")

    assert with_store(tmp_path, work) == ["b", "a"]


def test_changed_text_is_found_and_the_old_one_is_not(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[int, int]:
        search = await _fill(store, ["before"])
        await store.update_message(make_message("m0", None, "afterwards"))
        return len(await search.contents("before")), len(await search.contents("afterwards"))

    assert with_store(tmp_path, work) == (0, 1)


def test_trash_is_not_searched(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> tuple[int, int]:
        search = await _fill(store)
        await store.save_conversation(make_conversation(title="Animals", deleted_s=1.0))
        return len(await search.contents("fox")), len(await search.titles("Animals"))

    assert with_store(tmp_path, work) == (0, 0)


def test_number_of_hits_is_limited(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> int:
        search = await _fill(store, ["same word"] * 5)
        return len(await search.contents("same", limit=3))

    assert with_store(tmp_path, work) == 3


def test_any_query_is_answered(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> None:
        search = await _fill(store)

        @settings(deadline=None, max_examples=60)
        @given(st.text(st.sampled_from("fox\"'*%_\\() :-^+{}\0\ud800語"), max_size=12))
        def check(query: str) -> None:
            queries.append(query)

        queries: list[str] = []
        check()
        for query in [*queries, "a" * 10_000, "x " * 400]:
            await search.contents(query)
            await search.titles(query)

    with_store(tmp_path, work)


async def _with_notes(store: ConversationStore, *texts: str) -> Search:
    notes = NotesStore(store.database)
    for number, text in enumerate(texts):
        key = ConversationId(f"n{number}")
        await store.save_conversation(make_conversation(key, f"Chat {number}"))
        await notes.save(chat_owner(key), text)
    return await _fill(store)


def test_words_of_notes_find_their_chat_before_messages(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[SearchHit]:
        return await (await _with_notes(store, "no animal", "the FOX\nof the dunes")).contents(
            "fox"
        )

    note, *messages = with_store(tmp_path, work)
    assert note == SearchHit(ConversationId("n1"), None, "Chat 1", "the FOX of the dunes")
    assert [hit.message_id for hit in messages] == ["m4", "m0"]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("zurich", True), ("ZÜRICH cafe", True), ("ca", True), ("Zürich rain", False), ("%", False)],
)
def test_notes_are_compared_without_case_and_accents(
    tmp_path: Path, text: str, is_found: bool
) -> None:
    async def work(store: ConversationStore) -> list[SearchHit]:
        search = await _with_notes(store, "Ein Café in Zürich")
        return [hit for hit in await search.contents(text) if hit.message_id is None]

    assert bool(with_store(tmp_path, work)) == is_found


def test_notes_of_a_chat_in_the_trash_are_not_found(tmp_path: Path) -> None:
    async def work(store: ConversationStore) -> list[SearchHit]:
        search = await _with_notes(store, "needle")
        await store.save_conversation(make_conversation("n0", deleted_s=5.0))
        return await search.contents("needle")

    assert with_store(tmp_path, work) == []
