"""The files that go with the message being written: a chip each, in as many rows as they need.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from realm_desktop.store.records import Attachment
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.theme import Theme

CHIP_PX: Final = 28
MAX_INSERTED: Final = 5_000
"""Longer texts stay chips: laying them out in the field could freeze the window."""

_GAP_PX: Final = 4
_MAX_NAME: Final = 40
"""Names of files are words of strangers; the whole of one is in the tooltip."""


class ChipState(NamedTuple):
    """What a chip shows; `num_tokens` is None while it is not known."""

    attachment: Attachment
    num_tokens: int | None = None


class AttachmentChips(QWidget):
    """A row or more of chips; takes no room without any.

    Attributes:
        opened, removed, inserted: What to do with the file of this number: show it, take it away,
            put its text into the message.
    """

    opened = Signal(int)
    removed = Signal(int)
    inserted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chips: list[_Chip] = []
        self._states: tuple[ChipState, ...] = ()
        self.setAccessibleName(self.tr("Attachments"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def chips(self) -> Sequence[QWidget]:
        """The chips in order."""
        return self._chips

    @property
    def facts(self) -> list[str]:
        """Size and tokens of each, in words."""
        return [chip.facts for chip in self._chips]

    def show_chips(self, states: Sequence[ChipState]) -> None:
        """Show these files, in their order."""
        if tuple(states) == self._states:
            return
        self._states = tuple(states)
        for chip in self._chips:
            # Hidden at once: until Qt deletes it, it would stand among the new ones.
            chip.hide()
            chip.deleteLater()
        self._chips = [self._new_chip(number, state) for number, state in enumerate(states)]
        self.setVisible(bool(states))
        self._arrange()

    def apply_theme(self) -> None:
        """Make the chips anew with the theme's fonts and colours."""
        states, self._states = self._states, ()
        self.show_chips(states)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the rows for another width."""
        super().resizeEvent(event)
        self._arrange()

    def _new_chip(self, number: int, state: ChipState) -> _Chip:
        chip = _Chip(self._theme, number, state, self)
        chip.opened.connect(self.opened)
        chip.removed.connect(self.removed)
        chip.inserted.connect(self.inserted)
        return chip

    def _arrange(self) -> None:
        """Place the chips in rows, the first at the leading side."""
        gap, height = self._theme.px(_GAP_PX), self._theme.px(CHIP_PX)
        x = y = 0
        for chip in self._chips:
            width = min(chip.sizeHint().width(), max(self.width(), 1))
            if x and x + width > self.width():
                x, y = 0, y + height + gap
            place = QRect(QPoint(x, y), QSize(width, height))
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                place.moveLeft(self.width() - x - width)
            chip.setGeometry(place)
            chip.show()
            x += width + gap
        self.setFixedHeight(y + height if self._chips else 0)


class _Chip(QWidget):
    """One file: a button with its name and size, and a button that takes it away."""

    opened = Signal(int)
    removed = Signal(int)
    inserted = Signal(int)

    def __init__(self, theme: Theme, number: int, state: ChipState, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number = number
        self._state = state
        name = one_line(state.attachment.name)
        self._open = QToolButton(self)
        self._open.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._open.setIcon(icon(theme, "file", "text-muted", 14))
        self._open.setIconSize(icon_size(theme, 14))
        self._open.setFont(theme.font("stats"))
        shown = name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
        self._open.setText(f"{shown} · {self.facts}".replace("&", "&&"))
        self._open.setToolTip(plain_tip(name))
        self._open.setAccessibleName(self.tr("Show {0}, {1}").format(name, self.facts))
        self._open.clicked.connect(self._on_open)
        self._close = QToolButton(self)
        self._close.setIcon(icon(theme, "close", "text-muted", 14))
        self._close.setIconSize(icon_size(theme, 14))
        self._close.setFixedSize(theme.px(24), theme.px(24))
        self._close.setAccessibleName(self.tr("Remove {0}").format(name))
        self._close.setToolTip(self.tr("Remove"))
        self._close.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
        row.setSpacing(0)
        row.addWidget(self._open, 1)
        row.addWidget(self._close)

    @property
    def facts(self) -> str:
        """Size and tokens in words."""
        size = bytes_text(len(self._state.attachment.text.encode()))
        count = self._state.num_tokens
        if count is None:
            return size
        return f"{size} · " + self.tr("%Ln tokens", "", count)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the file."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Show"), self._on_open)
        insert = menu.addAction(self.tr("Put into the message"), self._on_insert)
        insert.setEnabled(len(self._state.attachment.text) <= MAX_INSERTED)
        menu.addAction(self.tr("Remove"), self._on_close)
        menu.popup(event.globalPos())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw an outlined chip."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("surface-raised"))
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))

    def _on_open(self) -> None:
        self.opened.emit(self._number)

    def _on_close(self) -> None:
        self.removed.emit(self._number)

    def _on_insert(self) -> None:
        self.inserted.emit(self._number)
