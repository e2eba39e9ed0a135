"""The heads of all layers: which rotation and which norm each has, and what one step needs of them.

Layers with the same RoPE share its tables; a layer without RoPE has tables that turn nothing, so that
every layer runs the same code. Runs on the engine thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kernels.row_operations import HeadLayout, HeadsKernel
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.heads import HeadTurning, KernelHeads, TorchHeads
from realm_desktop.engine.layers.norm import HeadNorm, ValueNorm
from realm_desktop.engine.layers.rotary import RotaryEmbedding, inverse_frequencies
from realm_desktop.engine.weights.loader import WeightLoader


class _Kind(NamedTuple):
    """What several layers share: their rotation, and how many heads of which length they have."""

    rotary: RotaryEmbedding
    layout: HeadLayout


class NetworkHeads:
    """Rotations and head norms of a network.

    Args:
        loader: Gives the weights; not kept.
    """

    def __init__(self, loader: WeightLoader) -> None:
        spec = loader.spec
        self._kernels = loader.kernels
        self._original_length = spec.rope.original_context_length
        self._query_growth = spec.query_growth
        self._dtype = loader.dtype
        self._device = loader.device
        self._factors = torch.empty(0)
        self._value_norm = ValueNorm(spec.norm_eps) if spec.has_value_norm else None
        self._norms = [load_head_norm(loader, index) for index in range(spec.num_layers)]
        factors = loader.rope_factors()
        layouts = [head_layout(spec, index) for index in range(spec.num_layers)]
        kinds = list(zip(spec.ropes, layouts, strict=True))
        rotaries = {
            (rope, layout.head_dim): build_rotary(loader, rope, layout.head_dim, factors)
            for rope, layout in dict.fromkeys(kinds)
        }
        self._kinds = [
            _Kind(rotaries[rope, layout.head_dim], layout) for rope, layout in dict.fromkeys(kinds)
        ]
        # By number: to find a layer's among them by its RoPE takes a microsecond a layer and step.
        numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
        self._indices = [numbers[kind] for kind in kinds]

    def tables(self, num_positions: int) -> Tensor:
        """The cosines of the first layer, all tables being long enough; another tensor once they grow."""
        tables = [kind.rotary.whole_tables(num_positions) for kind in self._kinds]
        return tables[0][0]

    def with_table_rows(self, batch: Batch) -> Batch:
        """The batch, with the rows of the tables where those are not the positions."""
        if all(kind.rotary.num_kinds == 1 for kind in self._kinds):
            return batch
        return replace(batch, table_rows=self._table_rows(batch))

    def prepare(
        self, batch: Batch, kv_cache: KVCache, num_positions: int
    ) -> tuple[HeadTurning, ...]:
        """What turns the heads of each layer in one step.

        Args:
            batch: The step.
            kv_cache: Where keys and values go.
            num_positions: More than the largest position of the step.
        """
        shared = [self._turning(kind, batch, kv_cache, num_positions) for kind in self._kinds]
        return tuple([shared[index] for index in self._indices])

    def _turning(
        self, kind: _Kind, batch: Batch, kv_cache: KVCache, num_positions: int
    ) -> HeadTurning:
        (rotary, layout), norms, value_norm = kind, self._norms, self._value_norm
        rows = batch.positions
        if rotary.num_kinds > 1:
            assert batch.table_rows is not None, "the decoder puts them there"
            rows = batch.table_rows
        cosines, sines = rotary.whole_tables(num_positions)
        factors = self._query_factors(cosines.shape[0], rotary.num_kinds)
        # The kernels want keys to store.
        if self._kernels is not None and layout.num_kv_heads:
            kernel = HeadsKernel(self._kernels, layout, rows, cosines, sines, factors)
            return KernelHeads(kernel, layout, norms, kv_cache, value_norm)
        if factors is not None:
            factors = factors.index_select(0, rows).to(self._dtype).view(-1, 1, 1)
        tables = rotary.tables(rows, num_positions)
        return TorchHeads(layout, norms, tables, kv_cache, factors, value_norm)

    def _query_factors(self, num_rows: int, num_kinds: int) -> Tensor | None:
        """[num_rows], what turned queries are multiplied with, by row of the tables; None if with 1."""
        if not self._query_growth:
            return None
        # Only where the tables grew: recorded passes have the address of these.
        if self._factors.shape[0] != num_rows:
            # From the position alone, in float64: torch's float32 logarithm is not the same everywhere.
            positions = torch.arange(num_rows, dtype=torch.float64) // num_kinds
            steps = torch.floor(positions / self._original_length)
            factors = torch.log1p(steps).mul_(self._query_growth).add_(1.0)
            wide = torch.promote_types(self._dtype, torch.float32)
            self._factors = factors.to(self._device, wide)
        return self._factors

    def _table_rows(self, batch: Batch) -> Tensor:
        """[T] int64, the rows of tables that have two for each position.

        Positions beyond the original context have the angles of long sequences in any case.
        """
        is_long = batch.positions >= self._original_length
        for segment in batch.segments:
            if segment.is_long:
                is_long[segment.first_row : segment.first_row + segment.num_rows] = True
        return 2 * batch.positions + is_long


def head_layout(spec: ModelSpec, layer: int) -> HeadLayout:
    """The heads that a layer makes: no keys and values where it reads those of another one."""
    heads = spec.heads_of(layer)
    has_keys = spec.kv_source(layer) == layer
    return HeadLayout(spec.num_heads, heads.num_kv_heads if has_keys else 0, heads.head_dim)


def build_rotary(
    loader: WeightLoader, rope: RopeSpec | None, head_dim: int, factors: Tensor | None
) -> RotaryEmbedding:
    """The rotation of one RoPE; None turns nothing.

    `factors` as `inverse_frequencies` has them, of the network's own RoPE.
    """
    spec, dtype, device = loader.spec, loader.dtype, loader.device
    if rope is None:
        return RotaryEmbedding(torch.empty(0), 1.0, head_dim, dtype, device)
    # The file's divisors belong to the network's own RoPE; layers with a window may have another.
    is_own = rope == spec.rope and head_dim == spec.head_dim
    num_rotated = spec.rotary_dim or head_dim
    frequencies = inverse_frequencies(rope, num_rotated, factors if is_own else None)
    return RotaryEmbedding(frequencies, rope.attention_factor, head_dim, dtype, device)


def load_sinks(loader: WeightLoader) -> Tensor | None:
    """Attention sinks of all layers, as `AttentionShape` has them."""
    spec = loader.spec
    if not spec.has_sinks:
        return None
    dtype = torch.promote_types(loader.dtype, torch.float32)
    return torch.stack(
        [loader.weight(Part.SINKS, index).to(dtype) for index in range(spec.num_layers)]
    )


def attention_shape(loader: WeightLoader) -> AttentionShape:
    """What the attention of a network needs to know."""
    spec = loader.spec
    return AttentionShape(
        spec.num_heads,
        spec.num_kv_heads,
        spec.head_dim,
        spec.scale,
        spec.layer_windows,
        load_sinks(loader),
        spec.attention_softcap,
        tuple((heads.num_kv_heads, heads.head_dim) for heads in spec.layer_heads),
    )


def load_head_norm(loader: WeightLoader, index: int) -> HeadNorm | None:
    """The norm of query and key heads of one layer; None if the network has none."""
    spec = loader.spec
    if spec.head_norm == "none":
        return None
    query, layout = loader.norm_weight(Part.QUERY_NORM, index), head_layout(spec, index)
    has_keys = layout.num_kv_heads > 0
    return HeadNorm(
        query,
        # Without key heads nothing is multiplied with it.
        loader.norm_weight(Part.KEY_NORM, index) if has_keys else query,
        spec.num_heads,
        layout.num_kv_heads,
        spec.norm_eps,
        spec.norm_kind,
        is_whole=spec.head_norm == "whole",
    )
