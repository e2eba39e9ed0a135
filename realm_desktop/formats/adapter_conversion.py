"""Converts adapters between PEFT folders and GGUF files, with nothing lost.

GGUF knows one alpha per file and divides it by the rank of each pair. What rsLoRA or patterns scale
otherwise is multiplied into B, which is then stored in float32; llama.cpp's converter drops it.
Everything else keeps its bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from realm_desktop.errors import AdapterError, AdapterMismatch, UsageError
from realm_desktop.formats.adapter_fit import BaseModel, base_of, fit
from realm_desktop.formats.adapter_inspection import base_model_name, inspect_open_adapter
from realm_desktop.formats.adapter_pairs import AdapterPair, checked_pair, read_sides
from realm_desktop.formats.adapter_settings import (
    AdapterSettings,
    adapter_settings,
    refuse_features,
    saved_modules,
)
from realm_desktop.formats.adapter_values import (
    IS_INTERLEAVED_IN_GGUF,
    ROTATED_KINDS,
    read_values,
    to_neighbouring_pairs,
    to_split_halves,
)
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.gguf_output import (
    PlannedTensor,
    float32_value,
    text_value,
    uint32_value,
    write_gguf_file,
)
from realm_desktop.formats.linear_names import FUSED_KINDS, LinearName, linear_name
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.safetensors_output import write_safetensors_file
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.formats.whole_file import whole_folder

_MAX_HEADS: Final = 2**16
_MAX_WIDTH: Final = 2**24
_KEPT_TYPES: Final = frozenset({TensorType.F32, TensorType.F16, TensorType.BF16})
# Alpha is float32 in GGUF; a factor closer to 1 than this comes from that alone.
_ROUNDING: Final = 1e-6
_QUANTIZATION_VERSION = 2


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was written.

    Attributes:
        num_pairs: Pairs in the new file.
        num_scaled: Pairs whose B took up a scaling that the new format cannot say.
        num_bytes: Of the new file or folder.
    """

    num_pairs: int
    num_scaled: int
    num_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    """A matrix of the new file: the bytes of an entry as they are, or new values."""

    plan: PlannedTensor
    entry: TensorEntry | None
    values: NDArray[Any] | None


def convert_to_gguf(source: Path, base: Path, out: Path) -> Conversion:
    """Write a PEFT adapter as a GGUF adapter for llama.cpp and this program.

    Args:
        source: PEFT folder or file.
        base: The model it was made for: gives architecture, heads and the parts of fused layers.
        out: The new file.

    Raises:
        ModelFileError: A file cannot be read.
        AdapterError: The adapter cannot be used or, AdapterMismatch, is for another base.
        ExportError: The file cannot be written.
    """
    with ExitStack() as files:
        adapter = files.enter_context(closing(open_model(source)))
        base_file = files.enter_context(closing(open_model(base)))
        _refuse_container(adapter, "safetensors", "gguf")
        _refuse_saved_modules(adapter)
        return _ToGguf(adapter, base_file).write(out)


def convert_to_peft(source: Path, base: Path | None, out: Path) -> Conversion:
    """Write a GGUF adapter as a PEFT folder.

    Args:
        source: GGUF adapter.
        base: The model it was made for; needed where the order of rows depends on its heads.
        out: The new folder.

    Raises:
        ModelFileError: A file cannot be read.
        AdapterError: The adapter cannot be used or, AdapterMismatch, is for another base.
        UsageError: The base is needed.
        ExportError: The folder cannot be written.
    """
    with ExitStack() as files:
        adapter = files.enter_context(closing(open_model(source)))
        base_file = files.enter_context(closing(open_model(base))) if base else None
        _refuse_container(adapter, "gguf", "peft")
        return _ToPeft(adapter, base_file).write(out)


class _Source:
    """An adapter that is converted, and the base it is for."""

    def __init__(self, adapter: ModelFile, base_file: ModelFile | None) -> None:
        self.adapter = adapter
        self.settings: AdapterSettings = adapter_settings(adapter)
        refuse_features(adapter)
        inspection = inspect_open_adapter(adapter)
        self.base: BaseModel | None = None if base_file is None else base_of(base_file)
        if self.base is not None:
            verdict = fit(inspection, self.base)
            if not verdict.fits:
                raise AdapterMismatch(
                    f"{inspection.name}: {verdict.verdict}.",
                    advice="Give the model it was made for with --base.",
                    file=adapter.path,
                    field=verdict.target,
                )
        self.architecture = inspection.architecture or (self.base.architecture if self.base else "")
        if self.architecture not in IS_INTERLEAVED_IN_GGUF:
            raise AdapterError(
                f"{inspection.name} is for the architecture {quote(self.architecture) or 'unknown'}; "
                f"{', '.join(IS_INTERLEAVED_IN_GGUF)} can be converted.",
                advice="Convert it with the program that made it.",
                file=adapter.path,
                field="general.architecture",
            )
        self.is_interleaved = IS_INTERLEAVED_IN_GGUF[self.architecture]
        self.head_dim = _head_dim(base_file) if base_file is not None else None
        self.title = inspection.name
        self.made_for = base_model_name(adapter)

    def pairs(self) -> Iterator[tuple[LinearName, AdapterPair]]:
        """Every pair with the layer it changes."""
        for module, sides in read_sides(self.adapter).items():
            name = linear_name(self.adapter.container, module)
            if name is None:
                raise AdapterError(
                    f"{self.title}: {quote(module)} is no linear layer of attention or MLP.",
                    advice="Choose another adapter.",
                    file=self.adapter.path,
                    field=quote(module),
                )
            yield name, checked_pair(self.adapter, self.settings, module, sides)

    def matrix(self, name: str, entry: TensorEntry, values: NDArray[Any] | None) -> _Matrix:
        """A matrix of the new file; without new values it keeps its bytes if its type can be kept."""
        if values is None and entry.tensor_type not in _KEPT_TYPES:
            values = read_values(self.adapter, entry)
        if values is None:
            return _Matrix(PlannedTensor(name, entry.tensor_type, entry.shape), entry, None)
        floats = values.astype(np.float32)
        return _Matrix(PlannedTensor(name, TensorType.F32, floats.shape), None, floats)

    def content(self, matrix: _Matrix) -> bytes | memoryview:
        """The bytes of a matrix."""
        if matrix.entry is not None:
            return self.adapter.tensor_bytes(matrix.entry.name)
        assert matrix.values is not None, "a matrix has an entry or values"
        return np.ascontiguousarray(matrix.values).tobytes()


class _ToGguf(_Source):
    """PEFT to GGUF."""

    def write(self, out: Path) -> Conversion:
        pairs = list(self.pairs())
        # The alpha most pairs agree on leaves most of them as they are.
        alphas = Counter(
            np.float32(self.settings.scaling(pair.module, pair.rank) * pair.rank)
            for _, pair in pairs
        )
        alpha = float(max(alphas, key=lambda each: alphas[each]))
        matrices: list[_Matrix] = []
        num_scaled = 0
        for name, pair in pairs:
            factor = self._factor(pair, alpha)
            num_scaled += factor is not None
            matrices += self._parts(name, pair, factor)
        by_name = {matrix.plan.name: matrix for matrix in matrices}
        plans = [matrix.plan for matrix in matrices]
        size = write_gguf_file(
            out,
            self._key_values(alpha),
            plans,
            lambda plan: [self.content(by_name[plan.name])],
        )
        return Conversion(len(matrices) // 2, num_scaled, size)

    def _factor(self, pair: AdapterPair, alpha: float) -> float | None:
        """What B takes up so that alpha ÷ rank gives the pair's scaling; None if nothing."""
        scaling = self.settings.scaling(pair.module, pair.rank)
        if not alpha:  # llama.cpp reads an alpha of 0 as no scaling at all
            return scaling
        factor = scaling * pair.rank / alpha
        return None if abs(factor - 1) < _ROUNDING else factor

    def _parts(self, name: LinearName, pair: AdapterPair, factor: float | None) -> list[_Matrix]:
        """The matrices of a pair; a fused layer as its parts, which share A."""
        assert self.base is not None, "a PEFT adapter is converted with its base"
        kinds = FUSED_KINDS.get(name.kind, (name.kind,))
        matrices: list[_Matrix] = []
        first = 0
        for kind in kinds:
            part = LinearName(name.layer, kind)
            num_rows = self.base.layers[part][0]
            is_rotated = self.is_interleaved and kind in ROTATED_KINDS
            values: NDArray[Any] | None = None
            if factor is not None or len(kinds) > 1 or is_rotated:
                values = read_values(self.adapter, pair.b)[first : first + num_rows]
                values = values if factor is None else values * factor
            if values is not None and is_rotated:
                values = to_neighbouring_pairs(values, self._needed_head_dim())
            first += num_rows
            stem = f"{part.gguf_name}.weight.lora_"
            matrices.append(self.matrix(f"{stem}a", pair.a, None))
            matrices.append(self.matrix(f"{stem}b", pair.b, values))
        return matrices

    def _needed_head_dim(self) -> int:
        assert self.head_dim is not None, "a PEFT adapter is converted with its base"
        return self.head_dim

    def _key_values(self, alpha: float) -> list[bytes]:
        values = [
            text_value("general.architecture", self.architecture),
            text_value("general.type", "adapter"),
            text_value("adapter.type", "lora"),
            float32_value("adapter.lora.alpha", alpha),
            text_value("general.name", self.title),
            uint32_value("general.quantization_version", _QUANTIZATION_VERSION),
        ]
        if self.made_for:
            organization, _, name = self.made_for.rpartition("/")
            values.append(uint32_value("general.base_model.count", 1))
            values.append(text_value("general.base_model.0.name", name or self.made_for))
            if organization:
                values.append(text_value("general.base_model.0.organization", organization))
        return values


class _ToPeft(_Source):
    """GGUF to PEFT."""

    def write(self, out: Path) -> Conversion:
        pairs = list(self.pairs())
        matrices = [matrix for name, pair in pairs for matrix in self._matrices(name, pair)]
        config = json.dumps(self._config(pairs), indent=2) + "\n"
        size = sum(matrix.plan.num_bytes for matrix in matrices)
        by_name = {matrix.plan.name: matrix for matrix in matrices}
        with whole_folder(out, size) as folder:
            (folder / "adapter_config.json").write_text(config, encoding="utf-8")
            with (folder / "adapter_model.safetensors").open("wb") as file:
                plans = [matrix.plan for matrix in matrices]
                write_safetensors_file(file, plans, lambda plan: [self.content(by_name[plan.name])])
        return Conversion(len(pairs), 0, size)

    def _matrices(self, name: LinearName, pair: AdapterPair) -> list[_Matrix]:
        stem = f"base_model.model.{name.hub_name}.lora_"
        values: NDArray[Any] | None = None
        if self.is_interleaved and name.kind in ROTATED_KINDS:
            if self.head_dim is None:
                raise UsageError(
                    f"{self.title} changes q or k of a llama network, whose rows GGUF stores in "
                    "another order; the model it was made for is needed to undo that.",
                    advice="Give it with --base MODEL.",
                )
            values = to_split_halves(read_values(self.adapter, pair.b), self.head_dim)
        return [
            self.matrix(f"{stem}A.weight", pair.a, None),
            self.matrix(f"{stem}B.weight", pair.b, values),
        ]

    def _config(self, pairs: list[tuple[LinearName, AdapterPair]]) -> dict[str, object]:
        ranks = Counter(pair.rank for _, pair in pairs)
        rank = max(ranks, key=lambda each: ranks[each])
        alpha = self.settings.alpha
        others = _other_ranks(pairs, rank)
        return {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": self.made_for or None,
            "r": rank,
            # Without alpha GGUF does not scale: PEFT says so with an alpha like the rank.
            "lora_alpha": alpha or rank,
            "rank_pattern": others,
            "alpha_pattern": {} if alpha else dict(others),
            "target_modules": _target_modules([name for name, _ in pairs]),
            "lora_dropout": 0.0,
            "bias": "none",
            "fan_in_fan_out": False,
            "use_rslora": False,
            "use_dora": False,
            "modules_to_save": None,
            "inference_mode": True,
        }


def _other_ranks(pairs: list[tuple[LinearName, AdapterPair]], rank: int) -> dict[str, int]:
    """PEFT's rank_pattern: by kind where all layers agree, else by name."""
    by_kind: dict[str, set[int]] = {}
    for name, pair in pairs:
        by_kind.setdefault(name.kind, set()).add(pair.rank)
    return {
        name.kind if len(by_kind[name.kind]) == 1 else name.hub_name: pair.rank
        for name, pair in pairs
        if pair.rank != rank
    }


def _target_modules(names: list[LinearName]) -> list[str]:
    """PEFT's target_modules: kinds if every layer has them all, else every name."""
    kinds, layers = {name.kind for name in names}, {name.layer for name in names}
    if len(names) == len(kinds) * len(layers) and layers == set(range(len(layers))):
        return sorted(kind.rpartition(".")[2] for kind in kinds)
    return sorted(name.hub_name for name in names)


def _head_dim(base_file: ModelFile) -> int:
    """Width of a query or key head."""
    if base_file.container == "gguf":
        prefix = f"{base_file.metadata.get('general.architecture')}."
        reader = MetadataReader(base_file.path, base_file.metadata, prefix)
        keys = ("attention.key_length", "embedding_length", "attention.head_count")
    else:
        reader = MetadataReader(base_file.path, base_file.config)
        keys = ("head_dim", "hidden_size", "num_attention_heads")
    stated = reader.get_int(keys[0], 1, _MAX_WIDTH, default=0)
    if stated:
        return stated
    return reader.get_int(keys[1], 1, _MAX_WIDTH) // reader.get_int(keys[2], 1, _MAX_HEADS)


def _refuse_container(adapter: ModelFile, expected: str, wanted: str) -> None:
    if adapter.container != expected:
        raise UsageError(
            f"{quote(adapter.path.name)} is in the format {wanted} already.",
            advice="Choose the other format with --to.",
        )


def _refuse_saved_modules(adapter: ModelFile) -> None:
    names = sorted(saved_modules(adapter))
    if names:
        raise AdapterError(
            f"{quote(adapter.path.name)} replaces {' and '.join(names)} whole, which a GGUF adapter "
            "cannot say.",
            advice="Use it as it is, or merge it into its model with `realm-desktop adapter merge`.",
            file=adapter.path,
            field="modules_to_save",
        )
