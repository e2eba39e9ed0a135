"""Tests of counting hits in pieces."""

from __future__ import annotations

import pytest

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message
from realm_desktop.ui.chat.find_index import MAX_ROWS_PER_PIECE, FindIndex
from realm_desktop.ui.chat.find_query import FindQuery, Found
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.chat_views import long_chat, question_and_answer
from tests.support.stores import make_message
from tests.ui.chat.conftest import ShowChat


def _index(view: TranscriptView, text: str, first_row: int = 0) -> FindIndex:
    index = FindIndex(view.transcript_model, view)
    index.search(FindQuery(text), first_row)
    return index


def _finish(index: FindIndex) -> FindIndex:
    while not index.is_done:
        index.work(1.0)
    return index


def test_every_row_has_its_count(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("a word, a word", "no"))
    index = _finish(_index(view, "word"))

    assert index.counts == [0, 2]
    assert (index.total, index.num_before(1)) == (2, 0)


def test_place_of_each_hit_is_known(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("a word\n\na word"))
    index = _finish(_index(view, "word"))

    assert index.hits(1) == [Found(0, 0, 2, 6), Found(1, 0, 2, 6)]


def test_search_begins_at_the_given_row(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(3 * MAX_ROWS_PER_PIECE))
    index = _index(view, "elephant", first_row=MAX_ROWS_PER_PIECE)
    index.work(60.0)

    looked_at = [row for row, count in enumerate(index.counts) if count is not None]
    assert looked_at == list(range(MAX_ROWS_PER_PIECE, 2 * MAX_ROWS_PER_PIECE))


def test_piece_without_time_looks_at_one_row(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(50))
    index = _index(view, "elephant")
    index.work(0.0)

    assert sum(count is not None for count in index.counts) == 1


def test_text_that_was_parsed_is_not_parsed_again_for_the_next_letter(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(200))
    index = _finish(_index(view, "word"))
    num_parsed = index.num_parsed
    index.search(FindQuery("words"), 0)
    _finish(index)

    assert num_parsed > 100
    assert index.num_parsed == num_parsed


def test_message_in_sight_is_not_parsed_for_the_search(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("a word", "word"))

    assert _finish(_index(view, "word")).num_parsed == 0


def test_long_message_goes_over_several_pieces(show_chat: ShowChat) -> None:
    long = make_message("m-1", content="words and **more** words\n\n" * 4000)
    view = show_chat(long, *_answers(30))
    index = _index(view, "more")
    num_pieces = 0
    while not index.is_done:
        index.work(0.0)
        num_pieces += 1

    assert index.counts[0] == 4000
    assert num_pieces >= 31


def test_changed_row_is_counted_anew(show_chat: ShowChat, store: ConversationStore) -> None:
    view = show_chat(*question_and_answer("a word"))
    index = _finish(_index(view, "word"))
    index.look_again(1)
    is_done = index.is_done
    _finish(index)

    assert not is_done
    assert index.counts == [0, 1]


def test_nothing_is_looked_for_without_a_text(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("a word"))
    index = _index(view, "")
    index.look_again(0)

    assert index.is_done
    assert index.total == 0


@pytest.mark.parametrize("first_row", [-5, 99])
def test_first_row_outside_of_the_chat_does_no_harm(show_chat: ShowChat, first_row: int) -> None:
    view = show_chat(*question_and_answer("a word"))

    assert _finish(_index(view, "word", first_row)).total == 1


def test_texts_that_were_given_up_have_no_hits_until_looked_at_again(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("a word"))
    index = _finish(_index(view, "word"))
    index.forget_texts()
    before = index.hits(1)
    index.look_again(1)
    _finish(index)

    assert before == []
    assert len(index.hits(1)) == 1


def _answers(count: int) -> list[Message]:
    return [make_message(f"m{n}", f"m{n - 1}", "nothing " * 40) for n in range(count)]
