"""Records to rows and back, and rows nobody wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import ErrorInfo, FinishReason
from realm_desktop.protocol import AdapterId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store import rows
from realm_desktop.store.records import (
    Attachment,
    MessageState,
    UsedAdapter,
    Workspace,
    new_workspace_id,
)
from tests.support.stores import make_conversation, make_message

WORKSPACE = Workspace(
    new_workspace_id(), "Research", 1.0, 2.0, 3, 2.5,
    AdapterMix((MixEntry(AdapterId("a"), 0.4, is_on=False),), is_bypassed=True),
    settings={"sampling.temperature": 0.1, "a.later.version": [1, {"b": None}]},
)  # fmt: skip


def test_workspace_survives_its_row() -> None:
    assert rows.read_workspace(rows.workspace_row(WORKSPACE)) == WORKSPACE


def test_conversation_survives_its_row() -> None:
    conversation = make_conversation(
        "c", "Title", is_pinned=True, deleted_s=7.0, leaf_id="m", unsent_text="u",
        queued_texts=("a", "b"), is_unseen=True, settings={"reply.is_seed_new": False},
        queued_attachments=((), (Attachment("a.py", "x"),)),
    )  # fmt: skip

    assert rows.read_conversation(rows.conversation_row(conversation)) == conversation


def test_message_survives_its_row() -> None:
    message = make_message(
        "m", "p", "text", role="assistant", state=MessageState.FAILED,
        finish_reason=FinishReason.LENGTH, stats=GenerationStats(5, 1, 9, ttft_s=0.25),
        error=ErrorInfo("OutOfMemory", "no", "less", None, "f", 3),
        model_name="Tiny", seed=2**53 - 1, is_edited=True,
        adapters=(UsedAdapter(AdapterId("a"), "terse", 0.35),),
        sampling=SamplingParams(temperature=1.5, stop=("x",)), is_starred=True,
        attachments=(Attachment("a.py", "x\n"), Attachment("b", "")),
        num_left_out=2, thinking="off", origin="0a 1b 2c",
    )  # fmt: skip

    assert rows.read_message(rows.message_row(message)) == message


def test_every_text_of_a_row_is_clean() -> None:
    dirty = "x\0\ud800"
    message = make_message(
        "m", content=dirty, model_name=dirty, error=ErrorInfo("E", "a\0", dirty[:2]),
        attachments=(Attachment(dirty, dirty),),
    )  # fmt: skip
    conversation = make_conversation(
        title=dirty, unsent_text=dirty, queued_texts=(dirty,),
        queued_attachments=((Attachment(dirty, dirty),),),
    )  # fmt: skip
    workspace = replace(WORKSPACE, name=dirty, settings={dirty: [dirty, {"x": dirty}]})
    texts = [
        *rows.message_row(message),
        *rows.conversation_row(conversation),
        *rows.workspace_row(workspace),
    ]

    for text in texts:
        assert "\0" not in str(text)
        assert "\ud800" not in str(text)


def test_unknown_names_in_a_message_row_cost_only_themselves() -> None:
    row = list(rows.message_row(make_message("m", content="text")))
    row[3], row[5], row[7], row[8], row[9], row[11] = "robot", "frozen", "boredom", "{", "[]", "x"

    message = rows.read_message(tuple(row))

    assert message.content == "text"
    assert (message.role, message.state) == ("assistant", MessageState.COMPLETE)
    assert (message.finish_reason, message.stats, message.error) == (None, None, None)
    assert message.seed is None


@pytest.mark.parametrize("sampling", [None, '{"temperature": -1}', "null", 7])
def test_reply_without_readable_sampling_has_none(sampling: str | int | None) -> None:
    row = list(rows.message_row(make_message("m", content="text")))
    row[14] = sampling

    message = rows.read_message(tuple(row))

    assert (message.content, message.sampling) == ("text", None)


def test_fields_of_a_newer_version_in_stats_are_ignored() -> None:
    row = list(rows.message_row(make_message("m")))
    row[8] = '{"num_prompt_tokens": 4, "joules": 7}'

    assert rows.read_message(tuple(row)).stats == GenerationStats(num_prompt_tokens=4)


@pytest.mark.parametrize("settings", ['["a"]', "7", "null", "[" * 9999])
def test_settings_of_a_workspace_row_that_are_none_become_no_settings(settings: str) -> None:
    row = list(rows.workspace_row(WORKSPACE))
    row[9] = settings

    assert rows.read_workspace(tuple(row)) == replace(WORKSPACE, settings={})


@pytest.mark.parametrize("number", [-1, "2", None, 1.5])
def test_number_that_is_none_leaves_nothing_out(number: object) -> None:
    message = make_message("m", num_left_out=3)
    row = list(rows.message_row(message))
    row[17] = number

    assert rows.read_message(tuple(row)) == replace(message, num_left_out=0)


@pytest.mark.parametrize(
    "mix", ['{"entries": [{"adapter_id": "a", "weight": 3}]}', '{"entries": [7]}', "[]", "{"]
)
def test_bad_mix_in_a_workspace_row_becomes_an_empty_one(mix: str) -> None:
    row = list(rows.workspace_row(WORKSPACE))
    row[6] = mix

    assert rows.read_workspace(tuple(row)) == replace(WORKSPACE, adapters=AdapterMix())


VALUES = st.none() | st.integers(-9, 9) | st.floats() | st.text('a{["0') | st.binary(max_size=9)


@given(st.lists(VALUES, min_size=20))
def test_any_row_can_be_read(values: list[int | float | str | bytes | None]) -> None:
    rows.read_workspace(tuple(values))
    rows.read_conversation(tuple(values))
    message = rows.read_message(tuple(values))

    assert isinstance(message.state, MessageState)


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_token_ids_survive_packing(token_ids: list[int]) -> None:
    assert rows.unpack_token_ids(rows.pack_token_ids(token_ids)) == tuple(token_ids)


@pytest.mark.parametrize(
    ("data", "expected"), [(None, ()), ("text", ()), (b"", ()), (b"\1\0\0\0\2\0", (1,))]
)
def test_damaged_token_ids_give_the_whole_ones(data: object, expected: tuple[int, ...]) -> None:
    assert rows.unpack_token_ids(data) == expected


def test_token_ids_are_little_endian_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = rows.pack_token_ids([1])
    monkeypatch.setattr("sys.byteorder", "big")

    assert packed == b"\1\0\0\0"
    assert rows.pack_token_ids([1]) == b"\0\0\0\1"
    assert rows.unpack_token_ids(b"\0\0\0\1") == (1,)


def test_lone_surrogates_in_parts_of_a_message_are_replaced() -> None:
    """Found by hostile names: an error's sentence can hold the name of any file."""
    message = make_message(
        "m",
        error=ErrorInfo("EngineStopped", "no \udcff.gguf", advice="\ud800"),
        adapters=(UsedAdapter(AdapterId("a"), "\udcff", 1.0),),
        sampling=SamplingParams(stop=("\ud800",)),
    )

    read = rows.read_message(rows.message_row(message))

    assert read.error == ErrorInfo("EngineStopped", "no \ufffd.gguf", advice="\ufffd")
    assert read.adapters[0].name == "\ufffd"
    assert read.sampling is not None
    assert read.sampling.stop == ("\ufffd",)


def test_texts_that_are_stored_as_bytes_are_read_all_the_same() -> None:
    message = make_message("m", content="naïve", attachments=(Attachment("a.txt", "ü"),))
    row = rows.message_row(message)
    as_bytes = tuple(value.encode() if isinstance(value, str) else value for value in row)

    assert rows.read_message(as_bytes) == message


@pytest.mark.parametrize("role", ["", "robot", None, 5])
def test_unknown_role_is_an_assistant(role: object) -> None:
    row = list(rows.message_row(make_message("m")))
    row[3] = role  # what a damaged file may hold

    assert rows.read_message(tuple(row)).role == "assistant"
