"""What an adapter file is, from its header alone and without torch.

Serves `realm-desktop adapter inspect`, the adapter panel and the engine. Text answered here comes
from the file: show it as plain text. Costs one read of the header: milliseconds for a real
adapter, seconds for a hostile one, so a window asks for it outside of its own thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from realm_desktop.errors import AdapterError
from realm_desktop.formats.adapter_pairs import checked_pair, read_saved, read_sides, refuse
from realm_desktop.formats.adapter_settings import (
    PeftSettings,
    adapter_settings,
    refuse_features,
)
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.linear_names import Container, LinearName, linear_name
from realm_desktop.formats.model_file import ModelFile, open_model

MAX_MODULES: Final = 16_384
"""Linear layers one adapter may change: 1,024 layers of 16."""

_MAX_NAME_CHARACTERS = 512


@dataclass(frozen=True, slots=True)
class AdapterModule:
    """One linear layer that an adapter changes; `name` is the file's own."""

    name: str
    rank: int
    in_features: int
    out_features: int


@dataclass(frozen=True, slots=True)
class SavedModule:
    """A module that an adapter replaces whole, one of `SAVED_MODULES`, and the shape it brings."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AdapterInspection:
    """One adapter.

    Attributes:
        path: As given.
        container: Of the file.
        name: Title in the file, or the name of the file or folder.
        architecture: Of the network it was made for; GGUF alone says it.
        ranks: All different ranks, ascending.
        alpha: Where no pattern names a module.
        is_rank_stabilized: rsLoRA.
        modules: In the order of the file.
        base_model_name: What it was made for, in its own words; empty if it does not say.
        parameters: Values of all tensors.
        tensor_types: Number of tensors of each type.
        size_bytes: Bytes on disk.
        refusal: Why it can be attached to no model at all; empty if it can.
        saved: Modules that it replaces whole.
        advice: What to do about a refusal.
    """

    path: str
    container: Container
    name: str
    architecture: str
    ranks: tuple[int, ...]
    alpha: float
    is_rank_stabilized: bool
    modules: tuple[AdapterModule, ...]
    base_model_name: str
    parameters: int
    tensor_types: dict[str, int]
    size_bytes: int
    refusal: str = ""
    advice: str = ""
    saved: tuple[SavedModule, ...] = ()

    @property
    def rank(self) -> int:
        """The largest rank; 0 without pairs."""
        return max(self.ranks, default=0)

    @property
    def rank_text(self) -> str:
        """The rank, or the smallest and the largest."""
        return ranks_in_words(self.ranks)

    @property
    def targets(self) -> tuple[str, ...]:
        """The kinds of layers it changes, by the last part of their names."""
        return tuple(dict.fromkeys(module.name.rpartition(".")[2] for module in self.modules))

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON: targets by kind in place of every module."""
        values = {key: value for key, value in asdict(self).items() if key != "modules"}
        targets = {"targets": list(self.targets), "num_modules": len(self.modules)}
        return {"kind": "adapter", **values, "ranks": list(self.ranks), **targets}


def inspect_adapter(path: Path) -> AdapterInspection:
    """What the adapter at `path` is.

    Raises:
        ModelFileError: It cannot be opened, see `open_model`; CorruptFile for a value out of range.
        AdapterError: It is no LoRA adapter, or its matrices contradict each other.
    """
    model_file = open_model(path)
    try:
        return inspect_open_adapter(model_file)
    finally:
        model_file.close()


def inspect_open_adapter(model_file: ModelFile) -> AdapterInspection:
    """What an open adapter is; raises as `inspect_adapter` does."""
    settings = adapter_settings(model_file)
    if len(model_file.tensors) > 2 * MAX_MODULES:
        fault = f"is {len(model_file.tensors)}; at most {2 * MAX_MODULES} are expected"
        refuse(model_file, "number of tensors", fault)
    refusal = _refusal(model_file)
    sides = read_sides(model_file, skips_others=refusal is not None)
    saved = {} if refusal is not None else read_saved(model_file)
    pairs = [checked_pair(model_file, settings, name, own) for name, own in sides.items()]
    if not pairs and refusal is None:
        refuse(model_file, "number of tensors", "is 0; at least 2 are expected")
    entries = model_file.tensors.values()
    return AdapterInspection(
        path=str(model_file.path),
        container=model_file.container,
        name=adapter_title(model_file),
        architecture=_text(model_file.metadata, "general.architecture"),
        ranks=tuple(sorted({pair.rank for pair in pairs})),
        alpha=settings.alpha,
        is_rank_stabilized=isinstance(settings, PeftSettings) and settings.is_rank_stabilized,
        modules=tuple(
            AdapterModule(pair.module, pair.rank, pair.in_features, pair.out_features)
            for pair in pairs
        ),
        base_model_name=base_model_name(model_file),
        parameters=sum(entry.num_values for entry in entries),
        tensor_types=dict(Counter(str(entry.tensor_type) for entry in entries)),
        size_bytes=model_file.size_bytes,
        refusal="" if refusal is None else refusal.message,
        advice="" if refusal is None else refusal.advice,
        saved=tuple(SavedModule(name, entry.shape) for name, entry in saved.items()),
    )


def adapter_title(model_file: ModelFile) -> str:
    """The title in the file, or the name of the file or folder; printable."""
    title = _text(model_file.metadata, "general.name")
    return quote(title) if title else quote(_file_title(model_file.path))


def base_model_name(model_file: ModelFile) -> str:
    """What an adapter says it was made for; empty if it does not, printable."""
    if model_file.container == "safetensors":
        name = _text(model_file.config, "base_model_name_or_path")
    else:
        prefix = "general.base_model.0."
        name = _text(model_file.metadata, f"{prefix}name")
        organization = _text(model_file.metadata, f"{prefix}organization")
        name = f"{organization}/{name}" if name and organization else name
    return quote(name, _MAX_NAME_CHARACTERS)


def module_name(adapter: AdapterInspection, module: AdapterModule) -> LinearName | None:
    """Which linear layer a module is; None for one that no network of ours has."""
    return linear_name(adapter.container, module.name)


def ranks_in_words(ranks: tuple[int, ...]) -> str:
    """One rank, or the smallest and the largest."""
    return f"{ranks[0]} to {ranks[-1]}" if len(ranks) > 1 else "".join(map(str, ranks))


def _refusal(model_file: ModelFile) -> AdapterError | None:
    """Why the engine would refuse the kind of adapter, if it would."""
    try:
        refuse_features(model_file)
    except AdapterError as error:
        return error
    return None


def _file_title(path: Path) -> str:
    """A folder's name has no ending to cut off: "Llama-3.1" is one word."""
    if path.name == "adapter_model.safetensors":
        return path.absolute().parent.name
    return path.absolute().name if path.is_dir() else path.stem


def _text(values: Mapping[str, object], key: str) -> str:
    """A text of the file, or empty: titles are worth no refusal."""
    value = values.get(key)
    return value if isinstance(value, str) else ""
