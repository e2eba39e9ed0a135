"""The pill that names the model of a chat and opens the picker. Knows only the theme. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme

HEIGHT_PX: Final = 26

_PADDING_PX = 12
_GAP_PX = 6
_CHEVRON_PX = 14
_BOLT_PX = 14
_MIN_NAME_PX = 40
_MAX_NAME_PX = 240
_MIN_PX = 96


class ModelPill(QAbstractButton):
    """Name, a muted detail such as "Q4_K · 8k", a bolt for a draft model, and a chevron.

    A bar along the bottom while it loads.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = ""
        self._detail = ""
        self._fraction: float | None = None
        self._has_draft = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self._on_theme_changed)

    def show_model(
        self, name: str, detail: str = "", fraction: float | None = None, draft: str = ""
    ) -> None:
        """Show a model.

        Args:
            name: Of the model, or what there is instead.
            detail: Behind the name.
            fraction: How far its load is, 0 to 1; None when none runs.
            draft: Name of the draft model that is loaded with it.
        """
        self._name = name
        self._detail = detail
        self._fraction = fraction
        self._has_draft = bool(draft)
        tip = self.tr("{} {}: choose a model").format(name, detail)
        spoken = self.tr("Model: {} {}").format(name, detail)
        if draft:
            words = self.tr("{}, with the draft model {}")
            tip, spoken = (words.format(text, draft) for text in (tip, spoken))
        self.setToolTip(plain_tip(tip))
        self.setAccessibleName(spoken)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the texts, the name within its limit."""
        theme = self._theme
        width = min(self._name_width(), theme.px(_MAX_NAME_PX)) + self._detail_width()
        fixed = theme.px(2 * _PADDING_PX + _GAP_PX + _CHEVRON_PX) + self._bolt_width()
        return QSize(width + fixed, theme.px(HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Room for the first letters of the name."""
        return QSize(self._theme.px(_MIN_PX), self._theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw outline, texts, chevron and the progress of a load."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_outline(painter)
        chevron_left = self.width() - theme.px(_PADDING_PX - 2 + _CHEVRON_PX)
        left = theme.px(_PADDING_PX)
        room = chevron_left - theme.px(_GAP_PX) - left
        if self._bolt_width() + min(self._name_width(), theme.px(_MIN_NAME_PX)) <= room:
            room -= self._bolt_width()
            self._paint_bolt(painter, left + room + theme.px(_GAP_PX))
        detail_width = self._detail_width()
        has_detail = detail_width + min(self._name_width(), theme.px(_MIN_NAME_PX)) <= room
        name_room = room - detail_width if has_detail else room
        drawn = self._paint_text(painter, QRect(left, 0, name_room, self.height()), is_name=True)
        if has_detail and self._detail:
            place = QRect(left + drawn + theme.px(_GAP_PX), 0, detail_width, self.height())
            self._paint_text(painter, place, is_name=False)
        chevron = QRect(chevron_left, 0, theme.px(_CHEVRON_PX), self.height())
        paint_icon(painter, self._visual(chevron), theme, "chevron-down", "text-muted", _CHEVRON_PX)
        painter.end()

    def _paint_bolt(self, painter: QPainter, left: int) -> None:
        if self._has_draft:
            side = self._theme.px(_BOLT_PX)
            place = self._visual(QRect(left, 0, side, self.height()))
            paint_icon(painter, place, self._theme, "bolt", "accent-ink", _BOLT_PX)

    def _paint_outline(self, painter: QPainter) -> None:
        theme = self._theme
        token = "pressed" if self.isDown() else "hover" if self.underMouse() else "surface-raised"
        ring = theme.colour("focus" if self.hasFocus() else "border-strong")
        painter.setPen(QPen(ring, 2 if self.hasFocus() else 1))
        painter.setBrush(theme.colour(token))
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        if self._fraction is None:
            return
        line = QRectF(area.x() + 12, area.bottom() - 2.5, area.width() - 24, 2)
        painter.fillRect(line, theme.colour("border"))
        line.setWidth(line.width() * min(1.0, max(0.0, self._fraction)))
        painter.fillRect(line, theme.colour("accent"))

    def _paint_text(self, painter: QPainter, area: QRect, *, is_name: bool) -> int:
        """Draw the name or the detail; returns the width it took."""
        font = self._theme.font("button" if is_name else "stats")
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if is_name else "text-muted"))
        metrics = QFontMetrics(font)
        text = self._name if is_name else self._detail
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(area), align, shown)
        return metrics.horizontalAdvance(shown)

    def _bolt_width(self) -> int:
        return self._theme.px(_BOLT_PX + _GAP_PX) if self._has_draft else 0

    def _name_width(self) -> int:
        return QFontMetrics(self._theme.font("button")).horizontalAdvance(self._name) + 2

    def _detail_width(self) -> int:
        if not self._detail:
            return 0
        metrics = QFontMetrics(self._theme.font("stats"))
        return metrics.horizontalAdvance(self._detail) + self._theme.px(_GAP_PX) + 2

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
