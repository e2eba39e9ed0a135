"""What computes here: devices, instruction sets, kernels, and whether attention is sound.

Imports torch, which may be the very thing that is broken: `report` imports this module on its guard.
"""

from __future__ import annotations

import platform
from pathlib import Path

import psutil
import torch

from realm_desktop.cli.attention_check import check_attention
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.engine.accelerators import describe_cards, usable_accelerator, why_missing
from realm_desktop.engine.backend_checks import try_device, why_unusable
from realm_desktop.engine.device import available_devices, has_fast_bfloat16, num_compute_threads
from realm_desktop.engine.kernels.library import describe_kernels
from realm_desktop.engine.self_test import NOT_TESTED, Verdict, kept_results, told
from realm_desktop.nvidia_driver import NvidiaDriver, find_nvidia_driver


def describe_compute(
    num_threads: int | None, findings: Findings, self_test_dir: Path | None = None
) -> dict[str, object]:
    """The parts `devices`, `cpu`, `gpu`, `backends` and `self_tests` of the report.

    Args:
        num_threads: As the user asked.
        findings: Take what is wrong.
        self_test_dir: Of the self-tests that loads have kept; None knows of none.
    """
    devices = available_devices()
    backends = {device: _backend(device, findings, self_test_dir) for device in devices}
    return {
        "devices": list(devices),
        "cpu": _cpu(num_threads, findings),
        "gpu": _gpu(find_nvidia_driver(), findings),
        "backends": backends,
        # Those of the CUDA build among them, which this process does not import.
        "self_tests": [] if self_test_dir is None else kept_results(self_test_dir),
    }


def _cpu(num_threads: int | None, findings: Findings) -> dict[str, object]:
    capabilities = torch.cpu.get_capabilities()
    return {
        "architecture": platform.machine(),
        "physical_cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "threads": num_compute_threads(num_threads),
        "has_fast_bfloat16": has_fast_bfloat16(torch.device("cpu")),
        "flags": sorted(name for name, value in capabilities.items() if value is True),
        "kernels": _kernels(findings),
    }


def _kernels(findings: Findings) -> dict[str, str | None]:
    """The instruction set that multiplies quantized weights; without one, why."""
    name, reason = describe_kernels()
    if reason:
        what = f"there are no compiled kernels: {reason}"
        advice = "Quantized models run slower and take more memory; README says what builds them."
        findings.add_remark("cpu", what, advice)
    return {"instruction_set": name, "why_not": reason or None}


def _gpu(driver: NvidiaDriver | None, findings: Findings) -> dict[str, object]:
    """The cards, by the driver and by torch, which may disagree."""
    found = usable_accelerator()
    missing = None if found is not None else why_missing(find_driver=lambda: driver)
    if missing is not None:
        findings.add_remark("gpu", missing.what, missing.advice)
    return {
        "nvidia_driver_cuda": None if driver is None else ".".join(map(str, driver.cuda)),
        "nvidia_devices": [] if driver is None else [card.name for card in driver.devices],
        "torch_cuda": torch.version.cuda,
        "torch_rocm": torch.version.hip,
        "accelerator": found,
        "cards": [] if found is None else describe_cards(found),
    }


def _backend(device: str, findings: Findings, self_test_dir: Path | None) -> dict[str, object]:
    """What computes on a device: attention compared in this process, and what a test of all dropped."""
    if device == "cpu":
        return _attention(device, NOT_TESTED, findings)
    # A folder of the user's that is not there must not be made by a report.
    folder = self_test_dir if self_test_dir is not None and self_test_dir.parent.exists() else None
    verdict = try_device(torch.device(device), folder, lambda _: None)
    for name, fault in verdict.faults.items():
        what = f"{name} failed its self-test on {device} and is not used: {fault}"
        findings.add_remark("backends", what, "Report it with all of this.")
    reason = why_unusable(verdict)
    if reason is not None:
        what = f"{device} failed its self-test and is not used: {reason}"
        findings.add_problem("backends", what, "Choose the CPU in the settings; report it.")
        return {"attention": "none", "max_error": 0.0, "is_sound": False, "not_used": [reason]}
    return {**_attention(device, verdict, findings), "not_used": list(told(verdict))}


def _attention(device: str, verdict: Verdict, findings: Findings) -> dict[str, object]:
    check = check_attention(torch.device(device), verdict)
    if not check.is_sound:
        what = f"attention on {device} is wrong by {check.max_error:.2g} ({check.backend})"
        findings.add_problem("backends", what, "Choose another device in the settings; report it.")
    return {
        "attention": check.backend,
        "max_error": check.max_error,
        "is_sound": check.is_sound,
        "not_used": [],
    }
