"""Which pairs of vocabularies fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.speculation.vocabulary_check import (
    MAX_PADDING_TOKENS,
    check_vocabularies,
)
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import CorruptFile, DraftMismatch
from realm_desktop.protocol import LoadModel
from tests.support.shared_data import shared_data
from tests.support.tiny_models import tiny_gguf, tiny_safetensors


class Words:
    """A tokenizer of these tokens, as far as the check looks."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self.vocabulary_size = len(texts)

    def token_text(self, token_id: int) -> str:
        return self._texts[token_id]


def check(target: Sequence[str], draft: Sequence[str]) -> None:
    check_vocabularies(
        cast(Tokenizer, Words(target)), cast(Tokenizer, Words(draft)), Path("d.gguf")
    )


def load(target: Path, draft: Path) -> Engine:
    engine = Engine()
    command = LoadModel(str(target), "cpu", num_threads=1, draft_path=str(draft))
    engine.load(command, lambda phase, fraction: None)
    return engine


def test_same_tokens_fit() -> None:
    check(["a", "b"], ["a", "b"])


def test_padding_of_either_side_fits() -> None:
    tokens = [str(number) for number in range(300)]
    check(tokens, tokens[: 300 - MAX_PADDING_TOKENS])
    check(tokens[: 300 - MAX_PADDING_TOKENS], tokens)


def test_much_longer_vocabulary_is_refused_with_both_sizes() -> None:
    tokens = [str(number) for number in range(2000)]

    with pytest.raises(DraftMismatch, match=r"2,000 tokens in the model and 1,000 in the draft"):
        check(tokens, tokens[:1000])


def test_first_differing_ids_are_named_with_their_texts() -> None:
    with pytest.raises(DraftMismatch) as caught:
        check(["a", "b", "c", "d", "e", "f"], ["a", "B", "c", "D", "E", "F"])

    assert "4 of 6 token ids differ" in caught.value.message
    assert (
        "id 1 is 'b' in the model and 'B' in the draft; id 3 is 'd' in the model and"
        in caught.value.message
    )
    assert "'F'" not in caught.value.message
    assert caught.value.file == "d.gguf"


def test_hostile_texts_are_shown_harmlessly() -> None:
    with pytest.raises(DraftMismatch) as caught:
        check(["a"], ["\u202e\n" * 5000])

    assert "\u202e" not in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400


def test_gguf_target_takes_a_safetensors_draft(tmp_path: Path) -> None:
    target = tiny_gguf(tmp_path, with_tokenizer=True)
    draft = tiny_safetensors(tmp_path, with_tokenizer=True)

    info = load(target, draft).info

    assert info is not None
    assert info.draft_name == "tiny-llama"


def test_refused_pair_leaves_the_present_model_loaded(tmp_path: Path) -> None:
    target = tiny_gguf(tmp_path, with_tokenizer=True)
    engine = load(target, target)
    command = LoadModel(
        str(target), "cpu", num_threads=1, draft_path=str(shared_data("stories260K-f32.gguf"))
    )

    with pytest.raises(DraftMismatch):
        engine.load(command, lambda phase, fraction: None)

    assert engine.info is not None


def test_broken_draft_file_is_named(tmp_path: Path) -> None:
    target, broken = tiny_gguf(tmp_path, with_tokenizer=True), tmp_path / "broken.gguf"
    broken.write_bytes(target.read_bytes()[:1000])

    with pytest.raises(CorruptFile) as caught:
        load(target, broken)

    assert caught.value.file == str(broken)
