"""Answers of one and of several replies."""

from __future__ import annotations

import json
import math

import pytest

from realm_desktop.cli.answers import Answer, Asked, Reply
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import RequestError
from realm_desktop.events import ErrorInfo, Failed, Finished, FinishReason, TextDelta, TokenLogprob
from realm_desktop.protocol import GenerateRequest, RequestId, several_replies
from realm_desktop.sampling_params import SamplingParams


def answer_of(*logprobs: list[float], has_logprobs: bool = False) -> Answer:
    """An answer whose replies have tokens of these log-probabilities and are complete."""
    request = GenerateRequest(RequestId("0"), prompt="a", sampling=SamplingParams(seed=5))
    answer = Answer(Asked(several_replies(request, len(logprobs)), has_logprobs))
    for reply, values in zip(answer.replies, logprobs, strict=True):
        end(reply, values)
    return answer


def end(reply: Reply, logprobs: list[float]) -> None:
    name, count = reply.request.request_id, len(logprobs)
    entries = tuple(TokenLogprob(7, value) for value in logprobs)
    reply.take(TextDelta(name, f"text {name}", (7,) * count, logprobs=entries))
    stats = GenerationStats(num_prompt_tokens=10, num_completion_tokens=count)
    reply.end = Finished(name, FinishReason.STOP, stats)


def test_best_reply_is_the_one_with_the_highest_mean_logprob() -> None:
    value = answer_of([-2.0, -2.0], [-1.0, -1.0, -1.0, -1.5], [-3.0]).as_dict()

    choices = value["choices"]
    assert isinstance(choices, list)
    assert [choice["seed"] for choice in choices] == [6, 5, 7]
    assert [choice["mean_logprob"] for choice in choices] == [-1.125, -2.0, -3.0]
    assert value["text"] == choices[0]["text"] == "text 0-2"


def test_equal_replies_are_in_order_of_their_seeds() -> None:
    choices = answer_of([-1.0], [-1.0], [-1.0]).as_dict()["choices"]

    assert isinstance(choices, list)
    assert [choice["seed"] for choice in choices] == [5, 6, 7]


def test_usage_counts_the_shared_prompt_once() -> None:
    assert answer_of([-1.0], [-1.0, -2.0]).as_dict()["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 3,
        "total_tokens": 13,
    }


def test_single_reply_has_no_choices() -> None:
    assert set(answer_of([-1.0]).as_dict()) == {
        *("text", "ids", "finish_reason", "logprobs", "usage", "stats")
    }


@pytest.mark.parametrize("has_logprobs", [True, False])
def test_logprobs_are_told_if_they_were_asked_for(has_logprobs: bool) -> None:
    value = answer_of([-1.0], [-2.0], has_logprobs=has_logprobs).as_dict()

    assert (value["logprobs"] is not None) == has_logprobs


def test_reply_without_tokens_is_last_and_has_no_mean() -> None:
    value = answer_of([], [-50.0]).as_dict()

    choices = value["choices"]
    assert isinstance(choices, list)
    assert [choice["mean_logprob"] for choice in choices] == [-50.0, None]
    assert json.dumps(value, allow_nan=False)


def test_impossible_token_is_no_number_in_json() -> None:
    assert json.dumps(answer_of([-math.inf], [-1.0]).as_dict(), allow_nan=False)


def test_answer_fails_when_one_of_its_replies_does() -> None:
    answer = answer_of([-1.0], [-2.0])
    answer.replies[1].end = Failed(RequestId("0-2"), ErrorInfo("OutOfMemory", "no room"))

    assert answer.is_done
    assert answer.error is not None
    assert answer.error.message == "no room"


def test_refused_answer_is_done_and_says_why() -> None:
    refusal = RequestError("no prompt")

    assert Answer(refusal).is_done
    assert Answer(refusal).error is refusal
