"""Discover: search the hub on the left, choose files on the right. Draws and emits. GUI thread.

Nothing is asked of the network before the user presses Enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.library.download_values import DownloadKind
from realm_desktop.library.hub_values import FoundRepository, RepositoryFiles
from realm_desktop.ui.icons import icon, text_icon, text_icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.discover_rows import (
    choice_rows,
    licence_text,
    recommendation_text,
    repository_rows,
)
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.sided_margins import sided_margins
from realm_desktop.ui.widgets.two_line_list import TwoLineList

_LEFT_PX: Final = 340
_RIGHT_PX: Final = 420


class DiscoverPanel(QWidget):
    """Search field, repositories, and what the chosen one offers.

    Attributes:
        searched: Words, a repository or an address, after Enter.
        repository_chosen: Owner and name of the row that was chosen.
        download_requested: A `DownloadRequest`.
        network_requested: The button of the offline state.
        retried: The button of a failure.
    """

    searched = Signal(str)
    repository_chosen = Signal(str)
    download_requested = Signal(object)
    network_requested = Signal()
    retried = Signal()

    def __init__(self, theme: Theme, kind: DownloadKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self._offer: RepositoryFiles | None = None
        self._bytes_per_s = 0.0
        self._is_offline = False
        self.field = QLineEdit(self)
        self._search = self.field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search_button = QPushButton(self.tr("Search"), self)
        self.repositories = TwoLineList(theme, self.tr("Repositories"), self)
        self.choices = TwoLineList(theme, self.tr("Files of the repository"), self)
        self.title = ElidedLabel(theme, "chat-title", "text", self)
        self.licence = QLabel(self)
        self.hint = QLabel(self)
        self.download_button = QPushButton(self.tr("Download"), self)
        self.status = ElidedLabel(theme, "stats", "text-muted", self)
        self.empty = EmptyState(theme, "search", self)
        self.offline = EmptyState(theme, "lock", self, button_picture="settings")
        self.fault = EmptyState(theme, "warning", self, button_picture="restart")
        self.body = QStackedWidget(self)
        # First the names: a style that was computed before a property is set does not see it.
        self._name_parts()
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_offer()

    def set_offline(self, *, is_offline: bool) -> None:
        """Say in place of everything else that nothing may be asked, or show the rest again."""
        self._is_offline = is_offline
        self.field.setEnabled(not is_offline)
        self.search_button.setEnabled(not is_offline)
        if is_offline:
            self.body.setCurrentWidget(self.offline)
        elif self.body.currentWidget() is self.offline:
            self.body.setCurrentWidget(self.empty)

    def show_busy(self, text: str) -> None:
        """Say what is asked for; "" when the answer came."""
        self.status.set_text(text)

    def show_found(self, found: Sequence[FoundRepository]) -> None:
        """List repositories; none says so."""
        self.status.set_text("")
        self._offer = None
        self._show_offer()
        self.repositories.rows.set_rows(repository_rows(found))
        if not found:
            self._show_fault(
                self.tr("Nothing was found"),
                self.tr("Try fewer words, or paste the address of a repository."),
                can_retry=False,
            )
        elif not self._is_offline:
            self.body.setCurrentIndex(self._content_place)

    def show_offer(self, offer: RepositoryFiles, bytes_per_s: float = 0.0) -> None:
        """Show what a repository offers; one that is not listed is listed alone.

        Args:
            offer: Its files.
            bytes_per_s: Of an earlier download; 0 without one.
        """
        self.status.set_text("")
        self._offer, self._bytes_per_s = offer, bytes_per_s
        name = offer.found.repository
        if name not in {row.key for row in self.repositories.rows.rows}:
            self.repositories.rows.set_rows(repository_rows([offer.found]))
        self.repositories.choose(name)
        if not self._is_offline:
            self.body.setCurrentIndex(self._content_place)
        self._show_offer()

    def show_failure(self, sentence: str) -> None:
        """Say why the hub could not be asked, and offer to try again."""
        self.status.set_text("")
        self._show_fault(self.tr("The hub could not be asked"), sentence, can_retry=True)

    def show_started(self, title: str) -> None:
        """Say that a download began."""
        text = self.tr("{} is being downloaded; Downloads in the rail shows how far it is.")
        self.status.set_text(text.format(one_line(title)))

    def _show_fault(self, title: str, sentence: str, *, can_retry: bool) -> None:
        self.fault.say(title, sentence, self.tr("Try again") if can_retry else "")
        if not self._is_offline:
            self.body.setCurrentWidget(self.fault)

    def _show_offer(self) -> None:
        """Fill the right side."""
        offer = self._offer
        rows = [] if offer is None else choice_rows(offer, self._bytes_per_s)
        self.choices.rows.set_rows(rows)
        self.choices.setVisible(bool(rows))
        self.title.set_text("" if offer is None else one_line(offer.found.repository))
        self.licence.setText("" if offer is None else licence_text(offer))
        if offer is None:
            self.hint.setText(self.tr("Choose a repository to see its files."))
        else:
            self.hint.setText(offer.refusal or recommendation_text(offer))
        self.hint.setVisible(bool(self.hint.text()))
        if offer is not None and rows:
            best = (str(n) for n, c in enumerate(offer.choices) if c.is_recommended)
            self.choices.choose(next(best, "0"))
        self._on_choice_changed()

    def _lay_out(self) -> None:
        theme = self._theme
        top = QHBoxLayout()
        top.setSpacing(theme.px(8))
        top.addWidget(self.field, 1)
        top.addWidget(self.search_button)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(sided_margins(theme.px(16), 0, 0, 0))
        column.setSpacing(theme.px(8))
        for part in (self.title, self.licence, self.hint):
            column.addWidget(part)
        column.addWidget(self.choices, 1)
        column.addWidget(self.download_button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(0)
        content = QSplitter(Qt.Orientation.Horizontal, self)
        content.setChildrenCollapsible(False)
        content.setHandleWidth(1)
        content.addWidget(self.repositories)
        content.addWidget(right)
        content.setSizes([theme.px(_LEFT_PX), theme.px(_RIGHT_PX)])
        for page in (self.empty, self.offline, self.fault):
            self.body.addWidget(page)
        self._content_place = self.body.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(top)
        layout.addWidget(self.body, 1)
        layout.addWidget(self.status)

    def _name_parts(self) -> None:
        is_model = self._kind == "model"
        words = self.tr("Search models, or paste owner/name or an address")
        if not is_model:
            words = self.tr("Search adapters, or paste owner/name or an address")
        self.field.setPlaceholderText(words)
        self.field.setAccessibleName(words)
        self.download_button.setProperty("kind", "primary")
        for label in (self.licence, self.hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setProperty("tone", "muted")
        self.empty.say(
            self.tr("Search the Hugging Face hub"),
            self.tr("Nothing is asked of the network before you press Enter."),
            "",
        )
        self.offline.say(
            self.tr("Offline is on"),
            self.tr(
                "Realm Desktop refuses every connection to another machine. Models on disk can be "
                "used as always."
            ),
            self.tr("Network settings…"),
        )

    def _connect(self) -> None:
        self.field.returnPressed.connect(self._on_search)
        self.search_button.clicked.connect(self._on_search)
        self.repositories.selectionModel().selectionChanged.connect(self._on_repository_changed)
        self.choices.selectionModel().selectionChanged.connect(self._on_choice_changed)
        self.choices.activated.connect(self._on_download)
        self.download_button.clicked.connect(self._on_download)
        self.offline.pressed.connect(self.network_requested)
        self.fault.pressed.connect(self.retried)

    def _on_search(self) -> None:
        if not self._is_offline:
            self.searched.emit(self.field.text().strip())

    def _on_repository_changed(self) -> None:
        chosen = self.repositories.current_key
        is_shown = self._offer is not None and self._offer.found.repository == chosen
        if chosen and not is_shown:
            self.repository_chosen.emit(chosen)

    def _on_choice_changed(self) -> None:
        self.download_button.setVisible(self._offer is not None and bool(self._offer.choices))
        self.download_button.setEnabled(bool(self.choices.current_key))

    def _on_download(self) -> None:
        key = self.choices.current_key
        if self._offer is not None and key:
            self.download_requested.emit(self._offer.request(self._offer.choices[int(key)]))

    def _restyle(self) -> None:
        theme = self._theme
        self.field.setFont(theme.font("interface"))
        self.licence.setFont(theme.font("stats"))
        self.hint.setFont(theme.font("interface"))
        self._search.setIcon(icon(theme, "search"))
        self.download_button.setIcon(text_icon(theme, "download", "accent-text"))
        for button in (self.search_button, self.download_button):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
