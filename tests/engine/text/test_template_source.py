"""Where templates are found."""

from __future__ import annotations

import json
from collections.abc import Callable
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
        (("<|start|>", "<|channel|>", "<|message|>", "<|end|>"), "<|channel|>final"),
        (("<|im_start|>", "<|im_sep|>", "<|im_end|>"), "<|im_sep|>"),
        (("<|im_user|>", "<|im_assistant|>", "<|im_middle|>", "<|im_end|>"), "<|im_middle|>"),
        (("<|header_start|>", "<|eot|>"), "<|header_start|>"),
        (("<|turn>", "<turn|>"), "<|turn>model"),
        (("<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"), "CHATBOT"),
        (("<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"), "<\uff5cUser\uff5c>"),
        (("<|start_of_role|>", "<|end_of_role|>"), "<|start_of_role|>"),
        (("[gMASK]", "<sop>", "<|user|>", "<|assistant|>"), "[gMASK]<sop>"),
        (("[|user|]", "[|assistant|]", "[|endofturn|]"), "[|assistant|]"),
        (("<seed:bos>", "<seed:eos>"), "<seed:bos>"),
        (("<|user|>", "<|assistant|>"), "eos_token if"),
        ((), "<|im_start|>"),
    ],
)
def test_a_file_without_template_gets_that_of_its_family(
    tokens: tuple[str, ...], mark: str
) -> None:
    found = builtin_for(*tokens)

    assert found.is_builtin
    assert mark in found.default


@pytest.mark.parametrize(
    ("architecture", "mark"), [("olmo2", "eos_token if"), ("stablelm", "+ eos_token +")]
)
def test_marks_that_are_plain_text_are_known_by_the_architecture(
    architecture: str, mark: str
) -> None:
    metadata = {**spm_metadata(), "general.architecture": architecture}
    model_file = FakeModelFile(metadata)

    assert mark in find_template(model_file, build_tokenizer(model_file)).default


@pytest.mark.parametrize(("make", "has_line"), [(spm_metadata, True), (bpe_metadata, False)])
def test_phi4_mini_has_the_marks_of_phi3_without_line_breaks(
    make: Callable[..., dict[str, Any]], has_line: bool
) -> None:
    tokens = make()["tokenizer.ggml.tokens"]
    # Instead of the last three, which in the byte-level vocabulary are the marks of ChatML.
    tokens[-3:] = ["<|user|>", "<|assistant|>", "<|end|>"]
    kinds = [*make()["tokenizer.ggml.token_type"][:-3], CONTROL, CONTROL, CONTROL]
    metadata = make(tokens=tokens, token_type=kinds)
    metadata.pop("tokenizer.chat_template", None)
    model_file = FakeModelFile(metadata)

    text = find_template(model_file, build_tokenizer(model_file)).default

    assert ("'|>\\n'" in text) is has_line


@pytest.mark.parametrize("blank", ["", " \n"])
def test_a_blank_template_is_none(blank: str) -> None:
    assert in_gguf(tokenizer__chat_template=blank).is_builtin


def test_a_template_of_another_name_serves_where_there_is_no_default() -> None:
    assert in_gguf(tokenizer__chat_template__rag="r").default == "r"


def test_a_folder_may_keep_the_template_of_tools_in_a_file_of_its_own() -> None:
    texts = {"chat_template.jinja": b"d", "additional_chat_templates/tool_use.jinja": b"t"}

    found = find_template(FakeModelFile(container="safetensors", texts=texts), _TOKENIZER)

    assert found == TemplateSource("d", "t", is_builtin=False)


def test_a_template_in_the_json_of_a_processor_is_found() -> None:
    text = json.dumps({"chat_template": "p"}).encode()

    assert in_folder(chat_template__json=text).default == "p"


def test_a_base_model_gets_chatml() -> None:
    model_file = FakeModelFile(spm_metadata())

    assert "<|im_start|>" in find_template(model_file, build_tokenizer(model_file)).default
