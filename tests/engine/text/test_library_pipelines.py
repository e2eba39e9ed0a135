"""WordPiece, Unigram and spaced BPE of GGUF files give the ids of the models' own tokenizers."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import decoders, models, normalizers

from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.errors import CorruptFile
from tests.support.fake_model_file import (
    BYTE,
    CONTROL,
    NORMAL,
    UNKNOWN,
    USER_DEFINED,
    FakeModelFile,
)

_TEXTS = st.text(st.sampled_from("abcDÉé\u0301 \n\t!?,'-你好\u00a0\U0001f600#[]"), max_size=30)
_WORDS = ("[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "ab", "e")
_MORE = ("##a", "##b", "##c", "##d", "##bc", "##e", "!", "?", ",", "'", "-", "#", "[", "]", "你")


def metadata(model: str, rows: list[tuple[str, float, int]], **values: Any) -> FakeModelFile:
    keys = {
        "model": model,
        "tokens": [text for text, _, _ in rows],
        "scores": [score for _, score, _ in rows],
        "token_type": [kind for _, _, kind in rows],
        **values,
    }
    return FakeModelFile({f"tokenizer.ggml.{key}": value for key, value in keys.items()})


def ids(tokenizer: Tokenizer, text: str, *, add_special: bool = False) -> list[int]:
    return tokenizer.encode(text, add_special=add_special, parse_special=False)


def bert_file(**values: Any) -> FakeModelFile:
    rows: list[tuple[str, float, int]] = []
    for text in (*_WORDS, *_MORE):
        is_named = text.startswith("[") and text.endswith("]")
        spelled = text if is_named else "\u2581" + text
        spelled = text.removeprefix("##") if text.startswith("##") else spelled
        rows.append((spelled, 0.0, CONTROL if is_named and text != "[unused1]" else NORMAL))
    ends = {"bos_token_id": 3, "seperator_token_id": 4, "unknown_token_id": 2}
    return metadata("bert", rows, **{**ends, **values})


@functools.cache
def bert() -> Tokenizer:
    return build_tokenizer(bert_file())


@functools.cache
def bert_reference() -> Any:
    from transformers import BertTokenizer

    return BertTokenizer(vocab={text: index for index, text in enumerate((*_WORDS, *_MORE))})


@pytest.mark.parity
@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_word_piece_gives_the_ids_of_transformers(text: str) -> None:
    expected = bert_reference()(text, add_special_tokens=True)["input_ids"]

    assert ids(bert(), text, add_special=True) == expected


def test_word_piece_marks_begin_and_end_and_ends_replies_at_the_separator() -> None:
    assert ids(bert(), "ab", add_special=True) == [3, 10, 4]
    assert bert().end_ids == {4}


def test_word_piece_streams_words_with_spaces_between() -> None:
    stream = Detokenizer(bert(), [3])

    assert "".join(stream.push([token]) for token in ids(bert(), "abbc a!")) == "abbc a !"


@pytest.mark.parametrize(("lowercase", "expected"), [(True, [9]), (False, [2])])
def test_word_piece_keeps_capitals_where_the_file_says_so(
    lowercase: bool, expected: list[int]
) -> None:
    values: dict[str, Any] = {"normalizer.lowercase": lowercase}

    assert ids(build_tokenizer(bert_file(**values)), "D") == expected


def test_a_tokenizer_without_unknown_token_is_refused() -> None:
    with pytest.raises(CorruptFile, match="unknown_token_id is missing"):
        build_tokenizer(metadata("bert", [("\u2581a", 0.0, NORMAL)]))


_UNIGRAM = [
    ("<pad>", 0.0, CONTROL),
    ("</s>", 0.0, CONTROL),
    ("<unk>", 0.0, UNKNOWN),
    ("<user>", 0.0, USER_DEFINED),
    *((text, -1.0 - index / 7, NORMAL) for index, text in enumerate(("\u2581", "ab", "\u2581a"))),
    *((text, -3.0 - index / 7, NORMAL) for index, text in enumerate("abcd!é")),
]


@functools.cache
def unigram(**values: Any) -> Tokenizer:
    return build_tokenizer(metadata("t5", _UNIGRAM, **values))


@functools.cache
def unigram_reference() -> Any:
    from transformers import T5Tokenizer

    return T5Tokenizer(
        vocab=[(text, score) for text, score, _ in _UNIGRAM],
        extra_ids=0,
        additional_special_tokens=["<user>"],
    )


@pytest.mark.parity
@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_unigram_gives_the_ids_of_transformers(text: str) -> None:
    tokenizer = unigram(add_space_prefix=True, remove_extra_whitespaces=True)

    assert ids(tokenizer, text, add_special=True) == unigram_reference()(text)["input_ids"]


def test_unigram_takes_the_best_sum_and_not_the_longest_token() -> None:
    found = ids(unigram(add_space_prefix=True), "ab")

    # "▁" and "ab" score -2.1, "▁a" and "b" -4.4.
    assert [unigram().token_text(token_id) for token_id in found] == ["\u2581", "ab"]


def test_unigram_keeps_runs_of_spaces_where_the_file_does_not_merge_them() -> None:
    tokenizer = unigram(add_space_prefix=True)

    found = ids(tokenizer, "a  b")

    assert tokenizer.decode(found) == "a  b"


def test_unigram_never_finds_a_control_token_in_a_text() -> None:
    assert not set(ids(unigram(), "</s><pad>")) & {0, 1}


def test_a_damaged_charsmap_is_refused() -> None:
    with pytest.raises(CorruptFile, match=r"model\.gguf"):
        build_tokenizer(metadata("t5", _UNIGRAM, precompiled_charsmap=[255, 255, 255, 127, 1]))


_SPACED = [
    ("<pad>", 0.0, CONTROL),
    ("<eos>", 0.0, CONTROL),
    ("<bos>", 0.0, CONTROL),
    ("<unk>", 0.0, UNKNOWN),
    *((f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)),
    *((text, 0.0, NORMAL) for text in "ab\u2581\né"),
    *((text, 0.0, NORMAL) for text in ("\u2581a", "\n\n", "a\n", "\n\n\n", "b\u2581a")),
]
_SPACED_MERGES = ["\u2581 a", "\n \n", "\n\n \n", "a \n", "b \u2581a"]


@functools.cache
def spaced() -> Tokenizer:
    ends = {"bos_token_id": 2, "eos_token_id": 1, "unknown_token_id": 3}
    return build_tokenizer(metadata("gemma4", _SPACED, merges=_SPACED_MERGES, **ends))


@functools.cache
def spaced_reference() -> LibraryTokenizer:
    """As the tokenizer.json of Gemma's models: no cut that a text without spaces could meet."""
    vocabulary = {text: index for index, (text, _, _) in enumerate(_SPACED)}
    merges = [(merge[: merge.find(" ", 1)], merge.split(" ")[-1]) for merge in _SPACED_MERGES]
    model = models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = LibraryTokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return tokenizer


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab \né你"), max_size=20))
def test_spaced_bpe_merges_across_spaces_and_lines(text: str) -> None:
    found = ids(spaced(), text)

    assert found == spaced_reference().encode(text, add_special_tokens=False).ids
    assert spaced().decode(found) == text


def test_spaced_bpe_adds_bos_and_no_space() -> None:
    assert spaced().decode(ids(spaced(), " a", add_special=True)) == "<bos> a"


def test_spaced_bpe_streams_no_half_character() -> None:
    stream = Detokenizer(spaced(), [2])

    pieces = [stream.push([token]) for token in ids(spaced(), "你")]

    assert pieces == ["", "", "你"]
