"""Examples as tokens: the prompt as the engine reads it, and only replies to learn from."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.text.chat_template import ChatTemplate, build_chat_template
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.engine.training.data_file import ChatExample, Example, PlainExample
from realm_desktop.engine.training.encoded_examples import (
    EncodedData,
    EncodedExample,
    ExampleEncoder,
)
from realm_desktop.errors import TrainingDataError
from realm_desktop.protocol import ChatMessage, Role
from tests.support.fake_model_file import FakeModelFile, bpe_metadata

FORGETFUL = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['role'] == 'assistant' and not loop.last %}-{% else %}{{ m['content'] }}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
THOUGHTFUL = FORGETFUL.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")


def model_file(**changes: Any) -> FakeModelFile:
    return FakeModelFile(bpe_metadata(**changes))


def encoder(max_tokens: int = 1000, template: str | None = None) -> ExampleEncoder:
    file = model_file()
    tokenizer = build_tokenizer(file)
    built = build_chat_template(file, tokenizer, source=template)
    return ExampleEncoder(tokenizer, built, max_tokens, 0.0)


def chat(*turns: tuple[Role, str], line: int = 1) -> ChatExample:
    return ChatExample(line, tuple(ChatMessage(role, content) for role, content in turns))


def learned(data: EncodedData) -> list[str]:
    """The text of the targets of each sequence."""
    tokenizer = build_tokenizer(model_file())
    return [
        tokenizer.decode([i for i, said in zip(one.ids, one.is_target, strict=True) if said])
        for one in data.examples
    ]


def text(example: EncodedExample) -> str:
    return build_tokenizer(model_file()).decode(example.ids)


EXCHANGE: tuple[tuple[Role, str], ...] = (("user", "hi"), ("assistant", "hello"))


def test_only_the_reply_and_its_end_are_learned() -> None:
    data = encoder().encode([chat(("system", "be"), *EXCHANGE)])

    assert learned(data) == ["hello<|im_end|>"]
    assert text(data.examples[0]).endswith("<|im_start|>assistant\nhello<|im_end|>\n")


def test_every_reply_of_a_conversation_is_learned_in_one_sequence() -> None:
    data = encoder().encode([chat(*EXCHANGE, ("user", "so"), ("assistant", "on"))])

    assert learned(data) == ["hello<|im_end|>on<|im_end|>"]


def test_skipped_reply_is_read_but_not_learned() -> None:
    example = chat(*EXCHANGE, ("user", "so"), ("assistant", "on"))

    data = encoder().encode([example._replace(skipped=frozenset({1}))])

    assert learned(data) == ["on<|im_end|>"]
    assert "hello" in text(data.examples[0])


def test_prompt_has_the_tokens_that_the_engine_gives_it() -> None:
    file = model_file()
    template: ChatTemplate = build_chat_template(file, build_tokenizer(file))
    prompt = template.encode([{"role": "user", "content": "hi"}])

    (example,) = encoder().encode([chat(*EXCHANGE)]).examples

    assert list(example.ids[: len(prompt)]) == prompt
    assert not any(example.is_target[: len(prompt)])
    assert example.is_target[len(prompt)]


def test_template_that_changes_earlier_replies_gives_one_sequence_for_each() -> None:
    turns = (*EXCHANGE, ("user", "so"), ("assistant", "on"))

    data = encoder(template=FORGETFUL).encode([chat(*turns)])

    assert learned(data) == ["hello<|im_end|>", "on<|im_end|>"]
    assert "hello" not in text(data.examples[1])


def test_reply_is_learned_although_the_head_opens_a_thought() -> None:
    data = encoder(template=THOUGHTFUL).encode([chat(*EXCHANGE)])

    assert learned(data) == ["hello<|im_end|>"]


def test_plain_completion_is_learned_with_the_end() -> None:
    data = encoder().encode([PlainExample(1, "one ", "two")])

    assert learned(data) == ["two<|im_end|>"]
    assert text(data.examples[0]).startswith("one two")


def test_long_example_is_cut_and_counted() -> None:
    data = encoder(max_tokens=40).encode([chat(("user", "a"), ("assistant", "z" * 90))])

    assert (data.num_cut, len(data.examples[0].ids)) == (1, 40)


def test_example_with_nothing_left_to_learn_is_dropped_and_counted() -> None:
    examples: list[Example] = [chat(("user", "q" * 90), ("assistant", "z")), chat(*EXCHANGE)]

    data = encoder(max_tokens=60).encode(examples)

    assert (len(data.examples), data.num_dropped, data.num_cut) == (1, 1, 0)


def test_nothing_to_learn_at_all_is_refused() -> None:
    with pytest.raises(TrainingDataError, match="within 8 tokens"):
        encoder(max_tokens=8).encode([chat(*EXCHANGE)])


def test_conversation_that_the_template_refuses_is_named_by_its_line() -> None:
    refusing = "{{ raise_exception('no') if messages | length > 1 }}{{ messages[0]['content'] }}"

    with pytest.raises(TrainingDataError, match="line 7"):
        encoder(template=refusing).encode([chat(*EXCHANGE, line=7)])


def test_chat_without_a_template_is_refused() -> None:
    tokenizer: Tokenizer = build_tokenizer(model_file())

    with pytest.raises(TrainingDataError, match="no chat template"):
        ExampleEncoder(tokenizer, None, 100, 0.0).encode([chat(*EXCHANGE)])
