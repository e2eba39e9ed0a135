"""The report: gathers every part, whatever fails, and says at its end what is wrong.

Nothing of the user's own is in it: the home folder is written as `~`, chats and files are not named.
"""

from __future__ import annotations

import importlib
import platform
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import psutil

from realm_desktop import __version__, assets
from realm_desktop.cli.doctor.data_folder import describe_data, describe_models
from realm_desktop.cli.doctor.engine_start import try_engine
from realm_desktop.cli.doctor.findings import Finding, Findings
from realm_desktop.cli.doctor.update_part import describe_updates
from realm_desktop.cli.doctor.window_start import describe_window
from realm_desktop.cli.model_path import STARTER, model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.components import PACKAGES, version_of
from realm_desktop.errors import RealmError
from realm_desktop.paths import Paths, find_paths
from realm_desktop.torch_folder import read_state

MIN_MEMORY_BYTES: Final = 500 * 10**6
"""What the engine takes before any model, with room for the smallest."""

_REINSTALL: Final = "Install Realm Desktop again."


def doctor(values: Namespace, output: Output) -> ExitStatus:
    """Write one object about this machine and installation; FAILED if something does not work."""
    paths = find_paths(None if values.data_dir is None else Path(values.data_dir))
    findings = Findings()
    report: dict[str, object] = {
        "versions": _versions(),
        "platform": platform.platform(),
        **_compute(values.threads, findings, paths.self_test_dir),
        "cuda_support": _cuda_support(paths.torch_dir, findings),
        "memory": _memory(findings),
        "paths": _paths(paths, findings),
    }
    data = _part("data", findings, lambda: describe_data(paths, findings))
    report["disk"] = {"free_bytes": data.get("free_bytes")}
    report["data"] = data
    report["models"] = _part("models", findings, lambda: describe_models(paths, findings))
    report["updates"] = _part("updates", findings, lambda: describe_updates(findings))
    report["qt"] = _part("qt", findings, lambda: describe_window(findings))
    if values.engine_test:
        output.write_progress("starting an engine")
        report["engine"] = _part("engine", findings, lambda: _engine(values, paths, findings))
        output.write_progress("")
    report = _without_home({**report, "is_sound": not findings.problems})
    _write(output, report, findings)
    return ExitStatus.FAILED if findings.problems else ExitStatus.DONE


def _write(output: Output, report: dict[str, Any], findings: Findings) -> None:
    problems, remarks = (
        [_without_home(finding.as_json) for finding in found]
        for found in (findings.problems, findings.remarks)
    )
    if output.is_json:
        output.write_json({**report, "problems": problems, "remarks": remarks})
        return
    output.write_table(report)
    for word, found in (("problem", findings.problems), ("remark", findings.remarks)):
        for finding in found:
            output.write_text(_without_home(_sentence(word, finding)))


def _sentence(word: str, finding: Finding) -> str:
    advice = f"  {finding.advice}\n" if finding.advice else ""
    return f"{word}: {finding.what}\n{advice}"


def _part(
    area: str, findings: Findings, describe: Callable[[], dict[str, object]]
) -> dict[str, object]:
    """One part of the report; what nobody foresaw costs that part and not the others."""
    try:
        return describe()
    except RealmError as error:
        findings.add_problem(area, error.message, error.advice or _REINSTALL)
        return {"error": error.message}
    except Exception as error:  # noqa: BLE001  # border: a report of faults must survive them
        what = f"{type(error).__name__}: {error}"
        findings.add_problem(area, f"this check failed: {what}", "Report it with all of this.")
        return {"error": what}


def _compute(num_threads: int | None, findings: Findings, self_test_dir: Path) -> dict[str, object]:
    """The parts that need torch, if it can be imported at all."""
    try:
        compute: Any = importlib.import_module("realm_desktop.cli.doctor.compute")
    except (ImportError, OSError, RuntimeError) as error:
        what = f"torch cannot be imported: {type(error).__name__}: {error}"
        findings.add_problem("torch", what, _REINSTALL)
        return {"devices": [], "cpu": {}, "gpu": {}, "backends": {}}
    part = _part(
        "compute",
        findings,
        lambda: compute.describe_compute(num_threads, findings, self_test_dir),
    )
    return {"devices": [], "cpu": {}, "gpu": {}, "backends": {}, **part}


def _cuda_support(folder: Path, findings: Findings) -> dict[str, object]:
    """The CUDA build that was installed from the settings, if it was."""
    state = read_state(folder)
    if state is None:
        return {"is_installed": folder.is_dir()}
    if state.why_not:
        what = f"CUDA support is installed and not used: {state.why_not}"
        findings.add_remark("cuda_support", what, "Try again or remove it: Settings, Engine.")
    return {"is_installed": True, "torch": state.torch, "why_not": state.why_not or None}


def _engine(values: Namespace, paths: Paths, findings: Findings) -> dict[str, object]:
    """The part `engine`: a start as the window makes it, with the starter."""
    begin_s = time.monotonic()
    try:
        found = try_engine(
            model_path(STARTER), values.device, values.threads, torch_folder=paths.torch_dir
        )
    except RealmError as error:
        advice = error.advice or "The file engine.log in the folder of the logs may say more."
        findings.add_problem("engine", f"the engine does not work: {error.message}", advice)
        seconds = round(time.monotonic() - begin_s, 2)
        return {"is_working": False, "total_s": seconds, "why_not": error.message}
    return {
        "is_working": True,
        "load_s": round(found.load_s, 2),
        "total_s": round(found.total_s, 2),
        "tokens": found.num_tokens,
    }


def _versions() -> dict[str, str | None]:
    own = {"realm-desktop": __version__, "python": platform.python_version()}
    return {**own, **{name: version_of(name) for name in PACKAGES}}


def _memory(findings: Findings) -> dict[str, int]:
    memory = psutil.virtual_memory()
    if memory.available < MIN_MEMORY_BYTES:
        what = f"only {memory.available / 1e6:,.0f} MB of memory are free"
        findings.add_remark("memory", what, "Close other programs before you load a model.")
    return {"total_bytes": memory.total, "available_bytes": memory.available}


def _paths(paths: Paths, findings: Findings) -> dict[str, str | None]:
    found = {item.name: str(getattr(paths, item.name)) for item in fields(paths)}
    return {
        **found,
        "resources": _shipped(lambda: assets.resource("templates").parent, findings),
        "starter": _shipped(lambda: model_path(STARTER), findings),
    }


def _shipped(find: Callable[[], Path], findings: Findings) -> str | None:
    try:
        return str(find())
    except RealmError as error:
        findings.add_problem("paths", error.message, error.advice)
        return None


def _without_home(value: Any) -> Any:
    """A value with the home folder, whose name is that of the user, as `~` in all of its texts."""
    if isinstance(value, str):
        home = str(Path.home())
        return value.replace(home, "~") if len(home) > 1 else value
    if isinstance(value, Mapping):
        return {name: _without_home(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_home(item) for item in value]
    return value
