"""From a new key to the package on a user's disk, by what the release workflow runs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml

from installer import sign_feed
from installer.sign_feed import KEY_VARIABLE, ROOT, main
from realm_desktop.library import update_check
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.update_source import shipped_source
from realm_desktop.library.updates import Updates
from tests.support.loopback_hub import COMMIT, LoopbackHub, loopback_hub, payload
from tests.support.posix import posix_only
from tests.support.updates import ended, make_updates

RELEASES = "org/releases"
PACKAGES = {
    "realm-desktop_9.0.0_amd64.deb": payload(30_000, seed=1),
    "realm-desktop-9.0.0-linux-x86_64.tar.gz": payload(20_000, seed=2),
    "realm-desktop-9.0.0-windows-x86_64.exe": payload(10_000, seed=3),
    "realm-desktop-9.0.0-macos-arm64.dmg": payload(5_000, seed=4),
}


@pytest.fixture
def checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """What the workflow has when it signs: the tree, its small environment, the packages."""
    (tmp_path / "installer").mkdir()
    script = Path(sign_feed.__file__)
    (tmp_path / "installer" / script.name).write_bytes(script.read_bytes())
    (tmp_path / "realm_desktop").symlink_to(ROOT / "realm_desktop")
    (tmp_path / "feed" / "bin").mkdir(parents=True)
    (tmp_path / "feed" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "feed" / "bin" / "python").chmod(0o755)
    (tmp_path / "packages").mkdir()
    for name, content in PACKAGES.items():
        (tmp_path / "packages" / name).write_bytes(content)
    assert main(["new-key", str(tmp_path / "release.key")]) == 0
    (tmp_path / "public").write_text(capsys.readouterr().out)
    return tmp_path


def _follow(checkout: Path, feed_url: str) -> Path:
    """Put the public key where CONTRIBUTING.md says."""
    source = checkout / "resources" / "updates" / "source.json"
    source.parent.mkdir(parents=True)
    keys = [(checkout / "public").read_text().strip()]
    text = {"channel": "stable", "feed_url": feed_url, "page_url": "", "public_keys": keys}
    source.write_text(json.dumps(text))
    return source


def _workflow_step(checkout: Path, key: str, releases: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the release workflow as a runner would."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    steps = workflow["jobs"]["release"]["steps"]
    (command,) = [step["run"] for step in steps if step.get("name") == "Signed feed"]
    environment = {"GITHUB_REF_NAME": "v9.0.0", "RELEASES": releases, KEY_VARIABLE: key}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=checkout,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _publish(hub: LoopbackHub, checkout: Path) -> None:
    for file in (checkout / "packages").iterdir():
        folder = "" if file.name == "feed.json" else "download/v9.0.0/"
        hub.add(f"{RELEASES}/{folder}{file.name}", file.read_bytes())


async def _downloaded(updates: Updates) -> Download:
    moved = asyncio.Event()
    updates.subscribe(moved.set)
    updates.start_download()
    while (item := updates.download) is None or item.is_active:
        moved.clear()
        await moved.wait()
    return item


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
async def test_program_believes_what_the_workflow_signed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_check, "platform_name", lambda: "linux-x86_64")
    monkeypatch.setattr(update_check, "package_kind", lambda: "deb")
    with loopback_hub() as hub:
        releases = f"{hub.address}/{RELEASES}/resolve/{COMMIT}"
        source = _follow(checkout, f"{releases}/feed.json")
        done = _workflow_step(checkout, (checkout / "release.key").read_text(), releases)
        assert done.returncode == 0, done.stderr
        _publish(hub, checkout)
        find = partial(shipped_source, source)
        async with ended(make_updates(checkout, NetworkGate(), find)) as updates:
            await updates.check()
            assert updates.error is None
            item = await _downloaded(updates)

    assert item.state is DownloadState.DONE
    assert item.target.read_bytes() == PACKAGES[item.target.name]
    assert item.target.suffix == ".deb"


@posix_only
def test_workflow_without_the_key_says_so_and_goes_on(checkout: Path) -> None:
    _follow(checkout, "https://releases.example/feed.json")
    done = _workflow_step(checkout, "", "https://releases.example")

    assert done.returncode == 0
    assert "::warning" in done.stdout
    assert "no feed was made" in done.stdout
    assert not (checkout / "packages" / "feed.json").exists()


@posix_only
def test_workflow_with_a_key_that_no_program_knows_fails(checkout: Path) -> None:
    _follow(checkout, "https://releases.example/feed.json")
    assert main(["new-key", str(checkout / "other.key")]) == 0
    other = (checkout / "other.key").read_text()
    done = _workflow_step(checkout, other, "https://releases.example")

    assert done.returncode == 1
    assert "no program has it" in done.stderr
    assert not (checkout / "packages" / "feed.json").exists()
