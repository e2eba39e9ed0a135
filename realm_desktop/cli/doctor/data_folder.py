"""The data folder: whether it can be written, what is free, and whether what lies in it is sound.

Reads only, and names no chat and no file of the user's.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil

from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.errors import RealmError
from realm_desktop.formats.inspection import inspect
from realm_desktop.library.model_files import find_models
from realm_desktop.paths import Paths
from realm_desktop.store.disk_use import file_bytes
from realm_desktop.store.file_check import DatabaseState, check_database_file

MIN_FREE_BYTES: Final = 200 * 2**20
"""Below it, backups and downloads fail, and soon messages too."""

DATABASE_LIMIT_S: Final = 60.0
MAX_INSPECTED: Final = 200
"""Headers read: some milliseconds each, more from a slow disk."""


def describe_data(paths: Paths, findings: Findings) -> dict[str, object]:
    """The part `data` of the report."""
    folder = paths.data_dir
    free_bytes = free_space(folder)
    if free_bytes < MIN_FREE_BYTES:
        what = f"the disk of the data folder has {free_bytes / 1e6:,.0f} MB free"
        findings.add_problem("data", what, "Free some space, or choose another folder.")
    is_writable = can_write(folder)
    if not is_writable:
        what = f"nothing can be written in the data folder {folder}"
        findings.add_problem("data", what, "Allow writing there, or use --data-dir.")
    return {
        "is_present": folder.is_dir(),
        "is_writable": is_writable,
        "free_bytes": free_bytes,
        "database": _database(paths.database_file, findings),
        "settings": _settings_state(_read_settings(paths.settings_file), findings),
    }


def describe_models(paths: Paths, findings: Findings) -> dict[str, object]:
    """The part `models` of the report: how many there are, and how many cannot be used."""
    settings = _read_settings(paths.settings_file)
    folders = [paths.models_dir, *_model_folders(settings)]
    found = [path for folder in folders for path in find_models(folder)]
    refused = Counter(filter(None, map(_refusal, islice(found, MAX_INSPECTED))))
    if refused:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(refused.items()))
        what = f"{refused.total()} of {len(found)} model files cannot be used: {kinds}"
        findings.add_remark("models", what, "The list of models gives the reason of each.")
    return {
        "folders": len(folders),
        "files": len(found),
        "bytes": file_bytes(*found),
        "refused": dict(refused),
    }


def free_space(folder: Path) -> int:
    """Free bytes of the disk that holds the folder, or would hold it."""
    return int(psutil.disk_usage(str(_nearest(folder))).free)


def can_write(folder: Path) -> bool:
    """Whether files can be made in the folder; tried if it is there, as rights tell little."""
    if not folder.is_dir():
        return os.access(_nearest(folder), os.W_OK)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _database(path: Path, findings: Findings) -> dict[str, object]:
    check = check_database_file(path, DATABASE_LIMIT_S)
    if check.state is DatabaseState.DAMAGED:
        advice = "Start Realm Desktop: it keeps the file and recovers what can be read."
        findings.add_problem("data", f"the database is damaged: {check.reason}", advice)
    elif check.state is DatabaseState.NEWER:
        what = f"the database was written by a newer version ({check.reason})"
        findings.add_problem("data", what, "Install that version, or use another --data-dir.")
    elif check.state is DatabaseState.UNREADABLE:
        what = f"the database cannot be read: {check.reason}"
        findings.add_problem("data", what, "Allow reading it; close programs that keep it open.")
    elif check.state is DatabaseState.UNKNOWN:
        what = f"the check of the database was stopped after {DATABASE_LIMIT_S:g} s"
        findings.add_remark("data", what, "Check data in the settings, Storage, reads all of it.")
    return {"state": check.state.value, "size_bytes": file_bytes(path)}


def _read_settings(path: Path) -> dict[str, Any] | None:
    """The settings as they lie on the disk: {} without any, None if they are damaged.

    Not by `SettingsFile`: that sets a damaged file aside, and a check changes nothing.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _settings_state(settings: dict[str, Any] | None, findings: Findings) -> str:
    if settings is None:
        advice = "Start Realm Desktop: it sets the file aside and begins with the defaults."
        findings.add_problem("data", "the settings cannot be read", advice)
        return "damaged"
    return "readable" if settings else "missing"


def _model_folders(settings: dict[str, Any] | None) -> Sequence[Path]:
    engine = (settings or {}).get("engine")
    folders = engine.get("model_folders") if isinstance(engine, dict) else None
    listed = folders if isinstance(folders, list) else []
    return [Path(folder) for folder in listed if isinstance(folder, str)]


def _refusal(path: Path) -> str:
    """The kind of error that a model file meets; "" if it can be used."""
    try:
        inspect(path)
    except RealmError as error:
        return error.kind
    return ""
