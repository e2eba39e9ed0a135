"""What computes is told, with what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import torch

from realm_desktop.cli.attention_check import AttentionCheck
from realm_desktop.cli.doctor import compute
from realm_desktop.cli.doctor.compute import describe_compute
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.engine.self_test import Check, CheckResult, Journal, Verdict, run_checks
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
    monkeypatch.setattr(compute, "check_attention", lambda *_: AttentionCheck("gather", 0.5))
    describe_compute(1, findings := Findings())

    assert "attention on cpu is wrong by 0.5 (gather)" in findings.problems[0].what


def test_missing_kernels_are_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "describe_kernels", lambda: (None, "not built"))
    describe_compute(1, findings := Findings())

    assert "there are no compiled kernels: not built" in [r.what for r in findings.remarks]


def _on_card(
    monkeypatch: pytest.MonkeyPatch, verdict: Verdict, folder: Path
) -> tuple[dict[str, object], Findings]:
    """What is told of a card with this verdict, and what is wrong."""
    monkeypatch.setattr(compute, "available_devices", lambda: ("cpu", "cuda"))
    monkeypatch.setattr(compute, "try_device", lambda device, kept, tell: verdict)
    sound = AttentionCheck("gather", 0.0)
    monkeypatch.setattr(compute, "check_attention", lambda device, verdict: sound)
    found = describe_compute(1, findings := Findings(), folder)
    return cast("dict[str, dict[str, object]]", found["backends"])["cuda"], findings


def test_what_failed_its_self_test_is_a_remark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = Verdict((CheckResult("triton", "window", 0.25, "its result is wrong by 0.25"),))
    told, findings = _on_card(monkeypatch, verdict, tmp_path)

    assert (told["is_sound"], told["not_used"]) == (True, ["triton: its result is wrong by 0.25"])
    assert any("triton failed its self-test on cuda" in one.what for one in findings.remarks)
    assert not findings.problems


def test_device_that_failed_its_self_test_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, findings = _on_card(
        monkeypatch, Verdict((CheckResult("network", fault="wrong"),)), tmp_path
    )

    assert told["is_sound"] is False
    assert [one.what for one in findings.problems] == [
        "cuda failed its self-test and is not used: network: wrong"
    ]


def test_kept_self_tests_are_told_and_damaged_ones_named(tmp_path: Path) -> None:
    check = Check("triton", "", lambda _: 0.5)
    key = {"device": "A card", "torch": "2.13.0+cu130", "program": "1", "system": "", "checks": ""}
    run_checks(torch.device("cpu"), [check], Journal(tmp_path / "cuda.json", key))
    (tmp_path / "xpu.json").write_text("[")
    found = describe_compute(1, Findings(), tmp_path)["self_tests"]

    assert found == [
        {
            "device": "A card",
            "torch": "2.13.0+cu130",
            "program": "1",
            "num_tested": 1,
            "not_used": {"triton": "its result is wrong by 0.5"},
        },
        {"file": "xpu.json", "is_damaged": True},
    ]
