"""Opens safetensors models: one file, or a Hugging Face folder with shards and companions.

Nothing outside the folder is opened: names of shards come from the index and must be plain file
names, names of companions are fixed here. Config values pass an allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.config_keys import allowed_adapter_config, allowed_config
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.foreign_content import HEAD_BYTES, foreign_content
from realm_desktop.formats.gguf_values import MetadataValue
from realm_desktop.formats.json_file import read_json_object, read_text_file
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.mapped_tensors import MappedPart, MappedTensors
from realm_desktop.formats.safetensors import MAX_TENSORS, SafetensorsHeader, parse_header
from realm_desktop.formats.strict_json import JSONValue

MAX_SHARDS: Final = 1_000
CONFIG: Final = "config.json"
ADAPTER_CONFIG: Final = "adapter_config.json"
TEXT_FILES: Final = frozenset(
    {
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "generation_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "chat_template.jinja",
        "chat_template.json",
        "additional_chat_templates/tool_use.jinja",
        "README.md",
    }
)

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_ADAPTER_WEIGHTS = "adapter_model.safetensors"
_SHARD_NAME = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\.safetensors", re.DOTALL)
# A plain name under the rules of POSIX and of Windows.
_PLAIN_NAME = re.compile(r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]{0,254}")
_PICKLE_PATTERNS = ("*.bin", "*.pt", "*.pth", "*.ckpt")


class Shard(NamedTuple):
    """One safetensors file of a model."""

    mapped_file: MappedFile
    header: SafetensorsHeader


class Checkpoint(MappedTensors):
    """A safetensors model, tokenizer or adapter: a `ModelFile`.

    Args:
        path: The file or folder the user chose.
        folder: Where companions lie.
        shards: All weight files; none for a tokenizer.
        config: Allowed keys of config.json or adapter_config.json.
    """

    container: Literal["gguf", "safetensors"] = "safetensors"

    def __init__(
        self, path: Path, folder: Path, shards: list[Shard], config: dict[str, JSONValue]
    ) -> None:
        super().__init__(MappedPart(file, header.tensors) for file, header in shards)
        self.path = path
        self.metadata: Mapping[str, MetadataValue] = MappingProxyType({})
        self.config: Mapping[str, JSONValue] = MappingProxyType(config)
        self._folder = folder

    def text_file(self, name: str) -> bytes | None:
        """A companion in the folder, or None if there is none.

        Raises:
            ValueError: Not one of `TEXT_FILES`.
            CorruptFile: It is too large, or a Git LFS pointer.
            ModelFileError: It cannot be read.
        """
        if name not in TEXT_FILES:
            raise ValueError(f"{name!r} is not a companion file of a model")
        path = self._folder / name
        return read_text_file(path) if path.exists() else None


def open_safetensors(path: Path) -> Checkpoint:
    """The model or adapter whose weights, or one shard of them, are the file at `path`.

    Raises:
        CorruptFile: A file contradicts its format, or a shard is missing.
        ModelFileError: A file cannot be read.
        UnsupportedTensorType: A tensor has an unknown type.
    """
    folder = path.parent
    shard_name = _SHARD_NAME.fullmatch(path.name)
    if shard_name is not None and int(shard_name["count"]) > 1:
        index = folder / f"{shard_name['stem']}.safetensors.index.json"
        if not index.is_file():
            raise CorruptFile(
                f"{quote(path.name)} is one of {int(shard_name['count'])} shards, "
                f"and their index {quote(index.name)} is missing.",
                advice="Download the whole model folder and choose the folder.",
                file=path,
                field="index",
            )
        return Checkpoint(path, folder, _open_shards(index), _config_of(folder, CONFIG))
    is_adapter = (folder / ADAPTER_CONFIG).is_file() and not (folder / CONFIG).is_file()
    is_adapter = is_adapter or path.name == _ADAPTER_WEIGHTS
    config = _config_of(folder, ADAPTER_CONFIG if is_adapter else CONFIG)
    return Checkpoint(path, folder, [_open_shard(path)], config)


def open_folder(path: Path) -> Checkpoint:
    """The model, tokenizer or adapter in a Hugging Face folder.

    Raises:
        CorruptFile: A file contradicts its format, or a shard is missing.
        ModelFileError: No config, no weights, or a file cannot be read.
        UnsupportedTensorType: A tensor has an unknown type.
    """
    if (path / ADAPTER_CONFIG).is_file() and not (path / CONFIG).is_file():
        shards = [_open_shard(path / _ADAPTER_WEIGHTS)]
        return Checkpoint(path, path, shards, _config_of(path, ADAPTER_CONFIG))
    if not (path / CONFIG).is_file():
        raise _no_config(path)
    config = _config_of(path, CONFIG)
    if (path / _INDEX).is_file():
        return Checkpoint(path, path, _open_shards(path / _INDEX), config)
    return Checkpoint(path, path, _open_only_file(path), config)


def _no_config(folder: Path) -> ModelFileError:
    inside = min((path.name for path in folder.glob("*.gguf")), default=None)
    if inside is not None:
        advice = f"Choose the file {quote(inside)} in it."
    else:
        advice = "Choose a GGUF file, or the folder with the weights and config.json, or adapter_config.json."
    name = quote(folder.name or str(folder))
    return ModelFileError(
        f"{name} is a folder without {CONFIG}, not a model file.",
        advice=advice,
        file=folder,
        field=CONFIG,
    )


def _config_of(folder: Path, name: str) -> dict[str, JSONValue]:
    path = folder / name
    if not path.is_file():
        return {}
    config = read_json_object(path)
    return allowed_config(config) if name == CONFIG else allowed_adapter_config(config)


def _open_only_file(folder: Path) -> list[Shard]:
    """The one weight file of a folder without index; none if the folder holds a tokenizer."""
    candidates = sorted(folder.glob("*.safetensors"))
    if folder / _WEIGHTS in candidates:
        return [_open_shard(folder / _WEIGHTS)]
    if len(candidates) == 1 and _SHARD_NAME.fullmatch(candidates[0].name) is None:
        return [_open_shard(candidates[0])]
    if candidates:
        raise ModelFileError(
            f"The folder {quote(folder.name)} has {len(candidates)} .safetensors files "
            f"and no {_INDEX}.",
            advice="Download the index too, or choose one of the files.",
            file=folder,
            field=_INDEX,
        )
    pickles = sorted(path for pattern in _PICKLE_PATTERNS for path in folder.glob(pattern))
    if pickles:
        raise ModelFileError(
            f"The folder {quote(folder.name)} has its weights only as pickle files "
            f"({quote(pickles[0].name)}).",
            advice="Choose the same model as .safetensors or .gguf: a pickle file can run any "
            "program while it is opened, so it is never opened.",
            file=folder,
            field="weights",
        )
    if not (folder / "tokenizer.json").is_file():
        raise ModelFileError(
            f"The folder {quote(folder.name)} has a {CONFIG}, but no .safetensors file.",
            advice="Download the weights into the same folder.",
            file=folder,
            field="weights",
        )
    return []


def _open_shard(path: Path) -> Shard:
    with open_checked(path) as (file, size):
        # Before the header: what a page or a Git LFS pointer says as one would mislead.
        error = foreign_content(path, file.read(HEAD_BYTES))
        if error is not None:
            raise error
        file.seek(0)
        header = parse_header(ByteReader(file, path, size))
        return Shard(MappedFile(file, path, size), header)


def _open_shards(index: Path) -> list[Shard]:
    """All shards that an index names, checked against it."""
    weight_map = read_json_object(index).get("weight_map")
    if not isinstance(weight_map, dict) or not 1 <= len(weight_map) <= MAX_TENSORS:
        allowed = f"an object with 1 to {MAX_TENSORS} tensors"
        raise corrupt(index, "weight_map", None, found=type(weight_map).__name__, allowed=allowed)
    shard_of = {tensor: _shard_name(index, tensor, name) for tensor, name in weight_map.items()}
    names = sorted(set(shard_of.values()))
    if len(names) > MAX_SHARDS:
        raise corrupt(index, "weight_map", None, found=f"{len(names)} files", allowed=MAX_SHARDS)
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise CorruptFile(
            f"{quote(index.name)} names {len(names)} shards, and {quote(missing[0])} is missing.",
            advice="Download the missing file into the same folder.",
            file=index,
            field="weight_map",
        )
    shards = {name: _open_shard(index.parent / name) for name in names}
    _check_index(index, shard_of, shards)
    return list(shards.values())


def _shard_name(index: Path, tensor: str, name: JSONValue) -> str:
    if isinstance(name, str) and _PLAIN_NAME.fullmatch(name) and name.endswith(".safetensors"):
        return name
    allowed = "the name of a .safetensors file in the same folder"
    raise corrupt(index, f"weight_map.{tensor}", None, found=name, allowed=allowed)


def _check_index(index: Path, shard_of: dict[str, str], shards: dict[str, Shard]) -> None:
    """Each tensor lies in the shard the index names, and in no other."""
    for name, shard in shards.items():
        for tensor, entry in shard.header.tensors.items():
            if shard_of.get(tensor) != name:
                raise corrupt(
                    shard.mapped_file.path,
                    f"tensor {tensor}",
                    entry.offset,
                    found="stored here",
                    allowed=f"{quote(str(shard_of.get(tensor)))}, by {index.name}",
                )
    for tensor, name in shard_of.items():
        if tensor not in shards[name].header.tensors:
            allowed = f"a tensor of {quote(name)}"
            raise corrupt(index, f"weight_map.{tensor}", None, found="missing", allowed=allowed)
