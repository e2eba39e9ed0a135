"""What the architecture table says about one architecture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from realm_desktop.engine.architecture.expert_rules import ExpertRules
from realm_desktop.engine.architecture.layer_rules import LayerRules
from realm_desktop.engine.architecture.spec import (
    Activation,
    HeadNormKind,
    ModelSpec,
    NormKind,
    NormPlaces,
)
from realm_desktop.engine.architecture.tensor_names import LLAMA_NAMES, Container, TensorNames

WindowedLayers = Literal["none", "all", "upper", "lower_even", "pattern", "unrotated"]
UnrotatedLayers = Literal["none", "listed", "unwindowed", "stated"]
ConfigValue = int | float | str | bool | Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class ArchitectureEntry:
    """What a file of this architecture does not say itself.

    Attributes:
        gguf_name: What GGUF files call it, if that is not its name in the table.
        gguf_mark: A key, behind the name, that GGUF files of this entry have and those of another one
            of the same name have not.
        other_types: Further values of `model_type` in a config.json.
        defaults: Values of config.json that are left out there, as transformers has them.
        names: Of its tensors.
        norm_kind, has_norm_bias, norm_places, is_gated, activation: As `ModelSpec` has them; the
            activation is what files get that name none.
        eps_key: Where a config.json has `norm_eps`.
        activation_key: Where it has the activation.
        has_zero_centred_norms: Hugging Face files store the weights of norms less 1.
        head_norm: How query and key heads are normalised before RoPE.
        head_norm_key: What in a config.json says whether they are at all; "" if they always are.
            In GGUF the tensors tell.
        is_parallel: Whether attention and MLP read the same rows; "stated" leaves it to the file.
        needs_qkv_bias: q, k and v always add a bias; otherwise the file's tensors decide.
        windowed: Which layers a sliding window named in the file concerns, unless it lists them:
            "upper" are those from `max_window_layers` on, "lower_even" every second one before it,
            the first included, "pattern" all but every n-th, "unrotated"
            those without RoPE.
        window_period: The n of "pattern".
        is_last_unwindowed: The last layer has none, whatever a config.json says.
        gguf_window: In a GGUF file that names no window.
        needs_window_switch: The window counts only if `use_sliding_window` says so.
        unrotated: Layers without RoPE: those that a config.json lists (every 4th by default), or
            those without a window; "stated" leaves it to `position_embedding_type`, for all layers.
        rope_base: Of files that name none.
        local_rope_key: Layers with a window have a RoPE of their own, without scaling, whose base a
            config.json has here; "" if they have not.
        local_rope_base: Of that RoPE in files that name none; 0 for the other one's in GGUF files,
            and `rope_base` in a config.json.
        query_growth_key: Where a config.json has `ModelSpec.query_growth`, beside RoPE's scaling.
        intermediate_key: Where it has the width of the MLP.
        rotary_share: Part of a head that RoPE turns in files that name none; None if a file may not
            name one.
        interleaved_in: Files that store q and k for RoPE on neighbouring pairs.
        attention_scale: That of every file, where they name none; 0 for 1 / √head_dim.
        scale_key: Where a config.json has the scale of attention.
        is_scale_head_dim: Whether that is a length of heads, whose root divides.
        gguf_wide_scale_layers: So many layers tell a GGUF file of the network whose attention
            is scaled by hidden_size / num_heads instead of head_dim (llama.cpp knows it so).
        has_softcaps: Whether scores and logits may have caps.
        gguf_softcaps: Those of scores and logits in a GGUF file that names none.
        is_embedding_rooted: Embeddings are multiplied with √hidden_size.
        has_multipliers: Embeddings and what sublayers add may have factors.
        logits: What `logit_scale` does to logits.
        experts: What files leave out of its experts; None for a network without.
        is_latent: Whether keys and values are made of latents (MLA).
        has_sinks: Whether query heads have attention sinks.
        has_value_norm: Whether value heads are normed.
        layer_rules: What single layers may have of their own; None if all are alike.
        gguf_rounds_yarn: Whether YaRN rounds its borders in GGUF files, which have no key for it.
    """

    gguf_name: str = ""
    gguf_mark: str = ""
    other_types: tuple[str, ...] = ()
    defaults: Mapping[str, ConfigValue] = field(default_factory=lambda: MappingProxyType({}))
    names: TensorNames = LLAMA_NAMES
    norm_kind: NormKind = "rms"
    has_norm_bias: bool = False
    norm_places: NormPlaces = "before"
    eps_key: str = "rms_norm_eps"
    has_zero_centred_norms: bool = False
    head_norm: HeadNormKind = "none"
    head_norm_key: str = ""
    is_parallel: Literal["never", "always", "stated"] = "never"
    activation: Activation = "silu"
    activation_key: str = "hidden_act"
    is_gated: bool = True
    needs_qkv_bias: bool = False
    windowed: WindowedLayers = "none"
    window_period: int = 0
    is_last_unwindowed: bool = False
    gguf_window: int = 0
    needs_window_switch: bool = False
    unrotated: UnrotatedLayers = "none"
    rope_base: float = 10_000.0
    local_rope_key: str = ""
    local_rope_base: float = 0.0
    query_growth_key: str = ""
    intermediate_key: str = "intermediate_size"
    rotary_share: float | None = None
    interleaved_in: frozenset[Container] = frozenset()
    attention_scale: float = 0.0
    scale_key: str = ""
    is_scale_head_dim: bool = False
    gguf_wide_scale_layers: int = 0
    has_softcaps: bool = False
    gguf_softcaps: tuple[float, float] = (0.0, 0.0)
    is_embedding_rooted: bool = False
    has_multipliers: bool = False
    logits: Literal["plain", "multiplied", "divided"] = "plain"
    experts: ExpertRules | None = None
    is_latent: bool = False
    has_sinks: bool = False
    has_value_norm: bool = False
    layer_rules: LayerRules | None = None
    gguf_rounds_yarn: bool = True

    def applied_to(self, spec: ModelSpec, container: Container) -> ModelSpec:
        """The network with what is so in every file of this architecture and kind."""
        is_rooted = self.is_embedding_rooted
        return replace(
            spec,
            norm_kind=self.norm_kind,
            has_norm_bias=self.has_norm_bias,
            norm_places=self.norm_places,
            is_gated=self.is_gated,
            embedding_multiplier=math.sqrt(spec.hidden_size) if is_rooted else 1.0,
            is_rope_interleaved=container in self.interleaved_in,
            # The converter adds the 1.
            has_zero_centred_norms=self.has_zero_centred_norms and container == "safetensors",
            has_sinks=self.has_sinks,
            has_value_norm=self.has_value_norm,
        )
