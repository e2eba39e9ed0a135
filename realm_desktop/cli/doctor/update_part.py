"""Whether signatures of releases can be verified here: a frozen program may lack the library for it."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import Any, Final

from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.errors import UpdateError
from realm_desktop.library.update_source import shipped_source

_TRUE_SEED: Final = bytes(32)
_FALSE_SEED: Final = bytes([1]) * 32


def describe_updates(findings: Findings) -> dict[str, object]:
    """The part `updates` of the report; nobody is asked."""
    fault = _fault()
    if fault:
        what = f"signatures of releases cannot be verified: {fault}"
        findings.add_problem("updates", what, "Install Realm Desktop again.")
    return {"has_key": shipped_source().can_verify, "is_verification_sound": not fault}


def _fault() -> str:
    """What is wrong with the verification; "" if a true feed is believed and a false one is not."""
    try:
        feed: Any = importlib.import_module("realm_desktop.library.release_feed")
    except (ImportError, OSError) as error:
        return str(error)
    now = datetime.now(UTC)
    release = feed.Release(channel="test", version="0.0.0", published=now, valid_until=now)
    keys = [feed.public_key(_TRUE_SEED)]
    try:
        feed.read_feed(feed.sign_feed(release, _TRUE_SEED), keys, "test")
    except UpdateError as error:
        return error.message
    try:
        feed.read_feed(feed.sign_feed(release, _FALSE_SEED), keys, "test")
    except UpdateError:
        return ""
    return "a false signature was believed"
