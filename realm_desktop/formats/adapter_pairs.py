"""The pairs of matrices in an adapter file, from its header alone and without torch.

Checks what can be checked without a base model: names, halves, ranks and types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from realm_desktop.errors import AdapterError, AdapterMismatch
from realm_desktop.formats.adapter_settings import (
    MAX_RANK,
    AdapterSettings,
    saved_modules,
)
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType

_PEFT_NAME = re.compile(
    r"(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<side>[AB])(?:\.default)?\.weight"
)
_SAVED_NAME = re.compile(
    r"(?:base_model\.model\.)?(?:model\.)?(?P<module>embed_tokens|lm_head)"
    r"(?:\.modules_to_save\.default)?\.weight"
)
_GGUF_NAME = re.compile(r"(?P<module>.+)\.weight\.lora_(?P<side>[ab])")
_INTEGERS: Final = frozenset(
    kind
    for kind in TensorType
    if kind.value[:2] in ("I8", "I1", "I3", "I6", "U8", "U1", "U3", "U6")
) | {TensorType.BOOL}

Sides = Mapping[str, TensorEntry]
"""The matrices of one module by "a" and "b"."""


class AdapterPair(NamedTuple):
    """A pair as it lies in the file: A [rank, in] and B [out, rank] of one module."""

    module: str
    a: TensorEntry
    b: TensorEntry

    @property
    def rank(self) -> int:
        """Rows of A."""
        return self.a.shape[0]

    @property
    def in_features(self) -> int:
        """Width of the layer's input."""
        return self.a.shape[1]

    @property
    def out_features(self) -> int:
        """Width of the layer's output."""
        return self.b.shape[0]


def read_sides(model_file: ModelFile, *, skips_others: bool = False) -> dict[str, Sides]:
    """The matrices of each module, in the order of the file; halves are not refused yet.

    Args:
        model_file: An open adapter.
        skips_others: Whether tensors that belong to no pair are left out instead of refused.

    Raises:
        AdapterError: A tensor belongs to no pair, or is the second of its kind.
    """
    pattern = _GGUF_NAME if model_file.container == "gguf" else _PEFT_NAME
    kinds: frozenset[str] = frozenset() if skips_others else saved_modules(model_file)
    modules: dict[str, dict[str, TensorEntry]] = {}
    for name, entry in model_file.tensors.items():
        match = pattern.fullmatch(name)
        if _saved_module(name) in kinds:
            continue
        if match is not None:
            sides, side = modules.setdefault(match["module"], {}), match["side"].lower()
            if side in sides:
                refuse(model_file, name, "is a second matrix for the same place; one is expected")
            sides[side] = entry
        elif not skips_others:
            fault = "is no matrix A or B of a linear layer, nor one that modules_to_save names"
            refuse(model_file, name, fault)
    return dict(modules)


def read_saved(model_file: ModelFile) -> dict[str, TensorEntry]:
    """The matrices of modules that the adapter replaces whole, by name in `SAVED_MODULES`.

    Raises:
        AdapterError: Another module is replaced, a matrix is missing or holds integers.
        AdapterMismatch: It is no matrix.
    """
    entries = model_file.tensors.items()
    return {
        kind: _saved_matrix(
            model_file, kind, [e for name, e in entries if _saved_module(name) == kind]
        )
        for kind in sorted(saved_modules(model_file))
    }


def checked_pair(
    model_file: ModelFile, settings: AdapterSettings, module: str, sides: Sides
) -> AdapterPair:
    """The pair of a module.

    Raises:
        AdapterMismatch: Its shapes or its rank contradict each other or the settings.
        AdapterError: Half of it is missing, or it holds integers.
    """
    if len(sides) < 2:
        present, absent = ("A", "B") if "a" in sides else ("B", "A")
        refuse(model_file, module, f"has a matrix {present} and no matrix {absent}")
    a, b = sides["a"], sides["b"]
    rank = a.shape[0] if len(a.shape) == 2 else 0
    if not 1 <= rank <= MAX_RANK:
        expected = f"[rank, in] with a rank of 1 to {MAX_RANK}"
        mismatch(model_file, a.name, f"has shape {list(a.shape)}", expected)
    if len(b.shape) != 2 or b.shape[1] != rank:
        expected = f"{[*b.shape[:1], rank]}" if len(b.shape) == 2 else f"[out, {rank}]"
        mismatch(model_file, b.name, f"has shape {list(b.shape)}", expected)
    for entry in (a, b):
        _refuse_integers(model_file, entry)
    settings.check_rank(module, rank)
    return AdapterPair(module, a, b)


def mismatch(model_file: ModelFile, target: str, found: str, expected: str) -> NoReturn:
    """Refuse an adapter that was made for another network.

    Raises:
        AdapterMismatch: Always.
    """
    raise AdapterMismatch(
        f"{quote(model_file.path.name)}: {quote(target)} {found}; {expected} is expected.",
        advice="Choose an adapter that was made for the loaded model, or load its base model.",
        file=model_file.path,
        field=quote(target),
    )


def refuse(model_file: ModelFile, target: str, fault: str) -> NoReturn:
    """Refuse an adapter that no network could use.

    Raises:
        AdapterError: Always.
    """
    raise AdapterError(
        f"{quote(model_file.path.name)}: {quote(target)} {fault}.",
        advice="Choose another adapter, or export this one again.",
        file=model_file.path,
        field=quote(target),
    )


def _saved_module(name: str) -> str:
    """The module that a tensor replaces if it replaces one; else empty."""
    match = _SAVED_NAME.fullmatch(name)
    return match["module"] if match else ""


def _saved_matrix(model_file: ModelFile, kind: str, found: list[TensorEntry]) -> TensorEntry:
    if len(found) != 1:
        fault = f"is named by modules_to_save and has {len(found)} matrices; one is expected"
        refuse(model_file, kind, fault)
    (entry,) = found
    if len(entry.shape) != 2:
        mismatch(model_file, entry.name, f"has shape {list(entry.shape)}", "[vocabulary, hidden]")
    _refuse_integers(model_file, entry)
    return entry


def _refuse_integers(model_file: ModelFile, entry: TensorEntry) -> None:
    if entry.tensor_type in _INTEGERS:
        fault = f"holds integers ({entry.tensor_type}), not fractions"
        refuse(model_file, entry.name, fault)
