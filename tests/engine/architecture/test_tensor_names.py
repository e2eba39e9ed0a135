"""Names of tensors that differ from Llama's."""

from __future__ import annotations

import pytest

from realm_desktop.engine.architecture.tensor_names import LLAMA_NAMES, Container, Part, layer_names


def test_own_names_stand_beside_those_of_llama() -> None:
    names = layer_names("safetensors", up="mlp.c_fc")

    assert names.safetensors[Part.UP] == "model.layers.{layer}.mlp.c_fc"
    assert names.safetensors[Part.DOWN] == LLAMA_NAMES.safetensors[Part.DOWN]
    assert names.gguf == LLAMA_NAMES.gguf


@pytest.mark.parametrize("container", ["gguf", "safetensors"])
def test_parts_of_one_name_lie_on_top_of_each_other(container: Container) -> None:
    names = LLAMA_NAMES.layers_replaced(container, dict.fromkeys(("gate", "up"), "both"))

    assert names.stacked(container, Part.UP) == (Part.GATE, Part.UP)
    assert names.stacked(container, Part.DOWN) == (Part.DOWN,)


def test_text_part_of_a_larger_network_has_names_further_inside() -> None:
    names = LLAMA_NAMES.moved("language_model.model.", "language_model.lm_head").safetensors

    assert names[Part.HEAD] == "language_model.lm_head"
    assert names[Part.FINAL_NORM] == "language_model.model.norm"
    assert names[Part.QUERY] == "language_model.model.layers.{layer}.self_attn.q_proj"
