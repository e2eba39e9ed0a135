"""The forms in which the same network is described: older and newer keys, with and without pictures."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.formats.hyper_parameters import read_hyper_parameters
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.load_sizes import architecture_of, read_load_sizes
from realm_desktop.formats.model_file import open_model
from tests.support.architecture_cases import CASES
from tests.support.architectures import Network, build_network, write_folder, write_gguf
from tests.support.expert_architectures import EXPERT_CASES
from tests.support.forward import ForwardRunner, load_decoder
from tests.support.gemma_cases import GEMMA_CASES

_CASES = {**CASES, **EXPERT_CASES, **GEMMA_CASES}

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]


@pytest.fixture(scope="module", params=list(_CASES))
def network(request: pytest.FixtureRequest) -> Network:
    return build_network(_CASES[request.param], 4)


def _spec(path: Path) -> ModelSpec:
    model_file = open_model(path)
    try:
        return replace(model_spec(model_file), name="")
    finally:
        model_file.close()


def _rewritten(folder: Path, config: dict[str, Any]) -> ModelSpec:
    (folder / "config.json").write_text(json.dumps(config))
    return _spec(folder)


def test_config_as_transformers_writes_it_describes_the_same(
    network: Network, tmp_path: Path
) -> None:
    expected = _spec(write_folder(network, tmp_path))
    config = network.reference.config

    assert _rewritten(tmp_path, json.loads(config.to_json_string(use_diff=False))) == expected
    assert _rewritten(tmp_path, json.loads(config.to_json_string(use_diff=True))) == expected


def test_null_is_what_is_left_out(network: Network, tmp_path: Path) -> None:
    expected = _spec(write_folder(network, tmp_path))
    absent = {"rope_scaling", "head_dim", "partial_rotary_factor", "quantization_config"}
    config = {**dict.fromkeys(absent - set(network.config)), **network.config}

    assert _rewritten(tmp_path, config) == expected


@pytest.mark.parametrize("prefix", ["language_model.model.", "model.language_model."])
@pytest.mark.parametrize("name", ["gemma3", *GEMMA_CASES])
def test_text_part_of_a_network_with_pictures_is_found(
    tmp_path: Path, name: str, prefix: str
) -> None:
    network = build_network(_CASES[name], 4)
    expected = _spec(write_folder(network, tmp_path))
    outer = network.case.model_type.removesuffix("_text")
    weights = {f"{prefix}{name.removeprefix('model.')}": w for name, w in network.weights.items()}
    beside = {f"{part}.weight": torch.zeros(8, 8) for part in ("vision_tower", "model.audio_tower")}
    beside |= {f"model.embed_{part}.weight": torch.zeros(8, 8) for part in ("audio", "vision")}
    save_file({**weights, **beside}, tmp_path / "model.safetensors")

    found = _rewritten(tmp_path, {"model_type": outer, "text_config": network.config})

    assert replace(found, names=expected.names) == expected
    _assert_header_agrees(tmp_path)
    num_values = sum(weight.numel() for weight in network.weights.values())
    assert inspect(tmp_path).is_text_part
    sizes = read_load_sizes(tmp_path)
    assert sizes.plain_values + sizes.packed_values == num_values
    assert all(
        name.startswith(prefix) or "lm_head" in name for name in found.names.safetensors.values()
    )
    logits = ForwardRunner(load_decoder(tmp_path, "float64")).run(network.ids, 4)
    torch.testing.assert_close(logits, network.logits, rtol=1e-5, atol=1e-5)


def _assert_header_agrees(path: Path) -> None:
    """What the memory plan reads without torch is what the engine computes with."""
    model_file = open_model(path)
    with closing(model_file):
        spec = model_spec(model_file)
        found = read_hyper_parameters(model_file, architecture_of(model_file))
    windows = [window for window in spec.layer_windows if window is not None]
    assert found.window == max(windows, default=0)
    values = {layer: 2 * spec.key_width(layer) for layer in spec.kv_layers}
    windowed = [count for layer, count in values.items() if spec.layer_windows[layer] is not None]
    assert found.kv_values_per_token == sum(values.values())
    assert found.window_kv_values_per_token == sum(windowed)
    assert found.context_length == spec.context_length
    assert found.vocabulary_size == spec.vocabulary_size


def test_memory_plan_reads_the_same_network(network: Network, tmp_path: Path) -> None:
    _assert_header_agrees(write_folder(network, tmp_path))
    if network.case.gguf_name:
        _assert_header_agrees(write_gguf(network, tmp_path / "model.gguf"))
