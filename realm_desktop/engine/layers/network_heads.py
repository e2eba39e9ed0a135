"""The heads of all layers: which rotation and which norm each has, and what one step needs of them.

Layers with the same RoPE share its tables; a layer without RoPE has tables that turn nothing, so that
every layer runs the same code. Runs on the engine thread.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import RopeSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kernels.row_operations import HeadLayout, HeadsKernel
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.heads import HeadTurning, KernelHeads, TorchHeads
from realm_desktop.engine.layers.norm import HeadNorm
from realm_desktop.engine.layers.rotary import RotaryEmbedding, inverse_frequencies
from realm_desktop.engine.weights.loader import WeightLoader


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
        self._layout = HeadLayout(spec.num_heads, spec.num_kv_heads, spec.head_dim)
        self._norms = [load_head_norm(loader, index) for index in range(spec.num_layers)]
        factors = loader.rope_factors()
        ropes = list(dict.fromkeys(spec.ropes))
        self._rotaries = [
            build_rotary(loader, rope, factors if rope == spec.rope else None) for rope in ropes
        ]
        # By number: to find a layer's among them by its RoPE takes a microsecond a layer and step.
        self._indices = [ropes.index(rope) for rope in spec.ropes]

    def tables(self, num_positions: int) -> Tensor:
        """The cosines of the first layer, all tables being long enough; another tensor once they grow."""
        tables = [rotary.whole_tables(num_positions) for rotary in self._rotaries]
        return tables[0][0]

    def with_table_rows(self, batch: Batch) -> Batch:
        """The batch, with the rows of the tables where those are not the positions."""
        if all(rotary.num_kinds == 1 for rotary in self._rotaries):
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
        shared = [
            self._turning(rotary, batch, kv_cache, num_positions) for rotary in self._rotaries
        ]
        return tuple([shared[index] for index in self._indices])

    def _turning(
        self, rotary: RotaryEmbedding, batch: Batch, kv_cache: KVCache, num_positions: int
    ) -> HeadTurning:
        layout, norms = self._layout, self._norms
        rows = batch.positions
        if rotary.num_kinds > 1:
            assert batch.table_rows is not None, "the decoder puts them there"
            rows = batch.table_rows
        cosines, sines = rotary.whole_tables(num_positions)
        factors = self._query_factors(cosines.shape[0], rotary.num_kinds)
        if self._kernels is not None:
            kernel = HeadsKernel(self._kernels, layout, rows, cosines, sines, factors)
            return KernelHeads(kernel, layout, norms, kv_cache)
        if factors is not None:
            factors = factors.index_select(0, rows).to(self._dtype).view(-1, 1, 1)
        tables = rotary.tables(rows, num_positions)
        return TorchHeads(layout, norms, tables, kv_cache, factors)

    def _query_factors(self, num_rows: int, num_kinds: int) -> Tensor | None:
        """[num_rows], what turned queries are multiplied with, by row of the tables; None if with 1."""
        if not self._query_growth:
            return None
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


def build_rotary(
    loader: WeightLoader, rope: RopeSpec | None, factors: Tensor | None
) -> RotaryEmbedding:
    """The rotation of one RoPE; None turns nothing.

    `factors` as `inverse_frequencies` has them.
    """
    head_dim, dtype, device = loader.spec.head_dim, loader.dtype, loader.device
    if rope is None:
        return RotaryEmbedding(torch.empty(0), 1.0, head_dim, dtype, device)
    frequencies = inverse_frequencies(rope, loader.spec.num_rotated, factors)
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


def load_head_norm(loader: WeightLoader, index: int) -> HeadNorm | None:
    """The norm of query and key heads of one layer; None if the network has none."""
    spec = loader.spec
    if spec.head_norm == "none":
        return None
    return HeadNorm(
        loader.norm_weight(Part.QUERY_NORM, index),
        loader.norm_weight(Part.KEY_NORM, index),
        spec.num_heads,
        spec.num_kv_heads,
        spec.norm_eps,
        spec.norm_kind,
        is_whole=spec.head_norm == "whole",
    )
