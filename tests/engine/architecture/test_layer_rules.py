"""What files of Gemma 3n and 4 say of single layers, and what they may not say."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.architecture.layer_forms import LayerHeads, SideInputSpec, StreamSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.errors import CorruptFile, UnsupportedArchitecture
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile

_KEYS: dict[str, Any] = {
    "block_count": 6,
    "embedding_length": 64,
    "feed_forward_length": 96,
    "attention.head_count": 4,
    "attention.head_count_kv": 2,
    "attention.key_length": 32,
    "attention.value_length": 32,
    "attention.sliding_window": 64,
    "attention.sliding_window_pattern": [True, False] * 3,
    "context_length": 8192,
    "attention.layer_norm_rms_epsilon": 1e-6,
}
_STREAM_KEYS: dict[str, Any] = {
    "attention.shared_kv_layers": 2,
    "altup.num_inputs": 4,
    "altup.active_idx": 1,
    "activation_sparsity_scale": [1.5, 0.0, *[float("-inf")] * 4],
}


def _config(model_type: str, **changes: Any) -> ModelSpec:
    config = {"model_type": model_type, "num_hidden_layers": 6, **changes}
    return model_spec(FakeModelFile(container="safetensors", config=config))


def _gguf(name: str, *tensors: str, **changes: Any) -> ModelSpec:
    metadata = {f"{name}.{key}": value for key, value in {**_KEYS, **changes}.items()}
    shapes = {"token_embd.weight": (100, 64), "per_layer_token_embd.weight": (80, 48)}
    entries = {
        each: TensorEntry(each, TensorType.F32, shapes.get(each, (16, 64)), 0, 256)
        for each in ("token_embd.weight", *tensors)
    }
    return model_spec(FakeModelFile({"general.architecture": name, **metadata}, tensors=entries))


def test_last_layers_read_the_keys_of_the_last_own_ones_of_their_type() -> None:
    types = ["sliding_attention", "sliding_attention", "full_attention"] * 2
    spec = _config("gemma3n_text", layer_types=types, num_kv_shared_layers=3)

    assert spec.kv_sources == (0, 1, 2, 1, 1, 2)
    assert spec.kv_layers == (0, 1, 2)
    assert [spec.kv_source(layer) for layer in (0, 3)] == [0, 1]


@pytest.mark.parametrize("num_shared", [4, 6, 7, -1])
def test_layers_without_keys_to_read_are_refused(num_shared: int) -> None:
    types = ["sliding_attention"] * 2 + ["full_attention"] * 4

    with pytest.raises(CorruptFile, match="num_kv_shared_layers"):
        _config("gemma3n_text", layer_types=types, num_kv_shared_layers=num_shared)


def test_gemma3n_has_what_its_config_leaves_out() -> None:
    spec = _config("gemma3n", num_hidden_layers=35)

    assert spec.streams == StreamSpec(num_streams=4, active=0, laurel_rank=64)
    assert spec.side_inputs == SideInputSpec(width=256, vocabulary_size=262_144)
    assert spec.kv_layers == tuple(range(20))
    assert spec.gate_cutoffs[:10] == pytest.approx((1.6448534,) * 10, abs=5e-7)
    assert spec.gate_cutoffs[10:] == (None,) * 25
    assert spec.layer_windows[:6] == (512,) * 4 + (None, 512)
    assert (spec.scale, spec.final_softcap, spec.embedding_multiplier) == (1.0, 30.0, 2048**0.5)
    assert spec.has_value_norm
    assert not spec.has_plain_layers


def test_share_of_none_lets_all_gates_count() -> None:
    shares = [0.0, 0.5, *[0.0] * 4]
    spec = _config("gemma3n", num_kv_shared_layers=0, activation_sparsity_pattern=shares)

    assert spec.gate_cutoffs == (None, 0.0, *[None] * 4)
    assert spec.kv_sources == ()


@pytest.mark.parametrize(
    "shares", [[], [0.5] * 5, [1.0] * 6, [1.0 - 1e-9] * 6, [-0.1] * 6, [float("nan")] * 6]
)
def test_share_of_gates_is_checked(shares: list[float]) -> None:
    with pytest.raises(CorruptFile, match="activation_sparsity_pattern"):
        _config("gemma3n", num_kv_shared_layers=0, activation_sparsity_pattern=shares)


def test_widths_of_layers_may_differ() -> None:
    widths = [96, 96, 128, 96, 96, 96]

    for spec in (
        _config("gemma3n", intermediate_size=widths, num_kv_shared_layers=0),
        _gguf("gemma3n", feed_forward_length=widths, **_STREAM_KEYS),
    ):
        assert spec.layer_widths == tuple(widths)
        assert spec.intermediate_size == spec.width_of(2) == 128


@pytest.mark.parametrize("widths", [[96] * 5, [96] * 5 + [0], "96"])
def test_widths_of_other_layers_are_refused(widths: object) -> None:
    with pytest.raises(CorruptFile, match="intermediate_size"):
        _config("gemma3n", intermediate_size=widths, num_kv_shared_layers=0)


def test_gguf_of_gemma3n_says_the_same() -> None:
    spec = _gguf(
        "gemma3n",
        "per_layer_token_embd.weight",
        "blk.0.laurel_l.weight",
        embedding_length_per_layer_input=8,
        **_STREAM_KEYS,
    )

    assert spec.streams == StreamSpec(num_streams=4, active=1, laurel_rank=16)
    assert spec.side_inputs == SideInputSpec(width=8, vocabulary_size=80)
    assert spec.gate_cutoffs == (1.5, 0.0, *[None] * 4)
    assert spec.kv_sources == (0, 1, 2, 3, 2, 3)
    assert (spec.scale, spec.final_softcap) == (1.0, 30.0)


@pytest.mark.parametrize("key", list(_STREAM_KEYS))
def test_gguf_of_gemma3n_must_say_what_changes_its_layers(key: str) -> None:
    with pytest.raises(CorruptFile, match=key):
        _gguf("gemma3n", **{name: own for name, own in _STREAM_KEYS.items() if name != key})


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), 1e9, "1", True])
def test_cutoff_of_gates_is_a_number(scale: object) -> None:
    with pytest.raises(CorruptFile, match="activation_sparsity_scale"):
        _gguf("gemma3n", **{**_STREAM_KEYS, "activation_sparsity_scale": [scale] * 6})


def test_gemma4_has_larger_heads_without_a_window() -> None:
    spec = _config("gemma4_text")

    assert spec.layer_heads == (LayerHeads(4, 256),) * 5 + (LayerHeads(4, 512),)
    assert (spec.num_kv_heads, spec.head_dim, spec.query_width(0)) == (4, 512, 8 * 256)
    assert spec.rope.turned_share == 0.25
    assert {rope.base for rope in spec.layer_ropes if rope is not None} == {1e6, 1e4}
    assert spec.layer_windows == (512,) * 5 + (None,)


def test_last_layer_of_gemma4_has_no_window() -> None:
    spec = _config("gemma4_text", num_hidden_layers=4, layer_types=["sliding_attention"] * 4)

    assert spec.layer_windows == (512,) * 3 + (None,)
    assert spec.layer_heads[-1].head_dim == 512


def test_keys_are_values_where_gemma4_says_so() -> None:
    spec = _config("gemma4_text", attention_k_eq_v=True, num_global_key_value_heads=2)

    assert spec.heads_of(0) == LayerHeads(4, 256)
    assert spec.heads_of(5) == LayerHeads(2, 512, are_keys_values=True)
    # Without them the number of global heads counts for nothing.
    assert _config("gemma4_text", num_global_key_value_heads=2).heads_of(5).num_kv_heads == 4


def test_layers_that_share_keys_may_be_twice_as_wide() -> None:
    types = ["sliding_attention", "full_attention"] * 3
    spec = _config(
        "gemma4_text", layer_types=types, num_kv_shared_layers=2, use_double_wide_mlp=True
    )

    assert spec.layer_widths == (9216,) * 4 + (18_432,) * 2


def test_heads_listed_by_layer_count() -> None:
    listed = {"5": {"head_dim": 128, "num_key_value_heads": 1}}
    spec = _config("gemma4_text", per_layer_config=listed)

    assert spec.layer_heads == (LayerHeads(4, 256),) * 5 + (LayerHeads(1, 128),)
    assert _config("gemma4_text", per_layer_config={}).layer_heads == ()


def test_share_that_is_nearly_none_lets_all_gates_count() -> None:
    shares = [1e-50] * 6

    spec = _config("gemma3n", num_kv_shared_layers=0, activation_sparsity_pattern=shares)

    assert spec.gate_cutoffs == ()


@pytest.mark.parametrize("key", ["6", "-1", "x", "\u00b2", "1" * 5000, "9" * 5000])
def test_heads_of_no_layer_are_refused(key: str) -> None:
    with pytest.raises(CorruptFile, match="per_layer_config"):
        _config("gemma4_text", per_layer_config={key: {"head_dim": 128}})


@pytest.mark.parametrize(
    "changes",
    [{"per_layer_config": {"0": {"skip": ["mlp"]}}}, {"use_bidirectional_attention": "all"}],
)
def test_features_of_other_networks_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedArchitecture, match=next(iter(changes))):
        _config("gemma4_text", **changes)


def test_layer_does_not_read_keys_of_other_heads() -> None:
    types = ["sliding_attention", "full_attention"] * 3

    with pytest.raises(CorruptFile, match="heads of layer 5"):
        _config(
            "gemma4_text",
            layer_types=types,
            num_kv_shared_layers=2,
            per_layer_config={"5": {"head_dim": 128}},
        )


def test_gguf_of_gemma4_says_the_same() -> None:
    keys: dict[str, Any] = {f"attention.{kind}_length_swa": 16 for kind in ("key", "value")}
    keys |= {"attention.head_count_kv": [2, 1] * 3, "rope.dimension_count_swa": 16}
    tensors = [f"blk.{layer}.attn_k.weight" for layer in range(6)]
    tensors += [f"blk.{layer}.attn_v.weight" for layer in (0, 2, 4)]

    spec = _gguf("gemma4", *tensors, "blk.0.layer_output_scale.weight", **keys)

    local, usual = LayerHeads(2, 16), LayerHeads(1, 32, are_keys_values=True)
    assert spec.layer_heads == (local, usual) * 3
    assert (spec.num_kv_heads, spec.head_dim) == (1, 32)
    assert spec.has_layer_scale
    assert spec.side_inputs is None
    assert spec.experts is None


@pytest.mark.parametrize("key", ["attention.value_length_swa", "rope.dimension_count_swa"])
def test_heads_of_several_lengths_are_refused(key: str) -> None:
    with pytest.raises(UnsupportedArchitecture, match=key):
        _gguf("gemma4", **{"attention.key_length_swa": 16, key: 8})
