"""Tokenizers of safetensors folders, written as GGUF metadata and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.engine.text.gguf_tokenizer import tokenizer_values
from realm_desktop.engine.text.template_source import find_template
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.errors import ModelFileError
from realm_desktop.formats.gguf_output import text_value, write_gguf_file
from realm_desktop.formats.model_file import ModelFile, open_model
from tests.support.tiny_models import save_safetensors, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}
BYTES = {**BYTE_LEVEL, "use_regex": False}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def _split(expression: str) -> dict[str, Any]:
    pattern = {"Regex": expression}
    return {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}


def _sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def _folder(path: Path, edit: Callable[[dict[str, Any]], None] = lambda content: None) -> ModelFile:
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE + 2)
    folder = save_safetensors(model, path, with_tokenizer=True)
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    return open_model(folder)


def _written(model_file: ModelFile, path: Path) -> ModelFile:
    values = tokenizer_values(model_file, TINY_VOCABULARY_SIZE + 2)
    write_gguf_file(path, [text_value("general.architecture", "llama"), *values], [], lambda _: [])
    return open_model(path)


def _roles(tokenizer: Tokenizer) -> tuple[object, ...]:
    roles = tokenizer.vocabulary
    ids = (roles.control_ids, roles.matched_ids, roles.bos_id, roles.eos_id, roles.end_ids)
    return *ids, roles.adds_bos, roles.adds_eos


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Tokenizer]:
    folder = tmp_path_factory.mktemp("tokenizers")
    source = _folder(folder / "m")
    return build_tokenizer(source), build_tokenizer(_written(source, folder / "m.gguf"))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_ids_are_the_same(tokenizers: tuple[Tokenizer, Tokenizer], text: str) -> None:
    before, after = tokenizers
    marked = f"<|im_start|>{text}<|im_end|>"

    for parse in (False, True):
        ids = before.encode(marked, add_special=True, parse_special=parse)
        assert after.encode(marked, add_special=True, parse_special=parse) == ids


def test_roles_are_the_same(tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
    before, after = tokenizers

    assert _roles(after) == _roles(before)
    # One token for each row of the embedding, the last two of which have none.
    assert after.vocabulary_size == before.vocabulary_size + 2


def test_template_goes_along(tmp_path: Path) -> None:
    source = _folder(tmp_path / "m")
    written = _written(source, tmp_path / "m.gguf")

    expected = find_template(source, build_tokenizer(source))
    assert find_template(written, build_tokenizer(written)) == expected


@pytest.mark.parametrize(
    ("steps", "ignores_merges", "name"),
    [
        (BYTE_LEVEL, False, "gpt-2"),
        (_sequence(_split(LLAMA3_WORDS), BYTES), True, "llama3"),
        (_sequence(_split(LLAMA3_WORDS), BYTES), False, "dbrx"),
        (
            _sequence({"type": "Digits", "individual_digits": True}, BYTE_LEVEL),
            False,
            "smollm",
        ),
    ],
)
def test_way_of_cutting_words_gets_its_name(
    steps: dict[str, Any], ignores_merges: bool, name: str, tmp_path: Path
) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["pre_tokenizer"] = steps
        content["model"]["ignore_merges"] = ignores_merges

    written = _written(_folder(tmp_path / "m", edit), tmp_path / "m.gguf")

    assert written.metadata["tokenizer.ggml.pre"] == name


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("pre_tokenizer", _sequence(_split("[aeiou]"), BYTES), "pre_tokenizer cuts words"),
        ("pre_tokenizer", {**BYTE_LEVEL, "add_prefix_space": True}, "pre_tokenizer cuts"),
        ("normalizer", {"type": "Lowercase"}, "normalizer is Lowercase"),
    ],
)
def test_what_gguf_cannot_say_is_refused(
    key: str, value: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    source = _folder(tmp_path / "m", lambda content: content.update({key: value}))

    with pytest.raises(ModelFileError, match=fault):
        tokenizer_values(source, TINY_VOCABULARY_SIZE)


def test_other_kind_of_model_is_refused(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        vocabulary = content["model"]["vocab"]
        content["model"] = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "a"}

    with pytest.raises(ModelFileError, match="is WordLevel, not BPE"):
        tokenizer_values(_folder(tmp_path / "m", edit), TINY_VOCABULARY_SIZE)
