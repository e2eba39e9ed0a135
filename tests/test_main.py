"""Which front door the arguments open."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from realm_desktop.__main__ import CHECK_GRAMMARS_FLAG, main
from realm_desktop.cli.arguments import CHECK_WINDOW_FLAG
from realm_desktop.engine.sampling import grammar_guard
from tests.support.command_line import run


@pytest.fixture
def window_calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The flags that the window was started with; nothing is shown."""
    calls: list[Any] = []

    def record(flags: Any) -> int:
        calls.append(flags)
        return 7

    app = ModuleType("realm_desktop.app")
    app.__dict__.update(WindowFlags=lambda *flags: flags, run=record)
    monkeypatch.setitem(sys.modules, "realm_desktop.app", app)
    return calls


def test_no_arguments_open_the_window(window_calls: list[Any]) -> None:
    assert main([]) == 7
    assert window_calls == [(None, False, False, None)]


def test_flags_reach_the_window(window_calls: list[Any]) -> None:
    main(["--data-dir", "d", "--debug", "--in-process"])

    assert window_calls == [(Path("d"), True, True, None)]


def test_a_file_is_opened_in_the_window(window_calls: list[Any], tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.touch()

    main([str(model)])

    assert window_calls == [(None, False, False, model)]


def test_a_subcommand_does_not_open_the_window(window_calls: list[Any]) -> None:
    assert run("inspect", "no-such-file").status == 2
    assert window_calls == []


def test_an_unknown_word_is_refused(window_calls: list[Any]) -> None:
    result = run("nonsense")

    assert result.status == 2
    assert "nonsense" in result.err
    assert window_calls == []


def test_nothing_heavy_is_imported_with_the_module() -> None:
    code = (
        "import sys, realm_desktop.__main__\n"
        "heavy = {'torch', 'PySide6', 'numpy', 'tokenizers', 'asyncio', 'apsw'} & set(sys.modules)\n"
        "sys.exit(sorted(heavy) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_module_runs_as_a_program() -> None:
    argv = [sys.executable, "-m", "realm_desktop", "--version"]

    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert done.stdout.startswith("Realm Desktop ")


def test_frozen_program_checks_grammars_when_its_engine_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert grammar_guard.own_command() == [sys.executable, CHECK_GRAMMARS_FLAG]

    done = subprocess.run(
        [sys.executable, "-m", "realm_desktop", CHECK_GRAMMARS_FLAG],
        input='["regex", "(", []]\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.startswith("ready")
    assert "regex" in done.stdout


def test_program_tells_on_what_its_window_runs() -> None:
    argv = [sys.executable, "-m", "realm_desktop", CHECK_WINDOW_FLAG]

    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout)["platform"] == "offscreen"
