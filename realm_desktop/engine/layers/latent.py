"""Queries, keys and values of multi-head latent attention, for the ordinary attention.

The latent is expanded before it is stored: the cache holds whole keys and values, which every backend
reads and every format of the cache knows. It takes ten times the memory of latents (DeepSeek-V2-Lite:
166 KiB a token in 8 bits). Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.weights.latent import read_latent_up
from realm_desktop.engine.weights.loader import WeightLoader

# What transformers gives the norms of the short rows, whatever the file says of the others.
_NORM_EPS: Final = 1e-6


class LatentUp(NamedTuple):
    """From the latent to the plain values of all key heads, and to all value heads."""

    key: Linear
    value: Linear


class LatentProjection:
    """From the hidden state to the heads that `HeadTurning` turns and stores.

    Args:
        spec: Sizes.
        num_heads: Of queries; there are as many of keys and values.
        down: From the hidden state to the queries, or the row they are made of, followed by the
            latent and the rotated values of keys.
        key_norm: Of the latent.
        up: From the latent to heads.
        query_norm, query_up: From the row of queries to queries; None without such a row.

    Attributes:
        linears: Every matrix.
    """

    def __init__(
        self,
        spec: LatentSpec,
        num_heads: int,
        down: Linear,
        key_norm: RMSNorm,
        up: LatentUp,
        query_norm: RMSNorm | None = None,
        query_up: Linear | None = None,
    ) -> None:
        self._spec = spec
        self._num_heads = num_heads
        self._down = down
        self._key_norm = key_norm
        self._up = up
        self._query_norm = query_norm
        self._query_up = query_up
        self.linears = (down, *up) if query_up is None else (down, *up, query_up)
        self._order = head_order(spec)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, 3 · num_heads · head_dim] for `x` [T, hidden_size]: queries, keys, values.

        `lora` are the passes of the step, for the first product.
        """
        spec, num_rows = self._spec, x.shape[0]
        both = self._down(x, lora)
        query_width = both.shape[1] - spec.key_rank - spec.rotated_dim
        query, latent, rotated = torch.split(
            both, [query_width, spec.key_rank, spec.rotated_dim], 1
        )
        if self._query_up is not None and self._query_norm is not None:
            # Contiguous: the kernels read rows that lie one behind the other.
            query = self._query_up(self._query_norm(query.contiguous()))
        latent = self._key_norm(latent.contiguous())
        plain = self._up.key(latent).view(num_rows, self._num_heads, spec.plain_dim)
        rotated = rotated.unsqueeze(1).expand(-1, self._num_heads, -1)
        keys = torch.cat((plain, rotated), 2)
        heads = torch.cat((query.reshape(num_rows, self._num_heads, -1), keys), 1)
        values = self._up.value(latent).view(num_rows, self._num_heads, spec.value_dim)
        # One column of zeros stands for all padding.
        heads = functional.pad(heads, (0, 1)).index_select(2, self._order.to(x.device))
        values = functional.pad(values, (0, spec.head_dim - spec.value_dim))
        return torch.cat((heads, values), 1).view(num_rows, -1)

    def without_padding(self, attended: Tensor) -> Tensor:
        """[T, num_heads · value_dim] of what the attention gives, [T, num_heads · head_dim]."""
        spec = self._spec
        if spec.value_dim == spec.head_dim:
            return attended
        heads = attended.view(attended.shape[0], self._num_heads, spec.head_dim)
        return heads[..., : spec.value_dim].flatten(1)


def build_latent(loader: WeightLoader, index: int, down: Linear) -> LatentProjection:
    """Load what makes the heads of a layer; `down` as `LatentProjection` has it."""
    spec = loader.spec
    latent = spec.latent
    assert latent is not None, "only networks with latents are asked for"

    def norm(part: Part) -> RMSNorm:
        return RMSNorm(loader.weight(part, index), _NORM_EPS, loader.kernels)

    up = read_latent_up(loader.source, spec, index)
    has_row = latent.query_rank > 0
    return LatentProjection(
        latent,
        spec.num_heads,
        down,
        norm(Part.LATENT_NORM),
        LatentUp(Linear(up.key), Linear(up.value)),
        norm(Part.QUERY_DOWN_NORM) if has_row else None,
        Linear(loader.linear_weight((Part.QUERY,), index)) if has_row else None,
    )


def head_order(spec: LatentSpec) -> Tensor:
    """Which value of a file's head goes where, so that RoPE turns split halves: [head_dim].

    As `rotary_order` of weights/loader.py puts them: half of the values that stay behind each half of
    the others. `query_dim` stands for padding.
    """
    plain = torch.arange(spec.plain_dim)
    padding = torch.full((spec.head_dim - spec.query_dim,), spec.query_dim)
    still = torch.cat((plain, padding)).view(2, -1)
    turned = torch.arange(spec.plain_dim, spec.query_dim)
    pairs = turned.view(-1, 2).t() if spec.is_interleaved else turned.view(2, -1)
    return torch.cat((pairs[0], still[0], pairs[1], still[1]))
