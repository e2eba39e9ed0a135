"""Cases of networks with experts, latents and sinks, and the forms of their files.

transformers keeps the experts of a layer in two tensors; published files have a tensor for each, and
llama.cpp's converter stacks gates, ups and downs apart.
"""

from __future__ import annotations

import re
from functools import partial

import torch
from torch import Tensor

from tests.support.architectures import Case

_FUSED = re.compile(r"(?P<base>.*\.)mlp\.experts\.(?P<kind>gate_up_proj|down_proj)")


def with_own_tensors(
    weights: dict[str, Tensor],
    block: str = "mlp",
    kinds: tuple[str, str, str] = ("gate_proj", "up_proj", "down_proj"),
) -> dict[str, Tensor]:
    """A tensor for each matrix of each expert, as files have them that were published."""
    own: dict[str, Tensor] = {}
    for name, value in weights.items():
        match = _FUSED.fullmatch(name)
        if match is None:
            own[name.replace(".mlp.gate.", f".{block}.gate.")] = value
            continue
        for expert, matrix in enumerate(value):
            parts = matrix.chunk(2) if match["kind"] == "gate_up_proj" else (matrix,)
            own_kinds = kinds[:2] if len(parts) == 2 else kinds[2:]
            for kind, part in zip(own_kinds, parts, strict=True):
                own[f"{match['base']}{block}.experts.{expert}.{kind}.weight"] = part.clone()
    return own


def with_halves(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Gates and ups of all experts in a tensor each."""
    halves: dict[str, Tensor] = {}
    for name, value in weights.items():
        match = _FUSED.fullmatch(name)
        if match is None:
            halves[name] = value
        elif match["kind"] == "down_proj":
            halves[f"{name}.weight"] = value
        else:
            for kind, half in zip(("gate_proj", "up_proj"), value.chunk(2, 1), strict=True):
                halves[f"{match['base']}mlp.experts.{kind}.weight"] = half
    return halves


def _flat_shared_router(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name: value.flatten() if name.endswith("shared_expert_gate.weight") else value
        for name, value in with_halves(weights).items()
    }


def _with_split_latents(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What expands latents in two tensors: keys, transposed, and values."""
    split: dict[str, Tensor] = {}
    for name, value in with_halves(weights).items():
        if "kv_b_proj" not in name:
            split[name.replace("correction_bias", "correction.bias")] = value
            continue
        heads = value.view(4, -1, value.shape[1])
        split[name.replace("kv_b_proj", "k_b_proj")] = heads[:, :12].mT
        split[name.replace("kv_b_proj", "v_b_proj")] = heads[:, 12:]
    return split


# The magnitudes of E2M1, by code.
_MAGNITUDES = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])


def _codes_and_scales(values: Tensor) -> tuple[Tensor, Tensor]:
    """MXFP4 of [.., columns]: codes [.., blocks, 32] and scales [.., blocks], both uint8."""
    blocks = values.reshape(*values.shape[:-1], -1, 32)
    exponents = blocks.abs().amax(-1, keepdim=True).log2().floor() - 2
    distances = (torch.ldexp(blocks.abs(), -exponents).unsqueeze(-1) - _MAGNITUDES).abs()
    codes = distances.argmin(-1) + 8 * (blocks < 0)
    return codes.to(torch.uint8), (exponents.squeeze(-1) + 127).to(torch.uint8)


def _values(codes: Tensor, scales: Tensor) -> Tensor:
    table = torch.cat((_MAGNITUDES, -_MAGNITUDES))
    return torch.ldexp(table[codes.long()], scales.int().unsqueeze(-1) - 127).flatten(-2)


def _is_expert(name: str) -> bool:
    return _FUSED.fullmatch(name) is not None


def _with_wide_gates(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Gates so wide that their limit of 7 counts, which GGUF files cannot say otherwise."""
    return {
        name: 5 * value if name.endswith("gate_up_proj") else value
        for name, value in weights.items()
    }


def _in_mxfp4_values(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Experts rounded to what MXFP4 can say; gpt-oss has inputs in the second dimension."""
    return {
        name: _values(*_codes_and_scales(value.mT)).mT if _is_expert(name) else value
        for name, value in _with_wide_gates(weights).items()
    }


def _in_mxfp4(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Experts as the files of gpt-oss hold them: two neighbours in a byte."""
    stored: dict[str, Tensor] = {}
    for name, value in weights.items():
        if _is_expert(name):
            codes, scales = _codes_and_scales(value.mT)
            stored[f"{name}_blocks"] = codes[..., ::2] | codes[..., 1::2] << 4
            stored[f"{name}_scales"] = scales
        else:
            stored[name] = value
    return stored


def _gpt_oss_stacked(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Gates and ups apart, [experts, out, in]; in the networks they take turns."""
    stacked: dict[str, Tensor] = {}
    for name, value in weights.items():
        stem, is_bias, _ = name.partition("_bias")
        kind = "bias" if is_bias else "weight"
        if not _is_expert(stem):
            stacked[f"{name}.weight" if name.endswith(".sinks") else name] = value
        elif "gate_up_proj" in name:
            for first, half in enumerate(("gate_proj", "up_proj")):
                rows = value[..., first::2] if is_bias else value[..., first::2].mT
                stacked[f"{stem.replace('gate_up_proj', half)}.{kind}"] = rows
        else:
            stacked[f"{stem}.{kind}"] = value if is_bias else value.mT
    return stacked


def _gpt_oss_in_mxfp4(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same with experts in GGUF's blocks: a scale, then the halves of 32 codes side by side."""
    stacked = _gpt_oss_stacked(weights)
    for name, value in stacked.items():
        if ".experts." in name and name.endswith(".weight"):
            codes, scales = _codes_and_scales(value)
            halves = codes[..., :16] | codes[..., 16:] << 4
            stacked[name] = torch.cat((scales.unsqueeze(-1), halves), -1).flatten(-2)
    return stacked


# Two layers: a step of experts takes several times as long as one of an MLP.
_EXPERTS = {"num_hidden_layers": 2, "num_experts_per_tok": 2}
_GPT_OSS = {
    "num_hidden_layers": 2,
    "num_experts_per_tok": 2,
    "num_local_experts": 4,
    "head_dim": 16,
    "intermediate_size": 32,
    "rms_norm_eps": 1e-5,
    "rope_theta": 150_000,
    "sliding_window": 20,
    "attention_bias": True,
    "layer_types": ["sliding_attention", "full_attention"],
    "rope_scaling": {
        "rope_type": "yarn",
        "factor": 8.0,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "truncate": False,
        "original_max_position_embeddings": 32,
    },
}
_GPT_OSS_METADATA = {
    "expert_count": 4,
    "expert_used_count": 2,
    "expert_feed_forward_length": 32,
    "rope.scaling.type": "yarn",
    "rope.scaling.factor": 8.0,
    "rope.scaling.original_context_length": 32,
    "rope.scaling.yarn_beta_fast": 32.0,
    "rope.scaling.yarn_beta_slow": 1.0,
}
_DEEPSEEK = {
    "num_hidden_layers": 3,
    "num_experts_per_tok": 2,
    "num_key_value_heads": 4,
    "n_routed_experts": 6,
    "n_shared_experts": 2,
    "moe_intermediate_size": 24,
    "first_k_dense_replace": 1,
    "routed_scaling_factor": 2.0,
    "topk_method": "greedy",
    "norm_topk_prob": False,
    "kv_lora_rank": 20,
    "q_lora_rank": None,
    "qk_nope_head_dim": 12,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000.0,
}
_DEEPSEEK_YARN = {
    "type": "yarn",
    "factor": 8.0,
    "beta_fast": 32,
    "beta_slow": 1,
    "mscale": 0.707,
    "mscale_all_dim": 0.707,
    "original_max_position_embeddings": 32,
}
_DEEPSEEK_METADATA = {
    "leading_dense_block_count": 1,
    "attention.head_count_kv": 1,
    "attention.kv_lora_rank": 20,
    "attention.key_length": 28,
    "attention.value_length": 20,
    "attention.key_length_mla": 20,
    "attention.value_length_mla": 16,
    "rope.dimension_count": 8,
    "expert_feed_forward_length": 24,
    "expert_count": 6,
    "expert_used_count": 2,
    "expert_shared_count": 2,
    "expert_weights_scale": 2.0,
    "expert_weights_norm": False,
    "expert_gating_func": 1,
}
_DEEPSEEK_YARN_METADATA = {
    "rope.scaling.type": "yarn",
    "rope.scaling.factor": 8.0,
    "rope.scaling.original_context_length": 32,
    "rope.scaling.yarn_log_multiplier": 0.0707,
}

EXPERT_CASES: dict[str, Case] = {
    "mixtral": Case(
        "mixtral",
        "llama",
        {
            **_EXPERTS,
            "num_local_experts": 5,
            "rms_norm_eps": 1e-5,
            "rope_theta": 1e6,
            "sliding_window": 40,
        },
        {"expert_count": 5, "expert_used_count": 2},
        permutes=True,
        published=partial(with_own_tensors, block="block_sparse_moe", kinds=("w1", "w3", "w2")),
        stacked=with_halves,
    ),
    "qwen3_moe": Case(
        "qwen3_moe",
        "qwen3moe",
        {
            **_EXPERTS,
            "head_dim": 16,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1e6,
            "num_experts": 6,
            "moe_intermediate_size": 24,
            "norm_topk_prob": True,
            "decoder_sparse_step": 1,
            "mlp_only_layers": [],
        },
        {"expert_count": 6, "expert_used_count": 2, "expert_feed_forward_length": 24},
        published=with_own_tensors,
        stacked=with_halves,
    ),
    "gpt_oss": Case(
        "gpt_oss",
        "gpt-oss",
        _GPT_OSS,
        _GPT_OSS_METADATA,
        drawn=_with_wide_gates,
        stacked=_gpt_oss_stacked,
    ),
    "gpt_oss, MXFP4": Case(
        "gpt_oss",
        "gpt-oss",
        {**_GPT_OSS, "quantization_config": {"quant_method": "mxfp4"}},
        _GPT_OSS_METADATA,
        float32_tolerance=5e-2,  # kernels round activations to 8 bits beside packed weights
        drawn=_in_mxfp4_values,
        published=_in_mxfp4,
        stacked=_gpt_oss_in_mxfp4,
    ),
    "deepseek_v2": Case(
        "deepseek_v2",
        "deepseek2",
        {**_DEEPSEEK, "rope_scaling": _DEEPSEEK_YARN},
        {**_DEEPSEEK_METADATA, **_DEEPSEEK_YARN_METADATA},
        published=with_own_tensors,
        stacked=_with_split_latents,
    ),
    # As DeepSeek-V2 itself, and as files of 2024 had it.
    "deepseek_v2, groups": Case(
        "deepseek_v2",
        "deepseek2",
        {
            **_DEEPSEEK,
            "topk_method": "group_limited_greedy",
            "n_group": 3,
            "topk_group": 2,
            "q_lora_rank": 24,
            "v_head_dim": 23,
        },
        {
            **{key: value for key, value in _DEEPSEEK_METADATA.items() if "_mla" not in key},
            "attention.head_count_kv": 4,
            "attention.q_lora_rank": 24,
            "attention.key_length": 20,
            "attention.value_length": 23,
            "expert_group_count": 3,
            "expert_group_used_count": 2,
        },
        stacked=with_halves,
    ),
    "deepseek_v3": Case(
        "deepseek_v3",
        "deepseek2",
        {
            **_DEEPSEEK,
            "q_lora_rank": 24,
            "n_group": 3,
            "topk_group": 2,
            "topk_method": "noaux_tc",
            "scoring_func": "sigmoid",
            "norm_topk_prob": True,
            "rope_scaling": {**_DEEPSEEK_YARN, "mscale": 1.0, "mscale_all_dim": 1.0},
        },
        {
            **_DEEPSEEK_METADATA,
            **_DEEPSEEK_YARN_METADATA,
            "attention.q_lora_rank": 24,
            "expert_group_count": 3,
            "expert_group_used_count": 2,
            "expert_weights_norm": True,
            "expert_gating_func": 2,
            "rope.scaling.yarn_log_multiplier": 0.1,
        },
        published=with_own_tensors,
        stacked=_with_split_latents,
    ),
    # llama.cpp knows no such layers of this network.
    "qwen3_moe, dense layers": Case(
        "qwen3_moe",
        "",
        {
            "num_hidden_layers": 3,
            "head_dim": 16,
            "rms_norm_eps": 1e-6,
            "num_experts": 9,
            "moe_intermediate_size": 40,
            "decoder_sparse_step": 2,
            "use_sliding_window": True,
            "sliding_window": 30,
        },
    ),
    "qwen2_moe": Case(
        "qwen2_moe",
        "qwen2moe",
        {
            **_EXPERTS,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1e6,
            "num_experts": 5,
            "moe_intermediate_size": 24,
            "shared_expert_intermediate_size": 40,
            "norm_topk_prob": False,
            "use_sliding_window": False,
        },
        {
            "expert_count": 5,
            "expert_used_count": 2,
            "expert_feed_forward_length": 24,
            "expert_shared_feed_forward_length": 40,
        },
        published=with_own_tensors,
        stacked=_flat_shared_router,
    ),
}
