"""Conversations to prompts and to token ids."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.text.chat_template import ChatTemplate, build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import RequestError, TemplateError
from tests.support.fake_model_file import FakeModelFile, bpe_metadata, spm_metadata

_USER = [{"role": "user", "content": "hello"}]


def template(source: str, *, metadata: dict[str, Any] | None = None) -> ChatTemplate:
    model_file = FakeModelFile({**(metadata or bpe_metadata()), "tokenizer.chat_template": source})
    return build_chat_template(model_file, build_tokenizer(model_file))


def test_the_template_of_the_file_is_rendered() -> None:
    model_file = FakeModelFile(bpe_metadata())
    chat = build_chat_template(model_file, build_tokenizer(model_file))

    assert chat.render(_USER) == "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
    assert chat.render(_USER, add_generation_prompt=False).endswith("hello<|im_end|>\n")
    assert not chat.is_builtin


def test_a_given_source_replaces_that_of_the_file() -> None:
    model_file = FakeModelFile(bpe_metadata())

    chat = build_chat_template(model_file, build_tokenizer(model_file), source="own")

    assert chat.render(_USER) == "own"


def test_built_in_template_replaces_a_broken_one_of_the_file() -> None:
    model_file = FakeModelFile({**bpe_metadata(), "tokenizer.chat_template": "{% broken"})

    chat = build_chat_template(model_file, build_tokenizer(model_file), is_builtin=True)

    assert chat.is_builtin
    assert "<|im_start|>user" in chat.render(_USER)


def test_special_tokens_are_variables() -> None:
    assert template("{{ bos_token }}{{ eos_token }}").render([]) == "<|endoftext|><|im_end|>"


def test_control_tokens_of_the_text_become_their_ids() -> None:
    ids = template("<|im_start|>x<|im_end|>").encode(_USER)
    tokenizer = build_tokenizer(FakeModelFile(bpe_metadata()))

    assert [tokenizer.is_special(token_id) for token_id in ids] == [True, False, True]


@pytest.mark.parametrize("source", ["{{ bos_token }}a", "a"])
def test_a_prompt_begins_with_one_bos(source: str) -> None:
    ids = template(source, metadata=spm_metadata()).encode(_USER)

    assert ids[0] == 1
    assert ids.count(1) == 1


def test_no_bos_is_added_where_the_model_wants_none() -> None:
    ids = template("a", metadata=spm_metadata(add_bos_token=False)).encode(_USER)

    assert 1 not in ids


def test_no_eos_is_added_to_a_prompt() -> None:
    ids = template("a", metadata=spm_metadata(add_eos_token=True)).encode(_USER)

    assert ids[-1] != 2


def test_tools_choose_the_template_for_them() -> None:
    metadata = {**bpe_metadata(), "tokenizer.chat_template.tool_use": "{{ tools[0].name }}"}
    chat = template("plain", metadata=metadata)

    assert chat.render(_USER) == "plain"
    assert chat.render(_USER, tools=[{"name": "f"}]) == "f"


def test_extra_arguments_are_variables() -> None:
    chat = template("{{ enable_thinking }}")

    assert chat.render(_USER, extra={"enable_thinking": False}) == "False"
    assert chat.render(_USER) == ""


@pytest.mark.parametrize("name", ["messages", "bos_token", "chat_template", "x", "raise_exception"])
def test_other_extra_arguments_are_refused(name: str) -> None:
    with pytest.raises(RequestError, match=name):
        template("a").render(_USER, extra={name: 1})


@pytest.mark.parametrize("name", ["reasoning_content", "thinking", "reasoning"])
def test_reasoning_is_found_under_every_name(name: str) -> None:
    chat = template("{{ messages[0].reasoning_content }}{{ messages[0].thinking }}")

    assert chat.render([{"role": "assistant", name: "x"}]) == "xx"


def test_the_clock_reaches_the_template() -> None:
    assert template("{{ strftime_now('%Y') }}").render(_USER, clock_s=1e9) == "2001"


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", print])
def test_values_with_methods_of_their_own_are_refused(value: object) -> None:
    with pytest.raises(RequestError, match="JSON values"):
        template("a").render([{"role": "user", "content": value}])


def test_deep_messages_are_refused() -> None:
    content: list[object] = []
    for _ in range(100):
        content = [content]

    with pytest.raises(RequestError, match="nested"):
        template("a").render([{"role": "user", "content": content}])


def test_a_message_that_is_no_object_is_refused() -> None:
    with pytest.raises(RequestError, match="str"):
        template("a").render(["hello"])  # type: ignore[list-item]  # the point of the test


def test_the_caller_keeps_his_messages() -> None:
    messages = [{"role": "user", "content": "a", "reasoning": "r"}]
    template("{{ messages }}").render(messages)

    assert messages == [{"role": "user", "content": "a", "reasoning": "r"}]


def test_a_bomb_is_refused_when_the_model_is_loaded() -> None:
    with pytest.raises(TemplateError, match="memory limit"):
        template("{{ 'a' * 999999999 }}")


def test_a_syntax_error_is_refused_when_the_model_is_loaded() -> None:
    with pytest.raises(TemplateError, match="line 1"):
        template("{% if %}")


def test_a_template_that_wants_more_than_the_trial_is_accepted() -> None:
    chat = template("{% if messages|length < 2 %}{{ raise_exception('two') }}{% endif %}ok")

    assert chat.render(_USER * 2) == "ok"
    with pytest.raises(TemplateError, match="two"):
        chat.render(_USER)


def test_output_is_bounded_by_the_context() -> None:
    metadata = {**bpe_metadata(), "general.architecture": "llama", "llama.context_length": 100_000}
    chat = template("{{ 'a' * (400001 if tools else 400000) }}", metadata=metadata)

    assert len(chat.render(_USER)) == 400_000
    with pytest.raises(TemplateError, match="400,000"):
        chat.render(_USER, tools=[1])


def test_a_conversation_longer_than_the_context_is_still_rendered() -> None:
    metadata = {**bpe_metadata(), "general.architecture": "llama", "llama.context_length": 8}
    chat = template("{{ messages[0].content }}", metadata=metadata)

    assert len(chat.render([{"role": "user", "content": "a" * 300_000}])) == 300_000
