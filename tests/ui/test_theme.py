"""Tests of colours, fonts and measures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop import assets
from realm_desktop.errors import RealmError
from realm_desktop.ui import theme as theme_module
from realm_desktop.ui.theme import (
    FONT_ROLES,
    THEME_NAMES,
    Theme,
    ThemeName,
    load_tokens,
    resolve_choice,
)
from tests.support.contrast import contrast, needed_pairs

_UI_FOLDER = Path(theme_module.__file__).parent


@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.Bold])
def test_code_is_set_in_the_shipped_font(theme: Theme, weight: QFont.Weight) -> None:
    font = theme.font("code")
    font.setWeight(weight)

    found = QFontInfo(font)

    assert (found.family(), found.weight()) == ("JetBrains Mono", weight)


def test_missing_font_is_logged_and_no_failure(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(theme_module, "_FONT_FILES", ("gone.ttf",))

    theme_module.add_fonts()

    assert "gone.ttf could not be added" in caplog.text


def test_shipped_fonts_have_their_licence() -> None:
    text = assets.resource("licences", "jetbrains-mono.txt").read_text(encoding="utf-8")
    fonts = [path.name for path in assets.resource("fonts").iterdir()]

    assert fonts
    assert all(name in text for name in fonts)


def test_another_pixel_ratio_is_told_once(theme: Theme, qtbot: QtBot) -> None:
    image = QImage(1, 1, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(1.5)
    with qtbot.waitSignal(theme.changed):
        theme.draw_for(image)
    with qtbot.assertNotEmitted(theme.changed):
        theme.draw_for(image)

    assert theme.ratios == {1.0, 1.5}


def test_screen_that_was_there_before_changes_nothing(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.draw_for(QGuiApplication.primaryScreen())


@pytest.mark.parametrize("name", THEME_NAMES)
def test_theme_meets_every_contrast(name: ThemeName) -> None:
    tokens = load_tokens(name)

    too_low = [
        (token, fill, round(contrast(tokens[token], tokens[fill]), 2))
        for token, fill, need in needed_pairs()
        if contrast(tokens[token], tokens[fill]) < need
    ]

    assert too_low == []


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_themes_define_the_same_tokens() -> None:
    tokens = [set(load_tokens(name)) for name in THEME_NAMES]

    assert tokens[0] == tokens[1] == tokens[2]


def test_shipped_themes_are_the_known_ones() -> None:
    files = {path.stem for path in assets.resource("themes").glob("*.json")}

    assert files == set(THEME_NAMES)


def test_tokens_refuse_what_is_no_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "light.json"
    file.write_text('{"surface": "red"}', encoding="utf-8")
    monkeypatch.setattr(assets, "resource", lambda *parts: file)

    with pytest.raises(RealmError, match="'red' for surface"):
        load_tokens("light")


def test_tokens_refuse_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "light.json"
    file.write_text("{", encoding="utf-8")
    monkeypatch.setattr(assets, "resource", lambda *parts: file)

    with pytest.raises(RealmError, match="is not JSON"):
        load_tokens("light")


def test_colour_comes_from_the_theme_file(theme: Theme) -> None:
    assert theme.colour("accent") == QColor("#00717D")
    assert theme.hex("accent") == "#00717D"


def test_colour_of_an_unknown_token_raises(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.colour("purple")


@pytest.mark.parametrize("group", [QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive])
def test_palette_sets_every_role(theme: Theme, group: QPalette.ColorGroup) -> None:
    palette = theme.palette()
    roles = [role for role in QPalette.ColorRole if role not in _NO_ROLES]

    assert all(palette.isBrushSet(group, role) for role in roles)


_NO_ROLES = {QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole}


def test_palette_dims_disabled_text(theme: Theme) -> None:
    disabled = theme.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)

    assert disabled == theme.colour("text-disabled")


@pytest.mark.parametrize("name", THEME_NAMES)
def test_style_sheet_has_no_token_left(qapp: QApplication, name: ThemeName) -> None:
    choice = "high_contrast" if name == "contrast" else name

    assert "@" not in Theme(choice).style_sheet()


def test_style_sheet_sets_no_font(theme: Theme) -> None:
    assert not re.search(r"\bfont(-size|-family|-weight)?\s*:", theme.style_sheet())


def test_no_widget_names_a_colour() -> None:
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b|Qt\.GlobalColor\.(?!transparent)|QColor\(\"")
    found = {
        path.name: literal.findall(path.read_text(encoding="utf-8"))
        for path in _UI_FOLDER.rglob("*.py")
        if path.name != "theme.py"
    }

    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize("role", FONT_ROLES)
def test_font_is_at_least_11_px_and_fits_its_line(theme: Theme, role: str) -> None:
    known = next(known for known in FONT_ROLES if known == role)
    font = theme.font(known)

    assert font.pixelSize() >= 11
    assert theme.line_height(known) >= QFontMetricsF(font).height() - 1


def test_code_font_is_monospaced(theme: Theme) -> None:
    metrics = QFontMetricsF(theme.font("code"))

    assert metrics.horizontalAdvance("iiii") == pytest.approx(metrics.horizontalAdvance("MMMM"))


def test_zoom_multiplies_fonts_and_measures(qapp: QApplication) -> None:
    theme = Theme("light", zoom=2.0)

    assert theme.font("interface").pixelSize() == 26
    assert theme.px(30) == 60


def test_zoom_multiplies_the_measures_of_the_style_sheet(qapp: QApplication) -> None:
    plain, zoomed = Theme("light").style_sheet(), Theme("light", zoom=2.0).style_sheet()

    assert "min-height: 28px" in plain
    assert "min-height: 56px" in zoomed
    assert "border: 1px solid" in zoomed


def test_zoom_is_bounded(theme: Theme) -> None:
    theme.set_zoom(9.0)

    assert theme.zoom == 2.0


def test_changing_the_zoom_tells_the_widgets(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_zoom(1.5)


def test_compact_layout_is_closer_and_tells_the_widgets_once(theme: Theme, qtbot: QtBot) -> None:
    before = (theme.row_height, theme.message_gap, theme.line_height("message"))
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(True))
    for _ in range(2):
        theme.set_layout("compact", is_column_wide=False)

    assert before == (30, 20, 24)
    assert (theme.row_height, theme.message_gap, theme.line_height("message")) == (26, 16, 22)
    assert theme.font("message").pixelSize() == 14
    assert theme.font("interface").pixelSize() == 13
    assert told == [True]


def test_choosing_another_theme_tells_the_widgets(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.choose("dark")

    assert theme.colour("surface") == QColor("#15191D")


def test_choosing_the_same_colours_tells_nobody(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose("light")


def test_system_choice_without_a_known_scheme_is_light(qapp: QApplication) -> None:
    assert resolve_choice("system") == "light"


def test_system_choice_follows_a_dark_desktop(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "styleHints", lambda: _DarkHints())

    assert resolve_choice("system") == "dark"


def test_system_choice_follows_a_wish_for_contrast(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme_module, "_wants_contrast", lambda: True)

    assert resolve_choice("system") == "contrast"


def test_high_contrast_choice_is_the_contrast_theme(qapp: QApplication) -> None:
    assert resolve_choice("high_contrast") == "contrast"


class _DarkHints:
    """Style hints of a desktop in dark mode."""

    def colorScheme(self) -> object:  # noqa: N802  # Qt's own name
        return Qt.ColorScheme.Dark


def test_wish_of_the_desktop_for_contrast_is_followed_at_once(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = Theme("system")
    monkeypatch.setattr(theme_module, "_wants_contrast", lambda: True)

    hints = QGuiApplication.styleHints().accessibility()
    hints.contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)

    assert theme.name == "contrast"
