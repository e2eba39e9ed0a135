"""Reads the weights of a network from a file, in the compute dtype and the engine's own layout.

Every tensor is checked by name, shape and type before the first one takes memory. Quantized tensors
are dequantized a few rows at a time; their raw form stays in the file's mapping. Runs on the engine
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix, can_pack, pack, packed_bytes
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.names import (
    ROPE_FACTORS_NAME,
    Part,
    TensorNeed,
    bias_name,
    needed_tensors,
    weight_name,
)
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.tensor_types import TensorType

Progress = Callable[[str, float], None]
"""Told the phase and a fraction 0 to 1; may raise to end the load."""

_PHASE = "loading weights"
# 8 MiB in float32: what a dequantized piece takes beside the tensor it goes into.
_CHUNK_VALUES = 1 << 21


class RawWeight(NamedTuple):
    """A weight as it lies in the file, and where each of its rows goes; None if they stay."""

    values: QTensor
    row_order: Tensor | None


class WeightLoader:
    """The tensors of one file, one at a time.

    Args:
        model_file: Open; read until the last tensor is taken.
        spec: Which tensors there must be.
        dtype: Of everything this loader returns.
        device: Where it is placed.
        progress: Told after each piece of a tensor.
        kernels: What multiplies with packed weights; None dequantizes all of them.

    Attributes:
        kernels: As given.
        num_parameters: Values of all tensors the network needs.
        num_bytes: About what they take in memory.

    Raises:
        CorruptFile: A tensor is missing or has another shape.
        UnsupportedTensorType: A tensor cannot be dequantized.
    """

    def __init__(
        self,
        model_file: ModelFile,
        spec: ModelSpec,
        dtype: torch.dtype,
        device: torch.device,
        progress: Progress,
        kernels: CpuKernels | None = None,
    ) -> None:
        self._file = model_file
        self.kernels = kernels
        self.spec = spec
        self.dtype = dtype
        self.device = device
        self._progress = progress
        self._num_values_done = 0
        needs = list(needed_tensors(spec, model_file.container))
        for need in needs:
            check_tensor(model_file, need)
        self.num_parameters = sum(prod(need.shape) for need in needs)
        self.num_bytes = sum(self._num_bytes(need) for need in needs)

    def weight(self, part: Part, layer: int = 0) -> Tensor:
        """One weight."""
        return self.fused_weight((part,), layer)

    def fused_weight(self, parts: Sequence[Part], layer: int = 0) -> Tensor:
        """Weights of one layer on top of each other: [sum of out, in], or one vector."""
        names = [weight_name(self._file.container, part, layer) for part in parts]
        return self._stack(parts, names)

    def linear_weight(
        self, parts: Sequence[Part], layer: int = 0
    ) -> Tensor | tuple[PackedMatrix, ...]:
        """Matrices of one layer for one product, packed if the kernels can have all of them."""
        names = [weight_name(self._file.container, part, layer) for part in parts]
        entries = [self._file.tensors[name] for name in names]
        can_pack_all = all(can_pack(entry.tensor_type, entry.shape) for entry in entries)
        if self.kernels is None or not can_pack_all:
            return self._stack(parts, names)
        kernels = self.kernels
        return tuple(
            self._packed(kernels, part, name) for part, name in zip(parts, names, strict=True)
        )

    def fused_bias(self, parts: Sequence[Part], layer: int) -> Tensor:
        """Biases of one layer behind each other: [sum of out]."""
        names = [bias_name(self._file.container, part, layer) for part in parts]
        return self._stack(parts, names)

    def raw_weight(self, part: Part, layer: int) -> RawWeight:
        """One matrix, not dequantized; it aliases the file, which must stay open as long."""
        values = self._raw(weight_name(self._file.container, part, layer))
        return RawWeight(values, self._row_order(part, values.shape[0]))

    def rope_factors(self) -> Tensor | None:
        """[head_dim / 2] float32 divisors of the RoPE frequencies, if the file has them.

        Raises:
            CorruptFile: They have another shape or are not positive.
        """
        if self._file.container != "gguf" or ROPE_FACTORS_NAME not in self._file.tensors:
            return None
        check_tensor(self._file, TensorNeed(ROPE_FACTORS_NAME, (self.spec.head_dim // 2,)))
        factors = self._raw(ROPE_FACTORS_NAME).dequantize(torch.float32)
        if not bool(((factors > 0) & factors.isfinite()).all()):
            raise CorruptFile(
                f"{quote(self._file.path.name)}: tensor {ROPE_FACTORS_NAME} has values that are not "
                "positive numbers.",
                file=self._file.path,
                field=ROPE_FACTORS_NAME,
            )
        return factors

    def _raw(self, name: str) -> QTensor:
        entry = self._file.tensors[name]
        return QTensor.from_bytes(self._file.tensor_bytes(name), entry.tensor_type, entry.shape)

    def _num_bytes(self, need: TensorNeed) -> int:
        entry = self._file.tensors[need.name]
        if self.kernels is None or not can_pack(entry.tensor_type, entry.shape):
            return prod(need.shape) * self.dtype.itemsize
        return packed_bytes(self.kernels, entry.tensor_type, entry.shape)

    def _packed(self, kernels: CpuKernels, part: Part, name: str) -> PackedMatrix:
        """One matrix in the kernels' layout, with the values of the file."""
        raw = self._raw(name)
        num_rows, num_columns = raw.shape
        order = self._row_order(part, num_rows)
        packed = pack(
            kernels,
            raw.data,
            raw.tensor_type,
            (num_rows, num_columns),
            source_rows=None if order is None else order.argsort(),
            on_piece=self._count,
        )
        self._file.release(name)
        return packed

    def _count(self, num_values: int) -> None:
        self._num_values_done += num_values
        self._progress(_PHASE, min(1.0, self._num_values_done / self.num_parameters))

    def _stack(self, parts: Sequence[Part], names: Sequence[str]) -> Tensor:
        shapes = [self._file.tensors[name].shape for name in names]
        num_rows = sum(shape[0] for shape in shapes)
        target = torch.empty(num_rows, *shapes[0][1:], dtype=self.dtype, device=self.device)
        first_row = 0
        for part, name, shape in zip(parts, names, shapes, strict=True):
            rows = target[first_row : first_row + shape[0]]
            self._fill(rows, name, self._row_order(part, shape[0]))
            first_row += shape[0]
        return target

    def _fill(self, target: Tensor, name: str, row_order: Tensor | None) -> None:
        """Dequantize a tensor into `target`, a few rows at a time.

        `row_order` says which row of `target` each row of the file becomes.
        """
        raw = self._raw(name)
        num_rows = raw.shape[0]
        chunk = num_rows if len(raw.shape) == 1 else max(1, _CHUNK_VALUES // raw.shape[1])
        for start in range(0, num_rows, chunk):
            stop = min(start + chunk, num_rows)
            piece = raw if chunk == num_rows else raw.rows(start, stop)
            values = piece.dequantize(self.dtype).to(self.device)
            target[slice(start, stop) if row_order is None else row_order[start:stop]] = values
            self._count(values.numel())
        self._file.release(name)

    def _row_order(self, part: Part, num_rows: int) -> Tensor | None:
        """Where the rows of q and k go, from neighbouring RoPE pairs to split halves."""
        if not self.spec.is_rope_interleaved or part not in (Part.QUERY, Part.KEY):
            return None
        return half_split_order(num_rows, self.spec.head_dim).to(self.device)


def half_split_order(num_rows: int, head_dim: int) -> Tensor:
    """Where each row of a q or k in neighbouring RoPE pairs goes in split halves: [num_rows]."""
    order = torch.arange(num_rows).view(-1, 2, head_dim // 2)
    return order.transpose(1, 2).reshape(-1)


def has_float32_weights(model_file: ModelFile) -> bool:
    """Whether every matrix of the file is stored in float32 or wider."""
    matrices = [entry for entry in model_file.tensors.values() if len(entry.shape) > 1]
    return all(entry.tensor_type in (TensorType.F32, TensorType.F64) for entry in matrices)


def check_tensor(model_file: ModelFile, need: TensorNeed) -> None:
    """Refuse a file that lacks a tensor of the network, or has it in another form.

    Raises:
        CorruptFile: The tensor is missing or has another shape.
        UnsupportedTensorType: It cannot be dequantized.
    """
    entry = model_file.tensors.get(need.name)
    if entry is None:
        raise CorruptFile(
            f"{quote(model_file.path.name)} has no tensor {need.name}; one of shape "
            f"{list(need.shape)} is expected.",
            advice="Download the file again, or use another copy of the model.",
            file=model_file.path,
            field=need.name,
        )
    if entry.shape != need.shape:
        raise CorruptFile(
            f"{quote(model_file.path.name)}: tensor {need.name} has shape {list(entry.shape)}; "
            f"{list(need.shape)} is expected.",
            advice="Download the file again, or use another copy of the model.",
            file=model_file.path,
            field=need.name,
            offset=entry.offset,
        )
    check_supported(entry.tensor_type, need.name)
