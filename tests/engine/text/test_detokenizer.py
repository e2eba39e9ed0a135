"""Streamed text equals the decoded whole."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from tests.support.fake_model_file import FakeModelFile, bpe_metadata, spm_metadata

_TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("\u4f60\u597d\U0001f999\U0001f468\u200d e\u0301")
    )
)


@functools.cache
def tokenizer_of(kind: str) -> Tokenizer:
    metadata = bpe_metadata() if kind == "bpe" else spm_metadata()
    return build_tokenizer(FakeModelFile(metadata))


def stream(tokenizer: Tokenizer, prompt_ids: list[int], ids: list[int], size: int) -> str:
    detokenizer = Detokenizer(tokenizer, prompt_ids)
    pieces = [detokenizer.push(ids[at : at + size]) for at in range(0, len(ids), size)]
    return "".join([*pieces, detokenizer.flush()])


@pytest.mark.parametrize("kind", ["bpe", "spm"])
@given(prompt=_TEXTS, reply=_TEXTS, size=st.integers(1, 5))
def test_streamed_text_equals_the_whole(kind: str, prompt: str, reply: str, size: int) -> None:
    tokenizer = tokenizer_of(kind)
    prompt_ids = tokenizer.encode(prompt, add_special=True, parse_special=False)
    ids = tokenizer.encode(prompt + reply, add_special=True, parse_special=False)[len(prompt_ids) :]

    streamed = stream(tokenizer, prompt_ids, ids, size)

    whole = tokenizer.decode([*prompt_ids, *ids], skip_special=True)
    assert tokenizer.decode(prompt_ids, skip_special=True) + streamed == whole


@pytest.mark.parametrize("kind", ["bpe", "spm"])
@given(data=st.data(), size=st.integers(1, 5))
def test_any_ids_stream_to_the_decoded_whole(kind: str, data: st.DataObject, size: int) -> None:
    tokenizer = tokenizer_of(kind)
    ids = data.draw(st.lists(st.integers(0, tokenizer.vocabulary_size - 1)))

    assert stream(tokenizer, [], ids, size) == tokenizer.decode(ids, skip_special=True)


@pytest.mark.parametrize("kind", ["bpe", "spm"])
@pytest.mark.parametrize("character", ["\u00e9", "\u4f60", "\U0001f999"])
def test_no_piece_holds_half_a_character(kind: str, character: str) -> None:
    tokenizer = tokenizer_of(kind)
    detokenizer = Detokenizer(tokenizer, [])
    ids = tokenizer.encode(character, add_special=False, parse_special=False)

    pieces = [detokenizer.push([token_id]) for token_id in ids]

    assert set(pieces) == {"", character}


def test_the_first_space_of_a_reply_behind_text_is_kept() -> None:
    tokenizer = tokenizer_of("spm")
    prompt_ids = tokenizer.encode("a", add_special=True, parse_special=False)
    ids = tokenizer.encode("hello", add_special=False, parse_special=False)

    assert stream(tokenizer, prompt_ids, ids, 1) == " hello"


@pytest.mark.parametrize("prompt_ids", [[], [1], [263, 2]])
def test_the_added_space_is_dropped_behind_a_control_token(prompt_ids: list[int]) -> None:
    tokenizer = tokenizer_of("spm")
    ids = tokenizer.encode("hello", add_special=False, parse_special=False)

    assert stream(tokenizer, prompt_ids, ids, 1) == "hello"


def test_control_tokens_add_no_text() -> None:
    tokenizer = tokenizer_of("spm")

    assert Detokenizer(tokenizer, [1]).push([1, 2, 1]) == ""


def test_an_incomplete_character_is_shown_at_the_end() -> None:
    tokenizer = tokenizer_of("spm")
    detokenizer = Detokenizer(tokenizer, [1])
    first_byte = tokenizer.encode("\u4f60", add_special=False, parse_special=False)[1]

    assert detokenizer.push([first_byte]) == ""
    assert detokenizer.flush() == "\ufffd"


def test_a_reply_completes_a_character_that_the_prompt_began() -> None:
    tokenizer = tokenizer_of("bpe")
    ids = tokenizer.encode("\U0001f999", add_special=False, parse_special=False)

    assert stream(tokenizer, ids[:2], ids[2:], 1) == "\U0001f999"


def test_the_marks_of_a_harmony_reply_are_streamed() -> None:
    marks = ["<|return|>", "<|call|>", "<|channel|>", "<|message|>"]
    tokens = [*bpe_metadata()["tokenizer.ggml.tokens"], *marks]
    kinds = [*bpe_metadata()["tokenizer.ggml.token_type"], 3, 3, 3, 3]
    tokenizer = build_tokenizer(FakeModelFile(bpe_metadata(tokens=tokens, token_type=kinds)))
    text = "<|channel|>a<|message|>b"
    ids = tokenizer.encode(text + "<|return|>", add_special=False, parse_special=True)

    assert stream(tokenizer, [], ids, 1) == text
    assert tokenizer.decode(ids, skip_special=True) == text
