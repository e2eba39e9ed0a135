"""The feed-forward layers and their activations."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import ACTIVATIONS, GatedMLP, PlainMLP, gelu, gelu_tanh, silu
from tests.support.kernels import fastest_kernels, random_rows

pytestmark = pytest.mark.usefixtures("one_thread")


def test_mlp_is_down_of_silu_gate_times_up() -> None:
    generator = torch.Generator().manual_seed(0)
    gate, up = (torch.randn(24, 8, generator=generator, dtype=torch.float64) for _ in range(2))
    down = torch.randn(8, 24, generator=generator, dtype=torch.float64)
    x = torch.randn(5, 8, generator=generator, dtype=torch.float64)

    out = GatedMLP(Linear(torch.cat((gate, up))), Linear(down.clone()))(x)

    expected = (functional.silu(x @ gate.T) * (x @ up.T)) @ down.T
    torch.testing.assert_close(out, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_silu_agrees_with_torch(dtype: torch.dtype) -> None:
    x = torch.linspace(-30.0, 30.0, 1001).to(dtype)

    torch.testing.assert_close(silu(x), functional.silu(x))


def test_silu_of_extreme_values_is_finite() -> None:
    x = torch.tensor([-3e38, -1e4, 0.0, 1e4, 3e38])

    assert silu(x).tolist() == [0.0, 0.0, 0.0, 1e4, torch.tensor(3e38).item()]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_value_has_the_same_bits_wherever_it_stands(name: str, dtype: torch.dtype) -> None:
    x = 4 * torch.randn(3000, generator=torch.Generator().manual_seed(0)).to(dtype)
    activate = ACTIVATIONS[name]
    whole = activate(x)

    for first in (0, 1, 7, 2990):
        for count in (1, 2, 3, 9):
            assert torch.equal(activate(x[first : first + count]), whole[first : first + count])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_gelu_agrees_with_torch(dtype: torch.dtype) -> None:
    x = torch.linspace(-30.0, 30.0, 1001).to(dtype)

    torch.testing.assert_close(gelu(x), functional.gelu(x))
    torch.testing.assert_close(gelu_tanh(x), functional.gelu(x, approximate="tanh"))


def test_gated_layer_has_the_activation_of_its_network() -> None:
    gate_up, down, x = random_rows(48, 16), random_rows(16, 24), random_rows(3, 16)
    gate, up = (x @ gate_up.T).chunk(2, dim=-1)

    for kernels in (None, fastest_kernels()):
        layer = GatedMLP(Linear(gate_up.clone()), Linear(down.clone()), kernels, "gelu")
        expected = (functional.gelu(gate) * up) @ down.T
        torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-4)


def test_plain_layer_has_no_gate() -> None:
    up, down, x = random_rows(24, 16), random_rows(16, 24), random_rows(3, 16)

    out = PlainMLP(Linear(up.clone()), Linear(down.clone()), "gelu_tanh")(x)

    expected = functional.gelu(x @ up.T, approximate="tanh") @ down.T
    torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-4)


def test_silu_of_a_view_is_contiguous() -> None:
    both = torch.randn(4, 20).bfloat16()

    assert silu(both[:, :10]).is_contiguous()


def test_kernels_compute_the_same_layer() -> None:
    x, gate_up, down = random_rows(3, 16), random_rows(48, 16), random_rows(16, 24)

    plain, fast = (
        GatedMLP(Linear(gate_up.clone()), Linear(down.clone()), kernels)(x)
        for kernels in (None, fastest_kernels())
    )

    torch.testing.assert_close(fast, plain)
