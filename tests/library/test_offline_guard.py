"""Connections that did not ask the gate."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from realm_desktop.errors import Offline
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.offline_guard import OfflineGuard
from realm_desktop.network_settings import NetworkSettings

STRAY = """
import socket, urllib.request
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.offline_guard import process_guard
from realm_desktop.network_settings import NetworkSettings

gate = process_guard().gate = NetworkGate(NetworkSettings(is_offline=True))
for stray in (
    lambda: socket.getaddrinfo("example.invalid", 443),
    lambda: socket.create_connection(("203.0.113.1", 443), timeout=1),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("203.0.113.1", 53)),
    lambda: urllib.request.urlopen("http://203.0.113.2/", timeout=1),
):
    try:
        stray()
    except Exception as error:
        print(type(error).__name__)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print(gate.refused)
"""


@pytest.fixture
def guard() -> OfflineGuard:
    guard = OfflineGuard()
    guard.gate = NetworkGate(NetworkSettings(is_offline=True))
    return guard


def test_no_library_of_the_process_gets_out_while_offline_is_on() -> None:
    command = [sys.executable, "-W", "ignore", "-c", STRAY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [
        *["Offline"] * 4,
        "['example.invalid', '203.0.113.1', '203.0.113.1', '203.0.113.2']",
    ]


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.connect", (None, ("::1", 80, 0, 0))),
        ("socket.connect", (None, "/run/user/1000/bus")),
        ("socket.connect", (None, b"\0abstract")),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("open", ("/etc/hosts", "r", 0)),
    ],
)
def test_this_machine_stays_reachable(
    guard: OfflineGuard, event: str, arguments: tuple[object, ...]
) -> None:
    guard.note(event, arguments)


@pytest.mark.parametrize("host", ["203.0.113.1", b"example.invalid", "2001:db8::1"])
def test_other_machines_are_refused_by_name_and_number(guard: OfflineGuard, host: object) -> None:
    with pytest.raises(Offline):
        guard.note("socket.getaddrinfo", (host, 443, 0, 0, 0))


def test_an_open_switch_refuses_nothing(guard: OfflineGuard) -> None:
    guard.gate = NetworkGate()

    guard.note("socket.connect", (socket.AF_INET, ("203.0.113.1", 443)))

    assert guard.gate.refused == []
