"""Writes a GGUF model whose weights hold a mix of adapters, for programs that cannot mix them.

One piece of a tensor at a time: memory is bounded by the adapters and a few rows of the widest
layer. Runs in the thread of its caller; knows no engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import gguf
import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.export.merge_base import MergeBase, merge_base, rotated_names
from realm_desktop.engine.lora.adapter_file import Adapter, LoraPair, read_adapter
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.loader import half_split_order
from realm_desktop.engine.weights.names import weight_name
from realm_desktop.errors import AdapterError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.gguf_output import (
    Piece,
    PlannedTensor,
    text_value,
    uint32_value,
    write_gguf_file,
)
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType

_CHUNK_VALUES: Final = 1 << 22
_COPY_BYTES: Final = 1 << 24

# llama.h, enum llama_ftype: what general.file_type says of the matrices.
FILE_TYPES: Final = MappingProxyType(
    {
        TensorType.F32: 0,
        TensorType.F16: 1,
        TensorType.Q4_0: 2,
        TensorType.Q4_1: 3,
        TensorType.Q8_0: 7,
        TensorType.Q5_0: 8,
        TensorType.Q5_1: 9,
        TensorType.BF16: 32,
    }
)
"""Types that matrices can be written in."""

_EMBEDDING, _HEAD = (weight_name("gguf", part) for part in (Part.EMBEDDING, Part.HEAD))
_SAVED_PARTS = {_EMBEDDING: Part.EMBEDDING, _HEAD: Part.HEAD}
_PLAIN_TYPES = frozenset({TensorType.F64, TensorType.F32, TensorType.F16, TensorType.BF16})
_QUANTIZATION_VERSION = 2


class AdapterWeight(NamedTuple):
    """One adapter of the mix and its weight."""

    path: Path
    weight: float


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What was written: tensors, how many of them changed, tensors by type, bytes of the file."""

    num_tensors: int
    num_changed: int
    tensor_types: dict[str, int]
    num_bytes: int


def merge_adapters(
    base: Path,
    adapters: Sequence[AdapterWeight],
    out: Path,
    tensor_type: TensorType,
    report: Callable[[float], None] = lambda fraction: None,
) -> MergeResult:
    """Write `base` with `W + Σ weight · scaling · B A` in place of W.

    In place of a matrix that adapters bring along whole: `W + Σ weight · (W' - W)`.

    Matrices come out as `tensor_type`, in F16 where their rows do not fill its quantization blocks.
    What is quantized already and not changed keeps its bytes, as do vectors of a GGUF file; those of
    safetensors come out in F32, which llama.cpp expects.

    Args:
        base: A model of one of our architectures, GGUF or safetensors.
        adapters: The mix.
        out: The new file; it must not exist.
        tensor_type: One of `FILE_TYPES`.
        report: Told the part that is written, 0 to 1; may raise to end the export.

    Raises:
        ModelFileError: A file cannot be read, or the tokenizer of a safetensors base has no form in
            GGUF.
        UnsupportedArchitecture: The base is none of our networks, or GGUF has no word for it.
        AdapterError: An adapter does not fit.
        ExportError: The file cannot be written, or the disk is too full.
    """
    with closing(open_model(base)) as base_file:
        view = merge_base(base_file)
        for name, entry in view.entries.items():
            check_supported(entry.tensor_type, name)
        mix = [(_read(use, view.spec), use.weight) for use in adapters]
        return _Merge(view, mix, tensor_type).write(out, report)


class _Merge:
    """One export."""

    def __init__(
        self,
        base: MergeBase,
        mix: Sequence[tuple[Adapter, float]],
        tensor_type: TensorType,
    ) -> None:
        self._base = base
        self._file = base.file
        self._spec = base.spec
        self._mix = mix
        self._tensor_type = tensor_type
        self._targets = {
            weight_name("gguf", part, layer): Target(layer, part)
            for layer in range(base.spec.num_layers)
            for part in TARGET_PARTS
        }
        self._rotated = rotated_names(base.spec)
        self._entries = self._all_entries()

    def write(self, out: Path, report: Callable[[float], None]) -> MergeResult:
        plans = [self._plan(name, entry) for name, entry in self._entries.items()]
        plans += [
            PlannedTensor(name, TensorType.F32, tuple(extra.shape))
            for name, extra in self._base.extra.items()
        ]
        total_bytes = sum(plan.num_bytes for plan in plans)
        done_bytes = 0

        def on_bytes(num_bytes: int) -> None:
            nonlocal done_bytes
            done_bytes += num_bytes
            report(done_bytes / total_bytes)

        size = write_gguf_file(out, self._key_values(), plans, self._content, on_bytes)
        return MergeResult(
            num_tensors=len(plans),
            num_changed=sum(self._is_changed(plan.name) for plan in plans),
            tensor_types=dict(Counter(str(plan.tensor_type) for plan in plans)),
            num_bytes=size,
        )

    def _all_entries(self) -> dict[str, TensorEntry]:
        """The tensors to write, by name, and the one each is made from.

        A network that ties its output matrix to the embedding needs one of its own as soon as
        either is replaced alone.
        """
        entries = dict(self._base.entries)
        if _HEAD not in entries and any(adapter.saved for adapter, _ in self._mix):
            entries[_HEAD] = entries[_EMBEDDING]
        return entries

    def _plan(self, name: str, entry: TensorEntry) -> PlannedTensor:
        tensor_type = entry.tensor_type
        is_plain_matrix = len(entry.shape) == 2 and tensor_type in _PLAIN_TYPES
        if is_plain_matrix or self._is_changed(name):
            fills_blocks = entry.shape[-1] % self._tensor_type.block_size == 0
            tensor_type = self._tensor_type if fills_blocks else TensorType.F16
        elif self._file.container == "safetensors":
            tensor_type = TensorType.F32
        return PlannedTensor(name, tensor_type, entry.shape)

    def _is_changed(self, name: str) -> bool:
        return bool(self._pairs(name) or self._saved(name))

    def _saved(self, name: str) -> list[tuple[Tensor, float]]:
        """The matrices that take part in a tensor's place; weight 0 leaves it alone."""
        part = _SAVED_PARTS.get(name)
        return [
            (adapter.saved[part], weight)
            for adapter, weight in self._mix
            if part is not None and weight and part in adapter.saved
        ]

    def _pairs(self, name: str) -> list[tuple[LoraPair, float]]:
        """The pairs that change a tensor; weight 0 leaves it alone."""
        target = self._targets.get(name)
        if target is None:
            return []
        return [
            (adapter.pairs[target], weight)
            for adapter, weight in self._mix
            if weight and target in adapter.pairs
        ]

    def _content(self, plan: PlannedTensor) -> Iterator[Piece]:
        extra = self._base.extra.get(plan.name)
        if extra is not None:
            yield extra.numpy().tobytes()
            return
        entry = self._entries[plan.name]
        if self._is_kept(plan, entry):
            data = self._file.tensor_bytes(entry.name)
            for start in range(0, len(data), _COPY_BYTES):
                yield data[start : start + _COPY_BYTES]
        else:
            yield from self._rows(plan, entry)
        self._file.release(entry.name)

    def _is_kept(self, plan: PlannedTensor, entry: TensorEntry) -> bool:
        is_reordered = self._base.reorders and plan.name in self._rotated
        is_same = plan.tensor_type is entry.tensor_type and not is_reordered
        return is_same and not self._is_changed(plan.name)

    def _rows(self, plan: PlannedTensor, entry: TensorEntry) -> Iterator[Piece]:
        """The tensor in its new type and order, a few rows at a time."""
        pairs, saved = self._pairs(plan.name), self._saved(plan.name)
        num_rows, num_columns = (*entry.shape, 1)[:2]  # a vector is a matrix of one column
        data = self._file.tensor_bytes(entry.name)
        raw = QTensor.from_bytes(data, entry.tensor_type, (num_rows, num_columns))
        scaled = [
            (weight * self._in_file_order(plan.name, pair.b), pair.a) for pair, weight in pairs
        ]
        # Whole heads, whose rows may have to change places.
        heads = max(1, _CHUNK_VALUES // (num_columns * self._spec.head_dim))
        chunk = heads * self._spec.head_dim
        kind = gguf.GGMLQuantizationType[plan.tensor_type.value]
        for start in range(0, num_rows, chunk):
            stop = min(start + chunk, num_rows)
            values = raw.rows(start, stop).dequantize(torch.float32)
            # Differences of whole matrices are taken from the file's own, before pairs are added.
            base = values.clone() if saved else values
            for b, a in scaled:
                values += b[start:stop] @ a
            for own, weight in saved:
                values += weight * (own[start:stop] - base)
            if self._base.reorders and plan.name in self._rotated:
                values = values[half_split_order(len(values), self._spec.head_dim)]
            yield gguf.quantize(values.numpy(), kind).tobytes()

    def _in_file_order(self, name: str, b: Tensor) -> Tensor:
        """B with the rows of q and k as the file has them."""
        is_interleaved = self._base.is_interleaved and not self._base.reorders
        if not (is_interleaved and name in self._rotated):
            return b
        return b[half_split_order(b.shape[0], self._spec.head_dim)]

    def _key_values(self) -> list[bytes]:
        names = " + ".join(f"{weight:g} {adapter.name}" for adapter, weight in self._mix if weight)
        title = " + ".join(
            name for name in (self._spec.name or self._file.path.stem, names) if name
        )
        return [
            *self._base.key_values,
            text_value("general.name", title),
            uint32_value("general.file_type", FILE_TYPES[self._tensor_type]),
            uint32_value("general.quantization_version", _QUANTIZATION_VERSION),
        ]


def _read(use: AdapterWeight, spec: ModelSpec) -> Adapter:
    if not isfinite(use.weight):
        raise AdapterError(
            f"the weight of {quote(use.path.name)} is {use.weight}; a finite number is expected",
            file=use.path,
            field="weight",
        )
    return read_adapter(use.path, spec, torch.float32)
