"""Writes a GGUF model whose weights hold a mix of adapters, for programs that cannot mix them.

One piece of a tensor at a time: memory is bounded by the adapters and a few rows of the widest
layer. Metadata, tokenizer included, are carried over byte for byte. Runs in the thread of its caller;
knows no engine.
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
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora.adapter_file import Adapter, LoraPair, read_adapter
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target, target_shape
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.loader import half_split_order
from realm_desktop.engine.weights.names import Part, weight_name, weight_shape
from realm_desktop.errors import AdapterError, CorruptFile, ModelFileError
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.gguf_header import read_key_values
from realm_desktop.formats.gguf_output import (
    Piece,
    PlannedTensor,
    text_value,
    uint32_value,
    write_gguf_file,
)
from realm_desktop.formats.model_file import ModelFile, open_model
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
# Of the old file alone: its parts, its alignment, and what is written anew.
_DROPPED_KEYS: Final = frozenset(
    {"split.no", "split.count", "split.tensors.count", "general.alignment"}
    | {"general.name", "general.file_type", "general.quantization_version"}
)


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
    What is quantized already and not changed keeps its bytes, as do vectors.

    Args:
        base: A GGUF model of one of our architectures.
        adapters: The mix.
        out: The new file; it must not exist.
        tensor_type: One of `FILE_TYPES`.
        report: Told the part that is written, 0 to 1; may raise to end the export.

    Raises:
        ModelFileError: A file cannot be read, or the base is no GGUF file.
        AdapterError: An adapter does not fit.
        ExportError: The file cannot be written, or the disk is too full.
    """
    with closing(open_model(base)) as base_file:
        _check_container(base_file)
        spec = model_spec(base_file)
        mix = [(_read(use, spec), use.weight) for use in adapters]
        return _Merge(base_file, spec, mix, tensor_type).write(out, report)


class _Merge:
    """One export."""

    def __init__(
        self,
        base_file: ModelFile,
        spec: ModelSpec,
        mix: Sequence[tuple[Adapter, float]],
        tensor_type: TensorType,
    ) -> None:
        self._file = base_file
        self._spec = spec
        self._mix = mix
        self._tensor_type = tensor_type
        self._targets = {
            weight_name("gguf", part, layer): Target(layer, part)
            for layer in range(spec.num_layers)
            for part in TARGET_PARTS
        }
        for name, target in self._targets.items():
            self._check(name, target_shape(spec, target.part))
        self._check(_EMBEDDING, weight_shape(spec, Part.EMBEDDING))
        self._entries = self._all_entries()

    def write(self, out: Path, report: Callable[[float], None]) -> MergeResult:
        plans = [self._plan(name, entry) for name, entry in self._entries.items()]
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

    def _check(self, name: str, shape: tuple[int, ...]) -> None:
        entry = self._file.tensors.get(name)
        if entry is None or entry.shape != shape:
            found = "missing" if entry is None else f"of shape {list(entry.shape)}"
            raise CorruptFile(
                f"{quote(self._file.path.name)}: tensor {name} is {found}; {list(shape)} is expected.",
                advice="Download the file again, or use another copy of the model.",
                file=self._file.path,
                field=name,
            )
        check_supported(entry.tensor_type, name)

    def _all_entries(self) -> dict[str, TensorEntry]:
        """The tensors to write, by name, and the one each is made from.

        A network that ties its output matrix to the embedding needs one of its own as soon as
        either is replaced alone.
        """
        entries = dict(self._file.tensors)
        if _HEAD not in entries and any(adapter.saved for adapter, _ in self._mix):
            entries[_HEAD] = entries[_EMBEDDING]
        return entries

    def _plan(self, name: str, entry: TensorEntry) -> PlannedTensor:
        tensor_type = entry.tensor_type
        is_plain_matrix = len(entry.shape) == 2 and tensor_type in _PLAIN_TYPES
        if is_plain_matrix or self._is_changed(name):
            fills_blocks = entry.shape[-1] % self._tensor_type.block_size == 0
            tensor_type = self._tensor_type if fills_blocks else TensorType.F16
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
        entry = self._entries[plan.name]
        if not self._is_changed(plan.name) and plan.tensor_type is entry.tensor_type:
            data = self._file.tensor_bytes(entry.name)
            for start in range(0, len(data), _COPY_BYTES):
                yield data[start : start + _COPY_BYTES]
        else:
            yield from self._rows(plan, entry)
        self._file.release(entry.name)

    def _rows(self, plan: PlannedTensor, entry: TensorEntry) -> Iterator[Piece]:
        """The changed matrix in its new type, a few rows at a time."""
        pairs, saved = self._pairs(plan.name), self._saved(plan.name)
        num_rows, num_columns = entry.shape
        raw = QTensor.from_bytes(
            self._file.tensor_bytes(entry.name), entry.tensor_type, entry.shape
        )
        scaled = [
            (weight * self._in_file_order(plan.name, pair.b), pair.a) for pair, weight in pairs
        ]
        chunk = max(1, _CHUNK_VALUES // num_columns)
        kind = gguf.GGMLQuantizationType[plan.tensor_type.value]
        for start in range(0, num_rows, chunk):
            stop = min(start + chunk, num_rows)
            values = raw.rows(start, stop).dequantize(torch.float32)
            base = values.clone() if saved else values
            for b, a in scaled:
                values += b[start:stop] @ a
            for own, weight in saved:
                values += weight * (own[start:stop] - base)
            yield gguf.quantize(values.numpy(), kind).tobytes()

    def _in_file_order(self, name: str, b: Tensor) -> Tensor:
        """B with the rows of q and k as the file has them."""
        is_rotated = self._targets[name].part in (Part.QUERY, Part.KEY)
        if not (is_rotated and self._spec.is_rope_interleaved):
            return b
        return b[half_split_order(b.shape[0], self._spec.head_dim)]

    def _key_values(self) -> list[bytes]:
        path = _first_part(self._file)
        with open_checked(path) as (file, size):
            kept = read_key_values(ByteReader(file, path, size))
        names = " + ".join(f"{weight:g} {adapter.name}" for adapter, weight in self._mix if weight)
        title = " + ".join(name for name in (self._spec.name or path.stem, names) if name)
        return [
            *(value for key, value in kept.items() if key not in _DROPPED_KEYS),
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


def _check_container(base_file: ModelFile) -> None:
    if base_file.container != "gguf":
        raise ModelFileError(
            f"{quote(base_file.path.name)} is a safetensors model. A GGUF file needs its tokenizer as "
            "tokenizer.ggml.* metadata, the name of its pre-tokenizer (tokenizer.ggml.pre) among "
            "them, which tokenizer.json does not say.",
            advice="Merge into a GGUF file of the same model, or merge with PEFT and convert the "
            "result with llama.cpp.",
            file=base_file.path,
            field="tokenizer.ggml.pre",
        )


def _first_part(base_file: ModelFile) -> Path:
    """The file that holds the metadata: the first of a set of parts."""
    count = base_file.metadata.get("split.count", 1)
    if not isinstance(count, int) or count < 2:
        return base_file.path
    stem = base_file.path.name[: -len("-00001-of-00001.gguf")]
    return base_file.path.with_name(f"{stem}-00001-of-{count:05}.gguf")
