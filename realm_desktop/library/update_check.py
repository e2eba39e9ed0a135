"""Asks the feed of releases once: is there a newer version, and which file of it is for this machine.

Remembers what it was told, so that an old feed cannot be told again. Synchronous; runs in a thread.
"""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from realm_desktop import __version__
from realm_desktop.errors import UpdateError
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.partial_file import disk_error, write_whole
from realm_desktop.library.release_version import version_numbers
from realm_desktop.library.update_source import UpdateSource

if TYPE_CHECKING:
    # PyNaCl comes with it; a start of the program should not pay for that.
    from realm_desktop.library.release_feed import Release, ReleaseFile

CHECK_INTERVAL_S: Final = 24 * 3600.0
MAX_AHEAD: Final = timedelta(days=2)
"""Clocks are wrong by hours; a feed of next year would keep all later ones away."""

_MACHINES: Final = {"amd64": "x86_64", "aarch64": "arm64"}
_SYSTEMS: Final = {"linux": "linux", "win32": "windows", "darwin": "macos"}


class UpdateMemory(msgspec.Struct, frozen=True):
    """What earlier checks were told.

    Attributes:
        published: The latest time of a believed feed, in ISO form; "" before the first one.
        version: The highest one that was announced.
        checked_s: Unix time of the last check.
    """

    published: str = ""
    version: str = ""
    checked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Update:
    """What a check found.

    Attributes:
        version: The newest one; `is_newer` says whether it is newer than this program.
        notes: Plain text of the release; written by its author.
        page_url: Of the release, else of all releases; may be "".
        file: For this machine; None if the release has none, or this copy runs from source.
    """

    version: str
    is_newer: bool
    notes: str = ""
    page_url: str = ""
    file: ReleaseFile | None = None


def check_for_update(
    gate: NetworkGate, source: UpdateSource, memory_file: Path, *, current: str = __version__
) -> Update:
    """Ask the feed.

    Args:
        gate: Every connection passes it.
        source: Whose feed, and whose signature.
        memory_file: Of `UpdateMemory`; written when the feed is believed.
        current: The version that runs.

    Raises:
        UpdateError: This copy cannot verify feeds, or the feed may not be believed.
        DownloadError: The feed could not be had, or the memory cannot be written.
    """
    if not source.can_verify:
        raise UpdateError(
            "this copy of Realm Desktop has no release key, so updates cannot be verified",
            advice="Look for releases where you got this copy.",
            field="key",
        )
    # Here, in the thread of the check: neither is needed by a start of the app.
    from realm_desktop.library.http_client import fetch_text
    from realm_desktop.library.release_feed import MAX_FEED_BYTES, read_feed

    data = fetch_text(gate, source.feed_url, MAX_FEED_BYTES)
    release = read_feed(data, source.keys, source.channel)
    _refuse_untimely(release)
    _refuse_replay(release, read_memory(memory_file))
    kept = UpdateMemory(release.published.isoformat(), release.version, time.time())
    try:
        write_whole(memory_file, msgspec.json.encode(kept))
    except OSError as error:
        raise disk_error(memory_file, error) from error
    is_newer = version_numbers(release.version) > version_numbers(current)
    file = _file_for(release, platform_name(), package_kind()) if is_newer else None
    page_url = release.page or source.page_url
    return Update(release.version, is_newer, release.notes, page_url, file)


def read_memory(path: Path) -> UpdateMemory:
    """What earlier checks left; nothing if that cannot be read."""
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=UpdateMemory)
        if memory.published:
            # What a feed is compared with: half of it damaged would make every later check fail.
            version_numbers(memory.version)
            if datetime.fromisoformat(memory.published).tzinfo is None:
                return UpdateMemory()
    except (OSError, ValueError, msgspec.MsgspecError, UpdateError):
        return UpdateMemory()
    return memory


def is_check_due(memory: UpdateMemory, now_s: float) -> bool:
    """Whether the last check lies a day back, or in the future of a clock that was set back."""
    return not 0 <= now_s - memory.checked_s < CHECK_INTERVAL_S


def platform_name() -> str:
    """This machine as feeds name it, such as "linux-x86_64"."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{_MACHINES.get(machine, machine)}"


def package_kind() -> str:
    """The kind of package that this copy came in; "" if it runs from source."""
    if not getattr(sys, "frozen", False):
        return ""
    if sys.platform in ("win32", "darwin"):
        return "exe" if sys.platform == "win32" else "dmg"
    # Where the .deb puts it, for everybody; the archive is for one user.
    return "deb" if Path(sys.executable).is_relative_to("/opt") else "tar.gz"


def _file_for(release: Release, machine: str, package: str) -> ReleaseFile | None:
    wanted = (machine, package)
    return next((f for f in release.files if (f.platform, f.package) == wanted), None)


def _refuse_untimely(release: Release) -> None:
    """Refuse a feed that comes from the future, or whose time is over.

    A feed with a true signature, told again a year later, would hide all releases since from a
    program that never heard of them.
    """
    now = datetime.now(UTC)
    if release.published > now + MAX_AHEAD:
        raise UpdateError(
            f"the release feed is of {release.published:%Y-%m-%d %H:%M}, which lies in the future",
            advice="Set the clock of this machine, then try again.",
            field="published",
        )
    if release.valid_until <= now:
        raise UpdateError(
            f"the release feed was valid until {release.valid_until:%Y-%m-%d}; a newer one is missing",
            advice="Look at the release page, and at the clock of this machine.",
            field="valid_until",
        )


def _refuse_replay(release: Release, memory: UpdateMemory) -> None:
    """Refuse a feed that is older than one that was believed before."""
    if not memory.published:
        return
    known = datetime.fromisoformat(memory.published)
    is_lower = version_numbers(release.version) < version_numbers(memory.version)
    if release.published < known or is_lower:
        raise UpdateError(
            f"the release feed is of {release.published:%Y-%m-%d %H:%M} (version {release.version}); "
            f"a later one, of {known:%Y-%m-%d %H:%M} (version {memory.version}), was seen before",
            advice="An old feed may be held up to you. Try another network, or the release page.",
            field="published",
        )
