"""A llama network in plain torch, for training only; the application's engine does not use it.

The layout of the weights is that of Hugging Face's LlamaForCausalLM: rotary halves, not pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention, silu


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network; `name` goes into the file."""

    name: str
    num_layers: int
    hidden_size: int
    intermediate_size: int
    num_heads: int
    num_kv_heads: int
    vocabulary_size: int = 4096
    context_length: int = 2048
    rope_base: float = 10_000.0
    rms_norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        """Width of one head."""
        return self.hidden_size // self.num_heads


# Rows of 256 and 512 weights: the K-quants of llama.cpp need multiples of 256.
TARGET = Shape("Realm Starter", 6, 256, 512, 8, 4)
DRAFT = Shape("Realm Starter Draft", 2, 96, 192, 3, 1)
SHAPES = {"target": TARGET, "draft": DRAFT}
# Where a graphics card trains there is time for more weights; all files stay below 40 MB.
LARGE_SHAPES = {
    "target": Shape("Realm Starter", 5, 512, 1024, 16, 4),
    "draft": Shape("Realm Starter Draft", 2, 192, 512, 6, 2),
}


class Block(nn.Module):
    """Attention and gated MLP, each behind a norm and added to the stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width, kv_width = shape.hidden_size, shape.num_kv_heads * shape.head_dim
        self.attention_norm = nn.RMSNorm(width, shape.rms_norm_eps)
        self.mlp_norm = nn.RMSNorm(width, shape.rms_norm_eps)
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, kv_width, bias=False)
        self.v = nn.Linear(width, kv_width, bias=False)
        self.o = nn.Linear(width, width, bias=False)
        self.gate = nn.Linear(width, shape.intermediate_size, bias=False)
        self.up = nn.Linear(width, shape.intermediate_size, bias=False)
        self.down = nn.Linear(shape.intermediate_size, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x: [B, T, hidden_size]; cos, sin: [T, head_dim]."""
        B, T, _ = x.shape
        normed = self.attention_norm(x)
        q = self.q(normed).view(B, T, -1, self.shape.head_dim).transpose(1, 2)
        k = self.k(normed).view(B, T, -1, self.shape.head_dim).transpose(1, 2)
        v = self.v(normed).view(B, T, -1, self.shape.head_dim).transpose(1, 2)
        groups = self.shape.num_heads // self.shape.num_kv_heads
        k = rotate(k, cos, sin).repeat_interleave(groups, 1)
        attended = scaled_dot_product_attention(
            rotate(q, cos, sin), k, v.repeat_interleave(groups, 1), is_causal=True
        )
        x = x + self.o(attended.transpose(1, 2).reshape(B, T, -1))
        normed = self.mlp_norm(x)
        gated: Tensor = self.down(silu(self.gate(normed)) * self.up(normed))
        return x + gated


class Network(nn.Module):
    """The language model; the output matrix is the embedding."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary_size, shape.hidden_size)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.num_layers))
        self.norm = nn.RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        half = torch.arange(0, shape.head_dim, 2) / shape.head_dim
        angles = torch.outer(torch.arange(shape.context_length), shape.rope_base**-half)
        self.register_buffer("cos", angles.cos().repeat(1, 2), persistent=False)
        self.register_buffer("sin", angles.sin().repeat(1, 2), persistent=False)
        self._initialise()

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, T, vocabulary_size] for ids [B, T]."""
        T = ids.shape[1]
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cos[:T], self.sin[:T])
        return linear(self.norm(x), self.embedding.weight)

    def _initialise(self) -> None:
        """Normal weights; those that write into the stream are smaller with depth."""
        depth = (2 * self.shape.num_layers) ** -0.5
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                is_output = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(weight, std=0.03 * (depth if is_output else 1.0))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on the last dimension of x [B, H, T, head_dim], in halves."""
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat((-second, first), -1) * sin
