"""The architectures with experts, one entry each; part of the table in `table.py`.

Sources: the modelling and configuration files of transformers 5; for GGUF llama.cpp's converter and
loader.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.expert_rules import ExpertRules
from realm_desktop.engine.architecture.tensor_names import layer_names

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
    }
)
