"""How full the context of a chat is: a bar and figures. Knows only the theme. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLocale, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.theme import Theme

WARNING_SHARE: Final = 0.85
DANGER_SHARE: Final = 0.97

_BAR_WIDTH_PX = 48
_BAR_HEIGHT_PX = 4
_GAP_PX = 8
_PADDING_PX = 6
_ICON_PX = 14


class TokenMeter(QAbstractButton):
    """A bar and "3,412 / 8,192 · 42 %"; a triangle joins it when room runs out.

    A press asks what the context is full of.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._num_used = 0
        self._num_total = 0
        self._is_brief = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)

    @property
    def share(self) -> float:
        """Part of the context that is used, 0 to 1."""
        return min(1.0, self._num_used / self._num_total) if self._num_total else 0.0

    @property
    def figures(self) -> str:
        """Tokens used, tokens that fit, and the share."""
        locale = QLocale()
        used, total = locale.toString(self._num_used), locale.toString(self._num_total)
        return self.tr("{} / {} · {} %").format(used, total, round(100 * self.share))

    @property
    def token(self) -> str:
        """Colour token of the bar: accent, warning or danger."""
        if self.share >= DANGER_SHARE:
            return "danger"
        return "warning" if self.share >= WARNING_SHARE else "accent"

    def show_tokens(self, num_used: int, num_total: int) -> None:
        """Show the use of a context; hidden when nothing is known of either."""
        self._num_used = num_used
        self._num_total = num_total
        self.setVisible(num_used > 0 and num_total > 0)
        self.setToolTip(self.tr("Tokens of this chat, and how many fit: {}").format(self.figures))
        self.setAccessibleName(self.tr("Context used: {}").format(self.figures))
        self.updateGeometry()
        self.update()

    def set_brief(self, *, is_brief: bool) -> None:
        """Ask for no more room than bar and percent need, or for that of all figures."""
        if is_brief != self._is_brief:
            self._is_brief = is_brief
            self.updateGeometry()

    @property
    def full_width(self) -> int:
        """What bar and all figures take, in px."""
        return self._fixed_width() + self._text_width(self.figures)

    def sizeHint(self) -> QSize:
        """Room for bar and figures."""
        brief = self._fixed_width() + self._text_width(self._short_text)
        return QSize(brief if self._is_brief else self.full_width, self._theme.px(24))

    def minimumSizeHint(self) -> QSize:
        """Room for the percent alone."""
        bar = self._theme.px(_BAR_WIDTH_PX + _GAP_PX)
        width = self._fixed_width() - bar + self._text_width(self._short_text)
        return QSize(width, self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the triangle if needed, the bar, and as much of the figures as fits."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        left = theme.px(_PADDING_PX)
        if self.token != "accent":
            sign = QRect(left, 0, theme.px(_ICON_PX), self.height())
            paint_icon(painter, self._visual(sign), theme, "warning", self.token, _ICON_PX)
            left += theme.px(_ICON_PX + 4)
        if self.width() < self._fixed_width() + self._text_width(self._short_text):
            # The bar says the same, and without figures less.
            area = QRect(left, 0, self.width() - left - theme.px(_PADDING_PX), self.height())
            self._paint_figures(painter, self._visual(area), self._short_text)
            painter.end()
            return
        height = theme.px(_BAR_HEIGHT_PX)
        bar = QRect(left, (self.height() - height) // 2, theme.px(_BAR_WIDTH_PX), height)
        filled = QRect(bar.x(), bar.y(), round(bar.width() * self.share), height)
        painter.setPen(Qt.PenStyle.NoPen)
        for area, token in ((bar, "border"), (filled, self.token)):
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(self._visual(area), 2, 2)
        start = bar.right() + 1 + theme.px(_GAP_PX)
        place = QRect(start, 0, self.width() - start - theme.px(_PADDING_PX), self.height())
        fits = self._text_width(self.figures) <= place.width() + 1
        self._paint_figures(
            painter, self._visual(place), self.figures if fits else self._short_text
        )
        painter.end()

    def _paint_figures(self, painter: QPainter, area: QRect, text: str) -> None:
        painter.setFont(self._theme.font("stats"))
        token = "text-muted" if self.token == "accent" else self.token
        painter.setPen(self._theme.colour(token))
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, align, text)

    def _paint_ground(self, painter: QPainter) -> None:
        """Show that it can be pressed, and whether a key would."""
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isDown() or self.underMouse():
            painter.setBrush(self._theme.colour("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(area, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 4, 4)

    @property
    def _short_text(self) -> str:
        return self.tr("{} %").format(round(100 * self.share))

    def _fixed_width(self) -> int:
        sign = 0 if self.token == "accent" else _ICON_PX + 4
        return self._theme.px(sign + _BAR_WIDTH_PX + _GAP_PX + 2 * _PADDING_PX)

    def _text_width(self, text: str) -> int:
        return QFontMetrics(self._theme.font("stats")).horizontalAdvance(text) + 2

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
