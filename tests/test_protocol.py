"""Requests and what makes several of one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.errors import InvalidSampling
from realm_desktop.protocol import MAX_REPLIES, GenerateRequest, RequestId, several_replies
from realm_desktop.sampling_params import MAX_SEED, SamplingParams

REQUEST = GenerateRequest(RequestId("a"), prompt="x", sampling=SamplingParams(seed=7, top_k=3))


def test_several_replies_differ_in_seed_and_id_alone() -> None:
    replies = several_replies(REQUEST, 3)

    assert [reply.sampling.seed for reply in replies] == [7, 8, 9]
    assert [reply.request_id for reply in replies] == ["a-1", "a-2", "a-3"]
    params = replace(REQUEST.sampling, logprobs=0)
    assert all(
        replace(reply, request_id=RequestId("a"), sampling=replace(reply.sampling, seed=7))
        == replace(REQUEST, sampling=params)
        for reply in replies
    )


def test_one_reply_is_the_request_itself() -> None:
    assert several_replies(REQUEST, 1) == (REQUEST,)


def test_alternatives_that_were_asked_for_stay() -> None:
    request = replace(REQUEST, sampling=SamplingParams(logprobs=4))

    assert [reply.sampling.logprobs for reply in several_replies(request, 2)] == [4, 4]


@pytest.mark.parametrize("count", [-1, 0, MAX_REPLIES + 1, 10**9])
def test_number_of_replies_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InvalidSampling, match="n is") as refusal:
        several_replies(REQUEST, count)

    assert refusal.value.field == "n"


def test_seeds_beyond_the_last_one_are_refused() -> None:
    with pytest.raises(InvalidSampling, match="seed"):
        several_replies(replace(REQUEST, sampling=SamplingParams(seed=MAX_SEED)), 2)
