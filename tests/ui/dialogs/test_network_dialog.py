"""The network settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.dialogs.network_dialog import NetworkDialog
from realm_desktop.ui.theme import Theme
from tests.support.widgets import child, click


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def dialog(settings: SettingsFile, theme: Theme, qtbot: QtBot) -> NetworkDialog:
    gate = NetworkGate(NetworkSettings())
    gate.opened.append("huggingface.co")
    dialog = NetworkDialog(theme, settings, gate)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _type(dialog: NetworkDialog, key: str, text: str) -> None:
    """Type into the field of a row and leave it."""
    editor = dialog.form.rows[key].editor
    field = child(editor, QLineEdit)
    field.setText(text)
    field.setModified(True)
    editor.commit()


def test_offline_takes_effect_at_once(dialog: NetworkDialog, settings: SettingsFile) -> None:
    click(dialog.form.rows["network.is_offline"].editor.control)

    assert settings.current.network.is_offline


def test_rare_rows_are_shown_too(dialog: NetworkDialog) -> None:
    assert all(row.isVisible() for row in dialog.form.rows.values())
    assert dialog.form.more_button.isHidden()


def test_mirror_and_proxy_are_taken_over(dialog: NetworkDialog, settings: SettingsFile) -> None:
    _type(dialog, "network.hub_endpoint", "https://mirror.example")
    _type(dialog, "network.proxy", "http://proxy:3128")

    expected = NetworkSettings(False, "http://proxy:3128", "https://mirror.example")
    assert settings.current.network == expected


def test_a_bad_address_is_told_and_not_taken(dialog: NetworkDialog, settings: SettingsFile) -> None:
    _type(dialog, "network.hub_endpoint", "http://mirror.example")

    assert settings.current.network == NetworkSettings()
    assert "by https only" in dialog.form.rows["network.hub_endpoint"].fault.text()


def test_other_programs_can_be_left_alone(dialog: NetworkDialog, settings: SettingsFile) -> None:
    click(dialog.form.rows["library.is_other_apps_scanned"].editor.control)

    assert not settings.current.library.is_other_apps_scanned


def test_connections_of_this_run_are_counted(dialog: NetworkDialog) -> None:
    assert dialog.counts.text().startswith("In this run: 1 connections")


def test_a_token_is_never_shown(dialog: NetworkDialog) -> None:
    dialog.token_field.setText("hf_secret")

    assert "hf_secret" not in dialog.token_field.displayText()


def test_a_closed_dialog_hears_no_more_changes(
    dialog: NetworkDialog, settings: SettingsFile
) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    listeners = len(settings._listeners)
    dialog.close()

    assert len(settings._listeners) == listeners - 1
