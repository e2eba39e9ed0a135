"""The shape that the app's dialogs share: rows of label, description and control. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.ui.focus_order import step_focus
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.field_font import set_field_font

_MARGIN_PX = 24
_ROW_GAP_PX = 16


class FormDialog(QDialog):
    """A dialog of labelled rows with buttons below; shown with `open` or `show`, never `exec`."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fonts: list[tuple[QWidget, FontRole]] = []
        self._row_labels: dict[QWidget, list[QLabel]] = {}
        self._zoom = theme.zoom
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        margin = theme.px(_MARGIN_PX)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(theme.px(_ROW_GAP_PX))
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        theme.changed.connect(self._restyle)

    def add_heading(self, text: str) -> None:
        """Name the rows that follow."""
        self._layout.addWidget(self._label(text, "card-title"))

    def add_row(
        self, text: str, description: str, control: QWidget, *, is_wide: bool = False
    ) -> None:
        """A control with its label and one sentence; a wide control stands below them."""
        if not control.accessibleName():
            control.setAccessibleName(text)
        control.setAccessibleDescription(description)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        label = self._label(text, "interface")
        label.setBuddy(control)
        texts.addWidget(label)
        self._row_labels[control] = [label]
        if description:
            note = self._label(description, "stats")
            note.setProperty("tone", "muted")
            texts.addWidget(note)
            self._row_labels[control].append(note)
        row: QHBoxLayout | QVBoxLayout = QVBoxLayout() if is_wide else QHBoxLayout()
        row.setSpacing(self._theme.px(8 if is_wide else 20))
        row.addLayout(texts, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag(0) if is_wide else Qt.AlignmentFlag.AlignVCenter)
        self._layout.addLayout(row)

    def set_row_visible(self, control: QWidget, *, is_visible: bool) -> None:
        """Show or hide a row by its control."""
        for part in (control, *self._row_labels.get(control, ())):
            part.setVisible(is_visible)

    def add_text(self, text: str, role: FontRole = "interface", tone: str = "") -> QLabel:
        """A line of plain text."""
        label = self._label(text, role)
        label.setProperty("tone", tone)
        self._layout.addWidget(label)
        return label

    def add_widget(self, widget: QWidget) -> None:
        """Anything else, over the whole width."""
        self._layout.addWidget(widget)

    def add_button(self, text: str, kind: str = "") -> QPushButton:
        """A button at the lower right; `kind` is that of the style sheet."""
        button = QPushButton(text, self)
        button.setProperty("kind", kind)
        self.keep_font(button, "button")
        button.setAutoDefault(kind == "primary")
        button.setDefault(kind == "primary")
        self._buttons.addWidget(button)
        return button

    def keep_font(self, widget: QWidget, role: FontRole) -> None:
        """Give a part of the dialog the font of a role, now and at every zoom."""
        set_field_font(widget, self._theme.font(role))
        self._fonts.append((widget, role))

    def finish(self) -> None:
        """Put the buttons below what was added."""
        self._layout.addLayout(self._buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Stay on the screen, however small that is at its scale; what scrolls gives way."""
        super().showEvent(event)
        self.resize(self.size().boundedTo(self.screen().availableSize()))

    def focusNextPrevChild(self, is_forward: bool) -> bool:  # as Qt calls it
        """Tab goes through the dialog as it is laid out."""
        return step_focus(self, is_forward=is_forward)

    def _label(self, text: str, role: FontRole) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        label.setWordWrap(True)
        self.keep_font(label, role)
        return label

    def _restyle(self) -> None:
        for widget, role in self._fonts:
            set_field_font(widget, self._theme.font(role))
        if self._theme.zoom != self._zoom:
            # Its words grow, and so must the room for them; no further than the screen.
            wanted = self.size() * (self._theme.zoom / self._zoom)
            self._zoom = self._theme.zoom
            room = self.screen().availableGeometry()
            self.resize(wanted.boundedTo(room.size()))
            self.move(
                max(room.left(), min(self.x(), room.right() + 1 - self.width())),
                max(room.top(), min(self.y(), room.bottom() + 1 - self.height())),
            )
