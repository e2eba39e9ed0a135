"""What each tensor of a network is called in GGUF files and in Hugging Face files.

One logical name per tensor, a `Part`; the loader and the decoder use these alone. Most networks have
the names of Llama; an entry of the architecture table says which of its own are others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

Container = Literal["gguf", "safetensors"]


class Part(StrEnum):
    """A tensor by its role; those after `HEAD` exist once per layer."""

    EMBEDDING = "embedding"
    FINAL_NORM = "final_norm"
    HEAD = "head"
    ATTENTION_NORM = "attention_norm"
    QUERY = "query"
    KEY = "key"
    VALUE = "value"
    OUTPUT = "output"
    QUERY_NORM = "query_norm"
    KEY_NORM = "key_norm"
    POST_ATTENTION_NORM = "post_attention_norm"
    MLP_NORM = "mlp_norm"
    GATE = "gate"
    UP = "up"
    DOWN = "down"
    POST_MLP_NORM = "post_mlp_norm"
    SINKS = "sinks"
    SHARED_GATE = "shared_gate"
    SHARED_UP = "shared_up"
    SHARED_DOWN = "shared_down"
    QUERY_DOWN = "query_down"
    QUERY_DOWN_NORM = "query_down_norm"
    LATENT_DOWN = "latent_down"
    LATENT_NORM = "latent_norm"
    SIDE_EMBEDDING = "side_embedding"
    SIDE_PROJECTION = "side_projection"
    SIDE_NORM = "side_norm"
    SIDE_GATE = "side_gate"
    SIDE_OUTPUT = "side_output"
    POST_SIDE_NORM = "post_side_norm"
    LAUREL_LEFT = "laurel_left"
    LAUREL_RIGHT = "laurel_right"
    LAUREL_NORM = "laurel_norm"
    STREAM_ROUTER = "stream_router"
    STREAM_ROUTER_NORM = "stream_router_norm"
    STREAM_PREDICTION = "stream_prediction"
    STREAM_CORRECTION = "stream_correction"
    STREAM_SCALE = "stream_scale"
    LAYER_SCALE = "layer_scale"
    POST_BRANCH_NORM = "post_branch_norm"
    EXPERT_NORM = "expert_norm"
    POST_EXPERT_NORM = "post_expert_norm"
    ROUTER_SCALE = "router_scale"
    EXPERT_SCALE = "expert_scale"


SIDE_TOP_PARTS: Final = (Part.SIDE_EMBEDDING, Part.SIDE_PROJECTION, Part.SIDE_NORM)
"""What makes the side inputs of all layers."""

SIDE_PARTS: Final = (Part.SIDE_GATE, Part.SIDE_OUTPUT, Part.POST_SIDE_NORM)
"""What a layer does with its own."""

STREAM_PARTS: Final = (
    Part.LAUREL_LEFT,
    Part.LAUREL_RIGHT,
    Part.LAUREL_NORM,
    Part.STREAM_ROUTER,
    Part.STREAM_ROUTER_NORM,
    Part.STREAM_PREDICTION,
    Part.STREAM_CORRECTION,
    Part.STREAM_SCALE,
)

BRANCH_PARTS: Final = (
    Part.POST_BRANCH_NORM,
    Part.EXPERT_NORM,
    Part.POST_EXPERT_NORM,
    Part.ROUTER_SCALE,
    Part.EXPERT_SCALE,
)
"""Of experts that stand beside an MLP."""

TOP_PARTS: Final = (Part.EMBEDDING, Part.FINAL_NORM, Part.HEAD, *SIDE_TOP_PARTS)

_GGUF: Final = MappingProxyType(
    {
        Part.EMBEDDING: "token_embd",
        Part.FINAL_NORM: "output_norm",
        Part.HEAD: "output",
        Part.ATTENTION_NORM: "blk.{layer}.attn_norm",
        Part.QUERY: "blk.{layer}.attn_q",
        Part.KEY: "blk.{layer}.attn_k",
        Part.VALUE: "blk.{layer}.attn_v",
        Part.OUTPUT: "blk.{layer}.attn_output",
        Part.QUERY_NORM: "blk.{layer}.attn_q_norm",
        Part.KEY_NORM: "blk.{layer}.attn_k_norm",
        Part.POST_ATTENTION_NORM: "blk.{layer}.post_attention_norm",
        Part.MLP_NORM: "blk.{layer}.ffn_norm",
        Part.GATE: "blk.{layer}.ffn_gate",
        Part.UP: "blk.{layer}.ffn_up",
        Part.DOWN: "blk.{layer}.ffn_down",
        Part.POST_MLP_NORM: "blk.{layer}.post_ffw_norm",
        Part.SINKS: "blk.{layer}.attn_sinks",
        Part.SHARED_GATE: "blk.{layer}.ffn_gate_shexp",
        Part.SHARED_UP: "blk.{layer}.ffn_up_shexp",
        Part.SHARED_DOWN: "blk.{layer}.ffn_down_shexp",
        Part.QUERY_DOWN: "blk.{layer}.attn_q_a",
        Part.QUERY_DOWN_NORM: "blk.{layer}.attn_q_a_norm",
        Part.LATENT_DOWN: "blk.{layer}.attn_kv_a_mqa",
        Part.LATENT_NORM: "blk.{layer}.attn_kv_a_norm",
        Part.SIDE_EMBEDDING: "per_layer_token_embd",
        Part.SIDE_PROJECTION: "per_layer_model_proj",
        Part.SIDE_NORM: "per_layer_proj_norm",
        Part.SIDE_GATE: "blk.{layer}.inp_gate",
        Part.SIDE_OUTPUT: "blk.{layer}.proj",
        Part.POST_SIDE_NORM: "blk.{layer}.post_norm",
        Part.LAUREL_LEFT: "blk.{layer}.laurel_l",
        Part.LAUREL_RIGHT: "blk.{layer}.laurel_r",
        Part.LAUREL_NORM: "blk.{layer}.laurel_post_norm",
        Part.STREAM_ROUTER: "blk.{layer}.altup_router",
        Part.STREAM_ROUTER_NORM: "blk.{layer}.altup_router_norm",
        Part.STREAM_PREDICTION: "blk.{layer}.altup_predict_coef",
        Part.STREAM_CORRECTION: "blk.{layer}.altup_correct_coef",
        Part.STREAM_SCALE: "blk.{layer}.altup_correct_scale",
        Part.LAYER_SCALE: "blk.{layer}.layer_output_scale",
        Part.POST_BRANCH_NORM: "blk.{layer}.post_ffw_norm_1",
        Part.EXPERT_NORM: "blk.{layer}.pre_ffw_norm_2",
        Part.POST_EXPERT_NORM: "blk.{layer}.post_ffw_norm_2",
        Part.ROUTER_SCALE: "blk.{layer}.ffn_gate_inp.scale",
        Part.EXPERT_SCALE: "blk.{layer}.ffn_down_exps.scale",
    }
)
_HUB: Final = MappingProxyType(
    {
        Part.EMBEDDING: "model.embed_tokens",
        Part.FINAL_NORM: "model.norm",
        Part.HEAD: "lm_head",
        Part.ATTENTION_NORM: "model.layers.{layer}.input_layernorm",
        Part.QUERY: "model.layers.{layer}.self_attn.q_proj",
        Part.KEY: "model.layers.{layer}.self_attn.k_proj",
        Part.VALUE: "model.layers.{layer}.self_attn.v_proj",
        Part.OUTPUT: "model.layers.{layer}.self_attn.o_proj",
        Part.QUERY_NORM: "model.layers.{layer}.self_attn.q_norm",
        Part.KEY_NORM: "model.layers.{layer}.self_attn.k_norm",
        # Networks with norms behind their sublayers alone call them so; the others say otherwise.
        Part.POST_ATTENTION_NORM: "model.layers.{layer}.post_attention_layernorm",
        Part.MLP_NORM: "model.layers.{layer}.post_attention_layernorm",
        Part.GATE: "model.layers.{layer}.mlp.gate_proj",
        Part.UP: "model.layers.{layer}.mlp.up_proj",
        Part.DOWN: "model.layers.{layer}.mlp.down_proj",
        Part.POST_MLP_NORM: "model.layers.{layer}.post_feedforward_layernorm",
        Part.SINKS: "model.layers.{layer}.self_attn.sinks",
        Part.SHARED_GATE: "model.layers.{layer}.mlp.shared_experts.gate_proj",
        Part.SHARED_UP: "model.layers.{layer}.mlp.shared_experts.up_proj",
        Part.SHARED_DOWN: "model.layers.{layer}.mlp.shared_experts.down_proj",
        Part.QUERY_DOWN: "model.layers.{layer}.self_attn.q_a_proj",
        Part.QUERY_DOWN_NORM: "model.layers.{layer}.self_attn.q_a_layernorm",
        Part.LATENT_DOWN: "model.layers.{layer}.self_attn.kv_a_proj_with_mqa",
        Part.LATENT_NORM: "model.layers.{layer}.self_attn.kv_a_layernorm",
        Part.SIDE_EMBEDDING: "model.embed_tokens_per_layer",
        Part.SIDE_PROJECTION: "model.per_layer_model_projection",
        Part.SIDE_NORM: "model.per_layer_projection_norm",
        Part.SIDE_GATE: "model.layers.{layer}.per_layer_input_gate",
        Part.SIDE_OUTPUT: "model.layers.{layer}.per_layer_projection",
        Part.POST_SIDE_NORM: "model.layers.{layer}.post_per_layer_input_norm",
        Part.LAUREL_LEFT: "model.layers.{layer}.laurel.linear_left",
        Part.LAUREL_RIGHT: "model.layers.{layer}.laurel.linear_right",
        Part.LAUREL_NORM: "model.layers.{layer}.laurel.post_laurel_norm",
        Part.STREAM_ROUTER: "model.layers.{layer}.altup.modality_router",
        Part.STREAM_ROUTER_NORM: "model.layers.{layer}.altup.router_norm",
        Part.STREAM_PREDICTION: "model.layers.{layer}.altup.prediction_coefs",
        Part.STREAM_CORRECTION: "model.layers.{layer}.altup.correction_coefs",
        Part.STREAM_SCALE: "model.layers.{layer}.altup.correct_output_scale",
        Part.LAYER_SCALE: "model.layers.{layer}.layer_scalar",
        Part.POST_BRANCH_NORM: "model.layers.{layer}.post_feedforward_layernorm_1",
        Part.EXPERT_NORM: "model.layers.{layer}.pre_feedforward_layernorm_2",
        Part.POST_EXPERT_NORM: "model.layers.{layer}.post_feedforward_layernorm_2",
        Part.ROUTER_SCALE: "model.layers.{layer}.router.scale",
        Part.EXPERT_SCALE: "model.layers.{layer}.router.per_expert_scale",
    }
)


@dataclass(frozen=True, slots=True)
class TensorNames:
    """The names of one network, without ".weight" and ".bias".

    Parts that lie on top of each other in one tensor have the same name, in the order of `Part`. A
    name with "{head}" stands for one tensor per head, whose rows follow each other.

    Attributes:
        gguf, safetensors: By part, with "{layer}" for the number of the layer.
    """

    gguf: Mapping[Part, str] = field(default_factory=lambda: _GGUF)
    safetensors: Mapping[Part, str] = field(default_factory=lambda: _HUB)

    def of(self, container: Container) -> Mapping[Part, str]:
        """The names in files of one kind."""
        return self.gguf if container == "gguf" else self.safetensors

    def replaced(self, container: Container, changes: Mapping[Part, str]) -> TensorNames:
        """The same with other names for some parts of one kind of files."""
        names = MappingProxyType({**self.of(container), **changes})
        return replace(self, **{container: names})

    def layers_replaced(self, container: Container, changes: Mapping[str, str]) -> TensorNames:
        """The same with other names, given without the prefix of the layer, for parts of a layer."""
        prefix = "blk.{layer}." if container == "gguf" else "model.layers.{layer}."
        own = {Part(part): f"{prefix}{name}" for part, name in changes.items()}
        return self.replaced(container, own)

    def moved(self, model: str, head: str) -> TensorNames:
        """The same with other words for "model." and "lm_head" in Hugging Face files."""
        moved: dict[Part, str] = {
            part: f"{model}{name.removeprefix('model.')}"
            for part, name in self.safetensors.items()
            if part is not Part.HEAD
        }
        return self.replaced("safetensors", {**moved, Part.HEAD: head})

    def stacked(self, container: Container, part: Part) -> tuple[Part, ...]:
        """The parts that lie in the same tensor as this one, in order."""
        names = self.of(container)
        return tuple(other for other in Part if names.get(other) == names[part])


LLAMA_NAMES: Final = TensorNames()


def layer_names(container: Container, **changes: str) -> TensorNames:
    """Llama's names, but for those of a layer that are given.

    Args:
        container: Where they are others.
        changes: By part, without the prefix of the layer, e.g. `query="attn_qkv"`.
    """
    return LLAMA_NAMES.layers_replaced(container, changes)


SANDWICH_NAMES: Final = layer_names(
    "safetensors",
    post_attention_norm="post_attention_layernorm",
    mlp_norm="pre_feedforward_layernorm",
    post_mlp_norm="post_feedforward_layernorm",
)
"""Those of Gemma's networks, which have norms before and behind each sublayer."""
