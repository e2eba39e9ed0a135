"""Reads an adapter file and checks it against the loaded network.

Everything is checked before a value leaves the host: names, pairs, shapes, types, ranks, and that
every number is finite. PEFT folders and files, and GGUF adapters. Runs on the engine thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.lora.settings import (
    MAX_RANK,
    AdapterSettings,
    gguf_settings,
    peft_settings,
)
from realm_desktop.engine.lora.targets import Module, Target, modules_by_name
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.loader import half_split_order
from realm_desktop.engine.weights.names import Part
from realm_desktop.errors import AdapterError, AdapterMismatch
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType

_PEFT_NAME = re.compile(
    r"(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<side>[AB])(?:\.default)?\.weight"
)
_GGUF_NAME = re.compile(r"(?P<module>.+)\.weight\.lora_(?P<side>[ab])")
_INTEGERS = frozenset(
    kind
    for kind in TensorType
    if kind.value[:2] in ("I8", "I1", "I3", "I6", "U8", "U1", "U3", "U6")
) | {TensorType.BOOL}
# GGUF files of these networks are written by the converter of "llama".
_GGUF_ARCHITECTURES = {"mistral": "llama"}
_INTERLEAVED_ARCHITECTURE = "llama"


class LoraPair(NamedTuple):
    """The matrices of one target: A [rank, in] and B [out, rank], scaling multiplied into B."""

    a: Tensor
    b: Tensor


@dataclass(frozen=True, slots=True)
class Adapter:
    """A checked adapter in host memory.

    Attributes:
        name: For display; words of a stranger.
        rank: The largest of its pairs.
        alpha: As the file states it.
        pairs: By target, in the compute dtype.
    """

    name: str
    rank: int
    alpha: float
    pairs: Mapping[Target, LoraPair]

    @property
    def num_bytes(self) -> int:
        """Bytes of all matrices."""
        return sum(pair.a.nbytes + pair.b.nbytes for pair in self.pairs.values())


class _Entries(NamedTuple):
    """A pair as it lies in the file."""

    module: Module
    a: TensorEntry
    b: TensorEntry


def read_adapter(path: Path, spec: ModelSpec, dtype: torch.dtype) -> Adapter:
    """The adapter at `path`, checked against the network it shall change.

    Args:
        path: PEFT folder or file, or GGUF adapter.
        spec: Of the loaded network.
        dtype: Of the matrices returned.

    Raises:
        AdapterMismatch: Made for another network: names target, found and expected.
        AdapterError: Not an adapter, incomplete, or with a feature this engine lacks.
        ModelFileError: The file is damaged or cannot be read.
    """
    model_file = open_model(path)
    try:
        return _Reader(model_file, spec).read(dtype)
    finally:
        model_file.close()


class _Reader:
    """One read of one file."""

    def __init__(self, model_file: ModelFile, spec: ModelSpec) -> None:
        self._file = model_file
        self._spec = spec
        self._name = quote(model_file.path.name)
        self._is_gguf = model_file.container == "gguf"
        self._settings: AdapterSettings = (
            gguf_settings(model_file) if self._is_gguf else peft_settings(model_file)
        )
        self._is_interleaved = self._is_gguf and self._check_architecture()

    def read(self, dtype: torch.dtype) -> Adapter:
        entries = self._pair_up()
        for pair in entries:
            self._check_shapes(pair)
        pairs: dict[Target, LoraPair] = {}
        for pair in entries:
            pairs.update(self._read_pair(pair, dtype))
        return Adapter(
            name=self._title(),
            rank=max(pair.a.shape[0] for pair in pairs.values()),
            alpha=self._settings.alpha,
            pairs=pairs,
        )

    def _title(self) -> str:
        title = self._file.metadata.get("general.name")
        return quote(title) if isinstance(title, str) and title else quote(self._file.path.stem)

    def _check_architecture(self) -> bool:
        """Whether the rows of q and k lie in pairs; refuses another architecture."""
        found = self._file.metadata.get("general.architecture")
        own = self._spec.architecture
        expected = _GGUF_ARCHITECTURES.get(own, own)
        if found != expected:
            self._mismatch("general.architecture", f"is {quote(str(found))}", expected)
        return found == _INTERLEAVED_ARCHITECTURE

    def _pair_up(self) -> list[_Entries]:
        """Every pair of the file; refuses what belongs to none."""
        modules = modules_by_name(self._spec, self._file.container)
        count = len(self._file.tensors)
        if not 2 <= count <= 2 * len(modules):
            self._mismatch(
                "number of tensors", f"is {count}", f"2 to {2 * len(modules)} for this base model"
            )
        sides: dict[str, dict[str, TensorEntry]] = {}
        for name, entry in self._file.tensors.items():
            module, side = self._parse(name)
            if module not in modules:
                self._mismatch(
                    name,
                    "is no linear layer of the loaded model",
                    f"attention and MLP layers 0 to {self._spec.num_layers - 1}",
                )
            if side in sides.setdefault(module, {}):
                self._refuse(name, "is a second matrix for the same place; one is expected")
            sides[module][side] = entry
        pairs = [self._entries(modules[name], own) for name, own in sides.items()]
        self._check_overlap(pairs)
        return pairs

    def _parse(self, name: str) -> tuple[str, str]:
        match = (_GGUF_NAME if self._is_gguf else _PEFT_NAME).fullmatch(name)
        if match is None:
            self._refuse(name, "is no matrix A or B of a linear layer, which alone can be used")
        return match["module"], match["side"].lower()

    def _entries(self, module: Module, own: Mapping[str, TensorEntry]) -> _Entries:
        if len(own) < 2:
            present, absent = ("A", "B") if "a" in own else ("B", "A")
            self._refuse(module.name, f"has a matrix {present} and no matrix {absent}")
        return _Entries(module, own["a"], own["b"])

    def _check_overlap(self, pairs: list[_Entries]) -> None:
        """A layer may be named fused or unfused, not both."""
        seen: set[Target] = set()
        for pair in pairs:
            if not seen.isdisjoint(pair.module.targets):
                self._refuse(pair.module.name, "changes a layer that another name changes too")
            seen.update(pair.module.targets)

    def _check_shapes(self, pair: _Entries) -> None:
        module = pair.module
        rank = pair.a.shape[0] if len(pair.a.shape) == 2 else 0
        if not 1 <= rank <= MAX_RANK:
            expected = f"[rank, {module.in_features}] with a rank of 1 to {MAX_RANK}"
            self._mismatch(pair.a.name, f"has shape {list(pair.a.shape)}", expected)
        shapes = ((rank, module.in_features), (sum(module.out_features), rank))
        for entry, shape in zip((pair.a, pair.b), shapes, strict=True):
            if entry.shape != shape:
                self._mismatch(entry.name, f"has shape {list(entry.shape)}", f"{list(shape)}")
            if entry.tensor_type in _INTEGERS:
                self._refuse(entry.name, f"holds integers ({entry.tensor_type}), not fractions")
            check_supported(entry.tensor_type, entry.name)
        self._settings.check_rank(module.name, rank)

    def _read_pair(self, pair: _Entries, dtype: torch.dtype) -> dict[Target, LoraPair]:
        module, rank = pair.module, pair.a.shape[0]
        a = self._finite(pair.a, self._values(pair.a, dtype), dtype)
        scaled = self._values(pair.b, dtype) * self._settings.scaling(module.name, rank)
        b = self._finite(pair.b, scaled, dtype)
        parts = torch.split(b, list(module.out_features))
        return {
            target: LoraPair(a, self._ordered(target.part, rows))
            for target, rows in zip(module.targets, parts, strict=True)
        }

    def _values(self, entry: TensorEntry, dtype: torch.dtype) -> Tensor:
        """At least float32, so that scaling rounds once."""
        raw = QTensor.from_bytes(
            self._file.tensor_bytes(entry.name), entry.tensor_type, entry.shape
        )
        return raw.dequantize(torch.float64 if dtype == torch.float64 else torch.float32)

    def _finite(self, entry: TensorEntry, values: Tensor, dtype: torch.dtype) -> Tensor:
        converted = values.to(dtype)
        if not bool(converted.isfinite().all()):
            self._refuse(entry.name, "holds values that are not finite numbers")
        return converted

    def _ordered(self, part: Part, rows: Tensor) -> Tensor:
        """B with q and k in the engine's own order of rows."""
        if not self._is_interleaved or part not in (Part.QUERY, Part.KEY):
            return rows
        ordered = torch.empty_like(rows)
        ordered[half_split_order(rows.shape[0], self._spec.head_dim)] = rows
        return ordered

    def _mismatch(self, target: str, found: str, expected: str) -> NoReturn:
        raise AdapterMismatch(
            f"{self._name}: {quote(target)} {found}; {expected} is expected.",
            advice="Choose an adapter that was made for the loaded model, or load its base model.",
            file=self._file.path,
            field=quote(target),
        )

    def _refuse(self, target: str, fault: str) -> NoReturn:
        raise AdapterError(
            f"{self._name}: {quote(target)} {fault}.",
            advice="Choose another adapter, or export this one again.",
            file=self._file.path,
            field=quote(target),
        )
