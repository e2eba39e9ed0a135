"""Every length, type and id of a GGUF tokenizer is checked."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.text.gguf_vocabulary import (
    Normalization,
    read_gguf_tokens,
    read_normalization,
)
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile, bpe_metadata, spm_metadata

_SIZE = len(spm_metadata()["tokenizer.ggml.tokens"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tokens", "abc"),
        ("tokens", []),
        ("tokens", [1, 2]),
        ("scores", [0.0]),
        ("scores", [0.0] * (_SIZE + 1)),
        ("scores", [float("nan")] * _SIZE),
        ("scores", [float("inf")] * _SIZE),
        ("scores", ["x"] * _SIZE),
        ("scores", 7),
        ("token_type", [1]),
        ("token_type", [9] * _SIZE),
        ("token_type", [-1] * _SIZE),
        ("token_type", [True] * _SIZE),
        ("bos_token_id", -1),
        ("bos_token_id", _SIZE),
        ("eos_token_id", 2**32 - 1),
        ("eot_token_id", 2**63),
        ("eom_token_id", "2"),
        ("unknown_token_id", True),
        ("unknown_token_id", 1.0),
        ("add_bos_token", 1),
        ("add_eos_token", "yes"),
        ("add_space_prefix", 0),
        ("merges", ["ab"]),
        ("merges", [" "]),
        ("merges", ["a "]),
        ("merges", [""]),
        ("merges", [3]),
        ("pre", 5),
        ("model", ["llama"]),
    ],
)
def test_a_wrong_value_is_refused_by_key(key: str, value: Any) -> None:
    with pytest.raises(CorruptFile) as caught:
        build_tokenizer(FakeModelFile(spm_metadata(**{key: value})))

    assert caught.value.field == f"tokenizer.ggml.{key}"
    assert "model.gguf" in caught.value.message


@pytest.mark.parametrize("text", ["<0x-1>", "<0x1>", "<0xGG>", "<0x100>", "0x10", "<0x10> ", ""])
def test_a_malformed_byte_token_is_refused(text: str) -> None:
    tokens = spm_metadata()["tokenizer.ggml.tokens"]
    tokens[10] = text

    with pytest.raises(CorruptFile, match="byte token"):
        build_tokenizer(FakeModelFile(spm_metadata(tokens=tokens)))


def test_more_tokens_than_embedding_rows_are_refused() -> None:
    entry = TensorEntry("token_embd.weight", TensorType.F32, (_SIZE - 1, 8), 0, 0)
    model_file = FakeModelFile(spm_metadata(), tensors={"token_embd.weight": entry})

    with pytest.raises(CorruptFile, match=f"has {_SIZE - 1} rows"):
        build_tokenizer(model_file)


def test_missing_scores_and_types_are_filled_in() -> None:
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(scores=None, token_type=None)))

    ids = tokenizer.encode("\u00fc", add_special=False, parse_special=False)

    assert tokenizer.decode(ids) == "\u00fc"


def test_merges_of_tokens_that_do_not_exist_are_ignored() -> None:
    metadata = bpe_metadata(merges=["h e", "zz yy", "he x"])

    tokenizer = build_tokenizer(FakeModelFile(metadata))

    assert len(tokenizer.encode("he", add_special=False, parse_special=False)) == 1


def test_default_ids_apply_only_where_they_fit() -> None:
    metadata = spm_metadata(
        tokens=["a"], scores=[0.0], token_type=[1], bos_token_id=None, eos_token_id=None
    )
    tokenizer = build_tokenizer(FakeModelFile(metadata))

    assert tokenizer.bos_id is None
    assert tokenizer.eos_id is None
    assert not tokenizer.adds_bos


def test_a_padding_id_out_of_range_is_ignored() -> None:
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(padding_token_id=2**32 - 1)))

    assert "pad_token" not in tokenizer.named_tokens
    assert tokenizer.named_tokens["bos_token"] == "<s>"


def test_eot_and_eom_end_a_reply() -> None:
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(eot_token_id=5, eom_token_id=6)))

    assert tokenizer.end_ids == {2, 5, 6}


def test_unused_tokens_add_no_text() -> None:
    tokens = spm_metadata()["tokenizer.ggml.tokens"]
    kinds = spm_metadata()["tokenizer.ggml.token_type"]
    kinds[tokens.index("aa")] = 5
    tokenizer = build_tokenizer(FakeModelFile(spm_metadata(token_type=kinds)))

    assert tokenizer.token_bytes(tokens.index("aa")) == b""


def test_an_end_of_turn_among_the_plain_tokens_is_a_control_token() -> None:
    tokens = [*bpe_metadata()["tokenizer.ggml.tokens"], "<|eot_id|>", "</s>"]
    kinds = [*bpe_metadata()["tokenizer.ggml.token_type"], 1, 1]
    tokenizer = build_tokenizer(FakeModelFile(bpe_metadata(tokens=tokens, token_type=kinds)))

    # "</s>" is a tag that people write.
    assert tokenizer.find_token("<|eot_id|>") in tokenizer.end_ids
    assert tokenizer.find_token("</s>") is None


@pytest.mark.parametrize(
    ("model", "pre", "expected"), [("gpt2", "gemma4", "gemma4"), ("gpt2", "gpt-2", "gpt2")]
)
def test_a_vocabulary_that_is_not_byte_level_is_known_by_its_pre_tokenizer(
    model: str, pre: str, expected: str
) -> None:
    metadata = bpe_metadata(model=model, pre=pre)

    assert read_gguf_tokens(FakeModelFile(metadata)).model == expected


def test_normalization_is_read_with_its_defaults() -> None:
    signed = [0, 4, 0, 0, *[0] * 1024, -61, -87, 0]
    values = {"precompiled_charsmap": signed, "remove_extra_whitespaces": True}
    prefixed = {f"tokenizer.ggml.{key}": value for key, value in values.items()}

    found = read_normalization(FakeModelFile(prefixed))

    assert found == Normalization(
        b"\0\4\0\0" + bytes(1024) + b"\xc3\xa9\0", True, False, True, True
    )
