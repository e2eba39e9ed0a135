"""What computes is told, with what is missing."""

from __future__ import annotations

from typing import cast

import pytest
import torch

from realm_desktop.cli.attention_check import AttentionCheck
from realm_desktop.cli.doctor import compute
from realm_desktop.cli.doctor.compute import describe_compute
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.nvidia_driver import NvidiaDevice, NvidiaDriver

DRIVER = NvidiaDriver((12, 4), (NvidiaDevice("A card", 2**30, (8, 6)),))


def _gpu(monkeypatch: pytest.MonkeyPatch, built_for: str | None) -> tuple[dict[str, object], str]:
    """The part `gpu` where there is a driver that torch cannot use, and the remark about it."""
    monkeypatch.setattr(compute, "find_nvidia_driver", lambda: DRIVER)
    monkeypatch.setattr(torch.version, "cuda", built_for)
    monkeypatch.setattr(compute, "usable_accelerator", lambda: None)
    found = describe_compute(1, findings := Findings())
    remarks = [remark.what for remark in findings.remarks if remark.area == "gpu"]
    return cast("dict[str, object]", found["gpu"]), "".join(remarks)


def test_card_that_a_cpu_build_leaves_idle_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu, remark = _gpu(monkeypatch, None)

    assert gpu["nvidia_driver_cuda"] == "12.4"
    assert gpu["nvidia_devices"] == ["A card"]
    assert "built for the CPU" in remark


def test_driver_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _, remark = _gpu(monkeypatch, "13.0")

    assert remark == "torch is built for CUDA 13.0; the driver runs CUDA up to 12.4"


def test_attention_that_is_wrong_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "check_attention", lambda _: AttentionCheck("gather", 0.5))
    describe_compute(1, findings := Findings())

    assert "attention on cpu is wrong by 0.5 (gather)" in findings.problems[0].what


def test_missing_kernels_are_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "describe_kernels", lambda: (None, "not built"))
    describe_compute(1, findings := Findings())

    assert "there are no compiled kernels: not built" in [r.what for r in findings.remarks]
