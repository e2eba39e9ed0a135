"""Which files of a repository belong together, and which are recommended."""

from __future__ import annotations

import pytest

from realm_desktop.library.download_values import RemoteFile
from realm_desktop.library.fit import Fit
from realm_desktop.library.hub_choices import choices_of, label_of, refusal_of
from realm_desktop.library.hub_values import FileChoice

GB = 10**9
FREE = 12 * GB


def _file(path: str, num_gb: float = 0.001) -> RemoteFile:
    return RemoteFile(path, int(num_gb * GB), sha256="0" * 64)


def _models(*files: RemoteFile, free_bytes: int = FREE) -> tuple[FileChoice, ...]:
    return choices_of("model", files, free_bytes)


def _recommended(choices: tuple[FileChoice, ...]) -> list[str]:
    return [choice.label for choice in choices if choice.is_recommended]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Llama-3.1-8B-Instruct-Q4_K_M", "Q4_K_M"),
        ("model.IQ3_XXS", "IQ3_XXS"),
        ("qwen2-7b-q8_0", "Q8_0"),
        ("gemma-UD-Q4_K_XL", "UD-Q4_K_XL"),
        ("tiny-BF16", "BF16"),
        ("gpt-oss-20b-mxfp4", "MXFP4"),
        ("something", "GGUF"),
    ],
)
def test_the_quantization_in_a_file_name(name: str, label: str) -> None:
    assert label_of(name) == label


def test_the_usual_balance_is_recommended_where_it_fits() -> None:
    found = _models(_file("m-Q8_0.gguf", 8), _file("m-Q4_K_M.gguf", 5), _file("m-Q2_K.gguf", 3))

    assert [choice.label for choice in found] == ["Q8_0", "Q4_K_M", "Q2_K"]
    assert _recommended(found) == ["Q4_K_M"]


def test_a_smaller_one_is_recommended_where_the_balance_does_not_fit() -> None:
    files = [_file("m-Q8_0.gguf", 80), _file("m-Q4_K_M.gguf", 50), _file("m-Q2_K.gguf", 9)]

    assert _recommended(_models(*files)) == ["Q2_K"]


def test_nothing_is_recommended_that_does_not_fit() -> None:
    found = _models(_file("m-Q4_K_M.gguf", 50))

    assert (_recommended(found), found[0].fit) == ([], Fit.TOO_LARGE)


def test_parts_of_one_model_are_one_choice_and_the_first_becomes_visible_last() -> None:
    names = [f"Q6/m-Q6_K-0000{n}-of-00003.gguf" for n in (1, 2, 3)]

    (found,) = _models(*[_file(name, 1) for name in names])

    assert [file.path for file in found.files] == names[::-1]
    assert (found.label, found.num_bytes) == ("Q6_K", 3 * GB)


def test_a_set_with_a_missing_part_is_no_choice() -> None:
    assert _models(_file("m-00001-of-00003.gguf"), _file("m-00002-of-00003.gguf")) == ()


def test_a_vision_tower_is_no_model() -> None:
    assert _models(_file("mmproj-model-f16.gguf")) == ()


def test_a_folder_of_shards_ends_with_its_config() -> None:
    names = [
        "config.json", "tokenizer.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "consolidated.safetensors", "modeling_x.py",
    ]  # fmt: skip

    (found,) = _models(*[_file(name) for name in names])

    assert [file.path for file in found.files] == [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "tokenizer.json",
        "config.json",
    ]


def test_weights_without_a_config_are_no_model() -> None:
    assert _models(_file("model.safetensors")) == ()


def test_adapters_are_folders_with_a_config_or_single_files() -> None:
    names = [
        "adapter_config.json", "adapter_model.safetensors", "checkpoint-5/adapter_config.json",
        "checkpoint-5/adapter_model.safetensors", "lora-f16.gguf", "README.md",
    ]  # fmt: skip

    found = choices_of("adapter", [_file(name) for name in names], FREE)

    assert [(choice.label, choice.name) for choice in found] == [
        ("PEFT", ""),
        ("PEFT", "checkpoint-5"),
        ("GGUF", "lora-f16.gguf"),
    ]
    assert found[0].files[-1].path == "adapter_config.json"


@pytest.mark.parametrize(
    ("kind", "names", "words"),
    [
        ("model", ["pytorch_model.bin"], "pickle"),
        ("adapter", ["adapter_model.bin", "adapter_config.json"], "pickle"),
        ("model", ["README.md"], "no model"),
        ("adapter", ["README.md"], "no adapter"),
    ],
)
def test_a_repository_without_choices_says_why(kind: str, names: list[str], words: str) -> None:
    assert words in refusal_of(kind, names)  # type: ignore[arg-type]  # the kinds are literals
