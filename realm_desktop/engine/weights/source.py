"""Reads matrices whose place in a file follows from the file, and keeps them as they are computed with.

For what `WeightLoader` does not find by its part alone: experts and latents. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.kernels.packed_matrix import can_pack
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.lazy_matrix import FileMatrix
from realm_desktop.engine.weights.linear_weight import LinearWeight, RawMatrices
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.tensor_types import TensorType


class RawMatrix(NamedTuple):
    """A matrix as it lies in a file.

    Attributes:
        values: [out, in], or [in, out] if it is transposed; may alias the file.
        order: [out] int64, the row of `values` that each row becomes; None keeps the order.
        is_transposed: See `values`.
    """

    values: FileMatrix
    order: Tensor | None = None
    is_transposed: bool = False


@dataclass(frozen=True, slots=True)
class WeightSource:
    """One open file, and the form that its weights are wanted in.

    Attributes:
        file: Its tensors were checked.
        dtype: Of weights that are not quantized.
        device: Where all are placed.
        packer: Packs quantized matrices; None leaves or dequantizes them.
        products: Multiplies with those of a GPU; None without one.
        on_values: Told the number of values read since the last call; may raise to end it.
    """

    file: ModelFile
    dtype: torch.dtype
    device: torch.device
    packer: Packer | None
    on_values: Callable[[int], None]
    products: BlockProducts | None = None

    def raw(self, name: str, index: int | None = None) -> QTensor:
        """A tensor, or the part of it that belongs to one index of its outermost dimension."""
        entry, view = self.file.tensors[name], self.file.tensor_bytes(name)
        if index is None:
            return QTensor.from_bytes(view, entry.tensor_type, entry.shape)
        # An item has whole rows, and those have whole quantization blocks.
        num_bytes = view.nbytes // entry.shape[0]
        own = view[index * num_bytes : (index + 1) * num_bytes]
        return QTensor.from_bytes(own, entry.tensor_type, entry.shape[1:])

    def values(self, name: str, dtype: torch.dtype | None = None) -> Tensor:
        """A whole tensor, dequantized."""
        values = self.raw(name).dequantize(dtype or self.dtype)
        self.on_values(values.numel())
        return values.to(self.device)

    def linear_weight(self, parts: Sequence[RawMatrix], *, keeps_raw: bool) -> LinearWeight:
        """Matrices on top of each other, packed if the kernels can have all of them.

        Args:
            parts: At least 1.
            keeps_raw: Leave quantized ones that cannot be packed as they are; otherwise they are
                dequantized.
        """
        packer = self.packer
        is_quantized = any(part.values.tensor_type.is_quantized for part in parts)
        # One product serves all parts: where one of them cannot be packed, none is.
        can_pack_all = all(
            can_pack(part.values.tensor_type, part.values.shape) and not part.is_transposed
            for part in parts
        )
        if packer is not None and can_pack_all:
            return tuple(packer.pack(part.values, part.order, self.on_values) for part in parts)
        if stays_raw(self.products, [part.values.tensor_type for part in parts]):
            return RawMatrices(tuple(self._kept(part) for part in parts), self.products)
        if is_quantized and keeps_raw:
            return RawMatrices(tuple(self._kept(part) for part in parts))
        return torch.cat([self._plain(part) for part in parts])

    def _plain(self, part: RawMatrix) -> Tensor:
        matrix = part.values.dequantize(self.dtype)
        matrix = matrix.t() if part.is_transposed else matrix
        self.on_values(matrix.numel())
        ordered = matrix if part.order is None else matrix.index_select(0, part.order)
        return ordered.to(self.device)

    def _kept(self, part: RawMatrix) -> QTensor:
        assert not part.is_transposed, "quantized matrices of files lie row by row"
        kept = placed(part.values, part.order, self.device)
        if self.products is not None:
            self.products.add(kept)
        self.on_values(kept.num_values)
        return kept


def stays_raw(products: BlockProducts | None, types: Iterable[TensorType]) -> bool:
    """Whether matrices of these types, of one product, stay in their blocks on a GPU."""
    return products is not None and all(products.takes(tensor_type) for tensor_type in types)


def placed(values: FileMatrix, order: Tensor | None, device: torch.device) -> QTensor:
    """A copy of a matrix on a device: the file is closed once the network is loaded.

    `order` is as `RawMatrix` has it.
    """
    rows = values.raw_rows()
    if order is not None:
        rows = rows.index_select(0, order)
    elif device.type == "cpu":
        rows = rows.clone()
    return QTensor(rows.flatten(), values.tensor_type, values.shape).to(device)
