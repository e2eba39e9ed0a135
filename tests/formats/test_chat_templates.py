"""Templates are found by name in every place that model files keep them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.chat_templates import default_template, read_templates
from tests.support.fake_model_file import FakeModelFile


def in_gguf(**named: Any) -> dict[str, str]:
    metadata = {f"tokenizer.chat_template.{name}": text for name, text in named.items()}
    return read_templates(FakeModelFile({**metadata, "tokenizer.chat_template": "unnamed"}))


def in_folder(**files: Any) -> dict[str, str]:
    texts = {f"{name}.json": json.dumps(value).encode() for name, value in files.items()}
    return read_templates(FakeModelFile(container="safetensors", texts=texts))


def test_gguf_has_an_unnamed_template_and_named_ones() -> None:
    assert in_gguf(rag="r", default="other") == {"rag": "r", "default": "unnamed"}


def test_blank_templates_are_none() -> None:
    assert in_gguf(rag=" \n") == {"default": "unnamed"}
    assert in_folder(tokenizer_config={"chat_template": ""}) == {}


@pytest.mark.parametrize("file", ["tokenizer_config", "chat_template"])
def test_a_folder_keeps_one_or_several_in_a_json_file(file: str) -> None:
    several = [{"name": "a", "template": "x"}, {"name": "default", "template": "y"}]

    assert in_folder(**{file: {"chat_template": "t"}}) == {"default": "t"}
    assert in_folder(**{file: {"chat_template": several}}) == {"a": "x", "default": "y"}


def test_the_first_serves_where_none_is_the_default() -> None:
    assert default_template({"a": "x", "b": "y"}) == "x"
    assert default_template({"a": "x", "default": "y"}) == "y"
    assert default_template({}) is None


def test_a_template_that_is_no_text_is_refused_by_file_and_field() -> None:
    with pytest.raises(
        CorruptFile, match=r"chat_template\.json is damaged: chat_template"
    ) as caught:
        in_folder(chat_template={"chat_template": [{"name": "a", "template": 3}]})
    assert caught.value.field == "chat_template"
