"""The model that adapters are merged into, as the GGUF file to be written sees it.

Two containers, one view: tensors by their GGUF names, each with the tensor of the file it comes
from, and metadata as ready key-values. GGUF keeps what it has; a safetensors model gets the
metadata that llama.cpp's converter would give it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.architecture.faults import require_llama_like
from realm_desktop.engine.architecture.gguf_keys import architecture_values
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import ARCHITECTURES, model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.rotary import inverse_frequencies
from realm_desktop.engine.text.gguf_tokenizer import tokenizer_values
from realm_desktop.engine.weights.loader import check_tensor
from realm_desktop.engine.weights.names import (
    ROPE_FACTORS_NAME,
    bias_name,
    needed_tensors,
    weight_name,
)
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.gguf_header import read_key_values
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.tensor_entry import TensorEntry

# Of the old file alone: its parts, its alignment, and what is written anew.
_DROPPED_KEYS: Final = frozenset(
    {"split.no", "split.count", "split.tensors.count", "general.alignment"}
    | {"general.name", "general.file_type", "general.quantization_version"}
)


@dataclass(frozen=True, slots=True)
class MergeBase:
    """One base model.

    Attributes:
        file: Open; the bytes of its tensors.
        spec: The network.
        entries: Tensors to write, by GGUF name, and the file's tensor each is made from.
        key_values: All but name, file type and quantization version.
        is_interleaved: Whether q and k are to be written with their rows in neighbouring RoPE
            pairs.
        reorders: Whether the file has those rows in split halves although they are to be
            interleaved.
        extra: Tensors that the file does not have, by GGUF name; float32.
    """

    file: ModelFile
    spec: ModelSpec
    entries: Mapping[str, TensorEntry]
    key_values: Sequence[bytes]
    is_interleaved: bool
    reorders: bool
    extra: Mapping[str, Tensor] = field(default_factory=dict)


def merge_base(model_file: ModelFile) -> MergeBase:
    """The view of an open model.

    Raises:
        UnsupportedArchitecture: It is none of our networks, or GGUF has no word for it.
        ModelFileError: Its tokenizer has no form in GGUF.
        CorruptFile: A tensor is missing or has another shape.
        UnsupportedTensorType: A tensor cannot be dequantized.
    """
    spec = model_spec(model_file)
    require_llama_like(spec, model_file.path, "merging adapters")
    for need in needed_tensors(spec, model_file.container):
        check_tensor(model_file, need)
    if model_file.container == "gguf":
        return MergeBase(
            model_file,
            spec,
            model_file.tensors,
            _kept_values(_first_part(model_file)),
            spec.is_rope_interleaved,
            reorders=False,
        )
    is_interleaved = "gguf" in ARCHITECTURES[spec.architecture].interleaved_in
    tokenizer = tokenizer_values(model_file, spec.vocabulary_size)
    return MergeBase(
        model_file,
        spec,
        {own: model_file.tensors[theirs] for own, theirs in _names(spec)},
        [*architecture_values(spec, model_file.path), *tokenizer],
        is_interleaved,
        reorders=is_interleaved,
        extra=_rope_factors(spec),
    )


def rotated_names(spec: ModelSpec) -> frozenset[str]:
    """GGUF names of the weights and biases whose rows RoPE turns in pairs."""
    layers, parts = range(spec.num_layers), (Part.QUERY, Part.KEY)
    weights = {weight_name("gguf", part, layer) for layer in layers for part in parts}
    return frozenset(
        weights | {bias_name("gguf", part, layer) for layer in layers for part in parts}
    )


def _names(spec: ModelSpec) -> Iterator[tuple[str, str]]:
    """GGUF and Hugging Face names of the network's tensors, in the same order."""
    own, theirs = needed_tensors(spec, "gguf"), needed_tensors(spec, "safetensors")
    for ours, hub in zip(own, theirs, strict=True):
        yield ours.name, hub.name


def _rope_factors(spec: ModelSpec) -> dict[str, Tensor]:
    """llama3's stretching as divisors of the frequencies, which is how GGUF says it."""
    if spec.rope.scaling != "llama3":
        return {}
    exponents = torch.arange(0, spec.head_dim, 2, dtype=torch.int64).float() / spec.head_dim
    plain = 1.0 / (spec.rope.base**exponents)
    return {ROPE_FACTORS_NAME: plain / inverse_frequencies(spec.rope, spec.head_dim)}


def _kept_values(path: Path) -> list[bytes]:
    """Key-values of a GGUF file that go over byte for byte."""
    with open_checked(path) as (file, size):
        kept = read_key_values(ByteReader(file, path, size))
    return [value for key, value in kept.items() if key not in _DROPPED_KEYS]


def _first_part(base_file: ModelFile) -> Path:
    """The file that holds the metadata: the first of a set of parts."""
    count = base_file.metadata.get("split.count", 1)
    if not isinstance(count, int) or count < 2:
        return base_file.path
    # Five digits for either number, so the names of all parts are equally long.
    stem = base_file.path.name[: -len("-00001-of-00001.gguf")]
    return base_file.path.with_name(f"{stem}-00001-of-{count:05}.gguf")
