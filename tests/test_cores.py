"""How many cores a process computes on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from realm_desktop import cores
from realm_desktop.cores import physical_cores


def pretend(
    monkeypatch: pytest.MonkeyPatch, physical: int | None, logical: int | None, allowed: int
) -> None:
    counts = {True: logical, False: physical}
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: counts[logical])
    monkeypatch.setattr(os, "cpu_count", lambda: logical)
    if sys.platform == "linux":
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(allowed)))
        # Without a limit of a container, and each processor a core unless `physical` says otherwise.
        monkeypatch.setattr(cores, "_SYSTEM", Path("/nonexistent"))


def test_core_count_is_positive_and_within_the_machine() -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


def test_hyper_threads_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=4, logical=8, allowed=8)

    assert physical_cores() == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the cores of a process")
def test_cores_that_the_process_may_not_use_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=32, logical=64, allowed=3)

    assert physical_cores() == 3


def test_logical_cores_stand_in_where_physical_ones_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, physical=None, logical=6, allowed=8)

    assert physical_cores() == 6


def test_there_is_one_core_where_none_can_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=None, logical=None, allowed=8)

    assert physical_cores() == 1


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")


def redirect(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Read a folder in place of the system's files; the list of groups lies in `groups`."""
    monkeypatch.setattr(cores, "_SYSTEM", folder)
    monkeypatch.setattr(cores, "_CONTROL_GROUPS", folder / "groups")


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")


@on_linux
def test_two_hyper_threads_of_one_core_are_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, physical=4, logical=8, allowed=4)
    monkeypatch.setattr(cores, "_SYSTEM", tmp_path)
    for number in range(4):
        siblings = f"{number // 2 * 2}-{number // 2 * 2 + 1}"
        folder = tmp_path / f"devices/system/cpu/cpu{number}/topology"
        write(folder / "thread_siblings_list", siblings)

    assert physical_cores() == 2


@on_linux
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "max 100000"}, 8),
        ({"cpu.max": "200000 100000"}, 2),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "1000 100000"}, 1),
        ({"a/cpu.max": "600000 100000", "a/b/cpu.max": "max 100000"}, 6),
        ({"a/cpu.max": "300000 100000", "cpu.max": "600000 100000"}, 3),
        ({"cpu.max": "nonsense"}, 8),
        ({"cpu.max": "0 0"}, 8),
        ({"cpu.max": "200000 0"}, 8),
        ({"cpu.max": "-1 100000"}, 8),
        ({"cpu.max": "200000"}, 8),
        ({"cpu.max": "2e5 1e5"}, 8),
        ({"cpu.max": "\u0662 1"}, 8),
        ({"cpu.max": f"{'9' * 5000} 1"}, 8),
        ({"cpu.max": ""}, 8),
        ({}, 8),
    ],
)
def test_container_is_held_to_its_share_of_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    pretend(monkeypatch, physical=8, logical=8, allowed=8)
    redirect(monkeypatch, tmp_path)
    write(tmp_path / "groups", "0::/a/b")
    for name, text in files.items():
        write(tmp_path / "fs/cgroup" / name, text)

    assert physical_cores() == expected


@on_linux
@pytest.mark.parametrize(("quota", "expected"), [("-1", 8), ("250000", 3)])
def test_older_control_groups_are_read_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, expected: int
) -> None:
    pretend(monkeypatch, physical=8, logical=8, allowed=8)
    redirect(monkeypatch, tmp_path)
    write(tmp_path / "groups", "9:name=systemd:/x\n3:cpu,cpuacct:/\n0::/")
    write(tmp_path / "fs/cgroup/cpu/cpu.cfs_quota_us", quota)
    write(tmp_path / "fs/cgroup/cpu/cpu.cfs_period_us", "100000")

    assert physical_cores() == expected


@on_linux
@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("0::/", 2),
        # A group of the host's, which is not there in a container.
        ("0::/system.slice/docker-1.scope", 2),
        ("0::/Gr\u00f6\u00dfe/\u6a21\u578b", 1),
        ("no groups", 8),
        ("0:", 8),
        ("::", 8),
        ("\n\n0::/", 2),
        ("", 8),
    ],
)
def test_odd_list_of_groups_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, groups: str, expected: int
) -> None:
    pretend(monkeypatch, physical=8, logical=8, allowed=8)
    redirect(monkeypatch, tmp_path)
    write(tmp_path / "groups", groups)
    write(tmp_path / "fs/cgroup/cpu.max", "200000 100000")
    write(tmp_path / "fs/cgroup/Gr\u00f6\u00dfe/cpu.max", "100000 100000")

    assert physical_cores() == expected


@on_linux
def test_group_whose_name_is_no_text_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, physical=8, logical=8, allowed=8)
    redirect(monkeypatch, tmp_path)
    (tmp_path / "groups").write_bytes(b"0::/\xff\n")
    write(tmp_path / os.fsdecode(b"fs/cgroup/\xff/cpu.max"), "300000 100000")

    assert physical_cores() == 3


@on_linux
def test_group_without_a_period_is_without_a_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend(monkeypatch, physical=8, logical=8, allowed=8)
    redirect(monkeypatch, tmp_path)
    write(tmp_path / "groups", "3:cpu,cpuacct:/")
    write(tmp_path / "fs/cgroup/cpu/cpu.cfs_quota_us", "200000")

    assert physical_cores() == 8
