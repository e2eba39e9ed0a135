"""Side inputs of all layers, and what a layer does with its own."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.layer_forms import SideInputSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.decoder_layer import KeysAsValues
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import gelu_tanh
from realm_desktop.engine.layers.norm import RMSNorm, ValueNorm
from realm_desktop.engine.layers.side_inputs import SideGate, SideInputs
from realm_desktop.engine.weights.loader import WeightLoader
from tests.support.attention_cases import small_spec

pytestmark = pytest.mark.usefixtures("one_thread")


def _draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


NUM_LAYERS, WIDTH, HIDDEN, NUM_TOKENS = 3, 4, 8, 5
TABLE = _draw(NUM_TOKENS, NUM_LAYERS * WIDTH, seed=5)
PROJECTION = _draw(NUM_LAYERS * WIDTH, HIDDEN, seed=6)


def _side_inputs() -> SideInputs:
    spec = replace(
        small_spec(),
        hidden_size=HIDDEN,
        num_layers=NUM_LAYERS,
        side_inputs=SideInputSpec(WIDTH, NUM_TOKENS),
    )
    weights = {Part.SIDE_EMBEDDING: TABLE, Part.SIDE_PROJECTION: PROJECTION}
    loader: Any = SimpleNamespace(
        spec=spec,
        kernels=None,
        dtype=torch.float64,
        linear_weight=lambda parts: weights[parts[0]].clone(),
        norm_weight=lambda _part: torch.full((WIDTH,), 2.0, dtype=torch.float64),
    )
    return SideInputs(cast("WeightLoader", loader))


def _expected(ids: list[int], vectors: Tensor) -> Tensor:
    """[T, layers, width] of these tokens, by the formula."""
    projected = (vectors @ PROJECTION.T * HIDDEN**-0.5).view(-1, NUM_LAYERS, WIDTH)
    normed = 2.0 * functional.rms_norm(projected, (WIDTH,), None, small_spec().norm_eps)
    own = (TABLE[ids] * math.sqrt(WIDTH)).view(-1, NUM_LAYERS, WIDTH)
    return (normed + own) / math.sqrt(2.0)


def test_each_layer_gets_its_part_of_table_and_product() -> None:
    vectors = _draw(3, HIDDEN, seed=7)

    found = _side_inputs()(torch.tensor([4, 0, 2]), vectors)

    torch.testing.assert_close(found, _expected([4, 0, 2], vectors))


def test_token_beyond_the_table_has_the_first_row() -> None:
    vectors = _draw(2, HIDDEN, seed=7)

    found = _side_inputs()(torch.tensor([NUM_TOKENS, 10**6]), vectors)

    torch.testing.assert_close(found, _expected([0, 0], vectors))


def test_rows_of_padding_have_no_token() -> None:
    vectors, side_inputs = _draw(4, HIDDEN, seed=7), _side_inputs()

    found = side_inputs(torch.tensor([1, 3]), vectors)

    assert found.shape == (4, NUM_LAYERS, WIDTH)
    torch.testing.assert_close(found[:2], _expected([1, 3], vectors[:2]))


def test_table_is_not_changed() -> None:
    side_inputs, vectors = _side_inputs(), _draw(1, HIDDEN, seed=7)
    first = side_inputs(torch.tensor([1]), vectors)

    assert torch.equal(side_inputs(torch.tensor([1]), vectors), first)
    assert side_inputs.num_bytes == TABLE.nbytes + PROJECTION.nbytes


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
