"""Combinations of versions that this program refuses to run on. Called once, before the window opens."""

from __future__ import annotations

from realm_desktop.errors import SettingsError


def check_qt_binding(qt_version: tuple[int | str, ...], python_version: tuple[int, ...]) -> None:
    """Refuse the pair of PySide6 and Python whose signals wear out `True`.

    PySide6 6.12.0 under Python 3.11 drops a reference at each emitted signal; after some 600 the
    interpreter aborts. From Python 3.12 on `True` cannot be used up.

    Args:
        qt_version: `PySide6.__version_info__`.
        python_version: `sys.version_info`.

    Raises:
        SettingsError: The pair is the bad one.
    """
    if qt_version[:2] >= (6, 12) and python_version < (3, 12):
        found = ".".join(map(str, qt_version[:3]))
        raise SettingsError(
            f"PySide6 {found} cannot run under Python 3.11; it needs Python 3.12, or PySide6 below 6.12",
            advice="Run: pip install 'PySide6-Essentials<6.12'",
        )
