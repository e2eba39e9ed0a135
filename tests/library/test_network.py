"""The gate of all connections and its Offline switch."""

from __future__ import annotations

import pytest

from realm_desktop.errors import DownloadError, Offline
from realm_desktop.library.network import NetworkGate, host_of, is_loopback
from realm_desktop.network_settings import NetworkSettings

OFFLINE = NetworkSettings(is_offline=True)


def test_an_open_gate_counts_what_passes() -> None:
    gate = NetworkGate()

    gate.admit("https", "huggingface.co")

    assert (gate.opened, gate.refused) == (["huggingface.co"], [])


def test_offline_refuses_other_machines_and_counts_the_attempts() -> None:
    gate = NetworkGate(OFFLINE)

    for _ in range(2):
        with pytest.raises(Offline, match=r"connection to huggingface\.co was refused"):
            gate.admit("https", "huggingface.co")

    assert (gate.opened, len(gate.refused)) == ([], 2)


def test_this_machine_is_reached_offline_and_is_not_counted() -> None:
    gate = NetworkGate(OFFLINE)

    gate.admit("http", "127.0.0.1")

    assert (gate.opened, gate.refused) == ([], [])


def test_other_machines_are_asked_by_https_only() -> None:
    with pytest.raises(DownloadError, match="asked over http; only https"):
        NetworkGate().admit("http", "mirror.example")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.9.9.9", "[::1]", "::1"])
def test_names_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "0.0.0.0", "127.1"]
)
def test_names_that_only_look_like_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_listeners_hear_of_a_change_and_of_nothing_else() -> None:
    gate, heard = NetworkGate(), []
    end = gate.subscribe(lambda: heard.append(gate.is_offline))

    gate.apply(NetworkSettings())
    gate.apply(OFFLINE)
    end()
    gate.apply(NetworkSettings())

    assert heard == [True]


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://a.example:8/x", "a.example"), ("a.example", ""), ("https://[::1", "")],
)
def test_the_host_of_an_address(address: str, host: str) -> None:
    assert host_of(address) == host
