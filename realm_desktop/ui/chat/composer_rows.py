"""The small rows above the text field: what waits, what was pasted, what is being edited.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from realm_desktop.ui.icons import IconName, icon, icon_size, paint_icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.sided_margins import sided_margins

_HEIGHT_PX = 26


class ComposerRow(QWidget):
    """An icon, a label, a text that is cut at its end, and a button that takes it away.

    Attributes:
        removed: The button was pressed; carries `number`.
        number: Which of its kind it is.
    """

    removed = Signal(int)

    def __init__(
        self, theme: Theme, name: IconName, label: str, text: str, number: int, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.number = number
        self._theme = theme
        self._icon: IconName = name
        self._label = QLabel(label, self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("tone", "muted")
        self._label.setFont(theme.font("stats"))
        shown = ElidedLabel(theme, "stats", "text", self)
        shown.set_text(one_line(text))
        self._button = QToolButton(self)
        self._button.setIcon(icon(theme, "close", "text-muted", 14))
        self._button.setIconSize(icon_size(theme, 14))
        self._button.setFixedSize(theme.px(24), theme.px(24))
        self._button.clicked.connect(self._on_clicked)
        self.set_button_name(self.tr("Remove"))
        row = QHBoxLayout(self)
        row.setContentsMargins(sided_margins(theme.px(32), 0, theme.px(4), 0))
        row.setSpacing(theme.px(8))
        row.addWidget(self._label)
        row.addWidget(shown, 1)
        row.addWidget(self._button)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_button_name(self, name: str) -> None:
        """Say what the button does."""
        self._button.setAccessibleName(name)
        self._button.setToolTip(name)

    def _on_clicked(self) -> None:
        self.removed.emit(self.number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw an outlined row with its icon."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("surface-raised"))
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, theme.px(5), theme.px(5))
        place = self.rect()
        place.setWidth(theme.px(32))
        paint_icon(painter, place, theme, self._icon, "text-muted", 14)
