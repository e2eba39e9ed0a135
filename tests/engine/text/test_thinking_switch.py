"""How templates are asked whether they let a model think."""

from __future__ import annotations

import pytest

from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.thinking_switch import ThinkingSwitch, find_thinking_switch
from realm_desktop.engine.text.tokenizer import build_tokenizer
from tests.support.chat_templates import CHATML, LLAMA3, QWEN3
from tests.support.fake_model_file import FakeModelFile, bpe_metadata
from tests.support.more_chat_templates import SMOLLM3

DEEPSEEK_31 = (
    "{% if not thinking is defined %}{% set thinking = false %}{% endif %}"
    "{{ messages[0].content }}{{ '<think>' if thinking else '</think>' }}"
)
FAILING = (
    "{% if enable_thinking is defined %}{{ raise_exception('no') }}{% endif %}"
    "{{ 'think' if thinking else 'answer' }}"
)


def _switch(source: str) -> ThinkingSwitch | None:
    model_file = FakeModelFile(bpe_metadata())
    template = build_chat_template(model_file, build_tokenizer(model_file), source=source)
    return find_thinking_switch(template)


@pytest.mark.parametrize("source", [QWEN3, SMOLLM3], ids=["Qwen3", "SmolLM3"])
def test_model_that_thinks_unless_told_otherwise_is_known(source: str) -> None:
    assert _switch(source) == ThinkingSwitch("enable_thinking", is_on=True)


def test_model_that_thinks_only_when_asked_is_known() -> None:
    assert _switch(DEEPSEEK_31) == ThinkingSwitch("thinking", is_on=False)


@pytest.mark.parametrize("source", [CHATML, LLAMA3], ids=["ChatML", "Llama 3"])
def test_template_without_a_switch_has_none(source: str) -> None:
    assert _switch(source) is None


def test_name_that_a_template_refuses_is_not_its_switch() -> None:
    assert _switch(FAILING) == ThinkingSwitch("thinking", is_on=False)
