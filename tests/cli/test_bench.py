"""`bench` on a tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.cli.bench import Speeds, _Timeline, peak_rss_bytes
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.protocol import RequestId
from tests.support.command_line import Result, run

A, B = RequestId("a"), RequestId("b")


def bench(model: Path, *argv: object) -> Result:
    sizes = ("--prompt-tokens", 70, "--decode-tokens", 4, "--repeat", 2, "--threads", 2)
    return run("bench", model, *sizes, *argv)


def test_each_cell_has_the_fields_of_the_contract(tiny_model_path: Path) -> None:
    result = bench(tiny_model_path, "--batch", "1,3", "--depth", "0,64", "--json")

    assert result.status == 0
    assert [(cell["batch"], cell["depth"]) for cell in result.lines] == [
        (1, 0),
        (3, 0),
        (1, 64),
        (3, 64),
    ]
    for cell in result.lines:
        for speed in Speeds._fields:
            assert cell["min"][speed] <= cell["median"][speed] <= cell["max"][speed]
            assert cell[speed] == cell["median"][speed] > 0
        assert cell["peak_rss_bytes"] > 1 << 20
        assert cell["load_s"] > 0


def test_people_get_one_line_per_cell(tiny_model_path: Path) -> None:
    result = bench(tiny_model_path, "--batch", "1")

    assert result.out.count("\n") == 1
    assert "tokens/s" in result.out


def test_a_prompt_longer_than_the_context_is_refused(tiny_model_path: Path) -> None:
    result = bench(tiny_model_path, "--batch", "1", "--depth", "500", "--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "PromptTooLong"


def test_requests_take_turns_with_random_adapters(tiny_model_path: Path) -> None:
    result = bench(tiny_model_path, "--batch", "1,3", "--depth", 64, "--adapters", 2, "--json")

    assert result.status == 0
    assert [cell["batch"] for cell in result.lines] == [1, 3]


def test_more_adapters_than_can_be_loaded_are_refused(tiny_model_path: Path) -> None:
    result = bench(tiny_model_path, "--adapters", 257, "--json")

    assert result.status == 2
    assert "at most 256" in result.value["error"]["message"]


def test_a_draft_model_drafts_in_every_cell(tiny_model_path: Path) -> None:
    argv = ("--speculation", "draft_model", "--draft-model", tiny_model_path)

    result = bench(tiny_model_path, "--batch", "1", *argv, "--decode-tokens", 30, "--json")

    assert result.value["drafted"] == result.value["accepted"] > 0  # the model drafts for itself


@pytest.mark.parametrize("mode", ["draft_model", "guess"])
def test_speculation_that_cannot_be_had_is_refused(tiny_model_path: Path, mode: str) -> None:
    result = bench(tiny_model_path, "--speculation", mode, "--json")

    assert result.status == 2
    assert "speculation" in result.value["error"]["message"]


def test_speeds_are_those_of_both_phases() -> None:
    timeline = _Timeline(started_s=0.0)
    timeline.first_token_s = {A: 1.0, B: 2.0}
    timeline.tokens = [(1.0, 1), (2.0, 2), (3.0, 2), (4.0, 2)]
    timeline.finished_s = {A: 4.0, B: 4.0}
    timeline.stats = [GenerationStats(num_prompt_tokens=10, num_cached_tokens=2)] * 2

    assert timeline.speeds() == Speeds(prefill_tokens_per_s=8.0, decode_tokens_per_s=2.0)


def test_a_reply_that_ends_before_the_last_begins_is_counted_whole() -> None:
    timeline = _Timeline(started_s=0.0)
    timeline.first_token_s = {A: 1.0, B: 3.0}
    timeline.tokens = [(1.0, 1), (2.0, 1), (3.0, 1), (5.0, 2)]
    timeline.finished_s = {A: 2.0, B: 5.0}
    timeline.stats = [GenerationStats(num_prompt_tokens=3)] * 2

    assert timeline.speeds() == Speeds(prefill_tokens_per_s=2.0, decode_tokens_per_s=1.0)


def test_peak_memory_is_plausible() -> None:
    assert 1 << 20 < peak_rss_bytes() < 1 << 40
