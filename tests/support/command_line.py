"""Runs the program in this process, with text for its standard input."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from unittest import mock

from realm_desktop.__main__ import main


class Result(NamedTuple):
    """What a run left behind."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON, line by line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def value(self) -> Any:
        """Standard output as one JSON value."""
        (value,) = self.lines
        return value


def run(*argv: object, stdin: str | bytes = "") -> Result:
    """Run `realm-desktop argv` on this input."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = main([str(argument) for argument in argv])
    return Result(status, out.getvalue(), err.getvalue())


def as_lines(requests: Sequence[Mapping[str, object]]) -> str:
    """The requests as JSON lines."""
    return "".join(json.dumps(request) + "\n" for request in requests)
