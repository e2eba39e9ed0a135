"""Writes and signs the feed of releases that programs ask for updates.

    .venv/bin/python installer/sign_feed.py new-key FILE
    .venv/bin/python installer/sign_feed.py sign --key FILE --url https://… --out feed.json PACKAGES…

`new-key` makes the private key, readable by its owner only, and prints the public one, which goes into
`resources/updates/source.json`. The private key never lies in the repository: `--key` names its file, or
the variable REALM_RELEASE_KEY holds its text. `sign` reads the packages, and checks the feed it wrote.
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

KEY_VARIABLE = "REALM_RELEASE_KEY"
SEED_BYTES = 32
PACKAGES = ("deb", "tar.gz", "exe", "dmg")
_SYSTEMS = {"deb": "linux", "tar.gz": "linux", "exe": "windows", "dmg": "macos"}
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


class KeyFault(Exception):
    """There is no usable private key."""


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
    """Run one of the two; returns the exit status."""
    parser = argparse.ArgumentParser(description="Sign the feed of releases.")
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("new-key", help="make a private key")
    make.add_argument("file", type=Path)
    sign = commands.add_parser("sign", help="write a signed feed")
    sign.add_argument("--key", type=Path, help=f"file of the private key; else {KEY_VARIABLE}")
    sign.add_argument("--url", required=True, help="folder on the network where the packages lie")
    sign.add_argument("--version", default=__version__)
    sign.add_argument("--channel", default="stable")
    sign.add_argument("--page", default="", help="address of the release for people")
    sign.add_argument("--notes", type=Path, help="a file of plain text")
    sign.add_argument("--out", type=Path, required=True)
    sign.add_argument("packages", type=Path, nargs="+")
    flags = parser.parse_args(arguments)
    try:
        if flags.command == "new-key":
            print(new_key(flags.file))
        else:
            write_feed(flags)
    except (KeyFault, RealmError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


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
    """Sign a feed, read it again as a program does, and only then write it."""
    seed = read_seed(flags.key)
    now = datetime.now(UTC).replace(microsecond=0)
    release = Release(
        channel=flags.channel,
        version=flags.version,
        published=now,
        valid_until=now + timedelta(days=180),
        page=flags.page,
        notes="" if flags.notes is None else flags.notes.read_text(encoding="utf-8"),
        files=tuple(_listed(package_of(path), flags.url.rstrip("/")) for path in flags.packages),
    )
    data = sign_feed(release, seed)
    if read_feed(data, [public_key(seed)], flags.channel) != release:
        raise ValueError("the feed does not say what it should")
    flags.out.write_bytes(data)
    print(f"{flags.out}: version {release.version}, {len(release.files)} packages")


def _listed(package: Package, folder: str) -> ReleaseFile:
    with package.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = package.path.name
    num_bytes = package.path.stat().st_size
    return ReleaseFile(package.platform, package.kind, name, f"{folder}/{name}", num_bytes, digest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
