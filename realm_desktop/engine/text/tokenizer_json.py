"""Builds a tokenizer from the tokenizer.json of a safetensors folder.

The tokenizers library runs the file's own pipeline; this module reads from it what the library does
not tell: the bytes of every token, the special ids, and where spaces are added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import tokenizers

from realm_desktop.engine.text.encoders import LibraryEncoder
from realm_desktop.engine.text.vocabulary import (
    SPACE_MARK,
    SpacePrefix,
    Vocabulary,
    byte_level_piece,
    byte_level_table,
    byte_token_value,
    find_end_ids,
    find_shown_ids,
    spaced_piece,
)
from realm_desktop.errors import CorruptFile, InvalidJson, ModelFileError
from realm_desktop.formats import strict_json
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import JSONValue, ModelFile

T = TypeVar("T")

_FILE = "tokenizer.json"
_MAX_REASON = 200
_MAX_BYTES = 256 << 20
_MAX_TOKENS = 2_000_000
# Without a decoder the library joins their tokens with spaces.
_SPACED_MODELS = frozenset({"WordLevel", "WordPiece"})
_NAMED = (
    "bos_token",
    "eos_token",
    "unk_token",
    "pad_token",
    "sep_token",
    "cls_token",
    "mask_token",
)


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """The JSON files beside a safetensors model, parsed; {} for one that is absent."""

    tokenizer: Mapping[str, JSONValue]
    settings: Mapping[str, JSONValue]
    generation: Mapping[str, JSONValue]


def read_json_object(model_file: ModelFile, name: str) -> dict[str, JSONValue]:
    """The object in one of the folder's JSON files; {} if the file is absent.

    Raises:
        CorruptFile: It is not a JSON object.
    """
    data = model_file.text_file(name)
    if data is None:
        return {}
    if len(data) > _MAX_BYTES:
        raise _corrupt(model_file, name, f"has {len(data)} bytes; at most {_MAX_BYTES} are read")
    try:
        value = strict_json.loads(data)
    except InvalidJson as error:
        raise _corrupt(model_file, name, f"cannot be read: {error.message}") from error
    if not isinstance(value, dict):
        raise _corrupt(model_file, name, "holds no JSON object")
    return value


def build_json_tokenizer(model_file: ModelFile) -> tuple[Vocabulary, LibraryEncoder]:
    """Vocabulary and algorithm of a folder's tokenizer.json.

    Raises:
        ModelFileError: The folder has none, or its kind is not supported.
        CorruptFile: It cannot be read, or an id is out of range.
    """
    data = model_file.text_file(_FILE)
    if data is None:
        raise ModelFileError(
            f"{quote(model_file.path.name)} has no {_FILE} beside it, so it cannot read or write text",
            advice="Put the tokenizer.json of the model into the same folder.",
            file=model_file.path,
            field=_FILE,
        )
    files = TokenizerFiles(
        read_json_object(model_file, _FILE),
        read_json_object(model_file, "tokenizer_config.json"),
        read_json_object(model_file, "generation_config.json"),
    )
    tokenizer = _call_library(
        model_file, lambda: tokenizers.Tokenizer.from_str(data.decode("utf-8"))
    )
    return _vocabulary(model_file, files, tokenizer), LibraryEncoder(tokenizer)


def _corrupt(model_file: ModelFile, name: str, fault: str) -> CorruptFile:
    return CorruptFile(
        f"{quote(model_file.path.name)}: {name} {fault}",
        advice="Download the model again, or choose another one.",
        file=model_file.path,
        field=name,
    )


def _call_library(model_file: ModelFile, work: Callable[[], T]) -> T:
    """The result of the tokenizers library; its failures and panics become CorruptFile."""
    try:
        return work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        fault = f"was refused: {quote(str(error), _MAX_REASON)}"
        raise _corrupt(model_file, _FILE, fault) from error


def _vocabulary(
    model_file: ModelFile, files: TokenizerFiles, tokenizer: tokenizers.Tokenizer
) -> Vocabulary:
    texts = _texts(model_file, tokenizer)
    added = tokenizer.get_added_tokens_decoder()
    control_ids = frozenset(index for index, token in added.items() if token.special)
    matched_ids = frozenset(index for index in added if index not in control_ids)
    named = dict(_named_tokens(files.settings))
    ids = {text: index for index, text in enumerate(texts) if text}
    bos_id = ids.get(named.get("bos_token", ""), _first_id(model_file, files, "bos_token_id"))
    eos_id = ids.get(named.get("eos_token", ""), _first_id(model_file, files, "eos_token_id"))
    end_ids = find_end_ids(texts, control_ids | matched_ids)
    end_ids |= set(listed_ids(files.generation.get("eos_token_id"), len(texts)))
    end_ids |= set(listed_ids(model_file.config.get("eos_token_id"), len(texts)))
    # What a post-processor adds is written in many forms; on an empty text it stands alone.
    frame = _call_library(model_file, lambda: tokenizer.encode("", add_special_tokens=True).ids)
    adds_bos = bool(frame) and frame[0] == bos_id
    adds_eos = len(frame) > int(adds_bos) and frame[-1] == eos_id
    return Vocabulary(
        texts=texts,
        piece=_piece(model_file, files.tokenizer, texts, control_ids, matched_ids),
        control_ids=control_ids,
        matched_ids=matched_ids,
        bos_id=_checked_id(model_file, "bos_token_id", bos_id, len(texts)),
        eos_id=_checked_id(model_file, "eos_token_id", eos_id, len(texts)),
        unknown_id=ids.get(named.get("unk_token", "")),
        end_ids=frozenset(end_ids if eos_id is None else end_ids | {eos_id}),
        adds_bos=_flag(files.settings, "add_bos_token", adds_bos) and bos_id is not None,
        adds_eos=_flag(files.settings, "add_eos_token", adds_eos) and eos_id is not None,
        space_prefix=_space_prefix(files.tokenizer),
        named_tokens=named,
        shown_ids=find_shown_ids(texts, control_ids),
    )


def _texts(model_file: ModelFile, tokenizer: tokenizers.Tokenizer) -> list[str]:
    vocabulary: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
    size = max(vocabulary.values(), default=-1) + 1
    if not 0 < size <= _MAX_TOKENS:
        raise _corrupt(model_file, _FILE, f"has ids up to {size - 1}; 0 to {_MAX_TOKENS} are read")
    texts = [""] * size
    for text, index in vocabulary.items():
        texts[index] = text
    return texts


def _named_tokens(settings: Mapping[str, JSONValue]) -> Iterator[tuple[str, str]]:
    """Spellings of special tokens; older files write an object instead of a string."""
    for name in _NAMED:
        value = settings.get(name)
        if isinstance(value, dict):
            value = value.get("content")
        if isinstance(value, str):
            yield name, value


def _first_id(model_file: ModelFile, files: TokenizerFiles, key: str) -> int | None:
    for source in (files.generation, model_file.config):
        value = source.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if type(value) is int:
            return value
    return None


def listed_ids(value: JSONValue, size: int) -> list[int]:
    """The ids below `size` in a value that is one id or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if type(item) is int and 0 <= item < size]


def _checked_id(model_file: ModelFile, key: str, value: int | None, size: int) -> int | None:
    if value is not None and not 0 <= value < size:
        fault = f"is {value}; an id from 0 to {size - 1} is expected"
        raise _corrupt(model_file, key, fault)
    return value


def _flag(settings: Mapping[str, JSONValue], key: str, default: bool) -> bool:
    value = settings.get(key)
    return value if isinstance(value, bool) else default


def pipeline_steps(section: JSONValue) -> list[dict[str, JSONValue]]:
    """The steps of a section of tokenizer.json, such as "pre_tokenizer"; a `Sequence` is flattened."""
    if not isinstance(section, dict):
        return []
    for key in ("decoders", "normalizers", "pretokenizers"):
        inner = section.get(key)
        if isinstance(inner, list):
            return [step for item in inner for step in pipeline_steps(item)]
    return [section]


def _piece(
    model_file: ModelFile,
    tokenizer: Mapping[str, JSONValue],
    texts: list[str],
    control_ids: frozenset[int],
    matched_ids: frozenset[int],
) -> Callable[[int], bytes]:
    of_text = _plain_piece(model_file, tokenizer)

    def piece(token_id: int) -> bytes:
        if token_id in control_ids:
            return b""
        text = texts[token_id]
        return text.encode("utf-8", "replace") if token_id in matched_ids else of_text(text)

    return piece


def _plain_piece(
    model_file: ModelFile, tokenizer: Mapping[str, JSONValue]
) -> Callable[[str], bytes]:
    """The bytes of a token that no special role is given to, by its text."""
    kinds = {step.get("type") for step in pipeline_steps(tokenizer.get("decoder"))}
    has_decoder = bool(kinds)
    kinds = kinds or {step.get("type") for step in pipeline_steps(tokenizer.get("pre_tokenizer"))}
    if "ByteLevel" in kinds:
        table = byte_level_table()
        return lambda text: byte_level_piece(text, table)
    if kinds & {"ByteFallback", "Metaspace", "Replace"}:
        return _sentence_piece
    if "WordPiece" in kinds or (_model_type(tokenizer) in _SPACED_MODELS and not has_decoder):
        prefix = _continuing_prefix(tokenizer)
        return lambda text: _word_piece(text, prefix)
    if "BPEDecoder" in kinds:
        suffix = _model_text(tokenizer, "end_of_word_suffix")
        return lambda text: _suffixed_piece(text, suffix)
    raise ModelFileError(
        f"{quote(model_file.path.name)}: {_FILE} decodes with {', '.join(map(str, kinds)) or 'nothing'};"
        " byte-level, SentencePiece, WordPiece and word tokenizers are supported",
        advice="Choose another model.",
        file=model_file.path,
        field="decoder",
    )


def _model_type(tokenizer: Mapping[str, JSONValue]) -> str:
    return _model_text(tokenizer, "type")


def _model_text(tokenizer: Mapping[str, JSONValue], key: str) -> str:
    """A text of the section "model"; empty if it has none."""
    model = tokenizer.get("model")
    value = model.get(key) if isinstance(model, dict) else None
    return value if isinstance(value, str) else ""


def _continuing_prefix(tokenizer: Mapping[str, JSONValue]) -> str:
    return _model_text(tokenizer, "continuing_subword_prefix")


def _word_piece(text: str, continuing_prefix: str) -> bytes:
    """A word with the space before it, or what continues one."""
    if continuing_prefix and text.startswith(continuing_prefix):
        return text.removeprefix(continuing_prefix).encode("utf-8", "replace")
    return f" {text}".encode("utf-8", "replace")


def _suffixed_piece(text: str, suffix: str) -> bytes:
    """A word with the space behind it, or a part of one."""
    if suffix and text.endswith(suffix):
        return f"{text.removesuffix(suffix)} ".encode("utf-8", "replace")
    return text.encode("utf-8", "replace")


def _sentence_piece(text: str) -> bytes:
    value = byte_token_value(text)
    return spaced_piece(text) if value is None else bytes([value])


def _space_prefix(tokenizer: Mapping[str, JSONValue]) -> SpacePrefix:
    decoders = {step.get("type") for step in pipeline_steps(tokenizer.get("decoder"))}
    if "WordPiece" in decoders or (_model_type(tokenizer) in _SPACED_MODELS and not decoders):
        return SpacePrefix.EACH
    for step in pipeline_steps(tokenizer.get("normalizer")):
        if step.get("type") == "Prepend" and step.get("prepend") == SPACE_MARK:
            return SpacePrefix.EACH
    for step in pipeline_steps(tokenizer.get("pre_tokenizer")):
        if step.get("type") == "Metaspace":
            scheme = step.get("prepend_scheme", "always")
            if scheme == "never" or step.get("add_prefix_space") is False:
                return SpacePrefix.NONE
            return SpacePrefix.FIRST if scheme == "first" else SpacePrefix.EACH
    return SpacePrefix.NONE
