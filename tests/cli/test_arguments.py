"""Flags of the window and of the subcommands."""

from __future__ import annotations

import pytest

from realm_desktop.cli.arguments import (
    COMMANDS,
    WindowArguments,
    parse_command,
    parse_window_flags,
)
from realm_desktop.errors import UsageError


def test_no_arguments_mean_the_window_with_defaults() -> None:
    assert parse_window_flags([]) == WindowArguments(None, is_debug=False, is_in_process=False)


def test_the_window_takes_its_flags() -> None:
    flags = parse_window_flags(["--data-dir", "d", "--debug", "--in-process"])

    assert flags == WindowArguments("d", is_debug=True, is_in_process=True)


@pytest.mark.parametrize("argv", [["nonsense"], ["--nonsense"], ["--data-dir"]])
def test_unknown_words_are_refused(argv: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse_window_flags(argv)

    assert "--help" in caught.value.advice


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_window_flags(["--help"])

    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_window_flags(["--version"])

    assert caught.value.code == 0
    assert "Realm Desktop" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_the_common_flags(name: str) -> None:
    words = {"doctor": [], "logits": ["m", "--out", "o"], "adapter": ["inspect", "a"]}

    values = parse_command(
        [name, *words.get(name, ["m"]), "--json", "--device", "cpu", "--threads", "2"]
    )

    assert (values.command, values.json, values.device, values.threads) == (name, True, "cpu", 2)


@pytest.mark.parametrize(
    "argv",
    [
        ["inspect"],
        ["generate", "m", "--prompt", "a", "--chat", "b"],
        ["generate", "m", "--threads", "0"],
        ["generate", "m", "--max-tokens", "x"],
        ["generate", "m", "--parallel", "-1"],
        ["generate", "m", "--device", "tpu"],
        ["generate", "m", "--kv-cache-dtype", "int3"],
        ["logits", "m"],
        ["bench", "m", "--batch", "1,x"],
        ["bench", "m", "--batch", "0"],
        ["bench", "m", "--repeat", "0"],
        ["bench", "m", "--depth", "-1"],
    ],
)
def test_wrong_flags_are_refused(argv: list[str]) -> None:
    with pytest.raises(UsageError, match=argv[0]):
        parse_command(argv)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["generate", "m", "--threads", "0"], "--threads: '0' is no number from 1 to 1024"),
        (["bench", "m", "--batch", "1,x"], "--batch: 'x' is no number from 1 to 256"),
    ],
)
def test_number_out_of_its_range_is_told_with_the_range(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_command(argv)

    assert words in caught.value.message


def test_bench_has_the_defaults_of_the_contract() -> None:
    values = parse_command(["bench", "m"])

    assert (values.prompt_tokens, values.decode_tokens, values.repeat) == (512, 64, 5)
    assert (values.batch, values.depth) == ([1, 2, 4, 8], [0])


def test_lists_are_separated_by_commas() -> None:
    assert parse_command(["bench", "m", "--batch", "1,3"]).batch == [1, 3]


@pytest.mark.parametrize("argv", [["generate", "m"], ["bench", "m"], ["logits", "m", "--out", "f"]])
def test_kv_cache_dtype_is_automatic_unless_said(argv: list[str]) -> None:
    chosen = parse_command([*argv, "--kv-cache-dtype", "int8"])

    assert (parse_command(argv).kv_cache_dtype, chosen.kv_cache_dtype) == ("auto", "int8")
