"""What each tensor of a network is called in GGUF files and in Hugging Face files.

One logical name per tensor; the loader and the decoder use these alone. Knows shapes, not bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, NamedTuple

from realm_desktop.engine.architecture.spec import ModelSpec

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
    MLP_NORM = "mlp_norm"
    GATE = "gate"
    UP = "up"
    DOWN = "down"


class TensorNeed(NamedTuple):
    """A tensor the network needs: its name in the file and the shape it must have."""

    name: str
    shape: tuple[int, ...]


ROPE_FACTORS_NAME = "rope_freqs.weight"
"""Divisors of the RoPE frequencies in GGUF files; optional."""

_TOP_NAMES: dict[Part, dict[Container, str]] = {
    Part.EMBEDDING: {"gguf": "token_embd", "safetensors": "model.embed_tokens"},
    Part.FINAL_NORM: {"gguf": "output_norm", "safetensors": "model.norm"},
    Part.HEAD: {"gguf": "output", "safetensors": "lm_head"},
}
_LAYER_NAMES: dict[Part, dict[Container, str]] = {
    Part.ATTENTION_NORM: {"gguf": "attn_norm", "safetensors": "input_layernorm"},
    Part.QUERY: {"gguf": "attn_q", "safetensors": "self_attn.q_proj"},
    Part.KEY: {"gguf": "attn_k", "safetensors": "self_attn.k_proj"},
    Part.VALUE: {"gguf": "attn_v", "safetensors": "self_attn.v_proj"},
    Part.OUTPUT: {"gguf": "attn_output", "safetensors": "self_attn.o_proj"},
    Part.QUERY_NORM: {"gguf": "attn_q_norm", "safetensors": "self_attn.q_norm"},
    Part.KEY_NORM: {"gguf": "attn_k_norm", "safetensors": "self_attn.k_norm"},
    Part.MLP_NORM: {"gguf": "ffn_norm", "safetensors": "post_attention_layernorm"},
    Part.GATE: {"gguf": "ffn_gate", "safetensors": "mlp.gate_proj"},
    Part.UP: {"gguf": "ffn_up", "safetensors": "mlp.up_proj"},
    Part.DOWN: {"gguf": "ffn_down", "safetensors": "mlp.down_proj"},
}
_LAYER_PREFIXES: dict[Container, str] = {"gguf": "blk.", "safetensors": "model.layers."}


def weight_name(container: Container, part: Part, layer: int = 0) -> str:
    """The name of a weight in a file; `layer` is ignored for tensors that exist once."""
    if part in _TOP_NAMES:
        return f"{_TOP_NAMES[part][container]}.weight"
    return f"{_LAYER_PREFIXES[container]}{layer}.{_LAYER_NAMES[part][container]}.weight"


def bias_name(container: Container, part: Part, layer: int) -> str:
    """The name of the bias of a linear layer in a file."""
    return f"{_LAYER_PREFIXES[container]}{layer}.{_LAYER_NAMES[part][container]}.bias"


def weight_shape(spec: ModelSpec, part: Part) -> tuple[int, ...]:
    """The shape of a weight: (out, in) for a linear layer."""
    hidden, wide = spec.hidden_size, spec.intermediate_size
    shapes: dict[Part, tuple[int, ...]] = {
        Part.EMBEDDING: (spec.vocabulary_size, hidden),
        Part.HEAD: (spec.vocabulary_size, hidden),
        Part.QUERY: (spec.num_query_values, hidden),
        Part.KEY: (spec.num_key_values, hidden),
        Part.VALUE: (spec.num_key_values, hidden),
        Part.OUTPUT: (hidden, spec.num_query_values),
        Part.QUERY_NORM: (spec.head_dim,),
        Part.KEY_NORM: (spec.head_dim,),
        Part.GATE: (wide, hidden),
        Part.UP: (wide, hidden),
        Part.DOWN: (hidden, wide),
    }
    return shapes.get(part, (hidden,))


def needed_tensors(spec: ModelSpec, container: Container) -> Iterator[TensorNeed]:
    """Every tensor the network cannot do without."""
    tops = [Part.EMBEDDING, Part.FINAL_NORM]
    if not spec.is_embedding_tied:
        tops.append(Part.HEAD)
    for part in tops:
        yield TensorNeed(weight_name(container, part), weight_shape(spec, part))
    for layer in range(spec.num_layers):
        for part in _layer_parts(spec):
            yield TensorNeed(weight_name(container, part, layer), weight_shape(spec, part))
        for part in _biased_parts(spec):
            yield TensorNeed(bias_name(container, part, layer), weight_shape(spec, part)[:1])


def _layer_parts(spec: ModelSpec) -> list[Part]:
    optional = () if spec.has_qk_norm else (Part.QUERY_NORM, Part.KEY_NORM)
    return [part for part in _LAYER_NAMES if part not in optional]


def _biased_parts(spec: ModelSpec) -> list[Part]:
    parts = []
    if spec.has_qkv_bias:
        parts += [Part.QUERY, Part.KEY, Part.VALUE]
    if spec.has_output_bias:
        parts += [Part.OUTPUT]
    if spec.has_mlp_bias:
        parts += [Part.GATE, Part.UP, Part.DOWN]
    return parts
