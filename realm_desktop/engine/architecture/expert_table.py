"""The architectures that have experts, or may have some, one entry each; part of the table in `table.py`.

Sources: the modelling and configuration files of transformers 5; for GGUF llama.cpp's converter and
loader.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.expert_rules import ExpertRules
from realm_desktop.engine.architecture.layer_rules import LayerRules
from realm_desktop.engine.architecture.tensor_names import SANDWICH_NAMES, layer_names

_MIXTRAL: Final = ExpertRules(
    size_key="intermediate_size",
    num_experts=8,
    num_chosen=2,
    size=14_336,
    is_normalised=True,
    is_normalised_in_gguf=True,
)
_QWEN2: Final = ExpertRules(
    count_keys=("num_experts", "num_local_experts"),
    shared_key="shared_expert_intermediate_size",
    num_experts=60,
    num_chosen=4,
    size=1408,
    shared_size=5632,
    has_shared_gate=True,
)
_QWEN3: Final = ExpertRules(
    count_keys=("num_experts", "num_local_experts"),
    num_experts=128,
    num_chosen=8,
    size=768,
    # Not so in a config.json that does not say; llama.cpp has it so for all.
    is_normalised_in_gguf=True,
)
_GPT_OSS: Final = ExpertRules(
    size_key="intermediate_size",
    num_experts=128,
    num_chosen=4,
    size=2880,
    scoring="softmax_of_chosen",
    is_normalised=False,
    has_bias=True,
    gate="clamped",
)
_DEEPSEEK_V2: Final = ExpertRules(
    count_keys=("n_routed_experts", "num_experts", "num_local_experts"),
    shared_key="n_shared_experts",
    num_experts=64,
    size=1407,
    shared_size=2,
    # `norm_topk_prob` of such files counts for nothing in transformers.
    is_normalised=False,
    is_scaled=True,
)
_DEEPSEEK_V3: Final = ExpertRules(
    count_keys=("n_routed_experts", "num_local_experts", "num_experts"),
    shared_key="n_shared_experts",
    num_experts=256,
    num_chosen=8,
    size=2048,
    shared_size=1,
    scoring="sigmoid",
    is_scaled=True,
)

_GEMMA4: Final = ExpertRules(
    count_keys=("num_experts",),
    is_normalised=True,
    is_normalised_in_gguf=True,
    switch_key="enable_moe_block",
    chosen_key="top_k_experts",
    is_beside_mlp=True,
    gate="gelu_tanh",
)

# The text part: what hears and sees is left in the file. Some have experts, most have not.
_GEMMA4_TEXT: Final = ArchitectureEntry(
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
    names=SANDWICH_NAMES,
    norm_places="both",
    head_norm="shared",
    has_value_norm=True,
    activation="gelu_tanh",
    activation_key="hidden_activation",
    windowed="pattern",
    window_period=6,
    is_last_unwindowed=True,
    rope_base=1e6,
    local_rope_key="rope_local_base_freq",
    local_rope_base=10_000.0,
    attention_scale=1.0,
    has_softcaps=True,
    is_embedding_rooted=True,
    layer_rules=LayerRules(has_other_heads=True),
    experts=_GEMMA4,
)

EXPERT_ARCHITECTURES: Final = MappingProxyType(
    {
        "mixtral": ArchitectureEntry(
            gguf_name="llama",  # llama.cpp writes it as one that has experts
            gguf_mark="expert_count",
            defaults=MappingProxyType(
                {"max_position_embeddings": 131_072, "num_key_value_heads": 8, "rms_norm_eps": 1e-5}
            ),
            windowed="all",
            rope_base=1e6,
            interleaved_in=frozenset({"gguf"}),
            experts=_MIXTRAL,
        ),
        "qwen2_moe": ArchitectureEntry(
            gguf_name="qwen2moe",
            defaults=MappingProxyType(
                {
                    "intermediate_size": 5632,
                    "max_position_embeddings": 32_768,
                    "sliding_window": 4096,
                }
            ),
            names=layer_names(
                "safetensors",
                shared_gate="mlp.shared_expert.gate_proj",
                shared_up="mlp.shared_expert.up_proj",
                shared_down="mlp.shared_expert.down_proj",
            ),
            needs_qkv_bias=True,
            windowed="lower_even",
            needs_window_switch=True,
            experts=_QWEN2,
        ),
        "qwen3_moe": ArchitectureEntry(
            gguf_name="qwen3moe",
            defaults=MappingProxyType(
                {
                    "intermediate_size": 6144,
                    "num_key_value_heads": 4,
                    "max_position_embeddings": 32_768,
                    "sliding_window": 4096,
                }
            ),
            head_norm="shared",
            windowed="all",
            needs_window_switch=True,
            experts=_QWEN3,
        ),
        "gpt_oss": ArchitectureEntry(
            gguf_name="gpt-oss",
            defaults=MappingProxyType(
                {
                    "head_dim": 64,
                    "intermediate_size": 2880,
                    "num_key_value_heads": 8,
                    "max_position_embeddings": 131_072,
                    "rms_norm_eps": 1e-5,
                    "sliding_window": 128,
                    "rope_parameters": {
                        "rope_type": "yarn",
                        "factor": 32.0,
                        "beta_fast": 32.0,
                        "beta_slow": 1.0,
                        "truncate": False,
                        "original_max_position_embeddings": 4096,
                    },
                }
            ),
            names=layer_names("gguf", mlp_norm="post_attention_norm"),
            windowed="pattern",
            window_period=2,
            rope_base=150_000.0,
            experts=_GPT_OSS,
            has_sinks=True,
            gguf_rounds_yarn=False,
        ),
        "deepseek_v2": ArchitectureEntry(
            gguf_name="deepseek2",
            defaults=MappingProxyType(
                {
                    "intermediate_size": 11_008,
                    "max_position_embeddings": 2048,
                    "q_lora_rank": 1536,
                }
            ),
            experts=_DEEPSEEK_V2,
            is_latent=True,
        ),
        # In GGUF "deepseek2" as well: what they differ in, those files say.
        "deepseek_v3": ArchitectureEntry(
            gguf_name="deepseek2",
            defaults=MappingProxyType(
                {
                    "intermediate_size": 18_432,
                    "max_position_embeddings": 4096,
                    "q_lora_rank": 1536,
                    "first_k_dense_replace": 3,
                    "norm_topk_prob": True,
                    "routed_scaling_factor": 2.5,
                    "n_group": 8,
                    "topk_group": 4,
                }
            ),
            experts=_DEEPSEEK_V3,
            is_latent=True,
        ),
        "gemma4": _GEMMA4_TEXT,
        # The 12B, which sees and hears without a network of its own for it.
        "gemma4_unified": replace(
            _GEMMA4_TEXT,
            gguf_name="gemma4",
            other_types=("gemma4_unified_text",),
            defaults=MappingProxyType(
                {
                    **_GEMMA4_TEXT.defaults,
                    "hidden_size_per_layer_input": 0,
                    "max_position_embeddings": 262_144,
                    "sliding_window": 1024,
                }
            ),
            experts=None,
        ),
    }
)
