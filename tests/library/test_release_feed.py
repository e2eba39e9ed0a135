"""A feed is believed only as a whole: its signature, its form, its channel."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from realm_desktop.errors import UpdateError
from realm_desktop.library.release_feed import (
    Release,
    public_key,
    read_feed,
    sign_feed,
)
from tests.support.updates import OTHER_SEED, SEED, make_release

KEYS = (public_key(SEED),)


def _read(data: bytes, **changes: Any) -> Release:
    return read_feed(data, changes.get("keys", KEYS), changes.get("channel", "stable"))


def _file(**changes: object) -> dict[str, object]:
    """A package as a feed lists it."""
    return {
        "platform": "linux-x86_64",
        "package": "deb",
        "name": "a.deb",
        "url": "https://releases.example/a.deb",
        "num_bytes": 10,
        "sha256": "0" * 64,
        **changes,
    }


def _signed(**changes: object) -> bytes:
    """A feed whose text is changed before it is signed: the signer can err too."""
    text: Any = {**msgspec.to_builtins(make_release()), **changes}
    return sign_feed(text, SEED)


def test_signed_feed_is_read_as_it_was_written() -> None:
    release = make_release()

    assert _read(sign_feed(release, SEED)) == release


def test_one_of_two_keys_is_enough() -> None:
    keys = (public_key(OTHER_SEED), public_key(SEED))

    assert _read(sign_feed(make_release(), SEED), keys=keys).version == "9.0.0"


def test_signature_of_another_key_is_refused() -> None:
    with pytest.raises(UpdateError, match="not signed by the key"):
        _read(sign_feed(make_release(), OTHER_SEED))


def test_every_changed_byte_of_text_is_noticed() -> None:
    envelope = json.loads(sign_feed(make_release(), SEED))
    for index in range(0, len(envelope["text"]), 7):
        text = envelope["text"]
        other = chr(ord(text[index]) ^ 1)
        changed = {**envelope, "text": text[:index] + other + text[index + 1 :]}
        with pytest.raises(UpdateError, match="not signed"):
            _read(json.dumps(changed).encode())


def test_signature_of_the_bare_text_is_none() -> None:
    envelope = json.loads(sign_feed(make_release(), SEED))
    bare = SigningKey(SEED).sign(envelope["text"].encode()).signature
    envelope["signature"] = base64.b64encode(bare).decode()

    with pytest.raises(UpdateError, match="not signed"):
        _read(json.dumps(envelope).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html>",
        b"[]",
        b'{"text": "x"}',
        b'{"text": "x", "signature": "?"}',
        b'{"text": 1, "signature": ""}',
        b"\xff\xfe",
        b'{"text": "\\ud800", "signature": ""}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_feed_is_told_as_such(data: bytes) -> None:
    with pytest.raises(UpdateError, match="no release feed"):
        _read(data)


@pytest.mark.parametrize("signature", ["", "AAAA", "A" * 88])
def test_signature_of_a_wrong_length_is_refused(signature: str) -> None:
    with pytest.raises(UpdateError, match="not signed"):
        _read(json.dumps({"text": "{}", "signature": signature}).encode())


def test_no_key_believes_nothing() -> None:
    with pytest.raises(UpdateError, match="not signed"):
        _read(sign_feed(make_release(), SEED), keys=())


def test_feed_of_another_channel_is_refused() -> None:
    with pytest.raises(UpdateError, match="channel stable; beta is expected"):
        _read(sign_feed(make_release(), SEED), channel="beta")


def test_feed_of_a_later_format_is_refused() -> None:
    with pytest.raises(UpdateError, match="has format 2"):
        _read(sign_feed(make_release(format=2), SEED))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": ""},
        {"published": "soon"},
        {"published": None},
        {"valid_until": None},
        {"files": 3},
        {"files": [_file(name="../a.deb")]},
        {"files": [_file(name="con.deb")]},
        {"files": [_file(sha256="")]},
        {"files": [_file(sha256="x" * 64)]},
        {"files": [_file(num_bytes=-1)]},
        {"files": [_file(url="file:///etc/passwd")]},
        {"files": [_file()] * 101},
        {"notes": "x" * 20_001},
    ],
)
def test_signed_nonsense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UpdateError, match="cannot be understood"):
        _read(_signed(**changes))


def test_fields_of_later_programs_are_passed_over() -> None:
    assert _read(_signed(mood="good")).version == "9.0.0"


@pytest.mark.parametrize("field", ["published", "valid_until"])
def test_date_without_zone_is_refused(field: str) -> None:
    with pytest.raises(UpdateError, match="no time zone"):
        _read(_signed(**{field: "2026-10-01T00:00:00"}))


def test_date_is_read_in_utc() -> None:
    found = _read(_signed(published="2026-10-01T02:00:00+02:00"))

    assert found.published == datetime(2026, 10, 1, tzinfo=UTC)
    assert found.published.tzinfo is UTC
