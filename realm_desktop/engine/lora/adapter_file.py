"""Reads an adapter file and checks it against the loaded network.

Everything is checked before a value leaves the host: names, pairs, shapes, types, ranks, and that
every number is finite. PEFT folders and files, and GGUF adapters. Runs in the reading thread, so it
computes with numpy: a torch operation there would start a second pool of OpenMP threads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import ARCHITECTURES
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.targets import Module, Target, modules_by_name
from realm_desktop.engine.weights.names import weight_shape
from realm_desktop.engine.weights.rotary_order import rotary_order
from realm_desktop.errors import AdapterMismatch
from realm_desktop.formats.adapter_inspection import adapter_title, base_model_name
from realm_desktop.formats.adapter_pairs import (
    AdapterPair,
    Sides,
    checked_pair,
    mismatch,
    read_saved,
    read_sides,
    refuse,
)
from realm_desktop.formats.adapter_settings import adapter_settings, refuse_features
from realm_desktop.formats.adapter_values import read_values
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.tensor_count import announced_tensors
from realm_desktop.formats.tensor_entry import TensorEntry

_EXPERTS = re.compile(r"\.experts\.|_exps\b|shared_experts?\b|_shexp\b")
"""In the name of what belongs to a mixture of experts."""

_SAVED_PARTS = MappingProxyType({"embed_tokens": Part.EMBEDDING, "lm_head": Part.HEAD})
# Where the layers of a network that sees pictures lie; its text part may be loaded without the rest.
_TEXT_PART = re.compile(r"^(language_model\.model|model\.language_model)\.")
_PEFT_WEIGHTS = "adapter_model.safetensors"
_NUMPY_TYPES = {
    torch.float64: np.float64,
    torch.float32: np.float32,
    torch.float16: np.float16,
}
# A bfloat16 is the upper half of a float32; its exponent, all ones, marks infinities and NaN.
_BF16_SHIFT = 16
_BF16_HALF = 0x7FFF
_BF16_EXPONENT = 0x7F80


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
        saved: Matrices it brings along whole: EMBEDDING and HEAD, [vocabulary, hidden] in the
            compute dtype.
    """

    name: str
    ranks: tuple[int, ...]
    alpha: float
    base_model_name: str
    pairs: Mapping[Target, LoraPair]
    saved: Mapping[Part, Tensor] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """The largest rank of its pairs."""
        return self.ranks[-1]

    @property
    def num_bytes(self) -> int:
        """Bytes of all matrices."""
        pair_bytes = sum(pair.a.nbytes + pair.b.nbytes for pair in self.pairs.values())
        return pair_bytes + self.saved_bytes

    @property
    def saved_names(self) -> tuple[str, ...]:
        """What PEFT calls the modules it replaces whole."""
        return tuple(name for name, part in _SAVED_PARTS.items() if part in self.saved)

    @property
    def saved_bytes(self) -> int:
        """Bytes of the matrices it brings along whole."""
        return sum(matrix.nbytes for matrix in self.saved.values())


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
    # Adapters of experts have a hundred times the tensors; what they are is then said by name.
    if spec.experts is None:
        _check_count(path, spec)
    model_file = open_model(path)
    try:
        _refuse_experts(model_file)
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
        if model_file.container == "gguf":
            self._check_architecture()
        entry = ARCHITECTURES[spec.architecture]
        self._order = partial(
            rotary_order,
            head_dim=spec.head_dim,
            num_rotated=spec.num_rotated,
            is_interleaved=model_file.container in entry.interleaved_in,
        )
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
            saved=self._saved(dtype),
        )

    def _check_architecture(self) -> None:
        """Refuses another architecture."""
        found = self._file.metadata.get("general.architecture")
        entry = ARCHITECTURES[self._spec.architecture]
        expected = entry.gguf_name or self._spec.architecture
        if found != expected:
            mismatch(self._file, "general.architecture", f"is {quote(str(found))}", expected)

    def _named_sides(self) -> dict[str, Sides]:
        """The matrices of the file by module; refuses a module that the network lacks."""
        count, limit = len(self._file.tensors), 2 * len(self._modules) + len(_SAVED_PARTS)
        if not 2 <= count <= limit:
            expected = f"2 to {limit} for this base model"
            mismatch(self._file, "number of tensors", f"is {count}", expected)
        sides = read_sides(self._file)
        for module in sides:
            if self._module(module) is None:
                found = "is no linear layer of the loaded model"
                expected = f"attention and MLP layers 0 to {self._spec.num_layers - 1}"
                mismatch(self._file, module, found, expected)
        return sides

    def _module(self, name: str) -> Module | None:
        """The layer that the file calls so; None if the network has none."""
        plain = _TEXT_PART.sub("model.", name)
        return self._modules.get(name) or self._modules.get(plain)

    def _known_module(self, name: str) -> Module:
        module = self._module(name)
        assert module is not None, "unknown modules were refused"
        return module

    def _check_overlap(self, names: Mapping[str, Sides]) -> None:
        """A layer may be named fused or unfused, not both."""
        seen: set[Target] = set()
        for name in names:
            targets = self._known_module(name).targets
            if not seen.isdisjoint(targets):
                refuse(self._file, name, "changes a layer that another name changes too")
            seen.update(targets)

    def _pair(self, name: str, sides: Sides) -> AdapterPair:
        """A pair whose shapes are those of its module."""
        pair, module = (
            checked_pair(self._file, self._settings, name, sides),
            self._known_module(name),
        )
        shapes = ((pair.rank, module.in_features), (sum(module.out_features), pair.rank))
        for entry, shape in zip((pair.a, pair.b), shapes, strict=True):
            if entry.shape != shape:
                mismatch(self._file, entry.name, f"has shape {list(entry.shape)}", f"{list(shape)}")
        return pair

    def _read_pair(self, pair: AdapterPair, dtype: torch.dtype) -> dict[Target, LoraPair]:
        module = self._known_module(pair.module)
        a = self._converted(pair.a, self._values(pair.a), dtype)
        with np.errstate(over="ignore"):  # refused below
            scaled = self._values(pair.b) * self._settings.scaling(pair.module, pair.rank)
        ends = np.cumsum(module.out_features)[:-1]
        return {
            target: LoraPair(a, self._converted(pair.b, self._ordered(target.part, rows), dtype))
            for target, rows in zip(module.targets, np.split(scaled, ends), strict=True)
        }

    def _saved(self, dtype: torch.dtype) -> dict[Part, Tensor]:
        """The matrices that are replaced whole; a vocabulary of another size is refused."""
        entries = {_SAVED_PARTS[name]: entry for name, entry in read_saved(self._file).items()}
        for part, entry in entries.items():
            shape = weight_shape(self._spec, part)
            if entry.shape != shape:
                mismatch(self._file, entry.name, f"has shape {list(entry.shape)}", f"{list(shape)}")
        return {
            part: self._converted(entry, self._values(entry), dtype)
            for part, entry in entries.items()
        }

    def _values(self, entry: TensorEntry) -> NDArray[np.floating[Any]]:
        """At least float32, so that scaling rounds once."""
        values = read_values(self._file, entry)
        if not np.isfinite(values).all():
            self._refuse_infinite(entry)
        return values

    def _converted(
        self, entry: TensorEntry, values: NDArray[np.floating[Any]], dtype: torch.dtype
    ) -> Tensor:
        """Fresh memory of the compute dtype; refuses what is out of its range."""
        with np.errstate(over="ignore"):
            if dtype is not torch.bfloat16:
                plain = values.astype(_NUMPY_TYPES[dtype])
                if not np.isfinite(plain).all():
                    self._refuse_infinite(entry)
                return torch.from_numpy(plain)
            bits = values.astype(np.float32).view(np.uint32)
        # To the nearest, ties to even, as torch rounds.
        rounded = (bits + _BF16_HALF + ((bits >> _BF16_SHIFT) & 1)) >> _BF16_SHIFT
        halves = rounded.astype(np.uint16)
        if ((halves & _BF16_EXPONENT) == _BF16_EXPONENT).any():
            self._refuse_infinite(entry)
        return torch.from_numpy(halves.view(np.int16)).view(torch.bfloat16)

    def _refuse_infinite(self, entry: TensorEntry) -> None:
        refuse(self._file, entry.name, "holds values that are not finite numbers")

    def _ordered(self, part: Part, rows: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """B with q and k in the engine's own order of rows."""
        is_turned = part in (Part.QUERY, Part.KEY) and self._spec.latent is None
        order = self._order(len(rows)) if is_turned else None
        return rows if order is None else rows[order]


def _refuse_experts(model_file: ModelFile) -> None:
    name = next(filter(_EXPERTS.search, model_file.tensors), None)
    if name is not None:
        refuse(
            model_file, name, "changes experts; adapters can change attention and plain MLP layers"
        )


def _check_count(path: Path, spec: ModelSpec) -> None:
    """Refuse far too many tensors before their directory is parsed."""
    file = path / _PEFT_WEIGHTS if path.is_dir() else path
    limit = 2 * len(modules_by_name(spec, "safetensors")) + len(_SAVED_PARTS)
    count = announced_tensors(file) if file.is_file() else 0
    if count > limit:
        raise AdapterMismatch(
            f"{quote(path.name)}: number of tensors is {count}; 2 to {limit} for this base model is "
            "expected.",
            advice="Choose an adapter that was made for the loaded model, or load its base model.",
            file=path,
            field="number of tensors",
        )
