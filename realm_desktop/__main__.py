"""The program: the window without arguments, the command line with a subcommand.

A spawned engine process imports this module again, so nothing heavy is imported at its top level.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Sequence

from realm_desktop.cli.arguments import (
    CHECK_TORCH_FLAG,
    CHECK_WINDOW_FLAG,
    COMMANDS,
    WindowArguments,
    parse_window_flags,
)
from realm_desktop.errors import UsageError

CHECK_BACKENDS_FLAG = "--check-backends"
"""With a device, a journal, a folder and a limit behind it, it makes the program the process of `engine.backend_checks`."""

CHECK_GRAMMARS_FLAG = "--check-grammars"
"""Makes a frozen program the process that `engine.sampling.grammar_guard` starts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit status.

    Args:
        argv: Arguments without the program's name; None takes the process's own.
    """
    # First of all: in a frozen program this call is where a spawned child begins and ends.
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        return _run_command(arguments)
    if arguments == [CHECK_GRAMMARS_FLAG]:
        return _check_grammars()
    if arguments == [CHECK_WINDOW_FLAG]:
        return _check_window()
    if len(arguments) == 2 and arguments[0] == CHECK_TORCH_FLAG:
        return _check_torch(arguments[1])
    if arguments[:1] == [CHECK_BACKENDS_FLAG]:
        return _check_backends(arguments[1:])
    try:
        flags = parse_window_flags(arguments)
    except UsageError as error:
        return _refuse(error)
    return _show_window(flags)


def _run_command(arguments: Sequence[str]) -> int:
    # 20 ms that neither the window nor an engine process has to spend.
    from realm_desktop.cli.commands import run_command

    return run_command(arguments)


def _refuse(error: UsageError) -> int:
    from realm_desktop.cli.output import Output, report_usage_error

    return report_usage_error(Output.of_process(is_json=False), error)


def _show_window(arguments: WindowArguments) -> int:
    # Nothing that the start makes is garbage; the collector would read it all again and again.
    # `garbage.GarbageCollector` takes over once there is an event loop.
    gc.disable()
    try:
        # Qt must not be imported by subcommands, nor by the engine process that imports this module.
        from pathlib import Path

        from realm_desktop.compatibility import skip_feature_scan

        # Before `app`, which imports almost everything.
        skip_feature_scan()
        from realm_desktop.app import WindowFlags, run

        folder = Path(arguments.data_dir) if arguments.data_dir is not None else None
        is_debug, is_in_process = arguments.is_debug, arguments.is_in_process
        return run(WindowFlags(folder, is_in_process, is_debug, arguments.model))
    finally:
        gc.enable()


def _check_grammars() -> int:
    # A native library that neither the window nor the command line needs.
    from realm_desktop.engine.sampling import grammar_check

    grammar_check.main()
    return 0


def _check_window() -> int:
    # Qt, which ends this process where it cannot start.
    from realm_desktop.ui.window_check import check_window

    check_window()
    return 0


def _check_backends(arguments: Sequence[str]) -> int:
    # Before anything imports torch: the engine may compute with another one than the program's own.
    device, journal, torch_folder, limit = arguments
    sys.path.insert(0, torch_folder)
    from realm_desktop.engine.backend_checks import main as check_backends

    check_backends(device, journal, float(limit))
    return 0


def _check_torch(folder: str) -> int:
    # Another torch than that of this program.
    from pathlib import Path

    from realm_desktop.torch_folder import tell_torch

    tell_torch(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
