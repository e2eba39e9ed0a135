"""What a file is and what it would need, from its header alone and without torch.

Serves `realm-desktop inspect`, the library and the first look at a chosen file. Text answered here
comes from the file: show it as plain text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from realm_desktop.formats.chat_templates import default_template, read_templates
from realm_desktop.formats.licence import read_licence
from realm_desktop.formats.load_sizes import (
    PICTURE_PARTS,
    LoadSizes,
    architecture_of,
    load_sizes,
    stored_type,
)
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile, open_model

Kind = Literal["model", "adapter", "tokenizer"]

_USUAL_BYTES: Final = 2
_LORA_ENDINGS: Final = (".lora_a", ".lora_b", ".lora_A.weight", ".lora_B.weight")


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes the engine would take; a part is None if the file does not tell enough.

    Args:
        weights_bytes: All tensors as the engine holds them on the CPU.
        kv_bytes_per_token: KV cache of one position over all layers.
        working_bytes: Intermediate results and logits of the largest step.
        window_kv_bytes_per_token: The part of it in layers with a sliding window.
        window_tokens: Positions that those layers keep at most.
    """

    weights_bytes: int
    kv_bytes_per_token: int | None
    working_bytes: int | None
    window_kv_bytes_per_token: int = 0
    window_tokens: int = 0

    def kv_bytes(self, num_tokens: int) -> int:
        """KV cache of one sequence of this length; 0 if the file does not tell enough."""
        num_hidden = max(num_tokens - self.window_tokens, 0)
        all_bytes = (self.kv_bytes_per_token or 0) * num_tokens
        return all_bytes - self.window_kv_bytes_per_token * num_hidden


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file, folder or set of parts.

    Args:
        kind: What it can be used for.
        architecture: Name of the network's family; empty if the file does not say.
        name: Title in the file, or the name of the file.
        parameters: Values of all tensors.
        tensor_types: Number of tensors of each type.
        size_bytes: Bytes on disk of all weight files.
        context_length: Longest sequence in tokens.
        chat_template: Its Jinja source.
        licence: As the file states it.
        memory: What the engine would take.
        is_text_part: The network also sees pictures or hears, which the engine leaves in the file.
    """

    kind: Kind
    architecture: str
    name: str
    parameters: int
    tensor_types: dict[str, int]
    size_bytes: int
    context_length: int | None
    chat_template: str | None
    licence: str | None
    memory: MemoryEstimate
    is_text_part: bool = False

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def inspect(path: Path) -> Inspection:
    """What the file or folder at `path` is.

    Raises:
        ModelFileError: It cannot be opened, see `open_model`.
        CorruptFile: A value of the header has another type or is out of range.
    """
    model_file = open_model(path)
    try:
        return _inspect(model_file)
    finally:
        model_file.close()


def _inspect(model_file: ModelFile) -> Inspection:
    architecture = architecture_of(model_file)
    sizes = load_sizes(model_file)
    entries = model_file.tensors.values()
    metadata = MetadataReader(model_file.path, model_file.metadata)
    return Inspection(
        kind=_kind(model_file),
        architecture=architecture,
        name=metadata.get_str("general.name", default="") or model_file.path.stem,
        parameters=sizes.packed_values + sizes.plain_values,
        tensor_types=dict(Counter(str(stored_type(entry)) for entry in entries)),
        size_bytes=model_file.size_bytes,
        context_length=sizes.network.context_length,
        chat_template=default_template(read_templates(model_file)),
        licence=read_licence(model_file),
        memory=_memory(sizes),
        is_text_part=any(name.startswith(PICTURE_PARTS) for name in model_file.tensors),
    )


def _kind(model_file: ModelFile) -> Kind:
    declared = model_file.metadata.get("general.type", model_file.config.get("peft_type"))
    names = model_file.tensors
    if declared in ("adapter", "LORA") or (names and all(n.endswith(_LORA_ENDINGS) for n in names)):
        return "adapter"
    return "model" if names else "tokenizer"


def _memory(sizes: LoadSizes) -> MemoryEstimate:
    """The engine computes in float32 if all matrices are stored so, else in bfloat16."""
    value_bytes = sizes.value_bytes(_USUAL_BYTES)
    kv_values = sizes.network.kv_values_per_token
    return MemoryEstimate(
        sizes.weights_bytes(value_bytes, has_kernels=True),
        kv_values and kv_values * value_bytes,
        sizes.working_bytes(value_bytes),
        sizes.network.window_kv_values_per_token * value_bytes,
        sizes.window_tokens,
    )
