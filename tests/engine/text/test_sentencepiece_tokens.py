"""Folders that have a tokenizer.model and no tokenizer.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.errors import CorruptFile, ModelFileError
from tests.support.fake_model_file import FakeModelFile
from tests.support.sentencepiece_models import sentencepiece_model

_TEXTS = ("", "hello world", " two  spaces ", "caf\u00e9 \u4f60\u597d 123", "quick, lazy!", "fox\n")


def folder(model_type: str = "bpe", rule: str = "identity", **files: Any) -> FakeModelFile:
    texts = {f"{name}.json": json.dumps(value).encode() for name, value in files.items()}
    texts["tokenizer.model"] = sentencepiece_model(model_type, rule)
    return FakeModelFile(container="safetensors", texts=texts)


def ids_of(tokenizer: Tokenizer, text: str, *, add_special: bool = False) -> list[int]:
    return tokenizer.encode(text, add_special=add_special, parse_special=True)


@pytest.mark.parity
@pytest.mark.parametrize(("model_type", "rule"), [("bpe", "identity"), ("unigram", "nmt_nfkc")])
def test_ids_are_those_of_sentencepiece(model_type: str, rule: str) -> None:
    import sentencepiece

    data = sentencepiece_model(model_type, rule)
    reference = sentencepiece.SentencePieceProcessor(model_proto=data)
    tokenizer = build_tokenizer(folder(model_type, rule))

    for text in _TEXTS:
        assert ids_of(tokenizer, text) == reference.encode(text), text


def test_llama_adds_bos_and_t5_adds_eos() -> None:
    assert ids_of(build_tokenizer(folder()), "", add_special=True) == [1]
    assert ids_of(build_tokenizer(folder("unigram", "nmt_nfkc")), "", add_special=True) == [2]


def test_settings_say_what_is_added() -> None:
    settings = {"add_bos_token": False, "add_eos_token": True, "eos_token": {"content": "</s>"}}
    tokenizer = build_tokenizer(folder(tokenizer_config=settings))

    assert ids_of(tokenizer, "", add_special=True) == [2]
    assert tokenizer.named_tokens["eos_token"] == "</s>"


def test_added_tokens_are_found_and_end_replies() -> None:
    size = build_tokenizer(folder()).vocabulary_size
    added = {str(size + 1): {"content": "<|im_end|>", "special": True}}
    tokenizer = build_tokenizer(
        folder(
            tokenizer_config={"added_tokens_decoder": added},
            added_tokens={"[USER]": size},
            generation_config={"eos_token_id": [2, size + 1]},
        )
    )

    assert ids_of(tokenizer, "[USER]<|im_end|>") == [size, size + 1]
    assert tokenizer.end_ids == {2, size + 1}


def test_a_tokenizer_json_goes_first() -> None:
    model_file = folder()
    texts = {**model_file.texts, "tokenizer.json": b"{"}

    with pytest.raises(CorruptFile, match=r"tokenizer\.json"):
        build_tokenizer(FakeModelFile(container="safetensors", texts=texts))


@pytest.mark.parametrize("rule", ["nmt_nfkc"])
def test_rules_that_cannot_be_kept_are_refused_with_what_helps(rule: str) -> None:
    with pytest.raises(ModelFileError, match="normalizes texts") as caught:
        build_tokenizer(folder("bpe", rule))

    assert "tokenizer.json" in caught.value.advice


def test_an_added_id_out_of_range_is_refused() -> None:
    with pytest.raises(CorruptFile, match="added token is 2000000000"):
        build_tokenizer(folder(added_tokens={"<x>": 2_000_000_000}))
