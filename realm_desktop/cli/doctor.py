"""`doctor`: what a report of a fault should tell: versions, devices, paths, memory."""

from __future__ import annotations

import importlib.util
import platform
from argparse import Namespace
from dataclasses import fields
from pathlib import Path

import psutil
import torch

from realm_desktop import __version__, assets
from realm_desktop.cli.attention_check import check_attention
from realm_desktop.cli.model_path import STARTER, model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.components import PACKAGES, version_of
from realm_desktop.engine.device import available_devices, has_fast_bfloat16, num_compute_threads
from realm_desktop.engine.kernels.library import describe_kernels
from realm_desktop.errors import RealmError
from realm_desktop.paths import Paths, find_paths


def doctor(values: Namespace, output: Output) -> ExitStatus:
    """Write one object about this machine and installation."""
    paths = find_paths(None if values.data_dir is None else Path(values.data_dir))
    memory = psutil.virtual_memory()
    devices = available_devices()
    output.write_result(
        {
            "versions": _versions(),
            "platform": platform.platform(),
            "devices": list(devices),
            "cpu": _cpu(values.threads),
            "memory": {"total_bytes": memory.total, "available_bytes": memory.available},
            "backends": {device: _attention(device) for device in devices},
            "paths": _paths(paths),
            "disk": {"free_bytes": _free_bytes(paths.data_dir)},
            "qt": {"is_found": importlib.util.find_spec("PySide6") is not None},
        }
    )
    return ExitStatus.DONE


def _versions() -> dict[str, str | None]:
    own = {"realm-desktop": __version__, "python": platform.python_version()}
    return {**own, **{name: version_of(name) for name in PACKAGES}}


def _cpu(num_threads: int | None) -> dict[str, object]:
    capabilities = torch.cpu.get_capabilities()
    return {
        "architecture": platform.machine(),
        "physical_cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "threads": num_compute_threads(num_threads),
        "has_fast_bfloat16": has_fast_bfloat16(torch.device("cpu")),
        "flags": sorted(name for name, value in capabilities.items() if value is True),
        "kernels": _kernels(),
    }


def _kernels() -> dict[str, str | None]:
    """The instruction set that multiplies quantized weights; without one, why."""
    name, reason = describe_kernels()
    return {"instruction_set": name, "why_not": reason or None}


def _attention(device: str) -> dict[str, object]:
    check = check_attention(torch.device(device))
    return {
        "attention": check.backend,
        "max_error": check.max_error,
        "is_sound": check.is_sound,
    }


def _paths(paths: Paths) -> dict[str, str | None]:
    found = {item.name: str(getattr(paths, item.name)) for item in fields(paths)}
    return {**found, "resources": _resource_folder(), "starter": _starter()}


def _resource_folder() -> str | None:
    try:
        return str(assets.resource("templates").parent)
    except RealmError:
        return None


def _starter() -> str | None:
    try:
        return str(model_path(STARTER))
    except RealmError:
        return None


def _free_bytes(folder: Path) -> int:
    """Free space of the disk that holds the folder, or would hold it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return int(psutil.disk_usage(str(folder)).free)
