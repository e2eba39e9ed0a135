"""How a model is to be loaded: its settings, and what that takes of the memory. GUI thread.

Draws and emits; what a choice comes to is computed by `loader_commands`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from realm_desktop.events import LoadProgress
from realm_desktop.library.load_plan import LoadPlan
from realm_desktop.protocol import AdapterId
from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import of_parts
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.dialogs.load_plan_texts import phase_text, plan_segments, plan_sentence
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.plan_bar import PlanBar

PROGRESS_STEPS: Final = 1000

_WIDTH_PX = 620
_HEIGHT_PX = 720
_MARGIN_PX = 24


class WarmAdapter(NamedTuple):
    """An adapter that can be kept in memory beside the model.

    Attributes:
        text: Its name and what it takes.
        is_kept: Whether it is kept now.
    """

    adapter_id: AdapterId
    text: str
    is_kept: bool


class LoaderDialog(FormDialog):
    """Settings above, the memory plan below them, and Load.

    Attributes:
        changed: Another value was chosen; `values` and `kept_adapters` have it.
        load_requested: Load the model with these values.
        cancel_requested: End the load that runs.
        values: The chosen value of each setting, by key.
        form: The rows of the settings.
    """

    changed = Signal()
    load_requested = Signal()
    cancel_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        values: Mapping[str, Any],
        adapters: Sequence[WarmAdapter] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Build the dialog without a plan.

        Args:
            theme: Of the app.
            name: Of the model; words of a stranger.
            values: What the app loads models with, by key of the setting.
            adapters: Known ones.
            parent: The window.
        """
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Load {}").format(one_line(name)))
        self.values = dict(values)
        self._is_alt_held = self._fits = self._is_loading = False
        # Rare ones too: whoever opens the loader wants to see all of them.
        settings = [replace(s, is_rare=False) for s in of_parts("engine") if s.needs_reload]
        self.form = SettingsForm(theme, settings, self)
        self._boxes = {row.adapter_id: self._box(row) for row in adapters}
        self._scroll = self._new_scroll()
        self._add_plan()
        self.resize(theme.px(_WIDTH_PX), theme.px(_HEIGHT_PX))
        self.form.changed.connect(self._on_changed)
        self.form.reset_requested.connect(self._on_reset)
        self._show_values()
        self._update_buttons()

    @property
    def kept_adapters(self) -> dict[AdapterId, bool]:
        """Whether each adapter shall be kept in memory."""
        return {adapter_id: box.isChecked() for adapter_id, box in self._boxes.items()}

    def show_plan(self, plan: LoadPlan) -> None:
        """Show what the choice comes to."""
        self.bar.show_plan(plan_segments(plan), plan.total_bytes)
        self.sentence.setText(plan_sentence(plan))
        self.sentence.setProperty("tone", "" if plan.fits else "danger")
        self.sentence.style().unpolish(self.sentence)
        self.sentence.style().polish(self.sentence)
        self._fits = plan.fits
        self._update_buttons()

    def show_note(self, text: str) -> None:
        """Say who else uses memory."""
        self.programs.setText(text)
        self.programs.setVisible(bool(text))

    def show_measured(self, text: str) -> None:
        """Say what the last load took; "" is nothing."""
        self.measured.setText(text)
        self.measured.setVisible(bool(text))

    def show_progress(self, progress: LoadProgress | None) -> None:
        """Show how far the load is; None is none."""
        self._is_loading = progress is not None
        self.progress.setVisible(self._is_loading)
        self.phase.setVisible(self._is_loading)
        if progress is not None:
            self.progress.setValue(round(progress.fraction * PROGRESS_STEPS))
            self.phase.setText(phase_text(progress))
        self._scroll.setEnabled(not self._is_loading)
        self._update_buttons()

    def show_failure(self, text: str) -> None:
        """Say why the model was not loaded; the values can be changed again."""
        self.show_progress(None)
        self.phase.setText(text)
        self.phase.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt allows what does not fit; Esc and Return are the dialog's own."""
        if event.key() == Qt.Key.Key_Alt:
            self._set_alt(is_held=True)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Without Alt it is forbidden again."""
        if event.key() == Qt.Key.Key_Alt:
            self._set_alt(is_held=False)
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Alt+Tab leaves the window without a release of Alt."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._set_alt(is_held=False)

    def reject(self) -> None:
        """Cancel ends the load that runs, or closes the dialog."""
        if self._is_loading:
            self.cancel_requested.emit()
        else:
            super().reject()

    def _new_scroll(self) -> QScrollArea:
        host = QWidget(self)
        rows = QVBoxLayout(host)
        rows.setContentsMargins(0, 0, self._theme.px(12), 0)
        rows.addWidget(self.form)
        if self._boxes:
            rows.addWidget(self._label(self.tr("Adapters to keep in memory"), "interface"))
        for box in self._boxes.values():
            rows.addWidget(box)
        rows.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(host)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its parts take the focus and are scrolled to; a stop of its own would show no ring.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The whole room that the plan leaves.
        self._layout.addWidget(scroll, 1)
        return scroll

    def _box(self, row: WarmAdapter) -> QCheckBox:
        box = QCheckBox(one_line(row.text), self)
        box.setChecked(row.is_kept)
        box.toggled.connect(self._on_toggled)
        self.keep_font(box, "interface")
        return box

    def _add_plan(self) -> None:
        self.add_heading(self.tr("Memory"))
        self.bar = PlanBar(self._theme, self)
        self.bar.setAccessibleName(self.tr("Memory plan"))
        self.add_widget(self.bar)
        self.sentence = self.add_text(self.tr("Reading the header…"))
        self.measured = self.add_text("", "stats", "muted")
        self.programs = self.add_text("", "stats", "muted")
        self.measured.hide()
        self.programs.hide()
        self.phase: QLabel = self.add_text("", "stats")
        self.phase.hide()
        self.progress = QProgressBar(self)
        self.progress.setRange(0, PROGRESS_STEPS)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of loading"))
        self.progress.hide()
        self.add_widget(self.progress)
        self.cancel_button = self.add_button(self.tr("Cancel"))
        self.load_button = self.add_button(self.tr("Load"), "primary")
        self.cancel_button.clicked.connect(self.reject)
        self.load_button.clicked.connect(self.load_requested)
        self.finish()

    def _show_values(self) -> None:
        self.form.show_values(self.values, {}, Scope.APP)

    def _on_changed(self, key: str, value: object) -> None:
        self.values[key] = value
        self._show_values()
        self.changed.emit()

    def _on_reset(self, key: str) -> None:
        self._on_changed(key, self.form.rows[key].setting.default)

    def _on_toggled(self, _is_on: bool) -> None:  # a Qt slot
        self.changed.emit()

    def _set_alt(self, *, is_held: bool) -> None:
        self._is_alt_held = is_held
        self._update_buttons()

    def _update_buttons(self) -> None:
        is_forced = self._is_alt_held and not self._fits
        self.load_button.setText(self.tr("Load anyway") if is_forced else self.tr("Load"))
        self.load_button.setEnabled(not self._is_loading and (self._fits or is_forced))
        tip = "" if self._fits else self.tr("Hold Alt to load it anyway")
        self.load_button.setToolTip(tip)
        self.load_button.setAccessibleDescription(tip)
