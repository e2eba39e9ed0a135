"""The strip of tabs: request state, title, close; the style sheet of Qt cannot draw a live glyph.

Draws and emits; `TabArea` owns what the tabs show. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyle, QTabBar, QWidget

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.one_line import isolated, one_line
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import (
    Glyph,
    GlyphState,
    SpinnerClock,
    glyph_width,
    paint_state,
)

HEIGHT_PX: Final = 36
MIN_TAB_PX: Final = 120
MAX_TAB_PX: Final = 220

_PADDING_PX = 12
_GAP_PX = 8
_CLOSE_PX = 20
_ACCENT_PX = 2
_PULL_PX = 24


class TabStrip(QTabBar):
    """Tabs of one pane, movable, closed by their cross or a middle click.

    Attributes:
        close_requested: Index of the tab to close.
        drag_begun: Index of the tab that is pulled out of the strip.
        menu_requested: Where the menu of the current tab is to open, on the screen.
    """

    close_requested = Signal(int)
    drag_begun = Signal(int)
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._hovered = -1
        self._hovered_point = QPoint()
        self._pressed_close = -1
        self._pressed_tab = -1
        self._facts: dict[int, str] = {}
        self.setMovable(True)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Open chats"))
        clock.ticked.connect(self._on_tick)
        theme.changed.connect(self._on_theme_changed)

    def add(self, title: str) -> int:
        """Append a tab; returns its index."""
        index = self.addTab("")
        self.set_title(index, title)
        return index

    def set_title(self, index: int, title: str) -> None:
        """Show another title; the whole of it is in the tooltip."""
        shown = one_line(title) or self.tr("New chat")
        if shown != self.tabText(index):
            # Qt reads "&" as a mnemonic; we paint the text ourselves, so it stays as it is.
            self.setTabText(index, shown)
            self._describe(index)

    def set_state(self, index: int, state: GlyphState) -> None:
        """Show a request state."""
        if state != self.state_of(index):
            self.setTabData(index, state)
            self._describe(index)
            self.update()

    def set_facts(self, index: int, facts: str) -> None:
        """Put more into the tooltip, such as workspace, model and speed."""
        if facts != self._facts.get(index, ""):
            self._facts[index] = facts
            self._describe(index)

    def state_of(self, index: int) -> GlyphState:
        """The state a tab shows."""
        state = self.tabData(index)
        return state if isinstance(state, GlyphState) else GlyphState()

    def close_rect(self, index: int) -> QRect:
        """Where the cross of a tab is."""
        rect = self.tabRect(index)
        side = self._theme.px(_CLOSE_PX)
        left = rect.right() - self._theme.px(_GAP_PX) - side
        area = QRect(left, rect.center().y() - side // 2 + 1, side, side)
        return QStyle.visualRect(self.layoutDirection(), rect, area)

    def tabSizeHint(self, index: int) -> QSize:
        """As wide as title and glyph need, within 120 to 220 px.

        The glyph has its room before it comes, or tabs would move under the mouse when replies
        begin and end, and a title would lose letters.
        """
        theme = self._theme
        text = QFontMetrics(theme.font("button")).horizontalAdvance(self.tabText(index))
        glyph = glyph_width(theme, GlyphState(Glyph.DECODE))
        fixed = theme.px(2 * _PADDING_PX + _CLOSE_PX + 2 * _GAP_PX) + glyph
        width = min(theme.px(MAX_TAB_PX), max(theme.px(MIN_TAB_PX), text + fixed))
        return QSize(width, theme.px(HEIGHT_PX))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Tabs never become narrower than their design."""
        return QSize(self._theme.px(MIN_TAB_PX), self._theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all tabs, the current one last."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(self.rect(), self._theme.colour("sidebar"))
        painter.fillRect(line, self._theme.colour("border"))
        for index in range(self.count()):
            self._paint_tab(painter, index)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a cross must not start moving the tab."""
        index = self.tabAt(event.position().toPoint())
        is_left = event.button() == Qt.MouseButton.LeftButton
        if index >= 0 and is_left and self.close_rect(index).contains(event.position().toPoint()):
            self._pressed_close = index
            return
        if event.button() != Qt.MouseButton.MiddleButton:
            self._pressed_tab = index if is_left else -1
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close on the release over the same cross, or on a middle click."""
        point = event.position().toPoint()
        index = self.tabAt(point)
        pressed, self._pressed_close = self._pressed_close, -1
        self._pressed_tab = -1
        if event.button() == Qt.MouseButton.MiddleButton:
            if index >= 0:
                self.close_requested.emit(index)
            return
        if pressed >= 0:
            if pressed == index and self.close_rect(index).contains(point):
                self.close_requested.emit(index)
            return
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Keep track of what is under the mouse; a tab pulled far out of the strip is dragged."""
        if self._pressed_tab >= 0 and self._is_pulled_out(event.position().toPoint()):
            self._begin_drag(event)
            return
        self._hovered_point = event.position().toPoint()
        self._hovered = self.tabAt(self._hovered_point)
        self.update()
        super().mouseMoveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the tab under the mouse, which is shown first, or of the shown one."""
        point = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            if self.tabAt(point) < 0:
                return
            self.setCurrentIndex(self.tabAt(point))
        else:
            point = self.tabRect(self.currentIndex()).bottomLeft()
        self.menu_requested.emit(self.mapToGlobal(point))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hovered = -1
        self.update()
        super().leaveEvent(event)

    def _is_pulled_out(self, point: QPoint) -> bool:
        far = self._theme.px(_PULL_PX)
        return not self.rect().adjusted(-far, -far, far, far).contains(point)

    def _begin_drag(self, event: QMouseEvent) -> None:
        """End the moving within the strip, which Qt does at a release, then tell."""
        self._pressed_tab = -1
        release = QMouseEvent(
            QEvent.Type.MouseButtonRelease,
            event.position(),
            event.globalPosition(),
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        super().mouseReleaseEvent(release)
        # While it moves the tab is current, wherever in the strip it has got to.
        self.drag_begun.emit(self.currentIndex())

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        theme = self._theme
        rect = self.tabRect(index)
        is_current = index == self.currentIndex()
        if is_current:
            painter.fillRect(rect, theme.colour("surface"))
            painter.fillRect(
                QRect(rect.x(), rect.y(), rect.width(), _ACCENT_PX), theme.colour("accent")
            )
        elif index == self._hovered:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), theme.colour("hover"))
        divider = QRect(rect.right(), rect.y(), 1, rect.height())
        painter.fillRect(
            QStyle.visualRect(self.layoutDirection(), rect, divider), theme.colour("border")
        )
        left = self._paint_glyph(painter, index, rect)
        end = rect.right() - theme.px(_GAP_PX + _CLOSE_PX + 4)
        self._paint_title(painter, index, rect, QRect(left, rect.y(), end - left, rect.height()))
        self._paint_close(painter, index)
        if is_current and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRect(rect.adjusted(3, 4, -4, -4))

    def _paint_glyph(self, painter: QPainter, index: int, rect: QRect) -> int:
        """Draw the state; returns where the title begins."""
        theme = self._theme
        left = rect.x() + theme.px(_PADDING_PX)
        state = self.state_of(index)
        width = glyph_width(theme, state)
        if not width:
            return left
        area = QRect(left, rect.y(), width, rect.height())
        paint_state(
            painter,
            QStyle.visualRect(self.layoutDirection(), rect, area),
            theme,
            state,
            self._clock.turn,
        )
        return left + width + theme.px(_GAP_PX)

    def _paint_title(self, painter: QPainter, index: int, rect: QRect, area: QRect) -> None:
        is_current = index == self.currentIndex()
        font = self._theme.font("button" if is_current else "interface")
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if is_current else "text-muted"))
        metrics = QFontMetrics(font)
        text = metrics.elidedText(self.tabText(index), Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QStyle.visualRect(self.layoutDirection(), rect, area), align, isolated(text)
        )

    def _paint_close(self, painter: QPainter, index: int) -> None:
        area = self.close_rect(index)
        is_under_mouse = index == self._hovered and area.contains(self._hovered_point)
        if is_under_mouse:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("pressed"))
            painter.drawRoundedRect(area, 4, 4)
        paint_icon(
            painter, area, self._theme, "close", "text" if is_under_mouse else "text-muted", 14
        )

    def _describe(self, index: int) -> None:
        words = self.state_of(index).words
        title = self.tabText(index)
        spoken = f"{title}, {words}" if words else title
        facts = self._facts.get(index, "")
        self.setTabToolTip(index, plain_tip(f"{spoken}\n{facts}" if facts else spoken))
        self.setAccessibleTabName(index, spoken)

    def _on_tick(self) -> None:
        states = map(self.state_of, range(self.count()))
        if any(state.glyph is Glyph.DECODE for state in states):
            self.update()

    def _on_theme_changed(self) -> None:
        # Qt keeps the sizes of tabs until a tab changes.
        for index in range(self.count()):
            self.setTabText(index, self.tabText(index))
        self.updateGeometry()
        self.update()
