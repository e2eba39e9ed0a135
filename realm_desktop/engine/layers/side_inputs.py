"""What each layer gets of a token besides the hidden state (per-layer embeddings of Gemma 3n).

One large table has a short row for every layer and token; a product of the token's vector is added to
it. A layer gates its row and adds it to the hidden state at its end. Runs on the engine thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from torch import Tensor

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.embedding import Embedding
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import ACTIVATIONS
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.weights.loader import WeightLoader

# Of the sum of two rows of equal size.
_SUM_SCALE: Final = math.sqrt(0.5)


class SideInputs:
    """The side inputs of all layers.

    Args:
        loader: Of a network that has some; not kept.

    Attributes:
        num_bytes: Memory of the weights.
    """

    def __init__(self, loader: WeightLoader) -> None:
        spec = loader.spec
        assert spec.side_inputs is not None, "only networks with side inputs are asked for"
        self._width, self._num_tokens = spec.side_inputs.width, spec.side_inputs.vocabulary_size
        table = loader.linear_weight((Part.SIDE_EMBEDDING,))
        self._table = Embedding(table, loader.dtype)
        self._projection = Linear(loader.linear_weight((Part.SIDE_PROJECTION,)))
        self._projection_scale = spec.hidden_size**-0.5
        weight = loader.norm_weight(Part.SIDE_NORM)
        self._norm = RMSNorm(weight, spec.norm_eps, loader.kernels)
        self.num_bytes = self._table.num_bytes + self._projection.num_bytes

    def __call__(self, ids: Tensor, vectors: Tensor) -> Tensor:
        """[T, layers, width], a new tensor.

        Args:
            ids: [R] int64, the tokens.
            vectors: [T, hidden_size], what the first layer reads; rows past R are padding.
        """
        # Of pictures and sound, whose tokens lie beyond the table, transformers takes the first row.
        known = ids.where(ids < self._num_tokens, 0)
        own = self._table(known).mul_(math.sqrt(self._width))
        # Not multiplied into the weights: packed ones are the bytes of the file.
        projected = self._projection(vectors) * self._projection_scale
        side = self._norm(projected.view(-1, self._width)).view(projected.shape)
        side[: ids.shape[0]].add_(own)
        return side.mul_(_SUM_SCALE).view(side.shape[0], -1, self._width)


class SideGate:
    """`norm(output(activation(gate(x)) · side))`.

    Args:
        gate: hidden_size to the width of a side input.
        output: Back to hidden_size.
        norm: Of what is added to the hidden state.
        activate: Of the gate.
    """

    def __init__(
        self, gate: Linear, output: Linear, norm: RMSNorm, activate: Callable[[Tensor], Tensor]
    ) -> None:
        self._gate = gate
        self._output = output
        self._norm = norm
        self._activate = activate
        self.linears = (gate, output)

    def __call__(self, x: Tensor, side: Tensor) -> Tensor:
        """[T, hidden_size] for `x` of the same shape and the layer's `side` [T, width]."""
        return self._norm(self._output(self._activate(self._gate(x)).mul_(side)))


def build_side_gate(loader: WeightLoader, index: int) -> SideGate | None:
    """What a layer does with its side input; None without."""
    spec = loader.spec
    if spec.side_inputs is None:
        return None
    return SideGate(
        Linear(loader.linear_weight((Part.SIDE_GATE,), index)),
        Linear(loader.linear_weight((Part.SIDE_OUTPUT,), index)),
        RMSNorm(loader.norm_weight(Part.POST_SIDE_NORM, index), spec.norm_eps, loader.kernels),
        ACTIVATIONS[spec.activation],
    )
