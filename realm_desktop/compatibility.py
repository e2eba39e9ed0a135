"""What this program refuses or switches off in Qt's binding. Called once, before the window opens."""

from __future__ import annotations

import importlib
import logging

from realm_desktop.errors import SettingsError

logger = logging.getLogger(__name__)


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


def skip_feature_scan() -> None:
    """Keep PySide6 from reading the source text of every module that is imported from now on.

    It searches each for its own name, in case one asks for `__feature__`, which none of ours does, and
    keeps the lines: some 50 ms of the start and 13 MB (PySide6 6.11.3, 550 modules). Imports PySide6.
    """
    importlib.import_module("PySide6")
    try:
        feature = importlib.import_module("shibokensupport.feature")
    except ImportError:
        # No public part of the binding: a version without it costs time, nothing else.
        logger.debug("PySide6 has no scan of sources to switch off")
        return
    names = vars(feature)
    if "_mod_uses_pyside" in names:
        names["_mod_uses_pyside"] = _uses_no_feature


def _uses_no_feature(_module: object) -> bool:
    return False
