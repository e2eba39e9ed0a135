"""Failures of subcommands become messages and exit statuses."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.cli import commands
from realm_desktop.cli.arguments import COMMANDS
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.errors import EngineStopped
from tests.support.command_line import run


def raising(error: BaseException) -> Callable[[str], commands.CommandFunction]:
    """Something in place of `_command` whose commands raise this error."""

    def command(values: Namespace, output: Output) -> ExitStatus:
        raise error

    return lambda name: command


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_function(name: str) -> None:
    assert callable(commands._command(name))


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (EngineStopped("gone"), 1, "EngineStopped"),
        (MemoryError(), 1, "OutOfMemory"),
        (ZeroDivisionError("oops"), 1, "InternalError"),
    ],
)
def test_a_failure_ends_with_its_status(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, kind: str
) -> None:
    monkeypatch.setattr(commands, "_command", raising(error))

    result = run("doctor", "--json")

    assert result.status == status
    assert result.value["error"]["kind"] == kind


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_command", raising(KeyboardInterrupt()))

    assert run("doctor").status == 130


def test_a_closed_pipe_is_no_reason_for_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_command", raising(BrokenPipeError()))

    assert run("doctor") == (1, "", "")


@pytest.mark.parametrize(
    "argv",
    [
        ["inspect", "{}"],
        ["tokenize", "{}"],
        ["detokenize", "{}", "--jsonl"],
        ["render", "{}"],
        ["logits", "{}", "--out", "x.npz"],
        ["generate", "{}", "--prompt", "a"],
        ["bench", "{}"],
    ],
)
def test_a_missing_file_is_refused_by_every_command(tmp_path: Path, argv: list[str]) -> None:
    missing = tmp_path / "no-such-file.gguf"
    text = '{"messages": []}' if argv[0] == "render" else ""

    result = run(*(word.format(missing) for word in argv), "--json", stdin=text)

    assert result.status == 2
    assert result.value["error"]["kind"] == "ModelFileError"
    assert result.value["error"]["file"] == str(missing)


def test_a_usage_error_is_json_when_asked() -> None:
    result = run("inspect", "--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "UsageError"


def test_a_usage_error_is_a_sentence_otherwise() -> None:
    result = run("inspect")

    assert result.status == 2
    assert result.out == ""
    assert "FILE" in result.err
