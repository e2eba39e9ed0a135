"""Keys and values of networks whose layers differ in them, as far as a header tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.layer_kv import LayerKV, layer_number, read_layer_kv
from realm_desktop.formats.linear_names import Container
from realm_desktop.formats.metadata import MetadataReader

PLAIN = LayerKV((4,) * 4, (64,) * 4)
WINDOWED = (True, True, True, False)


def read(
    container: Container, values: dict[str, Any], is_windowed: tuple[bool, ...] = WINDOWED
) -> LayerKV:
    return read_layer_kv(MetadataReader(Path("model"), values), container, PLAIN, is_windowed)


def gemma4(**values: Any) -> LayerKV:
    return read("safetensors", {"model_type": "gemma4_text", **values})


def test_layers_that_share_have_no_values_of_their_own() -> None:
    assert LayerKV((4, 2, 2), (64, 32, 32), num_shared=1).values == (256, 64, 0)


@pytest.mark.parametrize("container", ["gguf", "safetensors"])
def test_network_of_equal_layers_stays_as_it_is(container: Container) -> None:
    assert read(container, {}) == PLAIN
    assert read(container, {}, ()) == PLAIN


@pytest.mark.parametrize(
    ("container", "key"),
    [("gguf", "attention.shared_kv_layers"), ("safetensors", "num_kv_shared_layers")],
)
def test_shared_layers_are_counted(container: Container, key: str) -> None:
    assert read(container, {key: 3}).values == (256, 0, 0, 0)
    with pytest.raises(CorruptFile, match=key):
        read(container, {key: 5})


def test_gguf_names_the_heads_of_windows() -> None:
    keys = {"attention.key_length_swa": 8, "attention.value_length_swa": 4}

    assert read("gguf", keys).dims == (12, 12, 12, 64)


def test_gguf_with_half_of_their_lengths_is_refused() -> None:
    with pytest.raises(CorruptFile, match="value_length_swa"):
        read("gguf", {"attention.key_length_swa": 8})


def test_heads_without_a_window_are_longer_in_gemma4() -> None:
    assert gemma4().dims == (64, 64, 64, 1024)
    assert gemma4(global_head_dim=16).dims == (64, 64, 64, 32)


def test_heads_without_a_window_are_fewer_where_keys_are_values() -> None:
    assert gemma4(num_global_key_value_heads=1).counts == (4, 4, 4, 4)
    assert gemma4(num_global_key_value_heads=1, attention_k_eq_v=True).counts == (4, 4, 4, 1)


def test_heads_are_listed_by_layer() -> None:
    listed = {"1": {"head_dim": 8}, "3": {"num_key_value_heads": 2}, "9": {"head_dim": 1}}

    found = gemma4(per_layer_config=listed)

    assert found == LayerKV((4, 4, 4, 2), (64, 16, 64, 64))


@pytest.mark.parametrize("value", [7, {"0": 7}, {"0": {"head_dim": "8"}}, {"0": {"head_dim": 0}}])
def test_list_of_something_else_is_refused(value: object) -> None:
    with pytest.raises(CorruptFile):
        gemma4(per_layer_config=value)


@pytest.mark.parametrize(
    ("key", "number"),
    [("0", 0), ("11", 11), ("12", None), ("99", None), ("-1", None), ("", None), ("x", None)],
)
def test_layer_is_one_of_the_network(key: str, number: int | None) -> None:
    assert layer_number(key, 12) == number


def test_number_of_thousands_of_digits_is_no_layer() -> None:
    assert layer_number("9" * 5000, 12) is None
    assert gemma4(per_layer_config={"9" * 5000: {"head_dim": 8}}).dims == (64,) * 4
