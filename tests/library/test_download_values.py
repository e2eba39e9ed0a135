"""What may be asked to download, and how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library.download_job import Job
from realm_desktop.library.download_values import DownloadState, RemoteFile
from tests.support.downloads import make_download, make_file
from tests.support.loopback_hub import COMMIT, make_request


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": "../x"}, "is refused"),
        ({"num_bytes": -1}, "is listed with -1 bytes"),
        ({"num_bytes": 2**50}, "is listed with"),
        ({"sha256": "xyz"}, "a digest that is none"),
        ({"sha256": ""}, "lists no checksum"),
        ({"git_sha1": "0" * 39}, "a digest that is none"),
    ],
)
def test_a_file_that_cannot_be_stored_or_checked_is_refused(
    changes: dict[str, object], words: str
) -> None:
    values: dict[str, object] = {"path": "m.gguf", "num_bytes": 1, "sha256": "0" * 64} | changes

    with pytest.raises(DownloadError, match=words):
        RemoteFile(**values)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "repository", ["model", "a/b/c", "../x", "org/..", "org/con", ".downloads/x"]
)
def test_a_repository_that_could_escape_is_refused(repository: str) -> None:
    with pytest.raises(DownloadError):
        make_request(make_file(), repository=repository)


def test_names_that_are_one_on_some_file_systems_are_refused() -> None:
    with pytest.raises(DownloadError, match="upper and lower case"):
        make_request(make_file(path="a.gguf"), make_file(path="A.gguf"))


def test_an_empty_request_is_refused() -> None:
    with pytest.raises(DownloadError, match="0 files"):
        make_request()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("m.gguf", "org/model/m.gguf"),
        ("sub/m-00001-of-00002.gguf", "org/model/sub/m-00001-of-00002.gguf"),
        ("config.json", "org/model"),
        ("checkpoint-5/adapter_config.json", "org/model/checkpoint-5"),
    ],
)
def test_what_is_opened_is_the_last_file_or_its_folder(path: str, target: str) -> None:
    job = Job("id", make_request(make_file(path=path)), Path("/models"), "https://hub.example")

    assert job.target == Path("/models") / target


def test_an_address_is_written_so_that_nothing_in_a_name_counts() -> None:
    request = make_request(make_file(path="a b#c?d.gguf".replace("?", "%")))
    job = Job("id", request, Path("/models"), "https://hub.example")

    address = f"https://hub.example/org/model/resolve/{COMMIT}/a%20b%23c%25d.gguf"
    assert job.url(request.files[0]) == address


def test_the_fraction_never_exceeds_the_whole() -> None:
    assert make_download(done_bytes=10**12).fraction == 1.0


def test_only_what_goes_on_by_itself_is_active() -> None:
    active = {state for state in DownloadState if make_download(state).is_active}

    assert active == {DownloadState.WAITING, DownloadState.RUNNING, DownloadState.CHECKING}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/f", "a.example/f"])
def test_file_with_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DownloadError, match="with an address that is none"):
        RemoteFile("a.whl", 1, sha256="0" * 64, url=url)


def test_file_may_lie_elsewhere_than_on_the_hub() -> None:
    url = "https://wheels.example/a.whl"

    assert RemoteFile("a.whl", 1, sha256="0" * 64, url=url).url == url
