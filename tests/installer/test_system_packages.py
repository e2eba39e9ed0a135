"""The list of system packages is complete: Qt opens a real window on a virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

PROBE = """
from PySide6.QtWidgets import QApplication, QWidget

app = QApplication([])
window = QWidget()
window.show()
assert app.platformName() == "xcb", app.platformName()
assert not window.grab().isNull()
"""


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual display on this machine")
def test_qt_opens_a_window_on_a_virtual_display() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    command = ["xvfb-run", "-a", sys.executable, "-c", PROBE]

    answer = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert answer.returncode == 0, answer.stderr
