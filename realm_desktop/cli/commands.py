"""Runs a subcommand and turns every failure into a message and an exit status."""

from __future__ import annotations

import importlib
import logging
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Protocol, cast

from realm_desktop.cli.arguments import parse_command
from realm_desktop.cli.output import (
    ExitStatus,
    InternalError,
    Output,
    exit_status,
    report_usage_error,
)
from realm_desktop.errors import OutOfMemory, RealmError, UsageError

logger = logging.getLogger(__name__)

_MODULES = {
    "inspect": ("inspect_file", "inspect_file"),
    "tokenize": ("text_commands", "tokenize"),
    "detokenize": ("text_commands", "detokenize"),
    "render": ("text_commands", "render"),
    "logits": ("logits", "logits"),
    "generate": ("generate", "generate"),
    "bench": ("bench", "bench"),
    "adapter": ("adapter_files", "adapter"),
    "adapter merge": ("adapter_merge", "merge"),
    "adapter train": ("adapter_train", "train"),
    "doctor": ("doctor.report", "doctor"),
}


class CommandFunction(Protocol):
    """A subcommand."""

    def __call__(self, values: Namespace, output: Output) -> ExitStatus:
        """Run it; a RealmError that leaves it is shown to the user."""


def run_command(argv: Sequence[str]) -> int:
    """Run the subcommand `argv[0]`; returns the exit status."""
    output = Output.of_process(is_json=not {"--json", "--jsonl"}.isdisjoint(argv))
    try:
        values = parse_command(argv)
    except UsageError as error:
        return report_usage_error(output, error)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s: %(message)s"
    )
    try:
        return _command(_function_name(values))(values, output)
    except KeyboardInterrupt:
        output.messages.write("aborted\n")
        return ExitStatus.ABORTED
    except BrokenPipeError:
        # Whoever read the results has left; there is nobody to tell.
        return ExitStatus.FAILED
    except RealmError as error:
        output.write_error(error)
        return exit_status(error)
    except MemoryError:
        return report_usage_error(output, OutOfMemory("there is not enough memory"))
    except Exception as error:
        logger.debug("the command failed", exc_info=True)
        return report_usage_error(output, InternalError(f"{type(error).__name__}: {error}"))


def _function_name(values: Namespace) -> str:
    """The command, or the action of it that has a module of its own: only merging and training need torch."""
    with_action = f"{values.command} {getattr(values, 'action', '')}"
    return with_action if with_action in _MODULES else str(values.command)


def _command(name: str) -> CommandFunction:
    """The function of a subcommand.

    Its module is imported here and not above: `inspect` must not pay for torch, nor `doctor` fail
    because of it.
    """
    module_name, function_name = _MODULES[name]
    module = importlib.import_module(f"realm_desktop.cli.{module_name}")
    return cast("CommandFunction", getattr(module, function_name))
