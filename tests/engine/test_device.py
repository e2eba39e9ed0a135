"""Choice of device, threads and compute dtype."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.cores import physical_cores
from realm_desktop.engine import device
from realm_desktop.engine.accelerators import Card, Missing
from realm_desktop.engine.device import (
    available_devices,
    choose_compute_dtype,
    choose_device,
    choose_draft_dtype,
    has_fast_bfloat16,
    is_out_of_memory,
    num_compute_threads,
    num_useful_threads,
)
from realm_desktop.errors import SettingsError
from realm_desktop.protocol import DeviceName

_CPU = torch.device("cpu")


def _pretend(monkeypatch: pytest.MonkeyPatch, kind: str | None, missing: Missing | None) -> None:
    monkeypatch.setattr(device, "usable_accelerator", lambda: kind)
    monkeypatch.setattr(device, "why_missing", lambda asked=None: missing)


def test_automatic_device_is_the_cpu_without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, "mps", None)

    assert choose_device("auto") == (_CPU, "")
    assert available_devices() == ("cpu", "mps")


@pytest.mark.parametrize(("name", "kind"), [("auto", "cuda"), ("xpu", "xpu"), ("mps", "mps")])
def test_card_that_is_there_is_taken(
    name: DeviceName, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend(monkeypatch, kind, None)
    card = Card(torch.device(kind, 1), "One of two.")
    monkeypatch.setattr(device, "pick_card", lambda found: card if found == kind else None)

    assert tuple(choose_device(name)) == tuple(card)


def test_cpu_that_is_asked_for_is_taken_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, "cuda", Missing("a card sleeps", "Wake it."))

    assert choose_device("cpu") == (_CPU, "")


def test_missing_device_is_named_with_those_found(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, None, Missing("there is no driver", "Install one."))

    with pytest.raises(SettingsError, match="cuda is not available; found are: cpu") as caught:
        choose_device("cuda")
    assert caught.value.field == "device"
    assert caught.value.advice.startswith("There is no driver. Install one.")


@pytest.mark.parametrize("name", ["cuda", "auto"])
def test_missing_device_gives_way_to_the_cpu_with_a_word(
    name: DeviceName, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend(monkeypatch, None, Missing("there is no driver", "Install one."))

    expected = "It computes on the CPU: there is no driver. Install one."
    assert choose_device(name, is_required=False) == (_CPU, expected)


def test_threads_follow_the_option() -> None:
    assert num_compute_threads(3) == 3


def test_threads_default_to_the_cores_of_the_process() -> None:
    assert num_compute_threads(None) == physical_cores()


@pytest.mark.parametrize(
    ("has_avx512_bf16", "has_amx", "is_fast"),
    [(True, False, True), (False, True, True), (False, False, False)],
)
def test_cpu_bfloat16_needs_its_instructions(
    has_avx512_bf16: bool, has_amx: bool, is_fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_avx512_bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: has_amx)

    assert has_fast_bfloat16(_CPU) is is_fast


@pytest.mark.parametrize(
    ("is_fast", "are_weights_float32", "expected"),
    [
        (True, False, torch.bfloat16),
        (True, True, torch.float32),
        (False, False, torch.float32),
    ],
)
def test_automatic_dtype_follows_file_and_device(
    is_fast: bool,
    are_weights_float32: bool,
    expected: torch.dtype,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device, "has_fast_bfloat16", lambda found: is_fast)

    dtype = choose_compute_dtype("auto", _CPU, are_weights_float32=are_weights_float32)

    assert dtype == expected


@pytest.mark.parametrize(
    ("device_name", "num_weights", "expected"),
    [
        ("cpu", 2 * 96 * 256, torch.float32),
        ("cpu", 2 * 1024 * 3072, torch.bfloat16),
        ("cuda", 2 * 96 * 256, torch.bfloat16),
    ],
)
def test_small_draft_model_computes_in_float32_on_the_cpu(
    device_name: str, num_weights: int, expected: torch.dtype
) -> None:
    dtype = choose_draft_dtype(torch.bfloat16, torch.device(device_name), num_weights)

    assert dtype == expected


@pytest.mark.parametrize("name", ["float64", "float32", "bfloat16"])
def test_dtype_asked_for_by_name_is_taken(name: str) -> None:
    dtype = choose_compute_dtype(name, _CPU, are_weights_float32=True)  # type: ignore[arg-type]  # parametrized

    assert dtype == getattr(torch, name)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("not enough memory"), False),
    ],
)
def test_lack_of_memory_is_recognised(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_real_allocation_failure_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)

    assert is_out_of_memory(caught.value)


def test_small_network_computes_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "physical_cores", lambda: 8)

    assert num_useful_threads(None, 2 * 256 * 640) == 1
    assert num_useful_threads(None, 2 * 2048 * 8192) == 8


def test_threads_that_were_asked_for_are_used_for_any_network() -> None:
    assert num_useful_threads(3, 100) == 3
