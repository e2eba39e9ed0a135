"""What layers of one network may have that others of it have not, and what stands beside them.

Knows neither files nor torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class LayerHeads(NamedTuple):
    """Key and value heads of a layer.

    Attributes:
        num_kv_heads: How many; query heads are as many in every layer.
        head_dim: Values of a head, of queries too.
        are_keys_values: Whether the values are what the keys are before norm and RoPE.
    """

    num_kv_heads: int
    head_dim: int
    are_keys_values: bool = False


@dataclass(frozen=True, slots=True)
class SideInputSpec:
    """A short row that each layer gets of each token, besides the hidden state (Gemma 3n).

    Attributes:
        width: Values of the row of one layer.
        vocabulary_size: Tokens with a row of their own; those beyond have the first one's.
    """

    width: int
    vocabulary_size: int


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """Several hidden states of which a layer computes one and predicts the others.

    Alternating updates (AltUp, arXiv 2301.13310); beside the attention stands a residual of low rank
    (LAuReL, arXiv 2411.07501).

    Attributes:
        num_streams: Hidden states.
        active: The one that layers compute.
        laurel_rank: Width of the low-rank residual.
        has_output_scale: Whether the computed one is scaled before it meets the layer's side input.
    """

    num_streams: int
    active: int
    laurel_rank: int
    has_output_scale: bool = True
