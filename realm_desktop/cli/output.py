"""What the command line writes: results on standard output, the rest on standard error.

Also the one place that knows exit statuses and the form of an error in JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TextIO

from realm_desktop import errors
from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo

_REFUSALS = (
    errors.ModelFileError,
    errors.RequestError,
    errors.AdapterError,
    errors.UsageError,
    errors.SettingsError,
    errors.InvalidJson,
    errors.TrainingDataError,
)


class ExitStatus(IntEnum):
    """How the program ended."""

    DONE = 0
    FAILED = 1
    REFUSED = 2
    ABORTED = 130


class InternalError(RealmError):
    """A fault of the program itself."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where results, errors and progress go.

    Attributes:
        results: Standard output.
        messages: Standard error.
        is_json: Results and errors are JSON objects, one per line.
    """

    results: TextIO
    messages: TextIO
    is_json: bool

    @classmethod
    def of_process(cls, *, is_json: bool) -> Output:
        """The process's own streams, as UTF-8 whatever the locale is."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # One that was closed or detached stays as it is.
                with contextlib.suppress(ValueError):
                    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        return cls(sys.stdout, sys.stderr, is_json)

    def write_json(self, value: Mapping[str, object]) -> None:
        """One object on a line of its own."""
        # NaN and infinity are no JSON, though Python would write them. Flushed, so that whoever reads
        # a pipe has each line at once.
        self.results.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")
        self.results.flush()

    def write_text(self, text: str) -> None:
        """Text as it is."""
        self.results.write(text)
        self.results.flush()

    def write_table(self, value: Mapping[str, object], indent: str = "") -> None:
        """An object for people: one `name: value` per line."""
        for name, item in value.items():
            if isinstance(item, Mapping):
                self.write_text(f"{indent}{name}:\n")
                self.write_table(item, indent + "  ")
            else:
                shown = ", ".join(map(str, item)) if isinstance(item, (list, tuple)) else item
                self.write_text(f"{indent}{name}: {shown}\n")

    def write_result(self, value: Mapping[str, object]) -> None:
        """An object, as JSON or for people."""
        if self.is_json:
            self.write_json(value)
        else:
            self.write_table(value)

    def write_error(self, error: RealmError) -> None:
        """An error: JSON on standard output, or a sentence on standard error."""
        if self.is_json:
            self.write_json(error_object(error))
            return
        self.messages.write(f"error: {error.message}\n")
        if error.advice:
            self.messages.write(f"{error.advice}\n")
        self.messages.flush()

    def write_progress(self, text: str) -> None:
        """A passing remark for a person at a terminal."""
        if self.messages.isatty():
            self.messages.write(f"\r\x1b[K{text}")
            self.messages.flush()


def report_usage_error(output: Output, error: RealmError) -> ExitStatus:
    """Write an error and answer the status that goes with it."""
    output.write_error(error)
    return exit_status(error)


def error_object(error: RealmError) -> dict[str, object]:
    """The error as cli.md's contract has it; places that are not known are left out."""
    fields: dict[str, object] = {
        "kind": error.kind,
        "message": error.message,
        "advice": error.advice,
        "file": error.file,
        "field": error.field,
        "offset": error.offset,
    }
    return {"error": {name: value for name, value in fields.items() if value is not None}}


def exit_status(error: RealmError) -> ExitStatus:
    """REFUSED for what the user gave, FAILED for everything else."""
    return ExitStatus.REFUSED if isinstance(error, _REFUSALS) else ExitStatus.FAILED


def as_error(info: ErrorInfo) -> RealmError:
    """The error behind an event's plain values."""
    kind = getattr(errors, info.kind, InternalError)
    # The name came over a channel: the module has other names than those of errors.
    is_ours = isinstance(kind, type) and issubclass(kind, RealmError)
    make = kind if is_ours else InternalError
    return make(
        info.message, advice=info.advice, file=info.file, field=info.field, offset=info.offset
    )
