"""The algorithms behind a tokenizer."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.text.encoders import PartEncoder, SentencePieceEncoder
from realm_desktop.engine.text.gguf_vocabulary import build_vocabulary, read_gguf_tokens
from realm_desktop.engine.text.library_pipelines import byte_level as byte_level_pipeline
from realm_desktop.engine.text.pre_tokenizers import PreTokenizer, find_pre_tokenizer
from tests.support.fake_model_file import (
    CONTROL,
    NORMAL,
    USER_DEFINED,
    FakeModelFile,
    bpe_metadata,
    spm_metadata,
)
from tests.support.tiny_tokenizer import tiny_tokens


def byte_level(pre_tokenizer: PreTokenizer, **changes: Any) -> PartEncoder:
    model_file = FakeModelFile(bpe_metadata(**changes))
    tokens = read_gguf_tokens(model_file)
    vocabulary = build_vocabulary(model_file, tokens, adds_bos=False)
    return PartEncoder(byte_level_pipeline(tokens, pre_tokenizer), vocabulary)


def sentence_piece(**changes: Any) -> SentencePieceEncoder:
    model_file = FakeModelFile(spm_metadata(**changes))
    tokens = read_gguf_tokens(model_file)
    return SentencePieceEncoder(tokens, build_vocabulary(model_file, tokens, adds_bos=True))


def spell(encoder: PartEncoder, text: str) -> list[str]:
    tokens = tiny_tokens()
    return [tokens[token_id] for token_id in encoder.encode(text, parse_special=False)]


def test_merges_apply_in_the_order_of_their_rank() -> None:
    encoder = byte_level(find_pre_tokenizer("gpt-2"), merges=["l l", "h e", "e ll"])

    # "e ll" joins no token of the vocabulary, so it is left out.
    assert spell(encoder, "hell") == ["he", "ll"]


def test_an_earlier_merge_takes_its_half_from_a_later_one() -> None:
    encoder = byte_level(find_pre_tokenizer("gpt-2"), merges=["t h", "h e", "th e"])

    assert spell(encoder, "the") == ["the"]
    assert spell(encoder, "he") == ["he"]


def test_a_whole_word_skips_merging_where_the_family_says_so() -> None:
    ignoring = PreTokenizer((r"\S+|\s+",), ignores_merges=True)
    merging = PreTokenizer((r"\S+|\s+",))

    assert spell(byte_level(ignoring, merges=[]), "the") == ["the"]
    assert spell(byte_level(merging, merges=[]), "the") == ["t", "h", "e"]


def test_nothing_merges_across_words() -> None:
    encoder = byte_level(PreTokenizer((r"\p{L}", r"\P{L}+")), merges=["h e"])

    assert spell(encoder, "he") == ["h", "e"]


def test_user_defined_tokens_are_read_as_plain_text() -> None:
    tokens = tiny_tokens()
    kinds = [NORMAL] * (len(tokens) - 3) + [USER_DEFINED, CONTROL, CONTROL]
    encoder = byte_level(find_pre_tokenizer("gpt-2"), token_type=kinds)

    ids = encoder.encode("a<|endoftext|><|im_end|>", parse_special=False)

    assert len(tokens) - 3 in ids
    assert len(tokens) - 1 not in ids


@pytest.mark.parametrize("parse_special", [True, False])
def test_an_empty_text_has_no_ids(parse_special: bool) -> None:
    assert byte_level(find_pre_tokenizer("qwen2")).encode("", parse_special=parse_special) == []
    assert sentence_piece().encode("", parse_special=parse_special) == []


@pytest.mark.parametrize(
    ("score_of_lo", "expected"),
    [(-3.0, ["\u2581", "el", "o"]), (0.0, ["\u2581", "e", "lo"])],
)
def test_sentencepiece_merges_the_better_score_first(
    score_of_lo: float, expected: list[str]
) -> None:
    pieces = spm_metadata()["tokenizer.ggml.tokens"]
    scores = list(spm_metadata()["tokenizer.ggml.scores"])
    scores[pieces.index("lo")] = score_of_lo

    ids = sentence_piece(scores=scores).encode("elo", parse_special=False)

    assert [pieces[token_id] for token_id in ids] == expected


def test_sentencepiece_finds_user_defined_tokens_with_visible_spaces() -> None:
    pieces = [*spm_metadata()["tokenizer.ggml.tokens"], "\u2581\u2581"]
    scores = [*spm_metadata()["tokenizer.ggml.scores"], 0.0]
    kinds = [*spm_metadata()["tokenizer.ggml.token_type"], USER_DEFINED]
    encoder = sentence_piece(tokens=pieces, scores=scores, token_type=kinds)

    assert len(pieces) - 1 in encoder.encode("a  a", parse_special=False)


def test_the_spelling_of_a_byte_token_is_plain_text() -> None:
    ids = sentence_piece().encode("<0x41>", parse_special=True)

    assert spm_metadata()["tokenizer.ggml.tokens"].index("<0x41>") not in ids
