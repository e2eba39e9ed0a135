"""Text to token ids and back, for one model.

Built once at load; `encode` belongs to the intake thread, everything else only reads. Runs no torch
operation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from realm_desktop.engine.text import library_pipelines, sentencepiece_tokens
from realm_desktop.engine.text.encoders import Encoder, PartEncoder, SentencePieceEncoder
from realm_desktop.engine.text.gguf_vocabulary import (
    MODELS,
    GgufTokens,
    TokenSource,
    build_vocabulary,
    read_gguf_tokens,
    read_normalization,
)
from realm_desktop.engine.text.pre_tokenizers import find_pre_tokenizer
from realm_desktop.engine.text.tokenizer_json import build_json_tokenizer
from realm_desktop.engine.text.vocabulary import SpacePrefix, Vocabulary
from realm_desktop.errors import CorruptFile, ModelFileError, RealmError, RequestError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile

_SURROGATE = re.compile("[\ud800-\udfff]")


def build_tokenizer(model_file: ModelFile) -> Tokenizer:
    """The tokenizer a model file describes.

    Raises:
        ModelFileError: The file has no tokenizer, or one of a kind that is not supported.
        CorruptFile: Its arrays contradict each other or hold values out of range.
    """
    if model_file.container == "safetensors":
        data = model_file.text_file(sentencepiece_tokens.FILE)
        if data is None or model_file.text_file("tokenizer.json") is not None:
            return Tokenizer(*build_json_tokenizer(model_file))
        source = sentencepiece_tokens.read_sentencepiece(model_file, data)
        return _build_guarded(source, source.end_ids)
    return _build_guarded(model_file, frozenset())


def _build_guarded(source: TokenSource, end_ids: frozenset[int]) -> Tokenizer:
    """The tokenizer of these metadata; the library's failures and panics become CorruptFile."""
    tokens = read_gguf_tokens(source)
    try:
        return _build_gguf_tokenizer(source, tokens, end_ids)
    except (KeyboardInterrupt, SystemExit, RealmError):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise CorruptFile(
            f"{quote(source.path.name)}: the tokenizer was refused: {quote(str(error))}",
            advice="Download the file again, or choose another one.",
            file=source.path,
            field="tokenizer.ggml.tokens",
        ) from error


def _build_gguf_tokenizer(
    model_file: TokenSource, tokens: GgufTokens, end_ids: frozenset[int]
) -> Tokenizer:
    if tokens.model not in MODELS:
        raise ModelFileError(
            f"{quote(model_file.path.name)}: the tokenizer is of kind {tokens.model!r:.40};"
            f" supported are {', '.join(MODELS)}",
            advice="Choose another model.",
            file=model_file.path,
            field="tokenizer.ggml.model",
        )
    if tokens.model == "gpt2":
        architecture = model_file.metadata.get("general.architecture", "")
        pre_tokenizer = find_pre_tokenizer(tokens.pre, str(architecture))
        vocabulary = build_vocabulary(model_file, tokens, adds_bos=pre_tokenizer.adds_bos)
        pipeline = library_pipelines.byte_level(tokens, pre_tokenizer)
        return Tokenizer(vocabulary, PartEncoder(pipeline, vocabulary))
    vocabulary = build_vocabulary(model_file, tokens)
    vocabulary = replace(vocabulary, end_ids=vocabulary.end_ids | end_ids)
    if tokens.model == "llama":
        return Tokenizer(vocabulary, SentencePieceEncoder(tokens, vocabulary))
    unknown_id = vocabulary.unknown_id
    if tokens.model == "gemma4":
        unknown = None if unknown_id is None else tokens.texts[unknown_id]
        pipeline = library_pipelines.spaced_bpe(tokens, unknown)
    elif unknown_id is None:
        raise CorruptFile(
            f"{quote(model_file.path.name)}: tokenizer.ggml.unknown_token_id is missing;"
            f" a tokenizer of kind {tokens.model!r} needs it",
            advice="Use another copy of the model, or one converted by a current program.",
            file=model_file.path,
            field="tokenizer.ggml.unknown_token_id",
        )
    elif tokens.model == "t5":
        pipeline = library_pipelines.unigram(tokens, unknown_id, read_normalization(model_file))
    else:
        normalization = read_normalization(model_file)
        pipeline = library_pipelines.word_piece(tokens, unknown_id, normalization)
    return Tokenizer(vocabulary, PartEncoder(pipeline, vocabulary))


class Tokenizer:
    """Text to token ids and back.

    Args:
        vocabulary: The tokens and the roles of the special ones.
        encoder: The algorithm.
    """

    def __init__(self, vocabulary: Vocabulary, encoder: Encoder) -> None:
        self._vocabulary = vocabulary
        self._encoder = encoder

    @property
    def vocabulary(self) -> Vocabulary:
        """All tokens and their roles."""
        return self._vocabulary

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens; ids are below it."""
        return len(self._vocabulary.texts)

    @property
    def bos_id(self) -> int | None:
        """The token in front of every text, if there is one."""
        return self._vocabulary.bos_id

    @property
    def eos_id(self) -> int | None:
        """The token behind every text, if there is one."""
        return self._vocabulary.eos_id

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens that end a reply: end of text, of turn, of message."""
        return self._vocabulary.end_ids

    @property
    def adds_bos(self) -> bool:
        """Whether `add_special` puts BOS in front."""
        return self._vocabulary.adds_bos

    @property
    def adds_eos(self) -> bool:
        """Whether `add_special` puts EOS behind."""
        return self._vocabulary.adds_eos

    @property
    def space_prefix(self) -> SpacePrefix:
        """Where encoding adds a space that decoding takes away."""
        return self._vocabulary.space_prefix

    @property
    def named_tokens(self) -> Mapping[str, str]:
        """Spellings of special tokens that a chat template may show, such as `bos_token`."""
        return self._vocabulary.named_tokens

    def encode(self, text: str, *, add_special: bool, parse_special: bool) -> list[int]:
        """Token ids of a text; a lone surrogate is read as U+FFFD.

        Args:
            text: Any text.
            add_special: Add BOS and EOS as the model wants them.
            parse_special: Read control tokens that the text spells out.
        """
        ids = self._encoder.encode(_SURROGATE.sub("\ufffd", text), parse_special=parse_special)
        if not add_special:
            return ids
        vocabulary = self._vocabulary
        if vocabulary.adds_bos and vocabulary.bos_id is not None:
            ids.insert(0, vocabulary.bos_id)
        if vocabulary.adds_eos and vocabulary.eos_id is not None:
            ids.append(vocabulary.eos_id)
        return ids

    def decode(self, ids: Sequence[int], *, skip_special: bool = False) -> str:
        """The text of token ids; bytes that form no character become U+FFFD.

        Args:
            ids: Token ids of a whole text, from its start.
            skip_special: Leave out control tokens that no reply shows, instead of spelling them.

        Raises:
            RequestError: An id is outside the vocabulary.
        """
        parts: list[bytes] = []
        drops_space = self.space_prefix is not SpacePrefix.NONE
        for token_id in ids:
            if self.is_special(token_id):
                if not skip_special or token_id in self._vocabulary.shown_ids:
                    parts.append(self._vocabulary.texts[token_id].encode("utf-8", "replace"))
                drops_space = drops_space or self.space_prefix is SpacePrefix.EACH
                continue
            piece = self.token_bytes(token_id)
            parts.append(piece.removeprefix(b" ") if drops_space else piece)
            # A token without bytes does not take the place of the first word.
            drops_space = drops_space and not piece
        return b"".join(parts).decode("utf-8", "replace")

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes a token adds to a text; b"" for a control token.

        Raises:
            RequestError: The id is outside the vocabulary.
        """
        if not 0 <= token_id < self.vocabulary_size:
            raise RequestError(
                f"token id {token_id} is outside the vocabulary of {self.vocabulary_size}",
                field="ids",
            )
        return self._vocabulary.piece(token_id)

    def token_text(self, token_id: int) -> str:
        """The file's own spelling of a token."""
        return self._vocabulary.texts[token_id]

    def shown_text(self, token_id: int) -> str:
        """What a reply shows of a control token: nothing, but for the marks of some formats."""
        return self._vocabulary.texts[token_id] if token_id in self._vocabulary.shown_ids else ""

    def find_token(self, text: str) -> int | None:
        """The id of a control or user-defined token with this spelling."""
        vocabulary = self._vocabulary
        candidates = vocabulary.control_ids | vocabulary.matched_ids
        return next((index for index in candidates if vocabulary.texts[index] == text), None)

    def is_special(self, token_id: int) -> bool:
        """Whether the token never appears in a text."""
        return token_id in self._vocabulary.control_ids
