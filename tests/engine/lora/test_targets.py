"""Which names an adapter file may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.targets import Target, modules_by_name
from realm_desktop.formats.model_file import open_model
from tests.support.tiny_models import save_safetensors, tiny_model


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    model_file = open_model(save_safetensors(tiny_model(), tmp_path))
    try:
        return model_spec(model_file)
    finally:
        model_file.close()


def test_peft_names_are_those_of_the_network(spec: ModelSpec) -> None:
    modules = modules_by_name(spec, "safetensors")

    module = modules["model.layers.1.mlp.down_proj"]
    assert module.targets == (Target(1, Part.DOWN),)
    assert (module.in_features, module.out_features) == (96, (64,))
    assert len(modules) == 2 * 9


def test_gguf_names_are_those_of_the_base_file(spec: ModelSpec) -> None:
    modules = modules_by_name(spec, "gguf")

    assert modules["blk.0.attn_k"].out_features == (32,)
    assert len(modules) == 2 * 8


def test_fused_layer_stands_for_its_parts_in_order(spec: ModelSpec) -> None:
    module = modules_by_name(spec, "safetensors")["model.layers.0.self_attn.qkv_proj"]

    assert [target.part for target in module.targets] == [Part.QUERY, Part.KEY, Part.VALUE]
    assert module.out_features == (64, 32, 32)
