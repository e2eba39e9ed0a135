"""What runs here: versions, engine, model, folder, licences; for a report of a fault.

What takes time is asked in other threads and processes: this one never imports torch. GUI thread.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QCloseEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from realm_desktop import __version__
from realm_desktop.components import Component, installed_components
from realm_desktop.errors import RealmError
from realm_desktop.library.backend_check import MachineCheck, check_machine, machine_report
from realm_desktop.library.updates import Updates
from realm_desktop.ui.dialogs.load_plan_texts import error_sentence
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.settings.update_box import UpdateBox
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.field_font import set_field_font
from realm_desktop.ui.widgets.sided_margins import sided_margins

_GAP_PX: Final = 6
_SECTION_PX: Final = 16

_Answer = TypeVar("_Answer")


class AboutPage(QScrollArea):
    """Facts under headings; every line can be selected and copied.

    Args:
        state: Of engine and model.
        settings_path: The settings file, in the data folder.
        updates: Newer versions.
        check: Asks the backends; called in another thread.
        report: Writes all that a report of a fault needs; called there too.

    Attributes:
        facts: What runs, as lines.
        updates: What is known of newer versions.
        licences: The works of others; read when the page is first seen.
        found: What the backends answered, or what came of the report.
    """

    def __init__(
        self,
        theme: Theme,
        state: ModelState,
        settings_path: Path,
        updates: Updates,
        *,
        check: Callable[[], MachineCheck] = check_machine,
        report: Callable[[Path], str] = machine_report,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self._settings_path = settings_path
        self.updates = UpdateBox(theme, updates)
        self._check = check
        self._report = partial(report, settings_path.parent)
        self._is_closed = self._has_licences = False
        self._fonts: list[tuple[QWidget, FontRole]] = []
        self._tasks = TaskKeeper(self)
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(sided_margins(0, 0, theme.px(12), 0))
        self._column.setSpacing(theme.px(_GAP_PX))
        self._fill()
        self._column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._restyle)
        state.changed.connect(self._show_facts)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the licences the first time."""
        super().showEvent(event)
        if not self._has_licences and self._tasks.can_start:
            self._has_licences = True
            self._tasks.start(self._show_licences())

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is still asked goes on; nobody hears the answer."""
        self._is_closed = True
        self.updates.end()
        super().closeEvent(event)

    def _fill(self) -> None:
        self._add(self.tr("Realm Desktop {}").format(__version__), "page-title")
        self._add(self.tr("Language models on your own machine. Apache-2.0 licence."))
        self.facts = self._add("", "stats", "muted")
        self._show_facts()
        self.check_button = self._button(self.tr("Check the backends"), self._on_check)
        self.check_button.setToolTip(self.tr("Compute a small network and compare; takes seconds"))
        self.copy_button = self._button(self.tr("Copy for a bug report"), self._on_copy)
        self.copy_button.setToolTip(
            self.tr("Versions, devices, memory and folders; nothing of your chats")
        )
        self._add_row(self.check_button, self.copy_button).addStretch(1)
        self.found = self._add("", "stats", "muted")
        self.found.hide()
        self._add_heading(self.tr("Updates"))
        self._column.addWidget(self.updates)
        self._add_heading(self.tr("Data folder"))
        self.folder = QLineEdit(str(self._settings_path.parent), self)
        self.folder.setReadOnly(True)
        self.folder.setCursorPosition(0)
        self.folder.setAccessibleName(self.tr("Data folder"))
        self._keep_font(self.folder, "interface")
        self.folder_button = self._button(self.tr("Show in folder"), self._on_folder)
        self._add_row(self.folder, self.folder_button)
        self._add_heading(self.tr("Works of others"))
        self.licences = self._add("", "stats", "muted")

    def _add_row(self, *widgets: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(_GAP_PX + 2))
        for widget in widgets:
            row.addWidget(widget)
        self._column.addLayout(row)
        return row

    def _add(self, text: str, role: FontRole = "interface", tone: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Selecting would let a click give the focus to lines that do nothing, some still empty.
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keep_font(label, role)
        self._column.addWidget(label)
        return label

    def _add_heading(self, text: str) -> None:
        self._column.addSpacing(self._theme.px(_SECTION_PX))
        self._add(text, "card-title")

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        self._keep_font(button, "button")
        return button

    def _keep_font(self, widget: QWidget, role: FontRole) -> None:
        set_field_font(widget, self._theme.font(role))
        self._fonts.append((widget, role))

    def _restyle(self) -> None:
        for widget, role in self._fonts:
            set_field_font(widget, self._theme.font(role))

    def _show_facts(self) -> None:
        python = self.tr("Python {} · Qt {}").format(platform.python_version(), qVersion())
        self.facts.setText("\n".join((python, *self._engine_lines(), *self._model_lines())))

    async def _show_licences(self) -> None:
        found = await asyncio.to_thread(installed_components)
        if not self._is_closed:
            self.licences.setText("\n".join(_component_line(one) for one in found))

    def _on_folder(self) -> None:
        show_in_folder(self._settings_path)

    def _on_check(self) -> None:
        self._say(self.tr("Checking…"), is_over=False)
        self._tasks.start(self._ask(self._check, self._check_text))

    def _on_copy(self) -> None:
        self._say(self.tr("Checking…"), is_over=False)
        self._tasks.start(self._ask(self._report, self._copied))

    async def _ask(self, question: Callable[[], _Answer], told: Callable[[_Answer], str]) -> None:
        """Ask in another thread; then say what came of it."""
        try:
            found = await asyncio.to_thread(question)
        except RealmError as error:
            text = sentences(error.message, error.advice)
        else:
            text = "" if self._is_closed else told(found)
        # Closed and deleted while the other process worked: nothing is left to show it in.
        if not self._is_closed:
            self._say(text, is_over=True)

    def _say(self, text: str, *, is_over: bool) -> None:
        self.found.setText(text)
        self.found.show()
        for button in (self.check_button, self.copy_button):
            button.setEnabled(is_over)

    def _copied(self, report: str) -> str:
        QGuiApplication.clipboard().setText(f"{self.facts.text()}\n\n{report}\n")
        return self.tr("Copied. Read it before you send it: it names folders of this machine.")

    def _check_text(self, found: MachineCheck) -> str:
        lines = []
        for backend in found.backends:
            error = self.locale().toString(backend.max_error, "g", 2)
            sound = self.tr("Attention on {}: {}, sound, largest error {}")
            wrong = self.tr("Attention on {}: {}, WRONG, largest error {}")
            text = sound if backend.is_sound else wrong
            lines.append(text.format(backend.device, backend.backend, error))
            lines += self._dropped(backend.not_used)
        if found.kernels:
            lines.append(self.tr("Compiled kernels: {}").format(found.kernels))
        elif found.why_no_kernels:
            lines.append(self.tr("No compiled kernels: {}").format(found.why_no_kernels))
        lines += [sentences(what, advice) for what, advice in found.problems]
        if not found.problems:
            lines.append(self.tr("Window, data folder and an engine of its own: nothing is wrong."))
        return "\n".join(lines)

    def _dropped(self, reasons: Sequence[str]) -> list[str]:
        text = self.tr("Failed the self-test, not used: {}")
        return [text.format(spoken(reason)) for reason in reasons]

    def _engine_lines(self) -> list[str]:
        engine = self._state.engine
        if engine is None:
            return [self.tr("The engine has not started yet.")]
        lines = [
            self.tr("Engine {} · torch {}").format(engine.engine_version, engine.torch_version),
            self.tr("Device {} · {} threads · process {}").format(
                engine.device, engine.num_threads, engine.process_id
            ),
        ]
        if self._state.device_note:
            lines.append(spoken(self._state.device_note))
        kernels = self.tr("Compiled kernels in use")
        lines.append(kernels if engine.has_kernels else self.tr("Compiled kernels not in use"))
        return [*lines, self.tr("The engine is stopped.")] if self._state.is_down else lines

    def _model_lines(self) -> list[str]:
        info = self._state.info
        if info is None:
            return [self.tr("No model is loaded.")]
        plan = self._state.plan_and_use
        memory = [] if plan is None else [self.tr("Memory: {}").format(error_sentence(*plan))]
        return [
            self.tr("Model {} · {} · {}").format(
                one_line(info.name), info.architecture, info.tensor_type
            ),
            self.tr("{} parameters · context {} tokens · {} · {}").format(
                count_text(info.num_parameters),
                count_text(info.context_length),
                info.compute_dtype,
                info.backend,
            ),
            self.tr("Weights {} · KV pool {}").format(
                bytes_text(info.weights_bytes), bytes_text(info.kv_bytes)
            ),
            *memory,
            *self._dropped(info.dropped_backends),
        ]


def _component_line(component: Component) -> str:
    name = f"{component.name} {component.version}"
    return f"{name} · {component.licence}" if component.licence else name
