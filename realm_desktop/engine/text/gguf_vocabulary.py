"""Reads a tokenizer's tokens from GGUF metadata, checking every length, type and id.

Runs in the engine process at load and in the command line. The keys are those of the GGUF
specification (`tokenizer.ggml.*`); the defaults are llama.cpp's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from realm_desktop.engine.text.charsmap import find_charsmap_fault
from realm_desktop.engine.text.token_reader import PREFIX, TokenReader
from realm_desktop.engine.text.vocabulary import (
    MARKED_END_TOKENS,
    SPACE_MARK,
    SpacePrefix,
    TokenKind,
    Vocabulary,
    byte_level_piece,
    byte_level_table,
    byte_token_value,
    find_end_ids,
    find_shown_ids,
    spaced_piece,
)
from realm_desktop.errors import ModelFileError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import MetadataValue, TensorEntry

_NAMED_TOKENS = {
    "bos_token": "bos_token_id",
    "eos_token": "eos_token_id",
    "unk_token": "unknown_token_id",
    "pad_token": "padding_token_id",
}
_PHI3_PLAIN = frozenset({"<unk>", "<s>", "<|endoftext|>"})
# Misspelt in the specification, and so in nearly every file.
_SEPARATOR_KEYS = ("seperator_token_id", "separator_token_id")


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What holds for a kind of tokenizer where its file says nothing; ids are None for none."""

    bos_id: int | None = None
    eos_id: int | None = None
    unknown_id: int | None = None
    adds_bos: bool = False
    adds_eos: bool = False
    is_spaced: bool = False  # pieces have visible spaces, and <0xXX> for bytes
    adds_space: bool = False


_DEFAULTS = {
    "llama": _Defaults(1, 2, 0, adds_bos=True, is_spaced=True, adds_space=True),
    "gpt2": _Defaults(),
    "gemma4": _Defaults(adds_bos=True, is_spaced=True),
    "t5": _Defaults(None, 1, 2, adds_eos=True, is_spaced=True),
    # [CLS] in front and [SEP] behind take the places of BOS and EOS.
    "bert": _Defaults(101, 102, 100, adds_bos=True, adds_eos=True, is_spaced=True, adds_space=True),
}
# These name a pre-tokenizer, but their vocabularies are not byte-level.
_SPACED_PRE = frozenset({"gemma4", "granite-embed-multi-311m", "sarvam-moe"})
MODELS = tuple(_DEFAULTS)
"""The kinds of tokenizer that can be read, as `tokenizer.ggml.model` names them."""


class TokenSource(Protocol):
    """What a tokenizer is read from: a GGUF file, or what has the same metadata."""

    @property
    def path(self) -> Path:
        """What the user chose."""

    @property
    def metadata(self) -> Mapping[str, MetadataValue]:
        """Key-values."""

    @property
    def tensors(self) -> Mapping[str, TensorEntry]:
        """The weights, whose embedding has a row for every token."""


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

    def ids_of(self, *kinds: TokenKind) -> frozenset[int]:
        """The tokens of these kinds."""
        return frozenset(index for index, kind in enumerate(self.kinds) if kind in kinds)


@dataclass(frozen=True, slots=True)
class Normalization:
    """How a text is prepared before its algorithm sees it.

    Attributes:
        charsmap: SentencePiece's compiled replacements; empty for none.
        merges_spaces: Runs of spaces become one, and the ends have none.
        adds_space: A text begins with a space.
        lowercase, strips_accents: For WordPiece.
    """

    charsmap: bytes
    merges_spaces: bool
    adds_space: bool
    lowercase: bool
    strips_accents: bool


def read_gguf_tokens(model_file: TokenSource) -> GgufTokens:
    """The token arrays of a file.

    Raises:
        ModelFileError: The file has no tokenizer.
        CorruptFile: An array is missing, has a wrong type or contradicts another.
    """
    reader = TokenReader(model_file.path, model_file.metadata)
    if "model" not in reader or "tokens" not in reader:
        raise ModelFileError(
            f"{quote(model_file.path.name)} has no tokenizer, so it cannot read or write text",
            advice="Choose a complete model file.",
            file=model_file.path,
            field=PREFIX + "tokens",
        )
    texts = reader.strings("tokens")
    if not texts:
        raise reader.corrupt("tokens", "is empty; at least one token is expected")
    _check_rows(reader, model_file, len(texts))
    model, pre = reader.string("model", ""), reader.string("pre", "")
    return GgufTokens(
        model="gemma4" if model == "gpt2" and pre in _SPACED_PRE else model,
        pre=pre,
        texts=texts,
        kinds=_kinds(reader, texts),
        scores=_scores(reader, len(texts)),
        merges=_merges(reader),
    )


def build_vocabulary(
    model_file: TokenSource, tokens: GgufTokens, *, adds_bos: bool = False
) -> Vocabulary:
    """The vocabulary of checked token arrays of one of `MODELS`.

    Args:
        model_file: Where the arrays are from.
        tokens: The arrays.
        adds_bos: A prompt gets a BOS token where neither the file nor its kind of tokenizer says.

    Raises:
        CorruptFile: A special id lies outside the vocabulary, or a byte token is malformed.
    """
    reader = TokenReader(model_file.path, model_file.metadata)
    defaults = _DEFAULTS[tokens.model]
    size = len(tokens.texts)
    bos_id = reader.token_id("bos_token_id", size, default=defaults.bos_id)
    eos_id = _eos_id(reader, tokens, defaults.eos_id)
    control_ids = tokens.ids_of(TokenKind.CONTROL, TokenKind.UNKNOWN)
    matched_ids = tokens.ids_of(TokenKind.USER_DEFINED)
    return Vocabulary(
        texts=tokens.texts,
        piece=_spaced_piece(reader, tokens) if defaults.is_spaced else _byte_level_piece(tokens),
        control_ids=control_ids,
        matched_ids=matched_ids,
        bos_id=bos_id,
        eos_id=eos_id,
        unknown_id=reader.token_id("unknown_token_id", size, default=defaults.unknown_id),
        end_ids=_end_ids(reader, tokens, control_ids | matched_ids, eos_id),
        adds_bos=reader.boolean("add_bos_token", default=adds_bos or defaults.adds_bos)
        and bos_id is not None,
        adds_eos=reader.boolean("add_eos_token", default=defaults.adds_eos) and eos_id is not None,
        space_prefix=_space_prefix(reader, tokens.model, default=defaults.adds_space),
        named_tokens=_named_tokens(reader, tokens.texts),
        swallowing_ids=_swallowing_ids(model_file, tokens, control_ids | matched_ids),
        shown_ids=find_shown_ids(tokens.texts, control_ids),
    )


def read_normalization(model_file: TokenSource) -> Normalization:
    """How a file wants texts prepared.

    Raises:
        CorruptFile: A value has another type.
    """
    reader = TokenReader(model_file.path, model_file.metadata)
    lowercase = reader.boolean("normalizer.lowercase", default=True)
    return Normalization(
        charsmap=_charsmap(reader),
        merges_spaces=reader.boolean("remove_extra_whitespaces", default=False),
        adds_space=reader.boolean("add_space_prefix", default=False),
        lowercase=lowercase,
        strips_accents=reader.boolean("normalizer.strip_accents", default=lowercase),
    )


def _charsmap(reader: TokenReader) -> bytes:
    if "precompiled_charsmap" not in reader:
        return b""
    # Some converters wrote the bytes as signed numbers.
    charsmap = bytes(number & 0xFF for number in reader.integers("precompiled_charsmap"))
    fault = find_charsmap_fault(charsmap)
    if fault is not None:
        raise reader.corrupt("precompiled_charsmap", fault)
    return charsmap


def _eos_id(reader: TokenReader, tokens: GgufTokens, default: int | None) -> int | None:
    keys = _SEPARATOR_KEYS if tokens.model == "bert" else ("eos_token_id",)
    key = next((key for key in keys if key in reader), keys[0])
    return reader.token_id(key, len(tokens.texts), default=default)


def _end_ids(
    reader: TokenReader, tokens: GgufTokens, candidates: frozenset[int], eos_id: int | None
) -> frozenset[int]:
    ids = {eos_id} | find_end_ids(tokens.texts, candidates)
    for key in ("eot_token_id", "eom_token_id"):
        ids.add(reader.token_id(key, len(tokens.texts), default=None))
    return frozenset(token_id for token_id in ids if token_id is not None)


def _swallowing_ids(
    model_file: TokenSource, tokens: GgufTokens, candidates: frozenset[int]
) -> frozenset[int]:
    """Phi-3's marks of turns, which its tokenizer.json says and GGUF has no word for.

    Without this a line break of the template becomes a token that the model never saw there.
    """
    if tokens.model != "llama" or model_file.metadata.get("general.architecture") != "phi3":
        return frozenset()
    return frozenset(index for index in candidates if tokens.texts[index] not in _PHI3_PLAIN)


def _space_prefix(reader: TokenReader, model: str, *, default: bool) -> SpacePrefix:
    if model == "bert":
        return SpacePrefix.EACH
    has_prefix = reader.boolean("add_space_prefix", default=default)
    has_prefix = has_prefix or reader.boolean("remove_extra_whitespaces", default=False)
    is_spelled = model in ("llama", "t5")
    return SpacePrefix.EACH if has_prefix and is_spelled else SpacePrefix.NONE


def _check_rows(reader: TokenReader, model_file: TokenSource, num_tokens: int) -> None:
    """Refuse more tokens than the embedding has rows: the network could not look them up."""
    entry = model_file.tensors.get("token_embd.weight")
    if entry is not None and len(entry.shape) == 2 and num_tokens > entry.shape[0]:
        raise reader.corrupt(
            "tokens", f"has {num_tokens} entries, but token_embd.weight has {entry.shape[0]} rows"
        )


def _kinds(reader: TokenReader, texts: Sequence[str]) -> list[TokenKind]:
    if "token_type" not in reader:
        return [
            TokenKind.NORMAL if byte_token_value(text) is None else TokenKind.BYTE for text in texts
        ]
    numbers = reader.integers("token_type")
    if len(numbers) != len(texts):
        raise reader.corrupt("token_type", f"has {len(numbers)} entries for {len(texts)} tokens")
    by_number = {int(kind): kind for kind in TokenKind}
    unknown = set(numbers) - set(by_number)
    if unknown:
        raise reader.corrupt(
            "token_type", f"holds {min(unknown)}; 0 to {max(by_number)} is expected"
        )
    kinds = [by_number[number] for number in numbers]
    # Some converters left the ends of a turn among the plain tokens, where nothing would match them.
    for index, text in enumerate(texts):
        if text in MARKED_END_TOKENS and kinds[index] is TokenKind.NORMAL:
            kinds[index] = TokenKind.CONTROL
    return kinds


def _scores(reader: TokenReader, num_tokens: int) -> list[float]:
    if "scores" not in reader:
        return []
    scores = reader.numbers("scores")
    if len(scores) != num_tokens:
        raise reader.corrupt("scores", f"has {len(scores)} entries for {num_tokens} tokens")
    return scores


def _merges(reader: TokenReader) -> list[tuple[str, str]]:
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


def _byte_level_piece(tokens: GgufTokens) -> Callable[[int], bytes]:
    table = byte_level_table()

    def piece(token_id: int) -> bytes:
        text, kind = tokens.texts[token_id], tokens.kinds[token_id]
        if kind in (TokenKind.NORMAL, TokenKind.UNDEFINED, TokenKind.BYTE):
            return byte_level_piece(text, table)
        return text.encode("utf-8", "replace") if kind is TokenKind.USER_DEFINED else b""

    return piece


def _spaced_piece(reader: TokenReader, tokens: GgufTokens) -> Callable[[int], bytes]:
    byte_values: dict[int, bytes] = {}
    for token_id in tokens.ids_of(TokenKind.BYTE):
        value = byte_token_value(tokens.texts[token_id])
        if value is None:
            text = tokens.texts[token_id]
            raise reader.corrupt("tokens", f"holds the byte token {text!r:.40}; <0x00> to <0xFF>")
        byte_values[token_id] = bytes([value])

    def piece(token_id: int) -> bytes:
        kind = tokens.kinds[token_id]
        if kind is TokenKind.BYTE:
            return byte_values[token_id]
        has_text = kind in (TokenKind.NORMAL, TokenKind.UNDEFINED, TokenKind.USER_DEFINED)
        return spaced_piece(tokens.texts[token_id]) if has_text else b""

    return piece


def _named_tokens(reader: TokenReader, texts: Sequence[str]) -> dict[str, str]:
    """Spellings for chat templates; padding ids of real files are often out of range, so ignored."""
    named: dict[str, str] = {}
    for name, key in _NAMED_TOKENS.items():
        if key == "padding_token_id" and not reader.fits(key, len(texts)):
            continue
        token_id = reader.token_id(key, len(texts), default=None)
        if token_id is not None:
            named[name] = texts[token_id].replace(SPACE_MARK, " ")
    return named
