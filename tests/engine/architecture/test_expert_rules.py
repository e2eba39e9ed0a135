"""What files say of experts: defaults of what they leave out, and what they must not say."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.errors import CorruptFile, RealmError, UnsupportedArchitecture
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "vocab_size": 96,
}
GGUF_SIZES = {
    "block_count": 3,
    "embedding_length": 32,
    "attention.head_count": 4,
    "context_length": 64,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "feed_forward_length": 48,
    "expert_count": 8,
    "expert_used_count": 2,
}
EMBEDDING = TensorEntry("token_embd.weight", TensorType.F32, (96, 32), 0, 96 * 32 * 4)


def from_config(model_type: str, **values: Any) -> ModelSpec:
    config = {"model_type": model_type, **SIZES, **values}
    return model_spec(FakeModelFile(container="safetensors", config=config))


def from_gguf(architecture: str, names: tuple[str, ...] = (), **values: Any) -> ModelSpec:
    keys = {f"{architecture}.{key}": value for key, value in {**GGUF_SIZES, **values}.items()}
    metadata = {"general.architecture": architecture, **keys}
    tensors = dict.fromkeys(("token_embd.weight", *names), EMBEDDING)
    return model_spec(FakeModelFile(metadata, tensors=tensors))


def experts_of(spec: ModelSpec) -> ExpertSpec:
    assert spec.experts is not None
    return spec.experts


def test_defaults_of_mixtral() -> None:
    spec = from_config("mixtral", intermediate_size=48, num_key_value_heads=2)

    experts = experts_of(spec)
    assert (experts.num_experts, experts.num_chosen, experts.intermediate_size) == (8, 2, 48)
    assert experts.is_normalised
    assert all(experts.layers)


def test_defaults_of_qwen3_moe() -> None:
    experts = experts_of(from_config("qwen3_moe", num_key_value_heads=2))

    assert (experts.num_experts, experts.num_chosen, experts.intermediate_size) == (128, 8, 768)
    assert not experts.is_normalised


def test_windows_of_qwen2_moe_are_on_every_second_lower_layer() -> None:
    values = {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 3}

    spec = from_config("qwen2_moe", num_key_value_heads=2, **values)

    assert spec.layer_windows == (16, None, 16, None)


def test_number_of_experts_has_an_older_and_a_newer_name() -> None:
    for key in ("num_experts", "num_local_experts"):
        spec = from_config("qwen3_moe", num_key_value_heads=2, num_experts_per_tok=4, **{key: 6})
        assert experts_of(spec).num_experts == 6


def test_defaults_of_gpt_oss() -> None:
    spec = from_config("gpt_oss", num_key_value_heads=2)

    experts = experts_of(spec)
    assert (experts.num_experts, experts.num_chosen, experts.intermediate_size) == (128, 4, 2880)
    assert (experts.gate_alpha, experts.gate_limit) == (1.702, 7.0)
    assert spec.layer_windows == (128, None, 128, None)
    assert (spec.rope.scaling, spec.rope.factor, spec.rope.base) == ("yarn", 32.0, 150_000.0)
    assert not spec.rope.is_truncated
    assert spec.has_sinks


def test_defaults_of_deepseek() -> None:
    spec = from_config("deepseek_v2", num_experts_per_tok=6)

    assert spec.latent is not None
    assert (spec.latent.query_rank, spec.latent.key_rank) == (1536, 512)
    assert (spec.latent.query_dim, spec.latent.value_dim, spec.head_dim) == (192, 128, 192)
    assert (experts_of(spec).shared_size, spec.num_kv_heads) == (2 * 1407, 4)


def test_null_rank_is_none() -> None:
    spec = from_config("deepseek_v2", num_experts_per_tok=6, q_lora_rank=None)

    assert spec.latent is not None
    assert spec.latent.query_rank == 0


def test_dense_layers_stand_between_and_in_front() -> None:
    sparse = from_config(
        "qwen3_moe", num_key_value_heads=2, decoder_sparse_step=2, mlp_only_layers=[3]
    )
    late = from_config("deepseek_v2", num_experts_per_tok=2, first_k_dense_replace=3)

    assert experts_of(sparse).layers == (False, True, False, False)
    assert experts_of(late).layers == (False, False, False, True)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"num_experts_per_tok": 65}, CorruptFile, "chosen experts is 65"),
        ({"topk_method": "dice"}, UnsupportedArchitecture, "dice"),
        ({"scoring_func": "tanh"}, UnsupportedArchitecture, "tanh"),
        ({"attention_bias": True}, UnsupportedArchitecture, "biases beside latent attention"),
        (
            {"topk_method": "group_limited_greedy", "n_group": 5, "topk_group": 2},
            CorruptFile,
            "experts in groups",
        ),
        (
            {"topk_method": "group_limited_greedy", "n_group": 8, "topk_group": 9},
            CorruptFile,
            "chosen groups",
        ),
        ({"qk_rope_head_dim": 7}, CorruptFile, "an even number"),
        ({"quantization_config": {"quant_method": "fp8"}}, UnsupportedArchitecture, "fp8"),
    ],
)
def test_config_that_cannot_be_computed_is_refused(
    values: dict[str, Any], error: type[RealmError], words: str
) -> None:
    with pytest.raises(error, match=words):
        from_config("deepseek_v2", **{"num_experts_per_tok": 6, **values})


def test_llama_with_experts_is_mixtral_in_gguf() -> None:
    spec = from_gguf("llama")

    assert spec.architecture == "mixtral"
    assert experts_of(spec).is_normalised
    assert spec.is_rope_interleaved
    assert from_gguf("llama", expert_count=0).architecture == "llama"


def test_normalisation_in_gguf_is_that_of_llama_cpp() -> None:
    assert experts_of(from_gguf("qwen3moe")).is_normalised
    assert not experts_of(from_gguf("qwen2moe")).is_normalised
    assert not experts_of(from_gguf("qwen3moe", expert_weights_norm=False)).is_normalised


def test_shared_expert_in_gguf() -> None:
    """Qwen2-MoE always has one, as wide as an MLP would be; DeepSeek has as many as are named."""
    latent: dict[str, Any] = {
        "rope.dimension_count": 8,
        "attention.kv_lora_rank": 16,
        "attention.key_length": 20,
        "attention.value_length": 12,
        "expert_feed_forward_length": 24,
    }

    assert experts_of(from_gguf("qwen2moe", expert_feed_forward_length=24)).shared_size == 48
    assert experts_of(from_gguf("deepseek2", **latent)).shared_size == 0
    assert experts_of(from_gguf("deepseek2", expert_shared_count=3, **latent)).shared_size == 72


def test_layers_of_a_gguf_file_with_a_router_have_experts() -> None:
    names = ("blk.1.ffn_gate_inp.weight", "blk.2.ffn_gate_inp.weight")

    assert experts_of(from_gguf("qwen3moe", names)).layers == (False, True, True)
    assert experts_of(from_gguf("qwen3moe")).layers == (True,) * 3


def test_plain_size_may_be_missing_where_all_layers_have_experts() -> None:
    spec = from_gguf("qwen3moe", expert_feed_forward_length=24, feed_forward_length=0)

    assert (spec.intermediate_size, experts_of(spec).intermediate_size) == (24, 24)


@pytest.mark.parametrize(
    ("architecture", "values", "words"),
    [
        ("qwen2", {}, "a mixture of experts"),
        ("qwen3moe", {"expert_gating_func": 9}, "function 9"),
        ("qwen3moe", {"expert_used_count": 9}, "chosen experts is 9"),
        ("deepseek2", {"rope.dimension_count": 8}, "kv_lora_rank|key_length"),
    ],
)
def test_gguf_file_that_cannot_be_computed_is_refused(
    architecture: str, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(RealmError, match=words):
        from_gguf(architecture, **values)


def test_sigmoid_brings_a_bias_for_the_choice_where_the_file_has_one() -> None:
    latent = {
        "rope.dimension_count": 8,
        "attention.kv_lora_rank": 16,
        "attention.key_length": 20,
        "attention.value_length": 12,
        "expert_gating_func": 2,
    }

    spec = from_gguf("deepseek2", ("blk.0.exp_probs_b.bias",), **latent)

    experts = experts_of(spec)
    assert (experts.scoring, experts.has_choice_bias) == ("sigmoid", True)
    assert spec.latent is not None
    assert (spec.latent.plain_dim, spec.latent.rotated_dim, spec.head_dim) == (12, 8, 20)
