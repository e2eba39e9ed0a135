"""Where a message is written: text field, Send and Stop, what waits, what goes with it.

Emits what the user wants and decides nothing. GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Final, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from realm_desktop.events import ErrorInfo
from realm_desktop.settings import SendKey
from realm_desktop.store.records import Attachment, UserTurn
from realm_desktop.ui.chat.attachment_chips import AttachmentChips, ChipState
from realm_desktop.ui.chat.composer_adapters import ComposerAdapters
from realm_desktop.ui.chat.composer_edit import MAX_PASTE, ComposerEdit
from realm_desktop.ui.chat.composer_frame import ComposerFrame
from realm_desktop.ui.chat.composer_notice import ComposerNotice
from realm_desktop.ui.chat.composer_rows import ComposerRow
from realm_desktop.ui.chat.display_text import MAX_RUN, fragments, safe_text
from realm_desktop.ui.icons import IconName, icon, icon_size
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel

SEND_PX: Final = (84, 32)
_AROUND_WORD_PX: Final = 46
"""Icon, its gap, padding and border of the button."""
_MAX_EDIT = 20_000
_TOOL_PX = 32
_ROW_TEXT = 400


class ComposerState(NamedTuple):
    """What the composer shows of the chat.

    Attributes:
        is_busy: Stop instead of Send; sending queues.
        can_stop: False while the stop is under way.
        placeholder: Shown in the empty field.
        can_queue: Whether what is sent while busy waits; else it is refused.
    """

    is_busy: bool = False
    can_stop: bool = True
    placeholder: str = ""
    can_queue: bool = True


class Composer(QWidget):
    """The lower part of a chat.

    Attributes:
        submitted: The text to send, blank only with attachments; `clear` follows once it is saved.
        stop_requested: As it says.
        previous_requested: Edit the last message of the user.
        edit_cancelled: The message that was edited stays as it is.
        queued_removed: Number of the waiting text to take back.
        text_changed: Anything that `text` gives.
        attach_requested: Choose files.
        files_offered: Paths of files that were pasted.
        attachments_changed: Anything that `attachments` gives.
        thinking_chosen: Whether the next replies are to be thought over.
    """

    submitted = Signal(str)
    stop_requested = Signal()
    previous_requested = Signal()
    edit_cancelled = Signal()
    queued_removed = Signal(int)
    text_changed = Signal()
    attach_requested = Signal()
    files_offered = Signal(list)
    attachments_changed = Signal()
    thinking_chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = ComposerState()
        self._send_key: SendKey = "enter"
        self._long_text = ""
        self._attachments: tuple[Attachment, ...] = ()
        self._counts: dict[Attachment, int] = {}
        self._queued: tuple[UserTurn, ...] = ()
        self._is_editing = False
        self._is_thinking: bool | None = None
        self._frame = ComposerFrame(theme, self)
        self.attach_button = QToolButton(self._frame)
        self.adapters_button = ComposerAdapters(theme, self._frame)
        self.thinking_button = QToolButton(self._frame)
        self.edit = ComposerEdit(theme, self._frame)
        self.button = QPushButton(self._frame)
        self._rows = QVBoxLayout()
        self.chips = AttachmentChips(theme, self)
        self._notice = ComposerNotice(theme, self)
        self._count = QLabel(self)
        self._hint = ElidedLabel(theme, "stats", "text-muted", self)
        self._arrange()
        self._connect()
        self._apply_theme()

    @property
    def text(self) -> str:
        """Everything that would be sent: a text too long for the field, then what is typed."""
        parts = [self._long_text, self.edit.toPlainText()]
        return "\n\n".join(part for part in parts if part.strip())

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files that would be sent."""
        return self._attachments

    @property
    def notice(self) -> str:
        """Why something did not work; empty when all is well."""
        return self._notice.text

    @property
    def count(self) -> str:
        """How many tokens all of it is, in words; empty where that is not known."""
        return self._count.text()

    @property
    def is_editing(self) -> bool:
        """Whether the text is that of a message sent before."""
        return self._is_editing

    def set_text(self, text: str, limit: int = MAX_PASTE) -> None:
        """Replace everything; text too long for the field becomes a chip."""
        is_heavy = len(text) > limit or (len(text) > MAX_RUN and len(fragments(text)) > 1)
        self._long_text = text if is_heavy else ""
        self.edit.setPlainText("" if is_heavy else text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self._fill_rows()

    def clear(self) -> None:
        """Empty the field after its text was saved."""
        # Before the end of an edit: the files of that message are not those of the next one.
        self.set_attachments(())
        self._is_editing = False
        self.set_text("")
        self.show_notice("")

    def begin_edit(self, turn: UserTurn) -> None:
        """Put what was sent before into the field."""
        self._is_editing = True
        self.set_text(turn.text, _MAX_EDIT)
        self.set_attachments(turn.attachments)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Replace the files that go with the message."""
        if tuple(attachments) != self._attachments:
            self._attachments = tuple(attachments)
            self._show_chips()
            self.attachments_changed.emit()

    def show_counts(self, counts: Mapping[Attachment, int]) -> None:
        """Show how many tokens the files have, as far as that is known."""
        self._counts = dict(counts)
        self._show_chips()

    def show_count(self, words: str) -> None:
        """Tell how many tokens all of it is; empty where that is not known."""
        self._count.setText(words)

    def show_drop(self, *, is_offered: bool) -> None:
        """Light up while files are held above the chat."""
        self._frame.set_lit(is_lit=is_offered)

    def set_state(self, state: ComposerState) -> None:
        """Show another state; the button keeps its place and size."""
        self._state = state
        self.edit.setPlaceholderText(state.placeholder)
        self._refresh_button()

    def show_thinking(self, is_on: bool | None) -> None:
        """Show whether the next reply is thought over; None where that cannot be chosen."""
        self._is_thinking = is_on
        self.thinking_button.setVisible(is_on is not None)
        self.thinking_button.setChecked(bool(is_on))
        on, off = (
            self.tr("The model thinks before it answers"),
            self.tr("The model answers at once"),
        )
        self.thinking_button.setToolTip(on if is_on else off)
        token = "accent-ink" if is_on else "text-muted"
        self.thinking_button.setIcon(icon(self._theme, "thinking", token, 16))

    def set_send_key(self, send_key: SendKey) -> None:
        """Choose which key sends."""
        self._send_key = send_key
        self.edit.set_send_key(send_key)
        self._refresh_button()

    def set_queued(self, queue: tuple[UserTurn, ...]) -> None:
        """Show what is sent after this reply."""
        if queue != self._queued:
            self._queued = queue
            self._fill_rows()

    def show_notice(self, text: str) -> None:
        """Say why something did not work; empty takes it away."""
        self._notice.show_text(text)

    def show_failure(self, error: ErrorInfo) -> None:
        """Say what went wrong, with the way to what helps; `show_notice` takes it away."""
        self._notice.show_failure(error)

    def _arrange(self) -> None:
        px = self._theme.px
        tools = (self.attach_button, self.adapters_button, self.thinking_button)
        self._frame.hold(tools, self.edit, self.button)
        foot = QHBoxLayout()
        foot.setContentsMargins(px(8), 0, px(8), 0)
        foot.setSpacing(px(16))
        foot.addWidget(self._notice, 1)
        foot.addWidget(self._count)
        foot.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        self._rows.setSpacing(px(4))
        column.addLayout(self._rows)
        column.addWidget(self.chips)
        column.addWidget(self._frame)
        column.addLayout(foot)
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setProperty("tone", "muted")
        self.attach_button.setAccessibleName(self.tr("Attach files"))
        self.attach_button.setToolTip(self.tr("Attach text or code files; or drop them here"))
        self.thinking_button.setAccessibleName(self.tr("Thinking"))
        self.thinking_button.setCheckable(True)
        self.setFocusProxy(self.edit)

    def _connect(self) -> None:
        self.edit.submitted.connect(self._on_submitted)
        self.edit.previous_requested.connect(self.previous_requested)
        self.edit.pasted.connect(self._on_pasted)
        self.edit.files_offered.connect(self.files_offered)
        self.attach_button.clicked.connect(self.attach_requested)
        self.thinking_button.clicked.connect(self.thinking_chosen)
        self.chips.removed.connect(self._on_attachment_removed)
        self.chips.inserted.connect(self._on_attachment_inserted)
        self.edit.focus_changed.connect(self._frame.set_field_focused)
        self.edit.textChanged.connect(self._on_text_changed)
        self.button.clicked.connect(self._on_clicked)
        self._theme.changed.connect(self._apply_theme)

    def _on_submitted(self) -> None:
        text = self.text
        if text.strip() or self._attachments:
            self.submitted.emit(text)

    def _on_clicked(self) -> None:
        if self._state.is_busy:
            self.stop_requested.emit()
        else:
            self._on_submitted()

    def _on_pasted(self, text: str) -> None:
        """Attach a text that is too long for the field."""
        names = {attachment.name for attachment in self._attachments}
        names_of_pastes = (self.tr("Pasted text {0}.txt").format(n) for n in count(1))
        name = next(name for name in names_of_pastes if name not in names)
        self.set_attachments((*self._attachments, Attachment(name, text)))

    def _on_text_changed(self) -> None:
        self._refresh_button()
        self.text_changed.emit()

    def _on_long_text_removed(self) -> None:
        self._long_text = ""
        self._fill_rows()
        self.text_changed.emit()

    def _on_attachment_removed(self, number: int) -> None:
        left = [a for place, a in enumerate(self._attachments) if place != number]
        self.set_attachments(left)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_attachment_inserted(self, number: int) -> None:
        """Put a file's text where the cursor is, in place of the chip."""
        text = self._attachments[number].text
        self.edit.insertPlainText(safe_text(text))
        self._on_attachment_removed(number)

    def _show_chips(self) -> None:
        states = [ChipState(one, self._counts.get(one)) for one in self._attachments]
        self.chips.show_chips(states)
        self._refresh_button()

    def _on_edit_removed(self) -> None:
        self.edit_cancelled.emit()

    def _fill_rows(self) -> None:
        """Make the rows above the field anew; there are few."""
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for number, turn in enumerate(self._queued):
            label = self.tr("Sends after this reply")
            words = [turn.text[:_ROW_TEXT], *(attachment.name for attachment in turn.attachments)]
            row = self._new_row("hourglass", label, " · ".join(filter(None, words)), number)
            row.removed.connect(self.queued_removed)
        if self._is_editing:
            row = self._new_row("pencil", self.tr("Editing: sending makes a new version"), "", 0)
            row.removed.connect(self._on_edit_removed)
        if self._long_text:
            size = self.locale().toString(len(self._long_text))
            label = self.tr("Long text, {0} characters").format(size)
            row = self._new_row("file", label, self._long_text[:_ROW_TEXT], 0)
            row.removed.connect(self._on_long_text_removed)
        self._refresh_button()

    def _new_row(self, name: IconName, label: str, text: str, number: int) -> ComposerRow:
        row = ComposerRow(self._theme, name, label, text, number, self)
        self._rows.addWidget(row)
        # A layout shows a new child one event later; the field below would jump.
        row.show()
        return row

    def _refresh_button(self) -> None:
        """Send or Stop, in the same place and size."""
        is_busy = self._state.is_busy
        kind = "danger" if is_busy else "primary"
        self.button.setText(self.tr("Stop") if is_busy else self.tr("Send"))
        self.button.setAccessibleName(self.button.text())
        self.button.setEnabled(self._state.can_stop or not is_busy)
        self.button.setToolTip(self.tr("Esc stops the reply") if is_busy else self._send_hint())
        if self.button.property("kind") != kind:
            self.button.setProperty("kind", kind)
            self.button.style().unpolish(self.button)
            self.button.style().polish(self.button)
            # Polishing takes the font of the app, which no zoom changes.
            self.button.setFont(self._theme.font("button"))
        name: IconName = "stop" if is_busy else "arrow-up"
        token = "danger" if is_busy else "accent-text"
        if not self.button.isEnabled():
            token = "text-disabled"
        self.button.setIcon(icon(self._theme, name, token, 16))
        self._hint.set_text(self._busy_hint() if is_busy else self._send_hint())

    def _send_hint(self) -> str:
        if self._send_key == "ctrl_enter":
            return self.tr("Ctrl+Enter sends · Enter new line")
        return self.tr("Enter sends · Shift+Enter new line")

    def _busy_hint(self) -> str:
        if not self._state.can_queue:
            return self.tr("Esc stops")
        if self._send_key == "ctrl_enter":
            return self.tr("Ctrl+Enter: sends after this reply · Esc stops")
        return self.tr("Enter: sends after this reply · Esc stops")

    def _apply_theme(self) -> None:
        theme = self._theme
        self.button.setFont(theme.font("button"))
        # As wide for both words, so that the button stays where it is; some languages need more.
        metrics = QFontMetrics(theme.font("button"))
        word = max(metrics.horizontalAdvance(text) for text in (self.tr("Send"), self.tr("Stop")))
        width = max(theme.px(SEND_PX[0]), word + theme.px(_AROUND_WORD_PX))
        self.button.setFixedSize(width, theme.px(SEND_PX[1]))
        self.button.setIconSize(icon_size(theme, 16))
        self._notice.apply_theme()
        self._count.setFont(theme.font("stats"))
        self.attach_button.setIcon(icon(theme, "attach", "text-muted", 16))
        for tool in (self.attach_button, self.adapters_button, self.thinking_button):
            tool.setIconSize(icon_size(theme, 16))
            tool.setFixedSize(theme.px(_TOOL_PX), theme.px(_TOOL_PX))
        self.show_thinking(self._is_thinking)
        self.edit.apply_theme()
        self._fill_rows()
        self.chips.apply_theme()
        self._frame.update()
