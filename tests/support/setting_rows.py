"""Rows of settings in tests: their controls, and what they tell; the page that has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from realm_desktop.library.network import NetworkGate
from realm_desktop.schema.resolution import resolve
from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.settings.about_page import AboutPage
from realm_desktop.ui.settings.setting_row import SettingRow
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient
from tests.support.updates import make_updates


def make_row(theme: Theme, key: str, value: Any = None, scope: Scope | None = None) -> SettingRow:
    """The row of a setting, which shows `value`, or its default."""
    setting = BY_KEY[key]
    row = SettingRow(theme, setting)
    row.show_value(setting.default if value is None else value, scope, Scope.CONVERSATION)
    return row


def about_page(theme: Theme, settings: SettingsFile) -> AboutPage:
    """What runs here, while no engine does."""
    updates = make_updates(settings.path.parent, NetworkGate())
    return AboutPage(theme, ModelState(FakeEngineClient(), settings), settings.path, updates)


def told_by(row: SettingRow) -> list[tuple[str, Any]]:
    """Fills with what the row tells from now on."""
    told: list[tuple[str, Any]] = []
    keep: Callable[[str, Any], None] = lambda key, value: told.append((key, value))  # noqa: E731  # one expression
    row.changed.connect(keep)
    return told


def defaults() -> dict[str, Any]:
    """The default of every setting."""
    own = {key: setting.default for key, setting in BY_KEY.items()}
    return own | dict(resolve({}, {}).values)
