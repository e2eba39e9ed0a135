"""The status bar: engine, model, memory, batch, adapters, speed, background, downloads, network.

Draws and emits. Figures are refreshed at most four times a second. GUI thread.
"""

from __future__ import annotations

from typing import Final

import psutil
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStatusBar, QStyle, QWidget

from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import isolated, one_line
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.quantities import bytes_text, file_title
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import letter_of
from realm_desktop.ui.widgets.throttle import Throttle

HEIGHT_PX: Final = 28
REFRESH_MS: Final = 250

_PADDING_PX = 9
_SIGN_PX = 14
_DOT_PX = 7
_GAP_PX = 6
_MAX_WIDTH_PX = 300

Parts = tuple[tuple[str, bool], ...]
"""Texts of one item; True is a number or name that stands out."""


class StatusItem(QAbstractButton):
    """A button of a dot or icon and some text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: Parts = ()
        self._dot = ""
        self._icon: IconName | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_parts(
        self, parts: Parts, tooltip: str, *, dot: str = "", icon: IconName | None = None
    ) -> None:
        """Show texts behind a dot of a colour token or an icon; no parts hide the item."""
        self.setVisible(bool(parts))
        self.setToolTip(plain_tip(tooltip))
        text = " ".join(text for text, _ in parts)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tooltip)
        if (parts, dot, icon) == (self._parts, self._dot, self._icon):
            return
        self._parts, self._dot, self._icon = parts, dot, icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for sign and texts, within a limit."""
        theme = self._theme
        texts = sum(self._width(text, is_strong=is_strong) for text, is_strong in self._parts)
        gaps = theme.px(4) * max(0, len(self._parts) - 1)
        width = 2 * theme.px(_PADDING_PX) + self._sign_width() + texts + gaps + 1
        return QSize(min(width, theme.px(_MAX_WIDTH_PX)), theme.px(HEIGHT_PX) - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw hover, sign, texts and the divider at the end."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.fillRect(self.rect(), theme.colour("pressed" if self.isDown() else "hover"))
        self._paint_sign(painter)
        left = theme.px(_PADDING_PX) + self._sign_width()
        for text, is_strong in self._parts:
            left += self._paint_part(painter, left, text, is_strong=is_strong) + theme.px(4)
        divider = QRect(self.width() - 1, theme.px(6), 1, self.height() - theme.px(12))
        painter.fillRect(self._visual(divider), theme.colour("border"))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -1))
        painter.end()

    def _paint_sign(self, painter: QPainter) -> None:
        theme = self._theme
        side = theme.px(_SIGN_PX if self._icon is not None else _DOT_PX)
        area = self._visual(QRect(theme.px(_PADDING_PX), 0, side, self.height()))
        if self._icon is not None:
            paint_icon(painter, area, theme, self._icon, "text-muted", _SIGN_PX)
        elif self._dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(self._dot))
            painter.drawEllipse(area.x(), (self.height() - side) // 2, side, side)

    def _paint_part(self, painter: QPainter, left: int, text: str, *, is_strong: bool) -> int:
        """Draw one text; returns its width."""
        font = self._theme.font("stats-strong" if is_strong else "stats")
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if is_strong else "text-muted"))
        room = self.width() - left - self._theme.px(_PADDING_PX)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        area = self._visual(QRect(left, 0, room, self.height()))
        painter.drawText(area, align, isolated(shown))
        return QFontMetrics(font).horizontalAdvance(shown)

    def _sign_width(self) -> int:
        if self._icon is not None:
            return self._theme.px(_SIGN_PX + _GAP_PX)
        return self._theme.px(_DOT_PX + _GAP_PX) if self._dot else 0

    def _width(self, text: str, *, is_strong: bool) -> int:
        font = self._theme.font("stats-strong" if is_strong else "stats")
        return QFontMetrics(font).horizontalAdvance(text) + 1

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)


class StatusBar(QStatusBar):
    """All items of the window's lower edge.

    Attributes:
        engine_pressed: The engine item: the log, or a restart while it is down.
        batch_requested: The items of the batch, of its speed, and of chats in the background.
        memory_requested: The item of the engine's memory.
        model_requested: The model item.
        adapters_requested: The item of the adapters in use.
        downloads_requested: The item of the downloads.
        network_requested: The item of the network.
    """

    engine_pressed = Signal()
    batch_requested = Signal()
    memory_requested = Signal()
    model_requested = Signal()
    adapters_requested = Signal()
    downloads_requested = Signal()
    network_requested = Signal()

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        # Asked once: a machine keeps what it has.
        self._total_bytes = int(psutil.virtual_memory().total)
        self.setSizeGripEnabled(False)
        self.engine = StatusItem(theme, self)
        self.model = StatusItem(theme, self)
        self.memory = StatusItem(theme, self)
        self.batch = StatusItem(theme, self)
        self.adapters = StatusItem(theme, self)
        self.speed = StatusItem(theme, self)
        self.background = StatusItem(theme, self)
        self.downloads = StatusItem(theme, self)
        self.offline = StatusItem(theme, self)
        names: tuple[tuple[StatusItem, ActionName], ...] = (
            (self.model, "choose-model"),
            (self.batch, "toggle-dock"),
            (self.adapters, "toggle-panel"),
            (self.speed, "toggle-dock"),
        )
        for item, name in names:
            name_action(item, name)
        for item in self._left_items():
            self.addWidget(item)
        for item in (self.background, self.downloads, self.offline):
            self.addPermanentWidget(item)
        self._connect_items()
        self._throttle = Throttle(REFRESH_MS, self)
        self._throttle.triggered.connect(self._show_figures)
        state.measured.connect(self._throttle.request)
        state.changed.connect(self._show_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_state()
        self.show_network(is_offline=False, num_opened=0, num_refused=0)
        self.show_background(0)
        self.show_downloads("")
        self.show_adapters(())

    def _connect_items(self) -> None:
        self.engine.clicked.connect(self.engine_pressed)
        self.model.clicked.connect(self.model_requested)
        self.memory.clicked.connect(self.memory_requested)
        self.batch.clicked.connect(self.batch_requested)
        self.speed.clicked.connect(self.batch_requested)
        self.background.clicked.connect(self.batch_requested)
        self.adapters.clicked.connect(self.adapters_requested)
        self.downloads.clicked.connect(self.downloads_requested)
        self.offline.clicked.connect(self.network_requested)

    def show_background(self, num_chats: int) -> None:
        """Say how many chats without a tab still generate."""
        text = self.tr("%Ln chats generating in the background", "", num_chats)
        tooltip = self.tr("Their tabs are closed. Press for their state")
        self.background.show_parts(((text, False),) if num_chats else (), tooltip)

    def show_adapters(self, slots: tuple[int, ...], *, is_bypassed: bool = False) -> None:
        """Name the adapters that the next message of the shown chat uses."""
        parts: Parts = ()
        if is_bypassed:
            parts = ((self.tr("adapters"), False), (self.tr("off (A/B)"), True))
        elif slots:
            letters = " ".join(letter_of(slot) for slot in slots)
            parts = ((self.tr("adapters"), False), (letters, True))
        self.adapters.show_parts(parts, self.tr("Adapters of the shown chat"))

    def show_downloads(self, summary: str) -> None:
        """Say how far the downloads are; "" hides the item."""
        parts: Parts = ((summary, True),) if summary else ()
        self.downloads.show_parts(parts, self.tr("Show the downloads"), icon="download")

    def show_network(self, *, is_offline: bool, num_opened: int, num_refused: int) -> None:
        """Say whether other machines may be asked, and how often one was asked in this run."""
        if is_offline:
            parts: Parts = ((self.tr("offline"), True),)
            if num_refused:
                parts += ((self.tr("· {} refused").format(num_refused), False),)
            tooltip = self.tr("Every connection to another machine is refused")
        else:
            parts = ((self.tr("%Ln connections", "", num_opened), False),)
            tooltip = self.tr(
                "Connections to other machines in this run; none is opened unless you ask for it"
            )
        self.offline.show_parts(parts, tooltip, icon="lock" if is_offline else "globe")

    def _left_items(self) -> tuple[StatusItem, ...]:
        return (self.engine, self.model, self.memory, self.batch, self.adapters, self.speed)

    def _show_state(self) -> None:
        state = self._state
        parts: Parts
        if state.is_down:
            parts, dot = ((self.tr("Engine stopped"), True),), "danger"
            tooltip = self.tr("Press to start the engine again")
        elif state.engine is None:
            parts, dot = ((self.tr("Engine starting"), False),), "warning"
            tooltip = self.tr("The engine process is loading")
        else:
            parts, dot, tooltip = self._running_engine()
        self.engine.show_parts(parts, tooltip, dot=dot)
        self.model.show_parts(((self._model_text(), False),), self.tr("Choose a model"))
        self._show_figures()

    def _running_engine(self) -> tuple[Parts, str, str]:
        """Texts, colour and tooltip: the device, and why it is not the one that could be had."""
        state, tooltip = self._state, self.tr("The engine runs. Press for the log")
        parts: Parts = ((state.device, True), (f"· {self._threads()}", False))
        if not state.device_note:
            return parts, "success", tooltip
        tooltip = f"{spoken(state.device_note)}\n{tooltip}"
        # A note about a card says which of several it is: nothing is amiss.
        if state.device != "cpu":
            return parts, "success", tooltip
        return (*parts, (self.tr("· GPU not used"), False)), "warning", tooltip

    def _threads(self) -> str:
        """How many threads compute: the loaded model's, or the engine's own."""
        source = self._state.info or self._state.engine
        count = 1 if source is None else source.num_threads
        return self.tr("%Ln threads", "", count)

    def _model_text(self) -> str:
        state = self._state
        if state.progress is not None:
            name = one_line(file_title(state.progress.path))
            return self.tr("Loading {} {} %").format(name, round(100 * state.progress.fraction))
        if state.info is not None:
            return f"{one_line(state.info.name)} {state.info.tensor_type}"
        return self.tr("no model")

    def _show_figures(self) -> None:
        stats = self._state.stats
        has_model = self._state.info is not None
        memory: Parts = ()
        if stats.resident_bytes:
            # The stroke is a part of its own: in one with the figures, it would stand behind them
            # in a window from right to left.
            total, used = bytes_text(self._total_bytes), bytes_text(stats.resident_bytes)
            memory = ((self.tr("RAM"), False), (used, True), ("/", False), (total, False))
        self.memory.show_parts(
            memory,
            self.tr("Memory of the engine process, and of this machine. Press for the memory plan"),
        )
        limit = f"/{stats.max_running}" if stats.max_running else ""
        batch: Parts = ((self.tr("batch"), False), (f"{stats.num_running}{limit}", True))
        if stats.num_waiting:
            batch += ((self.tr("· {} waiting").format(stats.num_waiting), False),)
        self.batch.show_parts(
            batch if has_model else (),
            self.tr("Replies that are computed together, and those in line"),
        )
        speed: Parts = ()
        if has_model:
            speed = ((str(round(stats.decode_tokens_per_s)), True), (self.tr("tok/s"), False))
        self.speed.show_parts(speed, self.tr("Tokens per second of all replies together"))

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT_PX))
        for item in self.findChildren(StatusItem):
            item.updateGeometry()
            item.update()
