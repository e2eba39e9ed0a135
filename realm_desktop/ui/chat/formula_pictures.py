"""Pictures of formulas for one view: drawn in a thread beside the GUI's, kept while there is room.

Whoever wants a picture that is not there yet shows the source, and is told by `drawn` to look again.
GUI thread.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from queue import SimpleQueue
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from realm_desktop.formula_svg import UNIT_PX, formula_svg

MAX_BYTES: Final = 24 * 1024 * 1024
MAX_PIXELS: Final = 4_000_000
"""Of one picture; a larger one is drawn coarser."""

_FETCH_MS: Final = 15
# The letters of the formula font are a little smaller than those of the text around them.
_TEXT_SCALE: Final = 1.08


class FormulaKey(NamedTuple):
    """Everything that decides how a formula looks.

    Attributes:
        size: Font size of the text around it, px.
        colour: As "#rrggbb".
        ratio: Device pixels per px.
    """

    latex: str
    is_display: bool
    size: int
    colour: str
    ratio: float


class FormulaPicture(NamedTuple):
    """A drawn formula; all measures in px.

    Attributes:
        image: Black on nothing in the colour asked for, with its device pixel ratio.
        ascent, descent: Above and below the baseline.
    """

    image: QImage
    width: float
    ascent: float
    descent: float


class FormulaPictures(QObject):
    """The pictures of one view.

    Attributes:
        drawn: More formulas were drawn, or could not be.
    """

    drawn = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: OrderedDict[FormulaKey, FormulaPicture | None] = OrderedDict()
        self._pending: set[FormulaKey] = set()
        self._num_bytes = 0
        self._work = _Work()
        # Fetched, not signalled: the drawing thread then touches no object that a closed tab deletes.
        self._timer = QTimer(self)
        self._timer.setInterval(_FETCH_MS)
        self._timer.timeout.connect(self._fetch)
        self.destroyed.connect(self._work.drop)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being drawn."""
        return not self._pending

    def picture(self, key: FormulaKey) -> FormulaPicture | None:
        """The picture, if it is there; one that was never asked for is drawn soon."""
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        if key not in self._pending:
            self._pending.add(key)
            self._work.add(key)
            self._timer.start()
        return None

    def _fetch(self) -> None:
        """Take what was drawn since the last time."""
        has_new = False
        while (done := self._work.take()) is not None:
            key, picture = done
            has_new = True
            self._pending.discard(key)
            self._pictures[key] = picture
            self._num_bytes += _num_bytes(picture)
        while self._num_bytes > MAX_BYTES and len(self._pictures) > 1:
            _, oldest = self._pictures.popitem(last=False)
            self._num_bytes -= _num_bytes(oldest)
        if not self._pending:
            self._timer.stop()
        if has_new:
            self.drawn.emit()


class _Work:
    """Formulas on their way through a thread that lives while there are any."""

    def __init__(self) -> None:
        self._wanted: deque[FormulaKey] = deque()
        self._done: SimpleQueue[tuple[FormulaKey, FormulaPicture | None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_running = False

    def add(self, key: FormulaKey) -> None:
        """Draw one more, behind the others."""
        with self._lock:
            self._wanted.append(key)
            if self._is_running:
                return
            self._is_running = True
        # A daemon, so that a formula that takes its full second does not hold up the end of the app.
        threading.Thread(target=self._run, name="formulas", daemon=True).start()

    def take(self) -> tuple[FormulaKey, FormulaPicture | None] | None:
        """One that is done; None if there is none."""
        return None if self._done.empty() else self._done.get()

    def drop(self) -> None:
        """Begin no more."""
        with self._lock:
            self._wanted.clear()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._is_running = False
                    return
                key = self._wanted.popleft()
            self._done.put((key, draw_formula(key)))


def draw_formula(key: FormulaKey) -> FormulaPicture | None:
    """The picture of a formula; None for one that cannot be set. Any thread."""
    drawing = formula_svg(key.latex, is_display=key.is_display)
    if drawing is None:
        return None
    scale = key.size / UNIT_PX * _TEXT_SCALE
    width, height = drawing.width * scale, (drawing.ascent + drawing.descent) * scale
    ratio = key.ratio
    if width * height * ratio * ratio > MAX_PIXELS:
        ratio = (MAX_PIXELS / (width * height)) ** 0.5
    size = QSize(max(1, round(width * ratio)), max(1, round(height * ratio)))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(drawing.coloured(key.colour).encode())
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return FormulaPicture(image, width, drawing.ascent * scale, drawing.descent * scale)


def _num_bytes(picture: FormulaPicture | None) -> int:
    return 0 if picture is None else int(picture.image.sizeInBytes())
