"""Gemma's architectures from the second on, one entry each; part of the table in `table.py`.

Each takes over what the one before it brought. Sources: the modelling and configuration files of
transformers 5; for GGUF llama.cpp's converter and loader.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.expert_rules import ExpertRules
from realm_desktop.engine.architecture.layer_rules import LayerRules
from realm_desktop.engine.architecture.tensor_names import SANDWICH_NAMES

_DEFAULTS: Final = MappingProxyType(
    {
        "head_dim": 256,
        "query_pre_attn_scalar": 256,
        "sliding_window": 4096,
        "tie_word_embeddings": True,
    }
)
# Since Gemma 2.
_SANDWICH: Final = ArchitectureEntry(
    names=SANDWICH_NAMES,
    norm_places="both",
    activation="gelu_tanh",
    activation_key="hidden_activation",
    windowed="pattern",
    has_softcaps=True,
    is_embedding_rooted=True,
)
# Since Gemma 3, whose layers with a window have a RoPE of their own.
_TWO_ROPES: Final = replace(
    _SANDWICH,
    head_norm="shared",
    rope_base=1e6,
    local_rope_key="rope_local_base_freq",
    local_rope_base=10_000.0,
)
# Since Gemma 3n. The text part: what hears and sees is left in the file.
_TEXT: Final = replace(_TWO_ROPES, has_value_norm=True, attention_scale=1.0)

_GEMMA4_EXPERTS: Final = ExpertRules(
    count_keys=("num_experts",),
    is_normalised=True,
    is_normalised_in_gguf=True,
    switch_key="enable_moe_block",
    chosen_key="top_k_experts",
    is_beside_mlp=True,
    gate="gelu_tanh",
)
# Some have experts, most have not.
_GEMMA4: Final = replace(
    _TEXT,
    other_types=("gemma4_text",),
    defaults=MappingProxyType(
        {
            "vocab_size": 262_144,
            "hidden_size": 2304,
            "intermediate_size": 9216,
            "num_hidden_layers": 30,
            "num_attention_heads": 8,
            "num_key_value_heads": 4,
            "head_dim": 256,
            "max_position_embeddings": 131_072,
            "sliding_window": 512,
            "hidden_size_per_layer_input": 256,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "full_attention": {
                    "rope_type": "proportional",
                    "partial_rotary_factor": 0.25,
                    "rope_theta": 1_000_000.0,
                },
                "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            },
        }
    ),
    window_period=6,
    is_last_unwindowed=True,
    layer_rules=LayerRules(has_other_heads=True),
    experts=_GEMMA4_EXPERTS,
)

GEMMA_ARCHITECTURES: Final = MappingProxyType(
    {
        "gemma2": replace(
            _SANDWICH,
            defaults=MappingProxyType(
                {
                    **_DEFAULTS,
                    "num_key_value_heads": 4,
                    "max_position_embeddings": 8192,
                    "attn_logit_softcapping": 50.0,
                    "final_logit_softcapping": 30.0,
                }
            ),
            has_zero_centred_norms=True,
            window_period=2,
            scale_key="query_pre_attn_scalar",
            is_scale_head_dim=True,
            gguf_window=4096,
            gguf_wide_scale_layers=46,
            gguf_softcaps=(50.0, 30.0),
        ),
        "gemma3": replace(
            _TWO_ROPES,
            other_types=("gemma3_text",),
            # Files of networks that see pictures leave out what is so by default.
            defaults=MappingProxyType(
                {
                    **_DEFAULTS,
                    "vocab_size": 262_208,
                    "hidden_size": 2304,
                    "intermediate_size": 9216,
                    "num_hidden_layers": 26,
                    "num_attention_heads": 8,
                    "num_key_value_heads": 4,
                    "max_position_embeddings": 131_072,
                }
            ),
            has_zero_centred_norms=True,
            window_period=6,
            scale_key="query_pre_attn_scalar",
            is_scale_head_dim=True,
            gguf_wide_scale_layers=62,
        ),
        "gemma3n": replace(
            _TEXT,
            other_types=("gemma3n_text",),
            defaults=MappingProxyType(
                {
                    "vocab_size": 262_400,
                    "hidden_size": 2048,
                    "intermediate_size": 16_384,
                    "num_hidden_layers": 35,
                    "num_attention_heads": 8,
                    "num_key_value_heads": 2,
                    "head_dim": 256,
                    "max_position_embeddings": 32_768,
                    "sliding_window": 512,
                    "final_logit_softcapping": 30.0,
                    "hidden_size_per_layer_input": 256,
                    "tie_word_embeddings": True,
                }
            ),
            window_period=5,
            gguf_softcaps=(0.0, 30.0),
            layer_rules=LayerRules(has_streams=True, num_shared=15, needs_num_shared=True),
        ),
        "gemma4": _GEMMA4,
        # The 12B, which sees and hears without a network of its own for it.
        "gemma4_unified": replace(
            _GEMMA4,
            gguf_name="gemma4",
            other_types=("gemma4_unified_text",),
            defaults=MappingProxyType(
                {
                    **_GEMMA4.defaults,
                    "hidden_size_per_layer_input": 0,
                    "max_position_embeddings": 262_144,
                    "sliding_window": 1024,
                }
            ),
            experts=None,
        ),
    }
)
