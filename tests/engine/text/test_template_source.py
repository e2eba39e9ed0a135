"""Where templates are found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realm_desktop.engine.text.template_source import TemplateSource, find_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import CorruptFile
from tests.support.fake_model_file import CONTROL, FakeModelFile, bpe_metadata, spm_metadata
from tests.support.tiny_tokenizer import tiny_tokens

_TOKENIZER = build_tokenizer(FakeModelFile(bpe_metadata()))


def in_gguf(**templates: Any) -> TemplateSource:
    metadata = {key.replace("__", "."): value for key, value in templates.items()}
    return find_template(FakeModelFile(metadata), _TOKENIZER)


def in_folder(**files: bytes) -> TemplateSource:
    texts = {name.replace("__", "."): data for name, data in files.items()}
    return find_template(FakeModelFile(container="safetensors", texts=texts), _TOKENIZER)


def builtin_for(*tokens: str) -> TemplateSource:
    texts = [*tiny_tokens()[:-3], *tokens]
    kinds = [1] * (len(texts) - len(tokens)) + [CONTROL] * len(tokens)
    metadata = bpe_metadata(tokens=texts, token_type=kinds, bos_token_id=0, eos_token_id=0)
    del metadata["tokenizer.chat_template"]
    model_file = FakeModelFile(metadata)
    return find_template(model_file, build_tokenizer(model_file))


def test_gguf_templates_are_found_by_name() -> None:
    found = in_gguf(tokenizer__chat_template="d", tokenizer__chat_template__tool_use="t")

    assert found == TemplateSource("d", "t", is_builtin=False)


def test_a_named_default_serves_where_there_is_no_other() -> None:
    assert in_gguf(tokenizer__chat_template__default="d").default == "d"


def test_a_template_of_another_type_is_refused() -> None:
    with pytest.raises(CorruptFile, match="int"):
        in_gguf(tokenizer__chat_template=3)


def test_the_jinja_file_of_a_folder_goes_first() -> None:
    settings = json.dumps({"chat_template": "old"}).encode()

    found = in_folder(chat_template__jinja=b"new", tokenizer_config__json=settings)

    assert found.default == "new"


def test_templates_of_a_folder_may_be_a_list() -> None:
    templates = [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]
    settings = json.dumps({"chat_template": templates}).encode()

    assert in_folder(tokenizer_config__json=settings) == TemplateSource("d", "t", is_builtin=False)


@pytest.mark.parametrize("value", [3, [{"name": "default"}], {"a": 1}])
def test_a_wrong_template_of_a_folder_is_refused(value: Any) -> None:
    with pytest.raises(CorruptFile, match="chat_template"):
        in_folder(tokenizer_config__json=json.dumps({"chat_template": value}).encode())


@pytest.mark.parametrize(
    ("tokens", "mark"),
    [
        (("<|im_start|>", "<|im_end|>"), "<|im_start|>"),
        (("<|start_header_id|>", "<|eot_id|>"), "<|start_header_id|>"),
        (("<start_of_turn>", "<end_of_turn>"), "<start_of_turn>"),
        (("<|user|>", "<|assistant|>", "<|end|>"), "<|assistant|>"),
        (("[INST]", "[/INST]"), "[INST]"),
        ((), "<|im_start|>"),
    ],
)
def test_a_file_without_template_gets_that_of_its_family(
    tokens: tuple[str, ...], mark: str
) -> None:
    found = builtin_for(*tokens)

    assert found.is_builtin
    assert mark in found.default


def test_a_base_model_gets_chatml() -> None:
    model_file = FakeModelFile(spm_metadata())

    assert "<|im_start|>" in find_template(model_file, build_tokenizer(model_file)).default
