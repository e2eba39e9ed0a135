"""Builds the disk image for macOS. Runs on a Mac with Apple silicon; never run elsewhere.

    .venv/bin/python installer/build_macos.py [--out FOLDER]

Makes `Realm Desktop.app` and `realm-desktop-VERSION-macos-arm64.dmg`. With REALM_CODESIGN_IDENTITY set
to a "Developer ID Application" of the keychain, the program is signed with the hardened runtime; with
REALM_NOTARY_PROFILE set to a profile of `xcrun notarytool store-credentials`, the image is notarized.
Without them the first start needs a right click and "Open".
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Run as a script, the folder of this file is on the path, and the one above is not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer.freezing import BILL, NAME, TITLE, freeze, parse_flags, program_version, report


def main(arguments: Sequence[str]) -> int:
    """Build the image; returns the exit status."""
    flags = parse_flags("Build the disk image for macOS.", arguments)
    if platform.system() != "Darwin":
        print("Disk images for macOS are built on macOS.", file=sys.stderr)
        return 1
    frozen = flags.frozen or freeze(flags.out)
    version = program_version()
    image = flags.out / f"{NAME}-{version}-macos-arm64.dmg"
    content = flags.out / "image"
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir()
    shutil.copytree(frozen.parent / f"{TITLE}.app", content / f"{TITLE}.app", symlinks=True)
    (content / "Applications").symlink_to("/Applications")
    for command in image_commands(content, image, os.environ):
        subprocess.run(command, check=True)
    shutil.rmtree(content)
    shutil.copyfile(frozen / "_internal" / BILL, flags.out / f"{NAME}-{version}-macos.{BILL}")
    report([image], frozen)
    return 0


def image_commands(content: Path, image: Path, environment: Mapping[str, str]) -> list[list[str]]:
    """What makes the image, and signs and notarizes it where the environment names who.

    Args:
        content: The folder that becomes the image.
        image: The file to make.
        environment: May hold REALM_CODESIGN_IDENTITY and REALM_NOTARY_PROFILE.
    """
    # APFS images hold the links among libraries; LZMA is the smallest that macOS 10.15 reads.
    form = ["-fs", "APFS", "-format", "ULMO", "-ov"]
    source = ["-volname", TITLE, "-srcfolder", str(content)]
    commands = [["hdiutil", "create", *source, *form, str(image)]]
    identity = environment.get("REALM_CODESIGN_IDENTITY")
    if identity:
        commands.append(["codesign", "--sign", identity, "--timestamp", str(image)])
    profile = environment.get("REALM_NOTARY_PROFILE")
    if identity and profile:
        notarize = ["xcrun", "notarytool", "submit", "--wait", "--keychain-profile", profile]
        commands += [[*notarize, str(image)], ["xcrun", "stapler", "staple", str(image)]]
    return commands


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
