"""The hyper-parameters of a network: everything the decoder may ask about it.

Built from a file's metadata by `table.py`; knows neither files nor torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RopeScalingKind = Literal["none", "linear", "llama3", "yarn"]


@dataclass(frozen=True, slots=True)
class RopeSpec:
    """Rotary position embedding.

    Attributes:
        base: The base of the frequencies (theta).
        scaling: How the frequencies are stretched beyond the original context.
        factor: By how much; 1 means not at all.
        original_context_length: Positions seen before stretching (llama3, yarn).
        low_freq_factor, high_freq_factor: Borders of llama3's ramp.
        beta_fast, beta_slow: Borders of YaRN's ramp in rotations.
        attention_factor: What YaRN multiplies cos and sin with.
        is_truncated: Whether YaRN rounds its borders to whole dimensions.
    """

    base: float = 10_000.0
    scaling: RopeScalingKind = "none"
    factor: float = 1.0
    original_context_length: int = 0
    low_freq_factor: float = 1.0
    high_freq_factor: float = 4.0
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    attention_factor: float = 1.0
    is_truncated: bool = True


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network.

    Attributes:
        architecture: Entry of the architecture table, e.g. "qwen3".
        name: The file's own name for the model; may be empty.
        context_length: Longest sequence it was made for, tokens.
        layer_windows: Per layer the sliding window in positions (a row sees itself and
            `window - 1` before it), or None for all positions.
        has_qkv_bias, has_output_bias, has_mlp_bias: Which linears add a bias.
        has_qk_norm: Whether each query and key head is normalised before RoPE.
        is_embedding_tied: Whether the vocabulary matrix is the embedding.
        is_rope_interleaved: Whether the file stores the rows of q and k for RoPE on neighbouring
            pairs (GGUF "llama"); the loader reorders them.
    """

    architecture: str
    name: str
    num_layers: int
    hidden_size: int
    intermediate_size: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    vocabulary_size: int
    context_length: int
    rms_norm_eps: float
    rope: RopeSpec
    layer_windows: tuple[int | None, ...]
    has_qkv_bias: bool = False
    has_output_bias: bool = False
    has_mlp_bias: bool = False
    has_qk_norm: bool = False
    is_embedding_tied: bool = False
    is_rope_interleaved: bool = False

    @property
    def num_query_values(self) -> int:
        """Width of all query heads together."""
        return self.num_heads * self.head_dim

    @property
    def num_key_values(self) -> int:
        """Width of all key heads together; the value heads have the same."""
        return self.num_kv_heads * self.head_dim

    @property
    def num_window_layers(self) -> int:
        """Layers with a sliding window."""
        return self.num_layers - self.layer_windows.count(None)

    @property
    def scale(self) -> float:
        """What the softmax multiplies scores with."""
        return float(self.head_dim**-0.5)


def windows_from(
    window: int, first_layer: int, num_layers: int, context_length: int
) -> tuple[int | None, ...]:
    """`window` for the layers from `first_layer` on, None before.

    A window of 0 or one as long as the context is none.
    """
    if not 0 < window < context_length:
        return (None,) * num_layers
    return tuple(window if layer >= first_layer else None for layer in range(num_layers))
