"""Sequence breakers: which tokens contain them."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.text.sequence_breakers import SequenceBreakers
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.formats.model_file import open_model
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path: Path = tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)
    model_file = open_model(path)
    tokenizer = build_tokenizer(model_file)
    model_file.close()
    return tokenizer


def texts(tokenizer: Tokenizer, *breakers: str) -> set[str]:
    return {tokenizer.token_text(index) for index in SequenceBreakers(tokenizer).ids(breakers)}


def test_tokens_that_contain_a_breaker_are_found(tokenizer: Tokenizer) -> None:
    assert texts(tokenizer, "th") == {"th", "the", "Ġthe"}


def test_breakers_are_bytes_of_the_text_not_of_the_spelling(tokenizer: Tokenizer) -> None:
    assert texts(tokenizer, " t") == {"Ġt", "Ġthe"}


def test_control_tokens_count_by_their_spelling(tokenizer: Tokenizer) -> None:
    assert texts(tokenizer, "<|im_end|>") == {"<|im_end|>"}


def test_no_breaker_finds_no_token(tokenizer: Tokenizer) -> None:
    assert texts(tokenizer) == set()


def test_answer_is_kept_for_the_next_request(tokenizer: Tokenizer) -> None:
    breakers = SequenceBreakers(tokenizer)

    assert breakers.ids(("a",)) is breakers.ids(("a",))


def test_only_a_few_answers_are_kept(tokenizer: Tokenizer) -> None:
    breakers = SequenceBreakers(tokenizer)
    first = breakers.ids(("a",))
    for index in range(8):
        breakers.ids((str(index),))

    assert breakers.ids(("a",)) is not first
