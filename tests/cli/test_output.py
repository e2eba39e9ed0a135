"""Results, errors and exit statuses."""

from __future__ import annotations

import io
import json

import pytest

from realm_desktop import errors
from realm_desktop.cli.output import (
    ExitStatus,
    InternalError,
    Output,
    as_error,
    error_object,
    exit_status,
)
from realm_desktop.events import ErrorInfo


def make_output(*, is_json: bool) -> tuple[Output, io.StringIO, io.StringIO]:
    results, messages = io.StringIO(), io.StringIO()
    return Output(results, messages, is_json), results, messages


def test_an_error_has_the_form_of_the_contract() -> None:
    error = errors.CorruptFile("bad", advice="retry", file="f.gguf", field="key", offset=123)

    assert error_object(error) == {
        "error": {
            "kind": "CorruptFile",
            "message": "bad",
            "advice": "retry",
            "file": "f.gguf",
            "field": "key",
            "offset": 123,
        }
    }


def test_unknown_places_are_left_out() -> None:
    assert set(error_object(errors.OutOfMemory("no"))["error"]) == {  # type: ignore[call-overload]  # an object of unknown values
        "kind",
        "message",
        "advice",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.CorruptFile("x"), ExitStatus.REFUSED),
        (errors.TemplateError("x"), ExitStatus.REFUSED),
        (errors.PromptTooLong("x"), ExitStatus.REFUSED),
        (errors.InvalidSampling("x"), ExitStatus.REFUSED),
        (errors.UsageError("x"), ExitStatus.REFUSED),
        (errors.InvalidJson("x"), ExitStatus.REFUSED),
        (errors.SettingsError("x"), ExitStatus.REFUSED),
        (errors.OutOfMemory("x"), ExitStatus.FAILED),
        (errors.EngineStopped("x"), ExitStatus.FAILED),
        (InternalError("x"), ExitStatus.FAILED),
    ],
)
def test_what_the_user_gave_is_refused_and_the_rest_failed(
    error: errors.RealmError, status: ExitStatus
) -> None:
    assert exit_status(error) is status


def test_an_event_becomes_the_error_it_was() -> None:
    original = errors.PromptTooLong("long", advice="shorten", field="prompt")

    found = as_error(ErrorInfo.of(original))

    assert error_object(found) == error_object(original)
    assert isinstance(found, errors.PromptTooLong)


@pytest.mark.parametrize("kind", ["InternalError", "Path", "annotations", "NoSuchName"])
def test_other_kinds_become_internal_errors(kind: str) -> None:
    assert type(as_error(ErrorInfo(kind, "x"))) is InternalError


def test_json_errors_go_to_standard_output() -> None:
    output, results, messages = make_output(is_json=True)
    output.write_error(errors.UsageError("no"))

    assert json.loads(results.getvalue())["error"]["kind"] == "UsageError"
    assert messages.getvalue() == ""


def test_errors_for_people_go_to_standard_error() -> None:
    output, results, messages = make_output(is_json=False)
    output.write_error(errors.UsageError("no", advice="Do this."))

    assert messages.getvalue() == "error: no\nDo this.\n"
    assert results.getvalue() == ""


def test_objects_for_people_are_indented() -> None:
    output, results, _ = make_output(is_json=False)
    output.write_result({"a": 1, "b": {"c": [2, 3]}})

    assert results.getvalue() == "a: 1\nb:\n  c: 2, 3\n"


def test_text_is_written_as_it_is() -> None:
    output, results, _ = make_output(is_json=True)
    output.write_json({"text": "\u4f60\U0001f999"})

    assert results.getvalue() == '{"text": "\u4f60\U0001f999"}\n'


def test_progress_is_for_terminals_only() -> None:
    output, _, messages = make_output(is_json=False)
    output.write_progress("half")

    assert messages.getvalue() == ""


def test_progress_replaces_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    output, _, messages = make_output(is_json=False)
    monkeypatch.setattr(messages, "isatty", lambda: True)
    output.write_progress("half")

    assert messages.getvalue() == "\r\x1b[Khalf"
