"""The right panel: pages of settings beside the chat, their scope and their preset. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeVar

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY
from realm_desktop.ui.icons import IconName, icon, icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.mixer_panel import MixerPanel
from realm_desktop.ui.panels.notes_page import NotesPage
from realm_desktop.ui.panels.panel_pages import (
    DRAFT_KEY,
    ModelSettingsPage,
    SamplingPage,
    SettingsPage,
    SpeculationPage,
    SystemPage,
)
from realm_desktop.ui.panels.preset_bar import PresetBar
from realm_desktop.ui.panels.tokens_page import LOGPROBS_KEY, TokensPage
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox

WIDTH_PX: Final = 320
MIN_WIDTH_PX: Final = 280
MAX_WIDTH_PX: Final = 420

PanelPage = Literal["model", "sampling", "adapters", "speculation", "system", "tokens", "notes"]
PageT = TypeVar("PageT", bound=QWidget)

_ICONS: Final[dict[PanelPage, IconName]] = {
    "model": "models",
    "sampling": "sliders",
    "adapters": "adapters",
    "speculation": "bolt",
    "system": "prompt",
    "tokens": "hash",
    "notes": "notes",
}
_PAGES: Final[dict[PanelPage, Callable[[Theme, QWidget], QWidget]]] = {
    "model": ModelSettingsPage,
    "sampling": SamplingPage,
    "speculation": SpeculationPage,
    "system": SystemPage,
    "tokens": TokensPage,
    "notes": NotesPage,
}
_PARTS: Final[dict[str, PanelPage]] = {
    "engine": "model",
    "sampling": "sampling",
    "reply": "sampling",
    "speculation": "speculation",
    "system": "system",
}
_STRAYS: Final[dict[str, PanelPage]] = {DRAFT_KEY: "speculation", LOGPROBS_KEY: "tokens"}
"""Settings that stand on the page of another part."""

_SCOPED_PAGES: Final[tuple[PanelPage, ...]] = ("sampling", "speculation", "system", "tokens")

_PADDING_PX = 16
_STRIP_PX = 36
_TAB_ICON_PX = 18
_TAB_GAP_PX = 2
_MIN_TAB_PX = 26


class RightPanel(QFrame):
    """Pages under a strip of icons.

    Attributes:
        page_made: Another page is there from now on.
        opened: The panel is seen from now on.
        wanted: A page has something to say that cannot wait.
        closed: The panel's own close button.
        scope_chosen: Changes are to go there.
        reset_all_requested: All values of the chat are to follow the workspace again.
        buttons: Of the strip.
        mixer: A page that is there from the start.
        pages: Those that were made so far.
    """

    page_made = Signal(object)
    opened = Signal()
    wanted = Signal()
    closed = Signal()
    scope_chosen = Signal(str)
    reset_all_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._changed_keys: tuple[str, ...] = ()
        self._restored: PanelPage | None = None
        self.setAccessibleName(self.tr("Settings of the chat"))
        self.mixer = MixerPanel(theme, self)
        self.pages: dict[PanelPage, QWidget] = {"adapters": self.mixer}
        self.titles: dict[PanelPage, str] = {
            "model": self.tr("Model"),
            "sampling": self.tr("Sampling"),
            "adapters": self.tr("Adapters"),
            "speculation": self.tr("Speculation"),
            "system": self.tr("System"),
            "tokens": self.tr("Tokens"),
            "notes": self.tr("Notes"),
        }
        self.group = QButtonGroup(self)
        self.buttons = {page: self._tab(page) for page in self.titles}
        self.close_button = QToolButton(self)
        self.close_button.setAccessibleName(self.tr("Close the panel"))
        self.close_button.setToolTip(self.tr("Close"))
        name_action(self.close_button, "toggle-panel")
        self.title = QLabel(self)
        self.changed_button = QPushButton(self)
        self.changed_button.setProperty("kind", "link")
        self.scope_box = ChoiceBox(theme, (), self)
        self.scope_box.setAccessibleName(self.tr("Changes apply to"))
        self.presets = PresetBar(theme, self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.mixer)
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_scopes("", Scope.CONVERSATION, has_chat=False)
        self.show_changed(())
        self.show_page("adapters")

    @property
    def settings_pages(self) -> list[SettingsPage]:
        """The pages with rows that were made so far."""
        return [page for page in self.pages.values() if isinstance(page, SettingsPage)]

    @property
    def page(self) -> PanelPage:
        """The page that is shown, or will be when the panel is."""
        shown = next(name for name, w in self.pages.items() if w is self.stack.currentWidget())
        return self._restored or shown

    def restore_page(self, page: PanelPage) -> None:
        """Begin with this page when the panel is first seen: it is not made before."""
        self._restored = page

    def show_page(self, page: PanelPage) -> None:
        """Show a page."""
        self._restored = None
        if page not in self.pages:
            self._make(page)
        self.stack.setCurrentWidget(self.pages[page])
        self.buttons[page].setChecked(True)
        self.title.setText(self.titles[page])
        is_scoped = page in _SCOPED_PAGES
        self.scope_box.setVisible(is_scoped)
        self.presets.setVisible(is_scoped)
        self.changed_button.setVisible(is_scoped and bool(self._changed_keys))

    def made(self, kind: type[PageT]) -> PageT | None:
        """The page of a class, if it was made."""
        return next((page for page in self.pages.values() if isinstance(page, kind)), None)

    def show_scopes(self, workspace_name: str, scope: Scope, *, has_chat: bool) -> None:
        """Offer where changes can go, and show where they go now."""
        blocker = QSignalBlocker(self.scope_box)
        self.scope_box.clear()
        if has_chat:
            self.scope_box.addItem(self.tr("Changes apply to this chat"), Scope.CONVERSATION.value)
        name = one_line(workspace_name)
        text = self.tr("Changes apply to workspace {}").format(name)
        self.scope_box.addItem(text, Scope.WORKSPACE.value)
        self.scope_box.addItem(self.tr("Changes apply to the whole app"), Scope.APP.value)
        self.scope_box.choose(scope.value)
        blocker.unblock()
        self.scope_box.update()

    def show_changed(self, keys: Sequence[str]) -> None:
        """Tell how many settings of the chat are not those of its workspace."""
        self._changed_keys = tuple(keys)
        text = self.tr("Changed from workspace ({})").format(len(keys))
        self.changed_button.setText(text)
        self.changed_button.setVisible(bool(keys) and self.page in _SCOPED_PAGES)

    def offer_changed(self, keys: Sequence[str], anchor: QWidget) -> None:
        """List below something what a chat has of its own, and offer to take it back."""
        menu = QMenu(anchor)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key in keys:
            menu.addAction(words(BY_KEY[key].label)).setData(key)
        menu.addSeparator()
        menu.addAction(self.tr("Reset to workspace"))
        menu.triggered.connect(self._on_listed)
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height())))

    def show_fault(self, key: str, text: str) -> None:
        """Say at the row of a setting what is wrong with its value, if its page is there."""
        for page in self.settings_pages:
            if key in page.form.rows:
                page.form.rows[key].show_fault(text)

    def reveal(self, key: str) -> None:
        """Show the row of a setting and give it the focus."""
        name = page_of(key)
        if name is None:
            return
        self.show_page(name)
        page = self.pages[name]
        assert isinstance(page, SettingsPage)
        page.form.reveal(key)
        page.ensureWidgetVisible(page.form.rows[key])

    def _make(self, name: PanelPage) -> None:
        """Make a page when it is first shown: all of them at once took 0.1 s of the GUI thread."""
        page = self.pages[name] = _PAGES[name](self._theme, self)
        self.stack.addWidget(page)
        self.page_made.emit(page)

    def _tab(self, page: PanelPage) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setAccessibleName(self.titles[page])
        button.setToolTip(self.titles[page])
        button.setProperty("page", page)
        self.group.addButton(button)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        """Tell it: a hidden panel is not kept up to date."""
        super().showEvent(event)
        if self._restored is not None:
            self.show_page(self._restored)
        self.opened.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep all icons in the strip."""
        super().resizeEvent(event)
        self._fit_strip()

    def _lay_out(self) -> None:
        theme = self._theme
        strip = QHBoxLayout()
        strip.setSpacing(theme.px(_TAB_GAP_PX))
        for button in self.buttons.values():
            strip.addWidget(button)
        strip.addStretch(1)
        strip.addWidget(self.close_button)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.changed_button)
        padding = theme.px(_PADDING_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(padding, theme.px(4), padding, padding)
        layout.setSpacing(theme.px(8))
        layout.addLayout(strip)
        layout.addLayout(head)
        layout.addWidget(self.scope_box)
        layout.addWidget(self.presets)
        layout.addWidget(self.stack, 1)
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.group.buttonClicked.connect(self._on_tab)
        self.close_button.clicked.connect(self.closed)
        self.changed_button.clicked.connect(self._on_changed_list)
        self.scope_box.activated.connect(self._on_scope)

    def _on_tab(self, button: QToolButton) -> None:
        self.show_page(button.property("page"))

    def _on_scope(self) -> None:
        self.scope_chosen.emit(self.scope_box.value)

    def _on_changed_list(self) -> None:
        self.offer_changed(self._changed_keys, self.changed_button)

    def _on_listed(self, action: QAction) -> None:
        key = action.data()
        if key is None:
            self.reset_all_requested.emit()
        else:
            self.wanted.emit()
            self.reveal(key)

    def _restyle(self) -> None:
        theme = self._theme
        self.setMinimumWidth(theme.px(MIN_WIDTH_PX))
        self.setMaximumWidth(theme.px(MAX_WIDTH_PX))
        self.title.setFont(theme.font("card-title"))
        self.changed_button.setFont(theme.font("button"))
        for page, button in self.buttons.items():
            button.setIcon(icon(theme, _ICONS[page], "text-muted", _TAB_ICON_PX))
            button.setIconSize(icon_size(theme, _TAB_ICON_PX))
            button.setFixedHeight(theme.px(28))
        self.close_button.setIcon(icon(theme, "close"))
        self.close_button.setIconSize(icon_size(theme))
        self._fit_strip()

    def _fit_strip(self) -> None:
        """Let the icons share the room of a narrow panel; in a wide one they are as designed."""
        theme = self._theme
        gaps = len(self.buttons) * theme.px(_TAB_GAP_PX) + self.close_button.sizeHint().width()
        room = (self.width() - 2 * theme.px(_PADDING_PX) - gaps) // len(self.buttons)
        for button in self.buttons.values():
            button.setFixedWidth(min(theme.px(_STRIP_PX), max(theme.px(_MIN_TAB_PX), room)))


def page_of(key: str) -> PanelPage | None:
    """The page that has the row of a setting, made or not; None if no page has it."""
    return _STRAYS.get(key) or _PARTS.get(key.partition(".")[0])
