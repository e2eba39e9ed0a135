"""The context menu of a message: its actions, and by keyboard its code blocks and links.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.code_box import CodeBox
from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls
from realm_desktop.ui.chat.message_actions import MessageAction, enabled_actions
from realm_desktop.ui.chat.message_item import MessageItem

_MAX_ENTRIES = 12
_MAX_LABEL = 60


class MessageMenu(QMenu):
    """One use only; deletes itself when it closes.

    Attributes:
        action_requested: An action and the message's id.
        text_copied: Text for the clipboard.
        link_activated: An address.
        wrap_toggled: Message id, number of the code block, and whether it is in the thought.
        attachment_opened: Message id and number of the attachment.
    """

    action_requested = Signal(MessageAction, str)
    text_copied = Signal(str)
    link_activated = Signal(str)
    wrap_toggled = Signal(str, int, bool)
    attachment_opened = Signal(str, int)

    def __init__(
        self, item: MessageItem, selected_text: str, parent: QWidget, marked_text: str = ""
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._message_id = item.state.message.message_id
        if marked_text:
            self._add(self.tr("Copy all marked messages"), ("copy", marked_text))
        self._add_actions(item, selected_text)
        self._add_attachments(item)
        self._add_code(item)
        self._add_links(item)
        self.triggered.connect(self._on_triggered)

    def _add_actions(self, item: MessageItem, selected_text: str) -> None:
        if selected_text:
            self._add(self.tr("Copy selection"), ("copy", selected_text))
        enabled = enabled_actions(item.state)
        labels = self._labels()
        if item.state.message.is_starred:
            labels[MessageAction.STAR] = self.tr("Remove star")
        if item.state.blocks is not None:
            labels[MessageAction.MARK_TOKENS] = self.tr("Show the text without token marks")
        for action, label in labels.items():
            if action in enabled:
                self._add(label, ("action", action))

    def _labels(self) -> dict[MessageAction, str]:
        return {
            MessageAction.COPY: self.tr("Copy message"),
            MessageAction.COPY_MARKDOWN: self.tr("Copy as Markdown, thoughts included"),
            MessageAction.COPY_WITH_FILES: self.tr("Copy message with its files"),
            MessageAction.EDIT: self.tr("Edit…"),
            MessageAction.REGENERATE: self.tr("Regenerate"),
            MessageAction.REGENERATE_WITH: self.tr("Regenerate with…"),
            MessageAction.RUN_AGAIN: self.tr("Re-run exactly, and compare"),
            MessageAction.CONTINUE: self.tr("Continue"),
            MessageAction.STAR: self.tr("Star, to learn from"),
            MessageAction.COMPARE: self.tr("Compare…"),
            MessageAction.INSPECT: self.tr("Inspect tokens"),
            MessageAction.MARK_TOKENS: self.tr("Mark tokens in the text"),
            MessageAction.PREVIOUS: self.tr("Previous version"),
            MessageAction.NEXT: self.tr("Next version"),
            MessageAction.BRANCH: self.tr("New chat up to here"),
            MessageAction.INSERT: self.tr("Insert a message after…"),
            MessageAction.ROLE_USER: self.tr("Turn into a message of yours"),
            MessageAction.ROLE_ASSISTANT: self.tr("Turn into a reply"),
            MessageAction.ROLE_SYSTEM: self.tr("Turn into a system message"),
            MessageAction.DELETE: self.tr("Delete"),
            MessageAction.DELETE_BELOW: self.tr("Delete with everything below"),
        }

    def _add_attachments(self, item: MessageItem) -> None:
        attachments = item.state.message.attachments
        if attachments:
            self.addSeparator()
        for number, attachment in enumerate(attachments):
            label = self.tr("Show {0}").format(_label(attachment.name))
            self._add(label, ("attachment", number))

    def _add_code(self, item: MessageItem) -> None:
        boxes = [
            (number, in_thought, box)
            for in_thought in (True, False)
            for number, box in enumerate(item.text(in_thought=in_thought).boxes)
            if isinstance(box, CodeBox)
        ]
        if boxes:
            self.addSeparator()
        for number, in_thought, box in boxes[:_MAX_ENTRIES]:
            language = _label(box.block.language) or self.tr("code")
            lines = self.tr("%n line(s)", "", box.num_lines)
            self._add(self.tr("Copy {0}, {1}").format(language, lines), ("copy", box.text))
            if box.is_wide or box.is_wrapped:
                wrap = self.tr("Wrap long lines of {0}").format(language)
                self._add(wrap, ("wrap", (number, in_thought)), is_checked=box.is_wrapped)

    def _add_links(self, item: MessageItem) -> None:
        addresses: list[str] = []
        for box in (*item.thought.document.boxes, *item.document.boxes):
            if isinstance(box.block, TextBlock):
                addresses += [span.address for span in box.block.spans if span.address]
        unique = list(dict.fromkeys(addresses))[:_MAX_ENTRIES]
        if unique:
            self.addSeparator()
        for address in unique:
            self._add(self.tr("Open {0}").format(_label(address)), ("link", address))

    def _add(self, label: str, data: tuple[str, object], *, is_checked: bool | None = None) -> None:
        # Qt reads "&" as a mnemonic.
        action = self.addAction(label.replace("&", "&&"))
        action.setData(data)
        if is_checked is not None:
            action.setCheckable(True)
            action.setChecked(is_checked)

    def _on_triggered(self, action: QAction) -> None:
        kind, value = action.data()
        if kind == "action":
            self.action_requested.emit(value, self._message_id)
        elif kind == "copy":
            self.text_copied.emit(value)
        elif kind == "link":
            self.link_activated.emit(value)
        elif kind == "attachment":
            self.attachment_opened.emit(self._message_id, value)
        else:
            self.wrap_toggled.emit(self._message_id, *value)


def _label(text: str) -> str:
    shown = with_visible_controls(safe_text(text))
    return shown if len(shown) <= _MAX_LABEL else f"{shown[: _MAX_LABEL - 1]}…"
