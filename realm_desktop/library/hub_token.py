"""The user's token for the hub: one file that only this user can read, and one endpoint it is for.

A token is never sent to another endpoint than the one it was entered for, so that a mirror that is
set later does not get it. It is never logged.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from realm_desktop.errors import SettingsError

MAX_TOKEN_CHARACTERS = 400


class _Stored(msgspec.Struct, frozen=True):
    endpoint: str
    token: str


def read_token(path: Path, endpoint: str) -> str:
    """The token for an endpoint; "" without one."""
    try:
        stored = msgspec.json.decode(path.read_bytes()[:4096], type=_Stored)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return stored.token if stored.endpoint == endpoint.rstrip("/") else ""


def write_token(path: Path, endpoint: str, token: str) -> None:
    """Keep a token; "" removes it.

    Raises:
        SettingsError: It is no token, or the file cannot be written.
    """
    token = token.strip()
    if not token:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return
    if (
        not token.isascii()
        or not token.isprintable()
        or len(token) > MAX_TOKEN_CHARACTERS
        or " " in token
    ):
        raise SettingsError(
            "the token holds characters that no token has",
            advice="Copy it again from the settings of your account.",
            field="token",
        )
    data = msgspec.json.encode(_Stored(endpoint.rstrip("/"), token))
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.unlink(missing_ok=True)
        # Created closed: a file that is closed afterwards could be read in between.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        raise SettingsError(
            f"the token could not be saved: {error.strerror or error}", file=path, field="token"
        ) from error
