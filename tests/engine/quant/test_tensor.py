from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest
import torch

from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.tensor_types import TensorType
from tests.support.gguf_files import write_gguf


def _q8_0(num_rows: int, num_columns: int, seed: int = 0) -> QTensor:
    num_bytes = TensorType.Q8_0.num_bytes(num_rows * num_columns)
    data = np.random.default_rng(seed).integers(0, 100, num_bytes, dtype=np.uint8)
    return QTensor(torch.from_numpy(data), TensorType.Q8_0, (num_rows, num_columns))


def test_dequantize_has_the_shape_of_the_tensor() -> None:
    assert _q8_0(6, 64).dequantize().shape == (6, 64)


def test_three_dimensions_keep_their_order() -> None:
    values = torch.arange(24, dtype=torch.float32)
    tensor = QTensor(values.view(torch.uint8), TensorType.F32, (2, 3, 4))

    assert torch.equal(tensor.dequantize(), values.view(2, 3, 4))


def test_scalar_is_dequantized() -> None:
    tensor = QTensor(torch.tensor([2.5]).view(torch.uint8), TensorType.F32, ())

    assert tensor.dequantize().item() == 2.5


@pytest.mark.parametrize("rows_per_chunk", [1, 4, 1024])
def test_chunks_give_the_whole(rows_per_chunk: int) -> None:
    tensor = _q8_0(9, 32)

    assert torch.equal(tensor.dequantize(rows_per_chunk=rows_per_chunk), tensor.dequantize())


def test_rows_are_a_view_of_the_same_bytes() -> None:
    tensor = _q8_0(8, 64)

    part = tensor.rows(3, 5)

    assert part.shape == (2, 64)
    assert part.data.data_ptr() == tensor.data.data_ptr() + 3 * 68
    assert torch.equal(part.dequantize(), tensor.dequantize()[3:5])


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 9)])
def test_rows_outside_the_matrix_are_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match=f"rows {start} to {stop}"):
        _q8_0(8, 64).rows(start, stop)


def test_rows_of_a_vector_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        QTensor(torch.zeros(16, dtype=torch.uint8), TensorType.F32, (4,)).rows(0, 1)


@pytest.mark.parametrize("num_bytes", [0, 33, 35, 68])
def test_wrong_number_of_bytes_is_refused(num_bytes: int) -> None:
    with pytest.raises(ValueError, match="34 expected"):
        QTensor(torch.zeros(num_bytes, dtype=torch.uint8), TensorType.Q8_0, (1, 32))


def test_rows_must_be_whole_quantization_blocks() -> None:
    with pytest.raises(ValueError, match="Q8_0"):
        QTensor(torch.zeros(34, dtype=torch.uint8), TensorType.Q8_0, (2, 16))


def test_bytes_of_a_file_are_not_copied(tmp_path: Path) -> None:
    array = np.arange(64, dtype=np.float32).reshape(2, 32)
    model_file = open_model(write_gguf(tmp_path / "m.gguf", {"a": 1}, {"w": array}))
    view = model_file.tensor_bytes("w")
    tensor = QTensor.from_bytes(view, TensorType.F32, (2, 32))
    address = np.frombuffer(view, dtype=np.uint8).ctypes.data
    model_file.close()

    assert tensor.data.data_ptr() == address
    np.testing.assert_array_equal(tensor.dequantize().numpy(), array)


def test_dequantized_values_of_a_mapping_may_be_written(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(bytes(4096))
    with path.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    tensor = QTensor.from_bytes(memoryview(mapping), TensorType.F32, (1024,))

    tensor.dequantize().add_(1)

    assert not tensor.data.any()


def test_bytes_at_an_odd_address_are_copied() -> None:
    buffer = bytearray(3) + np.arange(4, dtype=np.float32).tobytes()

    tensor = QTensor.from_bytes(memoryview(buffer)[3:], TensorType.F32, (4,))

    assert tensor.data.data_ptr() % 8 == 0
    assert tensor.dequantize().tolist() == [0.0, 1.0, 2.0, 3.0]


def test_empty_tensor_needs_no_bytes() -> None:
    tensor = QTensor.from_bytes(memoryview(b""), TensorType.F32, (0, 4))

    assert tensor.num_values == 0
    assert tensor.dequantize().shape == (0, 4)


def test_sizes_are_counted() -> None:
    tensor = _q8_0(4, 64)

    assert (tensor.num_values, tensor.num_bytes) == (256, 272)


def test_same_device_gives_the_same_tensor() -> None:
    tensor = _q8_0(2, 32)

    assert tensor.to("cpu") is tensor


def test_other_device_keeps_type_and_shape() -> None:
    moved = _q8_0(2, 32).to("meta")

    assert (moved.tensor_type, moved.shape) == (TensorType.Q8_0, (2, 32))
    assert moved.data.device.type == "meta"
