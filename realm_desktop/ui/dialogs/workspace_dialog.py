"""The settings of a workspace: name, colour, share of the engine, its own values. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QPushButton, QScrollArea, QWidget

from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.errors import SettingsError
from realm_desktop.library.presets import Preset
from realm_desktop.protocol import MAX_WORKSPACE_WEIGHT
from realm_desktop.schema.resolution import resolve, with_preset, with_value, without_keys
from realm_desktop.schema.setting import Scope, Values
from realm_desktop.schema.table import of_parts
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.records import Workspace, WorkspacePriority
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.mix_rows import MixRows
from realm_desktop.ui.panels.model_box import ModelBox
from realm_desktop.ui.panels.model_rows import ModelRow
from realm_desktop.ui.quantities import file_title
from realm_desktop.ui.settings.editors import column
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.sided_margins import sided_margins

MAX_NAME_CHARACTERS = 120

_LEAST_WEIGHT = 0.01
_WIDTH_PX = 560
_HEIGHT_PX = 720


class WorkspaceDialog(FormDialog):
    """Edits a copy; nothing counts before Save.

    Attributes:
        saved: The workspace as it is to be.
        form: The rows of the schema.
        mixed: The rows of the adapters.
    """

    saved = Signal(object)

    def __init__(
        self,
        theme: Theme,
        workspace: Workspace,
        app_values: Values,
        shelves: Sequence[Shelf] = (),
        presets: Sequence[Preset] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Show `workspace`.

        Args:
            theme: Has colours, fonts and measures.
            workspace: Stays as it is.
            app_values: Hold where it has none.
            shelves: The adapters that it can mix.
            presets: Of which one may be chosen.
            parent: The window.
        """
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Workspace settings"))
        self._workspace = workspace
        self._app_values = app_values
        self._values = workspace.settings
        self._presets = {preset.name: preset for preset in presets}
        self._make_own_fields()
        self._make_form()
        self._add_own_rows()
        self._add_scrolled(shelves)
        self._add_buttons()
        self.finish()
        self.resize(theme.px(_WIDTH_PX), theme.px(_HEIGHT_PX))
        self._on_name_changed()
        self._show()

    def show_models(self, models: Sequence[ModelRow]) -> None:
        """Offer the models that can be loaded, beside those offered before."""
        for model in models:
            # SQLite keeps no lone surrogates; a model at such a path would be gone after a restart.
            if model.error is None and clean_text(model.path) == model.path:
                self.model_box.offer(model.path, model.text)

    def _make_form(self) -> None:
        """The rows of the schema."""
        parts = (part for name in ("system", "sampling", "speculation") for part in of_parts(name))
        self.form = SettingsForm(self._theme, (*parts, *of_parts("reply")), self)
        self.form.changed.connect(self._on_changed)
        self.form.reset_requested.connect(self._on_reset)

    def _add_buttons(self) -> None:
        cancel = self.add_button(self.tr("Cancel"))
        cancel.clicked.connect(self.close)
        self.save_button = self.add_button(self.tr("Save"), "primary")
        self.save_button.clicked.connect(self._on_save)
        self.name_field.textChanged.connect(self._on_name_changed)

    def _add_scrolled(self, shelves: Sequence[Shelf]) -> None:
        area = QScrollArea(self)
        area.setWidget(self._scrolled(shelves))
        area.setWidgetResizable(True)
        # Its parts take the focus and are scrolled to; a stop of its own would show no ring.
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout.addWidget(area, 1)

    def _scrolled(self, shelves: Sequence[Shelf]) -> QWidget:
        """The adapters above the rows of the schema."""
        theme = self._theme
        host = QWidget(self)
        layout = column(host, theme, 8)
        layout.setContentsMargins(sided_margins(0, 0, theme.px(12), 0))
        heading = self._label(self.tr("Adapters"), "label")
        heading.setProperty("tone", "muted")
        self.add_adapter_button = QPushButton(self.tr("Add adapter"), host)
        self.keep_font(self.add_adapter_button, "button")
        self.add_adapter_button.clicked.connect(self._on_add_adapter)
        rows = QWidget(host)
        self.mixed = MixRows(theme, column(rows, theme), rows)
        self.mixed.changed.connect(self._on_mixed)
        self.mixed.show_mix(self._workspace.adapters, shelves)
        layout.addWidget(heading)
        layout.addWidget(rows)
        layout.addWidget(self.add_adapter_button, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addWidget(self.form)
        # Without an adapter to mix there is nothing to say here.
        for part in (heading, rows, self.add_adapter_button):
            part.setVisible(bool(shelves))
        self._on_mixed()
        return host

    def _on_add_adapter(self) -> None:
        self.mixed.offer_below(self.add_adapter_button)

    def _on_mixed(self) -> None:
        self.add_adapter_button.setEnabled(bool(self.mixed.missing))

    def _make_own_fields(self) -> None:
        theme, workspace = self._theme, self._workspace
        self.name_field = QLineEdit(workspace.name, self)
        self.name_field.setMaxLength(MAX_NAME_CHARACTERS)
        self.keep_font(self.name_field, "interface")
        self.colour_box = ChoiceBox(theme, self._colours(), self)
        self.colour_box.choose(str(workspace.colour))
        self.priority_box = ChoiceBox(theme, self._priorities(), self)
        self.priority_box.choose(workspace.priority.value)
        self.model_box = ModelBox(theme, self.tr("Whichever is loaded"), self)
        self.model_box.offer(workspace.model_path, file_title(workspace.model_path))
        self.model_box.choose(workspace.model_path)
        names = [(name, one_line(name)) for name in self._presets]
        self.preset_box = ChoiceBox(theme, [("", self.tr("Choose…")), *names], self)
        self.preset_box.activated.connect(self._on_preset)
        self.weight_field = QDoubleSpinBox(self)
        self.weight_field.setRange(_LEAST_WEIGHT, MAX_WORKSPACE_WEIGHT)
        self.weight_field.setValue(workspace.weight)
        self.weight_field.lineEdit().setTextMargins(theme.px(8), 0, 0, 0)
        self.keep_font(self.weight_field, "interface")

    def _add_own_rows(self) -> None:
        """What no other scope has."""
        self.add_row(self.tr("Name"), "", self.name_field, is_wide=True)
        self.add_row(self.tr("Colour"), self.tr("A mark before the name"), self.colour_box)
        self.add_row(
            self.tr("Priority"),
            self.tr("Of its replies while another chat is in front"),
            self.priority_box,
        )
        self.add_row(
            self.tr("Weight"),
            self.tr("Share of the engine against workspaces of the same priority"),
            self.weight_field,
        )
        self.add_row(self.tr("Model"), self.tr("Loaded when a message needs it"), self.model_box)
        if self._presets:
            what = self.tr("Takes over all values below; they can be changed then")
            self.add_row(self.tr("Preset"), what, self.preset_box)
        self.preset_box.setVisible(bool(self._presets))

    def _colours(self) -> list[tuple[str, str]]:
        names = (
            self.tr("None"),
            self.tr("Violet"),
            self.tr("Pink"),
            self.tr("Orange"),
            self.tr("Olive"),
            self.tr("Blue"),
            self.tr("Green"),
        )
        return [(str(number), name) for number, name in enumerate(names)]

    def _priorities(self) -> list[tuple[str, str]]:
        return [
            (WorkspacePriority.HIGH.value, self.tr("High")),
            (WorkspacePriority.NORMAL.value, self.tr("Normal")),
            (WorkspacePriority.LOW.value, self.tr("Low")),
        ]

    def _show(self) -> None:
        resolved = resolve(self._app_values, self._values)
        self.form.show_values(resolved.values, resolved.scopes, Scope.WORKSPACE)

    def _on_changed(self, key: str, value: object) -> None:
        try:
            self._values = with_value(self._values, key, value)
        except SettingsError as error:
            self.form.rows[key].show_fault(error.message)
        else:
            self._show()

    def _on_preset(self) -> None:
        preset = self._presets.get(self.preset_box.value)
        if preset is not None:
            inherited = resolve(self._app_values, {})
            self._values = with_preset(self._values, preset.values, inherited)
            self.form.forget_faults()
            self._show()

    def _on_reset(self, key: str) -> None:
        self._values = without_keys(self._values, key)
        self._show()

    def _on_name_changed(self) -> None:
        self.save_button.setEnabled(bool(self.name_field.text().strip()))

    def _on_save(self) -> None:
        self.form.commit()
        changed = replace(
            self._workspace,
            name=self.name_field.text().strip(),
            colour=int(self.colour_box.value),
            priority=WorkspacePriority(self.priority_box.value),
            weight=self.weight_field.value(),
            model_path=self.model_box.value,
            settings=self._values,
            adapters=self.mixed.mix,
        )
        self.close()
        self.saved.emit(changed)
