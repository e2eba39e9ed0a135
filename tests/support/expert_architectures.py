"""Cases of networks with experts, latents and sinks, and the forms of their files.

transformers keeps the experts of a layer in two tensors; published files have a tensor for each, and
llama.cpp's converter stacks gates, ups and downs apart.
"""

from __future__ import annotations

import re
from functools import partial

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


# Two layers: a step of experts takes several times as long as one of an MLP.
_EXPERTS = {"num_hidden_layers": 2, "num_experts_per_tok": 2}

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
