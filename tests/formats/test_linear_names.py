"""Names of linear layers in both containers."""

from __future__ import annotations

import pytest

from realm_desktop.engine.lora.targets import TARGET_PARTS
from realm_desktop.engine.weights.names import weight_name
from realm_desktop.formats.linear_names import LinearName, linear_name


@pytest.mark.parametrize("part", TARGET_PARTS)
def test_both_containers_name_the_layers_of_the_engine(part: str) -> None:
    parts = {str(each): each for each in TARGET_PARTS}
    gguf = weight_name("gguf", parts[part], 7).removesuffix(".weight")
    hub = weight_name("safetensors", parts[part], 7).removesuffix(".weight")

    found = linear_name("gguf", gguf)

    assert found is not None
    assert found == linear_name("safetensors", hub)
    assert (found.gguf_name, found.hub_name) == (gguf, hub)


@pytest.mark.parametrize(
    "name",
    [
        *("blk.0.attn_norm", "blk.x.attn_q", "blk.99999.attn_q", "token_embd", "attn_q"),
        *("model.layers.0.self_attn.q_proj", "blk.0.attn_q.weight", ""),
    ],
)
def test_other_names_of_gguf_are_none(name: str) -> None:
    assert linear_name("gguf", name) is None


@pytest.mark.parametrize("name", ["lm_head", "model.layers.0.mlp.x_proj", "blk.0.attn_q"])
def test_other_names_of_hugging_face_are_none(name: str) -> None:
    assert linear_name("safetensors", name) is None


def test_layer_that_gguf_knows_in_parts_has_no_name_there() -> None:
    name = LinearName(3, "mlp.gate_up_proj")

    assert name.gguf_name is None
    assert name.hub_name == "model.layers.3.mlp.gate_up_proj"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.layers.2.mlp.c_fc", "mlp.up_proj"),
        ("model.layers.2.shared_mlp.input_linear", "mlp.gate_up_proj"),
        ("model.language_model.layers.2.mlp.up_proj", "mlp.up_proj"),
        ("language_model.model.layers.2.self_attn.q_proj", "self_attn.q_proj"),
    ],
)
def test_other_words_for_a_layer_are_understood(name: str, kind: str) -> None:
    assert linear_name("safetensors", name) == LinearName(2, kind)
