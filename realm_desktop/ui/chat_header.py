"""The line above a conversation: its title, the model, and how full the context is.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedLayout, QToolButton, QWidget

from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import context_text, file_title
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_button import AdapterButton
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.model_pill import ModelPill
from realm_desktop.ui.widgets.sided_margins import sided_margins
from realm_desktop.ui.widgets.token_meter import TokenMeter

HEIGHT_PX: Final = 40
MIN_TITLE_PX: Final = 80

_ROOMY_PX: Final = 480


class ChatHeader(QWidget):
    """Header of the shown chat.

    Attributes:
        model_requested: The pill was pressed.
        renamed: The new title.
        menu_requested: "•••" was pressed.
        panel_requested: The button of the adapters was pressed.
        context_requested: The token meter was pressed.
        find_requested: The button of the search was pressed.
        compare_requested: The button of the lanes was pressed.
        split_requested: This chat is to stand beside the others.
        overrides_requested: What the chat has of its own is to be listed: keys, and below what.
    """

    model_requested = Signal()
    renamed = Signal(str)
    menu_requested = Signal()
    panel_requested = Signal()
    context_requested = Signal()
    find_requested = Signal()
    compare_requested = Signal()
    split_requested = Signal()
    overrides_requested = Signal(tuple, object)

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self._num_tokens = 0
        self._overrides: tuple[str, ...] = ()
        self._wanted = ""
        self.title = ElidedLabel(theme, "chat-title", "text", self, min_px=MIN_TITLE_PX)
        self.title_field = QLineEdit(self)
        self.pill = ModelPill(theme, self)
        self.meter = TokenMeter(theme, self)
        self.adapters_button = AdapterButton(theme, self)
        self.overrides_button = QToolButton(self)
        self.find_button = QToolButton(self)
        self.compare_button = QToolButton(self)
        self.split_button = QToolButton(self)
        self.more_button = QToolButton(self)
        self._titles = QStackedLayout()
        self._name_parts()
        self._lay_out()
        self._connect()
        self._restyle()
        self.show_model()
        self.show_chat("", 0)
        self.show_overrides(())

    def show_chat(self, title: str, num_tokens: int) -> None:
        """Show a chat: its title, and the tokens of its last prompt and reply (0: not known)."""
        self.title.set_text(one_line(title) or self.tr("New chat"))
        self._num_tokens = num_tokens
        self._show_meter()

    def show_overrides(self, keys: tuple[str, ...]) -> None:
        """Show a mark if the chat has settings that are not those of its workspace."""
        self._overrides = keys
        text = self.tr("%Ln settings differ from the workspace", "", len(keys))
        self.overrides_button.setAccessibleName(text)
        self.overrides_button.setToolTip(text)
        self.overrides_button.setVisible(bool(keys))

    def show_wanted(self, name: str) -> None:
        """Name the model of the workspace, which is not the loaded one; empty if there is none such."""
        if name != self._wanted:
            self._wanted = name
            self.show_model()

    def show_model(self) -> None:
        """Show the model as it is now: loaded, loading or none."""
        state = self._state
        if state.progress is not None:
            name = one_line(file_title(state.progress.path))
            percent = self.tr("{} %").format(round(100 * state.progress.fraction))
            self.pill.show_model(name, percent, state.progress.fraction)
        elif self._wanted:
            self.pill.show_model(one_line(self._wanted), self.tr("not loaded"))
        elif state.info is not None:
            info = state.info
            detail = f"{info.tensor_type} · {context_text(info.context_length)}"
            self.pill.show_model(one_line(info.name), detail, draft=one_line(info.draft_name))
        else:
            self.pill.show_model(self.tr("No model"))
        self._show_meter()

    def show_adapters(self, slots: tuple[int, ...]) -> None:
        """Show the letters of the adapters that the next message uses."""
        self.adapters_button.show_slots(slots)

    def edit_title(self) -> None:
        """Turn the title into a field."""
        self.title_field.setText(self.title.text)
        self._titles.setCurrentWidget(self.title_field)
        self.title_field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.title_field.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave search, lanes and splitting to the menu in a narrow pane."""
        super().resizeEvent(event)
        is_roomy = event.size().width() >= self._theme.px(_ROOMY_PX)
        for button in (self.find_button, self.compare_button, self.split_button):
            button.setVisible(is_roomy)
        self._fit_meter()

    def _fit_meter(self) -> None:
        """Give the title the room of figures that would be cut."""
        meter, layout = self.meter, self.layout()
        if layout is not None and not meter.isHidden():
            rest = layout.sizeHint().width() - meter.sizeHint().width()
            meter.set_brief(is_brief=rest + meter.full_width > self.width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the field keeps the old title."""
        if (
            watched is self.title_field
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.title_field.setText(self.title.text)
            self._titles.setCurrentWidget(self.title)
            return True
        return super().eventFilter(watched, event)

    def _name_parts(self) -> None:
        self.title_field.setAccessibleName(self.tr("New title"))
        self.find_button.setAccessibleName(self.tr("Find in chat"))
        self.find_button.setToolTip(self.tr("Find in chat"))
        self.compare_button.setAccessibleName(self.tr("Compare lanes"))
        self.compare_button.setToolTip(self.tr("Compare lanes"))
        self.split_button.setAccessibleName(self.tr("Split"))
        self.split_button.setToolTip(self.tr("Show this chat beside the others"))
        self.more_button.setAccessibleName(self.tr("More actions for this chat"))
        self.more_button.setToolTip(self.tr("More"))
        names: tuple[tuple[QWidget, ActionName], ...] = (
            (self.pill, "choose-model"),
            (self.adapters_button, "toggle-panel"),
            (self.find_button, "find-in-chat"),
            (self.compare_button, "compare"),
            (self.split_button, "split-right"),
        )
        for widget, name in names:
            name_action(widget, name)

    def _lay_out(self) -> None:
        self._titles.addWidget(self.title)
        self._titles.addWidget(self.title_field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(sided_margins(16, 0, 8, 0))
        layout.setSpacing(8)
        layout.addLayout(self._titles, 1)
        for widget in (
            self.pill,
            self.overrides_button,
            self.adapters_button,
            self.meter,
            self.compare_button,
            self.split_button,
            self.find_button,
            self.more_button,
        ):
            layout.addWidget(widget)
        self.setProperty("surface", "header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.title.double_clicked.connect(self.edit_title)
        self.title_field.installEventFilter(self)
        self.title_field.editingFinished.connect(self._on_title_edited)
        self.pill.clicked.connect(self.model_requested)
        self.adapters_button.clicked.connect(self.panel_requested)
        self.overrides_button.clicked.connect(self._on_overrides)
        self.meter.clicked.connect(self.context_requested)
        self.find_button.clicked.connect(self.find_requested)
        self.compare_button.clicked.connect(self.compare_requested)
        self.split_button.clicked.connect(self.split_requested)
        self.more_button.clicked.connect(self.menu_requested)
        self._state.changed.connect(self.show_model)
        self._theme.changed.connect(self._restyle)

    def _on_title_edited(self) -> None:
        # Qt tells the end of editing again when the field loses the focus by being hidden.
        if self._titles.currentWidget() is not self.title_field:
            return
        self._titles.setCurrentWidget(self.title)
        title = self.title_field.text().strip()
        if title and title != self.title.text:
            self.renamed.emit(title)

    def _on_overrides(self) -> None:
        self.overrides_requested.emit(self._overrides, self.overrides_button)

    def _show_meter(self) -> None:
        info = self._state.info
        self.meter.show_tokens(self._num_tokens, 0 if info is None else info.context_length)
        self._fit_meter()

    def _restyle(self) -> None:
        theme = self._theme
        self.setFixedHeight(theme.px(HEIGHT_PX))
        self.title_field.setFont(theme.font("interface"))
        self.find_button.setIcon(icon(theme, "search"))
        self.compare_button.setIcon(icon(theme, "compare"))
        self.split_button.setIcon(icon(theme, "split"))
        self.more_button.setIcon(icon(theme, "more"))
        self.overrides_button.setIcon(icon(theme, "sliders", "accent-ink"))
        tools = (self.find_button, self.compare_button, self.split_button, self.more_button)
        for button in (*tools, self.overrides_button):
            button.setIconSize(icon_size(theme))
            button.setFixedSize(theme.px(28), theme.px(28))
