"""What the window says of downloads, as plain texts. Knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.sentences import sentences

_MINUTE_S, _HOUR_S = 60, 3600
_MAX_HOURS = 100


def state_text(item: Download) -> str:
    """Where a download stands, with its figures."""
    have, all_bytes = bytes_text(item.done_bytes), bytes_text(item.request.num_bytes)
    amount = _tr("{} of {}").format(have, all_bytes)
    if item.state is DownloadState.DONE:
        return _tr("{} · verified").format(all_bytes)
    if item.state is DownloadState.WAITING:
        return _tr("{} · waits for a place").format(amount)
    if item.state is DownloadState.PAUSED:
        return _tr("{} · paused").format(amount)
    if item.state is DownloadState.CHECKING:
        return _tr("{} · reading what is on disk").format(amount)
    if item.state is DownloadState.FAILED:
        return _tr("{} · stopped").format(amount)
    if item.note:
        return _tr("{} · tries again: {}").format(amount, one_line(item.note))
    rate = _tr("{}/s").format(bytes_text(round(item.bytes_per_s)))
    left = _tr("{} left").format(time_text(item.seconds_left)) if item.seconds_left else ""
    return " · ".join(filter(None, (amount, rate, left)))


def error_text(item: Download) -> str:
    """Why a download does not go on, and what to do; "" if it does."""
    if item.error is None:
        return ""
    return sentences(one_line(item.error.message), one_line(item.error.advice))


def time_text(seconds: float) -> str:
    """A time left, as coarse as it is known."""
    if seconds >= _MAX_HOURS * _HOUR_S:
        return _tr("days")
    if seconds >= _HOUR_S:
        minutes = round(seconds / _MINUTE_S)
        return _tr("{} h {} min").format(minutes // 60, minutes % 60)
    if seconds >= _MINUTE_S:
        return _tr("{} min").format(round(seconds / _MINUTE_S))
    return _tr("{} s").format(max(1, round(seconds)))


def summary_text(items: Sequence[Download]) -> str:
    """All active downloads in a few words for the status bar, or else the paused ones; or ""."""
    active = [item for item in items if item.is_active]
    if not active:
        # What the end of the program interrupted waits for the user, who must be able to see it.
        num_paused = sum(item.state is DownloadState.PAUSED for item in items)
        return _tr("%Ln downloads paused", num_paused) if num_paused else ""
    return _tr("%Ln downloads {} %", len(active)).format(round(100 * fraction_of(items)))


def fraction_of(items: Sequence[Download]) -> float:
    """Part of all active downloads that is on disk, 0 to 1; 0 without any."""
    active = [item for item in items if item.is_active]
    total = sum(item.request.num_bytes for item in active)
    return sum(item.done_bytes for item in active) / total if total else 0.0


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Downloads", text, "", count)
