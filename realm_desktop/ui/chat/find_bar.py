"""The strip above the messages that finds words in them: field, count, steps, match case, close.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.sided_margins import sided_margins

_HEIGHT_PX: Final = 40
_FIELD_PX: Final = 360
_MAX_LETTERS: Final = 1000
_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FindBar(QWidget):
    """What the user looks for and how much of it there is; hidden until it is asked for.

    Attributes:
        query_changed: Another text, or the case counts or does not any more.
        stepped: To the next hit (1) or the previous one (-1).
        closed: Esc or the cross.
        shown: It is in sight, at first or because its tab is again.
    """

    query_changed = Signal()
    stepped = Signal(int)
    closed = Signal()
    shown = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.field = QLineEdit(self)
        self.field.setMaxLength(_MAX_LETTERS)
        self._picture = self.field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.count = QLabel(self)
        self.previous_button = QToolButton(self)
        self.next_button = QToolButton(self)
        self.case_button = QToolButton(self)
        self.close_button = QToolButton(self)
        self._name_parts()
        self._lay_out()
        self._connect()
        self._restyle()
        self.show_count("", has_hits=False)
        self.hide()

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.field.text()

    @property
    def is_case_sensitive(self) -> bool:
        """Whether capital and small letters differ."""
        return self.case_button.isChecked()

    def show_count(self, text: str, *, has_hits: bool) -> None:
        """Say how many hits there are; without any there is nowhere to step to."""
        self.count.setText(text)
        self.count.setAccessibleName(text or self.tr("Hits"))
        for button in (self.previous_button, self.next_button):
            button.setEnabled(has_hits)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in the field steps on, with Shift back."""
        if (
            watched is self.field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _RETURN
        ):
            is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(-1 if is_back else 1)
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is seen."""
        super().showEvent(event)
        self.shown.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes, whichever part has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _name_parts(self) -> None:
        self.setAccessibleName(self.tr("Find in chat"))
        self.field.setPlaceholderText(self.tr("Find in chat"))
        self.field.setAccessibleName(self.tr("Find in chat"))
        self.field.setClearButtonEnabled(True)
        self.case_button.setText("Aa")
        self.case_button.setCheckable(True)
        names = (
            (self.previous_button, self.tr("Previous hit")),
            (self.next_button, self.tr("Next hit")),
            (self.case_button, self.tr("Match case")),
            (self.close_button, self.tr("Close (Esc)")),
        )
        for button, name in names:
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.close_button.setAccessibleName(self.tr("Close the search"))

    def _lay_out(self) -> None:
        theme = self._theme
        row = QHBoxLayout(self)
        row.setContentsMargins(sided_margins(theme.px(16), 0, theme.px(8), 0))
        row.setSpacing(theme.px(4))
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        for button in (self.previous_button, self.next_button, self.case_button):
            row.addWidget(button)
        row.addStretch(0)
        row.addWidget(self.close_button)
        # The field gives way: a pane may be narrower than all parts would like.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("surface", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self.query_changed)
        self.case_button.toggled.connect(self.query_changed)
        self.previous_button.clicked.connect(lambda: self.stepped.emit(-1))
        self.next_button.clicked.connect(lambda: self.stepped.emit(1))
        self.close_button.clicked.connect(self.closed)
        self._theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.field.setFont(theme.font("interface"))
        self.field.setMaximumWidth(theme.px(_FIELD_PX))
        self._picture.setIcon(icon(theme, "search"))
        self.count.setFont(theme.font("stats"))
        self.count.setProperty("tone", "muted")
        # Of one width for most counts, so that the buttons stay under the pointer.
        self.count.setMinimumWidth(theme.px(72))
        self.previous_button.setIcon(icon(theme, "chevron-up"))
        self.next_button.setIcon(icon(theme, "chevron-down"))
        self.close_button.setIcon(icon(theme, "close"))
        self.case_button.setFont(theme.font("button"))
        buttons = (self.previous_button, self.next_button, self.case_button, self.close_button)
        for button in buttons:
            button.setIconSize(icon_size(theme))
            button.setFixedSize(theme.px(28), theme.px(28))
