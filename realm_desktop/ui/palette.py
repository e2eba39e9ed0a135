"""The command palette: a field, and below it what fits the words typed there.

Draws and emits; what is listed is decided by `PaletteCommands`. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.ui.icons import IconName, icon, paint_icon
from realm_desktop.ui.palette_entries import EntryKind, PaletteEntry
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.announcement import announce
from realm_desktop.ui.widgets.row_ground import paint_list_ground
from realm_desktop.ui.widgets.row_models import Index, SpokenListModel
from realm_desktop.ui.widgets.row_text import paint_row_text

WIDTH_PX: Final = 620
HEIGHT_PX: Final = 440

_TOP_PX: Final = 72
_MARGIN_PX: Final = 12
_ROW_PX: Final = 32
_PADDING_PX: Final = 10
_ICON_PX: Final = 14
_ICONS: Final[dict[EntryKind, IconName]] = {
    EntryKind.ACTION: "chevron-right",
    EntryKind.PAGE: "file",
    EntryKind.PANEL: "sidebar",
    EntryKind.SETTING: "settings",
    EntryKind.CHAT: "chat",
    EntryKind.MODEL: "models",
}
_STEPS: Final = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -8,
    Qt.Key.Key_PageDown: 8,
}


class PaletteModel(SpokenListModel[PaletteEntry]):
    """The entries that fit."""


class PaletteDelegate(QStyledItemDelegate):
    """Paints one entry on one line: sign, name, where it stands or why not, keys."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, however wide the list is."""
        return QSize(self._theme.px(200), self._theme.px(_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one entry."""
        entry: PaletteEntry = index.data(Qt.ItemDataRole.UserRole)
        theme, padding = self._theme, self._theme.px(_PADDING_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_list_ground(painter, option, theme)
        area = QRect(option.rect).adjusted(padding, 0, -padding, 0)
        sign = QRect(area.x(), area.y(), theme.px(_ICON_PX), area.height())
        visual = QStyle.visualRect(option.direction, option.rect, sign)
        quiet = "text-disabled" if entry.reason else "text-muted"
        paint_icon(painter, visual, theme, _ICONS[entry.kind], quiet, _ICON_PX)
        area.setLeft(sign.right() + 1 + padding)
        area.setRight(area.right() - self._paint_keys(painter, option, area, entry))
        look = "text-disabled" if entry.reason else "text"
        width = paint_row_text(painter, option, area, entry.text, theme, ("interface", look))
        area.setLeft(area.left() + width + padding)
        more = entry.reason or entry.context
        if area.width() > 0:
            # A reason is no decoration: it must be readable, although the entry is greyed out.
            paint_row_text(painter, option, area, more, theme, ("stats", "text-muted"))
        painter.restore()

    def _paint_keys(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, entry: PaletteEntry
    ) -> int:
        """Draw the shortcut at the end; returns the room it takes."""
        if not entry.keys:
            return 0
        width = QFontMetrics(self._theme.font("stats")).horizontalAdvance(entry.keys) + 2
        place = QRect(area.right() - width, area.y(), width, area.height())
        token = "text-disabled" if entry.reason else "text-muted"
        paint_row_text(painter, option, place, entry.keys, self._theme, ("stats", token))
        return width + self._theme.px(_PADDING_PX)


class Palette(QFrame):
    """A pop-up over the window; it closes when something else is clicked.

    Attributes:
        typed: The words to look for, at every change.
        chosen: A `PaletteEntry`; the pop-up is closed by then.
        closed: It is not on the screen any more.
        field, list, hint: Its parts.
    """

    typed = Signal(str)
    chosen = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        # A window of its own: over all panes, and a click elsewhere closes it by itself.
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self._has_moved = False
        self.setProperty("surface", "floating")
        self.setAccessibleName(self.tr("Command palette"))
        self.field = QLineEdit(self)
        self._search = self.field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.field.setPlaceholderText(self.tr("Actions, settings, chats, models"))
        self.field.setAccessibleName(self.tr("Find an action, a setting, a chat or a model"))
        self.model = PaletteModel(self)
        self.list = QListView(self)
        self.hint = QLabel(self.tr("Nothing has these words."), self)
        self._set_up()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def query(self) -> str:
        """The words that are typed."""
        return self.field.text().strip()

    def open_over(self, window: QWidget) -> None:
        """Show the pop-up, empty, in the upper middle of a window and inside it."""
        width = min(self._theme.px(WIDTH_PX), window.width())
        height = min(self._theme.px(HEIGHT_PX), window.height())
        top = min(self._theme.px(_TOP_PX), window.height() - height)
        self.resize(width, height)
        self.move(window.mapToGlobal(QPoint((window.width() - width) // 2, top)))
        self.field.clear()
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """List these entries; the same query keeps what is chosen, as far as it is there."""
        before = self.current
        self.model.set_rows(entries)
        self.hint.setVisible(not entries)
        keys = [entry.key for entry in entries]
        is_kept = before is not None and self._has_moved and before.key in keys
        if not is_kept:
            self._has_moved = False
        self._go_to(keys.index(before.key) if is_kept and before is not None else 0)

    @property
    def current(self) -> PaletteEntry | None:
        """The entry that Enter would choose."""
        row = self.list.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list obeys the keys while the focus stays in the field."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() != QEvent.Type.KeyPress:
                return False
            key = Qt.Key(event.key())
            if key in _STEPS:
                self._has_moved = True
                self._go_to(self.list.currentIndex().row() + _STEPS[key])
            elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
            elif key == Qt.Key.Key_Escape:
                self.hide()
            else:
                return False
            return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell it: what is listed need not be kept up to date."""
        super().hideEvent(event)
        self.closed.emit()

    def _go_to(self, row: int) -> None:
        """Make a row the current one, and say it to those who do not see it."""
        num_rows = len(self.model.rows)
        if not num_rows:
            return
        index = self.model.index(min(max(row, 0), num_rows - 1))
        has_moved = index != self.list.currentIndex()
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        if has_moved or row == 0:
            announce(self.field, self.model.rows[index.row()].spoken)

    def _choose(self) -> None:
        entry = self.current
        # What cannot be done can be gone to, to read why.
        if entry is None or entry.reason:
            return
        self.hide()
        self.chosen.emit(entry)

    def _on_typed(self, text: str) -> None:
        self._has_moved = False
        self.typed.emit(text.strip())

    def _on_clicked(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self._choose()

    def _set_up(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(PaletteDelegate(self._theme, self.list))
        self.list.setAccessibleName(self.tr("What was found"))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The field keeps the focus: its keys move the list.
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hint.setProperty("tone", "muted")
        self.hint.hide()
        layout = QVBoxLayout(self)
        for widget in (self.field, self.hint, self.list):
            layout.addWidget(widget)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_typed)
        self.list.clicked.connect(self._on_clicked)

    def _restyle(self) -> None:
        theme, layout = self._theme, self.layout()
        margin = theme.px(_MARGIN_PX)
        if layout is not None:
            layout.setContentsMargins(margin, margin, margin, margin)
            layout.setSpacing(theme.px(8))
        for widget in (self.field, self.hint):
            widget.setFont(theme.font("interface"))
        self._search.setIcon(icon(theme, "search"))
        self.list.doItemsLayout()
