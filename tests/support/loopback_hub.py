"""A hub on this machine: a real HTTP server with the endpoints that the app uses, and faults on demand."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from realm_desktop.library.download_values import DownloadRequest, RemoteFile

COMMIT = "c0ffee" + "0" * 34
CHUNK_BYTES = 16 * 1024
HTML = b"<!doctype html><html><body>Please log in</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one answer.

    Attributes:
        status: Answered instead of the file.
        cut_after: Bytes of the body after which the connection is cut.
        hold_after: Bytes of the body after which the server is silent until `release` is set.
        body: Sent instead of the file, with its own length.
        headers: Added or replaced.
        ignores_range: The whole file is sent whatever was asked.
        redirect: Address that is answered instead of the file.
    """

    status: int = 0
    cut_after: int | None = None
    hold_after: int | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    ignores_range: bool = False
    redirect: str = ""


@dataclass(slots=True)
class Seen:
    """One request as it came in."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


@dataclass(slots=True, eq=False)
class LoopbackHub:
    """The files, the faults and the requests of one server.

    Attributes:
        address: Without a slash at its end.
        content: Bytes by "owner/name/path".
        faults: Taken one for each request of a path, from the front.
        cards: Fields of a repository that its listing adds.
        small: Paths that git stores itself, so that they have no SHA-256.
        release: Lets held answers go on.
    """

    address: str = ""
    content: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    small: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)
    api_faults: list[Fault] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def add(self, path: str, data: bytes, *faults: Fault, is_small: bool = False) -> RemoteFile:
        """Offer a file; its path begins with owner and name."""
        self.content[path] = data
        self.faults[path] = list(faults)
        if is_small:
            self.small.add(path)
        return self.listed(path)

    def listed(self, path: str) -> RemoteFile:
        """A file as the hub lists it."""
        data, name = self.content[path], path.split("/", 2)[2]
        if path in self.small:
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
            return RemoteFile(name, len(data), git_sha1=blob.hexdigest())
        return RemoteFile(name, len(data), sha256=hashlib.sha256(data).hexdigest())

    def ranges(self, path: str) -> list[str]:
        """The Range of every request for a file; "" for one without."""
        owner, name, rest = path.split("/", 2)
        wanted = f"/{owner}/{name}/resolve/{COMMIT}/{rest}"
        return [seen.headers.get("range", "") for seen in self.seen if seen.path == wanted]


def make_request(
    *files: RemoteFile, repository: str = "org/model", **changes: Any
) -> DownloadRequest:
    """A request for files of a repository."""
    values: dict[str, Any] = {"kind": "model", "label": "Q4_K_M"} | changes
    return DownloadRequest(repository=repository, revision=COMMIT, files=files, **values)


def payload(num_bytes: int, seed: int = 0) -> bytes:
    """Bytes that begin like a GGUF file and repeat nowhere."""
    blocks = -(-num_bytes // 32)
    body = b"".join(hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(blocks))
    return (b"GGUF" + body)[:num_bytes]


@contextlib.contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    """A hub that answers inside the block."""
    hub = LoopbackHub()

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    served: LoopbackHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.served.seen.append(Seen(unquote(parts.path), parse_qs(parts.query), headers))
        if parts.path.startswith("/api/models"):
            self._answer_api(unquote(parts.path).removeprefix("/api/models").strip("/"))
        else:
            self._answer_file(unquote(parts.path).strip("/"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name is the base's
        """Say nothing."""

    def _answer_api(self, name: str) -> None:
        hub = self.served
        fault = hub.api_faults.pop(0) if hub.api_faults else Fault()
        repository = "/".join(name.split("/")[:2])
        repositories = sorted({"/".join(path.split("/")[:2]) for path in hub.content})
        if fault.body is not None:
            self._send(fault.status or 200, fault.body, dict(fault.headers))
        elif fault.status:
            self._send(fault.status, b"{}", dict(fault.headers))
        elif not name:
            words = self.served.seen[-1].query.get("search", [""])[0].lower()
            tag = self.served.seen[-1].query.get("filter", [""])[0]
            found = [r for r in repositories if words in r.lower() and tag in self._tags(r)]
            self._send_json([self._card(r, with_files=False) for r in found])
        elif repository in repositories:
            self._send_json(self._card(repository, with_files=True))
        else:
            headers = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            self._send(401, b'{"error": "Repository not found"}', headers)

    def _tags(self, repository: str) -> list[str]:
        tags: list[str] = self.served.cards.get(repository, {}).get("tags", ["gguf"])
        return tags

    def _card(self, repository: str, *, with_files: bool) -> dict[str, Any]:
        card = {"id": repository, "sha": COMMIT, "downloads": 1, "likes": 1, "tags": ["gguf"]}
        card |= self.served.cards.get(repository, {})
        if with_files:
            paths = [p for p in self.served.content if p.startswith(repository + "/")]
            card["siblings"] = [self._sibling(path) for path in paths]
        return card

    def _sibling(self, path: str) -> dict[str, Any]:
        listed = self.served.listed(path)
        entry: dict[str, Any] = {"rfilename": listed.path, "size": listed.num_bytes}
        entry["blobId"] = listed.git_sha1 or "0" * 40
        if listed.sha256:
            entry["lfs"] = {"sha256": listed.sha256, "size": listed.num_bytes, "pointerSize": 134}
        return entry

    def _answer_file(self, path: str) -> None:
        owner, name, _, _, rest = path.split("/", 4)
        key = f"{owner}/{name}/{rest}"
        if key not in self.served.content:
            self._send(404, b"not here", {})
            return
        faults = self.served.faults[key]
        fault = faults.pop(0) if faults else Fault()
        if fault.redirect:
            self._send(302, b"", {"Location": fault.redirect})
        elif fault.status:
            self._send(fault.status, fault.body or b"", dict(fault.headers))
        else:
            self._send_file(self.served.content[key] if fault.body is None else fault.body, fault)

    def _send_file(self, data: bytes, fault: Fault) -> None:
        etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": etag, "Content-Type": "application/octet-stream"}
        asked = self.headers.get("Range", "")
        begin, status = 0, 200
        is_same = self.headers.get("If-Range", etag) == etag
        if asked and is_same and not fault.ignores_range:
            begin, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        self._send(status, data[begin:], headers | dict(fault.headers), fault)

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], fault: Fault | None = None
    ) -> None:
        fault = fault or Fault()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        for begin in range(0, len(body), CHUNK_BYTES):
            chunk = body[begin : begin + CHUNK_BYTES]
            if fault.cut_after is not None and begin + len(chunk) > fault.cut_after:
                self.wfile.write(chunk[: fault.cut_after - begin])
                self.close_connection = True
                return
            if fault.hold_after is not None and begin >= fault.hold_after:
                self.wfile.flush()
                self.served.reached.set()
                self.served.release.wait(30)
            try:
                self.wfile.write(chunk)
            except OSError:
                self.close_connection = True
                return
