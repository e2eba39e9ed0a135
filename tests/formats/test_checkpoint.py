from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.checkpoint import open_folder, open_safetensors
from tests.support.safetensors_files import write_checkpoint, write_safetensors

_A = np.ones((2, 4), dtype=np.float32)
_B = np.zeros(4, dtype=np.float32)
_CONFIG = {"model_type": "llama", "hidden_size": 4}
_INDEX = "model.safetensors.index.json"


def _write_index(folder: Path, weight_map: object) -> None:
    (folder / _INDEX).write_text(json.dumps({"weight_map": weight_map}), encoding="utf-8")


def test_folder_with_one_file_opens(tmp_path: Path) -> None:
    model_file = open_folder(write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}]))

    assert model_file.container == "safetensors"
    assert model_file.config["model_type"] == "llama"
    assert bytes(model_file.tensor_bytes("a")) == _A.tobytes()
    assert dict(model_file.metadata) == {}


def test_folder_with_shards_opens_as_one(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}, {"b": _B}])

    model_file = open_folder(folder)

    assert set(model_file.tensors) == {"a", "b"}
    assert bytes(model_file.tensor_bytes("b")) == _B.tobytes()
    sizes = [path.stat().st_size for path in folder.glob("*.safetensors")]
    assert model_file.size_bytes == sum(sizes)


def test_shard_opens_with_its_siblings(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}, {"b": _B}])

    model_file = open_safetensors(folder / "model-00002-of-00002.safetensors")

    assert set(model_file.tensors) == {"a", "b"}
    assert model_file.config["hidden_size"] == 4


def test_shard_without_index_is_refused(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "model-00001-of-00002.safetensors", {"a": _A})

    with pytest.raises(CorruptFile, match=r"one of 2 shards, and their index .* is missing"):
        open_safetensors(path)


def test_single_file_takes_the_config_beside_it(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])

    assert open_safetensors(folder / "model.safetensors").config["hidden_size"] == 4


def test_single_file_needs_no_config(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "x.safetensors", {"a": _A})

    assert dict(open_safetensors(path).config) == {}


def test_file_of_another_name_is_found_if_it_is_the_only_one(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    (folder / "model.safetensors").rename(folder / "weights.safetensors")

    assert set(open_folder(folder).tensors) == {"a"}


def test_several_files_without_index_are_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}, {"b": _B}])
    (folder / _INDEX).unlink()

    with pytest.raises(ModelFileError, match=r"2 \.safetensors files and no model"):
        open_folder(folder)


def test_only_allowed_config_keys_enter(tmp_path: Path) -> None:
    config = {**_CONFIG, "auto_map": {"AutoModel": "evil.Model"}, "_name_or_path": "/etc"}
    config["text_config"] = {"head_dim": 8, "auto_map": {}}

    model_file = open_folder(write_checkpoint(tmp_path / "m", config, [{"a": _A}]))

    assert dict(model_file.config) == {**_CONFIG, "text_config": {"head_dim": 8}}


def test_companions_are_read(tmp_path: Path) -> None:
    files = {"tokenizer.json": "{}", "chat_template.jinja": "{{ x }}"}
    model_file = open_folder(write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}], files))

    assert model_file.text_file("tokenizer.json") == b"{}"
    assert model_file.text_file("chat_template.jinja") == b"{{ x }}"
    assert model_file.text_file("generation_config.json") is None


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "config.json", "modeling.py"])
def test_other_files_are_not_companions(tmp_path: Path, name: str) -> None:
    model_file = open_folder(write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}]))

    with pytest.raises(ValueError, match="companion"):
        model_file.text_file(name)


def test_companion_that_is_a_pointer_is_named(tmp_path: Path) -> None:
    files = {"tokenizer.json": "version https://git-lfs.github.com/spec/v1\n"}
    model_file = open_folder(write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}], files))

    with pytest.raises(CorruptFile, match=r"tokenizer\.json is a Git LFS pointer"):
        model_file.text_file("tokenizer.json")


def test_tokenizer_alone_opens(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}], {"tokenizer.json": "{}"})
    (folder / "model.safetensors").unlink()

    assert not open_folder(folder).tensors


def test_folder_without_weights_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelFileError, match=r"no \.safetensors file"):
        open_folder(folder)


def test_folder_with_pickle_weights_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(ModelFileError, match=r"pickle files \(pytorch_model\.bin\)"):
        open_folder(folder)


def test_folder_without_config_is_refused(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors", {"a": _A})

    with pytest.raises(ModelFileError, match=r"a folder without config\.json"):
        open_folder(tmp_path)


def test_folder_of_gguf_files_names_one(tmp_path: Path) -> None:
    (tmp_path / "b.gguf").touch()
    (tmp_path / "a.gguf").touch()

    with pytest.raises(ModelFileError) as caught:
        open_folder(tmp_path)
    assert caught.value.advice == "Choose the file a.gguf in it."


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', "NaN", '{"a":' * 70])
def test_damaged_config_is_refused(tmp_path: Path, text: str) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    (folder / "config.json").write_text(text, encoding="utf-8")

    with pytest.raises(CorruptFile, match=r"config\.json is damaged"):
        open_folder(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../other.safetensors",
        "/tmp/x.safetensors",
        "sub/x.safetensors",
        "sub\\x.safetensors",
        "C:x.safetensors",
        "..",
        "",
        "model.bin",
        ".hidden.safetensors",
        "a\x00.safetensors",
        5,
        None,
    ],
)
def test_shards_lie_in_the_same_folder(tmp_path: Path, name: object) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    write_safetensors(tmp_path / "other.safetensors", {"a": _A})
    _write_index(folder, {"a": name})

    with pytest.raises(CorruptFile, match=r"weight_map\.a is .* in the same folder"):
        open_folder(folder)


@pytest.mark.parametrize("weight_map", [None, [], {}, "x"])
def test_index_needs_a_weight_map(tmp_path: Path, weight_map: object) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    _write_index(folder, weight_map)

    with pytest.raises(CorruptFile, match="weight_map"):
        open_folder(folder)


def test_missing_shard_is_named(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}, {"b": _B}])
    (folder / "model-00002-of-00002.safetensors").unlink()

    with pytest.raises(CorruptFile, match=r"model-00002-of-00002\.safetensors is missing"):
        open_folder(folder)


def test_number_of_shards_is_limited(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    for number in range(1001):
        (folder / f"{number}.safetensors").touch()
    _write_index(folder, {str(number): f"{number}.safetensors" for number in range(1001)})

    with pytest.raises(CorruptFile, match="1001 files; allowed is 1000"):
        open_folder(folder)


def test_tensor_the_index_does_not_name_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A, "b": _B}])
    _write_index(folder, {"a": "model.safetensors"})

    with pytest.raises(CorruptFile, match=r"tensor b .* stored here"):
        open_folder(folder)


def test_tensor_missing_from_its_shard_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}])
    _write_index(folder, {"a": "model.safetensors", "c": "model.safetensors"})

    with pytest.raises(CorruptFile, match=r"weight_map\.c is missing"):
        open_folder(folder)


def test_adapter_folder_opens(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "adapter_model.safetensors", {"x.lora_A.weight": _A})
    config = {"peft_type": "LORA", "r": 2, "auto_mapping": {"evil": "code"}}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")

    assert dict(open_folder(tmp_path).config) == {"peft_type": "LORA", "r": 2}
    by_file = open_safetensors(tmp_path / "adapter_model.safetensors")
    assert dict(by_file.config) == {"peft_type": "LORA", "r": 2}


def test_values_cannot_be_read_after_close(tmp_path: Path) -> None:
    model_file = open_folder(write_checkpoint(tmp_path / "m", _CONFIG, [{"a": _A}]))
    model_file.close()

    with pytest.raises(ModelFileError, match="is closed"):
        model_file.tensor_bytes("a")
