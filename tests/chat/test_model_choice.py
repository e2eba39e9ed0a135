"""The decision which model answers in a workspace that names one."""

from __future__ import annotations

import pytest

from realm_desktop.chat.model_choice import ModelSituation, ModelStep, next_step

QWEN, LLAMA = "/models/qwen.gguf", "/models/llama.gguf"


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("wanted", ["", LLAMA])
def test_loaded_model_answers_where_it_is_right(wanted: str, others: bool) -> None:
    assert next_step(ModelSituation(wanted, LLAMA, are_others_busy=others)) is ModelStep.ANSWER


@pytest.mark.parametrize("loaded", ["", LLAMA])
def test_other_model_is_loaded_while_nobody_generates(loaded: str) -> None:
    assert next_step(ModelSituation(QWEN, loaded)) is ModelStep.LOAD


def test_user_is_asked_while_others_generate() -> None:
    assert next_step(ModelSituation(QWEN, LLAMA, are_others_busy=True)) is ModelStep.ASK


@pytest.mark.parametrize("others", [False, True])
def test_lost_model_is_never_loaded(others: bool) -> None:
    situation = ModelSituation(QWEN, LLAMA, is_lost=True, are_others_busy=others)

    assert next_step(situation) is ModelStep.LOST


@pytest.mark.parametrize("is_lost", [False, True])
def test_accepted_model_answers_in_place_of_the_wanted_one(is_lost: bool) -> None:
    situation = ModelSituation(
        QWEN, LLAMA, is_lost=is_lost, is_loaded_accepted=True, are_others_busy=True
    )

    assert next_step(situation) is ModelStep.ANSWER


def test_nothing_begins_while_a_workspace_gets_its_model() -> None:
    for wanted in ("", LLAMA, QWEN):
        assert next_step(ModelSituation(wanted, LLAMA, is_switching=True)) is ModelStep.WAIT


def test_load_of_the_user_goes_first() -> None:
    assert next_step(ModelSituation(QWEN, LLAMA, is_loading=True)) is ModelStep.WAIT


def test_without_any_model_a_message_waits() -> None:
    assert next_step(ModelSituation("", "")) is ModelStep.WAIT
    assert next_step(ModelSituation(QWEN, "", is_loading=True)) is ModelStep.WAIT


def test_accepted_model_that_is_not_loaded_answers_nothing() -> None:
    situation = ModelSituation(QWEN, "", is_lost=True, is_loaded_accepted=True)

    assert next_step(situation) is ModelStep.LOST
