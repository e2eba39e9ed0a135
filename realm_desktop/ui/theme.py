"""Colours, fonts and measures of the window; nothing else in `ui` names a colour.

The colour tokens are files in `resources/themes`, the style sheet is `app.qss` with `@token` in
place of colours. One `Theme` object lives as long as the app: widgets keep it, read it while they
paint, and listen to `changed` for what they computed from it. GUI thread.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Final, Literal, NamedTuple, get_args

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPaintDevice,
    QPalette,
    QScreen,
)
from PySide6.QtWidgets import QApplication

from realm_desktop import assets
from realm_desktop.errors import RealmError
from realm_desktop.settings import MAX_ZOOM, MIN_ZOOM, Density, ThemeChoice

logger = logging.getLogger(__name__)

ThemeName = Literal["light", "dark", "contrast"]
FontRole = Literal[
    "first-run-title",
    "page-title",
    "card-title",
    "chat-title",
    "message",
    "message-strong",
    "lane",
    "thought",
    "h1",
    "h2",
    "h3",
    "interface",
    "button",
    "row-strong",
    "stats",
    "stats-strong",
    "label",
    "chip-letter",
    "code",
    "code-small",
]

THEME_NAMES: Final[tuple[ThemeName, ...]] = get_args(ThemeName)
FONT_ROLES: Final[tuple[FontRole, ...]] = get_args(FontRole)

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_MAX_LINE_PX = 2
_PX_IN_SHEET = re.compile(r"\b(\d+)px\b")
_TOKEN_IN_SHEET = re.compile(r"@([a-z][a-z0-9-]*)")


class _Type(NamedTuple):
    """Size and line height in px at 100 %, and weight, of one font role."""

    size: int
    line: int
    weight: QFont.Weight = QFont.Weight.Normal
    is_code: bool = False


_TYPES: Final[dict[FontRole, _Type]] = {
    "first-run-title": _Type(24, 32, QFont.Weight.DemiBold),
    "page-title": _Type(18, 24, QFont.Weight.DemiBold),
    "card-title": _Type(15, 22, QFont.Weight.DemiBold),
    "chat-title": _Type(14, 20, QFont.Weight.DemiBold),
    "message": _Type(15, 24),
    "message-strong": _Type(15, 24, QFont.Weight.DemiBold),
    "lane": _Type(14, 22),
    "thought": _Type(13, 20),
    "h1": _Type(20, 28, QFont.Weight.DemiBold),
    "h2": _Type(17, 26, QFont.Weight.DemiBold),
    "h3": _Type(15, 24, QFont.Weight.DemiBold),
    "interface": _Type(13, 18),
    "button": _Type(13, 18, QFont.Weight.Medium),
    "row-strong": _Type(13, 18, QFont.Weight.DemiBold),
    "stats": _Type(12, 18),
    "stats-strong": _Type(12, 18, QFont.Weight.Medium),
    "label": _Type(11, 16),
    "chip-letter": _Type(11, 16, QFont.Weight.Bold),
    "code": _Type(13, 20, is_code=True),
    "code-small": _Type(12, 18, is_code=True),
}

_COMPACT_TYPES: Final[dict[FontRole, _Type]] = {
    "message": _Type(14, 22),
    "message-strong": _Type(14, 22, QFont.Weight.DemiBold),
    "h3": _Type(14, 22, QFont.Weight.DemiBold),
}
_ROW_PX: Final[dict[Density, int]] = {"comfortable": 30, "compact": 26}
_MESSAGE_GAP_PX: Final[dict[Density, int]] = {"comfortable": 20, "compact": 16}

_FONT_FILES: Final = ("JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf")

# CJK and emoji come from the system, so every font names a list and never a single family.
_CODE_FAMILIES: Final = [
    "JetBrains Mono",
    "Cascadia Mono",
    "SF Mono",
    "Noto Sans Mono",
    "DejaVu Sans Mono",
    "monospace",
]
_INTERFACE_FAMILIES: Final = {
    "win32": ["Segoe UI Variable Text", "Segoe UI"],
    "darwin": [],
}
_LINUX_FAMILIES: Final = ["Inter", "Noto Sans", "DejaVu Sans"]

_ROLES: Final[dict[QPalette.ColorRole, str]] = {
    QPalette.ColorRole.Window: "surface",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface-raised",
    QPalette.ColorRole.AlternateBase: "surface-sunken",
    QPalette.ColorRole.ToolTipBase: "surface-raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "text-muted",
    QPalette.ColorRole.Button: "surface-raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "danger",
    QPalette.ColorRole.Light: "hover",
    QPalette.ColorRole.Midlight: "border",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border-strong",
    QPalette.ColorRole.Shadow: "rail",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "accent-text",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent-ink",
    QPalette.ColorRole.LinkVisited: "accent-ink",
}
_DISABLED: Final[dict[QPalette.ColorRole, str]] = {
    QPalette.ColorRole.WindowText: "text-disabled",
    QPalette.ColorRole.Text: "text-disabled",
    QPalette.ColorRole.ButtonText: "text-disabled",
    QPalette.ColorRole.ToolTipText: "text-disabled",
    QPalette.ColorRole.PlaceholderText: "text-disabled",
    QPalette.ColorRole.Highlight: "pressed",
    QPalette.ColorRole.HighlightedText: "text-disabled",
    QPalette.ColorRole.Accent: "text-disabled",
    QPalette.ColorRole.Link: "text-disabled",
    QPalette.ColorRole.LinkVisited: "text-disabled",
}


class PaperInk(NamedTuple):
    """The colours of printed pages: paper is white, whichever theme the window has."""

    text: str = "#000000"
    quiet: str = "#555555"
    page_number: str = "#808080"
    typed_ground: str = "#f0f0f0"
    code_ground: str = "#f5f5f5"


class Theme(QObject):
    """The look of the whole app: one object, shared by every widget.

    Attributes:
        changed: The colours, the zoom or other measures are new; widgets repaint and rebuild icons.
        choice: What the user chose; "system" follows the desktop.
        name: The theme in use.
        zoom: 0.8 to 2; multiplies fonts and `px`.
        is_motion_reduced: Nothing turns or slides.
        density: How close rows and messages stand.
        is_column_wide: Messages take the whole width there is.
        ratios: Device pixel ratios that icons are drawn for. Drawing those of every screen there
            could be took the first paint four times as many.
    """

    changed = Signal()

    def __init__(
        self, choice: ThemeChoice = "system", zoom: float = 1.0, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.choice: ThemeChoice = choice
        self.zoom = _clamp_zoom(zoom)
        self.is_motion_reduced = False
        self.density: Density = "comfortable"
        self.is_column_wide = False
        self.ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
        self.name: ThemeName = resolve_choice(choice)
        self._tokens = load_tokens(self.name)
        add_fonts()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        accessibility = getattr(hints, "accessibility", None)
        if accessibility is not None:
            accessibility().contrastPreferenceChanged.connect(self._on_system_changed)

    def colour(self, token: str) -> QColor:
        """The colour of a token, such as "text-muted".

        Raises:
            KeyError: No token has this name.
        """
        return QColor(self._tokens[token])

    def hex(self, token: str) -> str:
        """The colour of a token as "#RRGGBB", for rich text and SVG."""
        return self._tokens[token]

    def font(self, role: FontRole) -> QFont:
        """The font of a role at the present zoom, with tabular digits."""
        look = self._type(role)
        font = QFont()
        font.setFamilies(_families(is_code=look.is_code))
        font.setPixelSize(self.px(look.size))
        font.setWeight(look.weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        if look.is_code:
            font.setStyleHint(QFont.StyleHint.Monospace)
            font.setFixedPitch(True)
            font.setFeature(QFont.Tag("liga"), 0)
            font.setFeature(QFont.Tag("calt"), 0)
        return font

    def line_height(self, role: FontRole) -> int:
        """Height of one line of a role in px; never less than the font itself needs."""
        return max(self.px(self._type(role).line), round(QFontMetricsF(self.font(role)).height()))

    def px(self, value: float) -> int:
        """A measure of the design in px at the present zoom."""
        return round(value * self.zoom)

    @property
    def row_height(self) -> int:
        """Height of a row of a list or table in px."""
        return self.px(_ROW_PX[self.density])

    @property
    def message_gap(self) -> int:
        """Room between two messages in px."""
        return self.px(_MESSAGE_GAP_PX[self.density])

    def palette(self) -> QPalette:
        """Every role in all three groups, so that nothing is left to the desktop's own colours."""
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(QPalette.ColorGroup.Active, role, self.colour(token))
            palette.setColor(QPalette.ColorGroup.Inactive, role, self.colour(token))
            disabled = self.colour(_DISABLED.get(role, token))
            palette.setColor(QPalette.ColorGroup.Disabled, role, disabled)
        return palette

    def style_sheet(self) -> str:
        """The app's style sheet with the colours of this theme and the measures of this zoom."""
        sheet = assets.resource("themes", "app.qss").read_text(encoding="utf-8")
        sheet = _PX_IN_SHEET.sub(lambda match: f"{self._zoomed(int(match.group(1)))}px", sheet)
        return _TOKEN_IN_SHEET.sub(lambda match: self.hex(match.group(1)), sheet)

    def apply(self, app: QApplication) -> None:
        """Give the app this theme's style, palette, font and style sheet.

        Costs about 50 ms with many widgets, so only on a change of theme or zoom.
        """
        app.setStyle("Fusion")
        app.setPalette(self.palette())
        app.setFont(self.font("interface"))
        app.setStyleSheet(self.style_sheet())

    def choose(self, choice: ThemeChoice) -> None:
        """Use another theme from now on; tells all widgets if colours differ."""
        self.choice = choice
        name = resolve_choice(choice)
        if name == self.name:
            return
        self.name = name
        self._tokens = load_tokens(name)
        self.changed.emit()

    def set_zoom(self, zoom: float) -> None:
        """Use another zoom, bounded to 0.8 … 2; tells all widgets if it differs."""
        bounded = _clamp_zoom(zoom)
        if bounded == self.zoom:
            return
        self.zoom = bounded
        self.changed.emit()

    def set_layout(self, density: Density, *, is_column_wide: bool) -> None:
        """Use other measures from now on; tells all widgets if they differ."""
        if (density, is_column_wide) == (self.density, self.is_column_wide):
            return
        self.density, self.is_column_wide = density, is_column_wide
        self.changed.emit()

    def draw_for(self, place: QScreen | QPaintDevice) -> None:
        """Have icons drawn for the pixels of a screen or window too; tells all widgets if it is new.

        A screen may come later, and Wayland gives a window 1.5 on a screen that says 2.
        """
        ratio = place.devicePixelRatio()
        if ratio not in self.ratios:
            self.ratios.add(ratio)
            self.changed.emit()

    def _type(self, role: FontRole) -> _Type:
        compact = _COMPACT_TYPES.get(role) if self.density == "compact" else None
        return compact or _TYPES[role]

    def _zoomed(self, value: int) -> int:
        """A measure of the style sheet; lines stay as thin as they are."""
        return value if value <= _MAX_LINE_PX else self.px(value)

    def _on_system_changed(self) -> None:
        self.choose(self.choice)


def resolve_choice(choice: ThemeChoice) -> ThemeName:
    """The theme that a choice means on this desktop; an unknown scheme counts as light."""
    if choice == "high_contrast":
        return "contrast"
    if choice != "system":
        return choice
    hints = QGuiApplication.styleHints()
    if _wants_contrast():
        return "contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def load_tokens(name: ThemeName) -> dict[str, str]:
    """The colour tokens of a theme file, token name to "#RRGGBB".

    Raises:
        RealmError: The file is missing or holds something that is no colour.
    """
    path = assets.resource("themes", f"{name}.json")
    try:
        tokens = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RealmError(f"the theme file {path.name} is not JSON: {error}", file=path) from error
    for token, value in tokens.items():
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise RealmError(
                f"the theme file {path.name} has {value!r} for {token}; a colour is #RRGGBB",
                file=path,
                field=token,
            )
    return dict(tokens)


def add_fonts() -> None:
    """Let Qt know the fonts that ship with the app; one that is missing leaves the system's own."""
    for name in _FONT_FILES:
        try:
            font_id = QFontDatabase.addApplicationFont(str(assets.resource("fonts", name)))
        except RealmError:
            font_id = -1
        if font_id < 0:
            logger.warning("the font %s could not be added", name)


def _wants_contrast() -> bool:
    """Whether the desktop asks for more contrast; Qt before 6.10 cannot say."""
    accessibility = getattr(QGuiApplication.styleHints(), "accessibility", None)
    if accessibility is None:
        return False
    return bool(accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)


def _families(*, is_code: bool) -> list[str]:
    if is_code:
        return list(_CODE_FAMILIES)
    families = _INTERFACE_FAMILIES.get(sys.platform, _LINUX_FAMILIES)
    return list(families) or QFont().families()


def _clamp_zoom(zoom: float) -> float:
    return min(MAX_ZOOM, max(MIN_ZOOM, round(zoom, 2)))
