"""The packed starter model predicts held-out text as well as its own weights in float32 do."""

from __future__ import annotations

import random
from pathlib import Path

import gguf
import pytest
import torch

from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.gguf import open_gguf
from realm_desktop.formats.gguf_header import read_key_values
from realm_desktop.formats.gguf_output import Piece, PlannedTensor, write_gguf_file
from realm_desktop.formats.tensor_types import TensorType
from resources.starter.corpus.build import MAKERS, exchange_of
from resources.starter.corpus.conversation import Message
from resources.starter.data import Rows, pack
from resources.starter.export import FILES, FOLDER
from resources.starter.load_gguf import load_tokenizer
from tests.support.forward import ForwardRunner, load_decoder
from tests.support.kernels import fastest_kernels
from tests.support.nearest_blocks import ENCODERS, nearest_blocks

EXCHANGES_PER_KIND = 12
NUM_ROWS_PER_TYPE = 8
ANSWER_WEIGHT = 100
PATH = FOLDER / FILES["target"]
# Types that gguf-py makes. What is left, types with grids and NVFP4, shares its panels with these.
MADE_BY_GGUF = (
    TensorType.Q4_0,
    TensorType.Q4_1,
    TensorType.Q5_0,
    TensorType.Q5_1,
    TensorType.MXFP4,
)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Exchanges that training never saw, 512 tokens a row."""
    conversations = []
    for kind in MAKERS:
        rng = random.Random(f"perplexity:{kind}")
        for _ in range(EXCHANGES_PER_KIND):
            exchange = exchange_of(kind, rng, held_out=True)
            question = Message("user", exchange.question)
            conversations.append((question, Message("assistant", exchange.answer)))
    return pack(load_tokenizer(PATH), iter(conversations), 512)


def perplexity(path: Path, rows: Rows, num_rows: int | None = None) -> float:
    """Of the tokens of answers, in float32."""
    decoder = load_decoder(path, "float32")
    total, count = torch.zeros((), dtype=torch.float64), 0
    for ids, weights in zip(rows.ids[:num_rows].astype("int64"), rows.weights, strict=False):
        logits = ForwardRunner(decoder).run(ids[:-1].tolist(), 256).double()
        losses = torch.nn.functional.cross_entropy(
            logits, torch.from_numpy(ids[1:]), reduction="none"
        )
        marks = torch.from_numpy(weights[1:] == ANSWER_WEIGHT)
        total += losses[marks].sum()
        count += int(marks.sum())
    return float((total / count).exp())


def dequantized_perplexity(path: Path, rows: Rows, num_rows: int | None = None) -> float:
    """The same without kernels."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(SWITCH, OFF)
        return perplexity(path, rows, num_rows)


def starter_in(tensor_type: TensorType, path: Path) -> Path:
    """The starter model with its matrices in another type where their rows fit."""
    with PATH.open("rb") as file:
        key_values = read_key_values(ByteReader(file, PATH, PATH.stat().st_size)).values()
    source = open_gguf(PATH)
    kinds = {
        name: tensor_type
        if len(entry.shape) == 2 and entry.shape[1] % tensor_type.block_size == 0
        else entry.tensor_type
        for name, entry in source.tensors.items()
    }

    def content(tensor: PlannedTensor) -> list[Piece]:
        data = source.tensor_bytes(tensor.name)
        kind = source.tensors[tensor.name].tensor_type
        if tensor.tensor_type is kind:
            return [data]
        values = QTensor.from_bytes(data, kind, tensor.shape).dequantize()
        return [requantized(values, tensor.tensor_type)]

    tensors = [PlannedTensor(name, kinds[name], source.tensors[name].shape) for name in kinds]
    write_gguf_file(path, list(key_values), tensors, content)
    source.close()
    return path


def requantized(values: torch.Tensor, tensor_type: TensorType) -> bytes:
    """The bytes of a matrix."""
    if tensor_type in ENCODERS:
        return nearest_blocks(values, tensor_type).numpy().tobytes()
    kind = gguf.GGMLQuantizationType[tensor_type.value]
    return bytes(gguf.quants.quantize(values.numpy(), kind).tobytes())


def test_packed_weights_predict_as_well_as_dequantized_ones(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest_kernels()
    monkeypatch.delenv(SWITCH, raising=False)

    dequantized, packed = dequantized_perplexity(PATH, rows), perplexity(PATH, rows)

    assert packed != dequantized  # else the kernels were not in use
    assert abs(packed / dequantized - 1) < 1e-3


@pytest.mark.parametrize("tensor_type", [*MADE_BY_GGUF, *ENCODERS])
def test_every_packed_type_predicts_as_its_dequantized_weights_do(
    tensor_type: TensorType, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest_kernels()
    monkeypatch.delenv(SWITCH, raising=False)
    path = starter_in(tensor_type, tmp_path / "starter.gguf")

    dequantized = dequantized_perplexity(path, rows, NUM_ROWS_PER_TYPE)
    packed = perplexity(path, rows, NUM_ROWS_PER_TYPE)

    assert packed != dequantized  # else the kernels were not in use
    assert abs(packed / dequantized - 1) < 1e-3
