"""What the first start shows in place of the chats: this machine, and a first model. GUI thread.

Draws and emits. Nothing on these pages is needed: the starter model answers without them, and every
way out leads to the empty chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.ui.icons import pixmap
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.choice_card import ChoiceCard

NUM_STEPS: Final = 2
"""The third is the empty chat itself."""

_CARD_PX = 680
_PADDING_PX = 32
_BAR_PX = (24, 4)


@dataclass(frozen=True, slots=True)
class FirstRunText:
    """What the pages say; words of the program, but for the folder.

    Attributes:
        facts: Names and values of this machine.
        folder: Where everything is kept.
        is_folder_fixed: The command line chose it.
        proposal: Title and sentence of a model to download; None where none fits, or Offline.
    """

    facts: Sequence[tuple[str, str]]
    folder: str
    is_folder_fixed: bool = False
    proposal: tuple[str, str] | None = None


class StepBars(QWidget):
    """How many steps there are, and how many of them were reached."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._step = 1
        width, height = (theme.px(side) for side in _BAR_PX)
        self.setFixedSize(NUM_STEPS * (width + theme.px(6)), height)

    def show_step(self, step: int) -> None:
        """Fill the bars up to this one, from 1."""
        self._step = step
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars."""
        painter = QPainter(self)
        width, height = (self._theme.px(side) for side in _BAR_PX)
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for place in range(NUM_STEPS):
            shown = NUM_STEPS - 1 - place if is_mirrored else place
            token = "accent" if place < self._step else "border"
            bar = QRect(shown * (width + self._theme.px(6)), 0, width, height)
            painter.fillRect(bar, self._theme.colour(token))
        painter.end()


class FirstRun(QWidget):
    """A card in the middle of the centre.

    Attributes:
        finished: The user is through, or skipped the rest.
        folder_requested: Another folder for everything.
        download_requested: The proposed model.
        model_folder_requested: A folder that has models.
        scan_requested: Look into the folders of other programs.
        models_requested: Show the models that were found.
    """

    finished = Signal()
    folder_requested = Signal()
    download_requested = Signal()
    model_folder_requested = Signal()
    scan_requested = Signal()
    models_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fonts: list[tuple[QWidget, FontRole]] = []
        self._has_found = False
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.step = self._label("stats")
        self.bars = StepBars(theme, self)
        self._pages = QStackedWidget(self)
        self._facts = QGridLayout()
        self.folder = self._label("interface")
        self.folder_note = self._label("stats", "muted")
        self.folder_button = self._button(self.tr("Choose another folder…"))
        self.skip_button = self._button(self.tr("Skip"), "quiet")
        self.back_button = self._button(self.tr("Back"))
        self.next_button = self._button("", "primary")
        self._build_choices()
        self._pages.addWidget(self._machine_page())
        self._pages.addWidget(self._model_page())
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self.show_step(1)

    def show_text(self, text: FirstRunText) -> None:
        """Say what is known of the machine, and what fits it."""
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                self._fonts = [kept for kept in self._fonts if kept[0] is not widget]
                widget.deleteLater()
        for row, (name, value) in enumerate(text.facts):
            self._facts.addWidget(self._label("interface", "muted", name), row, 0)
            self._facts.addWidget(self._label("interface", "", value), row, 1)
        self._facts.setColumnStretch(1, 1)
        self.folder.setText(text.folder)
        self.folder_button.setEnabled(not text.is_folder_fixed)
        if text.is_folder_fixed:
            self.folder_note.setText(self.tr("Chosen on the command line."))
        self.proposal.setVisible(text.proposal is not None)
        if text.proposal is not None:
            self.proposal.button.setText(text.proposal[0])
            self.proposal.text.setText(text.proposal[1])
            self.proposal.button.setAccessibleDescription(text.proposal[1])
        elif self.proposal.button.isChecked():
            self.starter.button.setChecked(True)
        self._update_buttons()

    def show_folder_note(self, text: str) -> None:
        """Say what becomes of a folder that was chosen, or why it cannot be used."""
        self.folder_note.setText(text)

    def show_found(self, num_models: int) -> None:
        """Say how many models were found on this machine."""
        self._has_found = num_models > 0
        self.found.show()
        if num_models:
            self.found.setText(self.tr("%n model(s) found; nothing is copied.", "", num_models))
        else:
            self.found.setText(self.tr("No model found there."))
        self._update_buttons()

    def show_step(self, step: int) -> None:
        """Show the page of a step, 1 or 2."""
        self._pages.setCurrentIndex(step - 1)
        self.bars.show_step(step)
        self.step.setText(self.tr("Step {} of {}").format(step, NUM_STEPS))
        self._update_buttons()

    def _build_choices(self) -> None:
        """The cards of the second page."""
        tr = self.tr
        text = tr(
            "5 MB, here already. It works at once and offline, and knows little of the world."
        )
        self.starter = ChoiceCard(self._theme, tr("Begin with the starter model"), text, self)
        self.proposal = ChoiceCard(self._theme, "", "", self)
        self.files = ChoiceCard(
            self._theme,
            tr("I have files"),
            tr(
                "Choose a folder, or look in those of LM Studio, Jan, Ollama and Hugging Face. Files "
                "are used where they are, never copied or changed."
            ),
            self,
        )
        self.model_folder_button = self._button(tr("Choose folder…"))
        self.scan_button = self._button(tr("Scan known folders"))
        self.found = self._label("stats", "muted")
        self.found.hide()
        row = QHBoxLayout()
        row.addWidget(self.model_folder_button)
        row.addWidget(self.scan_button)
        row.addStretch(1)
        self.files.body.addLayout(row)
        self.files.body.addWidget(self.found)
        self.starter.button.setChecked(True)

    def _machine_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(12))
        column.addWidget(self._label("first-run-title", "", self.tr("Your machine")))
        intro = self.tr("Everything runs here. No account, and nothing is sent anywhere.")
        column.addWidget(self._label("message", "muted", intro))
        column.addLayout(self._facts)
        column.addWidget(
            self._label("row-strong", "", self.tr("Chats, models and settings are in"))
        )
        column.addWidget(self.folder)
        row = QHBoxLayout()
        row.addWidget(self.folder_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.folder_note)
        column.addStretch(1)
        return page

    def _model_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(12))
        column.addWidget(self._label("first-run-title", "", self.tr("A first model")))
        intro = self.tr("Nothing is fetched before you press Download.")
        column.addWidget(self._label("message", "muted", intro))
        for card in self._cards:
            column.addWidget(card)
        column.addStretch(1)
        return page

    @property
    def _cards(self) -> tuple[ChoiceCard, ...]:
        return (self.starter, self.proposal, self.files)

    def _lay_out(self) -> None:
        px = self._theme.px
        card = QFrame(self)
        card.setProperty("surface", "first-run")
        card.setMaximumWidth(px(_CARD_PX))
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(*[px(_PADDING_PX)] * 4)
        inner.setSpacing(px(16))
        head = QHBoxLayout()
        head.addWidget(self.step, 1)
        head.addWidget(self.bars)
        foot = QHBoxLayout()
        foot.addWidget(self.skip_button)
        foot.addStretch(1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.next_button)
        inner.addLayout(head)
        inner.addWidget(self._pages)
        inner.addLayout(foot)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card, 100)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addLayout(self._promise())
        column.addStretch(1)
        # In a window of the least height the card is higher than the centre.
        area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _promise(self) -> QHBoxLayout:
        """The line below the card."""
        line = QHBoxLayout()
        self._lock = QLabel(self)
        text = self.tr("No account. Nothing leaves this machine unless you say so.")
        promise = self._label("stats", "muted", text)
        promise.setWordWrap(False)
        line.addStretch(1)
        line.addWidget(self._lock)
        line.addWidget(promise)
        line.addStretch(1)
        self._show_lock()
        return line

    def _connect(self) -> None:
        self.skip_button.clicked.connect(self.finished)
        self.back_button.clicked.connect(self._on_back)
        self.next_button.clicked.connect(self._on_next)
        self.folder_button.clicked.connect(self.folder_requested)
        self.model_folder_button.clicked.connect(self.model_folder_requested)
        self.scan_button.clicked.connect(self.scan_requested)
        for card in self._cards:
            card.chosen.connect(self._on_chosen)

    def _on_chosen(self) -> None:
        """Only one card is chosen."""
        for card in self._cards:
            if card is not self.sender():
                card.button.setChecked(False)
        self._update_buttons()

    def _on_back(self) -> None:
        self.show_step(1)

    def _on_next(self) -> None:
        if self._pages.currentIndex() == 0:
            self.show_step(2)
        elif self.proposal.button.isChecked():
            self.download_requested.emit()
        elif self.files.button.isChecked() and self._has_found:
            self.models_requested.emit()
        else:
            self.finished.emit()

    def _update_buttons(self) -> None:
        is_first = self._pages.currentIndex() == 0
        self.back_button.setVisible(not is_first)
        if is_first:
            text = self.tr("Next")
        elif self.proposal.button.isChecked():
            text = self.tr("Download")
        elif self.files.button.isChecked() and self._has_found:
            text = self.tr("Show the models")
        else:
            text = self.tr("Start chatting")
        self.next_button.setText(text)

    def _button(self, text: str, kind: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", kind)
        self._keep_font(button, "button")
        return button

    def _label(self, role: FontRole, tone: str = "", text: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        self._keep_font(label, role)
        return label

    def _keep_font(self, widget: QWidget, role: FontRole) -> None:
        widget.setFont(self._theme.font(role))
        self._fonts.append((widget, role))

    def _show_lock(self) -> None:
        self._lock.setPixmap(
            pixmap(self._theme, "lock", "text-muted", 14, self.devicePixelRatioF())
        )

    def _restyle(self) -> None:
        for widget, role in self._fonts:
            widget.setFont(self._theme.font(role))
        self._show_lock()
