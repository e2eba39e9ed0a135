"""Tokenizers as llguidance sees them: exact bytes, whatever the kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realm_desktop.engine.sampling.grammar import GrammarCompiler
from realm_desktop.engine.sampling.token_table import TokenTable, build_token_table
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.formats.model_file import open_model
from tests.support.grammars import compile_grammar, random_text, tiny_model_tokenizer
from tests.support.shared_data import shared_data

TEXTS = ["", "a", " a", "the and", "\n\n", '{"name": "Zoë", "n": [1, 2]}', "  x", "🦊\tok"]
SENTENCE_PIECE = "ggml-vocab-llama-spm.gguf"


@pytest.fixture(scope="module", params=["tiny", SENTENCE_PIECE])
def tokenizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Tokenizer:
    if request.param == "tiny":
        return tiny_model_tokenizer(tmp_path_factory.mktemp("model"))
    model_file = open_model(shared_data(request.param))
    tokenizer = build_tokenizer(model_file)
    model_file.close()
    return tokenizer


def joined(tokenizer: Tokenizer, ids: list[int]) -> bytes:
    return b"".join(tokenizer.token_bytes(token_id) for token_id in ids)


@pytest.mark.parametrize("text", TEXTS)
def test_encoded_tokens_have_exactly_the_bytes_of_the_text(tokenizer: Tokenizer, text: str) -> None:
    table = TokenTable(tokenizer)

    assert joined(tokenizer, table(text)) == text.encode()
    assert table(text.encode()) == table(text)


@pytest.mark.parametrize("data", [b"\xff", b"a\xe2\x82", b"\x80\x80 b"])
def test_bytes_that_are_no_text_are_encoded_too(tokenizer: Tokenizer, data: bytes) -> None:
    assert joined(tokenizer, TokenTable(tokenizer)(data)) == data


def test_control_tokens_carry_their_spelling(tokenizer: Tokenizer) -> None:
    table = TokenTable(tokenizer)

    for token_id in table.special_token_ids:
        assert table.tokens[token_id] == tokenizer.token_text(token_id).encode()


def test_all_end_tokens_end_a_text(tokenizer: Tokenizer) -> None:
    assert set(build_token_table(tokenizer).eos_tokens) == tokenizer.end_ids


def test_model_without_an_end_token_gets_one_that_no_mask_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = tiny_model_tokenizer(tmp_path)
    monkeypatch.setattr(Tokenizer, "end_ids", frozenset())

    table = TokenTable(tokenizer)

    assert table.eos_token_id == tokenizer.vocabulary_size == len(table.tokens) - 1
    assert table.special_token_ids[-1] == table.eos_token_id


def test_texts_of_a_schema_are_json_for_every_tokenizer(tokenizer: Tokenizer) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 9}, "size": {"type": "integer"}},
        "required": ["name", "size"],
        "additionalProperties": False,
    }
    compiler = GrammarCompiler(tokenizer)
    for seed in range(3):
        grammar = compile_grammar(compiler, json_schema=json.dumps(schema), drops_space=True)
        text = random_text(grammar, tokenizer, seed)
        assert set(json.loads(text)) == {"name", "size"}
