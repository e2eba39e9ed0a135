"""Reads the weights of a network from a file, in the compute dtype and the engine's own layout.

Every tensor is checked by name, shape and type before the first one takes memory. Quantized tensors
are dequantized a few rows at a time; their raw form stays in the file's mapping. Runs on the engine
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix, can_pack, packed_bytes
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.expert_places import (
    ExpertPlaces,
    expert_needs,
    expert_places,
)
from realm_desktop.engine.weights.experts import (
    ExpertWeights,
    RouterWeights,
    read_experts,
    read_router,
)
from realm_desktop.engine.weights.latent import latent_needs
from realm_desktop.engine.weights.linear_weight import LinearWeight, RawMatrices
from realm_desktop.engine.weights.names import (
    LONGROPE_FACTORS_NAMES,
    ROPE_FACTORS_NAME,
    PartPlace,
    TensorNeed,
    bias_places,
    needed_tensors,
    weight_places,
    weight_shape,
)
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.engine.weights.rotary_order import rotary_order
from realm_desktop.engine.weights.source import WeightSource, placed, stays_raw
from realm_desktop.engine.weights.streams import stream_needs
from realm_desktop.errors import CorruptFile, UnsupportedTensorType
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
        packer: Packs quantized weights; None dequantizes all of them.
        products: Multiplies with quantized weights on a GPU, where they stay as they are.

    Attributes:
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
        packer: Packer | None = None,
        products: BlockProducts | None = None,
    ) -> None:
        self._file = model_file
        self._packer = packer
        self._products = products
        self.spec = spec
        self.dtype = dtype
        self.device = device
        self._progress = progress
        self._num_values_done = 0
        needs = list(_checked_needs(model_file, spec))
        self.num_parameters = sum(need.num_values for need in needs)
        self.num_bytes = sum(self._num_bytes(need) for need in needs)

    @property
    def kernels(self) -> CpuKernels | None:
        """What multiplies with packed weights; None without."""
        return None if self._packer is None else self._packer.kernels

    @property
    def mapped_bytes(self) -> int:
        """Of packed weights that lie in a mapped file."""
        return 0 if self._packer is None else self._packer.mapped_bytes

    def weight(self, part: Part, layer: int = 0) -> Tensor:
        """One weight."""
        return self.fused_weight((part,), layer)

    def fused_weight(self, parts: Sequence[Part], layer: int = 0) -> Tensor:
        """Weights of one layer on top of each other: [sum of out, in], or one vector."""
        return self._stack([(part, self._weight_places(part, layer)) for part in parts])

    def wide_weight(self, part: Part, layer: int) -> Tensor:
        """One small weight that decides much, in float32 at least."""
        dtype = torch.promote_types(self.dtype, torch.float32)
        return self._stack([(part, self._weight_places(part, layer))], dtype)

    @property
    def shared_bytes(self) -> int:
        """Of memory that the products of all layers share, beside the weights."""
        return 0 if self._products is None else self._products.num_bytes

    def linear_weight(self, parts: Sequence[Part], layer: int = 0) -> LinearWeight:
        """Matrices of one layer for one product, packed if the kernels can have all of them."""
        places = [(part, place) for part in parts for place in self._weight_places(part, layer)]
        entries = [self._file.tensors[place.need.name] for _, place in places]
        # One product serves all parts: where one of them cannot be packed, none is.
        can_pack_all = all(can_pack(entry.tensor_type, entry.shape) for entry in entries)
        if stays_raw(self._products, [entry.tensor_type for entry in entries]):
            return RawMatrices(tuple(self._raw_part(*place) for place in places), self._products)
        if self._packer is None or not can_pack_all:
            return self.fused_weight(parts, layer)
        packer = self._packer
        return tuple(self._packed(packer, part, place) for part, place in places)

    def fused_bias(self, parts: Sequence[Part], layer: int) -> Tensor:
        """Biases of one layer behind each other: [sum of out]."""
        container, spec = self._file.container, self.spec
        return self._stack([(part, bias_places(spec, container, part, layer)) for part in parts])

    def norm_weight(self, part: Part, layer: int = 0) -> Tensor:
        """What a norm multiplies with: one vector, or one row per head.

        In float32 at least where the file stores it less 1: bfloat16 holds 0.01 with three digits,
        and 1.01 with one of them.
        """
        shape = weight_shape(self.spec, part, layer)
        is_centred = self.spec.has_zero_centred_norms
        dtype = torch.promote_types(self.dtype, torch.float32) if is_centred else self.dtype
        values = self._stack([(part, self._weight_places(part, layer))], dtype).flatten()
        if part in (Part.QUERY_NORM, Part.KEY_NORM):
            order = self._source_rows(len(values))
            values = values if order is None else values[order.to(self.device)]
        return (values.add_(1.0) if is_centred else values).view(shape)

    def raw_weight(self, part: Part, layer: int) -> RawWeight:
        """One matrix, not dequantized; it aliases the file, which must stay open as long."""
        (place,) = self._weight_places(part, layer)
        values = self._rows(place)
        return RawWeight(values, self._row_order(part, values.shape[0]))

    def rope_factors(self) -> Tensor | None:
        """[num_rotated / 2] float32 divisors of the RoPE frequencies, if the file has them.

        [2, num_rotated / 2] for longrope: of short sequences, then of long ones.

        Raises:
            CorruptFile: They have another shape or are not positive.
        """
        if self._file.container != "gguf":
            return None
        if self.spec.rope.scaling == "longrope":
            return torch.stack([self._factors(name) for name in LONGROPE_FACTORS_NAMES])
        has_factors = ROPE_FACTORS_NAME in self._file.tensors
        return self._factors(ROPE_FACTORS_NAME) if has_factors else None

    def _factors(self, name: str) -> Tensor:
        check_tensor(self._file, TensorNeed(name, (self.spec.num_rotated // 2,)))
        factors = self._raw(name).dequantize(torch.float32)
        if not bool(((factors > 0) & factors.isfinite()).all()):
            raise CorruptFile(
                f"{quote(self._file.path.name)}: tensor {name} has values that are not "
                "positive numbers.",
                file=self._file.path,
                field=name,
            )
        return factors

    def _raw(self, name: str) -> QTensor:
        entry = self._file.tensors[name]
        return QTensor.from_bytes(self._file.tensor_bytes(name), entry.tensor_type, entry.shape)

    def router(self, layer: int) -> RouterWeights:
        """What a layer with experts chooses them with."""
        return read_router(self.source, self._expert_places(layer))

    def experts(self, layer: int) -> Iterator[ExpertWeights]:
        """The experts of a layer, in order."""
        assert self.spec.experts is not None, "only layers with experts are asked for"
        places = self._expert_places(layer)
        return read_experts(self.source, places, self.spec.experts.num_experts)

    def _expert_places(self, layer: int) -> ExpertPlaces:
        return expert_places(self.spec, self._file.container, layer, self._file.tensors)

    @property
    def source(self) -> WeightSource:
        """What reads tensors whose place follows from the file."""
        return WeightSource(
            self._file, self.dtype, self.device, self._packer, self._count, self._products
        )

    def _num_bytes(self, need: TensorNeed) -> int:
        entry = self._file.tensors[need.name]
        stays = entry.tensor_type.is_quantized or need.values_per_item != 1
        if len(entry.shape) > 2 and stays:
            return entry.num_bytes  # experts; packed they take about as much
        if stays_raw(self._products, [entry.tensor_type]):
            return entry.num_bytes
        if self.kernels is None or not can_pack(entry.tensor_type, entry.shape):
            return prod(need.shape) * self.dtype.itemsize
        return packed_bytes(self.kernels, entry.tensor_type, entry.shape)

    def _weight_places(self, part: Part, layer: int) -> list[PartPlace]:
        return weight_places(self.spec, self._file.container, part, layer)

    def _rows(self, place: PartPlace) -> QTensor:
        """The rows of a tensor that are one part."""
        raw = self._raw(place.need.name)
        is_whole = place.num_rows == raw.shape[0]
        return raw if is_whole else raw.rows(place.first_row, place.first_row + place.num_rows)

    def _packed(self, packer: Packer, part: Part, place: PartPlace) -> PackedMatrix:
        """One matrix in the kernels' layout, with the values of the file."""
        raw = self._rows(place)
        order = self._row_order(part, raw.shape[0])
        # The order says where a row goes; the kernels ask where one comes from.
        source_rows = None if order is None else order.argsort()
        packed = packer.pack(raw, source_rows, self._count)
        self._file.release(place.need.name)
        return packed

    def _raw_part(self, part: Part, place: PartPlace) -> QTensor:
        """One matrix as the file has it, on the device."""
        assert self._products is not None, "there is something to multiply with it"
        raw = self._rows(place)
        order = self._row_order(part, raw.shape[0])
        values = placed(raw, None if order is None else order.argsort().cpu(), self.device)
        self._products.add(values)
        self._file.release(place.need.name)
        self._count(values.num_values)
        return values

    def _count(self, num_values: int) -> None:
        self._num_values_done += num_values
        self._progress(_PHASE, min(1.0, self._num_values_done / self.num_parameters))

    def _stack(
        self, parts: Sequence[tuple[Part, Sequence[PartPlace]]], dtype: torch.dtype | None = None
    ) -> Tensor:
        places = [place for _, own in parts for place in own]
        num_rows = sum(place.num_rows for place in places)
        columns = places[0].need.shape[1:]
        target = torch.empty(num_rows, *columns, dtype=dtype or self.dtype, device=self.device)
        first_row = 0
        for part, own in parts:
            for place in own:
                rows = target[first_row : first_row + place.num_rows]
                self._fill(rows, place, self._row_order(part, place.num_rows))
                first_row += place.num_rows
        return target

    def _fill(self, target: Tensor, place: PartPlace, row_order: Tensor | None) -> None:
        """Dequantize a part into `target`, a few rows at a time.

        `row_order` says which row of `target` each row of the file becomes.
        """
        raw, first, num_rows = self._raw(place.need.name), place.first_row, place.num_rows
        chunk = num_rows if len(raw.shape) == 1 else max(1, _CHUNK_VALUES // raw.shape[1])
        for start in range(0, num_rows, chunk):
            stop = min(start + chunk, num_rows)
            if len(raw.shape) == 1:
                values = raw.dequantize(target.dtype)[first : first + num_rows]
            else:
                values = raw.rows(first + start, first + stop).dequantize(target.dtype)
            rows = slice(start, stop) if row_order is None else row_order[start:stop]
            target[rows] = values.to(self.device)
            self._count(values.numel())
        self._file.release(place.need.name)

    def _row_order(self, part: Part, num_rows: int) -> Tensor | None:
        """Where the rows of q and k go."""
        order = self._source_rows(num_rows) if part in (Part.QUERY, Part.KEY) else None
        return None if order is None else order.argsort().to(self.device)

    def _source_rows(self, num_rows: int) -> Tensor | None:
        """Which row of a q or k in the file each row becomes; None if all stay."""
        spec = self.spec
        if spec.latent is not None:
            return None  # those heads are put together in another place, `layers/latent.py`
        # Networks with heads of several lengths have halves in every file: nothing moves.
        order = rotary_order(
            num_rows, spec.head_dim, spec.num_rotated, is_interleaved=spec.is_rope_interleaved
        )
        return None if order is None else torch.from_numpy(order)


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
    is_bytes = need.values_per_item != 1
    if is_bytes and entry.tensor_type is not TensorType.U8:
        raise UnsupportedTensorType(
            f"{quote(model_file.path.name)}: tensor {need.name} has type {entry.tensor_type}; U8 is "
            "expected, as MXFP4 is written.",
            advice="Choose another copy of the model.",
            file=model_file.path,
            field=need.name,
        )
    check_supported(entry.tensor_type, need.name)


def _checked_needs(model_file: ModelFile, spec: ModelSpec) -> Iterator[TensorNeed]:
    """Every tensor of the network, which is there in its shape.

    One after the other: a header may speak of millions of experts, which a list would take
    gigabytes for before the first one is found missing.
    """
    container, names = model_file.container, model_file.tensors
    for need in chain(
        needed_tensors(spec, container),
        latent_needs(spec, container, names),
        expert_needs(spec, container, names),
        stream_needs(spec, container),
    ):
        check_tensor(model_file, need)
        yield need
