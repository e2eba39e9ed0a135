"""What `doctor` starts in a process of its own: makes the application object and says how it went."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from realm_desktop.ui.application import application


def check_window() -> None:
    """Write what Qt runs on; where it cannot, Qt ends the process with a sentence."""
    app = application()
    facts = {"platform": QGuiApplication.platformName(), "qt": qVersion()}
    sys.stdout.write(json.dumps(facts) + "\n")
    app.quit()
