"""Writes and signs the feed of releases that programs ask for updates.

    .venv/bin/python installer/sign_feed.py new-key FILE
    .venv/bin/python installer/sign_feed.py sign --key FILE --url https://… --out feed.json PACKAGES…
    .venv/bin/python installer/sign_feed.py renew --key FILE feed.json

`new-key` makes the private key, readable by its owner only, and prints the public one, which goes into
`resources/updates/source.json`. The private key never lies in the repository: `--key` names its file, or
the variable REALM_RELEASE_KEY holds its text. `sign` reads the packages; `renew` signs a feed again, whose
time would be over before the next release. Both read the feed as this version of the program will, before
they write it. Needs nothing but `feed_requirements.txt`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from realm_desktop import __version__  # noqa: E402  # the package of the checkout is found from here on
from realm_desktop.errors import RealmError  # noqa: E402
from realm_desktop.library.release_feed import (  # noqa: E402
    Release,
    ReleaseFile,
    public_key,
    read_feed,
    sign_feed,
)
from realm_desktop.library.update_source import UpdateSource, shipped_source  # noqa: E402

KEY_VARIABLE = "REALM_RELEASE_KEY"
SOURCE = ROOT / "resources" / "updates" / "source.json"
SEED_BYTES = 32
VALID_DAYS = 400
"""A project whose releases lie further apart renews the feed in between."""

PACKAGES = ("deb", "tar.gz", "exe", "dmg")
_SYSTEMS = {"deb": "linux", "tar.gz": "linux", "exe": "windows", "dmg": "macos"}
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


class KeyFault(Exception):
    """There is no usable private key, or no program would believe it."""


class Package(NamedTuple):
    """One file of a release, as its name tells it.

    Attributes:
        kind: One of `PACKAGES`.
        platform: Such as "linux-x86_64".
    """

    path: Path
    kind: str
    platform: str


def main(arguments: Sequence[str]) -> int:
    """Run one of the three; returns the exit status."""
    flags = _parser().parse_args(arguments)
    try:
        if flags.command == "new-key":
            print(new_key(flags.file))
        elif flags.command == "renew":
            renew_feed(flags)
        elif flags.optional and not os.environ.get(KEY_VARIABLE):
            # In the form that GitHub shows on the page of a run.
            print(f"::warning title=No feed::{KEY_VARIABLE} is not set: no feed was made, so no")
            print(
                "program will hear of this release. .github/CONTRIBUTING.md says how to make a key."
            )
        else:
            write_feed(flags)
    except (KeyFault, RealmError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Sign the feed of releases.")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("new-key", help="make a private key")
    make.add_argument("file", type=Path)
    sign = commands.add_parser("sign", help="write a signed feed")
    sign.add_argument("--url", required=True, help="folder on the network where the packages lie")
    sign.add_argument("--version", default=__version__)
    sign.add_argument("--page", default="", help="address of the release for people")
    sign.add_argument("--notes", type=Path, help="a file of plain text")
    sign.add_argument("--out", type=Path, required=True)
    sign.add_argument("--optional", action="store_true", help=f"say so where {KEY_VARIABLE} is not")
    sign.add_argument("packages", type=Path, nargs="+")
    renew = commands.add_parser("renew", help="sign a feed again, with today's date")
    renew.add_argument("feed", type=Path)
    for command in (sign, renew):
        command.add_argument(
            "--key", type=Path, help=f"the private key's file; else {KEY_VARIABLE}"
        )
        command.add_argument("--source", type=Path, default=SOURCE, help="what programs believe")
    return parser


def new_key(path: Path) -> str:
    """Make a private key in a new file; returns the public key."""
    seed = secrets.token_bytes(SEED_BYTES)
    # Created closed, and never over another key.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(seed) + b"\n")
    return base64.b64encode(public_key(seed)).decode()


def read_seed(path: Path | None) -> bytes:
    """The private key of a file, or of the environment."""
    text = os.environ.get(KEY_VARIABLE, "") if path is None else path.read_text(encoding="ascii")
    try:
        seed = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        place = f"the variable {KEY_VARIABLE}" if path is None else str(path)
        raise KeyFault(f"{place} holds no private key; `new-key` makes one")
    return seed


def package_of(path: Path) -> Package:
    """What a package is, by its name, such as `realm-desktop_0.2.0_amd64.deb`."""
    kind = next((kind for kind in PACKAGES if path.name.endswith(f".{kind}")), None)
    machine = next((name for key, name in _MACHINES.items() if key in path.name), None)
    if kind is None or machine is None:
        raise ValueError(f"{path.name} does not name its machine and one of {', '.join(PACKAGES)}")
    return Package(path, kind, f"{_SYSTEMS[kind]}-{machine}")


def write_feed(flags: argparse.Namespace) -> None:
    """Sign the feed of a release, and write it if programs believe it."""
    source = shipped_source(flags.source)
    now = datetime.now(UTC).replace(microsecond=0)
    release = Release(
        channel=source.channel,
        version=flags.version,
        published=now,
        valid_until=now + timedelta(days=VALID_DAYS),
        page=flags.page,
        notes="" if flags.notes is None else flags.notes.read_text(encoding="utf-8"),
        files=tuple(_listed(package_of(path), flags.url.rstrip("/")) for path in flags.packages),
    )
    _write(flags.out, release, read_seed(flags.key), source)


def renew_feed(flags: argparse.Namespace) -> None:
    """Sign a feed again that programs believed so far."""
    source = shipped_source(flags.source)
    release = read_feed(flags.feed.read_bytes(), source.keys, source.channel)
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(days=VALID_DAYS)
    release = msgspec.structs.replace(release, published=now, valid_until=until)
    _write(flags.feed, release, read_seed(flags.key), source)


def _write(path: Path, release: Release, seed: bytes, source: UpdateSource) -> None:
    """Sign, read again with the keys that programs have, and only then write."""
    if public_key(seed) not in source.keys:
        raise KeyFault(
            "the public key of this private key is not in source.json: no program has it"
        )
    data = sign_feed(release, seed)
    if read_feed(data, source.keys, source.channel) != release:
        raise ValueError("the feed does not say what it should")
    path.write_bytes(data)
    print(f"{path}: version {release.version}, valid until {release.valid_until:%Y-%m-%d}")


def _listed(package: Package, folder: str) -> ReleaseFile:
    with package.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = package.path.name
    num_bytes = package.path.stat().st_size
    return ReleaseFile(package.platform, package.kind, name, f"{folder}/{name}", num_bytes, digest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
