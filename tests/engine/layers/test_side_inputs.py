"""What a layer does with its side input."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.layers.decoder_layer import KeysAsValues
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import gelu_tanh
from realm_desktop.engine.layers.norm import RMSNorm, ValueNorm
from realm_desktop.engine.layers.side_inputs import SideGate

pytestmark = pytest.mark.usefixtures("one_thread")


def _draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def test_side_input_is_gated_and_normed() -> None:
    gate, output, x, side = (
        _draw(*shape, seed=seed) for seed, shape in enumerate([(8, 24), (24, 8), (5, 24), (5, 8)])
    )
    norm = RMSNorm(torch.ones(24, dtype=torch.float64), 1e-6)

    found = SideGate(Linear(gate.clone()), Linear(output.clone()), norm, gelu_tanh)(x, side)

    gated = functional.gelu(x @ gate.T, approximate="tanh") * side
    expected = functional.rms_norm(gated @ output.T, (24,), None, 1e-6)
    torch.testing.assert_close(found, expected)


def test_keys_are_given_once_more_as_values() -> None:
    weight, x = _draw(12, 24), _draw(5, 24, seed=1)
    both = KeysAsValues(Linear(weight.clone()), 4)

    found = both(x)

    torch.testing.assert_close(found, torch.cat((x @ weight.T, x @ weight[8:].T), 1))
    assert [linear.out_features for linear in both.linears] == [12]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_value_heads_are_normed_one_by_one(dtype: torch.dtype) -> None:
    heads = _draw(7, 3, 16).to(dtype)

    found = ValueNorm(1e-6)(heads[:, 1:])

    expected = functional.rms_norm(heads[:, 1:].double(), (16,), None, 1e-6)
    torch.testing.assert_close(found.double(), expected, rtol=1e-2, atol=1e-2)
    assert torch.equal(ValueNorm(1e-6)(heads[3:4, 1:]), found[3:4])
