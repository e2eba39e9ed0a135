"""Hostile GGUF files: every mutant is opened or refused with a sentence, in bounded time."""

from __future__ import annotations

import gc
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.model_file import open_model
from tests.support.gguf_files import EncodedGguf, TensorSource, Value, encode_gguf
from tests.support.mutants import boundary_mutants, is_accepted, random_mutants, truncations
from tests.support.shared_data import shared_data

_SIZE_FIELDS = ("dimension", "offset", "number of tensors", "number of keys", "length", "elements")


def _valid_file() -> EncodedGguf:
    generator = np.random.default_rng(1)
    metadata: dict[str, Value] = {
        "general.architecture": "llama",
        "general.alignment": 32,
        "llama.block_count": 1,
        "llama.embedding_length": 32,
        "llama.attention.head_count": 4,
        "llama.rope.freq_base": 10000.0,
        "tokenizer.ggml.tokens": ["<s>", "é", "token"],
        "tokenizer.ggml.scores": [0.0, -1.0, -2.0],
        "tokenizer.ggml.token_type": [1, 2, 3],
        "tokenizer.ggml.add_bos_token": True,
        "flags": [True, False],
        "nested": [[1, 2], [3]],
    }
    tensors: dict[str, TensorSource] = {
        "token_embd.weight": generator.standard_normal((3, 32)).astype(np.float32),
        "blk.0.attn_norm.weight": generator.standard_normal(32).astype(np.float32),
        "blk.0.ffn.weight": generator.standard_normal((2, 3, 32)).astype(np.float16),
    }
    return encode_gguf(metadata, tensors)


def test_control_is_accepted(tmp_path: Path) -> None:
    assert is_accepted(tmp_path / "m.gguf", bytes(_valid_file().data))


def test_boundary_mutants_never_escape_the_error_tree(tmp_path: Path) -> None:
    mutants = list(boundary_mutants(_valid_file()))
    accepted = [name for name, data in mutants if is_accepted(tmp_path / "m.gguf", data)]

    assert len(mutants) > 500
    assert len(accepted) < len(mutants) // 10, accepted


@pytest.mark.parametrize("value", [2**31 + 1, 2**32 - 1, 2**63, 2**64 - 1])
def test_size_beyond_the_file_is_always_refused(tmp_path: Path, value: int) -> None:
    encoded = _valid_file()
    fields = [f for f in encoded.fields if f.name.startswith(_SIZE_FIELDS) and f.num_bytes == 8]
    for header_field in fields:
        data = bytearray(encoded.data)
        data[header_field.offset : header_field.offset + 8] = value.to_bytes(8, "little")

        assert not is_accepted(tmp_path / "m.gguf", bytes(data)), header_field.name


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_mutants_never_escape_the_error_tree(tmp_path: Path, seed: int) -> None:
    data = bytes(_valid_file().data)
    for name, mutant in random_mutants(data, 700, seed):
        assert is_accepted(tmp_path / "m.gguf", mutant) in (True, False), name


def test_truncated_file_is_never_accepted(tmp_path: Path) -> None:
    data = bytes(_valid_file().data)

    assert not [n for n, cut in truncations(data) if is_accepted(tmp_path / "m.gguf", cut)]


def test_truncated_real_file_is_never_accepted(tmp_path: Path) -> None:
    data = shared_data("stories260K-f32.gguf").read_bytes()

    assert not [n for n, cut in truncations(data) if is_accepted(tmp_path / "m.gguf", cut)]


def test_one_missing_byte_is_refused(tmp_path: Path) -> None:
    assert not is_accepted(tmp_path / "m.gguf", bytes(_valid_file().data[:-1]))


def test_header_of_49_bytes_with_endless_array_is_refused(tmp_path: Path) -> None:
    # An array of 2^63 strings: gguf 0.19.0 does not return from it.
    data = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"a"
    data += struct.pack("<IIQ", 9, 8, 2**63)
    path = tmp_path / "m.gguf"
    path.write_bytes(data)

    assert len(data) == 49
    with pytest.raises(CorruptFile, match="9223372036854775808 elements") as caught:
        inspect(path)
    assert caught.value.field == "length of a"
    assert caught.value.offset == 41


@pytest.mark.parametrize("element_type", [0, 1, 7, 8, 10, 12])
def test_announced_arrays_take_no_memory(tmp_path: Path, element_type: int) -> None:
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"a"
    path = tmp_path / "m.gguf"
    path.write_bytes(header + struct.pack("<IIQ", 9, element_type, 2**30) + bytes(1000))
    gc.collect()
    tracemalloc.start()
    with pytest.raises(CorruptFile):
        open_model(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 2**20


def test_large_array_stays_packed_until_it_is_asked_for(tmp_path: Path) -> None:
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"a"
    path = tmp_path / "m.gguf"
    path.write_bytes(header + struct.pack("<IIQ", 9, 1, 1_000_000) + b"\x80" * 1_000_000)
    tracemalloc.start()
    model_file = open_model(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 2 * 2**20
    assert model_file.metadata["a"] == [-128] * 1_000_000
    model_file.close()
