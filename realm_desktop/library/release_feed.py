r"""The feed of releases: signed text that names one release and its files. Read it, or write it.

Ed25519 (RFC 8032) over the text as it stands, so that nothing is parsed before it is believed. Imported
when a feed is read or signed, and not before: PyNaCl loads a native library. Knows no network.

    {"signature": "<base64 of 64 bytes>", "text": "{\"format\": 1, \"version\": ...}"}
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from realm_desktop.errors import DownloadError, UpdateError
from realm_desktop.library.download_values import RemoteFile
from realm_desktop.library.release_version import version_numbers

FORMAT: Final = 1
MAX_FEED_BYTES: Final = 2**20
MAX_FILES: Final = 100

_PURPOSE: Final = b"realm-desktop release feed 1\n"
"""Signed in front of the text: a signature for anything else is none for a feed."""

_LATER: Final = "Try again later; if it stays so, look at the release page."

_Line = Annotated[str, Meta(min_length=1, max_length=300)]


class ReleaseFile(msgspec.Struct, frozen=True):
    """One package of a release.

    Attributes:
        platform: Such as "linux-x86_64".
        package: "deb", "tar.gz", "exe" or "dmg".
        name: Of the file, without folders.
    """

    platform: _Line
    package: _Line
    name: _Line
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    num_bytes: int
    sha256: str

    @property
    def remote(self) -> RemoteFile:
        """The file as it is downloaded.

        Raises:
            DownloadError: Its name, size or digest is not sound.
        """
        return RemoteFile(self.name, self.num_bytes, sha256=self.sha256, url=self.url)


class Release(msgspec.Struct, frozen=True):
    """What a feed announces.

    Attributes:
        version: Three numbers.
        published: When the feed was signed, in UTC; a later feed has a later time.
        valid_until: From then on it is not believed: an old feed cannot be held up for ever.
        page: For people.
        notes: Plain text.
    """

    channel: _Line
    version: _Line
    published: datetime
    valid_until: datetime
    page: Annotated[str, Meta(max_length=2000)] = ""
    notes: Annotated[str, Meta(max_length=20_000)] = ""
    files: Annotated[tuple[ReleaseFile, ...], Meta(max_length=MAX_FILES)] = ()
    format: int = FORMAT


class _Envelope(msgspec.Struct, frozen=True):
    text: str
    signature: str


def read_feed(data: bytes, keys: Sequence[bytes], channel: str) -> Release:
    """The release that a feed announces.

    Args:
        data: As it came.
        keys: Public keys, 32 bytes each; the signature of one of them is needed.
        channel: The only one whose feed is taken.

    Raises:
        UpdateError: It is no feed, is signed by none of the keys, or belongs to another channel.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
        text = envelope.text.encode()
        signature = base64.b64decode(envelope.signature, validate=True)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        advice = "A web page or another file may be in its place. Try again later."
        raise UpdateError("the answer is no release feed", advice=advice, field="feed") from error
    if not any(_is_signed(text, signature, key) for key in keys):
        raise UpdateError(
            "the release feed is not signed by the key of this program; it was not used",
            advice="Somebody may have changed it on its way. Try another network, or the release page.",
            field="signature",
        )
    return _checked(text, channel)


def sign_feed(release: Release, seed: bytes) -> bytes:
    """A feed that announces a release.

    Args:
        release: What it says.
        seed: The private key, 32 bytes.
    """
    text = msgspec.json.encode(release)
    signature = SigningKey(seed).sign(_PURPOSE + text).signature
    return msgspec.json.encode(_Envelope(text.decode(), base64.b64encode(signature).decode()))


def public_key(seed: bytes) -> bytes:
    """The public key, 32 bytes, that belongs to a private one."""
    return bytes(SigningKey(seed).verify_key)


def _is_signed(text: bytes, signature: bytes, key: bytes) -> bool:
    try:
        VerifyKey(key).verify(_PURPOSE + text, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def _checked(text: bytes, channel: str) -> Release:
    """The release in a text that was believed; the signer too can err."""
    try:
        release = msgspec.json.decode(text, type=Release)
        for file in release.files:
            _ = file.remote
    except (msgspec.MsgspecError, DownloadError) as error:
        raise UpdateError(
            f"the release feed cannot be understood: {error}", advice=_LATER, field="feed"
        ) from error
    if release.format != FORMAT:
        raise UpdateError(
            f"the release feed has format {release.format}; this version reads {FORMAT}",
            advice="Look at the release page.",
            field="format",
        )
    if release.channel != channel:
        raise UpdateError(
            f"the release feed is of the channel {release.channel}; {channel} is expected",
            advice=_LATER,
            field="channel",
        )
    if release.published.tzinfo is None or release.valid_until.tzinfo is None:
        raise UpdateError("a date of the release feed has no time zone", advice=_LATER)
    version_numbers(release.version)
    return msgspec.structs.replace(
        release,
        published=release.published.astimezone(UTC),
        valid_until=release.valid_until.astimezone(UTC),
    )
