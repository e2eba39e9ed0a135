"""Values and row orders of adapter matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from realm_desktop.engine.weights.loader import half_split_order as order_of_the_loader
from realm_desktop.errors import UnsupportedTensorType
from realm_desktop.formats.adapter_values import (
    half_split_order,
    read_values,
    to_neighbouring_pairs,
    to_split_halves,
)
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.tensor_types import TensorType
from tests.support.gguf_files import write_gguf
from tests.support.tiny_models import permute_rope

ROWS = torch.randn(32, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("first", ["x", "a longer name"])  # shifts where the data begin
def test_float_types_of_safetensors_are_exact(
    tmp_path: Path, dtype: torch.dtype, first: str
) -> None:
    save_file({first: ROWS.to(dtype)}, tmp_path / "a.safetensors")
    model_file = open_model(tmp_path / "a.safetensors")

    values = read_values(model_file, model_file.tensors[first])

    np.testing.assert_array_equal(values, ROWS.to(dtype).double().numpy())
    assert values.dtype == (np.float64 if dtype == torch.float64 else np.float32)


@pytest.mark.parametrize("kind", [TensorType.Q8_0, TensorType.Q4_0, TensorType.BF16])
def test_types_of_gguf_are_dequantized(tmp_path: Path, kind: TensorType) -> None:
    quantization = gguf.GGMLQuantizationType[kind.value]
    data = gguf.quantize(ROWS.numpy(), quantization)
    source = (data.tobytes(), kind, (32, 64))
    model_file = open_model(write_gguf(tmp_path / "a.gguf", {}, {"x": source}))

    values = read_values(model_file, model_file.tensors["x"])

    np.testing.assert_array_equal(values, gguf.dequantize(data, quantization))


def test_type_that_nobody_reads_is_refused(tmp_path: Path) -> None:
    source: Any = (bytes(40), TensorType.Q8_1, (1, 32))
    model_file = open_model(write_gguf(tmp_path / "a.gguf", {}, {"x": source}))

    with pytest.raises(UnsupportedTensorType, match="type Q8_1"):
        read_values(model_file, model_file.tensors["x"])


def test_order_is_that_of_the_loader() -> None:
    np.testing.assert_array_equal(half_split_order(48, 8), order_of_the_loader(48, 8).numpy())


def test_orders_are_each_other_s_inverse_and_llama_cpp_s() -> None:
    pairs = to_neighbouring_pairs(ROWS.numpy(), 8)

    np.testing.assert_array_equal(pairs, permute_rope(ROWS, 4).numpy())
    np.testing.assert_array_equal(to_split_halves(pairs, 8), ROWS.numpy())
