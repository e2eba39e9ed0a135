"""One file over a real connection: what arrives, what is kept, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library import partial_file
from realm_desktop.library.download_job import Follower, StoppedError
from realm_desktop.library.file_download import fetch
from realm_desktop.library.http_client import file_client
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.partial_file import PartialFile
from tests.support.loopback_hub import COMMIT, HTML, Fault, LoopbackHub, loopback_hub, payload

NAME = "org/model/model.gguf"
DATA = payload(200_000)
CUT = Fault(cut_after=70_000)


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with file_client(NetworkGate()) as client:
        yield client


def _fetch(
    hub: LoopbackHub,
    client: httpx2.Client,
    folder: Path,
    *faults: Fault,
    follower: Follower | None = None,
    token: str = "",
    num_tries: int = 1,
) -> PartialFile:
    """Bring the file, with these faults on the way."""
    remote = hub.listed(NAME) if NAME in hub.content else hub.add(NAME, DATA)
    hub.faults[NAME] = list(faults)
    url = f"{hub.address}/org/model/resolve/{COMMIT}/model.gguf"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    follower = follower or Follower(NetworkGate(), "127.0.0.1")
    with PartialFile(folder / "0.part", url, remote) as part:
        follower.follow(part)
        part.load(follower.tick)
        fetch(client, url, headers, part, follower, (0.0,) * num_tries)
    return part


def test_a_file_arrives_whole_and_verified(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    part = _fetch(hub, client, tmp_path)

    assert part.path.read_bytes() == DATA
    assert hub.ranges(NAME) == [""]


def test_a_cut_line_is_resumed_where_it_broke(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    part = _fetch(hub, client, tmp_path, CUT, Fault(cut_after=70_001))

    assert part.path.read_bytes() == DATA
    assert [text.startswith("bytes=") for text in hub.ranges(NAME)] == [False, True, True]


def test_progress_starts_the_count_of_attempts_again(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    part = _fetch(hub, client, tmp_path, *[Fault(cut_after=17_000)] * 11)

    assert part.path.read_bytes() == DATA


def test_a_dead_line_ends_with_the_bytes_kept(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match=r"stopped at .* of 200,000 bytes") as caught:
        _fetch(hub, client, tmp_path, CUT, *[Fault(cut_after=0)] * 3)

    assert caught.value.field == "line"
    assert 0 < (tmp_path / "0.part").stat().st_size <= 70_000


def test_a_later_run_takes_up_what_came(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError):
        _fetch(hub, client, tmp_path, CUT, num_tries=0)
    kept = (tmp_path / "0.part").stat().st_size

    part = _fetch(hub, client, tmp_path)

    assert part.path.read_bytes() == DATA
    assert hub.ranges(NAME)[-1] == f"bytes={kept}-"
    assert hub.seen[-1].headers["if-range"].startswith('"')


def test_another_content_on_the_server_begins_from_its_first_byte(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    other = payload(len(DATA), seed=9)
    with pytest.raises(DownloadError):
        _fetch(hub, client, tmp_path, Fault(cut_after=70_000, body=other), num_tries=0)

    part = _fetch(hub, client, tmp_path)

    assert part.path.read_bytes() == DATA


def test_a_server_without_ranges_sends_everything_again(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    part = _fetch(hub, client, tmp_path, CUT, Fault(ignores_range=True))

    assert part.path.read_bytes() == DATA


def test_a_wrong_range_is_not_glued_to_the_beginning(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    wrong = Fault(headers=(("Content-Range", "bytes 5-199999/200000"),))

    part = _fetch(hub, client, tmp_path, CUT, wrong, num_tries=3)

    assert part.path.read_bytes() == DATA


def test_a_range_that_the_server_lacks_begins_again(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    part = _fetch(hub, client, tmp_path, CUT, Fault(status=416), num_tries=2)

    assert part.path.read_bytes() == DATA


def test_bytes_with_a_wrong_hash_are_removed_and_named(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match="another SHA-256") as caught:
        _fetch(hub, client, tmp_path, Fault(body=payload(len(DATA), seed=1)))

    assert caught.value.field == "hash"
    assert list(tmp_path.iterdir()) == []


def test_a_pointer_of_git_lfs_is_recognised(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n".ljust(len(DATA))

    with pytest.raises(DownloadError, match="Git LFS pointer"):
        _fetch(hub, client, tmp_path, Fault(body=pointer))

    assert list(tmp_path.iterdir()) == []


def test_a_web_page_instead_of_the_file_is_told(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    page = Fault(body=HTML, headers=(("Content-Type", "text/html; charset=utf-8"),))

    with pytest.raises(DownloadError, match="a web page instead of the file"):
        _fetch(hub, client, tmp_path, page)


@pytest.mark.parametrize("length", ["100", "300000"])
def test_a_length_that_is_not_the_listed_one_is_refused(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path, length: str
) -> None:
    with pytest.raises(DownloadError, match=f"announces {length} bytes; listed are 200,000"):
        _fetch(hub, client, tmp_path, Fault(headers=(("Content-Length", length),)))


def test_more_bytes_than_listed_never_reach_the_disk(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    hub.add(NAME, DATA)
    longer = Fault(body=DATA + b"!" * 100_000, headers=(("Content-Length", "200000"),))

    part = _fetch(hub, client, tmp_path, longer)

    assert part.path.read_bytes() == DATA


@pytest.mark.parametrize(
    ("status", "field", "words"),
    [
        (401, "access", "refuses access"),
        (403, "access", "refuses access"),
        (404, "gone", "is not there any more"),
        (418, None, "answered HTTP 418"),
    ],
)
def test_a_refusal_is_told_at_once(
    hub: LoopbackHub,
    client: httpx2.Client,
    tmp_path: Path,
    status: int,
    field: str | None,
    words: str,
) -> None:
    with pytest.raises(DownloadError, match=words) as caught:
        _fetch(hub, client, tmp_path, Fault(status=status))

    assert caught.value.field == field
    assert len(hub.seen) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_refusal_of_another_server_than_the_hub_speaks_of_no_token(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path, status: int
) -> None:
    listed = hub.add(NAME, DATA, Fault(status=status))
    url = f"{hub.address}/org/model/resolve/{COMMIT}/model.gguf"
    with PartialFile(tmp_path / "0.part", url, replace(listed, url=url)) as part:
        part.load(lambda: None)
        with pytest.raises(DownloadError) as caught:
            fetch(client, url, {}, part, Follower(NetworkGate(), "127.0.0.1"), ())

    assert caught.value.message == f"127.0.0.1 answered HTTP {status}"
    assert caught.value.advice == "Try again later."


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path, status: int
) -> None:
    part = _fetch(hub, client, tmp_path, Fault(status=status))

    assert part.path.read_bytes() == DATA


def test_the_pause_that_a_server_asks_for_is_kept(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    follower = _Patient()

    _fetch(
        hub, client, tmp_path, Fault(status=429, headers=(("Retry-After", "7"),)), follower=follower
    )

    assert follower.waits == [(7.0, "127.0.0.1 is busy (HTTP 429)")]


def test_a_token_never_follows_a_redirect_to_another_host(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    with loopback_hub() as other:
        other.add(NAME, DATA)
        away = Fault(redirect=f"{other.address}/org/model/resolve/{COMMIT}/model.gguf")
        part = _fetch(hub, client, tmp_path, away, token="hf_secret")

    assert part.path.read_bytes() == DATA
    assert hub.seen[0].headers["authorization"] == "Bearer hf_secret"
    assert "authorization" not in other.seen[0].headers


def test_a_redirect_to_another_machine_passes_the_gate(hub: LoopbackHub, tmp_path: Path) -> None:
    gate = NetworkGate()

    with file_client(gate) as client, pytest.raises(DownloadError, match="only https"):
        _fetch(hub, client, tmp_path, Fault(redirect="http://elsewhere.invalid/model.gguf"))

    assert gate.opened == []


def test_redirects_in_circles_end(hub: LoopbackHub, client: httpx2.Client, tmp_path: Path) -> None:
    circle = Fault(redirect=f"{hub.address}/org/model/resolve/{COMMIT}/model.gguf")

    with pytest.raises(DownloadError, match="in circles"):
        _fetch(hub, client, tmp_path, *[circle] * 9)


def test_a_compressed_answer_is_refused(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match="compressed"):
        _fetch(hub, client, tmp_path, Fault(headers=(("Content-Encoding", "gzip"),)))


def test_a_disk_that_fills_up_keeps_what_came(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_file, "CHECKPOINT_BYTES", 50_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(1000))

    with pytest.raises(DownloadError, match="MB free") as caught:
        _fetch(hub, client, tmp_path)

    assert caught.value.field == "space"
    assert (tmp_path / "0.part").stat().st_size >= 50_000


def test_a_stopped_download_ends_between_two_chunks(
    hub: LoopbackHub, client: httpx2.Client, tmp_path: Path
) -> None:
    follower = _Stopping(after_bytes=60_000)

    with pytest.raises(StoppedError):
        _fetch(hub, client, tmp_path, follower=follower)

    assert 60_000 <= (tmp_path / "0.part").stat().st_size < len(DATA)


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


class _Patient(Follower):
    """Notes how long it was asked to wait, and does not."""

    def __init__(self) -> None:
        super().__init__(NetworkGate(), "127.0.0.1")
        self.waits: list[tuple[float, str]] = []

    def wait(self, seconds: float, reason: str) -> None:
        self.waits.append((seconds, reason))


class _Stopping(Follower):
    """Stops once so many bytes are there."""

    def __init__(self, after_bytes: int) -> None:
        super().__init__(NetworkGate(), "127.0.0.1")
        self._after_bytes = after_bytes

    def tick(self) -> None:
        if self.done_bytes >= self._after_bytes:
            self.stop.set()
        super().tick()
