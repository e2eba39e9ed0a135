"""Adapters from PEFT to GGUF and back, with nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora.adapter_file import LoraPair, read_adapter
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import AdapterError, AdapterMismatch, ExportError, UsageError
from realm_desktop.formats.adapter_conversion import convert_to_gguf, convert_to_peft
from realm_desktop.formats.model_file import open_model
from tests.support.adapters import (
    TinyAdapter,
    save_gguf_adapter,
    save_peft,
    tiny_adapter,
    with_saved,
)
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model

PATTERNS: dict[str, Any] = {
    "rank": 4,
    "ranks": {"mlp.up_proj": 9},
    "rank_pattern": {"up_proj": 9},
    "alpha_pattern": {"layers.1.self_attn.q_proj": 32, "k_proj": 1},
}


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model()


@pytest.fixture(scope="module")
def base(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_gguf(model, tmp_path_factory.mktemp("base") / "tiny.gguf")


def _pairs(path: Path, base: Path) -> dict[Target, LoraPair]:
    model_file = open_model(base)
    try:
        return dict(read_adapter(path, model_spec(model_file), torch.float32).pairs)
    finally:
        model_file.close()


def _assert_same(one: Path, other: Path, base: Path, *, is_exact: bool = True) -> None:
    first, second = _pairs(one, base), _pairs(other, base)
    assert first.keys() == second.keys()
    tolerance = 0.0 if is_exact else 1e-6
    for target, pair in first.items():
        torch.testing.assert_close(pair.a, second[target].a, rtol=0.0, atol=0.0)
        torch.testing.assert_close(pair.b, second[target].b, rtol=tolerance, atol=0.0)


@pytest.mark.parametrize("architecture", ["llama", "mistral", "qwen2", "qwen3"])
@pytest.mark.parametrize("container", ["gguf", "safetensors"])
def test_plain_adapter_is_the_same_to_the_last_bit_there_and_back(
    architecture: str, container: str, tmp_path: Path
) -> None:
    model = tiny_model(architecture)
    save = save_gguf if container == "gguf" else save_safetensors
    base = save(model, tmp_path / "base.gguf" if container == "gguf" else tmp_path / "base")
    source = save_peft(tiny_adapter(model), tmp_path / "a")

    there = convert_to_gguf(source, base, tmp_path / "a.gguf")
    convert_to_peft(tmp_path / "a.gguf", base, tmp_path / "b")

    assert (there.num_pairs, there.num_scaled) == (14, 0)
    _assert_same(source, tmp_path / "a.gguf", base)
    original = load_file(source / "adapter_model.safetensors")
    returned = load_file(tmp_path / "b" / "adapter_model.safetensors")
    assert original.keys() == returned.keys()
    assert all(torch.equal(original[name], returned[name]) for name in original)


def test_file_equals_that_of_llama_cpp_s_converter(
    model: TinyModel, base: Path, tmp_path: Path
) -> None:
    adapter = tiny_adapter(model)
    convert_to_gguf(save_peft(adapter, tmp_path / "a"), base, tmp_path / "ours.gguf")

    ours = open_model(tmp_path / "ours.gguf")
    theirs = open_model(save_gguf_adapter(adapter, tmp_path / "theirs.gguf"))

    assert ours.tensors.keys() == theirs.tensors.keys()
    for name in ours.tensors:
        assert bytes(ours.tensor_bytes(name)) == bytes(theirs.tensor_bytes(name))
    for key, value in theirs.metadata.items():
        assert ours.metadata[key] == value


@pytest.mark.parametrize(
    ("options", "num_scaled"),
    [({"use_rslora": True}, 0), (PATTERNS, 3), ({**PATTERNS, "use_rslora": True}, 5)],
)
def test_scaling_survives_rslora_and_patterns(
    model: TinyModel, base: Path, tmp_path: Path, options: dict[str, Any], num_scaled: int
) -> None:
    source = save_peft(tiny_adapter(model, **options), tmp_path / "a")

    done = convert_to_gguf(source, base, tmp_path / "a.gguf")
    convert_to_peft(tmp_path / "a.gguf", base, tmp_path / "b")

    assert done.num_scaled == num_scaled
    _assert_same(source, tmp_path / "a.gguf", base, is_exact=False)
    _assert_same(source, tmp_path / "b", base, is_exact=False)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_types_are_kept(
    model: TinyModel, base: Path, tmp_path: Path, dtype: torch.dtype
) -> None:
    adapter = tiny_adapter(model, modules=["self_attn.v_proj", "mlp.down_proj"])
    tensors = {name: tensor.to(dtype) for name, tensor in adapter.tensors().items()}
    source = save_peft(adapter, tmp_path / "a", tensors)

    convert_to_gguf(source, base, tmp_path / "a.gguf")

    kinds = {str(entry.tensor_type) for entry in open_model(tmp_path / "a.gguf").tensors.values()}
    assert kinds == {"F16" if dtype == torch.float16 else "BF16"}
    _assert_same(source, tmp_path / "a.gguf", base)


def _fused(adapter: TinyAdapter) -> dict[str, Tensor]:
    stem = "base_model.model.model.layers.0"
    generator = torch.Generator().manual_seed(5)
    return {
        f"{stem}.self_attn.qkv_proj.lora_A.weight": torch.randn(4, 64, generator=generator),
        f"{stem}.self_attn.qkv_proj.lora_B.weight": torch.randn(128, 4, generator=generator),
        f"{stem}.mlp.gate_up_proj.lora_A.weight": torch.randn(4, 64, generator=generator),
        f"{stem}.mlp.gate_up_proj.lora_B.weight": torch.randn(192, 4, generator=generator),
    }


def test_fused_layers_become_their_parts(model: TinyModel, base: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(model)
    source = save_peft(adapter, tmp_path / "a", _fused(adapter))

    done = convert_to_gguf(source, base, tmp_path / "a.gguf")

    assert done.num_pairs == 5
    _assert_same(source, tmp_path / "a.gguf", base)


def test_gguf_without_alpha_keeps_its_scaling_of_1(
    model: TinyModel, base: Path, tmp_path: Path
) -> None:
    adapter = tiny_adapter(model, ranks={"mlp.up_proj": 9})
    source = save_gguf_adapter(adapter, tmp_path / "a.gguf", **{"adapter.lora.alpha": 0.0})

    convert_to_peft(source, base, tmp_path / "a")

    _assert_same(source, tmp_path / "a", base)


def test_adapter_of_some_layers_names_them_one_by_one(
    model: TinyModel, base: Path, tmp_path: Path
) -> None:
    adapter = tiny_adapter(model, modules=["self_attn.v_proj"])
    tensors = dict(list(adapter.tensors().items())[2:])
    convert_to_gguf(save_peft(adapter, tmp_path / "a", tensors), base, tmp_path / "a.gguf")

    convert_to_peft(tmp_path / "a.gguf", None, tmp_path / "b")

    config = json.loads((tmp_path / "b" / "adapter_config.json").read_text())
    assert config["target_modules"] == ["model.layers.1.self_attn.v_proj"]


def test_base_model_is_carried_over(model: TinyModel, base: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(model, base_model_name_or_path="acme/Tiny-1B")
    convert_to_gguf(save_peft(adapter, tmp_path / "a"), base, tmp_path / "a.gguf")

    convert_to_peft(tmp_path / "a.gguf", base, tmp_path / "b")

    config = json.loads((tmp_path / "b" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "acme/Tiny-1B"


def test_rows_that_depend_on_the_heads_need_the_base(model: TinyModel, tmp_path: Path) -> None:
    path = save_gguf_adapter(tiny_adapter(model), tmp_path / "a.gguf")

    with pytest.raises(UsageError, match="stores in another order"):
        convert_to_peft(path, None, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_adapter_of_another_base_is_refused(base: Path, tmp_path: Path) -> None:
    other = tiny_adapter(tiny_model(hidden_size=32, head_dim=8))

    with pytest.raises(AdapterMismatch, match="made for hidden size 32, this model has 64"):
        convert_to_gguf(save_peft(other, tmp_path / "a"), base, tmp_path / "a.gguf")


def test_feature_that_is_no_lora_is_refused(model: TinyModel, base: Path, tmp_path: Path) -> None:
    path = save_peft(tiny_adapter(model, use_dora=True), tmp_path / "a")

    with pytest.raises(AdapterError, match="DoRA"):
        convert_to_gguf(path, base, tmp_path / "a.gguf")


def test_format_it_has_already_is_refused(model: TinyModel, base: Path, tmp_path: Path) -> None:
    path = save_gguf_adapter(tiny_adapter(model), tmp_path / "a.gguf")

    with pytest.raises(UsageError, match="is in the format gguf already"):
        convert_to_gguf(path, base, tmp_path / "b.gguf")


def test_existing_file_is_not_replaced(model: TinyModel, base: Path, tmp_path: Path) -> None:
    path = save_peft(tiny_adapter(model), tmp_path / "a")

    with pytest.raises(ExportError, match="exists already"):
        convert_to_gguf(path, base, base)


def test_modules_replaced_whole_cannot_become_gguf(
    model: TinyModel, base: Path, tmp_path: Path
) -> None:
    path = save_peft(with_saved(tiny_adapter(model), "lm_head"), tmp_path / "a")

    with pytest.raises(AdapterError, match="replaces lm_head whole"):
        convert_to_gguf(path, base, tmp_path / "a.gguf")
