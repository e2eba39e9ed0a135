"""The one theme that tests of widgets share."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from realm_desktop.ui.theme import Theme


def light_theme(app: QApplication) -> Theme:
    """The light theme at 100 %, applied to the app."""
    # A test that closes its window must not end the event loop.
    app.setQuitOnLastWindowClosed(False)
    theme = Theme("light")
    # Applying costs more than most tests, and changes nothing the second time.
    if app.styleSheet() != theme.style_sheet():
        theme.apply(app)
    return theme
