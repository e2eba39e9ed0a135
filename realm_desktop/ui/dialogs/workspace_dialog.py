"""Name and system prompt of a workspace. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from realm_desktop.schema.resolution import Resolved, with_value
from realm_desktop.store.records import Workspace
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme

MAX_NAME_CHARACTERS = 120

_PROMPT_KEY = "system.prompt"
_PROMPT_PX = 96


class WorkspaceDialog(FormDialog):
    """Edits a copy; nothing counts before Save.

    Attributes:
        saved: The workspace as it is to be.
    """

    saved = Signal(object)

    def __init__(
        self, theme: Theme, workspace: Workspace, settings: Resolved, parent: QWidget | None = None
    ) -> None:
        """Show `workspace`, whose values are `settings`, those of the app included."""
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Workspace settings"))
        self._workspace = workspace
        self._settings = settings
        self.name_field = QLineEdit(workspace.name, self)
        self.name_field.setMaxLength(MAX_NAME_CHARACTERS)
        self.prompt_field = QPlainTextEdit(settings[_PROMPT_KEY], self)
        self.prompt_field.setTabChangesFocus(True)
        self.prompt_field.setFixedHeight(theme.px(_PROMPT_PX))
        for field in (self.name_field, self.prompt_field):
            field.setFont(theme.font("interface"))
        self.add_row(self.tr("Name"), "", self.name_field, is_wide=True)
        self.add_row(
            self.tr("System prompt"),
            self.tr("Stands before every chat of this workspace, from the next message on"),
            self.prompt_field,
            is_wide=True,
        )
        more = self.tr("Everything else is in the panel beside a chat (Ctrl+Alt+B).")
        self.add_text(more, "stats", "muted")
        cancel = self.add_button(self.tr("Cancel"))
        cancel.clicked.connect(self.close)
        self.save_button = self.add_button(self.tr("Save"), "primary")
        self.save_button.clicked.connect(self._on_save)
        self.name_field.textChanged.connect(self._on_name_changed)
        self.finish()
        self.setMinimumWidth(theme.px(520))
        self._on_name_changed()

    def _on_name_changed(self) -> None:
        self.save_button.setEnabled(bool(self.name_field.text().strip()))

    def _on_save(self) -> None:
        values = self._workspace.settings
        prompt = self.prompt_field.toPlainText()
        # A prompt that was not touched goes on following the app's.
        if prompt != self._settings[_PROMPT_KEY]:
            values = with_value(values, _PROMPT_KEY, prompt)
        name = self.name_field.text().strip()
        self.close()
        self.saved.emit(replace(self._workspace, name=name, settings=values))
