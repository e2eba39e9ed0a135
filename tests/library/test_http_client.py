"""Which way a request takes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from realm_desktop.errors import DownloadError, Offline
from realm_desktop.library.http_client import TIMEOUT_S, fetch_text, file_client, reason_of
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import COMMIT, Fault, loopback_hub

PROXY = "http://proxy.example:3128"


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How each transport was made; requests are answered by nobody."""
    made: list[dict[str, Any]] = []

    class Recorded(httpx2.BaseTransport):
        def __init__(self, **how: Any) -> None:
            made.append(how)

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(200)

    monkeypatch.setattr(httpx2, "HTTPTransport", Recorded)
    return made


def test_other_machines_are_asked_through_the_proxy(ways: list[dict[str, Any]]) -> None:
    with file_client(NetworkGate(NetworkSettings(proxy=PROXY))) as client:
        client.get("https://hub.example/x")

    assert ways == [{"trust_env": False, "proxy": PROXY}]


def test_this_machine_is_asked_without_the_proxy(ways: list[dict[str, Any]]) -> None:
    with file_client(NetworkGate(NetworkSettings(proxy=PROXY))) as client:
        client.get("http://127.0.0.1:1/x")

    assert ways == [{"trust_env": False, "proxy": None}]


def test_another_proxy_counts_from_the_next_request_on(ways: list[dict[str, Any]]) -> None:
    gate = NetworkGate(NetworkSettings(proxy=PROXY))
    with file_client(gate) as client:
        client.get("https://hub.example/x")
        gate.apply(NetworkSettings())
        client.get("https://hub.example/x")

    assert [way["proxy"] for way in ways] == [PROXY, None]


def test_offline_makes_no_connection(ways: list[dict[str, Any]]) -> None:
    gate = NetworkGate(NetworkSettings(is_offline=True))
    with file_client(gate) as client, pytest.raises(Offline):
        client.get("https://hub.example/x")

    assert ways == []


def test_a_proxy_on_this_machine_is_no_way_around_offline(ways: list[dict[str, Any]]) -> None:
    gate = NetworkGate(NetworkSettings(is_offline=True, proxy="http://127.0.0.1:3128"))
    with file_client(gate) as client, pytest.raises(Offline):
        client.get("https://hub.example/x")

    assert ways == []


def test_plain_http_to_another_machine_is_refused(ways: list[dict[str, Any]]) -> None:
    with file_client(NetworkGate()) as client, pytest.raises(DownloadError, match="only https"):
        client.get("http://hub.example/x")

    assert ways == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx2.ConnectTimeout(""), "did not answer"),
        (httpx2.ReadTimeout(""), f"silent for {TIMEOUT_S:g} s"),
        (httpx2.ConnectError(""), "no connection"),
        (httpx2.ProxyError(""), "the proxy refused"),
        (httpx2.RemoteProtocolError(""), "was cut"),
    ],
)
def test_each_fault_of_the_line_has_its_words(error: httpx2.TransportError, words: str) -> None:
    assert words in reason_of(error)


def test_text_is_fetched_as_a_whole() -> None:
    with loopback_hub() as hub:
        hub.add("org/list/feed.json", b"{}")
        url = f"{hub.address}/org/list/resolve/{COMMIT}/feed.json"

        assert fetch_text(NetworkGate(), url, 2) == b"{}"
        with pytest.raises(DownloadError, match="sent more than 1 bytes"):
            fetch_text(NetworkGate(), url, 1)


def test_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter(range(0, 10_000, 100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(passed)))

    class Drip(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b" ")

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, stream=Drip())

    monkeypatch.setattr(httpx2, "HTTPTransport", lambda **_: httpx2.MockTransport(answer))
    with pytest.raises(DownloadError, match=r"releases\.example took longer than 300 s"):
        fetch_text(NetworkGate(), "https://releases.example/feed.json", 1000)


def test_text_of_another_machine_is_asked_for_by_https_only(ways: list[dict[str, Any]]) -> None:
    with pytest.raises(DownloadError, match="only https is used"):
        fetch_text(NetworkGate(), "http://releases.example/feed.json", 10)
    assert ways == []


def test_redirect_to_a_place_without_encryption_is_refused() -> None:
    with loopback_hub() as hub:
        away = Fault(redirect="http://releases.example/feed.json")
        hub.add("org/list/feed.json", b"{}", away)
        gate = NetworkGate()

        with pytest.raises(DownloadError, match="only https is used"):
            fetch_text(gate, f"{hub.address}/org/list/resolve/{COMMIT}/feed.json", 10)
    assert gate.opened == []


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:8080/x", "//localhost/x", "https://[::1]/x", "http://127.9.9.9"]
)
def test_another_machine_cannot_lead_to_this_one(
    monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        return httpx2.Response(302, headers={"Location": location})

    monkeypatch.setattr(httpx2, "HTTPTransport", lambda **_: httpx2.MockTransport(answer))
    with pytest.raises(DownloadError, match=r"releases\.example redirects to this machine"):
        fetch_text(NetworkGate(), "https://releases.example/feed.json", 10)
    assert asked == ["releases.example"]


def test_redirect_to_another_machine_is_refused_while_offline() -> None:
    with loopback_hub() as hub:
        hub.add("org/list/feed.json", b"{}", Fault(redirect="https://releases.example/x"))
        gate = NetworkGate(NetworkSettings(is_offline=True))

        with pytest.raises(Offline):
            fetch_text(gate, f"{hub.address}/org/list/resolve/{COMMIT}/feed.json", 10)
    assert gate.refused == ["releases.example"]
