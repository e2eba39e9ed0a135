"""Which names an adapter file may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.targets import Target, modules_by_name
from realm_desktop.formats.model_file import open_model
from tests.support.fake_model_file import FakeModelFile
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


def _config_spec(**config: object) -> ModelSpec:
    return model_spec(FakeModelFile(container="safetensors", config={**config}))


def test_layers_of_several_forms_offer_their_plain_projections() -> None:
    types = ["sliding_attention", "full_attention"] * 2
    sizes = {"num_hidden_layers": 4, "num_kv_shared_layers": 2, "layer_types": types}
    modules = modules_by_name(_config_spec(model_type="gemma3n_text", **sizes), "safetensors")

    own = {name.removeprefix("model.layers.0.") for name in modules if ".0." in name}
    last = {name.removeprefix("model.layers.3.") for name in modules if ".3." in name}
    keys = {f"self_attn.{kind}_proj" for kind in ("k", "v", "qkv")}
    # Nothing of streams, low-rank residuals and side inputs; no keys where another layer's are read.
    assert own - last == keys
    assert {name.split(".")[0] for name in own} == {"self_attn", "mlp"}


def test_targets_have_the_sizes_of_their_layer() -> None:
    spec = _config_spec(model_type="gemma4_text", num_hidden_layers=6, attention_k_eq_v=True)
    modules = modules_by_name(spec, "safetensors")

    outputs = [modules[f"model.layers.{layer}.self_attn.k_proj"].out_features for layer in (0, 5)]
    assert outputs == [(4 * 256,), (4 * 512,)]
    assert modules["model.layers.5.self_attn.o_proj"].in_features == 8 * 512
    assert "model.layers.5.self_attn.v_proj" not in modules
