"""The strip above the lanes: how many there are, diff and seed switches, run, one more lane, leave.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from realm_desktop.ui.icons import icon, icon_size, text_icon, text_icon_size
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.sided_margins import sided_margins
from realm_desktop.ui.widgets.switch import Switch

_HEIGHT_PX: Final = 44
_NARROW_PX: Final = 620
"""Below this width the words beside the switches give their room up; tooltips say them."""

_TINY_PX: Final = 440
"""Below this one the words on the buttons do too."""


class CompareBar(QWidget):
    """Switches and buttons of a comparison.

    Attributes:
        diff_toggled, same_seed_toggled: The switches.
        run_requested, lane_requested, closed: The buttons.
    """

    diff_toggled = Signal(bool)
    same_seed_toggled = Signal(bool)
    run_requested = Signal()
    lane_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = QLabel(self.tr("Compare"), self)
        self.counts = ElidedLabel(theme, "stats", "text-muted", self, min_px=8)
        self.diff_label = ElidedLabel(theme, "stats", "text-muted", self)
        self.diff_label.set_text(self.tr("Word diff against lane 1"))
        self.diff_switch = Switch(theme, self.tr("Word diff against lane 1"), self)
        self.diff_switch.setToolTip(
            self.tr("Mark the words that differ from the reply of the first lane")
        )
        self.seed_label = ElidedLabel(theme, "stats", "text-muted", self)
        self.seed_label.set_text(self.tr("Same seed"))
        self.seed_switch = Switch(theme, self.tr("Same seed"), self)
        self.seed_switch.setToolTip(
            self.tr("All lanes draw with one seed, so that only their settings differ")
        )
        self.run_button = QPushButton(self.tr("Run"), self)
        self.run_button.setAccessibleName(self.tr("Run"))
        self.run_button.setProperty("kind", "primary")
        self.run_button.setToolTip(self.tr("Let the lanes without a reply answer this prompt"))
        self.lane_button = QPushButton(self.tr("Lane"), self)
        self.lane_button.setAccessibleName(self.tr("Add a lane"))
        self.close_button = QToolButton(self)
        self.close_button.setAccessibleName(self.tr("Leave the comparison"))
        self.close_button.setToolTip(self.tr("Leave; every reply stays as a version"))
        self._lay_out()
        self._connect()
        self._restyle()

    def show_state(
        self, counts: str, *, has_same_seed: bool, can_run: bool, can_add: bool, max_lanes: int
    ) -> None:
        """Show what can be done now."""
        self.counts.set_text(counts)
        with QSignalBlocker(self.seed_switch):
            self.seed_switch.setChecked(has_same_seed)
        self.seed_switch.update()
        self.run_button.setEnabled(can_run)
        self.lane_button.setEnabled(can_add)
        limit = self.tr("At most {} lanes").format(max_lanes)
        self.lane_button.setToolTip(self.tr("One more lane") if can_add else limit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up words in a narrow pane."""
        super().resizeEvent(event)
        width = event.size().width()
        for label in (self.diff_label, self.seed_label):
            label.setVisible(width >= self._theme.px(_NARROW_PX))
        is_tiny = width < self._theme.px(_TINY_PX)
        self.run_button.setText("" if is_tiny else self.tr("Run"))
        self.lane_button.setText("" if is_tiny else self.tr("Lane"))

    def _lay_out(self) -> None:
        theme = self._theme
        row = QHBoxLayout(self)
        row.setContentsMargins(sided_margins(theme.px(16), 0, theme.px(8), 0))
        row.setSpacing(theme.px(8))
        row.addWidget(self.title)
        row.addWidget(self.counts, 1)
        row.addWidget(self.diff_label)
        row.addWidget(self.diff_switch)
        row.addWidget(self.seed_label)
        row.addWidget(self.seed_switch)
        for button in (self.run_button, self.lane_button, self.close_button):
            row.addWidget(button)
        # The words make room by themselves: the pane may be narrower than all of them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setProperty("surface", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.diff_switch.toggled.connect(self.diff_toggled)
        self.seed_switch.toggled.connect(self.same_seed_toggled)
        self.run_button.clicked.connect(self.run_requested)
        self.lane_button.clicked.connect(self.lane_requested)
        self.close_button.clicked.connect(self.closed)
        self._theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.title.setFont(theme.font("row-strong"))
        self.run_button.setIcon(text_icon(theme, "play", "accent-text"))
        self.lane_button.setIcon(text_icon(theme, "plus"))
        for button in (self.run_button, self.lane_button):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
        self.close_button.setIcon(icon(theme, "close"))
        self.close_button.setIconSize(icon_size(theme))
        self.close_button.setFixedSize(theme.px(28), theme.px(28))
