"""Reads a tokenizer's tokens from GGUF metadata, checking every length, type and id.

Runs in the engine process at load and in the command line. The keys are those of the GGUF
specification (`tokenizer.ggml.*`); the defaults are llama.cpp's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from realm_desktop.engine.text.vocabulary import (
    SPACE_MARK,
    SpacePrefix,
    TokenKind,
    Vocabulary,
    byte_level_piece,
    byte_level_table,
    byte_token_value,
    find_end_ids,
    spaced_piece,
)
from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import MetadataValue, ModelFile

_PREFIX = "tokenizer.ggml."
_ADVICE = "Download the file again, or choose another one."
_NAMED_TOKENS = {
    "bos_token": "bos_token_id",
    "eos_token": "eos_token_id",
    "unk_token": "unknown_token_id",
    "pad_token": "padding_token_id",
}


@dataclass(frozen=True, slots=True)
class GgufTokens:
    """The token arrays of a GGUF file, checked against each other.

    Attributes:
        scores: One per token; empty if the file has none.
        merges: Pairs in order of rank; empty if the file has none.
    """

    model: str
    pre: str
    texts: list[str]
    kinds: list[TokenKind]
    scores: list[float]
    merges: list[tuple[str, str]]


def read_gguf_tokens(model_file: ModelFile) -> GgufTokens:
    """The token arrays of a file.

    Raises:
        ModelFileError: The file has no tokenizer.
        CorruptFile: An array is missing, has a wrong type or contradicts another.
    """
    reader = _Reader(model_file.path, model_file.metadata)
    if "model" not in reader or "tokens" not in reader:
        raise ModelFileError(
            f"{quote(model_file.path.name)} has no tokenizer, so it cannot read or write text",
            advice="Choose a complete model file.",
            file=model_file.path,
            field=_PREFIX + "tokens",
        )
    texts = reader.strings("tokens")
    if not texts:
        raise reader.corrupt("tokens", "is empty; at least one token is expected")
    _check_rows(reader, model_file, len(texts))
    return GgufTokens(
        model=reader.string("model", ""),
        pre=reader.string("pre", ""),
        texts=texts,
        kinds=_kinds(reader, texts),
        scores=_scores(reader, len(texts)),
        merges=_merges(reader),
    )


def build_vocabulary(model_file: ModelFile, tokens: GgufTokens, *, adds_bos: bool) -> Vocabulary:
    """The vocabulary of checked token arrays; `adds_bos` holds where the file says nothing.

    Raises:
        CorruptFile: A special id lies outside the vocabulary, or a byte token is malformed.
    """
    reader = _Reader(model_file.path, model_file.metadata)
    size = len(tokens.texts)
    is_spm = tokens.model == "llama"
    kinds = tokens.kinds
    bos_id = reader.token_id("bos_token_id", size, default=1 if is_spm else None)
    eos_id = reader.token_id("eos_token_id", size, default=2 if is_spm else None)
    control_ids = frozenset(
        index for index, kind in enumerate(kinds) if kind in (TokenKind.CONTROL, TokenKind.UNKNOWN)
    )
    matched_ids = frozenset(
        index for index, kind in enumerate(kinds) if kind is TokenKind.USER_DEFINED
    )
    end_ids = find_end_ids(tokens.texts, control_ids | matched_ids)
    for key in ("eos_token_id", "eot_token_id", "eom_token_id"):
        named = reader.token_id(key, size, default=eos_id if key == "eos_token_id" else None)
        end_ids |= set() if named is None else {named}
    has_prefix = reader.boolean("add_space_prefix", default=is_spm) and is_spm
    return Vocabulary(
        texts=tokens.texts,
        pieces=_spm_pieces(reader, tokens) if is_spm else _byte_level_pieces(tokens),
        control_ids=control_ids,
        matched_ids=matched_ids,
        bos_id=bos_id,
        eos_id=eos_id,
        unknown_id=reader.token_id("unknown_token_id", size, default=0 if is_spm else None),
        end_ids=frozenset(end_ids),
        adds_bos=reader.boolean("add_bos_token", default=adds_bos) and bos_id is not None,
        adds_eos=reader.boolean("add_eos_token", default=False) and eos_id is not None,
        space_prefix=SpacePrefix.EACH if has_prefix else SpacePrefix.NONE,
        named_tokens=_named_tokens(reader, tokens.texts),
    )


class _Reader:
    """Typed access to `tokenizer.ggml.*`; every refusal names file and key."""

    def __init__(self, path: Path, metadata: Mapping[str, MetadataValue]) -> None:
        self._path = path
        self._metadata = metadata

    def __contains__(self, key: str) -> bool:
        return _PREFIX + key in self._metadata

    def corrupt(self, key: str, fault: str) -> CorruptFile:
        """The error for a key, as `key fault`."""
        field = _PREFIX + key
        return CorruptFile(
            f"{quote(self._path.name)}: {field} {fault}",
            advice=_ADVICE,
            file=self._path,
            field=field,
        )

    def string(self, key: str, default: str) -> str:
        value = self._metadata.get(_PREFIX + key, default)
        if not isinstance(value, str):
            raise self.corrupt(key, f"is {type(value).__name__}; a string is expected")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        value = self._metadata.get(_PREFIX + key, default)
        if not isinstance(value, bool):
            raise self.corrupt(key, f"is {type(value).__name__}; true or false is expected")
        return value

    def fits(self, key: str, size: int) -> bool:
        """Whether the value is an id below `size`."""
        value = self._metadata.get(_PREFIX + key)
        return type(value) is int and 0 <= value < size

    def token_id(self, key: str, size: int, *, default: int | None) -> int | None:
        """An id below `size`; None if the file has none and the default does not fit."""
        value = self._metadata.get(_PREFIX + key)
        if value is None:
            return default if default is not None and default < size else None
        if type(value) is not int or not 0 <= value < size:
            raise self.corrupt(key, f"is {value!r:.40}; an id from 0 to {size - 1} is expected")
        return value

    def strings(self, key: str) -> list[str]:
        values = self._list(key)
        if not all(type(value) is str for value in values):
            raise self.corrupt(key, "holds something that is not a string")
        return cast("list[str]", values)

    def integers(self, key: str) -> list[int]:
        values = self._list(key)
        if not all(type(value) is int for value in values):
            raise self.corrupt(key, "holds something that is not an integer")
        return cast("list[int]", values)

    def numbers(self, key: str) -> list[float]:
        values = self._list(key)
        for value in values:
            if type(value) not in (float, int) or not math.isfinite(cast("float", value)):
                raise self.corrupt(key, f"holds {value!r:.40}; finite numbers are expected")
        return cast("list[float]", values)

    def _list(self, key: str) -> list[MetadataValue]:
        value = self._metadata.get(_PREFIX + key)
        if not isinstance(value, list):
            raise self.corrupt(key, f"is {type(value).__name__}; an array is expected")
        return value


def _check_rows(reader: _Reader, model_file: ModelFile, num_tokens: int) -> None:
    """Refuse more tokens than the embedding has rows: the network could not look them up."""
    entry = model_file.tensors.get("token_embd.weight")
    if entry is not None and len(entry.shape) == 2 and num_tokens > entry.shape[0]:
        raise reader.corrupt(
            "tokens", f"has {num_tokens} entries, but token_embd.weight has {entry.shape[0]} rows"
        )


def _kinds(reader: _Reader, texts: Sequence[str]) -> list[TokenKind]:
    if "token_type" not in reader:
        return [
            TokenKind.NORMAL if byte_token_value(text) is None else TokenKind.BYTE for text in texts
        ]
    numbers = reader.integers("token_type")
    if len(numbers) != len(texts):
        raise reader.corrupt("token_type", f"has {len(numbers)} entries for {len(texts)} tokens")
    kinds = {int(kind): kind for kind in TokenKind}
    unknown = next((number for number in numbers if number not in kinds), None)
    if unknown is not None:
        raise reader.corrupt("token_type", f"holds {unknown}; 0 to {max(kinds)} is expected")
    return [kinds[number] for number in numbers]


def _scores(reader: _Reader, num_tokens: int) -> list[float]:
    if "scores" not in reader:
        return []
    scores = reader.numbers("scores")
    if len(scores) != num_tokens:
        raise reader.corrupt("scores", f"has {len(scores)} entries for {num_tokens} tokens")
    return scores


def _merges(reader: _Reader) -> list[tuple[str, str]]:
    if "merges" not in reader:
        return []
    pairs: list[tuple[str, str]] = []
    for text in reader.strings("merges"):
        # The first half may itself begin with a space, so the search starts behind it.
        border = text.find(" ", 1)
        if border < 1 or border == len(text) - 1:
            raise reader.corrupt("merges", f"holds {text!r:.40}; two tokens are expected")
        pairs.append((text[:border], text[border + 1 :]))
    return pairs


def _byte_level_pieces(tokens: GgufTokens) -> list[bytes]:
    table = byte_level_table()
    pieces: list[bytes] = []
    for text, kind in zip(tokens.texts, tokens.kinds, strict=True):
        if kind in (TokenKind.NORMAL, TokenKind.UNDEFINED, TokenKind.BYTE):
            pieces.append(byte_level_piece(text, table))
        elif kind is TokenKind.USER_DEFINED:
            pieces.append(text.encode("utf-8", "replace"))
        else:
            pieces.append(b"")
    return pieces


def _spm_pieces(reader: _Reader, tokens: GgufTokens) -> list[bytes]:
    pieces: list[bytes] = []
    for text, kind in zip(tokens.texts, tokens.kinds, strict=True):
        if kind is TokenKind.BYTE:
            value = byte_token_value(text)
            if value is None:
                raise reader.corrupt(
                    "tokens", f"holds the byte token {text!r:.40}; <0x00> to <0xFF>"
                )
            pieces.append(bytes([value]))
        elif kind in (TokenKind.NORMAL, TokenKind.UNDEFINED, TokenKind.USER_DEFINED):
            pieces.append(spaced_piece(text))
        else:
            pieces.append(b"")
    return pieces


def _named_tokens(reader: _Reader, texts: Sequence[str]) -> dict[str, str]:
    """Spellings for chat templates; padding ids of real files are often out of range, so ignored."""
    named: dict[str, str] = {}
    for name, key in _NAMED_TOKENS.items():
        if key == "padding_token_id" and not reader.fits(key, len(texts)):
            continue
        token_id = reader.token_id(key, len(texts), default=None)
        if token_id is not None:
            named[name] = texts[token_id].replace(SPACE_MARK, " ")
    return named
