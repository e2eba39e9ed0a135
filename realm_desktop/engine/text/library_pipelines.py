"""Pipelines of the tokenizers library for the token arrays of GGUF files, one function per kind.

They do what the tokenizer.json of the same model does, so that the ids are those of transformers.
Special tokens are no part of them: `PartEncoder` finds these first.
"""

from __future__ import annotations

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers

from realm_desktop.engine.text.gguf_vocabulary import GgufTokens, Normalization
from realm_desktop.engine.text.pre_tokenizers import PreTokenizer
from realm_desktop.engine.text.vocabulary import SPACE_MARK, TokenKind

_WORD_CONTINUES = "##"
_MAX_WORD_CHARACTERS = 100


def byte_level(tokens: GgufTokens, pre_tokenizer: PreTokenizer) -> tokenizers.Tokenizer:
    """Byte-level BPE ("gpt2")."""
    ids = {text: index for index, text in enumerate(tokens.texts)}
    ignores_merges = pre_tokenizer.ignores_merges
    model = models.BPE(vocab=ids, merges=_merges(tokens, ids), ignore_merges=ignores_merges)
    pipeline = tokenizers.Tokenizer(model)
    if pre_tokenizer.composes:
        pipeline.normalizer = normalizers.NFC()
    pipeline.pre_tokenizer = pre_tokenizer.build()
    return pipeline


def spaced_bpe(tokens: GgufTokens, unknown: str | None) -> tokenizers.Tokenizer:
    """BPE over whole texts with visible spaces and byte fallback ("gemma4").

    Nothing is cut before merging, as in the model's tokenizer.json: its tokens cross spaces and lines.
    """
    ids = {text: index for index, text in enumerate(tokens.texts)}
    pipeline = tokenizers.Tokenizer(
        models.BPE(
            vocab=ids,
            merges=_merges(tokens, ids),
            unk_token=unknown,
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    pipeline.normalizer = normalizers.Replace(" ", SPACE_MARK)
    return pipeline


def word_piece(
    tokens: GgufTokens, unknown_id: int, normalization: Normalization
) -> tokenizers.Tokenizer:
    """WordPiece ("bert"): the longest token that fits, again and again.

    GGUF writes the beginning of a word with a visible space, where the model's own vocabulary marks
    the pieces that continue one.
    """
    ids: dict[str, int] = {}
    for index, (text, kind) in enumerate(zip(tokens.texts, tokens.kinds, strict=True)):
        is_piece = kind in (TokenKind.NORMAL, TokenKind.UNDEFINED)
        if is_piece and text.startswith(SPACE_MARK):
            ids[text.removeprefix(SPACE_MARK)] = index
        elif is_piece and not (text.startswith("[") and text.endswith("]")):
            ids[_WORD_CONTINUES + text] = index
    unknown = tokens.texts[unknown_id]
    ids[unknown] = unknown_id
    pipeline = tokenizers.Tokenizer(
        models.WordPiece(
            vocab=ids,
            unk_token=unknown,
            max_input_chars_per_word=_MAX_WORD_CHARACTERS,
            continuing_subword_prefix=_WORD_CONTINUES,
        )
    )
    pipeline.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=True,
        strip_accents=normalization.strips_accents,
        lowercase=normalization.lowercase,
    )
    pipeline.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return pipeline


def unigram(
    tokens: GgufTokens, unknown_id: int, normalization: Normalization
) -> tokenizers.Tokenizer:
    """Unigram ("t5"): the tokens whose scores add up to the best sum."""
    scores = tokens.scores or [0.0] * len(tokens.texts)
    rows = [
        (_unigram_text(index, text, tokens.kinds[index]), scores[index])
        for index, text in enumerate(tokens.texts)
    ]
    pipeline = tokenizers.Tokenizer(models.Unigram(rows, unknown_id, byte_fallback=False))
    if normalization.charsmap:
        pipeline.normalizer = normalizers.Precompiled(normalization.charsmap)
    has_space = normalization.adds_space or normalization.merges_spaces
    spaces: pre_tokenizers.PreTokenizer = pre_tokenizers.Metaspace(
        replacement=SPACE_MARK, prepend_scheme="always" if has_space else "never"
    )
    if normalization.merges_spaces:
        spaces = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), spaces])
    pipeline.pre_tokenizer = spaces
    return pipeline


def _merges(tokens: GgufTokens, ids: dict[str, int]) -> list[tuple[str, str]]:
    """Those whose halves and whole are tokens: the library refuses any other."""
    return [
        (left, right)
        for left, right in tokens.merges
        if left in ids and right in ids and left + right in ids
    ]


def _unigram_text(index: int, text: str, kind: TokenKind) -> str:
    """The spelling by which the algorithm finds a token; control tokens get one that no text has."""
    if not text or kind in (TokenKind.CONTROL, TokenKind.UNKNOWN, TokenKind.BYTE):
        # U+FDD0 is no character, but the library takes it; an index keeps spellings apart.
        return f"\ufdd0{index}\ufdd0"
    return text
