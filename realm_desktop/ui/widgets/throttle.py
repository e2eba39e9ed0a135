"""Limits how often something that can outrun the eye is done.

Knows nothing of what it limits. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal


class Throttle(QObject):
    """Turns any number of `request` calls into at most one `triggered` per interval.

    The first request is answered at once, later ones of the same interval together at its end.

    Attributes:
        triggered: Do the work now.
    """

    triggered = Signal()

    def __init__(self, interval_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_requested = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._on_timeout)

    def request(self) -> None:
        """Ask for `triggered`; it comes now or within the interval."""
        if self._timer.isActive():
            self._is_requested = True
            return
        self._timer.start()
        self.triggered.emit()

    def flush(self) -> None:
        """Answer a request that waits, now."""
        if self._is_requested:
            self._is_requested = False
            self._timer.start()
            self.triggered.emit()

    def stop(self) -> None:
        """Forget a request that waits."""
        self._is_requested = False
        self._timer.stop()

    def _on_timeout(self) -> None:
        self.flush()
