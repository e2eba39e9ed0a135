"""What a network says of multi-head latent attention (MLA, DeepSeek-V2, arXiv 2405.04434).

Knows neither files nor torch.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LatentSpec:
    """Keys and values of all heads are made of one short row, the latent.

    Attributes:
        query_rank: Width of the row that queries are made of; 0 makes them of the hidden state.
        key_rank: Width of the latent.
        plain_dim: Values of a query or key head that RoPE leaves alone; they come first.
        rotated_dim: Values that it turns; of keys all heads share them.
        value_dim: Of a value head.
        is_interleaved: Whether it turns neighbouring pairs, not split halves.
    """

    query_rank: int
    key_rank: int
    plain_dim: int
    rotated_dim: int
    value_dim: int
    is_interleaved: bool = True

    @property
    def query_dim(self) -> int:
        """Values of a query head."""
        return self.plain_dim + self.rotated_dim

    @property
    def head_dim(self) -> int:
        """Values that a head takes in the cache: keys and values are padded to the same."""
        longest = max(self.query_dim, self.value_dim)
        return longest + longest % 2
