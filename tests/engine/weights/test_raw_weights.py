"""Weights that stay in their quantization blocks, for a GPU: which, in which order, with which result."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.weights.linear_weight import RawMatrices
from realm_desktop.engine.weights.source import RawMatrix
from realm_desktop.formats.model_file import open_model
from tests.support.forward import ForwardRunner, random_ids
from tests.support.raw_networks import dense_decoder, raw_decoder, raw_loader
from tests.support.tiny_models import tiny_gguf


def test_blocks_are_those_of_the_file_in_the_order_of_the_network(tmp_path: Path) -> None:
    # llama: the rows of q and k change places.
    model_file = open_model(tiny_gguf(tmp_path, "llama", "Q8_0"))
    parts = (Part.QUERY, Part.KEY, Part.VALUE)
    expected = raw_loader(model_file).fused_weight(parts, 1)

    raw = raw_loader(model_file).linear_weight(parts, 1)

    assert isinstance(raw, RawMatrices)
    assert raw.products is not None
    assert torch.equal(torch.cat([matrix.dequantize() for matrix in raw.matrices]), expected)


def test_blocks_outlive_the_file(tmp_path: Path) -> None:
    model_file = open_model(tiny_gguf(tmp_path, "qwen3", "Q4_0"))
    expected = raw_loader(model_file).weight(Part.DOWN)
    raw = raw_loader(model_file).linear_weight((Part.DOWN,))
    model_file.close()

    assert isinstance(raw, RawMatrices)
    assert torch.equal(raw.matrices[0].dequantize(), expected)


@pytest.mark.parametrize("tensor_type", ["F16", "BF16", "F32"])
def test_plain_types_are_read_as_ever(tmp_path: Path, tensor_type: str) -> None:
    loader = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", tensor_type)))

    assert isinstance(loader.linear_weight((Part.DOWN,)), torch.Tensor)


def test_types_that_fail_their_test_are_dequantized(tmp_path: Path) -> None:
    faults = {"torch Q8_0": "its result is wrong"}
    loader = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", "Q8_0")), why_not=faults.get)

    assert isinstance(loader.linear_weight((Part.DOWN,)), torch.Tensor)


def test_memory_is_that_of_the_blocks_and_one_matrix_of_values(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "qwen3", "Q8_0")
    with closing(open_model(path)) as model_file:
        loader = raw_loader(model_file)
        raw = Decoder(loader)
    matrices = [entry for entry in model_file.tensors.values() if len(entry.shape) == 2]

    largest = max(entry.shape[0] * entry.shape[1] for entry in matrices)
    assert loader.shared_bytes == 4 * largest
    assert raw.weights_bytes == loader.shared_bytes + sum(entry.num_bytes for entry in matrices)


def test_expected_memory_is_that_of_the_blocks(tmp_path: Path) -> None:
    with_blocks = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", "Q8_0"))).num_bytes
    dense = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", "F32"))).num_bytes

    assert with_blocks < 0.3 * dense


def test_reading_blocks_counts_as_progress(tmp_path: Path) -> None:
    loader = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", "Q4_0")))
    told: list[float] = []
    loader._progress = lambda _phase, done: told.append(done)

    loader.linear_weight((Part.GATE, Part.UP))

    assert told[-1] == pytest.approx(2 * 96 * 64 / loader.num_parameters)


@pytest.mark.parametrize(
    ("architecture", "tensor_type"), [("llama", "Q8_0"), ("qwen3", "Q5_1"), ("qwen2", "MXFP4")]
)
def test_a_network_of_blocks_computes_what_dequantized_weights_do(
    tmp_path: Path, architecture: str, tensor_type: str
) -> None:
    path = tiny_gguf(tmp_path, architecture, tensor_type)
    raw, dense = raw_decoder(path), dense_decoder(path)
    ids = random_ids(70, raw.spec.vocabulary_size)

    found = ForwardRunner(raw).run(ids, 33)

    torch.testing.assert_close(found, ForwardRunner(dense).run(ids, 33), rtol=1e-4, atol=1e-4)


def test_a_tied_table_is_held_once(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "qwen3", "Q8_0", tie_word_embeddings=True)
    raw, dense = raw_decoder(path), dense_decoder(path)
    ids = random_ids(9, raw.spec.vocabulary_size)

    found = ForwardRunner(raw).run(ids, 9)

    assert raw.spec.is_embedding_tied
    torch.testing.assert_close(found, ForwardRunner(dense).run(ids, 9), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("keeps_raw", [True, False])
def test_other_matrices_stay_in_their_blocks_too(tmp_path: Path, keeps_raw: bool) -> None:
    loader = raw_loader(open_model(tiny_gguf(tmp_path, "qwen3", "Q8_0")))
    source, order = loader.source, torch.arange(95, -1, -1)
    upper = source.raw("blk.0.ffn_up.weight")

    kept = source.linear_weight([RawMatrix(upper, order)], keeps_raw=keeps_raw)

    assert isinstance(kept, RawMatrices)
    assert kept.products is not None
    assert kept.products.num_bytes == 4 * 96 * 64
    assert torch.equal(kept.matrices[0].dequantize(), upper.dequantize().flip(0))
