"""Tests of the app's dialogs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.events import EngineReady, ModelLoaded
from realm_desktop.schema.resolution import resolve
from realm_desktop.settings import (
    AppearanceSettings,
    EngineSettings,
    Settings,
    SettingsFile,
)
from realm_desktop.store.records import Workspace
from realm_desktop.ui.dialogs.about_dialog import AboutDialog
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.sidebars import make_workspace
from tests.support.widgets import click, press


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def dialog(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(theme, settings)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    return dialog


def _type(field: QAbstractSpinBox, text: str) -> None:
    """Type a number and leave the field."""
    line = field.lineEdit()
    line.setText(text)
    press(field, Qt.Key.Key_Return)


def test_settings_shows_what_is_set(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    appearance = AppearanceSettings(theme="dark", zoom=1.2, is_motion_reduced=True)
    settings.put(
        Settings(appearance=appearance, engine=EngineSettings(num_threads=6, context_length=4096))
    )

    dialog = SettingsDialog(theme, settings)
    qtbot.addWidget(dialog)

    assert dialog.theme_box.value == "dark"
    assert dialog.zoom_field.value() == 120
    assert dialog.motion_switch.isChecked()
    assert dialog.threads_field.value() == 6
    assert dialog.context_field.value() == 4096


def test_opening_the_settings_changes_nothing(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    assert settings.current == Settings()


def test_theme_counts_at_once(dialog: SettingsDialog, settings: SettingsFile) -> None:
    dialog.theme_box.choose("high_contrast")

    assert settings.current.appearance.theme == "high_contrast"


def test_zoom_counts_when_it_is_typed_to_the_end(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    _type(dialog.zoom_field, "150 %")

    assert settings.current.appearance.zoom == pytest.approx(1.5)


def test_reduced_motion_counts_at_once(dialog: SettingsDialog, settings: SettingsFile) -> None:
    click(dialog.motion_switch)

    assert settings.current.appearance.is_motion_reduced


def test_send_key_counts_at_once(dialog: SettingsDialog, settings: SettingsFile) -> None:
    dialog.send_box.choose("ctrl_enter")

    assert settings.current.chat.send_key == "ctrl_enter"


def test_engine_settings_are_kept(dialog: SettingsDialog, settings: SettingsFile) -> None:
    dialog.threads_field.setValue(4)
    dialog.context_field.setValue(8192)
    click(dialog.startup_switch)

    engine = settings.current.engine
    assert (engine.num_threads, engine.context_length) == (4, 8192)
    assert not engine.is_last_model_loaded


def test_automatic_is_no_number(dialog: SettingsDialog, settings: SettingsFile) -> None:
    dialog.threads_field.setValue(4)

    dialog.threads_field.setValue(0)

    assert settings.current.engine.num_threads is None
    assert dialog.threads_field.text() == "Automatic"


def test_context_below_the_least_becomes_the_least(
    dialog: SettingsDialog, settings: SettingsFile
) -> None:
    dialog.context_field.setValue(3)

    assert settings.current.engine.context_length == 64


def test_settings_of_other_parts_survive(dialog: SettingsDialog, settings: SettingsFile) -> None:
    engine = EngineSettings(recent_model_paths=("/a.gguf",), last_model_path="/a.gguf")
    settings.put(replace(settings.current, engine=engine))

    dialog.threads_field.setValue(4)

    assert settings.current.engine == replace(engine, num_threads=4)


def test_reload_is_asked_for(dialog: SettingsDialog, qtbot: QtBot) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Reload model")

    with qtbot.waitSignal(dialog.reload_requested):
        click(button)


def test_controls_are_named_and_described(dialog: SettingsDialog) -> None:
    controls = (dialog.theme_box, dialog.zoom_field, dialog.motion_switch, dialog.threads_field)

    assert all(control.accessibleName() for control in controls)
    assert all(control.accessibleDescription() for control in controls)


@pytest.fixture
def workspace() -> Workspace:
    settings = {"system.prompt": "Be brief.", "sampling.stop": ["END"]}
    return replace(make_workspace("research"), settings=settings)


@pytest.fixture
def workspace_dialog(theme: Theme, workspace: Workspace, qtbot: QtBot) -> WorkspaceDialog:
    dialog = WorkspaceDialog(theme, workspace, resolve({"system.prompt": "Hm"}, workspace.settings))
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
    workspace_dialog.prompt_field.setPlainText("Be long.")

    with qtbot.waitSignal(workspace_dialog.saved) as told:
        click(workspace_dialog.save_button)

    settings = {**workspace.settings, "system.prompt": "Be long."}
    assert told.args == [replace(workspace, name="Tides", settings=settings)]


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


def test_shortcuts_are_listed(theme: Theme, qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(theme, [("New chat", "Ctrl+N"), ("Quit", "Ctrl+Q")])
    qtbot.addWidget(dialog)

    items = [dialog.table.item(row, column) for row in range(2) for column in range(2)]

    assert [item.text() for item in items if item] == ["New chat", "Ctrl+N", "Quit", "Ctrl+Q"]


def _lines(dialog: AboutDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_about_names_engine_and_model(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    client = FakeEngineClient()
    state = ModelState(client, settings)
    client.emit(EngineReady("0.1.0", "2.13.0", "cpu", 4, 17), ModelLoaded(make_model_info()))

    dialog = AboutDialog(theme, state)
    qtbot.addWidget(dialog)

    assert "torch 2.13.0" in _lines(dialog)
    assert "Model Tiny · llama · F32" in _lines(dialog)
    state.close()


def test_about_says_what_is_missing(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    dialog = AboutDialog(theme, ModelState(FakeEngineClient(), settings))
    qtbot.addWidget(dialog)

    assert "No model is loaded." in _lines(dialog)
    assert "has not started" in _lines(dialog)


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


def test_dialog_texts_follow_the_zoom(theme: Theme, qtbot: QtBot) -> None:
    dialog = FormDialog(theme, "Title")
    qtbot.addWidget(dialog)
    label = dialog.add_text("Something")

    theme.set_zoom(2.0)

    assert label.font().pixelSize() == 26


def test_current_cell_of_the_shortcuts_wears_no_frame(theme: Theme, qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(theme, [("New chat", "Ctrl+N")])
    qtbot.addWidget(dialog)
    flags = QStyle.StateFlag

    plain = _painted_cell(dialog, flags.State_Enabled)
    current = _painted_cell(dialog, flags.State_Enabled | flags.State_HasFocus)
    hovered = _painted_cell(dialog, flags.State_Enabled | flags.State_MouseOver)

    assert plain == current == hovered


def _painted_cell(dialog: ShortcutsDialog, state: QStyle.StateFlag) -> QImage:
    table = dialog.table
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 200, 28)
    option.state = state
    option.widget = table
    image = QImage(option.rect.size(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    table.itemDelegate().paint(painter, option, table.model().index(0, 0))
    painter.end()
    return image


def test_fields_of_one_form_are_equally_high(theme: Theme, qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    layout = QVBoxLayout(form)
    fields = [QLineEdit(form), QSpinBox(form), QDoubleSpinBox(form)]
    for field in fields:
        if isinstance(field, QAbstractSpinBox):
            field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        layout.addWidget(field)
    form.show()

    assert len({field.height() for field in fields}) == 1
