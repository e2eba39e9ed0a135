"""Records what a piece of code opens, connects to or starts."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_OWN_FOLDERS = tuple(
    str(folder) for folder in (_ROOT, sys.prefix, sys.base_prefix, tempfile.gettempdir())
)
_NEVER = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "webbrowser.open",
)


@dataclass
class Audit:
    """What happened while it was active.

    Attributes:
        foreign: Files outside of the project, Python and the temporary folder; connections; programs.
    """

    is_active: bool = False
    foreign: list[str] = field(default_factory=list)

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take one audit event of the interpreter."""
        if not self.is_active:
            return
        if event in _NEVER:
            self.foreign.append(f"{event} {arguments!r}")
        elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if not path.startswith(_OWN_FOLDERS):
                self.foreign.append(f"open {path}")


@contextlib.contextmanager
def recorded_access() -> Iterator[Audit]:
    """An audit that is active inside the block."""
    audit = _shared_audit()
    audit.foreign.clear()
    audit.is_active = True
    try:
        yield audit
    finally:
        audit.is_active = False


@functools.cache
def _shared_audit() -> Audit:
    """One for the whole run, as Python can add an audit hook but not remove it."""
    audit = Audit()
    sys.addaudithook(audit.note)
    return audit
