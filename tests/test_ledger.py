"""The ledger tells a new engine everything that the old one knew."""

from __future__ import annotations

import dataclasses

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    AdapterFailed,
    AdapterInfo,
    AdapterLoaded,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    LoadFailed,
    ModelLoaded,
    ModelUnloaded,
    TextDelta,
)
from realm_desktop.ledger import Ledger
from realm_desktop.protocol import (
    Abort,
    AdapterId,
    AdapterUse,
    Command,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    Priority,
    RequestId,
    SetPriority,
    SetSpeculation,
    SetWorkspaceWeight,
    Speculation,
    SpeculationMode,
    UnloadAdapter,
    UnloadModel,
    WorkspaceId,
)
from tests.support.fake_client import make_model_info

MODEL = LoadModel("/models/tiny.gguf")
OTHER = LoadModel("/models/other.gguf")
ADAPTER = LoadAdapter(AdapterId("pirate"), "/adapters/pirate")
ADAPTER_LOADED = AdapterLoaded(AdapterInfo(ADAPTER.adapter_id, "pirate", 8, 16.0, 1024))
DEATH = EngineStopped("it died")
R = RequestId("r")


def make_ledger(*notes: Command | Event) -> Ledger:
    ledger = Ledger()
    for note in notes:
        if isinstance(note, Event):
            ledger.observe(note)
        else:
            ledger.record(note)
    return ledger


def generate(name: str = "r", committed: tuple[int, ...] = ()) -> Generate:
    return Generate(GenerateRequest(RequestId(name), prompt="Hi", committed_token_ids=committed))


def loaded(command: LoadModel) -> ModelLoaded:
    return ModelLoaded(make_model_info(command.path))


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


def test_unloaded_and_refused_adapters_are_not_replayed() -> None:
    refused = AdapterFailed(ADAPTER.adapter_id, ErrorInfo("AdapterMismatch", "x"))

    assert make_ledger(MODEL, ADAPTER, UnloadAdapter(ADAPTER.adapter_id)).replay() == [MODEL]
    assert make_ledger(MODEL, ADAPTER, refused).replay() == [MODEL]


def test_refused_reload_of_an_adapter_leaves_the_earlier_generation() -> None:
    newer = LoadAdapter(ADAPTER.adapter_id, "/adapters/pirate-2")
    notes = (MODEL, loaded(MODEL), ADAPTER, ADAPTER_LOADED, newer)
    refused = AdapterFailed(ADAPTER.adapter_id, ErrorInfo("AdapterMismatch", "x"))

    assert make_ledger(*notes).replay() == [MODEL, ADAPTER, newer]
    assert make_ledger(*notes, refused).replay() == [MODEL, ADAPTER]
    assert make_ledger(*notes, ADAPTER_LOADED).replay() == [MODEL, newer]


def test_refused_model_leaves_the_adapters_of_the_earlier_one() -> None:
    refused = LoadFailed(OTHER.path, ErrorInfo("CorruptFile", "x"), is_unloaded=False)
    notes = (MODEL, loaded(MODEL), ADAPTER, ADAPTER_LOADED, OTHER, refused)

    assert make_ledger(*notes).replay() == [MODEL, ADAPTER]


def test_unloaded_adapter_is_not_replayed_whichever_was_answered() -> None:
    notes = (MODEL, loaded(MODEL), ADAPTER, ADAPTER_LOADED, ADAPTER)
    unload = UnloadAdapter(ADAPTER.adapter_id)

    assert make_ledger(*notes, unload).replay() == [MODEL]
    assert make_ledger(*notes, unload, ADAPTER_LOADED).replay() == [MODEL]


def with_adapter(
    committed: tuple[int, ...] = (), *, name: str = "r", version: str = ""
) -> Generate:
    uses = (AdapterUse(ADAPTER.adapter_id, version=version),)
    request = GenerateRequest(RequestId(name), prompt="Hi", adapters=uses)
    return Generate(dataclasses.replace(request, committed_token_ids=committed))


def adapter_loaded(version: str) -> AdapterLoaded:
    return AdapterLoaded(dataclasses.replace(ADAPTER_LOADED.info, version=version))


def test_unloaded_adapter_is_replayed_for_the_reply_that_still_uses_it() -> None:
    unload = UnloadAdapter(ADAPTER.adapter_id)
    ledger = make_ledger(
        MODEL,
        loaded(MODEL),
        ADAPTER,
        ADAPTER_LOADED,
        with_adapter(),
        unload,
        TextDelta(R, "a", (7,)),
    )
    expected = [MODEL, ADAPTER, with_adapter((7,)), unload]

    assert ledger.replay() == expected
    # The new engine dies too, wherever it was.
    for event in (loaded(MODEL), ADAPTER_LOADED):
        ledger.observe(event)
    assert ledger.replay() == expected


def test_unloaded_adapter_is_forgotten_with_the_reply_that_used_it() -> None:
    end = Finished(R, FinishReason.STOP, GenerationStats())
    unload = UnloadAdapter(ADAPTER.adapter_id)
    notes = (MODEL, loaded(MODEL), ADAPTER, ADAPTER_LOADED, with_adapter(), unload, end)

    assert make_ledger(*notes).replay() == [MODEL]


OLD = (MODEL, loaded(MODEL), ADAPTER, adapter_loaded("v1"))
NEWER = LoadAdapter(ADAPTER.adapter_id, "/adapters/pirate-2")
BEGUN = (with_adapter(), TextDelta(R, "a", (7,)))


def test_reply_goes_on_with_the_adapter_that_was_replaced_since() -> None:
    ledger = make_ledger(*OLD, *BEGUN, NEWER, adapter_loaded("v2"), with_adapter(name="s"))
    expected = [
        *(MODEL, ADAPTER, with_adapter((7,), version="v1")),
        *(NEWER, with_adapter(name="s")),
    ]

    assert ledger.replay() == expected
    # The new engine dies too, after it had loaded both.
    for event in (loaded(MODEL), adapter_loaded("v1"), adapter_loaded("v2")):
        ledger.observe(event)
    assert ledger.replay() == expected
    assert make_ledger(*OLD, NEWER, adapter_loaded("v2")).replay() == [MODEL, NEWER]


def test_newest_adapter_is_loaded_last_for_what_comes_later() -> None:
    ledger = make_ledger(*OLD, *BEGUN, NEWER, adapter_loaded("v2"))

    assert ledger.replay() == [MODEL, ADAPTER, with_adapter((7,), version="v1"), NEWER]


def test_reply_sent_behind_a_load_begins_with_it_unless_it_is_refused() -> None:
    refused = AdapterFailed(ADAPTER.adapter_id, ErrorInfo("AdapterMismatch", "x"))
    notes = (*OLD, NEWER, with_adapter())
    begun = TextDelta(R, "a", (7,))

    taken = make_ledger(*notes, adapter_loaded("v2"), begun).replay()
    assert taken == [MODEL, NEWER, with_adapter((7,), version="v2")]
    kept = make_ledger(*notes, refused, begun).replay()
    assert kept == [MODEL, ADAPTER, with_adapter((7,), version="v1")]


def test_reply_goes_on_with_the_file_it_began_with_or_not_at_all() -> None:
    ledger = make_ledger(*OLD, *BEGUN)
    ledger.replay()
    # The same path, but the file was written over: the engine refuses the reply.
    ledger.observe(loaded(MODEL))
    ledger.observe(adapter_loaded("v2"))

    assert ledger.replay() == [MODEL, ADAPTER, with_adapter((7,), version="v1")]


def test_reply_without_a_token_takes_the_file_as_it_is() -> None:
    assert make_ledger(*OLD, with_adapter()).replay() == [MODEL, ADAPTER, with_adapter()]


def test_adapter_that_was_unloaded_after_it_was_replaced_is_not_loaded_again() -> None:
    unload = UnloadAdapter(ADAPTER.adapter_id)
    ledger = make_ledger(*OLD, *BEGUN, NEWER, adapter_loaded("v2"), unload)
    expected = [MODEL, ADAPTER, with_adapter((7,), version="v1"), unload]

    assert ledger.replay() == expected
    ledger.observe(adapter_loaded("v1"))
    assert ledger.replay() == expected


def test_withdrawn_load_of_an_adapter_is_nobodys() -> None:
    ledger = make_ledger(*OLD, NEWER, with_adapter())
    ledger.withdraw(NEWER)

    assert ledger.replay() == [MODEL, ADAPTER, with_adapter()]


def test_adapters_are_replayed_again_when_the_new_engine_dies_too() -> None:
    ledger = make_ledger(MODEL, loaded(MODEL), ADAPTER, ADAPTER_LOADED)
    ledger.replay()
    ledger.observe(loaded(MODEL))

    assert ledger.replay() == [MODEL, ADAPTER]


def test_withdrawn_commands_wait_for_no_answer() -> None:
    ledger = make_ledger(MODEL, loaded(MODEL), OTHER, generate())

    ledger.withdraw(OTHER)
    ledger.withdraw(generate())

    assert ledger.replay() == [MODEL]


def test_new_model_drops_the_adapters_of_the_old_one() -> None:
    assert make_ledger(MODEL, ADAPTER, OTHER).replay() == [OTHER]


def test_replay_keeps_changes_of_an_open_request() -> None:
    drafting = Speculation(SpeculationMode.NGRAM)
    ledger = make_ledger(
        generate(), SetPriority(R, Priority.BACKGROUND), SetSpeculation(R, drafting)
    )

    (command,) = ledger.replay()

    assert isinstance(command, Generate)
    assert command.request.priority is Priority.BACKGROUND
    assert command.request.speculation == drafting


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
