"""What can be done with the adapter that is chosen in the table: verdict first, then the actions.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.store.records import Workspace
from realm_desktop.ui.icons import IconName, pixmap
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.adapter_rows import AdapterRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.switch import Switch
from realm_desktop.ui.widgets.weight_field import WeightField

_ICON_PX = 16
_WEIGHT_PX = 240


class AdapterDetails(QWidget):
    """The foot of the Adapters page.

    Attributes:
        attached: Adapter id, workspace id and weight.
        detached: Adapter id and workspace id.
        kept: Adapter id, and whether it shall stay in memory.
        compare_requested, show_requested, remove_requested: Adapter id.
    """

    attached = Signal(str, str, float)
    detached = Signal(str, str)
    kept = Signal(str, bool)
    compare_requested = Signal(str)
    show_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row: AdapterRow | None = None
        self._workspaces: Sequence[Workspace] = ()
        self._chosen_id: WorkspaceId | None = None
        self._subject: tuple[AdapterId, WorkspaceId, float | None] | None = None
        self._sign = QLabel(self)
        self.verdict = QLabel(self)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self._attach_label = QLabel(self.tr("Attach to"), self)
        self.workspace_box = ChoiceBox(theme, (), self)
        self.workspace_box.setAccessibleName(self.tr("Workspace"))
        self.weight = WeightField(theme, self.tr("Weight"), self)
        self.attach_button = QPushButton(self.tr("Attach"), self)
        self.attach_button.setProperty("kind", "primary")
        self.detach_button = QPushButton(self.tr("Detach"), self)
        self.keep_switch = Switch(theme, self.tr("Keep in memory"), self)
        self._keep_label = QLabel(self.tr("Keep in memory"), self)
        self._keep_label.setToolTip(self.tr("Loaded with every model that it fits"))
        self.compare_button = QPushButton(self.tr("Compare"), self)
        self.compare_button.setToolTip(self.tr("One prompt to the base model and this adapter"))
        self.show_button = QPushButton(self.tr("Show in folder"), self)
        self.remove_button = QPushButton(self.tr("Remove"), self)
        self.remove_button.setToolTip(self.tr("Forget this adapter; its file stays where it is"))
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def workspace_id(self) -> WorkspaceId:
        """The workspace the actions are about."""
        return WorkspaceId(self.workspace_box.value)

    def set_workspaces(self, workspaces: Sequence[Workspace], current_id: WorkspaceId) -> None:
        """Offer these workspaces; `current_id` is chosen until the user chooses another one."""
        names = [(w.workspace_id, w.name) for w in workspaces]
        known = [(w.workspace_id, w.name) for w in self._workspaces]
        self._workspaces = workspaces
        blocker = QSignalBlocker(self.workspace_box)
        if names != known:
            self.workspace_box.clear()
            for workspace in workspaces:
                self.workspace_box.addItem(one_line(workspace.name), workspace.workspace_id)
        self.workspace_box.choose(current_id)
        if self._chosen_id is not None:
            self.workspace_box.choose(self._chosen_id)
        blocker.unblock()
        self._show_mix()

    def show_row(self, row: AdapterRow | None) -> None:
        """Show an adapter, or nothing."""
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        self.verdict.setText(row.verdict)
        self.compare_button.setEnabled(row.can_attach)
        blocker = QSignalBlocker(self.keep_switch)
        self.keep_switch.setChecked(row.is_kept_warm)
        blocker.unblock()
        self.keep_switch.update()
        self._show_sign()
        self._show_mix()

    def _show_mix(self) -> None:
        """Show whether the chosen workspace has the adapter, and how strongly."""
        row = self._row
        if row is None:
            return
        found = (w for w in self._workspaces if w.workspace_id == self.workspace_id)
        workspace = next(found, None)
        entry = None if workspace is None else workspace.adapters.entry(row.adapter_id)
        weight = None if entry is None else entry.weight
        subject = (row.adapter_id, self.workspace_id, weight)
        # A weight that is being chosen stays until it is attached, or something else is shown.
        if subject != self._subject:
            self._subject = subject
            self.weight.set_weight(1.0 if weight is None else weight)
        self.attach_button.setText(self.tr("Attach") if entry is None else self.tr("Set weight"))
        self.attach_button.setEnabled(workspace is not None and row.can_attach)
        self.attach_button.setToolTip("" if row.can_attach else self.tr("Refused: see the reason"))
        self.detach_button.setVisible(entry is not None)

    def _lay_out(self) -> None:
        theme = self._theme
        verdict = QHBoxLayout()
        verdict.setSpacing(theme.px(8))
        verdict.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self.verdict, 1)
        attach = QHBoxLayout()
        attach.setSpacing(theme.px(8))
        attach.addWidget(self._attach_label)
        attach.addWidget(self.workspace_box)
        attach.addWidget(self.weight, 3)
        attach.addWidget(self.attach_button)
        attach.addWidget(self.detach_button)
        attach.addStretch(1)
        rest = QHBoxLayout()
        rest.setSpacing(theme.px(8))
        rest.addWidget(self.compare_button)
        rest.addWidget(self.show_button)
        rest.addWidget(self.remove_button)
        rest.addSpacing(theme.px(8))
        rest.addWidget(self.keep_switch)
        rest.addWidget(self._keep_label)
        rest.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(verdict)
        layout.addLayout(attach)
        layout.addLayout(rest)

    def _connect(self) -> None:
        self.workspace_box.currentIndexChanged.connect(self._on_workspace_chosen)
        self.attach_button.clicked.connect(self._on_attach)
        self.detach_button.clicked.connect(self._on_detach)
        self.keep_switch.toggled.connect(self._on_kept)
        self.compare_button.clicked.connect(self._on_compare)
        self.show_button.clicked.connect(self._on_show)
        self.remove_button.clicked.connect(self._on_remove)

    def _on_workspace_chosen(self) -> None:
        self._chosen_id = self.workspace_id
        self._show_mix()

    def _on_attach(self) -> None:
        if self._row is not None:
            self.attached.emit(self._row.adapter_id, self.workspace_id, self.weight.weight)

    def _on_detach(self) -> None:
        if self._row is not None:
            self.detached.emit(self._row.adapter_id, self.workspace_id)

    def _on_kept(self, is_kept: bool) -> None:  # a Qt slot
        if self._row is not None:
            self.kept.emit(self._row.adapter_id, is_kept)

    def _on_compare(self) -> None:
        if self._row is not None:
            self.compare_requested.emit(self._row.adapter_id)

    def _on_show(self) -> None:
        if self._row is not None:
            self.show_requested.emit(self._row.adapter_id)

    def _on_remove(self) -> None:
        if self._row is not None:
            self.remove_requested.emit(self._row.adapter_id)

    def _show_sign(self) -> None:
        row = self._row
        if row is None:
            return
        look: tuple[IconName, str] = ("check", "success")
        if row.stage is AdapterStage.REFUSED:
            look = ("warning", "danger")
        elif row.has_warning:
            look = ("warning", "warning")
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(pixmap(self._theme, look[0], look[1], _ICON_PX, ratio))

    def _restyle(self) -> None:
        theme = self._theme
        for label in (self.verdict, self._attach_label, self._keep_label):
            label.setFont(theme.font("interface"))
        for button in (
            self.attach_button,
            self.detach_button,
            self.compare_button,
            self.show_button,
            self.remove_button,
        ):
            button.setFont(theme.font("button"))
        self.weight.setMaximumWidth(theme.px(_WEIGHT_PX))
        self._show_sign()
