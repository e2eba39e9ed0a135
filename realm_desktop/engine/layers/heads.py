"""Between the product for queries, keys and values and the attention: norm, rotation, storage.

Two ways to the same: torch, for every device and dtype, and the CPU kernels. One object serves all
layers of one step. Runs on the engine thread.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.kernels.row_operations import HeadLayout, HeadsKernel
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers.norm import HeadNorm, ValueNorm
from realm_desktop.engine.layers.rotary import rotate


class HeadTurning(Protocol):
    """What the decoder asks for in each layer of a step.

    A layout without key heads is that of a layer that reads the keys and values of another one.
    """

    def __call__(self, layer: int, qkv: Tensor, slots: Tensor) -> Tensor:
        """The rotated queries [T, num_heads, head_dim]; keys and values go to the cache.

        Args:
            layer: Whose heads they are.
            qkv: [T, (num_heads + 2 · num_kv_heads) · head_dim]; rows past the step's are padding.
                May be changed in place.
            slots: [R] int64, where the step's rows go, all different.
        """


class TorchHeads:
    """One torch operation after the other.

    Args:
        layout: Of the layers it is asked for.
        norms: Of each layer, or None without.
        tables: Cosines and signed sines of the step's rows, [R, 1, head_dim] each.
        kv_cache: Where keys and values go.
        query_factors: [R, 1, 1], of the turned queries of each row; None if all are 1.
        value_norm: Of value heads; None without.
    """

    def __init__(
        self,
        layout: HeadLayout,
        norms: list[HeadNorm | None],
        tables: tuple[Tensor, Tensor],
        kv_cache: KVCache,
        query_factors: Tensor | None = None,
        value_norm: ValueNorm | None = None,
    ) -> None:
        self._value_norm = value_norm
        self._layout = layout
        self._norms = norms
        self._num_rows = tables[0].shape[0]
        self._tables = tables
        self._kv_cache = kv_cache
        self._query_factors = query_factors

    def __call__(self, layer: int, qkv: Tensor, slots: Tensor) -> Tensor:
        """See `HeadTurning`."""
        layout, num_rows = self._layout, self._num_rows
        missing = qkv.shape[0] - self._tables[0].shape[0]
        if missing:  # once: all layers have the same padding
            cos, sin = self._tables
            padding = (0, 0, 0, 0, 0, missing)
            self._tables = functional.pad(cos, padding), functional.pad(sin, padding)
        qkv = qkv.view(qkv.shape[0], -1, layout.head_dim)
        num_rotated = layout.num_heads + layout.num_kv_heads
        heads, values = qkv[:, :num_rotated], qkv[:num_rows, num_rotated:]
        norm = self._norms[layer]
        if self._value_norm is not None and layout.num_kv_heads:
            values = self._value_norm(values)
        if norm is not None:
            heads = norm(heads)
        heads = rotate(heads, *self._tables)
        if layout.num_kv_heads:
            self._kv_cache.write(layer, slots, heads[:num_rows, layout.num_heads :], values)
        queries = heads[:, : layout.num_heads]
        if self._query_factors is not None:
            queries[:num_rows].mul_(self._query_factors)
        return queries


class KernelHeads:
    """One call of the CPU kernels per layer.

    Args:
        kernel: Of the step.
        layout: Of the layers it is asked for; it has key heads.
        norms: Of each layer, or None without.
        kv_cache: Where keys and values go.
        value_norm: Of value heads; None without.
    """

    def __init__(
        self,
        kernel: HeadsKernel,
        layout: HeadLayout,
        norms: list[HeadNorm | None],
        kv_cache: KVCache,
        value_norm: ValueNorm | None = None,
    ) -> None:
        self._value_norm = value_norm
        self._kernel = kernel
        self._layout = layout
        self._norms = norms
        self._kv_cache = kv_cache

    def __call__(self, layer: int, qkv: Tensor, slots: Tensor) -> Tensor:
        """See `HeadTurning`."""
        pool, norm = self._kv_cache.plain_pool(layer), self._norms[layer]
        weights = None if norm is None else norm.for_kernels
        if self._value_norm is not None:
            # The kernel norms queries and keys only, and takes the values where they lie.
            values = qkv.view(qkv.shape[0], -1, self._layout.head_dim)
            values = values[:, self._layout.num_heads + self._layout.num_kv_heads :]
            values.copy_(self._value_norm(values))
        if pool is not None:
            return self._kernel(qkv, pool, slots, weights)
        # Stored as integers: the cache makes them of plain rows.
        layout = self._layout
        rows = qkv.new_empty(2, layout.num_kv_heads, slots.shape[0], layout.head_dim)
        queries = self._kernel(qkv, rows, None, weights)
        self._kv_cache.write(layer, slots, *rows.transpose(1, 2))
        return queries
