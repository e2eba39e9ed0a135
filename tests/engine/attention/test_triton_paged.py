"""Attention by Triton: interpreted on the CPU, and compiled for cards."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TypedDict

import pytest
import torch

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.triton_paged import (
    TilePlan,
    TritonPagedAttention,
    padded_dim,
    tile_plan,
)
from tests.support.mixed_attention import Network
from tests.support.triton_children import IS_DECLARED, child_report

CUDA = torch.device("cuda")
# Outputs are up to 4. Sums of float32 err by 1e-6; the narrow types by the rounding of weights and
# results.
_TOLERANCES = {"float16": 3e-3, "bfloat16": 2e-2}
_SHARED_BYTES = {"sm_80": 99 * 1024, "sm_90": 99 * 1024, "sm_120": 99 * 1024, "gfx90a": 64 * 1024}
"""What a program may have: of NVIDIA's as much as consumer cards allow, whose code is the same."""


class Report(TypedDict):
    """What `interpreted_attention` prints."""

    errors: dict[str, float]
    differences: dict[str, bool]
    padding_is_zero: bool


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("triton")
    report: Report = child_report(
        "tests.support.interpreted_attention", folder, is_interpreted=True
    )
    return report


@pytest.mark.slow
def test_every_feature_agrees_with_gathered_blocks_in_float64(interpreted: Report) -> None:
    wide = {
        name: error
        for name, error in interpreted["errors"].items()
        if not any(narrow in name for narrow in _TOLERANCES)
    }

    assert len(wide) > 15
    assert max(wide.values()) < 5e-6


@pytest.mark.slow
@pytest.mark.parametrize("dtype", _TOLERANCES)
def test_narrow_types_agree_within_their_rounding(interpreted: Report, dtype: str) -> None:
    found = [error for name, error in interpreted["errors"].items() if name.split()[-1] == dtype]

    assert found
    assert max(found) < _TOLERANCES[dtype]


@pytest.mark.slow
def test_rows_have_the_same_bits_alone_and_in_any_mix(interpreted: Report) -> None:
    assert len(interpreted["differences"]) == 8
    assert not any(interpreted["differences"].values()), interpreted["differences"]


@pytest.mark.slow
def test_padding_rows_are_zero(interpreted: Report) -> None:
    assert interpreted["padding_is_zero"]


def _assert_fits(report: dict[str, list[int]]) -> None:
    for name, (code_bytes, shared_bytes) in report.items():
        assert code_bytes > 0
        assert shared_bytes <= _SHARED_BYTES[name.split()[0]], name


@pytest.mark.slow
def test_kernels_compile_for_cards(tmp_path: Path) -> None:
    report: dict[str, list[int]] = child_report(
        "tests.support.compiled_attention", tmp_path, is_interpreted=False
    )

    assert len(report) == 4
    _assert_fits(report)


@pytest.mark.full
def test_every_size_of_heads_compiles_for_every_card(tmp_path: Path) -> None:
    report: dict[str, list[int]] = child_report(
        "tests.support.compiled_attention", tmp_path, "--all", is_interpreted=False
    )

    assert len(report) == 120
    _assert_fits(report)


@pytest.mark.parametrize(
    ("shape", "device", "dtype", "reason"),
    [
        (Network().shape, torch.device("cpu"), torch.float32, "not on cpu"),
        (Network().shape, torch.device("mps"), torch.float32, "not on mps"),
        (Network().shape, CUDA, torch.float64, "not in torch.float64"),
        (Network((1, 1, 264)).shape, CUDA, torch.bfloat16, "264 values, more than 256"),
        (Network((65, 1, 8)).shape, CUDA, torch.bfloat16, "65 query heads share"),
    ],
)
def test_what_it_cannot_do_is_declined_with_a_reason(
    shape: AttentionShape, device: torch.device, dtype: torch.dtype, reason: str
) -> None:
    assert reason in (TritonPagedAttention().supports(shape, device, dtype) or "")


def _reason_on_cuda() -> str | None:
    return TritonPagedAttention().supports(Network().shape, CUDA, torch.bfloat16)


def test_a_machine_without_triton_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert _reason_on_cuda() == "Triton is not installed"


@pytest.mark.skipif(not IS_DECLARED, reason="there is no wheel of Triton for this system")
@pytest.mark.parametrize(
    ("capability", "reason"),
    [((7, 5), "the device has compute capability 7.5, less than 8.0"), ((8, 6), None)],
)
def test_cards_older_than_triton_are_declined(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], reason: str | None
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)

    assert _reason_on_cuda() == reason


def test_tiles_follow_from_heads_and_types_alone() -> None:
    assert tile_plan(80, torch.bfloat16) == tile_plan(128, torch.float16) == TilePlan(64, 64, 8, 3)
    assert tile_plan(256, torch.bfloat16).step == 32
    assert tile_plan(64, torch.float32).rows == 32
    assert [padded_dim(size) for size in (8, 16, 80, 96, 128, 130)] == [16, 16, 128, 128, 128, 256]
