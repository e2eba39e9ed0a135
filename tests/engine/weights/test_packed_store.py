"""The folder of kept weights: what is found again, what goes, and what is never written."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from realm_desktop.engine.weights import packed_folder, packed_store
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.formats.model_file import open_model
from tests.support.packed_weights import (
    MOST_BYTES,
    Shelf,
    is_found,
    keep_all,
    matrices,
)
from tests.support.tiny_models import tiny_gguf


class Usage(NamedTuple):
    free: int


def test_packed_weights_are_found_by_the_next_load(shelf: Shelf) -> None:
    shelf.keep()

    plain, kept = (shelf.store(0).packer(shelf.model_file, shelf.kernels) for _ in range(2))
    plain._kept = None

    for raw in matrices(shelf.model_file):
        assert torch.equal(kept.pack(raw).panels, plain.pack(raw).panels)
    (path,) = shelf.kept
    assert path.name.startswith("tiny-llama-q8_0-")
    assert kept.mapped_bytes <= path.stat().st_size


def _touched(path: Path) -> None:
    os.utime(path, ns=(0, 1))


def _replaced(path: Path) -> None:
    """By another file of the same size and date."""
    found, other = path.stat(), path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


CHANGES = pytest.mark.parametrize(
    "change",
    [
        _touched,
        pytest.param(
            _replaced,
            marks=pytest.mark.skipif(
                sys.platform == "win32", reason="no file can be replaced there while it is mapped"
            ),
        ),
    ],
)


@CHANGES
def test_weights_of_a_changed_model_are_not_found(
    shelf: Shelf, change: Callable[[Path], None]
) -> None:
    shelf.keep()

    change(shelf.model_file.path)

    with closing(open_model(shelf.model_file.path)) as again:
        assert not is_found(shelf.store(MOST_BYTES), again, shelf.kernels)


@CHANGES
def test_model_that_changes_while_it_is_read_is_not_kept(
    shelf: Shelf, change: Callable[[Path], None]
) -> None:
    store = shelf.store(MOST_BYTES)
    packer = shelf.packed(store)

    change(shelf.model_file.path)
    store.keep(shelf.model_file, packer)
    store.start()
    store.wait()

    assert not shelf.kept


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [_zeros, _short])
def test_damaged_file_is_removed_and_packed_anew(
    shelf: Shelf, damage: Callable[[Path], None]
) -> None:
    shelf.keep()
    damage(shelf.kept[0])

    assert not shelf.has_it()

    assert not shelf.kept


@pytest.mark.parametrize("most_bytes", [0, 1000])
def test_nothing_is_written_beyond_the_limit(shelf: Shelf, most_bytes: int) -> None:
    shelf.keep(shelf.store(most_bytes))

    assert not shelf.kept


def test_small_networks_are_not_kept(shelf: Shelf, tmp_path: Path) -> None:
    shelf.keep(PackedStore(tmp_path / "packed", MOST_BYTES, delay_s=0.0))

    assert not shelf.kept


def test_least_recently_used_makes_room(shelf: Shelf, tmp_path: Path) -> None:
    files = [open_model(tiny_gguf(tmp_path / str(n), "llama", "Q8_0", seed=n)) for n in range(3)]
    for file in files[:2]:
        keep_all(shelf.store(MOST_BYTES), file, shelf.kernels)
    sizes = [path.stat().st_size for path in shelf.kept]
    for path in shelf.kept:
        os.utime(path, (0, 0))
    assert is_found(shelf.store(0), files[0], shelf.kernels)  # used later than the other one

    keep_all(shelf.store(sum(sizes)), files[2], shelf.kernels)

    assert [is_found(shelf.store(0), file, shelf.kernels) for file in files] == [True, False, True]


def test_full_disk_is_left_alone(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(packed_store.SPARE_BYTES))

    shelf.keep()

    assert not shelf.kept


def test_folder_that_cannot_be_made_is_a_line_in_the_log(
    shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = PackedStore(tmp_path / "file" / "packed", MOST_BYTES, least_bytes=1, delay_s=0.0)

    with caplog.at_level(logging.WARNING):
        shelf.keep(store)

    assert "packed weights are not kept" in caplog.text


def test_folder_that_cannot_be_written_to_is_used(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.keep()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)

    assert shelf.has_it()


def test_end_gives_up_what_is_not_written_yet(shelf: Shelf, tmp_path: Path) -> None:
    store = PackedStore(tmp_path / "packed", MOST_BYTES, least_bytes=1, delay_s=60.0)
    store.keep(shelf.model_file, shelf.packed(store))
    store.start()

    store.stop()

    assert not shelf.kept


def test_end_in_the_middle_leaves_no_part(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shelf.store(MOST_BYTES)
    monkeypatch.setattr(packed_store, "_PIECE_BYTES", 4096)
    write = PackedStore._write_piece

    def stopped(self: PackedStore, file: BinaryIO, piece: NDArray[np.uint8]) -> None:
        self._is_stopped.set()
        write(self, file, piece)

    monkeypatch.setattr(PackedStore, "_write_piece", stopped)

    shelf.keep(store)

    assert not shelf.kept


def test_model_that_is_gone_is_packed_and_not_kept(shelf: Shelf) -> None:
    shelf.model_file.path.unlink()

    shelf.keep()

    assert not shelf.kept


def test_wrong_weights_are_forgotten(shelf: Shelf) -> None:
    shelf.keep()

    shelf.store(0).forget(shelf.model_file)

    assert not shelf.kept


def test_matrices_are_let_go_once_they_are_written(shelf: Shelf) -> None:
    store = shelf.store(MOST_BYTES)
    packer = shelf.packed(store)
    matrix = weakref.ref(packer.packed[0])
    store.keep(shelf.model_file, packer)
    store.start()
    store.wait()

    del packer

    assert matrix() is None


def test_models_of_one_load_do_not_remove_each_other(shelf: Shelf, tmp_path: Path) -> None:
    files = [open_model(tiny_gguf(tmp_path / str(n), "llama", "Q8_0", seed=n)) for n in range(2)]
    keep_all(shelf.store(MOST_BYTES), files[0], shelf.kernels)
    (first,) = shelf.kept
    store = shelf.store(first.stat().st_size * 3 // 2)
    assert is_found(store, files[0], shelf.kernels)

    keep_all(store, files[1], shelf.kernels)

    assert shelf.kept == [first]


def test_two_processes_may_keep_the_same_model_at_once(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [shelf.store(MOST_BYTES)]
    write = PackedStore._write_piece

    def write_beside(self: PackedStore, file: BinaryIO, piece: NDArray[np.uint8]) -> None:
        if others:
            shelf.keep(others.pop())
        write(self, file, piece)

    monkeypatch.setattr(PackedStore, "_write_piece", write_beside)

    shelf.keep()

    assert len(shelf.kept) == 1
    assert shelf.has_it()


def test_file_that_another_process_has_mapped_leaves_nothing_behind(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.name.endswith(packed_folder.SUFFIX):
            raise PermissionError(13, "mapped")  # as Windows does
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)

    shelf.keep()

    assert not shelf.kept


@pytest.mark.parametrize("last", range(4))
def test_disk_that_fills_up_leaves_nothing_and_is_tried_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """A sync that fails: that of the first pieces, of later ones, and the one at the end."""
    calls, sync = iter(range(100)), os.fsync

    def sync_some(descriptor: int) -> None:
        if next(calls) == last:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(packed_store, "_PIECE_BYTES", 8192)
    monkeypatch.setattr(packed_store, "_SYNC_BYTES", 32768)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync_some)
        shelf.keep()
    assert next(calls) == last + 1
    assert not shelf.kept

    shelf.keep()

    assert shelf.has_it()


def test_folder_without_room_beside_what_is_in_use_is_left_alone(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_store, "make_room", lambda *_: False)

    shelf.keep()

    assert not shelf.kept


def test_lower_limit_holds_from_the_next_load_on(shelf: Shelf, tmp_path: Path) -> None:
    files = [open_model(tiny_gguf(tmp_path / str(n), "llama", "Q8_0", seed=n)) for n in range(2)]
    for file in files:
        keep_all(shelf.store(MOST_BYTES), file, shelf.kernels)
    for path in shelf.kept:
        os.utime(path, (0, 0))
    size = shelf.kept[0].stat().st_size

    keep_all(shelf.store(size), files[1], shelf.kernels)

    assert [is_found(shelf.store(0), file, shelf.kernels) for file in files] == [False, True]


def test_file_that_is_larger_than_a_lower_limit_goes(shelf: Shelf) -> None:
    shelf.keep()

    shelf.keep(shelf.store(1))

    assert not shelf.kept


def test_store_that_keeps_nothing_removes_nothing(shelf: Shelf) -> None:
    shelf.keep()

    shelf.keep(shelf.store(0))

    assert shelf.has_it()
