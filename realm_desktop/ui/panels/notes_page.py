"""The Notes page of the right panel: what the user keeps beside a chat or a workspace. GUI thread."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QMimeData, QSignalBlocker, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QTextOption
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from realm_desktop.store.notes import NotesOwner
from realm_desktop.ui.chat.display_text import MAX_RUN, safe_text
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox

MAX_CHARACTERS: Final = 50_000
"""More is shown in part and cannot be edited: laying 100,000 out took 76 ms as one paragraph."""

_LONG_RUN: Final = re.compile(rf"\S{{{MAX_RUN + 1}}}")
_CHAT, _WORKSPACE = "conversation", "workspace"


class NotesField(QPlainTextEdit):
    """Plain text of any length up to `MAX_CHARACTERS`; Tab leaves it.

    Attributes:
        left: The user went elsewhere.
        overflowed: A paste was cut, because there was no room for all of it.
    """

    left = Signal()
    overflowed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)

    def show_text(self, text: str) -> None:
        """Show other notes; what was typed before cannot be undone any more."""
        self._choose_wrapping(text)
        self.setPlainText(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell it."""
        super().focusOutEvent(event)
        self.left.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take the plain text, as far as there is room."""
        kept = self.document().characterCount() - 1 - len(self.textCursor().selectedText())
        room = max(0, MAX_CHARACTERS - kept)
        text = source.text()
        self._choose_wrapping(text[:room])
        self.insertPlainText(safe_text(text[:room]))
        if len(text) > room:
            self.overflowed.emit()

    def _choose_wrapping(self, text: str) -> None:
        """Look for no word to break at where there is none: 100,000 letters took 1.9 s, without 65 ms."""
        modes = QTextOption.WrapMode
        if _LONG_RUN.search(text) is not None:
            self.setWordWrapMode(modes.WrapAnywhere)
        elif self.document().isEmpty() or self.isReadOnly():
            self.setWordWrapMode(modes.WrapAtWordBoundaryOrAnywhere)


class NotesPage(QWidget):
    """A choice between chat and workspace, the notes, and whether they are kept.

    Attributes:
        typed: The user changed the notes.
        left: The user went elsewhere: there is nothing to wait for.
        kind_chosen: Whose notes the user wants to see, as the kind of a `NotesOwner`.
    """

    typed = Signal()
    left = Signal()
    kind_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_whole = True
        self.owner_box = ChoiceBox(theme, (), self)
        self.owner_box.setAccessibleName(self.tr("Whose notes"))
        self.field = NotesField(self)
        self.field.setAccessibleName(self.tr("Notes"))
        self.field.setPlaceholderText(self.tr("What you want to keep beside the chat"))
        self.hint = self._label(self.tr("Saved while you type. No model reads them."), "muted")
        self.fault = self._label("", "danger")
        self.fault.hide()
        self._lay_out()
        self.owner_box.activated.connect(self._on_chosen)
        self.field.textChanged.connect(self._on_changed)
        self.field.left.connect(self.left)
        self.field.overflowed.connect(self._on_overflowed)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_waiting()

    @property
    def text(self) -> str:
        """The notes as they stand in the field."""
        return self.field.toPlainText()

    @property
    def is_editable(self) -> bool:
        """Whether what stands in the field is all of the notes."""
        return self._is_whole and self.field.isEnabled()

    def show_owners(self, workspace_name: str, owner: NotesOwner, *, has_chat: bool) -> None:
        """Offer whose notes there are, and say whose are shown."""
        blocker = QSignalBlocker(self.owner_box)
        self.owner_box.clear()
        if has_chat:
            self.owner_box.addItem(self.tr("Notes of this chat"), _CHAT)
        name = one_line(workspace_name)
        self.owner_box.addItem(self.tr("Notes of workspace {}").format(name), _WORKSPACE)
        self.owner_box.choose(owner.kind)
        blocker.unblock()
        self.owner_box.update()

    def show_waiting(self) -> None:
        """The notes are on their way from the disk."""
        self._show("", is_whole=True)
        self.field.setEnabled(False)

    def show_notes(self, text: str) -> None:
        """Show notes as they are stored."""
        self.field.setEnabled(True)
        is_whole = len(text) <= MAX_CHARACTERS
        self._show(safe_text(text[:MAX_CHARACTERS]), is_whole=is_whole)
        self.show_fault("" if is_whole else self._too_long(len(text)))

    def show_fault(self, text: str) -> None:
        """Say why notes are not kept; "" is nothing."""
        self.fault.setText(text)
        self.fault.setVisible(bool(text))

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page is shown, or the panel closes: keep what is written."""
        super().hideEvent(event)
        self.left.emit()

    def _show(self, text: str, *, is_whole: bool) -> None:
        self._is_whole = is_whole
        blocker = QSignalBlocker(self.field)
        # Before the text: long ones of others are laid out in the way that fits them.
        self.field.setReadOnly(True)
        self.field.show_text(text)
        self.field.setReadOnly(not is_whole)
        blocker.unblock()
        self.show_fault("")

    def _too_long(self, length: int) -> str:
        text = self.tr(
            "These notes have {} characters. The first {} are shown; edit them elsewhere."
        )
        return text.format(count_text(length), count_text(MAX_CHARACTERS))

    def _on_overflowed(self) -> None:
        text = self.tr("The text was cut: notes have room for {} characters.")
        self.show_fault(text.format(count_text(MAX_CHARACTERS)))

    def _on_changed(self) -> None:
        if self.is_editable:
            self.show_fault("")
            self.typed.emit()

    def _on_chosen(self) -> None:
        self.kind_chosen.emit(self.owner_box.value)

    def _label(self, text: str, tone: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        return label

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(8))
        layout.addWidget(self.owner_box)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.fault)
        layout.addWidget(self.hint)

    def _restyle(self) -> None:
        theme = self._theme
        font = theme.font("interface")
        self.field.setFont(font)
        # The placeholder is painted with the viewport's font, which an app's style sheet holds back.
        self.field.viewport().setFont(font)
        for label in (self.hint, self.fault):
            label.setFont(theme.font("stats"))
