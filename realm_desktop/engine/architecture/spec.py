"""The hyper-parameters of a network: everything the decoder may ask about it.

Built from a file's metadata by `table.py`; knows neither files nor torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.layer_forms import LayerHeads, SideInputSpec, StreamSpec
from realm_desktop.engine.architecture.tensor_names import LLAMA_NAMES, TensorNames

RopeScalingKind = Literal["none", "linear", "llama3", "yarn", "longrope"]
NormKind = Literal["rms", "layer"]
NormPlaces = Literal["before", "after", "both"]
HeadNormKind = Literal["none", "shared", "own", "whole"]
Activation = Literal["silu", "gelu", "gelu_tanh"]


@dataclass(frozen=True, slots=True)
class RopeSpec:
    """Rotary position embedding.

    Attributes:
        base: The base of the frequencies (theta).
        scaling: How the frequencies are stretched beyond the original context.
        factor: By how much; 1 means not at all.
        original_context_length: Positions seen before stretching (llama3, yarn, longrope).
        low_freq_factor, high_freq_factor: Borders of llama3's ramp.
        beta_fast, beta_slow: Borders of YaRN's ramp in rotations.
        attention_factor: What YaRN and longrope multiply cos and sin with.
        is_truncated: Whether YaRN rounds its borders to whole dimensions.
        short_factors, long_factors: Divisors of longrope's frequencies, one for each pair of
            dimensions; the long ones count in sequences longer than the original context.
        turned_share: Part of the pairs of dimensions that turn, the first ones; frequencies are those
            of all pairs (transformers' "proportional").
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
    short_factors: tuple[float, ...] = ()
    long_factors: tuple[float, ...] = ()
    turned_share: float = 1.0


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One network.

    Attributes:
        architecture: Entry of the architecture table, e.g. "qwen3".
        name: The file's own name for the model; may be empty.
        context_length: Longest sequence it was made for, tokens.
        norm_eps: Added to the mean square or the variance by every norm.
        rope: Of all layers but those that `layer_ropes` names.
        layer_windows: Per layer the sliding window in positions (a row sees itself and
            `window - 1` before it), or None for all positions.
        layer_ropes: Per layer its RoPE, or None for a layer without; empty if all have `rope`.
        rotary_dim: Dimensions of a head that RoPE turns, the first ones; 0 for all.
        norm_kind: "rms", or "layer" for LayerNorm.
        has_norm_bias: Whether norms of the hidden state add a bias.
        norm_places: Before each sublayer, after it (before the sum), or both.
        is_parallel: Whether attention and MLP of a layer read the same normalised rows.
        head_norm: Norm of query and key heads before RoPE: "shared" has one weight for all heads,
            "own" one for each, "whole" norms all heads as one row.
        activation: Of the MLP.
        is_gated: Whether the activated half of the MLP multiplies another.
        has_qkv_bias, has_output_bias, has_mlp_bias: Which linears add a bias.
        attention_scale: What the softmax multiplies scores with; 0 for 1 / √head_dim.
        query_growth: Queries of a position p have the factor `1 + growth · ln(1 + ⌊p / L⌋)`, L being
            RoPE's original context; 0 for none.
        attention_softcap, final_softcap: `cap · tanh(x / cap)` of scores and logits; 0 for none.
        embedding_multiplier, residual_multiplier, logit_multiplier: Factors of the embeddings, of
            what a sublayer adds, of the logits.
        is_embedding_tied: Whether the vocabulary matrix is the embedding.
        is_rope_interleaved: Whether the file stores the rows of q and k for RoPE on neighbouring
            pairs (GGUF "llama"); the loader reorders them.
        has_zero_centred_norms: Whether the file stores RMSNorm weights less 1 (Hugging Face
            "gemma"); the loader adds it.
        names: Of its tensors.
        experts: In place of the MLP of some layers, or beside it; None without.
        latent: How keys and values are made where they are made of a latent; None for the usual way.
        has_sinks: Whether query heads have attention sinks.
        has_value_norm: Whether value heads are normed too, without a weight.
        layer_heads: Per layer its key and value heads; empty if all have `num_kv_heads` of `head_dim`.
        layer_widths: Per layer the intermediate size of its MLP; empty if all have
            `intermediate_size`, which is the largest.
        kv_sources: Per layer the layer whose keys and values it reads; empty if all have their own.
        gate_cutoffs: Per layer how many standard deviations a gate of the MLP must lie above the mean
            of its row to count, by what it lies above; None for a layer whose gates all count.
        has_layer_scale: Whether each layer multiplies the hidden state with a number at its end.
        side_inputs: What each layer gets of a token besides the hidden state; None without.
        streams: Hidden states that take turns; None for the usual one.
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
    norm_eps: float
    rope: RopeSpec
    layer_windows: tuple[int | None, ...]
    layer_ropes: tuple[RopeSpec | None, ...] = ()
    rotary_dim: int = 0
    norm_kind: NormKind = "rms"
    has_norm_bias: bool = False
    norm_places: NormPlaces = "before"
    is_parallel: bool = False
    head_norm: HeadNormKind = "none"
    activation: Activation = "silu"
    is_gated: bool = True
    has_qkv_bias: bool = False
    has_output_bias: bool = False
    has_mlp_bias: bool = False
    attention_scale: float = 0.0
    query_growth: float = 0.0
    attention_softcap: float = 0.0
    final_softcap: float = 0.0
    embedding_multiplier: float = 1.0
    residual_multiplier: float = 1.0
    logit_multiplier: float = 1.0
    is_embedding_tied: bool = False
    is_rope_interleaved: bool = False
    has_zero_centred_norms: bool = False
    names: TensorNames = LLAMA_NAMES
    experts: ExpertSpec | None = None
    latent: LatentSpec | None = None
    has_sinks: bool = False
    has_value_norm: bool = False
    layer_heads: tuple[LayerHeads, ...] = ()
    layer_widths: tuple[int, ...] = ()
    kv_sources: tuple[int, ...] = ()
    gate_cutoffs: tuple[float | None, ...] = ()
    has_layer_scale: bool = False
    side_inputs: SideInputSpec | None = None
    streams: StreamSpec | None = None

    def heads_of(self, layer: int) -> LayerHeads:
        """Key and value heads of a layer."""
        if self.layer_heads:
            return self.layer_heads[layer]
        return LayerHeads(self.num_kv_heads, self.head_dim)

    def query_width(self, layer: int) -> int:
        """Width of all query heads of a layer together."""
        return self.num_heads * self.heads_of(layer).head_dim

    def key_width(self, layer: int) -> int:
        """Width of all key heads of a layer together; the value heads have the same."""
        heads = self.heads_of(layer)
        return heads.num_kv_heads * heads.head_dim

    def width_of(self, layer: int) -> int:
        """Intermediate size of the MLP of a layer."""
        return self.layer_widths[layer] if self.layer_widths else self.intermediate_size

    def kv_source(self, layer: int) -> int:
        """The layer whose keys and values a layer reads."""
        return self.kv_sources[layer] if self.kv_sources else layer

    @property
    def kv_layers(self) -> tuple[int, ...]:
        """The layers that have keys and values of their own."""
        return tuple(index for index in range(self.num_layers) if self.kv_source(index) == index)

    def gate_cutoff(self, layer: int) -> float | None:
        """See `gate_cutoffs`."""
        return self.gate_cutoffs[layer] if self.gate_cutoffs else None

    @property
    def scale(self) -> float:
        """What the softmax multiplies scores with."""
        return self.attention_scale or float(self.head_dim**-0.5)

    @property
    def num_rotated(self) -> int:
        """Dimensions of a head that RoPE turns."""
        return self.rotary_dim or self.head_dim

    def has_experts(self, layer: int) -> bool:
        """Whether a layer has experts in place of an MLP."""
        return self.experts is not None and self.experts.layers[layer]

    @property
    def are_experts_beside(self) -> bool:
        """Whether experts stand beside the MLP of a layer instead of in its place."""
        return self.experts is not None and self.experts.is_beside_mlp

    @property
    def ropes(self) -> tuple[RopeSpec | None, ...]:
        """The RoPE of each layer."""
        return self.layer_ropes or (self.rope,) * self.num_layers

    @property
    def short_context(self) -> int:
        """Longest sequence with longrope's angles of short ones; 0 if there is one kind of angles."""
        rope = self.rope
        return rope.original_context_length if rope.scaling == "longrope" else 0

    @property
    def has_layer_norms_before(self) -> bool:
        """Whether sublayers read normalised rows."""
        return self.norm_places != "after"

    @property
    def has_plain_layers(self) -> bool:
        """Whether all layers are alike but for windows, RoPE and experts, and make one hidden state."""
        return not (
            self.layer_heads
            or self.layer_widths
            or self.kv_sources
            or self.gate_cutoffs
            or self.has_value_norm
            or self.has_layer_scale
            or self.side_inputs
            or self.streams
        )

    @property
    def is_llama_like(self) -> bool:
        """Whether a layer is one of Llama's, but for head norms, biases and windows.

        What knows no other layers (training, writing GGUF files) asks here.
        """
        return (
            self.has_plain_layers
            and not self.layer_ropes
            and self.names.gguf == LLAMA_NAMES.gguf
            and self.num_rotated == self.head_dim
            and self.rope.scaling != "longrope"
            and (self.norm_kind, self.norm_places) == ("rms", "before")
            and not (self.is_parallel or self.has_zero_centred_norms)
            and not (self.experts or self.latent or self.has_sinks)
            and self.head_norm in ("none", "shared")
            and (self.activation, self.is_gated) == ("silu", True)
            and not (self.attention_scale or self.query_growth)
            and not (self.attention_softcap or self.final_softcap)
            and self.embedding_multiplier == self.residual_multiplier == 1.0
            and self.logit_multiplier == 1.0
        )

    @property
    def has_kernel_layers(self) -> bool:
        """Whether the CPU kernels have every part of a layer, so that its calls can be repeated.

        Another operation between them would not be among the calls. Experts besides have to be
        packed.
        """
        has_activation = self.activation in ("silu", "gelu_tanh")
        return self.has_plain_layers and self.latent is None and has_activation

    @property
    def has_plain_ends(self) -> bool:
        """Whether the first layer reads the embedding and the output matrix gives the logits.

        And whether a position alone says by what angles it is turned.
        """
        is_plain = self.embedding_multiplier == self.logit_multiplier == 1.0
        return is_plain and not (self.final_softcap or self.short_context)


def windows_from(
    window: int, first_layer: int, num_layers: int, context_length: int
) -> tuple[int | None, ...]:
    """`window` for the layers from `first_layer` on, None before.

    A window of 0 or one as long as the context is none.
    """
    return windows_of(window, (layer >= first_layer for layer in range(num_layers)), context_length)


def windows_of(
    window: int, is_windowed: Iterable[bool], context_length: int
) -> tuple[int | None, ...]:
    """`window` for the layers that have one, else None; see `windows_from`."""
    has_window = 0 < window < context_length
    return tuple(window if has_window and own else None for own in is_windowed)
