"""Cases of Gemma 3n and 4, whose layers differ among each other, and the forms of their files."""

from __future__ import annotations

import math
import re

import torch
from torch import Tensor

from tests.support.architectures import Case

_TYPES = ["sliding_attention", "full_attention"] * 3
_STREAM = re.compile(r"(?P<base>.*altup\w*_projections)\.\d\.weight")
_LAYER = re.compile(
    r"model\.layers\.(?P<layer>\d+)\.(?P<name>router\.scale|router\.per_expert_scale)"
)
_SCALES = {"router.scale": "ffn_gate_inp.scale", "router.per_expert_scale": "ffn_down_exps.scale"}
# Of 3 of 16 pairs that turn, as in the config below.
_ROPE_FACTORS = torch.tensor([1.0] * 3 + [1e30] * 13)


def _as_streams(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """One tensor for the matrices of all streams, and a module for every parameter."""
    stacked: dict[str, Tensor] = {}
    for name, value in weights.items():
        match = _STREAM.fullmatch(name)
        if match is None:
            stacked[f"{name}.weight" if name.endswith("_scale") else name] = value
        else:
            key = f"{match['base']}.weight"
            own = stacked.get(key, value.new_empty(0, *value.shape))
            stacked[key] = torch.cat((own, value[None]))
    return stacked


def _with_modules(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Modules for parameters, scales under names of their own, and divisors of the frequencies."""
    stacked = {"rope.freqs.weight": _ROPE_FACTORS}
    for name, value in weights.items():
        match = _LAYER.fullmatch(name)
        if match is not None:
            stacked[f"blk.{match['layer']}.{_SCALES[match['name']]}"] = value
        else:
            is_plain = name.endswith("layer_scalar") or ".experts." in name
            stacked[f"{name}.weight" if is_plain else name] = value
    return stacked


def _near_one(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What multiplies whole states or experts is about 1."""
    return {
        name: 1.0 + 0.2 * value.tanh() if name.endswith(("scale", "layer_scalar")) else value
        for name, value in weights.items()
    }


_GEMMA4 = {
    "num_hidden_layers": 6,
    "head_dim": 16,
    "global_head_dim": 32,
    "hidden_activation": "gelu_pytorch_tanh",
    "rms_norm_eps": 1e-6,
    "layer_types": _TYPES,
    "sliding_window": 20,
    "final_logit_softcapping": 3.0,
    "rope_parameters": {
        "full_attention": {
            "rope_type": "proportional",
            "partial_rotary_factor": 0.2,
            "rope_theta": 50_000.0,
        },
        "sliding_attention": {"rope_type": "default", "rope_theta": 1000.0},
    },
}
_GEMMA4_METADATA = {
    "attention.key_length": 32,
    "attention.value_length": 32,
    "attention.key_length_swa": 16,
    "attention.value_length_swa": 16,
    "attention.sliding_window_pattern": [True, False] * 3,
    "rope.dimension_count": 32,
    "rope.dimension_count_swa": 16,
    "rope.freq_base": 50_000.0,
    "rope.freq_base_swa": 1000.0,
    "final_logit_softcapping": 3.0,
}

GEMMA_CASES: dict[str, Case] = {
    "gemma3n": Case(
        "gemma3n_text",
        "gemma3n",
        {
            "num_hidden_layers": 6,
            "intermediate_size": [64, 64, 96, 64, 64, 64],
            "head_dim": 16,
            "hidden_activation": "gelu_pytorch_tanh",
            "rms_norm_eps": 1e-6,
            "rope_theta": 50_000.0,
            "rope_local_base_freq": 1000.0,
            "layer_types": _TYPES,
            "sliding_window": 20,
            "final_logit_softcapping": 3.0,
            "num_kv_shared_layers": 2,
            "hidden_size_per_layer_input": 32,
            "vocab_size_per_layer_input": 80,
            "altup_num_inputs": 4,
            "altup_active_idx": 0,
            "laurel_rank": 8,
            "activation_sparsity_pattern": [0.9, 0.5, 0.0, 0.0, 0.0, 0.0],
        },
        {
            "attention.sliding_window_pattern": [True, False] * 3,
            "attention.shared_kv_layers": 2,
            "rope.freq_base_swa": 1000.0,
            "final_logit_softcapping": 3.0,
            "embedding_length_per_layer_input": 32,
            "altup.num_inputs": 4,
            "altup.active_idx": 0,
            "activation_sparsity_scale": [1.2815514, 0.0, *[-math.inf] * 4],
        },
        is_tied=True,
        stacked=_as_streams,
    ),
    # As E2B and E4B.
    "gemma4": Case(
        "gemma4_text",
        "gemma4",
        {
            **_GEMMA4,
            "intermediate_size": 64,
            "num_kv_shared_layers": 2,
            "use_double_wide_mlp": True,
            "hidden_size_per_layer_input": 32,
            "vocab_size_per_layer_input": 320,
        },
        {
            **_GEMMA4_METADATA,
            "feed_forward_length": [64] * 4 + [128] * 2,
            "attention.shared_kv_layers": 2,
            "embedding_length_per_layer_input": 32,
        },
        is_tied=True,
        drawn=_near_one,
        stacked=_with_modules,
    ),
    # As 12B.
    "gemma4, unified": Case(
        "gemma4_unified_text",
        "gemma4",
        {
            **_GEMMA4,
            "intermediate_size": 64,
            "num_key_value_heads": 4,
            "attention_k_eq_v": True,
            "num_global_key_value_heads": 2,
        },
        {**_GEMMA4_METADATA, "attention.head_count_kv": [4, 2] * 3},
        is_tied=True,
        drawn=_near_one,
        stacked=_with_modules,
    ),
    # As 26B-A4B.
    "gemma4, experts": Case(
        "gemma4_text",
        "gemma4",
        {
            **_GEMMA4,
            "attention_k_eq_v": True,
            "num_global_key_value_heads": 1,
            "hidden_size_per_layer_input": 0,
            "enable_moe_block": True,
            "num_experts": 5,
            "top_k_experts": 2,
            "moe_intermediate_size": 32,
        },
        {
            **_GEMMA4_METADATA,
            "attention.head_count_kv": [2, 1] * 3,
            "attention.shared_kv_layers": 0,
            "embedding_length_per_layer_input": 0,
            "expert_count": 5,
            "expert_used_count": 2,
            "expert_feed_forward_length": 32,
        },
        is_tied=True,
        drawn=_near_one,
        stacked=_with_modules,
    ),
}
