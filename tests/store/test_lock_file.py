"""One process at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from realm_desktop.errors import AlreadyOpen, StoreError
from realm_desktop.store.lock_file import LockFile


def test_lock_names_its_process(tmp_path: Path) -> None:
    lock = LockFile(tmp_path / "x.lock")

    assert (tmp_path / "x.lock").read_text() == str(os.getpid())
    lock.release()


def test_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    first = LockFile(tmp_path / "x.lock")
    with pytest.raises(AlreadyOpen, match=f"process {os.getpid()}"):
        LockFile(tmp_path / "x.lock")
    first.release()

    LockFile(tmp_path / "x.lock").release()


def test_file_left_by_a_dead_process_means_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_bytes(b"999999999999 garbage \xff")

    LockFile(tmp_path / "x.lock").release()


def test_holder_is_left_out_when_the_file_does_not_tell_it(tmp_path: Path) -> None:
    lock = LockFile(tmp_path / "x.lock")
    (tmp_path / "x.lock").write_bytes(b"\xff\0?")

    with pytest.raises(StoreError) as caught:
        LockFile(tmp_path / "x.lock")

    assert "process" not in caught.value.message
    lock.release()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file of a full disk")
def test_full_disk_does_not_keep_the_lock_from_being_taken(tmp_path: Path) -> None:
    (tmp_path / "x.lock").symlink_to("/dev/full")

    LockFile(tmp_path / "x.lock").release()


def test_releasing_twice_is_harmless(tmp_path: Path) -> None:
    lock = LockFile(tmp_path / "x.lock")
    lock.release()
    lock.release()
