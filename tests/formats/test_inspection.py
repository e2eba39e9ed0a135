from __future__ import annotations

import json
import subprocess
import sys
from math import prod
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.tensor_types import TensorType
from tests.support.gguf_files import Value, write_gguf
from tests.support.safetensors_files import write_checkpoint, write_safetensors
from tests.support.shared_data import shared_data

_WIDE = np.zeros((6, 32), dtype=np.float32)
_HALF = np.zeros((6, 32), dtype=np.float16)
_METADATA: dict[str, Value] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.license": "mit",
    "tokenizer.chat_template": "{{ messages }}",
    "llama.block_count": 2,
    "llama.context_length": 128,
    "llama.embedding_length": 32,
    "llama.feed_forward_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
}
_CONFIG: dict[str, object] = {
    "model_type": "qwen2",
    "num_hidden_layers": 2,
    "max_position_embeddings": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 6,
}


def test_model_is_described(tmp_path: Path) -> None:
    tensors = {"token_embd.weight": _HALF, "norm": _WIDE[0]}
    path = write_gguf(tmp_path / "m.gguf", _METADATA, tensors)

    found = inspect(path)

    assert (found.kind, found.architecture, found.name) == ("model", "llama", "Tiny")
    assert (found.parameters, found.tensor_types) == (224, {"F16": 1, "F32": 1})
    assert (found.context_length, found.licence) == (128, "mit")
    assert found.chat_template == "{{ messages }}"
    assert found.size_bytes == path.stat().st_size


def test_object_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", _METADATA, {"token_embd.weight": _HALF})

    found = json.loads(json.dumps(inspect(path).as_dict()))

    assert set(found) == {
        *("kind", "architecture", "name", "parameters", "tensor_types", "size_bytes"),
        *("context_length", "chat_template", "licence", "memory", "is_text_part"),
    }
    assert set(found["memory"]) == {
        *("weights_bytes", "kv_bytes_per_token", "working_bytes"),
        *("window_kv_bytes_per_token", "window_tokens"),
    }


@pytest.mark.parametrize(("weights", "value_bytes"), [(_HALF, 2), (_WIDE, 4)])
def test_memory_follows_the_compute_type(
    tmp_path: Path, weights: np.ndarray[tuple[int, int], np.dtype[np.float32]], value_bytes: int
) -> None:
    path = write_gguf(tmp_path / "m.gguf", _METADATA, {"token_embd.weight": weights})

    memory = inspect(path).memory

    # Embedding and output matrix in one, which the engine holds in two layouts.
    assert memory.weights_bytes == 2 * 192 * value_bytes
    # 2 layers, keys and values, 2 heads of 8.
    assert memory.kv_bytes_per_token == 64 * value_bytes
    # 256 rows; 32 rows of logits of 6 tokens.
    assert memory.working_bytes == 256 * (4 * 32 + 64 + 3 * 64) * value_bytes + 32 * 6 * 4


@pytest.mark.parametrize(
    ("tensor_type", "shape", "held_bytes"),
    [
        (TensorType.Q8_0, (1, 32), 34),  # packed
        (TensorType.Q8_0, (32,), 64),  # a vector: dequantized
        (TensorType.Q8_K, (1, 256), 512),  # no kernel: dequantized
        (TensorType.IQ2_XXS, (1, 256), 116),  # larger than the 66 bytes of the file
    ],
)
def test_quantized_weights_count_as_the_engine_holds_them(
    tmp_path: Path, tensor_type: TensorType, shape: tuple[int, ...], held_bytes: int
) -> None:
    data = bytes(tensor_type.num_bytes(prod(shape)))
    path = write_gguf(tmp_path / "m.gguf", _METADATA, {"any.weight": (data, tensor_type, shape)})

    assert inspect(path).memory.weights_bytes == held_bytes


def test_heads_may_differ_by_layer(tmp_path: Path) -> None:
    metadata = {**_METADATA, "llama.attention.head_count_kv": [1, 4]}
    path = write_gguf(tmp_path / "m.gguf", metadata, {"token_embd.weight": _HALF})

    assert inspect(path).memory.kv_bytes_per_token == 5 * 16 * 2


def test_unknown_architecture_is_described_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"general.architecture": "new"}, {"w": _HALF})

    found = inspect(path)

    assert (found.kind, found.architecture, found.name) == ("model", "new", "m")
    assert (found.context_length, found.chat_template, found.licence) == (None, None, None)
    assert found.memory.kv_bytes_per_token is None
    assert found.memory.working_bytes is None


def test_file_without_tensors_is_a_tokenizer(tmp_path: Path) -> None:
    metadata = {**_METADATA, "tokenizer.ggml.tokens": ["a", "b"]}

    assert inspect(write_gguf(tmp_path / "m.gguf", metadata)).kind == "tokenizer"


def test_declared_adapter_is_an_adapter(tmp_path: Path) -> None:
    metadata = {**_METADATA, "general.type": "adapter"}

    assert inspect(write_gguf(tmp_path / "m.gguf", metadata, {"w": _HALF})).kind == "adapter"


def test_lora_names_make_an_adapter(tmp_path: Path) -> None:
    tensors = {"blk.0.attn_q.weight.lora_a": _HALF, "blk.0.attn_q.weight.lora_b": _HALF}

    assert inspect(write_gguf(tmp_path / "m.gguf", _METADATA, tensors)).kind == "adapter"


def test_peft_folder_is_an_adapter(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "adapter_model.safetensors", {"q.lora_A.weight": _WIDE})
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA"}', encoding="utf-8")

    assert inspect(tmp_path).kind == "adapter"


def test_folder_is_described(tmp_path: Path) -> None:
    weights = {"model.embed_tokens.weight": _HALF}

    found = inspect(write_checkpoint(tmp_path / "Tiny", _CONFIG, [weights]))

    assert (found.kind, found.architecture, found.name) == ("model", "qwen2", "Tiny")
    assert found.context_length == 128
    assert found.memory.kv_bytes_per_token == 128


def test_nested_text_config_is_read(tmp_path: Path) -> None:
    config = {"model_type": "gemma3", "text_config": _CONFIG}
    folder = write_checkpoint(tmp_path / "m", config, [{"w": _HALF}])

    assert inspect(folder).memory.kv_bytes_per_token == 128


@pytest.mark.parametrize(
    ("files", "template"),
    [
        ({}, None),
        ({"tokenizer_config.json": "{}"}, None),
        ({"tokenizer_config.json": '{"chat_template": "a"}'}, "a"),
        ({"tokenizer_config.json": '{"chat_template": "a"}', "chat_template.jinja": "b"}, "b"),
        (
            {
                "tokenizer_config.json": '{"chat_template": [{"name": "tool", "template": "a"},'
                ' {"name": "default", "template": "b"}]}'
            },
            "b",
        ),
    ],
)
def test_template_of_a_folder_is_found(
    tmp_path: Path, files: dict[str, str], template: str | None
) -> None:
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"w": _HALF}], files)

    assert inspect(folder).chat_template == template


@pytest.mark.parametrize("value", ["5", '{"a": 1}', '[{"name": "default"}]', "[5]"])
def test_template_of_another_type_is_refused(tmp_path: Path, value: str) -> None:
    files = {"tokenizer_config.json": f'{{"chat_template": {value}}}'}
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"w": _HALF}], files)

    with pytest.raises(CorruptFile, match=r"tokenizer_config\.json is damaged: chat_template"):
        inspect(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("llama.block_count", 1025),
        ("llama.block_count", 0),
        ("llama.block_count", "2"),
        ("llama.context_length", 2**25),
        ("llama.context_length", 0),
        ("llama.embedding_length", -1),
        ("llama.attention.head_count", ["x"]),
        ("llama.attention.head_count_kv", 2**20),
        ("general.name", 5),
        ("general.architecture", ["llama"]),
        ("general.architecture", "x" * 257),
        ("general.license", True),
        ("tokenizer.chat_template", 1.5),
    ],
)
def test_hostile_value_is_refused_by_name(tmp_path: Path, key: str, value: int) -> None:
    path = write_gguf(tmp_path / "m.gguf", {**_METADATA, key: value}, {"w": _HALF})

    with pytest.raises(CorruptFile, match=r"^m\.gguf is damaged") as caught:
        inspect(path)
    assert caught.value.field is not None
    assert caught.value.field.split("[")[0] == key


@pytest.mark.parametrize("key", ["num_hidden_layers", "hidden_size", "max_position_embeddings"])
@pytest.mark.parametrize("value", [0, -1, 2**63, 1.5, "x", [], {}, True])
def test_hostile_config_is_refused_by_name(tmp_path: Path, key: str, value: object) -> None:
    folder = write_checkpoint(tmp_path / "m", {**_CONFIG, key: value}, [{"w": _HALF}])

    with pytest.raises(CorruptFile, match=key):
        inspect(folder)


def test_file_without_architecture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match=r"general\.architecture is missing"):
        inspect(write_gguf(tmp_path / "m.gguf", {"a": 1}))


@pytest.mark.parametrize(
    ("name", "kind", "architecture", "context_length"),
    [
        ("stories260K-f32.gguf", "model", "llama", 512),
        ("ggml-vocab-llama-spm.gguf", "tokenizer", "llama", 4096),
        ("ggml-vocab-gpt-2.gguf", "tokenizer", "gpt2", 1024),
        ("ggml-vocab-qwen2.gguf", "tokenizer", "qwen2", 32768),
    ],
)
def test_real_file_is_described(
    name: str, kind: str, architecture: str, context_length: int
) -> None:
    found = inspect(shared_data(name))

    assert (found.kind, found.architecture) == (kind, architecture)
    assert found.context_length == context_length


def test_real_model_has_its_known_size() -> None:
    found = inspect(shared_data("stories260K-f32.gguf"))

    assert found.parameters == 260_032
    assert found.memory.weights_bytes == 4 * (260_032 + 512 * 64)
    assert found.memory.kv_bytes_per_token == 2 * 5 * 4 * 8 * 4


def test_inspect_needs_neither_torch_nor_numpy(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", _METADATA, {"token_embd.weight": _HALF})
    program = (
        "import sys, pathlib; from realm_desktop.formats.inspection import inspect; "
        f"inspect(pathlib.Path({str(path)!r})); "
        "print(sorted({'torch', 'numpy', 'gguf', 'PySide6'} & set(sys.modules)))"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert result.stdout.strip() == b"[]"


def test_older_names_of_sizes_are_read(tmp_path: Path) -> None:
    config = {"model_type": "gpt2", "n_ctx": 64, "n_positions": 64, "n_layer": 2}
    sizes = {"n_embd": 32, "n_head": 4}
    folder = write_checkpoint(tmp_path / "m", {**config, **sizes}, [{"w": _HALF}])

    found = inspect(folder)

    assert found.context_length == 64
    # 2 layers, keys and values, 4 heads of 8, 2 bytes each.
    assert found.memory.kv_bytes_per_token == 2 * 2 * 32 * 2


def test_licence_of_a_folder_is_that_of_its_card(tmp_path: Path) -> None:
    card = {"README.md": "---\nlicense: apache-2.0\n---\n"}
    folder = write_checkpoint(tmp_path / "m", _CONFIG, [{"w": _HALF}], card)

    assert inspect(folder).licence == "apache-2.0"
