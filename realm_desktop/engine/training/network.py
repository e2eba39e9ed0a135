"""The network of the engine once more, this time with gradients.

Same hyper-parameters, same weights, same norms and rotation as `engine.decoder`; what differs is what
the decoder does for its own sake and cannot be differentiated: packed products, the KV cache, and
sums in an order that no batch changes. The logits agree within the compute dtype (a test). Where the
engine computes a quantized base beside activations of 8 bits, they differ by that rounding: by at most
0.11 on the starter, whose logits have a deviation of 2.8, with the same best token everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.embedding import Embedding
from realm_desktop.engine.layers.network_heads import build_rotary, load_head_norm
from realm_desktop.engine.layers.norm import HeadNorm, RMSNorm
from realm_desktop.engine.layers.rotary import rotate
from realm_desktop.engine.lora.targets import target_shape
from realm_desktop.engine.training.base_weights import FrozenLinear, load_linear
from realm_desktop.engine.training.lora_weights import LoraWeights
from realm_desktop.engine.training.micro_batch import MicroBatch
from realm_desktop.engine.weights.loader import WeightLoader

_QKV = (Part.QUERY, Part.KEY, Part.VALUE)
_GATE_UP = (Part.GATE, Part.UP)

LOSS_VALUES = 1 << 24
"""Most logits at once: 64 MB in float32. A vocabulary of 150,000 tokens would otherwise need more
memory for the logits of one micro-batch than for the rest of it."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """The frozen parts of one layer."""

    attention_norm: RMSNorm
    qkv: FrozenLinear
    head_norm: HeadNorm | None
    output: FrozenLinear
    mlp_norm: RMSNorm
    gate_up: FrozenLinear
    down: FrozenLinear


@dataclass(frozen=True, slots=True)
class _Pass:
    """What every layer of one forward pass shares."""

    lengths: tuple[int, ...]
    cos: Tensor
    sin: Tensor
    is_training: bool


class TrainingNetwork:
    """A frozen base with pairs that learn.

    Args:
        loader: Gives the weights of the base; kept only if they stay quantized.
        lora: The pairs.
        is_quantized: Keep the matrices of the layers as they lie in the file.

    Attributes:
        is_checkpointed: Compute the activations of a layer again in the backward pass instead of
            keeping them: a third more time, a small part of the memory.
    """

    def __init__(
        self, loader: WeightLoader, lora: LoraWeights, *, is_quantized: bool = False
    ) -> None:
        spec = loader.spec
        self.spec = spec
        self.lora = lora
        self.device = loader.device
        self.dtype = loader.dtype
        self.is_quantized = is_quantized
        self.is_checkpointed = False
        self._rotary = build_rotary(loader, spec.rope, spec.head_dim, loader.rope_factors())
        table = loader.weight(Part.EMBEDDING)
        self._embedding = Embedding(table)
        self._layers = [
            _load_layer(loader, index, is_quantized=is_quantized)
            for index in range(spec.num_layers)
        ]
        self._norm = RMSNorm(loader.weight(Part.FINAL_NORM), spec.norm_eps)
        self._head = table if spec.is_embedding_tied else loader.weight(Part.HEAD)
        self._widths = {part: target_shape(spec, part)[0] for part in (*_QKV, *_GATE_UP)}
        for part in (Part.OUTPUT, Part.DOWN):
            self._widths[part] = spec.hidden_size

    def hidden(self, batch: MicroBatch, *, is_training: bool = False) -> Tensor:
        """[T, hidden_size] after the final norm."""
        last = max(batch.lengths)
        cos, sin = self._rotary.tables(batch.positions, last)
        one = _Pass(batch.lengths, cos, sin, is_training)
        hidden = self._embedding(batch.ids)
        for index in range(self.spec.num_layers):
            if self.is_checkpointed and torch.is_grad_enabled():
                hidden = checkpoint(self._run_layer, index, hidden, one, use_reentrant=False)
            else:
                hidden = self._run_layer(index, hidden, one)
        return self._norm(hidden)

    def logits(self, hidden: Tensor) -> Tensor:
        """[R, vocabulary_size] for [R, hidden_size]; float32, or float64 where that is computed."""
        logits = functional.linear(hidden, self._head)
        return logits if logits.dtype == torch.float64 else logits.float()

    def loss_sum(self, batch: MicroBatch, *, is_training: bool = False) -> Tensor:
        """The summed cross entropy of all targets of a micro-batch, natural logarithm; a scalar."""
        hidden = self.hidden(batch, is_training=is_training).index_select(0, batch.target_rows)
        rows = max(1, LOSS_VALUES // self.spec.vocabulary_size)
        pieces = list(
            zip(torch.split(hidden, rows), torch.split(batch.target_ids, rows), strict=True)
        )
        if len(pieces) <= 1:
            return self._cross_entropy(hidden, batch.target_ids)
        # Without the logits kept, or all pieces together would take what one piece was to save.
        sums = [
            checkpoint(self._cross_entropy, *piece, use_reentrant=False)
            if torch.is_grad_enabled()
            else self._cross_entropy(*piece)
            for piece in pieces
        ]
        return torch.stack(sums).sum()

    def _cross_entropy(self, hidden: Tensor, target_ids: Tensor) -> Tensor:
        return functional.cross_entropy(self.logits(hidden), target_ids, reduction="sum")

    def _run_layer(self, index: int, hidden: Tensor, one: _Pass) -> Tensor:
        layer = self._layers[index]
        hidden = hidden + self._attend(index, layer, layer.attention_norm(hidden), one)
        return hidden + self._feed_forward(index, layer, layer.mlp_norm(hidden), one)

    def _attend(self, index: int, layer: _Layer, x: Tensor, one: _Pass) -> Tensor:
        spec = self.spec
        qkv = self._linear(index, layer.qkv, _QKV, x, one).view(len(x), -1, spec.head_dim)
        num_rotated = spec.num_heads + spec.num_kv_heads
        heads, values = qkv[:, :num_rotated], qkv[:, num_rotated:]
        if layer.head_norm is not None:
            heads = layer.head_norm(heads)
        heads = rotate(heads, one.cos, one.sin)
        queries, keys = heads[:, : spec.num_heads], heads[:, spec.num_heads :]
        window = spec.layer_windows[index]
        lengths = list(one.lengths)
        attended = [
            attend_causally(*part, spec.scale, window)
            for part in zip(
                torch.split(queries, lengths),
                torch.split(keys, lengths),
                torch.split(values, lengths),
                strict=True,
            )
        ]
        return self._linear(index, layer.output, (Part.OUTPUT,), torch.cat(attended), one)

    def _feed_forward(self, index: int, layer: _Layer, x: Tensor, one: _Pass) -> Tensor:
        gate, up = self._linear(index, layer.gate_up, _GATE_UP, x, one).chunk(2, dim=-1)
        inner = functional.silu(gate) * up
        return self._linear(index, layer.down, (Part.DOWN,), inner, one)

    def _linear(
        self, index: int, linear: FrozenLinear, parts: Sequence[Part], x: Tensor, one: _Pass
    ) -> Tensor:
        widths = [(part, self._widths[part]) for part in parts]
        y = linear(x)
        term = self.lora.terms(x, index, widths, is_training=one.is_training)
        return y if term is None else y + term


def attend_causally(
    queries: Tensor, keys: Tensor, values: Tensor, scale: float, window: int | None
) -> Tensor:
    """Causal attention of one sequence over itself, with gradients.

    Args:
        queries: [T, num_heads, head_dim].
        keys: [T, num_kv_heads, head_dim].
        values: [T, num_kv_heads, head_dim].
        scale: What the softmax multiplies scores with.
        window: A row sees itself and `window - 1` rows before it; None for all.

    Returns:
        [T, num_heads · head_dim].
    """
    num_rows, num_heads, _ = queries.shape
    groups = num_heads // keys.shape[1]
    q, k, v = (
        part.transpose(0, 1).unsqueeze(0)
        for part in (
            queries,
            keys.repeat_interleave(groups, dim=1),
            values.repeat_interleave(groups, dim=1),
        )
    )
    mask = None
    # On MPS the causal flag leaks later tokens in half precision (pytorch#195910): mask there.
    if (window is not None and window < num_rows) or queries.device.type == "mps":
        rows = torch.arange(num_rows, device=queries.device)
        distance = rows[:, None] - rows[None, :]
        mask = (distance >= 0) & (distance < (window or num_rows))
    attended = functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=mask is None, scale=scale
    )
    return attended.squeeze(0).transpose(0, 1).reshape(num_rows, -1)


def _load_layer(loader: WeightLoader, index: int, *, is_quantized: bool) -> _Layer:
    spec = loader.spec
    eps = spec.norm_eps

    def linear(parts: tuple[Part, ...], *, has_bias: bool) -> FrozenLinear:
        return load_linear(loader, parts, index, has_bias=has_bias, is_quantized=is_quantized)

    return _Layer(
        attention_norm=RMSNorm(loader.weight(Part.ATTENTION_NORM, index), eps),
        qkv=linear(_QKV, has_bias=spec.has_qkv_bias),
        head_norm=load_head_norm(loader, index),
        output=linear((Part.OUTPUT,), has_bias=spec.has_output_bias),
        mlp_norm=RMSNorm(loader.weight(Part.MLP_NORM, index), eps),
        gate_up=linear(_GATE_UP, has_bias=spec.has_mlp_bias),
        down=linear((Part.DOWN,), has_bias=spec.has_mlp_bias),
    )
