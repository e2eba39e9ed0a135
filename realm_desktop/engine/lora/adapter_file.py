"""Reads an adapter file and checks it against the loaded network.

Everything is checked before a value leaves the host: names, pairs, shapes, types, ranks, and that
every number is finite. PEFT folders and files, and GGUF adapters. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.lora.targets import Module, Target, modules_by_name
from realm_desktop.engine.quant.dequantize import check_supported
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.loader import half_split_order
from realm_desktop.engine.weights.names import Part
from realm_desktop.formats.adapter_inspection import adapter_title, base_model_name
from realm_desktop.formats.adapter_pairs import (
    AdapterPair,
    Sides,
    checked_pair,
    mismatch,
    read_sides,
    refuse,
)
from realm_desktop.formats.adapter_settings import adapter_settings, refuse_features
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.tensor_entry import TensorEntry

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
        ranks: All different ranks of its pairs, ascending.
        alpha: As the file states it.
        base_model_name: What it says it was made for; empty if it does not say.
        pairs: By target, in the compute dtype.
    """

    name: str
    ranks: tuple[int, ...]
    alpha: float
    base_model_name: str
    pairs: Mapping[Target, LoraPair]

    @property
    def rank(self) -> int:
        """The largest rank of its pairs."""
        return self.ranks[-1]

    @property
    def num_bytes(self) -> int:
        """Bytes of all matrices."""
        return sum(pair.a.nbytes + pair.b.nbytes for pair in self.pairs.values())


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
        self._settings = adapter_settings(model_file)
        refuse_features(model_file)
        is_gguf = model_file.container == "gguf"
        self._is_interleaved = is_gguf and self._check_architecture()
        self._modules = modules_by_name(spec, model_file.container)

    def read(self, dtype: torch.dtype) -> Adapter:
        sides = self._named_sides()
        entries = [self._pair(name, own) for name, own in sides.items()]
        self._check_overlap(sides)
        pairs: dict[Target, LoraPair] = {}
        for pair in entries:
            pairs.update(self._read_pair(pair, dtype))
        return Adapter(
            name=adapter_title(self._file),
            ranks=tuple(sorted({pair.rank for pair in entries})),
            alpha=self._settings.alpha,
            base_model_name=base_model_name(self._file),
            pairs=pairs,
        )

    def _check_architecture(self) -> bool:
        """Whether the rows of q and k lie in pairs; refuses another architecture."""
        found = self._file.metadata.get("general.architecture")
        own = self._spec.architecture
        expected = _GGUF_ARCHITECTURES.get(own, own)
        if found != expected:
            mismatch(self._file, "general.architecture", f"is {quote(str(found))}", expected)
        return found == _INTERLEAVED_ARCHITECTURE

    def _named_sides(self) -> dict[str, Sides]:
        """The matrices of the file by module; refuses a module that the network lacks."""
        count, limit = len(self._file.tensors), 2 * len(self._modules)
        if not 2 <= count <= limit:
            expected = f"2 to {limit} for this base model"
            mismatch(self._file, "number of tensors", f"is {count}", expected)
        sides = read_sides(self._file)
        for module in sides:
            if module not in self._modules:
                found = "is no linear layer of the loaded model"
                expected = f"attention and MLP layers 0 to {self._spec.num_layers - 1}"
                mismatch(self._file, module, found, expected)
        return sides

    def _check_overlap(self, names: Mapping[str, Sides]) -> None:
        """A layer may be named fused or unfused, not both."""
        seen: set[Target] = set()
        for name in names:
            targets = self._modules[name].targets
            if not seen.isdisjoint(targets):
                refuse(self._file, name, "changes a layer that another name changes too")
            seen.update(targets)

    def _pair(self, name: str, sides: Sides) -> AdapterPair:
        """A pair whose shapes are those of its module."""
        pair, module = checked_pair(self._file, self._settings, name, sides), self._modules[name]
        shapes = ((pair.rank, module.in_features), (sum(module.out_features), pair.rank))
        for entry, shape in zip((pair.a, pair.b), shapes, strict=True):
            if entry.shape != shape:
                mismatch(self._file, entry.name, f"has shape {list(entry.shape)}", f"{list(shape)}")
            check_supported(entry.tensor_type, entry.name)
        return pair

    def _read_pair(self, pair: AdapterPair, dtype: torch.dtype) -> dict[Target, LoraPair]:
        module: Module = self._modules[pair.module]
        a = self._finite(pair.a, self._values(pair.a, dtype), dtype)
        scaled = self._values(pair.b, dtype) * self._settings.scaling(pair.module, pair.rank)
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
            refuse(self._file, entry.name, "holds values that are not finite numbers")
        return converted

    def _ordered(self, part: Part, rows: Tensor) -> Tensor:
        """B with q and k in the engine's own order of rows."""
        if not self._is_interleaved or part not in (Part.QUERY, Part.KEY):
            return rows
        ordered = torch.empty_like(rows)
        ordered[half_split_order(rows.shape[0], self._spec.head_dim)] = rows
        return ordered
