"""The network settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import DEFAULT_HUB, NetworkSettings
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.dialogs.network_dialog import NetworkDialog
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click


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


def test_offline_takes_effect_at_once(dialog: NetworkDialog, settings: SettingsFile) -> None:
    click(dialog.offline_switch)

    assert settings.current.network.is_offline


def test_mirror_and_proxy_are_taken_over(dialog: NetworkDialog, settings: SettingsFile) -> None:
    dialog.mirror_field.setText("https://mirror.example/")
    dialog.proxy_field.setText("http://proxy:3128")
    dialog.proxy_field.editingFinished.emit()

    expected = NetworkSettings(False, "http://proxy:3128", "https://mirror.example")
    assert settings.current.network == expected


def test_an_empty_mirror_is_the_hub_itself(dialog: NetworkDialog, settings: SettingsFile) -> None:
    dialog.mirror_field.setText("")
    dialog.mirror_field.editingFinished.emit()

    assert settings.current.network.hub_endpoint == DEFAULT_HUB


def test_a_bad_address_is_told_and_not_taken(dialog: NetworkDialog, settings: SettingsFile) -> None:
    dialog.mirror_field.setText("http://mirror.example")
    dialog.mirror_field.editingFinished.emit()

    assert settings.current.network == NetworkSettings()
    assert "by https only" in dialog.problem.text()


def test_other_programs_can_be_left_alone(dialog: NetworkDialog, settings: SettingsFile) -> None:
    click(dialog.others_switch)

    assert not settings.current.library.is_other_apps_scanned


def test_connections_of_this_run_are_counted(dialog: NetworkDialog) -> None:
    assert dialog.counts.text().startswith("In this run: 1 connections")


def test_a_token_is_never_shown(dialog: NetworkDialog) -> None:
    dialog.token_field.setText("hf_secret")

    assert "hf_secret" not in dialog.token_field.displayText()
