"""Tests of the composer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Attachment, UserTurn
from realm_desktop.ui.chat.composer import Composer, ComposerState
from realm_desktop.ui.chat.composer_edit import MAX_PASTE
from realm_desktop.ui.chat.composer_rows import ComposerRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from tests.support.widgets import child, click, press

KEY = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
BUSY = ComposerState(is_busy=True)
NOTES = Attachment("notes & more.md", "some words\n")


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme) -> Composer:
    composer = Composer(theme)
    qtbot.addWidget(composer)
    composer.resize(600, 100)
    composer.show()
    return composer


def _paste(composer: Composer, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    composer.edit.insertFromMimeData(data)


def _rows(composer: Composer) -> list[ComposerRow]:
    return [row for row in composer.findChildren(ComposerRow) if row.isVisible()]


def _texts(composer: Composer) -> list[str]:
    return [label.text() for label in composer.findChildren(QLabel) if label.isVisible()]


def test_enter_sends_the_text(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("Hello")

    with qtbot.waitSignal(composer.submitted) as sent:
        press(composer.edit, KEY.Key_Return)

    assert sent.args == ["Hello"]


def test_text_stays_until_it_is_saved(composer: Composer) -> None:
    composer.set_text("Hello")
    press(composer.edit, KEY.Key_Return)
    assert composer.text == "Hello"

    composer.clear()
    assert composer.text == ""


def test_shift_enter_breaks_the_line(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("a")

    with qtbot.assertNotEmitted(composer.submitted):
        press(composer.edit, KEY.Key_Return, SHIFT)

    assert composer.text == "a\n"


def test_setting_swaps_the_keys(qtbot: QtBot, composer: Composer) -> None:
    composer.set_send_key("ctrl_enter")
    composer.set_text("a")
    press(composer.edit, KEY.Key_Return)
    assert composer.text == "a\n"

    with qtbot.waitSignal(composer.submitted):
        press(composer.edit, KEY.Key_Return, CONTROL)


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_blank_text_is_not_sent(qtbot: QtBot, composer: Composer, text: str) -> None:
    composer.set_text(text)

    with qtbot.assertNotEmitted(composer.submitted):
        press(composer.edit, KEY.Key_Return)
        click(composer.button)


def test_field_grows_to_ten_lines(composer: Composer) -> None:
    heights = []
    for num_lines in (1, 2, 10, 30):
        composer.set_text("\n".join("x" * num_lines))
        heights.append(composer.edit.height())

    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_long_line_makes_the_field_higher(composer: Composer) -> None:
    composer.set_text("x")
    before = composer.edit.height()
    composer.set_text("many words " * 20)

    assert composer.edit.height() > before


def test_send_becomes_stop_in_the_same_place(qtbot: QtBot, composer: Composer) -> None:
    before = composer.button.geometry()
    composer.set_state(BUSY)

    assert composer.button.text() == "Stop"
    assert composer.button.geometry() == before
    with qtbot.waitSignal(composer.stop_requested):
        click(composer.button)


def test_stop_is_disabled_while_it_is_under_way(composer: Composer) -> None:
    composer.set_state(ComposerState(is_busy=True, can_stop=False))

    assert not composer.button.isEnabled()


def test_enter_sends_while_a_reply_runs(qtbot: QtBot, composer: Composer) -> None:
    composer.set_state(BUSY)
    composer.set_text("And then?")

    with qtbot.waitSignal(composer.submitted):
        press(composer.edit, KEY.Key_Return)


def test_hint_says_what_enter_does(composer: Composer) -> None:
    assert child(composer, ElidedLabel).text == "Enter sends · Shift+Enter new line"

    composer.set_state(BUSY)
    assert child(composer, ElidedLabel).text == "Enter: sends after this reply · Esc stops"


def test_placeholder_is_shown(composer: Composer) -> None:
    composer.set_state(ComposerState(placeholder="Message Tiny"))

    assert composer.edit.placeholderText() == "Message Tiny"


def test_up_in_the_empty_field_asks_for_the_last_message(qtbot: QtBot, composer: Composer) -> None:
    with qtbot.waitSignal(composer.previous_requested):
        press(composer.edit, KEY.Key_Up)


def test_up_in_a_text_moves_the_cursor(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("a\nb")

    with qtbot.assertNotEmitted(composer.previous_requested):
        press(composer.edit, KEY.Key_Up)


def test_waiting_text_has_a_row_that_removes_it(qtbot: QtBot, composer: Composer) -> None:
    composer.set_queued((UserTurn("first"), UserTurn("", (NOTES,))))
    assert len(_rows(composer)) == 2

    with qtbot.waitSignal(composer.queued_removed) as removed:
        click(child(_rows(composer)[1], QToolButton, "Remove"))
    assert removed.args == [1]


def test_sent_texts_lose_their_rows(composer: Composer) -> None:
    composer.set_queued((UserTurn("first"),))
    composer.set_queued(())

    assert _rows(composer) == []


def test_long_pastes_become_attachments_with_names_of_their_own(composer: Composer) -> None:
    composer.set_text("See: ")
    _paste(composer, "x" * 1_000_000)
    _paste(composer, "y" * (MAX_PASTE + 1))

    assert composer.text == "See: "
    assert [a.name for a in composer.attachments] == ["Pasted text 1.txt", "Pasted text 2.txt"]
    assert composer.attachments[0].text == "x" * 1_000_000


def test_chip_tells_name_size_and_tokens(composer: Composer) -> None:
    composer.set_attachments((NOTES,))
    composer.show_counts({NOTES: 3412})

    (chip,) = composer.chips.chips
    assert child(chip, QToolButton, "Show notes & more.md, 11 B · 3412 tokens").isVisible()


def test_chip_can_be_removed(qtbot: QtBot, composer: Composer) -> None:
    composer.set_attachments((NOTES, Attachment("b.py", "")))

    with qtbot.waitSignal(composer.attachments_changed):
        click(child(composer.chips, QToolButton, "Remove notes & more.md"))

    assert [a.name for a in composer.attachments] == ["b.py"]


def test_attachment_alone_can_be_sent(qtbot: QtBot, composer: Composer) -> None:
    composer.set_attachments((NOTES,))

    with qtbot.waitSignal(composer.submitted) as sent:
        press(composer.edit, KEY.Key_Return)

    assert sent.args == [""]


@pytest.mark.parametrize("text", ["short", "many words\n" * 400])
def test_attachment_can_be_put_into_the_text(composer: Composer, text: str) -> None:
    composer.set_text("Look: ")
    composer.set_attachments((Attachment("a.txt", text),))
    composer.chips.inserted.emit(0)

    assert composer.edit.toPlainText().endswith(text)
    assert composer.edit.toPlainText().startswith("Look: ")
    assert composer.attachments == ()


def test_pasted_files_are_offered(qtbot: QtBot, composer: Composer) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a b.py"), QUrl.fromLocalFile("/tmp/c.md")])

    with qtbot.waitSignal(composer.files_offered) as offered:
        composer.edit.insertFromMimeData(data)

    assert offered.args == [["/tmp/a b.py", "/tmp/c.md"]]
    assert composer.text == ""


def test_address_that_is_no_file_is_pasted_as_text(composer: Composer) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a")])
    composer.edit.insertFromMimeData(data)

    assert composer.text == "https://example.org/a"


def test_clearing_takes_the_attachments_along(composer: Composer) -> None:
    composer.set_attachments((NOTES,))
    composer.clear()

    assert composer.attachments == ()
    assert not composer.chips.isVisible()


def test_short_paste_is_plain_text(composer: Composer) -> None:
    _paste(composer, "<b>x</b>\x00")

    assert composer.text == "<b>x</b>\u2400"


def test_picture_is_not_pasted(composer: Composer) -> None:
    data = QMimeData()
    data.setHtml("<img src='file:///dev/zero'>")
    data.setData("image/png", b"x")
    composer.edit.insertFromMimeData(data)

    assert "<img" not in composer.text


def test_long_unsent_text_comes_back_as_a_row(composer: Composer) -> None:
    composer.set_text("x" * 100_000)

    assert composer.edit.toPlainText() == ""
    assert composer.text == "x" * 100_000


def test_edit_takes_long_text_into_the_field(composer: Composer) -> None:
    text = "many words " * 500
    composer.begin_edit(UserTurn(text, (NOTES,)))

    assert composer.edit.toPlainText() == text
    assert composer.attachments == (NOTES,)
    assert composer.is_editing


def test_edit_can_be_cancelled(qtbot: QtBot, composer: Composer) -> None:
    composer.begin_edit(UserTurn("old"))

    with qtbot.waitSignal(composer.edit_cancelled):
        click(child(_rows(composer)[0], QToolButton))


def test_notice_is_shown_until_the_field_is_cleared(composer: Composer) -> None:
    composer.show_notice("The disk is full.")
    assert "The disk is full." in _texts(composer)

    composer.clear()
    assert "The disk is full." not in _texts(composer)


def test_every_control_has_a_name(composer: Composer) -> None:
    composer.set_queued((UserTurn("first"),))
    composer.set_attachments((NOTES,))

    assert composer.edit.accessibleName() == "Message"
    assert composer.button.accessibleName() == "Send"
    assert all(button.accessibleName() for button in composer.findChildren(QToolButton))


def test_zoom_makes_the_composer_larger(theme: Theme, composer: Composer) -> None:
    theme.set_zoom(1.5)

    assert composer.button.width() == 126


@pytest.mark.parametrize("zoom", [2.0, 1.0])
def test_placeholder_has_the_size_of_the_text(
    theme: Theme, composer: Composer, zoom: float
) -> None:
    for step in (1.5, zoom):
        theme.set_zoom(step)

    assert composer.edit.viewport().font().pixelSize() == composer.edit.font().pixelSize()


def test_button_is_wide_enough_for_both_of_its_words(composer: Composer) -> None:
    metrics = composer.button.fontMetrics()
    icon = composer.button.iconSize().width()

    widest = max(metrics.horizontalAdvance(word) for word in ("Send", "Stop"))

    assert composer.button.width() >= widest + icon


@pytest.mark.parametrize(("width", "is_beside"), [(600, True), (300, False)])
def test_field_has_a_row_of_its_own_in_a_narrow_pane(
    composer: Composer, width: int, is_beside: bool
) -> None:
    for size in (300, 600, width):
        composer.resize(size, 200)
        composer.grab()
    field, button = composer.edit.geometry(), composer.button.geometry()

    assert (field.right() < button.left()) is is_beside
    assert (field.bottom() < button.top()) is not is_beside
    assert field.width() > 240


def test_hint_without_room_is_shortened_and_whole_in_its_tooltip(composer: Composer) -> None:
    composer.resize(150, 100)
    composer.grab()
    hint = child(composer, ElidedLabel)

    assert hint.toolTip() == hint.text == "Enter sends · Shift+Enter new line"
    assert hint.geometry().right() <= composer.width()


def test_send_and_stop_keep_their_font_at_any_zoom(composer: Composer, theme: Theme) -> None:
    theme.set_zoom(2.0)
    composer.set_state(BUSY)
    stop = composer.button.font().pixelSize()
    composer.set_state(ComposerState())

    assert (stop, composer.button.font().pixelSize()) == (26, 26)
