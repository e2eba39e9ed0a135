"""What an adapter shall learn, how, and what that would cost. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from realm_desktop.chat.teaching import TeachingSource
from realm_desktop.trainer import TrainingState, TrainingView
from realm_desktop.training_protocol import MAX_TRAINED_RANK, TrainingEstimate, TrainingSettings
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import file_title
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.training_texts import estimate_lines, status_text
from realm_desktop.ui.widgets.choice_box import ChoiceBox

FILE_SOURCE: Final = "file"
MAX_NAME_CHARACTERS: Final = 60

_FIELD_PX = 110
_WIDTH_PX = 540


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What the user chose.

    Attributes:
        name: Of the new adapter.
        source: Messages of the workspace; None for a file.
        file: The chosen file; empty for messages.
    """

    name: str
    source: TeachingSource | None
    file: str
    settings: TrainingSettings


class TrainingSetupDialog(FormDialog):
    """The estimate comes first; only then can the training be started.

    Attributes:
        estimate_requested, start_requested: With the `TrainingPlan`.
        resume_requested, discard_requested: For the unfinished training that is offered.
    """

    estimate_requested = Signal(object)
    start_requested = Signal(object)
    resume_requested = Signal()
    discard_requested = Signal()

    def __init__(self, theme: Theme, workspace_name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Train an adapter"))
        self._workspace_name = one_line(workspace_name)
        self._file = ""
        self._asked: TrainingPlan | None = None
        self._estimated: TrainingPlan | None = None
        self.unfinished_row = self._unfinished_row()
        self.source_box = ChoiceBox(theme, self._sources({}), self)
        self.file_button = QPushButton(self.tr("Choose a file…"), self)
        self.name_field = QLineEdit(self.tr("My voice"), self)
        self.name_field.setMaxLength(MAX_NAME_CHARACTERS)
        self.epochs_field = self._whole(TrainingSettings().num_epochs, 1, 1000)
        self.more_button = QPushButton(self.tr("More"), self)
        self.more = self._more_rows()
        self._add_rows()
        self.note = self.add_text("", tone="muted")
        self._add_buttons()
        self._connect()
        self.finish()
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        self.resize(theme.px(_WIDTH_PX), self.height())
        self.source_box.setFocus()
        self._on_changed()

    @property
    def plan(self) -> TrainingPlan:
        """What is chosen now."""
        is_file = self.source_box.value == FILE_SOURCE
        rate = self.rate_field.value()
        settings = TrainingSettings(
            rank=self.rank_field.value(),
            alpha=2.0 * self.rank_field.value(),
            num_epochs=self.epochs_field.value(),
            batch_examples=self.batch_field.value(),
            learning_rate=rate or None,
        )
        return TrainingPlan(
            self.name_field.text().strip(),
            None if is_file else TeachingSource(self.source_box.value),
            self._file if is_file else "",
            settings,
        )

    def show_counts(self, counts: Mapping[TeachingSource, int]) -> None:
        """Say how much each source has; the first that has something is chosen."""
        chosen = next((source for source in TeachingSource if counts.get(source)), None)
        self.source_box.blockSignals(True)
        self.source_box.clear()
        for value, text in self._sources(counts):
            self.source_box.addItem(text, value)
        self.source_box.blockSignals(False)
        self.source_box.choose(FILE_SOURCE if chosen is None else chosen.value)
        self._on_changed()

    def show_unfinished(self, name: str) -> None:
        """Offer to go on with a training that was not finished; an empty name offers none."""
        self.unfinished_row.setVisible(bool(name))
        self.resume_button.setText(self.tr("Resume {}").format(one_line(name)).replace("&", "&&"))

    def show_file(self, path: str) -> None:
        """Take this file as the source."""
        self._file = path
        self.file_button.setText(one_line(file_title(path)).replace("&", "&&"))
        self.source_box.choose(FILE_SOURCE)
        self._on_changed()

    def show_view(self, view: TrainingView) -> None:
        """Show how far the estimate is, or what it says."""
        is_busy = view.state.is_busy
        if view.state is TrainingState.ESTIMATED and view.estimate is not None:
            self._show_estimate(view.estimate)
        elif view.state is TrainingState.FAILED and view.error is not None:
            self.note.setText(sentences(one_line(view.error.message), view.error.advice))
        elif is_busy:
            self.note.setText(status_text(view))
        self._enable(is_busy=is_busy)
        self.fit()

    def _show_estimate(self, estimate: TrainingEstimate) -> None:
        """Show what was asked for, unless something else is chosen by now."""
        if self._asked == self.plan:
            self._estimated = self._asked
            self.note.setText("\n".join(estimate_lines(estimate)))
        else:
            self.note.setText("")

    def _sources(self, counts: Mapping[TeachingSource, int]) -> list[tuple[str, str]]:
        name = self._workspace_name
        texts = {
            TeachingSource.STARRED: self.tr("Starred messages of {} ({})"),
            TeachingSource.EDITED: self.tr("Edited replies of {} ({})"),
            TeachingSource.ALL: self.tr("All replies of {} ({})"),
        }
        own = [(s.value, text.format(name, counts.get(s, 0))) for s, text in texts.items()]
        return [*own, (FILE_SOURCE, self.tr("A file"))]

    def _unfinished_row(self) -> QWidget:
        self.resume_button = QPushButton(self)
        self.discard_button = QPushButton(self.tr("Discard it"), self)
        row = _leading(self.resume_button, self)
        layout = row.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(1, self.discard_button)
        row.hide()
        return row

    def _more_rows(self) -> tuple[tuple[str, str, QWidget], ...]:
        self.rank_field = self._whole(TrainingSettings().rank, 1, MAX_TRAINED_RANK)
        self.batch_field = self._whole(TrainingSettings().batch_examples, 1, 256)
        self.rate_field = QDoubleSpinBox(self)
        self.rate_field.setDecimals(5)
        self.rate_field.setRange(0.0, 1.0)
        self.rate_field.setSingleStep(0.0001)
        self.rate_field.setSpecialValueText(self.tr("Automatic"))
        self._style_field(self.rate_field)
        return (
            (
                self.tr("Rank"),
                self.tr("How much it can learn, and how large it is"),
                self.rank_field,
            ),
            (self.tr("Examples per step"), "", self.batch_field),
            (
                self.tr("Learning rate"),
                self.tr("Lower if the loss jumps, higher if it hardly falls"),
                self.rate_field,
            ),
        )

    def _whole(self, value: int, low: int, high: int) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(low, high)
        field.setValue(value)
        self._style_field(field)
        return field

    def _style_field(self, field: QAbstractSpinBox) -> None:
        field.setFixedWidth(self._theme.px(_FIELD_PX))
        self.keep_font(field, "interface")
        field.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)

    def _add_rows(self) -> None:
        self.add_widget(self.unfinished_row)
        self.add_row(
            self.tr("Learn from"),
            self.tr("Each reply is learned together with what was said before it"),
            self.source_box,
            is_wide=True,
        )
        self.add_row(
            self.tr("File"),
            self.tr('JSON lines with "messages" or "prompt" and "completion", or ChatML text'),
            self.file_button,
        )
        self.add_row(self.tr("Name"), "", self.name_field, is_wide=True)
        self.add_row(
            self.tr("Rounds"),
            self.tr("How often each example is seen"),
            self.epochs_field,
        )
        self.more_button.setProperty("kind", "link")
        self.add_widget(_leading(self.more_button, self))
        for text, description, field in self.more:
            self.add_row(text, description, field)

    def _add_buttons(self) -> None:
        self.close_button = self.add_button(self.tr("Close"))
        self.estimate_button = self.add_button(self.tr("Estimate"))
        self.start_button = self.add_button(self.tr("Start"), "primary")
        for button in (self.file_button, self.more_button, self.resume_button, self.discard_button):
            self.keep_font(button, "button")
            button.setAutoDefault(False)
        self.keep_font(self.name_field, "interface")

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.close)
        self.estimate_button.clicked.connect(self._on_estimate)
        self.start_button.clicked.connect(self._on_start)
        self.resume_button.clicked.connect(self.resume_requested)
        self.discard_button.clicked.connect(self.discard_requested)
        self.file_button.clicked.connect(self._choose_file)
        self.more_button.clicked.connect(self._on_more)
        self.source_box.currentIndexChanged.connect(self._on_changed)
        self.name_field.textChanged.connect(self._on_changed)
        for field in (self.epochs_field, self.rank_field, self.batch_field):
            field.valueChanged.connect(self._on_changed)
        self.rate_field.valueChanged.connect(self._on_changed)
        self.show_more(is_shown=False)

    def show_more(self, *, is_shown: bool) -> None:
        """Show the settings that few people need, or hide them."""
        self._has_more = is_shown
        self.more_button.setText(self.tr("Less") if is_shown else self.tr("More"))
        for _, _, field in self.more:
            self.set_row_visible(field, is_visible=is_shown)

    def fit(self) -> None:
        """As high as its rows need."""
        self._layout.activate()
        self.resize(self.width(), self._layout.totalHeightForWidth(self.width()))

    def _on_more(self) -> None:
        self.show_more(is_shown=not self._has_more)
        self.fit()

    def _on_changed(self) -> None:
        self.set_row_visible(self.file_button, is_visible=self.source_box.value == FILE_SOURCE)
        if self._estimated is not None and self._estimated != self.plan:
            # Another plan costs something else.
            self._estimated = None
            self.note.setText("")
        self._enable(is_busy=False)
        self.fit()

    def _enable(self, *, is_busy: bool) -> None:
        plan = self.plan
        is_whole = bool(plan.name) and (plan.source is not None or bool(plan.file))
        self.estimate_button.setEnabled(is_whole and not is_busy)
        self.start_button.setEnabled(self._estimated is not None and not is_busy)

    def _on_estimate(self) -> None:
        self._asked = self.plan
        self.estimate_requested.emit(self._asked)

    def _on_start(self) -> None:
        self.start_requested.emit(self.plan)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Examples to learn from"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        names = self.tr("Examples (*.jsonl *.json *.txt *.chatml)")
        dialog.setNameFilters([names, self.tr("All files (*)")])
        dialog.fileSelected.connect(self.show_file)
        dialog.open()


def _leading(button: QPushButton, parent: QWidget) -> QWidget:
    """A row in which a button keeps its own width at the leading side."""
    row = QWidget(parent)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(button)
    layout.addStretch(1)
    return row
