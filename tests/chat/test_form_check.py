"""Whether the engine takes a form of the reply."""

from __future__ import annotations

import asyncio

import pytest

from realm_desktop.chat.form_check import form_request, refusal_of_form
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import ErrorInfo, Event, Failed, Finished, FinishReason, Queued
from realm_desktop.protocol import Abort, GenerateRequest, Priority
from realm_desktop.schema.resolution import Resolved, resolve
from tests.support.fake_client import FakeEngineClient

REFUSED = ErrorInfo("InvalidGrammar", "uses not at /not, which is not supported")


def _settings(form: str = "regex", text: str = "a+") -> Resolved:
    return resolve({}, {"system.output_form": form, "system.output_text": text})


def _check(*events: type[Queued] | type[Failed] | type[Finished]) -> tuple[ErrorInfo | None, bool]:
    """What the check says, and whether the request was ended early."""

    def script(request: GenerateRequest) -> list[Event]:
        made: dict[type, Event] = {
            Queued: Queued(request.request_id, 1, "busy"),
            Failed: Failed(request.request_id, REFUSED),
            Finished: Finished(request.request_id, FinishReason.LENGTH, GenerationStats()),
        }
        return [made[kind] for kind in events]

    async def work() -> tuple[ErrorInfo | None, bool]:
        client = FakeEngineClient(script)
        request = form_request(_settings())
        assert request is not None
        refusal = await refusal_of_form(client, request)
        return refusal, any(isinstance(command, Abort) for command in client.commands)

    return asyncio.run(work())


def test_request_is_one_token_behind_all_others() -> None:
    request = form_request(_settings())

    assert request is not None
    assert (request.regex, request.json_schema) == ("a+", None)
    assert request.sampling.max_tokens == 1
    assert request.priority is Priority.BACKGROUND


@pytest.mark.parametrize(("form", "text"), [("free", "a"), ("json_schema", " ")])
def test_free_text_needs_no_check(form: str, text: str) -> None:
    assert form_request(_settings(form, text)) is None


def test_refusal_is_what_the_engine_said() -> None:
    assert _check(Failed) == (REFUSED, False)


def test_accepted_form_ends_the_request() -> None:
    assert _check(Queued) == (None, True)


def test_finished_request_is_not_ended_again() -> None:
    assert _check(Finished)[0] is None
