"""The ledger tells a new engine everything that the old one knew."""

from __future__ import annotations

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    AdapterFailed,
    ErrorInfo,
    Failed,
    Finished,
    FinishReason,
    LoadFailed,
    ModelUnloaded,
    TextDelta,
    TokensCounted,
)
from realm_desktop.protocol import (
    Abort,
    CountTokens,
    Generate,
    Priority,
    RequestId,
    SetParked,
    SetPriority,
    SetSpeculation,
    SetWorkspaceWeight,
    Speculation,
    SpeculationMode,
    UnloadModel,
    WorkspaceId,
)
from tests.support.ledgers import ADAPTER, DEATH, MODEL, OTHER, R, generate, loaded, make_ledger


def test_empty_ledger_replays_nothing() -> None:
    assert make_ledger().replay() == []


def test_replay_resumes_behind_the_committed_tokens() -> None:
    ledger = make_ledger(generate(), TextDelta(R, "a", (7, 8)), TextDelta(R, "", (9,)))

    assert ledger.replay() == [generate(committed=(7, 8, 9))]


def test_replay_keeps_tokens_committed_before_the_request() -> None:
    ledger = make_ledger(generate(committed=(1, 2)), TextDelta(R, "a", (3,)))

    assert ledger.replay() == [generate(committed=(1, 2, 3))]


def test_replay_twice_does_not_double_the_tokens() -> None:
    ledger = make_ledger(generate(), TextDelta(R, "a", (7,)))

    ledger.replay()

    assert ledger.replay() == [generate(committed=(7,))]


def test_finished_and_failed_requests_are_closed() -> None:
    ledger = make_ledger(
        generate("a"),
        generate("b"),
        Finished(RequestId("a"), FinishReason.STOP, GenerationStats()),
        Failed(RequestId("b"), ErrorInfo("X", "x")),
    )

    assert ledger.num_open == 0


def test_tokens_of_an_unknown_request_are_ignored() -> None:
    assert make_ledger(TextDelta(R, "a", (7,))).replay() == []


def test_replay_puts_weights_model_and_adapters_before_requests() -> None:
    weight = SetWorkspaceWeight(WorkspaceId("w"), 2.0)
    ledger = make_ledger(MODEL, loaded(MODEL), ADAPTER, generate(), weight)

    assert ledger.replay() == [weight, MODEL, ADAPTER, generate()]


def test_only_the_latest_weight_of_a_workspace_counts() -> None:
    first, second = (SetWorkspaceWeight(WorkspaceId("w"), weight) for weight in (2.0, 3.0))

    assert make_ledger(first, second).replay() == [second]


def test_replay_takes_a_model_that_is_still_loading() -> None:
    assert make_ledger(MODEL, loaded(MODEL), OTHER).replay() == [OTHER]


def test_refused_model_leaves_the_earlier_one() -> None:
    failed = LoadFailed(OTHER.path, ErrorInfo("CorruptFile", "x"), is_unloaded=False)

    assert make_ledger(MODEL, loaded(MODEL), OTHER, failed).replay() == [MODEL]


def test_refused_model_takes_an_unloaded_one_along() -> None:
    failed = LoadFailed(OTHER.path, ErrorInfo("OutOfMemory", "x"), is_unloaded=True)

    assert make_ledger(MODEL, loaded(MODEL), OTHER, failed).replay() == []


def test_end_of_a_superseded_load_leaves_the_newer_one() -> None:
    stopped = LoadFailed(MODEL.path, ErrorInfo("LoadAborted", "x"), is_unloaded=True)

    assert make_ledger(MODEL, OTHER, stopped).replay() == [OTHER]
    assert make_ledger(MODEL, OTHER, stopped, loaded(OTHER)).replay() == [OTHER]


def test_each_answer_belongs_to_the_oldest_load() -> None:
    refused = LoadFailed(OTHER.path, ErrorInfo("CorruptFile", "x"), is_unloaded=False)

    assert make_ledger(MODEL, OTHER, loaded(MODEL), refused).replay() == [MODEL]


def test_unload_on_its_way_is_not_undone_by_a_death() -> None:
    assert make_ledger(MODEL, loaded(MODEL), UnloadModel()).replay() == []
    assert make_ledger(MODEL, UnloadModel(), loaded(MODEL)).replay() == []


def test_load_behind_an_unload_is_replayed() -> None:
    ledger = make_ledger(MODEL, loaded(MODEL), UnloadModel(), OTHER, ModelUnloaded())

    assert ledger.replay() == [OTHER]


def test_unloaded_model_is_not_replayed() -> None:
    assert make_ledger(MODEL, loaded(MODEL), ADAPTER, UnloadModel()).replay() == []
    assert make_ledger(MODEL, loaded(MODEL), ModelUnloaded()).replay() == []


def test_withdrawn_commands_wait_for_no_answer() -> None:
    ledger = make_ledger(MODEL, loaded(MODEL), OTHER, generate())

    ledger.withdraw(OTHER)
    ledger.withdraw(generate())

    assert ledger.replay() == [MODEL]


def test_replay_keeps_changes_of_an_open_request() -> None:
    drafting = Speculation(SpeculationMode.NGRAM)
    ledger = make_ledger(
        generate(), SetPriority(R, Priority.BACKGROUND), SetSpeculation(R, drafting)
    )

    (command,) = ledger.replay()

    assert isinstance(command, Generate)
    assert command.request.priority is Priority.BACKGROUND
    assert command.request.speculation == drafting


def test_replay_keeps_a_parked_request_parked() -> None:
    ledger = make_ledger(generate(), SetParked(R, is_parked=True))

    (command,) = ledger.replay()

    assert isinstance(command, Generate)
    assert command.request.is_parked


def test_parked_request_is_not_to_blame_for_deaths() -> None:
    ledger = make_ledger(generate(), SetParked(R, is_parked=True))

    assert ledger.bury(DEATH) == ledger.bury(DEATH) == []
    assert ledger.num_open == 1


def test_changes_of_an_unknown_request_are_ignored() -> None:
    ledger = make_ledger(SetPriority(R, Priority.BACKGROUND), Abort(R))

    assert ledger.replay() == []


def test_first_death_ends_no_request() -> None:
    ledger = make_ledger(generate())

    assert ledger.bury(DEATH) == []
    assert ledger.num_open == 1


def test_second_death_fails_a_request() -> None:
    ledger = make_ledger(generate("old"))
    ledger.bury(DEATH)
    ledger.record(generate("new"))

    ends = ledger.bury(DEATH)

    assert ends == [Failed(RequestId("old"), ErrorInfo.of(DEATH))]
    assert ledger.replay() == [generate("new")]


def test_death_finishes_an_aborted_request() -> None:
    ledger = make_ledger(generate(), TextDelta(R, "a", (1, 2)), Abort(R))

    ends = ledger.bury(DEATH)

    stats = GenerationStats(num_completion_tokens=2)
    assert ends == [Finished(R, FinishReason.ABORT, stats)]


def test_second_death_in_a_load_fails_the_load() -> None:
    ledger = make_ledger(MODEL)
    assert ledger.bury(DEATH) == []
    ledger.replay()

    ends = ledger.bury(DEATH)

    assert ends == [LoadFailed(MODEL.path, ErrorInfo.of(DEATH), is_unloaded=True)]
    assert ledger.replay() == []


def test_deaths_after_a_load_are_not_the_loads_fault() -> None:
    ledger = make_ledger(MODEL)
    ledger.bury(DEATH)
    ledger.observe(loaded(MODEL))
    ledger.replay()

    assert ledger.bury(DEATH) == []
    assert ledger.replay() == [MODEL]


def test_fail_all_ends_every_request() -> None:
    ledger = make_ledger(generate("a"), generate("b"), Abort(RequestId("b")))

    ends = ledger.fail_all(DEATH)

    assert [type(end) for end in ends] == [Failed, Finished]
    assert ledger.num_open == 0


def test_command_that_reaches_no_engine_is_answered() -> None:
    ledger, info = make_ledger(generate()), ErrorInfo.of(DEATH)

    assert ledger.refuse(generate(), DEATH, is_down=True) == [Failed(R, info)]
    assert ledger.num_open == 0
    assert ledger.refuse(MODEL, DEATH, is_down=True) == [LoadFailed(MODEL.path, info, True)]
    assert ledger.refuse(ADAPTER, DEATH, is_down=False) == [AdapterFailed(ADAPTER.adapter_id, info)]
    assert ledger.refuse(Abort(R), DEATH, is_down=False) == []


def test_count_without_an_engine_is_answered() -> None:
    ledger = make_ledger()
    command = CountTokens("c", "text")
    ledger.record(command)

    assert ledger.refuse(command, EngineStopped("down"), is_down=True) == [TokensCounted("c", None)]
    assert ledger.replay() == []
