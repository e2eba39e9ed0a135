"""The Adapters page of the rail: a table of the known adapters, and what can be done with one.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.store.records import Workspace
from realm_desktop.ui.icons import icon, text_icon, text_icon_size
from realm_desktop.ui.panels.adapter_details import AdapterDetails
from realm_desktop.ui.panels.adapter_item_model import (
    NAME_COLUMN,
    AdapterCellDelegate,
    AdapterTableModel,
)
from realm_desktop.ui.panels.adapter_rows import AdapterRow, adapter_rows, counts_text
from realm_desktop.ui.panels.drop_frame import DropFrame
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.notice_bar import NoticeBar

_MARGIN_PX = 24
_FILTER_PX = 200
_HEAD_PX = 32
_MIN_NAME_PX = 160
_MIN_COLUMN_PX = 72
_SPARE_COLUMNS = (5, 3, 4, 1)
"""Format, targets, size and base model: in this order they make room."""


class AdaptersPage(QWidget):
    """Title, filter, table and the details of the chosen adapter; drops are taken everywhere.

    Attributes:
        files_requested, folder_requested: "Add files…" or "Add folder…" was pressed.
        import_requested: "Import…" was pressed.
        train_requested: "Train…" was pressed, whatever it says by then.
        dropped: Paths of files and folders that were dropped.
    """

    files_requested = Signal()
    folder_requested = Signal()
    import_requested = Signal()
    train_requested = Signal()
    dropped = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shelves: Sequence[Shelf] = ()
        self._workspaces: Sequence[Workspace] = ()
        self.title = QLabel(self.tr("Adapters"), self)
        self.counts = ElidedLabel(theme, "stats", "text-muted", self)
        self.filter_field = QLineEdit(self)
        self._search = self.filter_field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.files_button = QPushButton(self.tr("Add files…"), self)
        self.folder_button = QPushButton(self.tr("Add folder…"), self)
        self.import_button = QPushButton(self.tr("Import…"), self)
        self.train_button = QPushButton(self.tr("Train…"), self)
        self.train_button.setToolTip(self.tr("Make an adapter from messages or from a file"))
        self.import_button.setToolTip(self.tr("Download an adapter from the hub"))
        self.model = AdapterTableModel(self)
        self.table = QTableView(self)
        self.details = AdapterDetails(theme, self)
        self.hint = QLabel(self.tr("Drop .gguf, .safetensors or folders on this page"), self)
        self.empty = EmptyState(theme, "adapters", self)
        self.notice = NoticeBar(theme, self)
        self.body = QStackedWidget(self)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._name_parts()
        self._lay_out()
        self._connect()
        self.drop = DropFrame(theme, self)
        self.drop.dropped.connect(self.dropped)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def current_row(self) -> AdapterRow | None:
        """The chosen adapter."""
        place = self.table.currentIndex().row()
        return self.model.rows[place] if 0 <= place < len(self.model.rows) else None

    def set_content(
        self, shelves: Sequence[Shelf], workspaces: Sequence[Workspace], current_id: WorkspaceId
    ) -> None:
        """List these adapters; `current_id` is the workspace of the shown chat."""
        self._shelves, self._workspaces = shelves, workspaces
        self.details.set_workspaces(workspaces, current_id)
        self._refresh()

    def show_training(self, text: str) -> None:
        """Say on the button how far a training is."""
        self.train_button.setText(text)

    def choose(self, adapter_id: AdapterId) -> None:
        """Make an adapter the chosen one, if it is listed."""
        for place, row in enumerate(self.model.rows):
            if row.adapter_id == adapter_id:
                self.table.setCurrentIndex(self.model.index(place, NAME_COLUMN))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up columns in a narrow window, so that names can be read."""
        super().resizeEvent(event)
        self._fold_head()
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Hide the columns that say least until the name has its room."""
        theme = self._theme
        widths = {
            column: max(self.table.sizeHintForColumn(column), theme.px(_MIN_COLUMN_PX))
            for column in range(NAME_COLUMN + 1, self.model.columnCount())
        }
        room = self.width() - theme.px(2 * _MARGIN_PX + _MIN_NAME_PX) - sum(widths.values())
        for column in _SPARE_COLUMNS:
            self.table.setColumnHidden(column, room < 0)
            room += widths[column] if room < 0 else 0

    def _name_parts(self) -> None:
        self.filter_field.setPlaceholderText(self.tr("Filter adapters"))
        self.filter_field.setAccessibleName(self.tr("Filter adapters"))
        self.table.setAccessibleName(self.tr("Adapters"))
        self.hint.setProperty("tone", "muted")
        self.empty.say(
            self.tr("Drop a LoRA here"),
            self.tr("A .gguf or .safetensors adapter, or the folder that PEFT wrote."),
            self.tr("Add files…"),
        )

    def _lay_out(self) -> None:
        self._set_up_table()
        self._lay_out_head()
        self.body.addWidget(self.empty)
        self.body.addWidget(self._full())
        theme = self._theme
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme.px(16))
        layout.addLayout(self._head)
        layout.addWidget(self.notice)
        layout.addWidget(self.body, 1)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _set_up_table(self) -> None:
        theme, table = self._theme, self.table
        table.setModel(self.model)
        table.setItemDelegate(AdapterCellDelegate(theme, self))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(NAME_COLUMN, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(theme.px(48))

    def _full(self) -> QWidget:
        """What stands below the head once there are adapters."""
        full = QWidget(self)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(12))
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        column.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignTrailing)
        return full

    def _lay_out_head(self) -> None:
        theme = self._theme
        names, tools = QHBoxLayout(), QHBoxLayout()
        names.setSpacing(theme.px(16))
        names.addWidget(self.title)
        names.addWidget(self.counts, 1)
        tools.setSpacing(theme.px(8))
        for part in (
            self.filter_field,
            self.files_button,
            self.folder_button,
            self.import_button,
            self.train_button,
        ):
            tools.addWidget(part)
        self._head.setSpacing(theme.px(8))
        self._head.addLayout(names, 1)
        self._head.addLayout(tools)

    def _fold_head(self) -> None:
        """The buttons stand below the title where one row is too narrow for their words."""
        parts = [self._head.itemAt(place) for place in range(self._head.count())]
        needed = sum(part.minimumSize().width() for part in parts if part is not None)
        room = self.width() - 2 * self._theme.px(_MARGIN_PX) - self._head.spacing()
        row, rows = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._head.setDirection(row if needed <= room else rows)

    def _connect(self) -> None:
        self.filter_field.textChanged.connect(self._refresh)
        self.files_button.clicked.connect(self.files_requested)
        self.folder_button.clicked.connect(self.folder_requested)
        self.import_button.clicked.connect(self.import_requested)
        self.train_button.clicked.connect(self.train_requested)
        self.empty.pressed.connect(self.files_requested)
        self.table.selectionModel().currentRowChanged.connect(self._on_row_changed)

    def _refresh(self) -> None:
        """Show the rows that pass the filter; the chosen adapter stays chosen."""
        chosen = self.current_row
        rows = adapter_rows(self._shelves, self._workspaces, self.filter_field.text())
        if rows != self.model.rows:
            self.model.set_rows(rows)
            self._fit_columns()
        has_any = bool(self._shelves)
        self.body.setCurrentIndex(1 if has_any else 0)
        self.counts.set_text(counts_text(self._shelves) if has_any else "")
        self.filter_field.setVisible(has_any)
        if chosen is not None:
            self.choose(chosen.adapter_id)
        if self.current_row is None and rows:
            self.table.setCurrentIndex(self.model.index(0, NAME_COLUMN))
        self.details.show_row(self.current_row)

    def _on_row_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.details.show_row(self.current_row)

    def _restyle(self) -> None:
        theme = self._theme
        self.title.setFont(theme.font("page-title"))
        self.filter_field.setFont(theme.font("interface"))
        self.filter_field.setMinimumWidth(theme.px(_FILTER_PX) // 2)
        self.filter_field.setMaximumWidth(theme.px(_FILTER_PX))
        self.hint.setFont(theme.font("stats"))
        self._search.setIcon(icon(theme, "search"))
        self.table.horizontalHeader().setFont(theme.font("stats"))
        self.table.horizontalHeader().setFixedHeight(theme.px(_HEAD_PX))
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height)
        self.files_button.setIcon(text_icon(theme, "plus"))
        self.folder_button.setIcon(text_icon(theme, "folder"))
        self.import_button.setIcon(text_icon(theme, "download"))
        self.train_button.setIcon(text_icon(theme, "star"))
        for button in (
            self.files_button,
            self.folder_button,
            self.import_button,
            self.train_button,
        ):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
