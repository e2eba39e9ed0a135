"""The row of buttons under a message: versions, copy, edit, regenerate, continue, compare.

One live widget stands on the message it belongs to. GUI thread.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from realm_desktop.chat.rerun import can_run_again
from realm_desktop.protocol import Role
from realm_desktop.store.records import MessageId
from realm_desktop.thinking import answer_of
from realm_desktop.ui.chat.message_item import ItemState
from realm_desktop.ui.icons import IconName, icon, icon_size
from realm_desktop.ui.theme import Theme

_BUTTON_PX = 24
_ICON_PX = 15


class MessageAction(StrEnum):
    """What a user can do with a message."""

    PREVIOUS = "previous"
    NEXT = "next"
    COPY = "copy"
    EDIT = "edit"
    REGENERATE = "regenerate"
    CONTINUE = "continue"
    STAR = "star"
    COMPARE = "compare"
    INSPECT = "inspect"
    MARK_TOKENS = "mark_tokens"
    DELETE = "delete"
    COPY_WITH_FILES = "copy_with_files"
    COPY_MARKDOWN = "copy_markdown"
    REGENERATE_WITH = "regenerate_with"
    RUN_AGAIN = "run_again"
    BRANCH = "branch"
    INSERT = "insert"
    ROLE_USER = "role_user"
    ROLE_ASSISTANT = "role_assistant"
    ROLE_SYSTEM = "role_system"
    DELETE_BELOW = "delete_below"
    LEAVE_OUT = "leave_out"
    SHOW_TEMPLATE = "show_template"


_ICONS: dict[MessageAction, IconName] = {
    MessageAction.PREVIOUS: "chevron-left",
    MessageAction.NEXT: "chevron-right",
    MessageAction.COPY: "copy",
    MessageAction.EDIT: "pencil",
    MessageAction.REGENERATE: "regenerate",
    MessageAction.CONTINUE: "play",
    MessageAction.STAR: "star",
    MessageAction.COMPARE: "compare",
    MessageAction.INSPECT: "hash",
    MessageAction.DELETE: "trash",
}
"""Those that have a button below the message; the others stand in its menu alone."""

_ROLES: dict[Role, MessageAction] = {
    "user": MessageAction.ROLE_USER,
    "assistant": MessageAction.ROLE_ASSISTANT,
    "system": MessageAction.ROLE_SYSTEM,
}


def enabled_actions(state: ItemState) -> frozenset[MessageAction]:
    """What can be done with a message now."""
    message = state.message
    actions = {MessageAction.COPY} if message.content else set()
    if message.role == "assistant" and answer_of(message.content) != message.content:
        actions.add(MessageAction.COPY_MARKDOWN)
    if state.is_busy or state.is_streaming:
        return frozenset(actions)
    if state.is_lane:
        # Versions stand side by side there, and the lane itself has the rest.
        if message.role == "assistant":
            actions.add(MessageAction.REGENERATE)
        return frozenset(actions)
    if state.version > 0:
        actions.add(MessageAction.PREVIOUS)
    if state.version + 1 < state.num_versions:
        actions.add(MessageAction.NEXT)
    actions.update((MessageAction.DELETE, MessageAction.INSERT, MessageAction.BRANCH))
    actions.update(action for role, action in _ROLES.items() if role != message.role)
    if not state.is_last:
        actions.add(MessageAction.DELETE_BELOW)
    if message.attachments:
        actions.add(MessageAction.COPY_WITH_FILES)
    if message.role in ("user", "assistant"):
        actions.update((MessageAction.EDIT, MessageAction.STAR))
    if message.role == "assistant":
        actions.add(MessageAction.REGENERATE)
        if message.parent_id is not None:
            actions.add(MessageAction.REGENERATE_WITH)
    if message.role == "user":
        actions.add(MessageAction.COMPARE)
    if can_run_again(message):
        actions.add(MessageAction.RUN_AGAIN)
    if state.can_continue:
        actions.add(MessageAction.CONTINUE)
    if state.has_tokens:
        actions.update((MessageAction.INSPECT, MessageAction.MARK_TOKENS))
    return frozenset(actions)


class ActionButton(QToolButton):
    """One button of a row.

    Attributes:
        focused: The focus came by keyboard.
    """

    focused = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys of messages to the list: a button takes every arrow for itself."""
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell it if the user came here by keyboard."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focused.emit()


class MessageActions(QWidget):
    """Buttons for one message; the view moves it about.

    Attributes:
        requested: An action and the id of the message it is for.
        dragged: The pointer left the Copy button with its button down; id of the message.
        focused: The keyboard brought the focus to a button; id of the message.
    """

    requested = Signal(MessageAction, str)
    dragged = Signal(str)
    focused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.message_id: MessageId | None = None
        self._theme = theme
        self._is_starred = False
        self._buttons = {action: self._new_button(action) for action in _ICONS}
        copy = self._buttons[MessageAction.COPY]
        copy.setToolTip(self.tr("Copy; drag it out for a file"))
        copy.installEventFilter(self)
        self._version = QLabel(self)
        self._version.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(2))
        row.addWidget(self._buttons[MessageAction.PREVIOUS])
        row.addWidget(self._version)
        for action in list(_ICONS)[1:]:
            row.addWidget(self._buttons[action])
        self._apply_theme()
        theme.changed.connect(self._apply_theme)

    def set_message(self, state: ItemState) -> None:
        """Show the buttons of a message; what cannot be done now is hidden or disabled."""
        self.message_id = state.message.message_id
        enabled = enabled_actions(state)
        has_versions = state.num_versions > 1
        for action, button in self._buttons.items():
            is_switch = action in (MessageAction.PREVIOUS, MessageAction.NEXT)
            button.setVisible(has_versions if is_switch else action in enabled)
            button.setEnabled(action in enabled)
        self._show_star(is_starred=state.message.is_starred)
        self._version.setVisible(has_versions)
        self._version.setText(f"{state.version + 1}/{state.num_versions}")
        words = self.tr("Version {number} of {count}")
        self._version.setAccessibleName(
            words.format(number=state.version + 1, count=state.num_versions)
        )
        self.adjustSize()

    def _show_star(self, *, is_starred: bool) -> None:
        self._is_starred = is_starred
        button = self._buttons[MessageAction.STAR]
        name = self.tr("Remove star") if is_starred else self._names()[MessageAction.STAR]
        button.setAccessibleName(name)
        button.setToolTip(name)
        tone = "accent" if is_starred else "text-muted"
        button.setIcon(icon(self._theme, _ICONS[MessageAction.STAR], tone, _ICON_PX))

    def _new_button(self, action: MessageAction) -> ActionButton:
        button = ActionButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self._names()[action])
        button.setToolTip(self._names()[action])
        button.setProperty("action", action.value)
        button.clicked.connect(self._on_clicked)
        button.focused.connect(self._on_focused)
        return button

    def _names(self) -> dict[MessageAction, str]:
        return {
            MessageAction.PREVIOUS: self.tr("Previous version"),
            MessageAction.NEXT: self.tr("Next version"),
            MessageAction.COPY: self.tr("Copy"),
            MessageAction.EDIT: self.tr("Edit"),
            MessageAction.REGENERATE: self.tr("Regenerate"),
            MessageAction.CONTINUE: self.tr("Continue"),
            MessageAction.STAR: self.tr("Star, to learn from"),
            MessageAction.COMPARE: self.tr("Compare…"),
            MessageAction.INSPECT: self.tr("Inspect tokens"),
            MessageAction.DELETE: self.tr("Delete"),
        }

    def _on_clicked(self) -> None:
        if self.message_id is not None:
            action = MessageAction(self.sender().property("action"))
            self.requested.emit(action, self.message_id)

    def _on_focused(self) -> None:
        if self.message_id is not None:
            self.focused.emit(self.message_id)

    def _icon_name(self, action: MessageAction) -> IconName:
        """The icon of an action; the versions before lie on the side the window begins on."""
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            turned = {MessageAction.PREVIOUS: MessageAction.NEXT}
            turned[MessageAction.NEXT] = MessageAction.PREVIOUS
            action = turned.get(action, action)
        return _ICONS[action]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the Copy button be dragged."""
        button = self._buttons[MessageAction.COPY]
        is_move = event.type() == QEvent.Type.MouseMove and watched is button
        if is_move and isinstance(event, QMouseEvent) and self.message_id is not None:
            # Left by the pointer, the button is not down any more; only who holds it still is.
            is_left = not button.rect().contains(event.position().toPoint())
            if is_left and event.buttons() & Qt.MouseButton.LeftButton:
                button.setDown(False)
                self.dragged.emit(self.message_id)
                return True
        return super().eventFilter(watched, event)

    def _apply_theme(self) -> None:
        side = self._theme.px(_BUTTON_PX)
        for action, button in self._buttons.items():
            button.setFixedSize(side, side)
            button.setIcon(icon(self._theme, self._icon_name(action), "text-muted", _ICON_PX))
            button.setIconSize(icon_size(self._theme, _ICON_PX))
        self._show_star(is_starred=self._is_starred)
        self._version.setFont(self._theme.font("stats"))
        self._version.setProperty("tone", "muted")
