"""What a frozen program does for Qt before anything else: next to nothing.

Replaces PyInstaller's own, which imports Qt to tell it where it lies, at every start: also that of the
engine and of subcommands, which never use it. Qt of PyPI's wheels knows that by itself.
"""

import os
import sys
from pathlib import Path

if sys.platform != "linux":
    # As PyInstaller's own; whether Windows and macOS need it was not tried. Other programs that ours
    # starts, such as a browser, inherit the variable, so it is not set where it is not needed.
    _top = ("PySide6",) if sys.platform == "win32" else ("PySide6", "Qt")
    os.environ["QT_PLUGIN_PATH"] = str(Path(sys._MEIPASS, *_top, "plugins"))
