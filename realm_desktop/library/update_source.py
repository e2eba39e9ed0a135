"""Where releases are announced, and whose signature counts: what this copy of the program was given.

`resources/updates/source.json` holds it. Until a release key exists it names none, and nothing that a
feed says can be believed.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final

import msgspec

from realm_desktop import assets
from realm_desktop.errors import UpdateError
from realm_desktop.library.network import host_of, is_loopback

KEY_BYTES: Final = 32
"""A public key of Ed25519, RFC 8032."""

_REINSTALL: Final = "Install Realm Desktop again."


class UpdateSource(msgspec.Struct, frozen=True):
    """One place of releases.

    Attributes:
        channel: Which line of releases this copy follows; a feed of another one is refused.
        feed_url: Of the signed feed; "" without one.
        page_url: For people; "" without one.
        public_keys: Base64; a feed needs the signature of one of them. Two while a key is replaced.
    """

    channel: str = "stable"
    feed_url: str = ""
    page_url: str = ""
    public_keys: tuple[str, ...] = ()

    @property
    def can_verify(self) -> bool:
        """Whether a feed could be believed at all."""
        return bool(self.feed_url and self.public_keys)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The public keys, 32 bytes each.

        Raises:
            UpdateError: One of them is no key.
        """
        return tuple(map(_key, self.public_keys))


def shipped_source(path: Path | None = None) -> UpdateSource:
    """What this copy of the program was given.

    Args:
        path: Replaces the shipped file in tests.

    Raises:
        UpdateError: The file is damaged.
        RealmError: It is missing.
    """
    path = path or assets.resource("updates", "source.json")
    try:
        source = msgspec.json.decode(path.read_bytes(), type=UpdateSource)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UpdateError(
            f"{path.name} of this installation cannot be read", advice=_REINSTALL, file=path
        ) from error
    for url in filter(None, (source.feed_url, source.page_url)):
        if not url.startswith("https://") and not is_loopback(host_of(url)):
            raise UpdateError(
                f"{path.name} of this installation names no https address",
                advice=_REINSTALL,
                file=path,
            )
    return source


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise UpdateError("a release key of this installation is damaged", advice=_REINSTALL)
    return key
