"""Python processes in which Triton is interpreted, or compiles without a card.

Which of both is decided when Triton is imported, so neither may happen in the process of the tests.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

IS_DECLARED = sys.platform == "linux" and platform.machine() == "x86_64"
"""Whether the extra for tests names Triton here: there are no wheels of it for other systems."""


def child_report(module: str, tmp_path: Path, *arguments: str, is_interpreted: bool) -> Any:
    """What `python -m module` prints as JSON; the test is skipped where there can be no Triton."""
    if importlib.util.find_spec("triton") is None and not IS_DECLARED:
        pytest.skip("there is no wheel of Triton for this system")
    environment = {
        **os.environ,
        "TRITON_INTERPRET": "1" if is_interpreted else "0",
        "TRITON_CACHE_DIR": str(tmp_path),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
