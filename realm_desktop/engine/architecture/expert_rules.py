"""Reads what a file says of its experts, by the rules of its architecture.

Defaults of missing keys are those of transformers; llama.cpp writes fewer keys and computes the rest
of an architecture as given, which the rules say too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from realm_desktop.engine.architecture.experts import ExpertGate, ExpertSpec, Scoring
from realm_desktop.engine.architecture.faults import (
    MAX_FACTOR,
    MAX_LAYERS,
    MAX_WIDTH,
    unsupported_feature,
)
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader

MAX_EXPERTS: Final = 4_096

# llama.cpp, enum llama_expert_gating_func_type; 0 stands for none named.
_GATINGS: Final[MappingProxyType[int, Scoring]] = MappingProxyType(
    {1: "softmax", 2: "sigmoid", 3: "softmax_of_chosen"}
)
_CHOICES: Final = ("greedy", "group_limited_greedy", "noaux_tc")


@dataclass(frozen=True, slots=True)
class ExpertRules:
    """What files of an architecture leave to it.

    Attributes:
        count_keys: What config.json calls the number of experts; the first that is there counts.
        size_key: What it calls the intermediate size of one.
        shared_key: What it calls that of the shared expert; "" for none, "n_shared_experts" counts
            in sizes of an expert.
        num_experts, num_chosen, size, shared_size: Where a config.json leaves the key out; 0 says
            that it must not.
        scoring: Unless the file says.
        is_normalised: Unless the file says; None where a file of Hugging Face does, False by default.
        is_normalised_in_gguf: The same of GGUF files.
        switch_key: What a config.json says there are experts by; "" where they always are.
        chosen_key: What it calls the number of experts that compute a row.
        is_beside_mlp: See `ExpertSpec`.
        has_shared_gate: See `ExpertSpec`; as are the others.
    """

    count_keys: tuple[str, ...] = ("num_local_experts", "num_experts")
    size_key: str = "moe_intermediate_size"
    shared_key: str = ""
    num_experts: int = 0
    num_chosen: int = 0
    size: int = 0
    shared_size: int = 0
    scoring: Scoring = "softmax"
    is_normalised: bool | None = None
    is_normalised_in_gguf: bool = False
    is_scaled: bool = False
    switch_key: str = ""
    chosen_key: str = "num_experts_per_tok"
    is_beside_mlp: bool = False
    has_shared_gate: bool = False
    has_bias: bool = False
    gate: ExpertGate = "silu"


def config_experts(
    reader: MetadataReader, rules: ExpertRules, num_layers: int
) -> ExpertSpec | None:
    """The experts of a config.json; None without.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: Experts are chosen in an unknown way.
    """
    if rules.switch_key and not reader.get_bool(rules.switch_key, default=False):
        return None
    key = next(
        (key for key in rules.count_keys if reader.get(key) is not None), rules.count_keys[0]
    )
    num_experts = _count(reader, key, rules.num_experts)
    size = _size(reader, rules.size_key, rules.size)
    experts = ExpertSpec(
        num_experts=num_experts,
        num_chosen=_count(reader, rules.chosen_key, rules.num_chosen),
        intermediate_size=size,
        layers=_config_layers(reader, num_layers),
        shared_size=_config_shared_size(reader, rules, size),
        has_shared_gate=rules.has_shared_gate,
        scoring=rules.scoring,
        is_normalised=_is_normalised(reader, rules),
        scale=_config_scale(reader) if rules.is_scaled else 1.0,
        has_router_bias=rules.has_bias,
        has_bias=rules.has_bias,
        is_beside_mlp=rules.is_beside_mlp,
        gate=rules.gate,
        gate_alpha=reader.get_float("swiglu_alpha", 0.0, MAX_FACTOR, default=1.702),
        gate_limit=reader.get_float("swiglu_limit", 0.0, MAX_FACTOR, default=7.0),
    )
    if rules.is_scaled:
        experts = _with_config_groups(reader, experts)
    return _checked(reader, key, experts)


def gguf_experts(
    reader: MetadataReader, rules: ExpertRules, num_layers: int, names: Collection[str]
) -> ExpertSpec:
    """The experts of a GGUF file; keys of `reader` have the prefix of the architecture.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: Experts are chosen in an unknown way.
    """
    dense_size = reader.get_int("feed_forward_length", 0, MAX_WIDTH, default=0)
    size = _size(reader, "expert_feed_forward_length", dense_size)
    is_normalised = rules.is_normalised_in_gguf
    groups = reader.get_int("expert_group_count", 0, MAX_EXPERTS, default=0) or 1
    experts = ExpertSpec(
        num_experts=_count(reader, "expert_count", 0),
        num_chosen=_count(reader, "expert_used_count", 0),
        intermediate_size=size,
        layers=_gguf_layers(num_layers, names),
        shared_size=_gguf_shared_size(reader, rules, size, dense_size),
        has_shared_gate=rules.has_shared_gate,
        scoring=_gguf_scoring(reader, rules),
        is_normalised=reader.get_bool("expert_weights_norm", default=is_normalised),
        # 0 is what some converters write for none.
        scale=reader.get_float("expert_weights_scale", 0.0, MAX_FACTOR, default=1.0) or 1.0,
        num_groups=groups,
        num_chosen_groups=reader.get_int("expert_group_used_count", 0, MAX_EXPERTS, default=groups)
        or groups,
        has_router_bias=rules.has_bias,
        has_choice_bias=any(name.endswith("exp_probs_b.bias") for name in names),
        has_bias=rules.has_bias,
        is_beside_mlp=rules.is_beside_mlp,
        gate=rules.gate,
    )
    return _checked(reader, "expert_count", experts)


def _gguf_shared_size(
    reader: MetadataReader, rules: ExpertRules, size: int, dense_size: int
) -> int:
    """In sizes of an expert, or as it is; networks with a gate for it always have one."""
    count = reader.get_int("expert_shared_count", 0, MAX_EXPERTS, default=0)
    default = count * size or (dense_size if rules.has_shared_gate else 0)
    return reader.get_int("expert_shared_feed_forward_length", 0, MAX_WIDTH, default=default)


def _gguf_scoring(reader: MetadataReader, rules: ExpertRules) -> Scoring:
    gating = reader.get_int("expert_gating_func", 0, 1 << 16, default=0)
    if gating and gating not in _GATINGS:
        feature = f"choice of experts by function {gating}"
        raise unsupported_feature(reader.path, f"{reader.prefix}expert_gating_func", feature)
    return _GATINGS.get(gating, rules.scoring)


def _count(reader: MetadataReader, key: str, default: int) -> int:
    if default:
        return reader.get_int(key, 1, MAX_EXPERTS, default=default)
    return reader.get_int(key, 1, MAX_EXPERTS)


def _size(reader: MetadataReader, key: str, default: int) -> int:
    if default:
        return reader.get_int(key, 1, MAX_WIDTH, default=default)
    return reader.get_int(key, 1, MAX_WIDTH)


def _is_normalised(reader: MetadataReader, rules: ExpertRules) -> bool:
    if rules.is_normalised is not None:
        return rules.is_normalised
    return reader.get_bool("norm_topk_prob", default=False)


def _config_layers(reader: MetadataReader, num_layers: int) -> tuple[bool, ...]:
    """Every layer has experts but the first ones, those listed, and those between the steps."""
    first = reader.get_int("first_k_dense_replace", 0, MAX_LAYERS, default=0)
    dense = set(reader.get_ints("mlp_only_layers", 0, MAX_LAYERS, default=[]))
    step = reader.get_int("decoder_sparse_step", 1, MAX_LAYERS, default=1)
    return tuple(
        layer >= first and layer not in dense and (layer + 1) % step == 0
        for layer in range(num_layers)
    )


def _gguf_layers(num_layers: int, names: Collection[str]) -> tuple[bool, ...]:
    """Those with a router; all if there is none, so that an error names what is missing."""
    layers = tuple(f"blk.{layer}.ffn_gate_inp.weight" in names for layer in range(num_layers))
    return layers if any(layers) else (True,) * num_layers


def _config_shared_size(reader: MetadataReader, rules: ExpertRules, size: int) -> int:
    if not rules.shared_key:
        return 0
    if rules.shared_key == "n_shared_experts":
        return size * reader.get_int(rules.shared_key, 0, MAX_EXPERTS, default=rules.shared_size)
    return reader.get_int(rules.shared_key, 0, MAX_WIDTH, default=rules.shared_size)


def _config_scale(reader: MetadataReader) -> float:
    return reader.get_float("routed_scaling_factor", 0.0, MAX_FACTOR, default=1.0)


def _with_config_groups(reader: MetadataReader, experts: ExpertSpec) -> ExpertSpec:
    """The experts with the groups of DeepSeek's files, which name them where they do not count."""
    method = reader.get_str("topk_method", default="greedy")
    scoring = reader.get_str("scoring_func", default=experts.scoring)
    if method not in _CHOICES:
        raise unsupported_feature(
            reader.path, "topk_method", f"choice of experts by {quote(method)}"
        )
    if scoring not in ("softmax", "sigmoid"):
        raise unsupported_feature(
            reader.path, "scoring_func", f"scores of experts by {quote(scoring)}"
        )
    experts = replace(experts, scoring="softmax" if scoring == "softmax" else "sigmoid")
    if method == "greedy" and experts.scoring == "softmax":
        return experts
    groups = reader.get_int("n_group", 1, MAX_EXPERTS, default=1)
    chosen = reader.get_int("topk_group", 1, MAX_EXPERTS, default=groups)
    return replace(
        experts,
        num_groups=groups,
        num_chosen_groups=chosen,
        has_choice_bias=experts.scoring == "sigmoid",
    )


def _checked(reader: MetadataReader, key: str, experts: ExpertSpec) -> ExpertSpec:
    """The experts, if their numbers agree with each other."""
    most = experts.num_experts // experts.num_groups * experts.num_chosen_groups
    limits = {
        "experts in groups": (experts.num_experts % experts.num_groups, 0),
        "chosen groups": (experts.num_chosen_groups, experts.num_groups),
        "chosen experts": (experts.num_chosen, most),
    }
    for what, (found, limit) in limits.items():
        if found > limit:
            raise corrupt(
                reader.path, f"{key}: {what}", None, found=found, allowed=f"at most {limit}"
            )
    return experts
