"""Several hidden states, against the formulas as they are written down."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.architecture.layer_forms import StreamSpec
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.layers.streams import Laurel, StreamMixer

pytestmark = pytest.mark.usefixtures("one_thread")

_HIDDEN, _COUNT, _ACTIVE = 24, 3, 1


def _draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def _mixer(dtype: torch.dtype = torch.float64) -> StreamMixer:
    return StreamMixer(
        StreamSpec(_COUNT, _ACTIVE, 4),
        Linear(_draw(_COUNT, _HIDDEN, seed=1).to(dtype)),
        RMSNorm(torch.full((_HIDDEN,), 0.5, dtype=dtype), 1e-6),
        _draw(_COUNT * _COUNT, _COUNT, seed=2).to(dtype),
        _draw(_COUNT, _COUNT, seed=3).to(dtype),
    )


def _modalities(x: Tensor) -> Tensor:
    normed = 0.5 * x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    return torch.tanh(normed @ _draw(_COUNT, _HIDDEN, seed=1).T)


def test_each_state_is_predicted_from_all() -> None:
    streams = _draw(_COUNT, 5, _HIDDEN)
    shares = (_modalities(streams[_ACTIVE]) @ _draw(_COUNT * _COUNT, _COUNT, seed=2).T).view(
        5, 3, 3
    )

    predicted = _mixer().predicted(streams)

    expected = streams + torch.einsum("tks,sth->kth", shares, streams)
    torch.testing.assert_close(predicted, expected)


def test_states_are_corrected_by_what_the_computed_one_came_to() -> None:
    predicted, computed = _draw(_COUNT, 5, _HIDDEN), _draw(5, _HIDDEN, seed=7)
    shares = 1.0 + _modalities(computed) @ _draw(_COUNT, _COUNT, seed=3).T

    corrected = _mixer().corrected(predicted, computed)

    change = computed - predicted[_ACTIVE]
    torch.testing.assert_close(corrected, predicted + shares.T.unsqueeze(-1) * change)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_bits_of_a_row_are_its_own(dtype: torch.dtype) -> None:
    mixer = _mixer(torch.float32)
    streams, computed = _draw(_COUNT, 40, _HIDDEN).to(dtype), _draw(40, _HIDDEN, seed=7).to(dtype)
    whole = mixer.corrected(mixer.predicted(streams), computed)

    for first, count in ((0, 1), (3, 2), (11, 7), (39, 1)):
        rows = slice(first, first + count)
        part = mixer.corrected(mixer.predicted(streams[:, rows].contiguous()), computed[rows])
        assert torch.equal(part, whole[:, rows])


def test_laurel_adds_a_normed_product_of_low_rank() -> None:
    left, right, x = _draw(4, _HIDDEN, seed=4), _draw(_HIDDEN, 4, seed=5), _draw(3, _HIDDEN)
    norm = RMSNorm(torch.full((_HIDDEN,), 2.0, dtype=torch.float64), 1e-6)

    found = Laurel(Linear(left.clone()), Linear(right.clone()), norm)(x)

    product = x @ left.T @ right.T
    normed = 2.0 * product / (product.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    torch.testing.assert_close(found, x + normed)
