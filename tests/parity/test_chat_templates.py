"""Our renderer gives the text of transformers' renderer."""

from __future__ import annotations

import functools
import time
from typing import Any

import pytest

from realm_desktop.assets import resource
from realm_desktop.engine.text.chat_template import ChatTemplate
from realm_desktop.engine.text.template_source import TemplateSource
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import TemplateError
from tests.support.chat_templates import CONVERSATIONS, TEMPLATES, TOOL
from tests.support.fake_model_file import FakeModelFile, bpe_metadata
from tests.support.more_chat_templates import MORE_TEMPLATES
from tests.support.newer_chat_templates import NEWER_TEMPLATES

pytestmark = pytest.mark.parity

_BUILTIN_NAMES = (
    "chatml command-r deepseek exaone gemma gemma4 glm4 gpt-oss granite kimi llama3 llama4 mistral"
    " olmo phi3 phi4 phi4-mini seed-oss zephyr"
)
_BUILTIN = _BUILTIN_NAMES.split()
_STYLES = {**TEMPLATES, **MORE_TEMPLATES, **NEWER_TEMPLATES}
_SOURCES = {
    **_STYLES,
    **{
        f"builtin-{name}": resource("templates", f"{name}.jinja").read_text("utf-8")
        for name in _BUILTIN
    },
}
_SPECIAL = {"bos_token": "<|endoftext|>", "eos_token": "<|im_end|>"}


@functools.cache
def compiled(source: str) -> ChatTemplate:
    tokenizer = build_tokenizer(FakeModelFile(bpe_metadata()))
    return ChatTemplate(TemplateSource(source, None, is_builtin=False), tokenizer, 4096)


def ours(source: str, messages: list[dict[str, Any]], **arguments: Any) -> str:
    """Our text, or the reason of the refusal."""
    try:
        template = compiled(source)
        return template.render(messages, clock_s=time.time(), **arguments)
    except TemplateError:
        return "refused"


def reference(
    source: str,
    messages: list[dict[str, Any]],
    *,
    extra: dict[str, Any] | None = None,
    **arguments: Any,
) -> str:
    """The text of transformers, or the reason of the refusal."""
    from transformers.utils.chat_template_utils import render_jinja_template

    values: dict[str, Any] = {**arguments, **(extra or {}), **_SPECIAL}
    try:
        rendered: Any = render_jinja_template([messages], chat_template=source, **values)
    except Exception:  # noqa: BLE001  (transformers raises what it likes)
        return "refused"
    return str(rendered[0][0])


@pytest.mark.parametrize("conversation", CONVERSATIONS)
@pytest.mark.parametrize("name", _SOURCES)
def test_text_equals_that_of_transformers(name: str, conversation: str) -> None:
    messages = CONVERSATIONS[conversation]

    for add_generation_prompt in (True, False):
        arguments: dict[str, Any] = {"add_generation_prompt": add_generation_prompt}
        expected = reference(_SOURCES[name], messages, **arguments)
        assert ours(_SOURCES[name], messages, **arguments) == expected


@pytest.mark.parametrize("conversation", CONVERSATIONS)
@pytest.mark.parametrize("name", _STYLES)
def test_text_with_tools_equals_that_of_transformers(name: str, conversation: str) -> None:
    messages = CONVERSATIONS[conversation]

    expected = reference(_STYLES[name], messages, tools=[TOOL])

    assert ours(_STYLES[name], messages, tools=[TOOL], add_generation_prompt=False) == expected


@pytest.mark.parametrize("name", _STYLES)
def test_text_with_documents_equals_that_of_transformers(name: str) -> None:
    extra = {"documents": [{"title": "One", "text": "A <b>"}], "enable_thinking": False}

    expected = reference(_STYLES[name], CONVERSATIONS["one"], extra=extra)

    text = ours(_STYLES[name], CONVERSATIONS["one"], extra=extra, add_generation_prompt=False)
    assert text == expected


def test_the_styles_are_not_all_refused() -> None:
    refused = [
        (name, conversation)
        for name, source in _SOURCES.items()
        for conversation, messages in CONVERSATIONS.items()
        if ours(source, messages) == "refused"
    ]

    assert len(refused) <= 6, refused


@pytest.mark.parametrize("name", NEWER_TEMPLATES)
@pytest.mark.parametrize(
    "extra",
    [
        {"enable_thinking": True, "thinking": False},
        {"thinking_budget": 0},
        {"thinking_budget": 600, "thinking": True},
    ],
)
def test_arguments_of_thinking_give_the_text_of_transformers(
    name: str, extra: dict[str, Any]
) -> None:
    messages = CONVERSATIONS["tools"]

    expected = reference(_STYLES[name], messages, extra=extra, add_generation_prompt=True)

    assert ours(_STYLES[name], messages, extra=extra, add_generation_prompt=True) == expected
    assert expected != "refused"
