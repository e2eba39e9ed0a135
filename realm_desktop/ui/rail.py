"""The narrow rail at the window's edge: the pages, and at its foot Downloads and Settings.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.theme import Theme

Page = Literal["chat", "models", "adapters", "downloads"]

WIDTH_PX: Final = 48

_BUTTON_PX = 36
_MARGIN_PX = 6
_RADIUS_PX = 6
_BAR = (3, 18)
_ICON_PX = 20
_RING_PX, _RING_ICON_PX = 30, 16


class RailButton(QAbstractButton):
    """An icon; the page that is shown has a filled ground and a bar at the window's edge."""

    def __init__(self, theme: Theme, picture: IconName, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = picture
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As wide as the rail, so that the bar stands at the window's edge."""
        theme = self._theme
        return QSize(theme.px(WIDTH_PX), theme.px(_BUTTON_PX + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, bar and icon."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.px(_BUTTON_PX)
        left = (self.width() - side) // 2
        ground = QRect(left, (self.height() - side) // 2, side, side)
        token = "selected" if self.isChecked() else "hover" if self.underMouse() else None
        painter.setPen(Qt.PenStyle.NoPen)
        if token is not None:
            painter.setBrush(theme.colour("pressed" if self.isDown() else token))
            painter.drawRoundedRect(ground, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
        if self.isChecked():
            is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            width, height = theme.px(_BAR[0]), theme.px(_BAR[1])
            edge = self.width() - width if is_mirrored else 0
            bar = QRect(edge, (self.height() - height) // 2, width, height)
            painter.fillRect(bar, theme.colour("accent"))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 6, 6)
        ink = "accent-ink" if self.isChecked() else "text-muted"
        paint_icon(painter, ground, theme, self._picture, ink, self._icon_px())
        self._paint_mark(painter, ground)
        painter.end()

    def _icon_px(self) -> int:
        return _ICON_PX

    def _paint_mark(self, painter: QPainter, ground: QRect) -> None:
        """What a button shows beside its icon; nothing by itself."""


class DownloadsButton(RailButton):
    """The button of the Downloads page; a ring tells how far the downloads are."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "download", "", parent)
        self.fraction = 0.0
        self.is_active = False
        self.show_progress(0.0, is_active=False)

    def show_progress(self, fraction: float, *, is_active: bool) -> None:
        """Show a ring of this part, 0 to 1, or none."""
        self.fraction, self.is_active = fraction, is_active
        text = self.tr("Downloads")
        if is_active:
            text = self.tr("Downloads, {} %").format(round(100 * fraction))
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def _icon_px(self) -> int:
        return _RING_ICON_PX if self.is_active else _ICON_PX

    def _paint_mark(self, painter: QPainter, ground: QRect) -> None:
        if not self.is_active:
            return
        side = self._theme.px(_RING_PX)
        area = QRect(0, 0, side, side)
        area.moveCenter(ground.center())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("border-strong"), self._theme.px(2)))
        painter.drawEllipse(area)
        painter.setPen(QPen(self._theme.colour("accent"), self._theme.px(2)))
        # Sixteenths of a degree from twelve o'clock, clockwise.
        painter.drawArc(area, 90 * 16, -round(self.fraction * 360 * 16))


class Rail(QFrame):
    """The rail.

    Attributes:
        page_chosen: A `Page`.
        settings_requested: The gear was pressed.
    """

    page_chosen = Signal(str)
    settings_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("surface", "rail")
        self.chat_button = RailButton(theme, "chat", self.tr("Chats"), self)
        self.models_button = RailButton(theme, "models", self.tr("Models"), self)
        self.adapters_button = RailButton(theme, "adapters", self.tr("Adapters"), self)
        self.downloads_button = DownloadsButton(theme, self)
        self.settings_button = RailButton(theme, "settings", self.tr("Settings"), self)
        names: tuple[tuple[RailButton, ActionName], ...] = (
            (self.chat_button, "show-chats"),
            (self.models_button, "show-models"),
            (self.adapters_button, "show-adapters"),
            (self.downloads_button, "show-downloads"),
            (self.settings_button, "settings"),
        )
        for button, name in names:
            name_action(button, name)
        self._page_buttons: dict[Page, RailButton] = {
            "chat": self.chat_button,
            "models": self.models_button,
            "adapters": self.adapters_button,
            "downloads": self.downloads_button,
        }
        self._group = QButtonGroup(self)
        for button in self._page_buttons.values():
            button.setCheckable(True)
            self._group.addButton(button)
        self.chat_button.setChecked(True)
        self._lay_out()
        self._connect()
        self._restyle()

    def show_page(self, page: Page) -> None:
        """Mark the page that is shown."""
        self._page_buttons[page].setChecked(True)

    def show_downloads(self, fraction: float, *, is_active: bool) -> None:
        """Show how far the downloads are."""
        self.downloads_button.show_progress(fraction, is_active=is_active)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, _MARGIN_PX, 0, _MARGIN_PX)
        layout.setSpacing(0)
        for button in (self.chat_button, self.models_button, self.adapters_button):
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self.downloads_button)
        layout.addWidget(self.settings_button)

    def _connect(self) -> None:
        self.chat_button.clicked.connect(self._on_chat)
        self.models_button.clicked.connect(self._on_models)
        self.adapters_button.clicked.connect(self._on_adapters)
        self.downloads_button.clicked.connect(self._on_downloads)
        self.settings_button.clicked.connect(self.settings_requested)
        self._theme.changed.connect(self._restyle)

    def _on_chat(self) -> None:
        self.page_chosen.emit("chat")

    def _on_models(self) -> None:
        self.page_chosen.emit("models")

    def _on_adapters(self) -> None:
        self.page_chosen.emit("adapters")

    def _on_downloads(self) -> None:
        self.page_chosen.emit("downloads")

    def _restyle(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH_PX))
