"""The tokenizer.model of a folder without tokenizer.json, as the metadata that a GGUF file would have.

So both go the same way from here on. What GGUF has no word for is refused: a tokenizer that changes a
text in a way nobody told us would answer with silently wrong tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from realm_desktop.engine.text.token_reader import PREFIX
from realm_desktop.engine.text.tokenizer_json import listed_ids, read_json_object
from realm_desktop.engine.text.vocabulary import TokenKind
from realm_desktop.errors import ModelFileError
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.model_file import JSONValue, MetadataValue, ModelFile, TensorEntry
from realm_desktop.formats.sentencepiece_file import (
    BPE,
    MAX_PIECES,
    UNIGRAM,
    SentencePieceModel,
    parse_sentencepiece,
)

FILE = "tokenizer.model"

_KINDS = {BPE: "llama", UNIGRAM: "t5"}
_SPECIAL_IDS = {"bos": "bos_token", "eos": "eos_token", "unknown": "unk_token"}


@dataclass(frozen=True, slots=True)
class SentencePieceTokens:
    """The metadata of a tokenizer.model; `end_ids` are further tokens that end a reply."""

    path: Path
    metadata: Mapping[str, MetadataValue]
    end_ids: frozenset[int]
    tensors: Mapping[str, TensorEntry] = field(default_factory=dict)


def read_sentencepiece(model_file: ModelFile, data: bytes) -> SentencePieceTokens:
    """The tokens of a tokenizer.model, with those that the JSON files beside it add.

    Raises:
        ModelFileError: Its algorithm, or the way it prepares texts, is not supported.
        CorruptFile: A file contradicts its format.
    """
    folder = model_file.path if model_file.path.is_dir() else model_file.path.parent
    model = parse_sentencepiece(folder / FILE, data)
    kind = _KINDS.get(model.model_type)
    if kind is None or (kind == "llama" and (model.charsmap or model.merges_spaces)):
        fault = "normalizes texts" if kind else f"is of kind {model.model_type}"
        raise ModelFileError(
            f"{quote(model_file.path.name)}: {FILE} {fault}, which can be read from a tokenizer.json"
            " only",
            advice="Put the tokenizer.json of the model into the same folder.",
            file=model_file.path,
            field=FILE,
        )
    settings = read_json_object(model_file, "tokenizer_config.json")
    texts, types = list(model.pieces), list(model.types)
    for token_id, text, is_special in _added_tokens(model_file, settings):
        _add(folder, texts, types, token_id, text)
        types[token_id] = int(TokenKind.CONTROL if is_special else TokenKind.USER_DEFINED)
    metadata = _metadata(model, kind, settings, texts)
    metadata[PREFIX + "token_type"] = list(types)
    metadata["general.architecture"] = str(model_file.config.get("model_type", ""))
    generation = read_json_object(model_file, "generation_config.json")
    ends = [source.get("eos_token_id") for source in (generation, model_file.config)]
    end_ids = frozenset(index for value in ends for index in listed_ids(value, len(texts)))
    return SentencePieceTokens(model_file.path, metadata, end_ids)


def _metadata(
    model: SentencePieceModel, kind: str, settings: Mapping[str, JSONValue], texts: list[str]
) -> dict[str, MetadataValue]:
    values: dict[str, MetadataValue] = {
        "model": kind,
        "tokens": list(texts),
        "scores": [*model.scores, *[0.0] * (len(texts) - len(model.scores))],
        "add_bos_token": _flag(settings, "add_bos_token", default=kind == "llama"),
        "add_eos_token": _flag(settings, "add_eos_token", default=kind == "t5"),
        "add_space_prefix": model.adds_space,
        "remove_extra_whitespaces": model.merges_spaces,
    }
    if model.charsmap:
        values["precompiled_charsmap"] = list(model.charsmap)
    ids = {"bos": model.bos_id, "eos": model.eos_id, "unknown": model.unknown_id}
    for name, key in _SPECIAL_IDS.items():
        text = _content(settings.get(key))
        token_id = texts.index(text) if text in texts else ids[name]
        if token_id is not None:
            values[f"{name}_token_id"] = token_id
    return {PREFIX + key: value for key, value in values.items()}


def _added_tokens(
    model_file: ModelFile, settings: Mapping[str, JSONValue]
) -> Iterator[tuple[int, str, bool]]:
    """Id, text and whether it is a control token, of each token that the JSON files add."""
    for text, token_id in read_json_object(model_file, "added_tokens.json").items():
        if type(token_id) is int:
            yield token_id, text, text.startswith("<")
    added = settings.get("added_tokens_decoder")
    for key, value in (added if isinstance(added, dict) else {}).items():
        content = _content(value)
        if key.isdecimal() and key.isascii() and content and isinstance(value, dict):
            yield int(key[:10]), content, value.get("special") is True


def _add(folder: Path, texts: list[str], types: list[int], token_id: int, text: str) -> None:
    if not 0 <= token_id < MAX_PIECES:
        allowed = f"0 to {MAX_PIECES - 1}"
        raise corrupt(folder / FILE, "added token", None, found=token_id, allowed=allowed)
    while len(texts) <= token_id:
        texts.append(f"[UNUSED{len(texts)}]")
        types.append(int(TokenKind.UNUSED))
    texts[token_id] = text


def _content(value: JSONValue) -> str:
    """The text of a token, which older files wrap into an object."""
    inner = value.get("content") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) else ""


def _flag(settings: Mapping[str, JSONValue], key: str, *, default: bool) -> bool:
    value = settings.get(key)
    return value if isinstance(value, bool) else default
