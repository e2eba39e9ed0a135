"""Writes safetensors files and folders by hand, so that tests can write broken ones too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

_DTYPE_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}

Source = npt.NDArray[np.generic] | tuple[bytes, str, tuple[int, ...]]


def encode_safetensors(
    tensors: Mapping[str, Source], metadata: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a valid file.

    Args:
        tensors: Arrays, or bytes with the dtype name of safetensors and the shape.
        metadata: The strings under `__metadata__`.
    """
    header: dict[str, object] = {} if metadata is None else {"__metadata__": dict(metadata)}
    body = bytearray()
    for name, source in tensors.items():
        data, dtype, shape = _as_bytes(source)
        offsets = [len(body), len(body) + len(data)]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": offsets}
        body += data
    return frame(json.dumps(header), bytes(body))


def frame(header: str | bytes, body: bytes = b"") -> bytes:
    """Any header text, valid or not, with its length in front and `body` behind."""
    encoded = header.encode() if isinstance(header, str) else header
    encoded += b" " * (-len(encoded) % 8)
    return len(encoded).to_bytes(8, "little") + encoded + body


def write_safetensors(
    path: Path, tensors: Mapping[str, Source], metadata: Mapping[str, str] | None = None
) -> Path:
    """Writes a valid safetensors file and answers its path."""
    path.write_bytes(encode_safetensors(tensors, metadata))
    return path


def write_checkpoint(
    folder: Path,
    config: Mapping[str, object],
    shards: list[Mapping[str, Source]],
    text_files: Mapping[str, str] | None = None,
) -> Path:
    """Writes a Hugging Face model folder: config.json, one or several shards, companions.

    Args:
        folder: Created if needed.
        config: Written to config.json as it is.
        shards: Tensors of each file; more than one adds the index.
        text_files: Further files by name, for example tokenizer.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for name, text in (text_files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    if len(shards) == 1:
        write_safetensors(folder / "model.safetensors", shards[0])
        return folder
    weight_map: dict[str, str] = {}
    for number, tensors in enumerate(shards, start=1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        write_safetensors(folder / name, tensors)
        weight_map.update(dict.fromkeys(tensors, name))
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def _as_bytes(source: Source) -> tuple[bytes, str, tuple[int, ...]]:
    if isinstance(source, tuple):
        return source
    return np.ascontiguousarray(source).tobytes(), _DTYPE_NAMES[source.dtype.name], source.shape
