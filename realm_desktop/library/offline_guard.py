"""The last wall of the Offline switch: refuses connections that did not ask the gate.

The gate rules over this app's own requests. A library that connects by itself would pass it by; Python
tells an audit hook of every connection and name look-up of the process, and an error raised there ends
the attempt. It cannot see what native code does on its own; nothing here brings such code.
"""

from __future__ import annotations

import functools
import sys
from typing import Final

from realm_desktop.errors import Offline
from realm_desktop.library.network import OFFLINE_ADVICE, NetworkGate, is_loopback

_LOOK_UPS: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_CONNECTIONS: Final = frozenset({"socket.connect", "socket.sendto"})


class OfflineGuard:
    """Watches the whole process for one gate at a time.

    Attributes:
        gate: Whose switch counts; None lets everything pass.
    """

    def __init__(self) -> None:
        self.gate: NetworkGate | None = None

    def note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take one audit event of the interpreter; called in whichever thread it happens.

        Raises:
            Offline: The event is a connection to another machine, and the switch is on.
        """
        # Asked first: the interpreter tells of every import and every opened file as well.
        if event in _LOOK_UPS:
            host = arguments[0]
        elif event in _CONNECTIONS:
            # A tuple for internet addresses, a path for sockets of the file system.
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) and address else None
        else:
            return
        gate = self.gate
        if isinstance(host, bytes):
            host = host.decode("ascii", "replace")
        if gate is None or not gate.is_offline or not isinstance(host, str) or not host:
            return
        if not is_loopback(host):
            gate.refused.append(host)
            raise Offline(
                f"Offline is on: a connection to {host} was refused", advice=OFFLINE_ADVICE
            )


@functools.cache
def process_guard() -> OfflineGuard:
    """The guard of this process: one, as Python can add an audit hook but not remove it."""
    guard = OfflineGuard()
    sys.addaudithook(guard.note)
    return guard
