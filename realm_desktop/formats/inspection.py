"""What a file is and what it would need, from its header alone and without torch.

Serves `realm-desktop inspect`, the library and the first look at a chosen file. Text answered here
comes from the file: show it as plain text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.hyper_parameters import (
    MAX_CONTEXT_LENGTH,
    HyperParameters,
    read_hyper_parameters,
)
from realm_desktop.formats.json_file import parse_json_object
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow

Kind = Literal["model", "adapter", "tokenizer"]

_WIDE_TYPES: Final = frozenset({TensorType.F32, TensorType.F64})
# The CPU kernels compute with these as they are; their own layout is at most 3 % larger.
PACKED_TYPES: Final = frozenset(
    {TensorType.Q4_0, TensorType.Q8_0, TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K}
)
_LORA_ENDINGS: Final = (".lora_a", ".lora_b", ".lora_A.weight", ".lora_B.weight")
# Rows of one step and rows that ask for logits, at most, as the engine runs by default.
_STEP_ROWS: Final = 256
_LOGIT_ROWS: Final = 32
_LOGIT_BYTES: Final = 4


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
    architecture = _architecture(model_file)
    hyper_parameters = read_hyper_parameters(model_file, architecture)
    entries = model_file.tensors.values()
    metadata = MetadataReader(model_file.path, model_file.metadata)
    return Inspection(
        kind=_kind(model_file),
        architecture=architecture,
        name=metadata.get_str("general.name", default="") or model_file.path.stem,
        parameters=sum(entry.num_values for entry in entries),
        tensor_types=dict(Counter(str(entry.tensor_type) for entry in entries)),
        size_bytes=model_file.size_bytes,
        context_length=hyper_parameters.context_length,
        chat_template=_chat_template(model_file),
        licence=metadata.get_str("general.license", default="") or None,
        memory=_memory(model_file, hyper_parameters),
    )


def _architecture(model_file: ModelFile) -> str:
    if model_file.container == "gguf":
        return MetadataReader(model_file.path, model_file.metadata).get_str(
            "general.architecture", max_characters=256
        )
    return MetadataReader(model_file.path, model_file.config).get_str("model_type", default="")


def _kind(model_file: ModelFile) -> Kind:
    declared = model_file.metadata.get("general.type", model_file.config.get("peft_type"))
    names = model_file.tensors
    if declared in ("adapter", "LORA") or (names and all(n.endswith(_LORA_ENDINGS) for n in names)):
        return "adapter"
    return "model" if names else "tokenizer"


def _chat_template(model_file: ModelFile) -> str | None:
    if model_file.container == "gguf":
        reader = MetadataReader(model_file.path, model_file.metadata)
        return reader.get_str("tokenizer.chat_template", default="") or None
    source = model_file.text_file("chat_template.jinja")
    if source is not None:
        return source.decode("utf-8", "replace")
    config = model_file.text_file("tokenizer_config.json")
    if config is None:
        return None
    folder = model_file.path if model_file.path.is_dir() else model_file.path.parent
    path = folder / "tokenizer_config.json"
    return _template_of(path, parse_json_object(path, config, first_byte=0).get("chat_template"))


def _template_of(path: Path, value: JSONValue) -> str | None:
    """The template itself, or the one named "default" of a list of named ones."""
    if value is None or isinstance(value, str):
        return value
    for item in value if isinstance(value, list) else []:
        template = item.get("template") if isinstance(item, dict) else None
        if isinstance(item, dict) and item.get("name") == "default" and isinstance(template, str):
            return template
    allowed = 'a text, or a list with a template named "default"'
    raise corrupt(path, "chat_template", None, found=type(value).__name__, allowed=allowed)


def _memory(model_file: ModelFile, sizes: HyperParameters) -> MemoryEstimate:
    """The engine computes in float32 if all matrices are stored so, else in bfloat16."""
    matrices = [entry for entry in model_file.tensors.values() if len(entry.shape) > 1]
    is_wide = bool(matrices) and all(entry.tensor_type in _WIDE_TYPES for entry in matrices)
    value_bytes = 4 if is_wide else 2
    kv_bytes = sizes.kv_values_per_token and sizes.kv_values_per_token * value_bytes
    working_bytes = None
    if sizes.row_values is not None and sizes.vocabulary_size is not None:
        logits_bytes = _LOGIT_ROWS * sizes.vocabulary_size * _LOGIT_BYTES
        working_bytes = _STEP_ROWS * sizes.row_values * value_bytes + logits_bytes
    return MemoryEstimate(
        sum(_held_bytes(entry, value_bytes) for entry in model_file.tensors.values()),
        kv_bytes,
        working_bytes,
        sizes.window_kv_values_per_token * value_bytes,
        _window_tokens(sizes.window),
    )


def _window_tokens(window: int) -> int:
    """Positions in the blocks that a window and the rows of a step can lie in; 0 without one."""
    if not window:
        return 0
    return SlidingWindow(window, _STEP_ROWS).num_blocks(MAX_CONTEXT_LENGTH) * BLOCK_SIZE


def _held_bytes(entry: TensorEntry, value_bytes: int) -> int:
    """Memory for a tensor on a processor with kernels: without them it is dequantized."""
    is_packed = len(entry.shape) == 2 and entry.tensor_type in PACKED_TYPES
    return entry.num_bytes if is_packed else entry.num_values * value_bytes
