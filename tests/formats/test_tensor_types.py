from __future__ import annotations

import pytest
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from realm_desktop.formats.tensor_types import (
    TensorType,
    from_ggml_id,
    from_safetensors_name,
)


@pytest.mark.parity
@pytest.mark.parametrize("reference", list(GGMLQuantizationType))
def test_table_agrees_with_gguf(reference: GGMLQuantizationType) -> None:
    tensor_type = TensorType(reference.name)

    assert tensor_type.ggml_id == reference.value
    assert (tensor_type.block_size, tensor_type.type_size) == GGML_QUANT_SIZES[reference]
    assert from_ggml_id(reference.value) is tensor_type


@pytest.mark.parametrize("number", [-1, 4, 5, 31, 32, 33, 36, 37, 38, 999])
def test_removed_and_unknown_numbers_have_no_type(number: int) -> None:
    assert from_ggml_id(number) is None


def test_bytes_of_whole_blocks_are_counted() -> None:
    assert TensorType.Q4_K.num_bytes(512) == 288
    assert TensorType.F16.num_bytes(3) == 6
    assert TensorType.Q8_0.num_bytes(0) == 0


def test_part_of_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="33 values are no multiple of 32"):
        TensorType.Q8_0.num_bytes(33)


def test_only_blocks_of_several_values_are_quantized() -> None:
    assert TensorType.Q4_0.is_quantized
    assert not TensorType.BF16.is_quantized


@pytest.mark.parametrize(
    ("name", "num_bytes"), [("BF16", 2), ("F8_E4M3", 1), ("U64", 8), ("BOOL", 1)]
)
def test_safetensors_names_are_known(name: str, num_bytes: int) -> None:
    tensor_type = from_safetensors_name(name)

    assert tensor_type is not None
    assert tensor_type.num_bytes(1) == num_bytes


@pytest.mark.parametrize("name", ["Q4_K", "F4", "C64", "f32", ""])
def test_other_names_are_no_safetensors_type(name: str) -> None:
    assert from_safetensors_name(name) is None
