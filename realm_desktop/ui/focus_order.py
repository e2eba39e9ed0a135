"""Where Tab goes: through a window as it is laid out, whatever was made first.

Qt goes in the order in which widgets were made. Here tabs, panes and pages come and go while the
window lives, and all of them would follow the status bar. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QSplitter, QWidget

_TAB = Qt.FocusPolicy.TabFocus.value


def step_focus(window: QWidget, *, is_forward: bool) -> bool:
    """Give the next or the previous tab stop of a window the focus; False if it has none."""
    stops = list(tab_stops(window))
    if not stops:
        return False
    focused = window.focusWidget()
    places = [place for place, stop in enumerate(stops) if _holds(stop, focused)]
    step = 1 if is_forward else -1
    # The innermost: a list and a button that floats over it may both hold the focus.
    start = places[-1] if places else (-1 if is_forward else 0)
    reason = Qt.FocusReason.TabFocusReason if is_forward else Qt.FocusReason.BacktabFocusReason
    stops[(start + step) % len(stops)].setFocus(reason)
    return True


def tab_stops(widget: QWidget) -> Iterator[QWidget]:
    """The visible parts of a widget that Tab stops at, in the order they are laid out."""
    if widget.focusPolicy().value & _TAB and widget.isEnabled() and widget.focusProxy() is None:
        yield widget
    for part in _parts(widget):
        if part.isVisible() and not part.isWindow():
            yield from tab_stops(part)


def _holds(stop: QWidget, focused: QWidget | None) -> bool:
    return focused is not None and (stop is focused or stop.isAncestorOf(focused))


def _parts(widget: QWidget) -> list[QWidget]:
    """The children of a widget: those in its layout first, then what floats, from top to bottom."""
    children = [child for child in widget.children() if isinstance(child, QWidget)]
    children.sort(key=lambda child: (child.y(), child.x()))
    if isinstance(widget, QSplitter):
        laid_out = [widget.widget(place) for place in range(widget.count())]
    else:
        layout = widget.layout()
        laid_out = [] if layout is None else list(_laid_out(layout))
    # A layout that Qt keeps to itself, such as that of a main window, lists other widgets too.
    first = [part for part in laid_out if part in children]
    return [*first, *(child for child in children if child not in first)]


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        inner = item.layout()
        part = item.widget()
        if inner is not None:
            yield from _laid_out(inner)
        elif part is not None:
            yield part
