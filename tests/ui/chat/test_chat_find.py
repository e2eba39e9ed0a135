"""Tests of finding words in a chat, in a real tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.code_box import FOLDED_LINES, CodeBox
from realm_desktop.ui.chat.find_index import MAX_ROWS_PER_PIECE
from realm_desktop.ui.chat.table_box import TableBox
from realm_desktop.ui.theme import Theme
from tests.support.chat_search import Searched
from tests.support.chat_views import long_chat, make_session, question_and_answer, settle, streaming
from tests.support.stores import make_message, make_reply
from tests.support.widgets import press

OpenSearch = Callable[..., Searched]

CODE = "\n".join(f"line {number} of code" for number in range(FOLDED_LINES + 20))


@pytest.fixture
def searched(qtbot: QtBot, theme: Theme, store: ConversationStore) -> OpenSearch:
    """Opens a tab of 700 by 500 px on these messages."""

    def make(*messages: Message) -> Searched:
        session = make_session(store, *messages)
        tab = ChatTab(session, theme)
        qtbot.addWidget(tab)
        tab.resize(700, 500)
        tab.show()
        settle(tab.view)
        return Searched(tab, session, qtbot)

    return make


def test_hits_are_counted_as_they_are_shown(searched: OpenSearch) -> None:
    answer = "Some **wo**rds.\n\n| Words |\n|---|\n| words |\n\n```\nwords\n```\n\n[x](http://words.example)"
    chat = searched(*question_and_answer(answer, "Which words?"))

    assert chat.find("words") == "1 of 5"


def test_steps_go_through_all_hits_and_round_the_end(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("two words, words", "words"))
    said = [chat.find("words"), chat.step(), chat.step(), chat.step()]

    assert said == ["1 of 3", "2 of 3", "3 of 3", "1 of 3"]
    assert chat.step(-1) == "3 of 3"


def test_first_hit_is_the_next_one_from_what_is_read(searched: OpenSearch) -> None:
    chat = searched(*long_chat(60))
    chat.tab.view.verticalScrollBar().setValue(0)

    assert chat.find("words") == "1 of 720"
    chat.finder.close()
    chat.tab.view.follow()
    assert chat.find("12: Some") == "1 of 1"
    assert chat.find("Some") == "145 of 720"


def test_search_opened_anew_begins_at_what_is_read_then(searched: OpenSearch) -> None:
    chat = searched(*long_chat(60))
    chat.tab.view.verticalScrollBar().setValue(0)
    chat.find("words")
    chat.finder.close()
    chat.tab.view.follow()

    assert int(chat.find("words").split()[0]) > 600


def test_longer_word_is_looked_for_from_the_present_hit(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("word, worded", "word"))
    chat.find("word")
    chat.step()
    chat.finder.bar.field.insert("ed")

    assert chat.count == "1 of 1"
    assert chat.marked == "1:0.0"


def test_hidden_tab_waits_until_it_is_shown(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("word", "word"))
    chat.finder.open()
    chat.tab.hide()
    chat.finder.bar.field.setText("word")
    settle(chat.tab.view)
    is_done_while_hidden = chat.finder.is_done
    chat.tab.show()

    assert not is_done_while_hidden
    assert chat.count == "1 of 2"


def test_new_message_is_searched_too(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("word"))
    chat.find("word")
    chat.session.transcript.add(make_message("n", "a", "another word"))
    chat.qtbot.waitUntil(lambda: chat.finder.bar.count.text() == "1 of 2", timeout=5000)


def test_text_of_a_formula_is_found_where_it_is_drawn(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("The sum $a + b$ and more."))

    assert chat.find("a + b") == "1 of 1"
    assert chat.find("more") == "1 of 1"


THOUGHT = "<think>" + "Nothing.\n\n" * 80 + "A *needle* here.</think>\n\nOne needle."


def test_thoughts_are_searched_before_their_answers(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("<think>**word** and word</think>\n\nOne word."))

    assert chat.find("word") == "1 of 3"
    assert chat.find("and") == "1 of 1"


def test_hit_in_a_folded_thought_unfolds_it(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer(THOUGHT))
    view = chat.tab.view
    chat.find("needle")
    item, current = view.item(1), view.marks.current
    assert item is not None
    assert current is not None
    top = item.thought.text_origin.y() + item.thought.document.box_top(current[1].block)
    place = view.visualRect(chat.tab.model.index(1)).top() + top

    assert current[1].in_thought
    assert 0 <= place < view.viewport().height()


def test_hit_in_an_answer_leaves_the_thought_folded(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("<think>hay</think>\n\nOne needle."))
    chat.find("needle")
    item = chat.tab.view.item(1)

    assert item is not None
    assert not item.thought.is_expanded


def test_folding_a_thought_again_keeps_the_count(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer(THOUGHT))
    chat.find("needle")
    chat.tab.model.toggle_thought(MessageId("a"))

    assert chat.step() == "2 of 2"


def test_hit_far_away_comes_into_sight(searched: OpenSearch) -> None:
    messages = long_chat(200)
    chat = searched(*messages, make_reply("r", "m199", "needle"))
    chat.tab.view.verticalScrollBar().setValue(0)
    chat.find("needle")
    item = chat.tab.view.item(200)

    assert item is not None
    assert chat.tab.view.visualRect(chat.tab.model.index(200)).top() < 500


def test_case_counts_if_asked_for(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("Word word", "word"))
    chat.find("word")
    chat.finder.bar.case_button.setChecked(True)

    assert chat.count == "1 of 2"


def test_nothing_found_is_said(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("Because."))

    assert chat.find("elephant") == "No hits"
    assert not chat.finder.bar.next_button.isEnabled()


def test_hit_below_the_fold_opens_the_code(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer(f"```\n{CODE}\n```\n\nbehind"))
    chat.find(f"line {FOLDED_LINES + 5} of")
    item = chat.tab.view.item(1)
    assert item is not None
    box = item.document.boxes[0]
    assert isinstance(box, CodeBox)

    assert not box.is_folded
    assert item.document.box_top(1) > box.height


def test_hit_beside_the_frame_scrolls_the_code(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer(f"```\n{'x ' * 200}needle\n```"))
    chat.find("needle")
    item = chat.tab.view.item(1)
    assert item is not None
    box = item.document.boxes[0]
    place = box.places(0, [(400, 406)])[0]

    assert 0 < box.rect_of(place).right() < box.width


def test_hit_beside_the_frame_scrolls_the_table(searched: OpenSearch) -> None:
    row = "| " + " | ".join(["a rather wide cell with words"] * 12) + " | needle |"
    chat = searched(*question_and_answer(f"{row}\n|{'---|' * 13}\n{row}"))
    chat.find("needle")
    item = chat.tab.view.item(1)
    assert item is not None
    box = item.document.boxes[0]
    assert isinstance(box, TableBox)

    assert box.rect_of(box.places(12, [(0, 6)])[0]).right() < box.width


def test_count_grows_with_a_reply(searched: OpenSearch) -> None:
    chat = searched(*streaming("one word"))
    chat.find("word")

    assert chat.replace(" and a word") == "1 of 2"


def test_another_version_is_searched_in_place_of_the_first(searched: OpenSearch) -> None:
    user, reply = question_and_answer("a word")
    chat = searched(user, reply, make_reply("b", "u", "word by word by word"))
    assert chat.find("word") == "1 of 3"
    chat.session.transcript.select_version(MessageId("b"), -1)

    assert chat.count == "1 hit"
    assert chat.step() == "1 of 1"


def test_edited_message_loses_its_hits(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("a word", "word"))
    chat.find("word")
    chat.session.transcript.replace(make_reply("a", "u", "nothing"))
    chat.tab.model.flush()
    chat.qtbot.waitUntil(lambda: chat.finder.bar.count.text() == "1 of 1", timeout=5000)


def test_selection_stays_and_is_copied(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("all the words"))
    chat.tab.view.setFocus()
    chat.tab.view.setCurrentIndex(chat.tab.model.index(1))
    press(chat.tab.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    chat.find("the")

    assert chat.tab.view.selected_text() == "all the words"


def test_selected_words_are_looked_for(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("these words"))
    chat.tab.view.setFocus()
    chat.tab.view.setCurrentIndex(chat.tab.model.index(1))
    press(chat.tab.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    chat.finder.open()

    assert chat.finder.bar.text == "these words"


def test_marks_are_painted_and_go_with_the_bar(searched: OpenSearch, theme: Theme) -> None:
    chat = searched(*question_and_answer("plain\n\na word and a word"))
    before = chat.tab.view.grab().toImage()
    height = chat.tab.view.height()
    chat.find("word")
    marked = chat.tab.view.grab().toImage()
    colours = {marked.pixelColor(x, y).name() for x in range(700) for y in range(marked.height())}
    press(chat.finder.bar.field, Qt.Key.Key_Escape)
    settle(chat.tab.view)

    assert {theme.colour("heat-3").name(), theme.colour("warning").name()} <= colours
    assert chat.tab.view.height() == height
    assert not chat.finder.is_open
    assert chat.tab.view.grab().toImage().pixelColor(5, 5) == before.pixelColor(5, 5)


def test_escape_in_the_composer_closes_the_bar(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("word"))
    chat.find("word")
    press(chat.tab.composer.edit, Qt.Key.Key_Escape)

    assert not chat.finder.is_open


def test_step_opens_a_closed_bar_with_the_last_words(searched: OpenSearch) -> None:
    chat = searched(*question_and_answer("word"))
    chat.find("word")
    chat.finder.close()

    assert chat.step() == "1 of 1"


def test_screen_reader_hears_the_count_once(
    searched: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = searched(*question_and_answer("word", "word"))
    said: list[str] = []
    speak = "realm_desktop.ui.chat.chat_find.announce"
    monkeypatch.setattr(speak, lambda _bar, text: said.append(text))
    chat.find("w")
    chat.step()

    assert said == ["1 of 2", "2 of 2"]


def test_hidden_messages_are_not_laid_out_and_only_candidates_parsed(searched: OpenSearch) -> None:
    messages = long_chat(9_999)
    chat = searched(*messages, make_reply("r", "m9998", "a needle here"))
    chat.find("1234: Some words")
    num_laid_out = sum(chat.tab.view.item(row) is not None for row in range(10_000))

    # The letters of "1234: Some words" stand in one message; those before it in none.
    assert chat.count == "1 of 1"
    assert chat.marked == "1234:0.0"
    assert chat.finder.num_parsed <= 2
    assert num_laid_out <= 60


def test_piece_looks_at_a_bounded_number_of_messages(searched: OpenSearch) -> None:
    chat = searched(*long_chat(10 * MAX_ROWS_PER_PIECE))
    index = chat.finder._index
    chat.finder.open()
    chat.finder.bar.field.setText("nowhere to be found")
    chat.finder._timer.stop()
    index.work(60.0)

    assert sum(count is not None for count in index.counts) == MAX_ROWS_PER_PIECE
