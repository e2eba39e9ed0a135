"""Several hidden states of which each layer computes one (AltUp, arXiv 2301.13310).

A layer predicts all of them from what they were, computes the active one, and corrects the others by
what that came to. The states are [streams, T, hidden_size], so that one of them is contiguous. All
that mixes them is written as single products and sums, whose bits do not depend on the number of rows.
Runs on the engine thread.
"""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.architecture.layer_forms import StreamSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.decoder_layer import DecoderLayer, LayerStep, build_layer
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.moments import root_mean_square
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import Target
from realm_desktop.engine.weights.loader import WeightLoader
from realm_desktop.engine.weights.streams import read_stream_matrices

_SMALLEST_SQUARE: Final = 1e-5  # so that a state of zeros can be scaled
# Of a sum of two terms of one size, which it keeps.
_SUM_SCALE: Final = math.sqrt(0.5)


class StreamMixer:
    """Predicts and corrects the states of one layer.

    Args:
        spec: How many there are, and which is computed.
        router: hidden_size to one value for each state, float32 or float64.
        router_norm: Of what the router reads, in the same dtype.
        prediction: [streams², streams] of the same dtype: how much of each state goes into each.
        correction: [streams, streams]: how much of the change of the active one goes into each.
    """

    def __init__(
        self,
        spec: StreamSpec,
        router: Linear,
        router_norm: RMSNorm,
        prediction: Tensor,
        correction: Tensor,
    ) -> None:
        self._spec = spec
        self._router = router
        self._router_norm = router_norm
        self._prediction = prediction
        self._correction = correction
        self.num_bytes = router.num_bytes + prediction.nbytes + correction.nbytes

    def predicted(self, streams: Tensor) -> Tensor:
        """[streams, T, hidden_size], a new tensor, for `streams` of the same shape."""
        count = self._spec.num_streams
        shares = _product(self._modalities(streams[self._spec.active]), self._prediction)
        shares = shares.view(-1, count, count).transpose(0, 1)
        wide = streams.to(shares.dtype)
        total = wide.clone()
        for source in range(count):
            total += wide[source] * shares[:, :, source : source + 1]
        return total.to(streams.dtype)

    def corrected(self, predicted: Tensor, computed: Tensor) -> Tensor:
        """[streams, T, hidden_size], a new tensor.

        Args:
            predicted: What `predicted` gave.
            computed: [T, hidden_size], what the active state came to.
        """
        shares = _product(self._modalities(computed), self._correction).add_(1.0)
        wide = predicted.to(shares.dtype)
        change = computed - wide[self._spec.active]
        return (change * shares.t().unsqueeze(-1)).add_(wide).to(predicted.dtype)

    def _modalities(self, x: Tensor) -> Tensor:
        """[T, streams] of the router's dtype, between -1 and 1."""
        normed = self._router_norm(x.to(self._prediction.dtype))
        return torch.tanh(self._router(normed))


class Laurel:
    """A residual of low rank: `x + norm(right(left(x)))` (arXiv 2411.07501).

    Args:
        left: hidden_size to the rank.
        right: Back.
        norm: Of the result.
    """

    def __init__(self, left: Linear, right: Linear, norm: RMSNorm) -> None:
        self._left = left
        self._right = right
        self._norm = norm
        self.linears = (left, right)

    def __call__(self, x: Tensor) -> Tensor:
        """[T, hidden_size] for `x` of the same shape, a new tensor."""
        return self._norm(self._right(self._left(x))) + x


class StreamLayer:
    """A layer of a network with streams.

    Args:
        layer: What it computes the active state with; it has a side input.
        mixer: Of all states.
        laurel: Beside the attention.
        output_scale: [hidden_size], of the computed state before its side input; None without.
        active: The state that is computed.
    """

    def __init__(
        self,
        layer: DecoderLayer,
        mixer: StreamMixer,
        laurel: Laurel,
        output_scale: Tensor | None,
        active: int,
    ) -> None:
        self._layer = layer
        self._mixer = mixer
        self._laurel = laurel
        self._output_scale = output_scale
        self._active = active
        self.linears = (*layer.linears, *laurel.linears)
        self.num_other_bytes = layer.num_other_bytes + mixer.num_bytes
        self.has_kernels_only = False

    def run(self, hidden: Tensor, term: Tensor | None, step: LayerStep) -> None:
        """One layer: all states are changed in place, and nothing is left to be added.

        Args:
            hidden: [streams, T, hidden_size].
            term: None, as the layer before left it.
            step: Of all layers.
        """
        assert term is None, "layers with streams leave nothing over"
        layer = self._layer
        predicted = self._mixer.predicted(hidden)
        # The correction compares with the prediction as it was.
        computed = predicted[self._active].clone()
        x = layer.entered(computed, None)
        beside = self._laurel(x)
        computed.add_(layer.attended(x, step)).add_(beside).mul_(_SUM_SCALE)
        computed.add_(layer.fed(computed, None, step))
        corrected = self._mixer.corrected(predicted, computed)
        # Not contiguous: torch lays the states of a row side by side, as the shares lie that made them.
        first = corrected[self._active]
        if self._output_scale is not None:
            first = first * self._output_scale
        # As transformers has it: to all but the first, whichever is computed.
        corrected[1:].add_(layer.from_side(first.contiguous(), step))
        hidden.copy_(corrected)


class StreamEnds:
    """Makes the states of the embedding, and the hidden state of them at last.

    Args:
        loader: Of a network with streams; not kept.

    Attributes:
        num_bytes: Memory of the weights.
    """

    def __init__(self, loader: WeightLoader) -> None:
        source, spec = loader.source, loader.spec
        self._first, self._last = (
            [Linear(weight) for weight in read_stream_matrices(source, spec, is_last=is_last)]
            for is_last in (False, True)
        )
        self.num_bytes = sum(linear.num_bytes for linear in (*self._first, *self._last))

    def spread(self, hidden: Tensor) -> Tensor:
        """[streams, T, hidden_size] for `hidden` [T, hidden_size], a new tensor."""
        # The first state is the measure of the others, whichever is computed.
        size = root_mean_square(hidden)
        return torch.stack([hidden, *(_sized(matrix(hidden), size) for matrix in self._first)])

    def merged(self, streams: Tensor) -> Tensor:
        """[T, hidden_size] for `streams` [streams, T, hidden_size], a new tensor."""
        size = root_mean_square(streams[0])
        total = streams[0].clone()
        for matrix, state in zip(self._last, streams[1:], strict=True):
            total += _sized(matrix(state), size)
        return total.mul_(1.0 / streams.shape[0])


def build_stream_layer(
    loader: WeightLoader, index: int, slabs: dict[Target, AdapterSlab], *, is_draft: bool
) -> StreamLayer:
    """Load one layer; arguments as of `build_layer`."""
    spec, streams = loader.spec, loader.spec.streams
    assert streams is not None, "only networks with streams are asked for"

    def norm(part: Part) -> RMSNorm:
        return RMSNorm(loader.norm_weight(part, index), spec.norm_eps, loader.kernels)

    # What the router reads is divided by the hidden size, which the norm's weight does as well.
    weight = loader.wide_weight(Part.STREAM_ROUTER_NORM, index) / spec.hidden_size
    mixer = StreamMixer(
        streams,
        Linear(loader.wide_weight(Part.STREAM_ROUTER, index)),
        RMSNorm(weight, spec.norm_eps, loader.kernels),
        loader.wide_weight(Part.STREAM_PREDICTION, index),
        loader.wide_weight(Part.STREAM_CORRECTION, index),
    )
    laurel = Laurel(
        Linear(loader.linear_weight((Part.LAUREL_LEFT,), index)),
        Linear(loader.linear_weight((Part.LAUREL_RIGHT,), index)),
        norm(Part.LAUREL_NORM),
    )
    layer = build_layer(loader, index, slabs, is_draft=is_draft)
    has_scale = streams.has_output_scale
    scale = loader.weight(Part.STREAM_SCALE, index) if has_scale else None
    return StreamLayer(layer, mixer, laurel, scale, streams.active)


def _product(x: Tensor, weight: Tensor) -> Tensor:
    """[T, out] for `x` [T, in] and `weight` [out, in], of a few values each, summed in order."""
    total = x[:, :1] * weight[:, 0]
    for index in range(1, weight.shape[1]):
        total += x[:, index : index + 1] * weight[:, index]
    return total


def _sized(rows: Tensor, size: Tensor) -> Tensor:
    """The rows with the root mean square `size` [T, 1]."""
    own = root_mean_square(rows, _SMALLEST_SQUARE)
    return (rows * size / own).to(rows.dtype)
