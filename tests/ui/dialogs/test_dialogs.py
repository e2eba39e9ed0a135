"""Tests of the app's dialogs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.engine_settings import EngineSettings
from realm_desktop.settings import (
    AppearanceSettings,
    Settings,
    SettingsFile,
)
from realm_desktop.store.records import Workspace
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.settings.editors import TextEditor
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.switch import Switch
from tests.support.setting_rows import about_page
from tests.support.sidebars import make_workspace
from tests.support.widgets import WidgetT, click, press


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def dialog(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(theme, settings, about_page(theme, settings), QWidget())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    return dialog


def _type(field: QAbstractSpinBox, text: str) -> None:
    """Type a number and leave the field."""
    line = field.lineEdit()
    line.setText(text)
    press(field, Qt.Key.Key_Return)


def _control(dialog: SettingsDialog, key: str, kind: type[WidgetT]) -> WidgetT:
    """The control of a setting."""
    control = dialog.form.rows[key].editor.control
    assert isinstance(control, kind)
    return control


def test_settings_shows_what_is_set(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    appearance = AppearanceSettings(theme="dark", zoom=1.2, is_motion_reduced=True)
    engine = EngineSettings(num_threads=6, context_length=4096)
    settings.put(Settings(appearance=appearance, engine=engine, defaults={"sampling.top_k": 3}))

    dialog = SettingsDialog(theme, settings, about_page(theme, settings), QWidget())
    qtbot.addWidget(dialog)

    assert _control(dialog, "appearance.theme", ChoiceBox).value == "dark"
    assert _control(dialog, "appearance.zoom", QSpinBox).value() == 120
    assert _control(dialog, "appearance.is_motion_reduced", Switch).isChecked()
    assert _control(dialog, "engine.num_threads", QSpinBox).value() == 6
    assert _control(dialog, "sampling.top_k", QSpinBox).value() == 3


def test_opening_the_settings_changes_nothing(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    assert settings.current == Settings()


def test_theme_counts_at_once(dialog: SettingsDialog, settings: SettingsFile) -> None:
    _control(dialog, "appearance.theme", ChoiceBox).choose("high_contrast")

    assert settings.current.appearance.theme == "high_contrast"


def test_zoom_counts_when_it_is_typed_to_the_end(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    _type(_control(dialog, "appearance.zoom", QSpinBox), "150 %")

    assert settings.current.appearance.zoom == pytest.approx(1.5)


def test_switch_counts_at_once(dialog: SettingsDialog, settings: SettingsFile) -> None:
    click(_control(dialog, "appearance.is_motion_reduced", Switch))

    assert settings.current.appearance.is_motion_reduced


def test_automatic_is_no_number(dialog: SettingsDialog, settings: SettingsFile) -> None:
    field = _control(dialog, "engine.num_threads", QSpinBox)
    field.setValue(4)
    chosen = settings.current.engine.num_threads
    field.setValue(0)

    assert (chosen, settings.current.engine.num_threads) == (4, None)
    assert field.text() == "Automatic"


def test_sampling_of_the_app_is_set_and_reset(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    row = dialog.form.rows["sampling.temperature"]
    _type(_control(dialog, "sampling.temperature", QDoubleSpinBox), "0.3")
    chosen = settings.current.defaults
    click(row.reset_button)

    assert chosen == {"sampling.temperature": 0.3}
    assert settings.current.defaults == {}


def test_own_setting_of_the_app_is_reset_to_its_default(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    row = dialog.form.rows["appearance.zoom"]
    is_offered_before = not row.reset_button.isHidden()
    _type(_control(dialog, "appearance.zoom", QSpinBox), "150 %")
    click(row.reset_button)

    assert not is_offered_before
    assert settings.current.appearance.zoom == 1.0


def test_settings_of_other_parts_survive(dialog: SettingsDialog, settings: SettingsFile) -> None:
    engine = EngineSettings(recent_model_paths=("/a.gguf",), last_model_path="/a.gguf")
    settings.put(replace(settings.current, engine=engine))
    _control(dialog, "engine.num_threads", QSpinBox).setValue(4)

    assert settings.current.engine == replace(engine, num_threads=4)


def test_search_finds_rare_settings_by_any_word(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("BREAKERS line")
    shown = [key for key, row in dialog.form.rows.items() if not row.isHidden()]
    dialog.search_field.setText("no such words")

    assert shown == ["sampling.dry_sequence_breakers"]
    assert not dialog.nothing.isHidden()


def test_full_shows_the_rare_settings_too(dialog: SettingsDialog) -> None:
    dialog.show_page("chat")
    rare = dialog.form.rows["sampling.dry_sequence_breakers"]
    is_hidden = rare.isHidden()
    dialog.full_box.choose("full")
    is_shown = not rare.isHidden()
    click(dialog.form.more_button)

    assert (is_hidden, is_shown, rare.isHidden()) == (True, True, True)
    assert dialog.full_box.value == "simple"


def test_keys_have_no_rare_rows(dialog: SettingsDialog) -> None:
    dialog.show_page("shortcuts")

    assert dialog.full_box.isHidden()


def test_address_that_cannot_be_asked_is_refused_at_its_row(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    row = dialog.form.rows["network.hub_endpoint"]
    row.editor.changed.emit("http://elsewhere.example")

    assert "https only" in row.fault.text()
    assert settings.current == Settings()


def test_text_typed_last_counts_when_the_dialog_closes(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    editor = dialog.form.rows["system.prompt"].editor
    assert isinstance(editor, TextEditor)
    editor.field.setPlainText("Be brief.")
    dialog.close()

    assert settings.current.defaults == {"system.prompt": "Be brief."}


def test_change_from_elsewhere_is_shown(dialog: SettingsDialog, settings: SettingsFile) -> None:
    settings.put(replace(settings.current, appearance=AppearanceSettings("light")))

    assert _control(dialog, "appearance.theme", ChoiceBox).value == "light"


def test_reload_is_asked_for(dialog: SettingsDialog, qtbot: QtBot) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Reload model")

    with qtbot.waitSignal(dialog.reload_requested):
        click(button)


def test_controls_are_named_and_described(dialog: SettingsDialog) -> None:
    controls = [row.editor.control for row in dialog.form.rows.values()]

    assert all(control.accessibleName() for control in controls)
    assert all(control.accessibleDescription() for control in controls)


@pytest.fixture
def workspace() -> Workspace:
    settings = {"system.prompt": "Be brief.", "sampling.stop": ["END"]}
    return replace(make_workspace("research"), settings=settings)


@pytest.fixture
def workspace_dialog(theme: Theme, workspace: Workspace, qtbot: QtBot) -> WorkspaceDialog:
    dialog = WorkspaceDialog(theme, workspace, {"system.prompt": "Hm", "sampling.top_k": 9})
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    return dialog


def test_workspace_is_saved_as_it_was_if_nothing_changed(
    workspace_dialog: WorkspaceDialog, workspace: Workspace, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(workspace_dialog.saved) as told:
        click(workspace_dialog.save_button)

    assert told.args == [workspace]


def test_changed_workspace_is_saved(
    workspace_dialog: WorkspaceDialog, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace_dialog.name_field.setText(" Tides ")
    prompt = workspace_dialog.form.rows["system.prompt"].editor
    assert isinstance(prompt, TextEditor)
    prompt.field.setPlainText("Be long.")

    with qtbot.waitSignal(workspace_dialog.saved) as told:
        click(workspace_dialog.save_button)

    settings = {**workspace.settings, "system.prompt": "Be long."}
    assert told.args == [replace(workspace, name="Tides", settings=settings)]


def test_workspace_shows_the_app_s_values_and_takes_its_own_back(
    workspace_dialog: WorkspaceDialog, workspace: Workspace, qtbot: QtBot
) -> None:
    rows = workspace_dialog.form.rows
    badge = rows["sampling.top_k"].badge.text
    click(rows["system.prompt"].reset_button)
    with qtbot.waitSignal(workspace_dialog.saved) as told:
        click(workspace_dialog.save_button)

    assert badge == "app"
    assert told.args == [replace(workspace, settings={"sampling.stop": ["END"]})]


def test_workspace_needs_a_name(workspace_dialog: WorkspaceDialog) -> None:
    workspace_dialog.name_field.setText("   ")

    assert not workspace_dialog.save_button.isEnabled()


def test_cancelled_workspace_is_not_saved(workspace_dialog: WorkspaceDialog, qtbot: QtBot) -> None:
    workspace_dialog.name_field.setText("Tides")
    cancel = next(b for b in workspace_dialog.findChildren(QPushButton) if b.text() == "Cancel")

    with qtbot.assertNotEmitted(workspace_dialog.saved):
        click(cancel)


@pytest.fixture
def question(theme: Theme, qtbot: QtBot) -> ConfirmDialog:
    question = ConfirmDialog(theme, "Delete <b>it</b>?", "It is gone for good.", "Delete")
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(question)
    return question


def test_question_is_confirmed_by_its_button(question: ConfirmDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(question.confirmed):
        click(question.do_button)


def test_enter_cancels_a_question(question: ConfirmDialog, qtbot: QtBot) -> None:
    assert question.cancel_button.isDefault()

    with qtbot.assertNotEmitted(question.confirmed):
        press(question, Qt.Key.Key_Return)


def test_labels_of_dialogs_are_plain_text(question: ConfirmDialog) -> None:
    formats = {label.textFormat() for label in question.findChildren(QLabel)}

    assert formats == {Qt.TextFormat.PlainText}


def test_message_window_tells_its_end(theme: Theme, qtbot: QtBot) -> None:
    window = MessageWindow(theme, "Cannot open", "The disk is full.", button="Quit")
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()

    with qtbot.waitSignal(window.closed):
        click(next(b for b in window.findChildren(QPushButton) if b.text() == "Quit"))


def test_escape_ends_a_message_window(theme: Theme, qtbot: QtBot) -> None:
    window = MessageWindow(theme, "Cannot open", "The disk is full.", button="Quit")
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()

    with qtbot.waitSignal(window.closed):
        press(window, Qt.Key.Key_Escape)


def test_chosen_key_goes_into_the_settings(dialog: SettingsDialog, settings: SettingsFile) -> None:
    dialog.show_page("shortcuts")
    dialog.shortcuts.choose("quit")
    press(dialog.shortcuts.field, Qt.Key.Key_F9)

    assert settings.current.keyboard.shortcuts == {"quit": ["F9"]}


def test_search_looks_into_the_page_that_is_shown(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("ctrl+q")
    nothing_in_settings = dialog.nothing.isHidden()

    dialog.show_page("shortcuts")

    assert (nothing_in_settings, dialog.nothing.isHidden()) == (False, True)
    assert [row.name for row in dialog.shortcuts.model.rows] == ["quit"]


def test_revealed_setting_is_seen_and_has_the_focus(dialog: SettingsDialog) -> None:
    dialog.show()
    dialog.activateWindow()
    dialog.show_page("shortcuts")

    dialog.reveal("network.proxy")

    row = dialog.form.rows["network.proxy"]
    assert not row.visibleRegion().isEmpty()
    assert dialog.focusWidget() is row.editor.control
