"""Whether Qt can open a window here: tried by this program in another process, as Qt ends its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from realm_desktop.cli.arguments import CHECK_WINDOW_FLAG
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.own_program import own_program

LIMIT_S: Final = 30.0

_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_MAX_REASON: Final = 600


def describe_window(
    findings: Findings,
    command: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """The part `qt` of the report.

    Args:
        findings: Gets what is wrong.
        command: Opens Qt and says how it went; None is this program with its flag.
        environment: Replaces the variables of this process, to tell whether there is a display.
    """
    if importlib.util.find_spec("PySide6") is None:
        advice = "Install Realm Desktop again; the command line works without the window."
        findings.add_problem("qt", "PySide6 is not installed: the window cannot open", advice)
        return {"is_found": False, "platform": None}
    found, reason = _try(command or [*own_program(), CHECK_WINDOW_FLAG])
    variables = os.environ if environment is None else environment
    if found is not None:
        return {"is_found": True, "platform": found.get("platform"), "qt": found.get("qt")}
    if sys.platform == "linux" and not any(variables.get(name) for name in _DISPLAYS):
        findings.add_remark("qt", "there is no display: only the command line can be used")
    else:
        advice = "On Linux a library may be missing: README names what Qt needs."
        findings.add_problem("qt", f"the window cannot open: {reason}", advice)
    return {"is_found": True, "platform": None, "why_not": reason}


def _try(command: Sequence[str]) -> tuple[dict[str, Any] | None, str]:
    """What Qt says of itself; None and the reason if it does not start."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False)
        return msgspec.json.decode(done.stdout, type=dict[str, Any]), ""
    except subprocess.TimeoutExpired:
        return None, f"Qt did not start within {LIMIT_S:g} s"
    except OSError as error:
        return None, str(error)
    except msgspec.MsgspecError:
        said = done.stderr.decode("utf-8", "replace").strip()
        return None, " ".join(said.split())[:_MAX_REASON] or f"exit status {done.returncode}"
