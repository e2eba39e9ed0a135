"""The keys of config.json and adapter_config.json that may enter the program.

A config comes from a stranger and may name code to run (`auto_map`), files and addresses. Only what
the architecture table and the adapter code read is let through; everything else is dropped here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from realm_desktop.formats.strict_json import JSONValue

MODEL_KEYS: Final = frozenset(
    {
        "activation_sparsity_pattern",
        "altup_active_idx",
        "altup_correct_scale",
        "altup_num_inputs",
        "architectures",
        "attention_bias",
        "attention_k_eq_v",
        "attention_multiplier",
        "attn_logit_softcapping",
        "bos_token_id",
        "decoder_sparse_step",
        "dtype",
        "embedding_multiplier",
        "enable_moe_block",
        "eos_token_id",
        "final_logit_softcapping",
        "first_k_dense_replace",
        "global_head_dim",
        "head_dim",
        "hidden_act",
        "hidden_activation",
        "hidden_size",
        "hidden_size_per_layer_input",
        "initial_context_length",
        "intermediate_size",
        "kv_lora_rank",
        "laurel_rank",
        "layer_norm_eps",
        "layer_norm_epsilon",
        "layer_types",
        "logit_scale",
        "logits_scaling",
        "max_position_embeddings",
        "max_window_layers",
        "mlp_bias",
        "mlp_only_layers",
        "model_type",
        "moe_intermediate_size",
        "n_ctx",
        "n_embd",
        "n_group",
        "n_head",
        "n_inner",
        "n_layer",
        "n_positions",
        "n_routed_experts",
        "n_shared_experts",
        "no_rope_layer_interval",
        "no_rope_layers",
        "norm_eps",
        "norm_epsilon",
        "norm_topk_prob",
        "num_attention_heads",
        "num_experts",
        "num_experts_per_tok",
        "num_global_key_value_heads",
        "num_hidden_layers",
        "num_key_value_heads",
        "num_kv_shared_layers",
        "num_local_experts",
        "original_max_position_embeddings",
        "pad_token_id",
        "partial_rotary_factor",
        "per_layer_config",
        "position_embedding_type",
        "q_lora_rank",
        "qk_layernorm",
        "qk_nope_head_dim",
        "qk_rope_head_dim",
        "qkv_bias",
        "quantization_config",
        "query_pre_attn_scalar",
        "residual_multiplier",
        "rms_norm_eps",
        "rope_interleave",
        "rope_local_base_freq",
        "rope_parameters",
        "rope_scaling",
        "rope_theta",
        "rotary_pct",
        "routed_scaling_factor",
        "scoring_func",
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
        "sliding_window",
        "sliding_window_pattern",
        "swiglu_alpha",
        "swiglu_limit",
        "text_config",
        "tie_word_embeddings",
        "top_k_experts",
        "topk_group",
        "topk_method",
        "torch_dtype",
        "use_bias",
        "use_bidirectional_attention",
        "use_double_wide_mlp",
        "use_parallel_residual",
        "use_qk_norm",
        "use_qkv_bias",
        "use_sliding_window",
        "v_head_dim",
        "vocab_size",
        "vocab_size_per_layer_input",
    }
)

ADAPTER_KEYS: Final = frozenset(
    {
        "alora_invocation_tokens",
        "alpha_pattern",
        "arrow_config",
        "base_model_name_or_path",
        "bias",
        "exclude_modules",
        "fan_in_fan_out",
        "init_lora_weights",
        "kasa_config",
        "layer_replication",
        "layers_pattern",
        "layers_to_transform",
        "lora_alpha",
        "lora_bias",
        "modules_to_save",
        "monteclora_config",
        "peft_type",
        "r",
        "rank_pattern",
        "target_modules",
        "target_parameters",
        "task_type",
        "trainable_token_indices",
        "use_bdlora",
        "use_dora",
        "use_qalora",
        "use_rslora",
    }
)


def allowed_config(config: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """The allowed keys of a model's config.json, those of its `text_config` included."""
    allowed = {key: value for key, value in config.items() if key in MODEL_KEYS}
    text_config = allowed.get("text_config")
    if isinstance(text_config, dict):
        allowed["text_config"] = allowed_config(text_config)
    return allowed


def allowed_adapter_config(config: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """The allowed keys of an adapter_config.json."""
    return {key: value for key, value in config.items() if key in ADAPTER_KEYS}
