"""The dialog of space and backups."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.dialogs.storage_dialog import StorageDialog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.two_line_list import TwoLineRow


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> StorageDialog:
    dialog = StorageDialog(theme, "/data", None)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_dialog_fits_a_usual_screen_at_the_largest_zoom(theme: Theme, qtbot: QtBot) -> None:
    theme.set_zoom(2.0)
    dialog = StorageDialog(theme, "/data", None)
    qtbot.addWidget(dialog)
    dialog.show()

    # What a desktop leaves of 1080 px, with its panel and the title bar.
    assert dialog.minimumSizeHint().height() <= 1_000


def test_without_a_backup_there_is_nothing_to_restore(dialog: StorageDialog) -> None:
    dialog.show_backups([])

    assert not dialog.restore_button.isEnabled()
    assert dialog.backup_button.isEnabled()


def test_chosen_backup_stays_chosen_when_one_is_added(dialog: StorageDialog) -> None:
    dialog.show_backups([TwoLineRow("a", "A"), TwoLineRow("b", "B")])
    dialog.backups.setCurrentIndex(dialog.backups.rows.index(1, 0))

    dialog.show_backups([TwoLineRow("new", "N"), TwoLineRow("a", "A"), TwoLineRow("b", "B")])

    assert dialog.chosen == "b"


def test_buttons_name_the_chosen_backup(dialog: StorageDialog) -> None:
    dialog.show_backups([TwoLineRow("a", "A")])

    asked: list[str] = []
    dialog.verify_requested.connect(asked.append)
    dialog.restore_requested.connect(asked.append)

    dialog.verify_button.click()
    dialog.restore_button.click()

    assert asked == ["a", "a"]


def test_nothing_else_begins_while_something_runs(dialog: StorageDialog) -> None:
    dialog.show_backups([TwoLineRow("a", "A")])

    dialog.set_working(is_working=True)

    buttons = (dialog.backup_button, dialog.verify_button, dialog.restore_button)
    assert not [button for button in (*buttons, dialog.check_button) if button.isEnabled()]


def test_trash_with_chats_can_be_emptied(dialog: StorageDialog) -> None:
    dialog.show_trash(3)

    assert dialog.trash.text().startswith("Chats in it: 3.")
    assert dialog.trash_button.isEnabled()


def test_packed_weights_are_removed_where_there_are_any(dialog: StorageDialog) -> None:
    asked: list[bool] = []
    dialog.packed_requested.connect(lambda: asked.append(True))
    dialog.show_packed("")
    was_enabled = dialog.packed_button.isEnabled()

    dialog.show_packed("1.2 GB")
    dialog.packed_button.click()

    assert (was_enabled, asked) == (False, [True])
    assert dialog.packed.text().startswith("1.2 GB.")
