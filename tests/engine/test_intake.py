"""Preparing requests: prompts, refusals, and the thread that does it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from realm_desktop.engine.intake import Intake, PreparedRequest, Preparer, RefusedRequest
from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.errors import LibraryPanic, PromptTooLong, RequestError
from realm_desktop.events import TokensCounted
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import ChatMessage, CountTokens, GenerateRequest, RequestId
from tests.support.fake_model_file import FakeModelFile, bpe_metadata
from tests.support.fault_injection import Panic
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def preparer(tmp_path_factory: pytest.TempPathFactory) -> Preparer:
    model_file = open_model(tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True))
    tokenizer = build_tokenizer(model_file)
    template = build_chat_template(model_file, tokenizer)
    model_file.close()
    return Preparer(tokenizer, template, 100, vocabulary_size=288)


def drain(intake: Intake, count: int) -> list[PreparedRequest | RefusedRequest]:
    done: list[PreparedRequest | RefusedRequest] = []
    deadline = time.monotonic() + 10
    while len(done) < count and time.monotonic() < deadline:
        done += intake.results()
    return done


def test_messages_go_through_the_template(preparer: Preparer) -> None:
    request = GenerateRequest(RequestId("r"), messages=(ChatMessage("user", "hi"),))

    prompt = preparer.tokenizer.decode(preparer.prepare(request).prompt_ids)

    assert prompt == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"


def test_wish_to_think_reaches_a_template_with_a_switch(preparer: Preparer) -> None:
    source = "{{ 'think' if thinking | default(true) else 'answer' }}"
    template = build_chat_template(FakeModelFile(bpe_metadata()), preparer.tokenizer, source=source)
    switched = Preparer(preparer.tokenizer, template, 100, vocabulary_size=288)
    messages = (ChatMessage("user", "hi"),)
    prompts = [
        switched.tokenizer.decode(switched.prepare(request).prompt_ids)
        for request in (
            GenerateRequest(RequestId("r"), messages=messages, is_thinking=wish)
            for wish in (None, True, False)
        )
    ]

    assert switched.thinks_by_default
    assert prompts == ["think", "think", "answer"]


def test_wish_to_think_changes_nothing_without_a_switch(preparer: Preparer) -> None:
    request = GenerateRequest(RequestId("r"), messages=(ChatMessage("user", "hi"),))
    wished = replace(request, is_thinking=False)

    assert preparer.thinks_by_default is None
    assert preparer.prepare(wished).prompt_ids == preparer.prepare(request).prompt_ids


def test_raw_prompt_is_taken_as_it_is(preparer: Preparer) -> None:
    prepared = preparer.prepare(GenerateRequest(RequestId("r"), prompt="hello"))

    assert preparer.tokenizer.decode(prepared.prompt_ids) == "hello"


def test_model_without_a_template_refuses_messages(preparer: Preparer) -> None:
    bare = Preparer(preparer.tokenizer, None, 100, vocabulary_size=288)
    request = GenerateRequest(RequestId("r"), messages=(ChatMessage("user", "hi"),))

    with pytest.raises(RequestError, match="no chat template"):
        bare.prepare(request)


def test_committed_tokens_count_against_the_context(preparer: Preparer) -> None:
    request = GenerateRequest(
        RequestId("r"), prompt_token_ids=(5,) * 60, committed_token_ids=(5,) * 40
    )

    with pytest.raises(PromptTooLong, match="has 100 tokens; 99 fit"):
        preparer.prepare(request)


def test_empty_prompt_is_refused(preparer: Preparer) -> None:
    with pytest.raises(RequestError, match="the prompt is empty"):
        preparer.prepare(GenerateRequest(RequestId("r"), prompt=""))


def test_intake_keeps_the_order_and_outlives_a_refusal(preparer: Preparer) -> None:
    intake = Intake(preparer.prepare)
    for name, ids in (("a", (5,)), ("bad", (-1,)), ("c", (6,))):
        intake.submit(GenerateRequest(RequestId(name), prompt_token_ids=ids))

    results = drain(intake, 3)
    intake.close()

    assert [type(result) for result in results] == [
        PreparedRequest,
        RefusedRequest,
        PreparedRequest,
    ]
    assert [result.request.request_id for result in results] == ["a", "bad", "c"]


def test_intake_is_busy_until_its_result_is_taken(preparer: Preparer) -> None:
    intake = Intake(preparer.prepare)
    intake.submit(GenerateRequest(RequestId("a"), prompt_token_ids=(5,)))
    states = [intake.is_busy]

    drain(intake, 1)

    states.append(intake.is_busy)
    assert states == [True, False]
    intake.close()


def test_close_ends_the_thread(preparer: Preparer) -> None:
    before = threading.active_count()
    Intake(preparer.prepare).close()

    assert threading.active_count() == before


def test_panic_of_a_library_refuses_one_request_only(preparer: Preparer) -> None:
    def prepare(request: GenerateRequest) -> PreparedRequest:
        if request.request_id == "bad":
            raise Panic("index out of bounds")
        return preparer.prepare(request)

    intake = Intake(prepare)
    for name in ("bad", "good"):
        intake.submit(GenerateRequest(RequestId(name), prompt="hello"))
    refused, prepared = drain(intake, 2)
    intake.close()

    assert isinstance(refused, RefusedRequest)
    assert isinstance(refused.error, LibraryPanic)
    assert isinstance(prepared, PreparedRequest)


def test_counts_come_beside_the_requests(preparer: Preparer) -> None:
    intake = Intake(preparer.prepare, len)
    intake.submit(CountTokens("a", "four"))
    intake.submit(CountTokens("b", ""))
    intake.close()

    assert intake.counts() == [TokensCounted("a", 4), TokensCounted("b", 0)]
    assert not intake.is_busy
    assert intake.results() == []


@pytest.mark.parametrize("error", [ValueError("no"), Panic("index out of bounds")])
def test_text_that_cannot_be_counted_ends_nobody(preparer: Preparer, error: BaseException) -> None:
    def refuse(_text: str) -> int:
        raise error

    intake = Intake(preparer.prepare, refuse)
    intake.submit(CountTokens("a", "text"))
    intake.submit(CountTokens("b", "text"))
    intake.close()

    assert [count.num_tokens for count in intake.counts()] == [None, None]
