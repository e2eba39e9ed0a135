"""The ledger and adapters: which file a reply goes on with, whatever came of the adapter since."""

from __future__ import annotations

import dataclasses

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import (
    AdapterFailed,
    AdapterLoaded,
    ErrorInfo,
    Finished,
    FinishReason,
    LoadFailed,
    TextDelta,
)
from realm_desktop.protocol import (
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
    UnloadAdapter,
)
from tests.support.ledgers import ADAPTER, ADAPTER_LOADED, MODEL, OTHER, R, loaded, make_ledger


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


def test_new_model_drops_the_adapters_of_the_old_one() -> None:
    assert make_ledger(MODEL, ADAPTER, OTHER).replay() == [OTHER]
