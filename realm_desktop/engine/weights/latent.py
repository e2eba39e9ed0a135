"""Reads what expands the latents of MLA: one tensor, or as newer GGUF files have it, two.

Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Container
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.lazy_matrix import FileMatrix, LazyMatrix
from realm_desktop.engine.weights.linear_weight import LinearWeight
from realm_desktop.engine.weights.names import TensorNeed
from realm_desktop.engine.weights.source import RawMatrix, WeightSource


class LatentUp(NamedTuple):
    """From the latent to the plain values of all key heads, and to all value heads."""

    key: LinearWeight
    value: LinearWeight


def latent_needs(
    spec: ModelSpec, container: Container, names: Collection[str]
) -> Iterator[TensorNeed]:
    """The tensors that expand latents; none in other networks."""
    if spec.latent is None:
        return
    for layer in range(spec.num_layers):
        yield from _needs(spec.latent, spec.num_heads, container, layer, names)


def read_latent_up(source: WeightSource, spec: ModelSpec, layer: int) -> LatentUp:
    """The matrices of one layer."""
    assert spec.latent is not None, "only networks with latents are asked for"
    latent, heads, file = spec.latent, spec.num_heads, source.file
    needs = list(_needs(latent, heads, file.container, layer, file.tensors))
    raw = [source.raw(need.name) for need in needs]
    if len(raw) == 2:
        # Quantized along the wrong dimension for a product: the keys' matrix is dequantized.
        key = raw[0].dequantize(source.dtype).transpose(1, 2).flatten(0, 1)
        source.on_values(raw[0].num_values)
        rows = QTensor(raw[1].data, raw[1].tensor_type, (heads * latent.value_dim, latent.key_rank))
        up = LatentUp(key.contiguous().to(source.device), _linear(source, rows))
    else:
        # Head by head: the keys of one, its values, the keys of the next.
        ids = torch.arange(raw[0].shape[0]).view(heads, -1)
        key_ids, value_ids = torch.split(ids, [latent.plain_dim, latent.value_dim], 1)
        up = LatentUp(
            _linear(source, _taken(raw[0], key_ids)), _linear(source, _taken(raw[0], value_ids))
        )
    for need in needs:
        file.release(need.name)
    return up


def _needs(
    latent: LatentSpec, num_heads: int, container: Container, layer: int, names: Collection[str]
) -> Iterator[TensorNeed]:
    """One tensor with keys and values of each head in turn; or keys, transposed, and values."""
    rank, plain, value = latent.key_rank, latent.plain_dim, latent.value_dim
    whole = (
        "blk.{}.attn_kv_b.weight"
        if container == "gguf"
        else ("model.layers.{}.self_attn.kv_b_proj.weight")
    )
    keys = f"blk.{layer}.attn_k_b.weight"
    if container == "gguf" and keys in names:
        yield TensorNeed(keys, (num_heads, rank, plain))
        yield TensorNeed(f"blk.{layer}.attn_v_b.weight", (num_heads, value, rank))
    else:
        yield TensorNeed(whole.format(layer), (num_heads * (plain + value), rank))


def _taken(raw: QTensor, row_ids: Tensor) -> LazyMatrix:
    """Some rows of a matrix."""
    shape = (row_ids.numel(), raw.shape[1])

    def read() -> QTensor:
        rows = raw.raw_rows().index_select(0, row_ids.flatten())
        return QTensor(rows.flatten(), raw.tensor_type, shape)

    return LazyMatrix(raw.tensor_type, shape, read)


def _linear(source: WeightSource, raw: FileMatrix) -> LinearWeight:
    return source.linear_weight([RawMatrix(raw)], keeps_raw=False)
