"""Tokenizers against the ids of llama.cpp, and what holds for each of them."""

from __future__ import annotations

import functools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.errors import ModelFileError, RequestError
from realm_desktop.formats.model_file import open_model
from tests.support.fake_model_file import FakeModelFile, bpe_metadata, spm_metadata
from tests.support.shared_data import shared_data

_VOCABULARIES = ("llama-spm", "gpt-2", "qwen2")


@functools.cache
def real_tokenizer(name: str) -> Tokenizer:
    return build_tokenizer(open_model(shared_data(f"ggml-vocab-{name}.gguf")))


@functools.cache
def tiny_bpe() -> Tokenizer:
    return build_tokenizer(FakeModelFile(bpe_metadata()))


@functools.cache
def tiny_spm() -> Tokenizer:
    return build_tokenizer(FakeModelFile(spm_metadata()))


def reference_records(name: str) -> list[tuple[str, list[int]]]:
    texts = shared_data(f"ggml-vocab-{name}.gguf.inp").read_text(encoding="utf-8")
    ids = shared_data(f"ggml-vocab-{name}.gguf.out").read_text(encoding="utf-8")
    pairs = zip(texts.split("\n__ggml_vocab_test__\n"), ids.split("\n"), strict=True)
    return [(text, [int(number) for number in line.split()]) for text, line in pairs]


@pytest.mark.parity
@pytest.mark.parametrize("name", _VOCABULARIES)
def test_ids_equal_those_of_llama_cpp(name: str) -> None:
    tokenizer = real_tokenizer(name)

    for text, expected in reference_records(name):
        ids = tokenizer.encode(text, add_special=False, parse_special=False)
        assert ids == expected, text


@pytest.mark.parity
@pytest.mark.parametrize("name", _VOCABULARIES)
def test_decoded_ids_give_the_text_back(name: str) -> None:
    tokenizer = real_tokenizer(name)

    for text, expected in reference_records(name):
        assert tokenizer.decode(expected) == text


@pytest.mark.parity
def test_prompts_of_the_story_model_have_the_reference_ids() -> None:
    tokenizer = build_tokenizer(open_model(shared_data("stories260K-f32.gguf")))
    reference = json.loads(shared_data("stories260K-f32.reference.json").read_text())

    for record in reference["prompts"]:
        ids = tokenizer.encode(record["prompt"], add_special=True, parse_special=True)
        assert ids == record["ids"]


@pytest.mark.parametrize("make", [tiny_bpe, tiny_spm])
@given(text=st.text())
def test_every_text_survives_encoding_and_decoding(
    make: functools._lru_cache_wrapper[Tokenizer], text: str
) -> None:
    tokenizer = make()

    ids = tokenizer.encode(text, add_special=True, parse_special=False)

    assert tokenizer.decode(ids, skip_special=True) == text


@pytest.mark.parametrize("make", [tiny_bpe, tiny_spm])
def test_every_character_of_one_byte_survives(
    make: functools._lru_cache_wrapper[Tokenizer],
) -> None:
    tokenizer = make()

    for code in range(128):
        ids = tokenizer.encode(chr(code), add_special=False, parse_special=False)
        assert tokenizer.decode(ids) == chr(code)


@pytest.mark.parametrize("make", [tiny_bpe, tiny_spm])
@given(text=st.text(alphabet="<s>/|endoftxim_U[SER] "))
def test_text_never_becomes_a_control_token_unless_asked(
    make: functools._lru_cache_wrapper[Tokenizer], text: str
) -> None:
    tokenizer = make()

    ids = tokenizer.encode(text, add_special=False, parse_special=False)

    assert not any(tokenizer.is_special(token_id) for token_id in ids)


def test_control_tokens_are_read_when_asked() -> None:
    tokenizer = tiny_spm()

    ids = tokenizer.encode("a</s>a", add_special=False, parse_special=True)

    assert ids.count(2) == 1
    assert tokenizer.decode(ids) == "a</s>a"


def test_user_defined_tokens_are_always_read() -> None:
    tokenizer = tiny_spm()
    user_id = tokenizer.find_token("[USER]")

    ids = tokenizer.encode("a[USER]", add_special=False, parse_special=False)

    assert user_id in ids


def test_spm_adds_a_space_in_front_and_behind_control_tokens() -> None:
    ids = tiny_spm().encode("hello</s>hello", add_special=False, parse_special=True)

    assert [tiny_spm().token_text(token_id) for token_id in ids] == [
        "\u2581hello",
        "</s>",
        "\u2581hello",
    ]


def test_no_space_is_added_where_the_file_says_so() -> None:
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(add_space_prefix=False)))

    ids = tokenizer.encode("aa", add_special=False, parse_special=False)

    assert [tokenizer.token_text(token_id) for token_id in ids] == ["aa"]
    assert tokenizer.decode(tokenizer.encode(" a", add_special=False, parse_special=False)) == " a"


def test_bos_is_added_by_spm_and_not_by_gpt2() -> None:
    assert tiny_spm().encode("", add_special=True, parse_special=False) == [1]
    assert tiny_bpe().encode("", add_special=True, parse_special=False) == []


def test_eos_is_added_where_the_file_says_so() -> None:
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(add_eos_token=True)))

    assert tokenizer.encode("", add_special=True, parse_special=False) == [1, 2]


def test_llama3_vocabularies_add_bos_where_the_file_says_nothing() -> None:
    metadata = bpe_metadata(pre="llama-bpe", add_bos_token=None)

    assert build_tokenizer(FakeModelFile(metadata)).adds_bos


def test_lone_surrogate_is_read_as_replacement_character() -> None:
    ids = tiny_bpe().encode("a\ud800b", add_special=False, parse_special=False)

    assert tiny_bpe().decode(ids) == "a\ufffdb"


def test_characters_without_token_become_bytes() -> None:
    ids = tiny_spm().encode("\U0001f999", add_special=False, parse_special=False)

    assert b"".join(map(tiny_spm().token_bytes, ids)) == " \U0001f999".encode()


def test_a_byte_without_token_becomes_the_unknown_token() -> None:
    pieces = spm_metadata()
    kinds = [1 if kind == 6 else kind for kind in pieces["tokenizer.ggml.token_type"]]
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(token_type=kinds)))

    ids = tokenizer.encode("x", add_special=False, parse_special=False)

    assert ids[-1] == 0


def test_special_tokens_are_spelled_or_skipped() -> None:
    ids = [1, *tiny_spm().encode("hello", add_special=False, parse_special=False), 2]

    assert tiny_spm().decode(ids) == "<s>hello</s>"
    assert tiny_spm().decode(ids, skip_special=True) == "hello"


@pytest.mark.parametrize("token_id", [-1, 10**9])
def test_an_id_outside_the_vocabulary_is_refused(token_id: int) -> None:
    with pytest.raises(RequestError, match="outside the vocabulary"):
        tiny_bpe().decode([token_id])


def test_end_of_turn_tokens_end_a_reply() -> None:
    tokenizer = real_tokenizer("qwen2")

    assert {tokenizer.token_text(token_id) for token_id in tokenizer.end_ids} == {
        "<|endoftext|>",
        "<|im_end|>",
    }


def test_a_file_without_tokenizer_is_refused_by_name() -> None:
    with pytest.raises(ModelFileError, match=r"model\.gguf has no tokenizer"):
        build_tokenizer(FakeModelFile({}))


def test_an_unknown_kind_of_tokenizer_is_refused() -> None:
    with pytest.raises(ModelFileError, match="'rwkv'") as caught:
        build_tokenizer(FakeModelFile(bpe_metadata(model="rwkv")))

    assert caught.value.field == "tokenizer.ggml.model"


@pytest.mark.parametrize(("architecture", "has_line"), [("phi3", False), ("llama", True)])
def test_marks_of_turns_take_the_line_break_along_in_phi3(
    architecture: str, has_line: bool
) -> None:
    metadata = {**spm_metadata(), "general.architecture": architecture}
    tokenizer = build_tokenizer(FakeModelFile(metadata))

    ids = tokenizer.encode("[USER]\nhello", add_special=False, parse_special=True)

    assert ("\n" in tokenizer.decode(ids)) is has_line
