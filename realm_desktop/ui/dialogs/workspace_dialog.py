"""Name, system prompt and sampling of a workspace. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.records import Workspace
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme

FieldT = TypeVar("FieldT", bound=QAbstractSpinBox)

MAX_NAME_CHARACTERS = 120

_FIELD_PX = 110
_PROMPT_PX = 96
_NO_LIMIT = 0
_MAX_TOKENS = 2**31 - 1


class WorkspaceDialog(FormDialog):
    """Edits a copy; nothing counts before Save.

    Attributes:
        saved: The workspace as it is to be.
    """

    saved = Signal(object)

    def __init__(self, theme: Theme, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Workspace settings"))
        self._workspace = workspace
        self.name_field = QLineEdit(workspace.name, self)
        self.name_field.setMaxLength(MAX_NAME_CHARACTERS)
        self.prompt_field = QPlainTextEdit(workspace.system_prompt, self)
        self.prompt_field.setTabChangesFocus(True)
        self.prompt_field.setFixedHeight(theme.px(_PROMPT_PX))
        for field in (self.name_field, self.prompt_field):
            field.setFont(theme.font("interface"))
        sampling = workspace.sampling
        self.temperature_field = self._decimal(0.0, 100.0, sampling.temperature, 0.05)
        self.top_p_field = self._decimal(0.0, 1.0, sampling.top_p, 0.01)
        self.min_p_field = self._decimal(0.0, 1.0, sampling.min_p, 0.01)
        self.penalty_field = self._decimal(0.01, 100.0, sampling.repetition_penalty, 0.05)
        self.top_k_field = self._whole(sampling.top_k, self.tr("All"))
        self.max_tokens_field = self._whole(sampling.max_tokens or _NO_LIMIT, self.tr("No limit"))
        self._add_rows()
        cancel = self.add_button(self.tr("Cancel"))
        cancel.clicked.connect(self.close)
        self.save_button = self.add_button(self.tr("Save"), "primary")
        self.save_button.clicked.connect(self._on_save)
        self.name_field.textChanged.connect(self._on_name_changed)
        self.finish()
        self.setMinimumWidth(theme.px(520))
        self._on_name_changed()

    def _add_rows(self) -> None:
        self.add_row(self.tr("Name"), "", self.name_field, is_wide=True)
        self.add_row(
            self.tr("System prompt"),
            self.tr("Stands before every chat of this workspace, from the next message on"),
            self.prompt_field,
            is_wide=True,
        )
        self.add_row(
            self.tr("Temperature"),
            self.tr("0 takes the likeliest token; higher is more varied"),
            self.temperature_field,
        )
        self.add_row(
            self.tr("Top k"), self.tr("Keep so many of the likeliest tokens"), self.top_k_field
        )
        self.add_row(
            self.tr("Top p"),
            self.tr("Keep the smallest set with this probability"),
            self.top_p_field,
        )
        self.add_row(
            self.tr("Min p"),
            self.tr("Drop tokens below this part of the best one's probability"),
            self.min_p_field,
        )
        self.add_row(
            self.tr("Repetition penalty"),
            self.tr("1 is off; higher avoids what was said already"),
            self.penalty_field,
        )
        self.add_row(self.tr("Longest reply"), self.tr("In tokens"), self.max_tokens_field)

    def _decimal(self, low: float, high: float, value: float, step: float) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setDecimals(2)
        field.setRange(low, high)
        field.setSingleStep(step)
        field.setValue(value)
        return self._finish_field(field)

    def _whole(self, value: int, text_for_zero: str) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(0, _MAX_TOKENS)
        field.setSpecialValueText(text_for_zero)
        field.setGroupSeparatorShown(True)
        field.setValue(value)
        return self._finish_field(field)

    def _finish_field(self, field: FieldT) -> FieldT:
        field.setFixedWidth(self._theme.px(_FIELD_PX))
        field.setFont(self._theme.font("interface"))
        field.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)
        return field

    def _on_name_changed(self) -> None:
        self.save_button.setEnabled(bool(self.name_field.text().strip()))

    def _on_save(self) -> None:
        sampling: SamplingParams = replace(
            self._workspace.sampling,
            temperature=self.temperature_field.value(),
            top_k=self.top_k_field.value(),
            top_p=self.top_p_field.value(),
            min_p=self.min_p_field.value(),
            repetition_penalty=self.penalty_field.value(),
            max_tokens=self.max_tokens_field.value() or None,
        )
        workspace = replace(
            self._workspace,
            name=self.name_field.text().strip(),
            system_prompt=self.prompt_field.toPlainText(),
            sampling=sampling,
        )
        self.close()
        self.saved.emit(workspace)
