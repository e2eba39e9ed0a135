"""Which backend serves which device."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest
import torch

from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.attention.selection import attention_backends, choose_attention
from realm_desktop.engine.kernels.library import OFF, SWITCH, describe_kernels
from realm_desktop.engine.self_test import CheckResult, Verdict
from tests.support.attention_cases import CPU, attention_case
from tests.support.kernels import NO_KERNELS


@pytest.mark.parametrize(
    ("device", "dtype", "name"),
    [
        ("mps", torch.bfloat16, "metal"),
        ("mps", torch.float16, "gather"),
        ("meta", torch.float32, "sdpa"),
    ],
)
def test_devices_have_backends_of_their_own(device: str, dtype: torch.dtype, name: str) -> None:
    backend = choose_attention(attention_case().shape, torch.device(device), dtype)

    assert backend.name == name


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kernels_serve_the_processor_where_they_are(dtype: torch.dtype) -> None:
    if describe_kernels()[0] is None:
        pytest.skip(NO_KERNELS)

    assert choose_attention(attention_case().shape, CPU, dtype).name == "cpu kernels"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_torch_serves_the_processor_without_kernels(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    monkeypatch.setenv(SWITCH, OFF)

    assert choose_attention(attention_case().shape, CPU, dtype).name == "cpu"


@pytest.mark.parametrize("heads", [(4, 4, 20), (2, 2, 264), (65, 1, 8)])
def test_torch_serves_heads_that_the_kernels_decline(heads: tuple[int, int, int]) -> None:
    assert choose_attention(attention_case(heads).shape, CPU, torch.float32).name == "cpu"


def test_kernels_say_why_they_decline(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = attention_case().shape
    monkeypatch.setenv(SWITCH, OFF)

    reasons = [
        NativeAttention().supports(shape, torch.device("mps"), torch.float32),
        NativeAttention().supports(shape, CPU, torch.float64),
        NativeAttention().supports(shape._replace(head_dim=20), CPU, torch.float32),
        NativeAttention().supports(shape._replace(num_heads=130), CPU, torch.float32),
        NativeAttention().supports(shape, CPU, torch.float32),
    ]

    parts = ("not on mps", "not in torch.float64", "20 values", "65 query heads", "is 'off'")
    assert all(part in (reason or "") for part, reason in zip(parts, reasons, strict=True))


def test_backend_that_failed_its_test_gives_way() -> None:
    shape = attention_case().shape
    faults = [CheckResult(name, fault="wrong") for name in ("cpu kernels", "cpu")]

    names = [
        choose_attention(shape, CPU, torch.float32, verdict=Verdict(tuple(faults[:count]))).name
        for count in (1, 2)
    ]

    assert names == ["cpu", "gather"]


def test_layers_of_every_size_of_heads_follow_the_verdict() -> None:
    shape = attention_case().shape._replace(
        layer_windows=(None, None), layer_heads=((2, 16), (1, 32))
    )
    faults = tuple(CheckResult(name, fault="wrong") for name in ("cpu kernels", "cpu"))

    assert choose_attention(shape, CPU, torch.float32, verdict=Verdict(faults)).name == "gather"


def test_backends_stand_in_order_of_speed() -> None:
    names = [backend.name for backend in attention_backends()]

    assert names == ["cpu kernels", "cpu", "triton", "varlen flash", "metal", "sdpa", "gather"]


@pytest.mark.parametrize(
    ("dtype", "softcap", "name"),
    [
        (torch.bfloat16, 0.0, "varlen flash"),
        (torch.float32, 0.0, "sdpa"),
        (torch.bfloat16, 30.0, "gather"),
    ],
)
def test_cuda_without_triton_computes_with_what_torch_has(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, softcap: float, name: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(torch.backends.cuda, "is_flash_attention_available", lambda: True)
    shape = attention_case(softcap=softcap).shape

    assert choose_attention(shape, torch.device("cuda"), dtype).name == name


def test_engine_that_computes_on_a_cpu_imports_no_compiler() -> None:
    script = (
        "import sys, realm_desktop.engine.engine\n"
        "print([name for name in ('torch._dynamo', 'triton', 'sympy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    # Twice the time of the whole import, for what only cards need.
    assert done.stdout.strip() == "[]"
