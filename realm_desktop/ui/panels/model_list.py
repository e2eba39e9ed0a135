"""The list of models with its filter, load progress and ways to add more. Draws and emits.

Used by the picker and by the Models page. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.library.catalog import KnownModel
from realm_desktop.ui.icons import icon, text_icon, text_icon_size
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.drop_frame import DropFrame
from realm_desktop.ui.panels.model_item_model import ModelListModel, ModelRowDelegate
from realm_desktop.ui.panels.model_rows import ModelRow, model_rows
from realm_desktop.ui.quantities import file_title
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel

_PROGRESS_STEPS = 1000

RowMaker = Callable[[Sequence[KnownModel], int, str, str], list[ModelRow]]
"""Models, free memory, filter and the loaded path to rows."""


class ModelList(QWidget):
    """Everything about choosing a model, without a frame.

    Attributes:
        chosen: The path of the model to load.
        loader_requested: The path of the model whose loader shall be opened.
        refused: The path of one that cannot be used, and why.
        file_requested: "Open a file…" was pressed.
        folder_requested: "Add a folder…" was pressed.
    """

    chosen = Signal(str)
    loader_requested = Signal(str)
    refused = Signal(str, object)
    file_requested = Signal()
    folder_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        state: ModelState,
        parent: QWidget | None = None,
        *,
        rows: RowMaker = model_rows,
    ) -> None:
        """Build an empty list.

        Args:
            theme: Of the app.
            state: Of the model that is loaded.
            parent: What holds it.
            rows: Puts the models under headings.
        """
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._rows = rows
        self._models: Sequence[KnownModel] | None = None
        self._free_bytes = 0
        self.filter_field = QLineEdit(self)
        self._search = self.filter_field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.model = ModelListModel(self)
        self.list = QListView(self)
        self.hint = QLabel(self)
        self.progress_text = ElidedLabel(theme, "stats", "text-muted", self)
        self.progress_bar = QProgressBar(self)
        self.cancel_button = QPushButton(self.tr("Cancel"), self)
        self.loader_button = QPushButton(self.tr("Load with options…"), self)
        self.file_button = QPushButton(self.tr("Open a file…"), self)
        self.folder_button = QPushButton(self.tr("Add a folder…"), self)
        self._name_parts()
        self._lay_out()
        self._connect()
        self._restyle()
        self._on_state_changed()

    def set_models(self, models: Sequence[KnownModel], free_bytes: int) -> None:
        """List these models, with so much memory free for one."""
        self._models = models
        self._free_bytes = free_bytes
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and Enter in the filter work on the list; Alt+Enter opens the loader."""
        if watched is self.filter_field and isinstance(event, QKeyEvent):
            is_press = event.type() == QEvent.Type.KeyPress
            if is_press and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_enter and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._on_loader()
                return True
            if is_enter and watched is self.filter_field:
                self._on_activated(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _name_parts(self) -> None:
        self.filter_field.setPlaceholderText(self.tr("Filter models"))
        self.filter_field.setAccessibleName(self.tr("Filter models"))
        self.list.setAccessibleName(self.tr("Models"))
        self.loader_button.setToolTip(self.tr("Context, memory, draft model (Alt+Enter)"))
        self.progress_bar.setAccessibleName(self.tr("Progress of loading"))
        self.progress_bar.setRange(0, _PROGRESS_STEPS)
        self.progress_bar.setTextVisible(False)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setProperty("tone", "muted")

    def _lay_out(self) -> None:
        self.drop = DropFrame(self._theme, self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(ModelRowDelegate(self._theme, self))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.addWidget(self.file_button)
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        buttons.addWidget(self.loader_button)
        progress = QHBoxLayout()
        progress.addWidget(self.progress_bar, 1)
        progress.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(8))
        layout.addWidget(self.filter_field)
        layout.addWidget(self.hint)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.progress_text)
        layout.addLayout(progress)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.filter_field.installEventFilter(self)
        self.list.installEventFilter(self)
        self.filter_field.textChanged.connect(self._refresh)
        self.list.clicked.connect(self._on_activated)
        self.list.activated.connect(self._on_activated)
        self.loader_button.clicked.connect(self._on_loader)
        self.cancel_button.clicked.connect(self._state.cancel_load)
        self.file_button.clicked.connect(self.file_requested)
        self.folder_button.clicked.connect(self.folder_requested)
        self._state.changed.connect(self._on_state_changed)
        self._theme.changed.connect(self._restyle)

    def _on_activated(self, index: QModelIndex) -> None:
        if not index.isValid() or self._state.is_loading:
            return
        row = self.model.rows[index.row()]
        if row.error is not None:
            self.refused.emit(row.path, row.error)
        elif row.path:
            self.chosen.emit(row.path)

    def _on_loader(self) -> None:
        """Open the loader for the current model."""
        index = self.list.currentIndex()
        row = self.model.rows[index.row()] if index.isValid() else None
        if row is None or not row.path or self._state.is_loading:
            return
        if row.error is not None:
            self.refused.emit(row.path, row.error)
        else:
            self.loader_requested.emit(row.path)

    def _on_state_changed(self) -> None:
        """Show the load that runs, and mark the loaded model."""
        progress = self._state.progress
        self.progress_bar.setVisible(progress is not None)
        self.progress_text.setVisible(progress is not None)
        self.cancel_button.setVisible(progress is not None)
        self.loader_button.setEnabled(progress is None)
        if progress is not None:
            self.progress_bar.setValue(round(progress.fraction * _PROGRESS_STEPS))
            name = one_line(file_title(progress.path))
            percent = round(100 * progress.fraction)
            self.progress_text.set_text(
                self.tr("Loading {}: {}, {} %").format(name, spoken(progress.phase), percent)
            )
        self._refresh()

    def _refresh(self) -> None:
        info = self._state.info
        loaded = "" if info is None else info.path
        text = self.filter_field.text()
        self.model.set_rows(self._rows(self._models or (), self._free_bytes, text, loaded))
        self.hint.setText(self._hint())
        self.hint.setVisible(not self.model.rows)
        if not self.list.currentIndex().isValid():
            self._move(1)

    def _hint(self) -> str:
        """What stands there while no model does."""
        if self._models is None:
            return self.tr("Looking for models…")
        if self._models:
            return self.tr("No model has this in its name.")
        return self.tr("No model here. Open a file, or add the folder of your models.")

    def _move(self, step: int) -> None:
        """Make the next or previous model current, past headings."""
        place = self.list.currentIndex().row() + step
        while 0 <= place < len(self.model.rows):
            if not self.model.rows[place].is_heading:
                self.list.setCurrentIndex(self.model.index(place, 0))
                return
            place += step

    def _restyle(self) -> None:
        theme = self._theme
        self.filter_field.setFont(theme.font("interface"))
        self.hint.setFont(theme.font("interface"))
        self._search.setIcon(icon(theme, "search"))
        self.file_button.setIcon(text_icon(theme, "file"))
        self.folder_button.setIcon(text_icon(theme, "folder"))
        for button in (
            self.file_button,
            self.folder_button,
            self.loader_button,
            self.cancel_button,
        ):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
        self.list.doItemsLayout()
