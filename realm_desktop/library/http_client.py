"""HTTP through the gate: hub metadata, single answers such as a feed, and the bytes of files.

The only module that opens connections. Imported when something is asked of the network and not
before: httpx2 costs 0.08 s and 13 MB that a start without it should not pay.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import httpx2

from realm_desktop import __version__
from realm_desktop.errors import DownloadError
from realm_desktop.library.network import NetworkGate, host_of, is_loopback

TIMEOUT_S: Final = 20.0
"""Longest silence of a server; a slow line that sends something stays within it."""

ANSWER_LIMIT_S: Final = 300.0
"""For an answer that is read as a whole. A server that sends a byte now and then is never silent, and
would keep a check for updates waiting until the program ends."""

MAX_REDIRECTS: Final = 5
MAX_METADATA_BYTES: Final = 32 * 2**20
"""A repository of 10,000 files is listed in about 5 MB."""

_USER_AGENT: Final = f"realm-desktop/{__version__}"
_BUSY: Final = (429, 500, 502, 503, 504)


def file_client(gate: NetworkGate) -> httpx2.Client:
    """A client for the bytes of files; close it."""
    return _client(GateTransport(gate))


def metadata_client(gate: NetworkGate) -> httpx2.Client:
    """A client for answers that are read into memory as a whole; close it."""
    return _client(MetadataTransport(gate))


def fetch_text(gate: NetworkGate, url: str, max_bytes: int) -> bytes:
    """The whole answer of one address, which may lead to another one.

    Raises:
        RealmError: The gate refused it.
        DownloadError: It cannot be had, or is longer than `max_bytes`.
    """
    host = host_of(url)
    try:
        with _client(BoundedTransport(gate, max_bytes)) as client:
            response = client.get(url)
    except (httpx2.TooManyRedirects, httpx2.InvalidURL) as error:
        raise DownloadError(f"{host} redirects to no address", advice="Try again later.") from error
    if response.status_code != 200:
        raise DownloadError(
            f"{host} answered HTTP {response.status_code}", advice="Try again later."
        )
    return response.content


def reason_of(error: httpx2.TransportError) -> str:
    """What went wrong on the line, in words."""
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return "the server did not answer"
    if isinstance(error, httpx2.TimeoutException):
        return f"the server was silent for {TIMEOUT_S:g} s"
    if isinstance(error, httpx2.ConnectError):
        return "no connection to the server could be made"
    if isinstance(error, httpx2.ProxyError):
        return "the proxy refused the connection"
    return "the connection was cut"


class GateTransport(httpx2.BaseTransport):
    """Asks the gate before every request; redirects are requests of their own and are asked too."""

    def __init__(self, gate: NetworkGate) -> None:
        self._gate = gate
        self._by_proxy: dict[str, httpx2.HTTPTransport] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request, through the proxy unless it stays on this machine.

        Raises:
            RealmError: The gate refused it.
            DownloadError: The answer is compressed, which could unpack to any size, or another
                machine sends the program to a service of this one.
        """
        host = request.url.host
        self._gate.admit(request.url.scheme, host)
        proxy = "" if is_loopback(host) else self._gate.settings.proxy
        response = self._transport(proxy).handle_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise DownloadError(f"{host} sent a compressed answer that was not asked for")
        # Only the user may choose an address of this machine: no password guards many of them.
        location = host_of(response.headers.get("location", ""))
        if response.has_redirect_location and is_loopback(location) and not is_loopback(host):
            response.close()
            raise DownloadError(f"{host} redirects to this machine, which was refused")
        return response

    def close(self) -> None:
        """Close every connection."""
        for transport in self._by_proxy.values():
            transport.close()

    def _transport(self, proxy: str) -> httpx2.HTTPTransport:
        known = self._by_proxy.get(proxy)
        if known is None:
            # trust_env would let variables of the environment choose a proxy behind the settings.
            known = httpx2.HTTPTransport(trust_env=False, proxy=proxy or None)
            self._by_proxy[proxy] = known
        return known


class BoundedTransport(GateTransport):
    """Fails at once and in words.

    huggingface_hub answers a failed connection with 23 s of retries; an error that is none of
    httpx's passes by them, and the user who typed a search decides about the next attempt.
    """

    def __init__(self, gate: NetworkGate, max_bytes: int) -> None:
        super().__init__(gate)
        self._max_bytes = max_bytes

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request whose answer has at most `max_bytes`.

        Raises:
            DownloadError: The server cannot be reached or is busy.
        """
        host = request.url.host
        try:
            response = super().handle_request(request)
        except httpx2.TransportError as error:
            raise DownloadError(
                f"{host} cannot be reached: {reason_of(error)}",
                advice="Check the connection, the proxy and the mirror, then try again.",
            ) from error
        if response.status_code in _BUSY:
            response.close()
            raise DownloadError(
                f"{host} is busy (HTTP {response.status_code})", advice="Try again in a minute."
            )
        stream = response.stream
        assert isinstance(stream, httpx2.SyncByteStream)
        response.stream = _Bounded(stream, host, self._max_bytes)
        return response


class MetadataTransport(BoundedTransport):
    """Asks the hub of the settings and nobody else."""

    def __init__(self, gate: NetworkGate) -> None:
        super().__init__(gate, MAX_METADATA_BYTES)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request to the hub.

        Raises:
            DownloadError: As of `BoundedTransport`, or the server is not the one to ask.
        """
        host = request.url.host
        # huggingface_hub asks its own server for more than a caller asked for, such as a list of
        # programs to recognise in the environment, and does so even where a mirror is set.
        if host != host_of(self._gate.settings.hub_endpoint):
            raise DownloadError(f"{host} was not asked: it is not the hub of the settings")
        return super().handle_request(request)


class _Bounded(httpx2.SyncByteStream):
    """A stream that ends in an error rather than fill the memory."""

    def __init__(self, stream: httpx2.SyncByteStream, host: str, max_bytes: int) -> None:
        self._stream = stream
        self._host = host
        self._max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        left = self._max_bytes
        end_s = time.monotonic() + ANSWER_LIMIT_S
        try:
            for chunk in self._stream:
                if time.monotonic() > end_s:
                    raise DownloadError(
                        f"{self._host} took longer than {ANSWER_LIMIT_S:g} s to answer",
                        advice="Try again later, or with another network.",
                    )
                left -= len(chunk)
                if left < 0:
                    raise DownloadError(f"{self._host} sent more than {self._max_bytes} bytes")
                yield chunk
        except httpx2.TransportError as error:
            raise DownloadError(
                f"the answer of {self._host} is incomplete: {reason_of(error)}",
                advice="Try again.",
            ) from error

    def close(self) -> None:
        """Close what is below."""
        self._stream.close()


def _client(transport: GateTransport) -> httpx2.Client:
    return httpx2.Client(
        transport=transport,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        timeout=TIMEOUT_S,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [_say_no_more]},
    )


def _say_no_more(request: httpx2.Request) -> None:
    """Replace what libraries tell about this machine: Python, operating system, installed packages."""
    request.headers["User-Agent"] = _USER_AGENT
