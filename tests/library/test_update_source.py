"""What this copy of the program was given to tell a true release from a false one."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from realm_desktop.errors import UpdateError
from realm_desktop.library.update_source import UpdateSource, shipped_source


def _source(folder: Path, **values: object) -> UpdateSource:
    path = folder / "source.json"
    path.write_text(json.dumps(values))
    return shipped_source(path)


def test_shipped_file_can_be_read() -> None:
    source = shipped_source()

    assert source.channel == "stable"
    assert len(source.keys) == len(source.public_keys)


@pytest.mark.parametrize(
    "values", [{}, {"feed_url": "https://a.example/f"}, {"public_keys": ["A" * 43 + "="]}]
)
def test_copy_without_key_or_feed_cannot_verify(tmp_path: Path, values: dict[str, object]) -> None:
    assert not _source(tmp_path, **values).can_verify


def test_keys_are_read(tmp_path: Path) -> None:
    key = bytes(range(32))
    text = base64.b64encode(key).decode()
    source = _source(tmp_path, feed_url="https://a.example/f", public_keys=[text])

    assert source.keys == (key,)
    assert source.can_verify


@pytest.mark.parametrize("key", ["", "AAAA", "no key", "A" * 88])
def test_damaged_key_is_told(key: str) -> None:
    with pytest.raises(UpdateError, match="key of this installation is damaged"):
        _ = UpdateSource(public_keys=(key,)).keys


@pytest.mark.parametrize("field", ["feed_url", "page_url"])
def test_addresses_are_https(tmp_path: Path, field: str) -> None:
    with pytest.raises(UpdateError, match="no https address"):
        _source(tmp_path, **{field: "http://a.example/f"})


@pytest.mark.parametrize("data", [b"", b"[]", b'{"public_keys": 3}', b"\xff"])
def test_damaged_file_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "source.json"
    path.write_bytes(data)

    with pytest.raises(UpdateError, match=r"source\.json of this installation cannot be read"):
        shipped_source(path)
