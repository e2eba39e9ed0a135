"""Brings one file to this machine: resumes, waits and tries again, and believes nothing it is told.

Synchronous; runs in a download's thread. What came is in a `PartialFile`; whether it becomes visible
is decided elsewhere. Imported with `http_client`, when the first download begins.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Final, Protocol

import httpx2

from realm_desktop.errors import DownloadError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.foreign_content import HEAD_BYTES, foreign_content
from realm_desktop.library.http_client import reason_of
from realm_desktop.library.partial_file import PartialFile

logger = logging.getLogger(__name__)

MAX_RETRY_AFTER_S: Final = 120.0

_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


class Watch(Protocol):
    """Who follows a download from outside of its thread."""

    def tick(self) -> None:
        """Note the progress; raises if the download shall end now."""

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass before the next attempt; raises if the download shall end now."""


class _TryAgainError(Exception):
    """The server cannot answer now."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


def fetch(
    client: httpx2.Client,
    url: str,
    headers: Mapping[str, str],
    part: PartialFile,
    watch: Watch,
    pauses_s: tuple[float, ...],
) -> None:
    """Receive what is missing of `part`, and check the whole.

    Args:
        client: Asks the gate.
        url: On the hub; it may lead to other hosts, which get no `Authorization`.
        headers: Such as the user's token.
        part: Open and loaded.
        watch: Told of every chunk.
        pauses_s: Before each new attempt that follows one without progress.

    Raises:
        DownloadError: The server refuses, the line stays dead, or the content is not what the hub
            lists; in the last case `part` is removed.
    """
    num_failures = 0
    while not part.is_complete:
        watch.tick()
        before = part.num_bytes
        try:
            _receive(client, url, headers, part, watch)
        except (httpx2.TransportError, _TryAgainError) as error:
            part.checkpoint()
            num_failures = 0 if part.num_bytes > before else num_failures
            if num_failures == len(pauses_s):
                raise _given_up(part, error) from error
            after_s = error.after_s if isinstance(error, _TryAgainError) else 0.0
            pause_s = max(pauses_s[num_failures], min(after_s, MAX_RETRY_AFTER_S))
            logger.warning("%s stopped at %d bytes", part.remote.path, part.num_bytes)
            watch.wait(pause_s, _reason(error))
            num_failures += 1
    part.checkpoint()
    if not part.verify():
        raise _wrong_content(part)


def _reason(error: httpx2.TransportError | _TryAgainError) -> str:
    return str(error) if isinstance(error, _TryAgainError) else reason_of(error)


def _given_up(part: PartialFile, error: httpx2.TransportError | _TryAgainError) -> DownloadError:
    return DownloadError(
        f"{part.remote.path} stopped at {part.num_bytes:,} of {part.remote.num_bytes:,} bytes: "
        f"{_reason(error)}",
        advice="What came is kept: resume when the connection is back.",
        field="line",
    )


def _receive(
    client: httpx2.Client,
    url: str,
    headers: Mapping[str, str],
    part: PartialFile,
    watch: Watch,
) -> None:
    """One request and its body."""
    asked = dict(headers)
    if part.num_bytes:
        asked["Range"] = f"bytes={part.num_bytes}-"
        # A weak ETag may not be compared; the digest of the whole catches a change then.
        if part.etag and not part.etag.startswith("W/"):
            asked["If-Range"] = part.etag
    try:
        with client.stream("GET", url, headers=asked) as response:
            _check_answer(response, part)
            for chunk in response.iter_raw():
                part.write(chunk)
                watch.tick()
    except httpx2.TooManyRedirects as error:
        raise DownloadError(f"{part.remote.path}: the server redirects in circles") from error
    except httpx2.InvalidURL as error:
        raise DownloadError(f"{part.remote.path}: the server redirects to no address") from error
    if not part.is_complete:
        raise _TryAgainError("the server ended the file early")


def _check_answer(response: httpx2.Response, part: PartialFile) -> None:
    """Accept an answer that brings the wanted bytes, and bring `part` to where it begins."""
    status = response.status_code
    if status == 416 and part.num_bytes:
        part.restart("")
        raise _TryAgainError("the server has no such range")
    if status not in (200, 206):
        raise _refusal(response, part)
    if response.headers.get("content-type", "").startswith("text/html"):
        raise DownloadError(
            f"{part.remote.path}: the server sent a web page instead of the file",
            advice="A login page of the network, or of the mirror, is in between: open the "
            "address in a browser.",
            field="content",
        )
    etag = quote(response.headers.get("etag", ""), 200)
    if status == 200:
        # Also the answer to If-Range when the content is another one by now.
        part.restart(etag)
        _check_length(response, part, part.remote.num_bytes)
        return
    found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    total = str(part.remote.num_bytes)
    if found is None or int(found[1]) != part.num_bytes or found[3] not in ("*", total):
        part.restart("")
        raise _TryAgainError("the server sent another range than the one asked for")
    part.etag = etag or part.etag


def _check_length(response: httpx2.Response, part: PartialFile, expected: int) -> None:
    text = response.headers.get("content-length", "")
    if text and text != str(expected):
        raise DownloadError(
            f"{part.remote.path}: the server announces {quote(text, 20)} bytes; listed are "
            f"{expected:,}",
            advice="The mirror may be out of date: try again later, or without it.",
            field="size",
        )


def _refusal(response: httpx2.Response, part: PartialFile) -> Exception:
    """The error for an answer that is no content."""
    status, name, host = response.status_code, part.remote.path, response.url.host
    if status in _BUSY:
        return _TryAgainError(f"{host} is busy (HTTP {status})", _retry_after(response))
    if part.remote.url:
        # No file of the hub: neither its licence page nor a token helps.
        return DownloadError(f"{host} answered HTTP {status}", advice="Try again later.")
    if status in (401, 403):
        return DownloadError(
            f"{name}: {host} refuses access (HTTP {status})",
            advice="Accept the licence on the repository's page, and enter your token in the "
            "network settings.",
            field="access",
        )
    if status in (404, 410):
        return DownloadError(
            f"{name} is not there any more (HTTP {status} from {host})",
            advice="Look the repository up again.",
            field="gone",
        )
    return DownloadError(f"{name}: {host} answered HTTP {status}", advice="Try again later.")


def _retry_after(response: httpx2.Response) -> float:
    text = response.headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() and len(text) < 6 else 0.0


def _wrong_content(part: PartialFile) -> DownloadError:
    """Remove bytes that are not those of the hub, and say what they are if that can be told."""
    name = part.remote.path
    foreign = foreign_content(part.path.with_name(name.rpartition("/")[2]), part.head(HEAD_BYTES))
    part.remove()
    if foreign is not None and not part.remote.git_sha1:
        return DownloadError(
            f"{foreign.message} It was removed.", advice=foreign.advice, field="content"
        )
    kind = "SHA-256" if part.remote.sha256 else "git hash"
    return DownloadError(
        f"{name} arrived with another {kind} than it is listed with; the bytes were removed",
        advice="Try again; if it stays so, the server or a proxy changes the file.",
        field="hash",
    )
