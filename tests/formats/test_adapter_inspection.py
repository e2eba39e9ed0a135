"""Inspecting adapters without a model and without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from realm_desktop.errors import AdapterError, ModelFileError
from realm_desktop.formats.adapter_inspection import inspect_adapter
from tests.support.adapters import TinyAdapter, save_gguf_adapter, save_peft, tiny_adapter
from tests.support.safetensors_files import write_safetensors
from tests.support.tiny_models import save_safetensors, tiny_model


@pytest.fixture(scope="module")
def adapter() -> TinyAdapter:
    return tiny_adapter(tiny_model(), base_model_name_or_path="acme/Tiny-1B")


def test_peft_folder_is_described(adapter: TinyAdapter, tmp_path: Path) -> None:
    folder = save_peft(adapter, tmp_path / "poems.v2")

    found = inspect_adapter(folder)

    assert (found.name, found.container, found.alpha) == ("poems.v2", "safetensors", 8.0)
    assert (found.ranks, found.rank, found.rank_text) == ((4,), 4, "4")
    assert found.base_model_name == "acme/Tiny-1B"
    assert (len(found.modules), set(found.targets) > {"q_proj", "up_proj"}) == (14, True)
    assert found.tensor_types == {"F32": 28}
    assert found.size_bytes == (folder / "adapter_model.safetensors").stat().st_size
    assert not found.refusal


def test_file_of_a_peft_folder_has_the_folder_s_name(adapter: TinyAdapter, tmp_path: Path) -> None:
    folder = save_peft(adapter, tmp_path / "poems")

    assert inspect_adapter(folder / "adapter_model.safetensors").name == "poems"


def test_file_of_any_name_beside_its_config_is_read(adapter: TinyAdapter, tmp_path: Path) -> None:
    file = save_peft(adapter, tmp_path) / "adapter_model.safetensors"

    found = inspect_adapter(file.rename(tmp_path / "tax.safetensors"))

    assert (found.name, found.rank) == ("tax", 4)


def test_gguf_file_is_described(adapter: TinyAdapter, tmp_path: Path) -> None:
    base = {"general.base_model.0.name": "Tiny", "general.base_model.0.organization": "Acme"}
    path = save_gguf_adapter(adapter, tmp_path / "a.gguf", **base, **{"general.name": "Tax"})

    found = inspect_adapter(path)

    assert (found.name, found.architecture, found.rank) == ("Tax", "llama", 4)
    assert found.base_model_name == "Acme/Tiny"
    assert "attn_output" in found.targets


def test_different_ranks_are_listed(tmp_path: Path) -> None:
    adapter = tiny_adapter(
        tiny_model(), ranks={"mlp.up_proj": 9}, rank_pattern={"up_proj": 9}, use_rslora=True
    )

    found = inspect_adapter(save_peft(adapter, tmp_path))

    assert (found.ranks, found.rank_text, found.is_rank_stabilized) == ((4, 9), "4 to 9", True)


@pytest.mark.parametrize(
    ("config", "extra", "feature"),
    [
        ({"use_dora": True}, "model.layers.0.self_attn.q_proj.lora_magnitude_vector", "DoRA"),
        ({"modules_to_save": ["score"]}, "score.weight", "score"),
    ],
)
def test_adapter_that_cannot_be_used_is_described_with_the_reason(
    tmp_path: Path, config: dict[str, Any], extra: str, feature: str
) -> None:
    adapter = tiny_adapter(tiny_model(), **config)
    tensors = {**adapter.tensors(), f"base_model.model.{extra}": torch.zeros(3)}

    found = inspect_adapter(save_peft(adapter, tmp_path, tensors))

    assert feature in found.refusal
    assert found.advice
    assert len(found.modules) == 14


def test_titles_are_printable(adapter: TinyAdapter, tmp_path: Path) -> None:
    name = {"general.name": "a\u202eb", "general.base_model.0.name": "c\x1bd"}

    found = inspect_adapter(save_gguf_adapter(adapter, tmp_path / "a.gguf", **name))

    assert (found.name, found.base_model_name) == ("a\\u202eb", "c\\x1bd")


def test_titles_of_another_type_are_left_out(adapter: TinyAdapter, tmp_path: Path) -> None:
    path = save_gguf_adapter(adapter, tmp_path / "a.gguf", **{"general.name": 3.0})

    assert inspect_adapter(path).name == "a"


def test_values_are_plain(adapter: TinyAdapter, tmp_path: Path) -> None:
    values = json.loads(json.dumps(inspect_adapter(save_peft(adapter, tmp_path)).as_dict()))

    assert (values["kind"], values["num_modules"], values["ranks"]) == ("adapter", 14, [4])
    assert "modules" not in values


@pytest.mark.parametrize("missing", ["a", "b"])
def test_half_a_pair_is_refused(adapter: TinyAdapter, tmp_path: Path, missing: str) -> None:
    tensors = adapter.tensors()
    del tensors[f"base_model.model.model.layers.1.mlp.up_proj.lora_{missing.upper()}.weight"]

    with pytest.raises(AdapterError, match=f"no matrix {missing.upper()}"):
        inspect_adapter(save_peft(adapter, tmp_path, tensors))


def test_model_is_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="not an adapter"):
        inspect_adapter(save_safetensors(tiny_model(), tmp_path))


def test_adapter_without_tensors_is_refused(adapter: TinyAdapter, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="is 0"):
        inspect_adapter(save_peft(adapter, tmp_path, {}))


def test_too_many_tensors_are_refused_by_their_number(adapter: TinyAdapter, tmp_path: Path) -> None:
    save_peft(adapter, tmp_path)
    value = np.zeros((1, 1), np.float32)
    many = {f"{i}.lora_A.weight": value for i in range(33_000)}
    write_safetensors(tmp_path / "adapter_model.safetensors", many)

    with pytest.raises(AdapterError, match="is 33000; at most 32768"):
        inspect_adapter(tmp_path)


def test_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        inspect_adapter(tmp_path / "nowhere")


def test_torch_is_not_imported() -> None:
    code = (
        "import sys, realm_desktop.formats.adapter_fit; sys.exit(any(name in sys.modules"
        " for name in ('torch', 'numpy')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
