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

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.weights import packed_folder, packed_store
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.formats.model_file import ModelFile, open_model
from tests.support.packed_weights import (
    MOST_BYTES,
    MakeStore,
    keep_all,
    kept_in,
    matrices,
    pack_all,
)
from tests.support.tiny_models import tiny_gguf


class Usage(NamedTuple):
    free: int


def is_found(store: PackedStore, model_file: ModelFile, kernels: CpuKernels) -> bool:
    return pack_all(store.packer(model_file, kernels), model_file).mapped_bytes > 0


def test_packed_weights_are_found_by_the_next_load(
    make_store: MakeStore, model_file: ModelFile, kernels: CpuKernels, tmp_path: Path
) -> None:
    keep_all(make_store(MOST_BYTES), model_file, kernels)

    plain, kept = (make_store(0).packer(model_file, kernels) for _ in range(2))
    plain._kept = None

    for raw in matrices(model_file):
        assert torch.equal(kept.pack(raw).panels, plain.pack(raw).panels)
    (path,) = kept_in(tmp_path / "packed")
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
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    change: Callable[[Path], None],
) -> None:
    keep_all(make_store(MOST_BYTES), model_file, kernels)

    change(model_file.path)

    with closing(open_model(model_file.path)) as again:
        assert not is_found(make_store(MOST_BYTES), again, kernels)


@CHANGES
def test_model_that_changes_while_it_is_read_is_not_kept(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    change: Callable[[Path], None],
) -> None:
    store = make_store(MOST_BYTES)
    packer = pack_all(store.packer(model_file, kernels), model_file)

    change(model_file.path)
    store.keep(model_file, packer)
    store.start()
    store.wait()

    assert not kept_in(tmp_path / "packed")


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [_zeros, _short])
def test_damaged_file_is_removed_and_packed_anew(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    damage: Callable[[Path], None],
) -> None:
    keep_all(make_store(MOST_BYTES), model_file, kernels)
    damage(kept_in(tmp_path / "packed")[0])

    assert not is_found(make_store(0), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


@pytest.mark.parametrize("most_bytes", [0, 1000])
def test_nothing_is_written_beyond_the_limit(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    most_bytes: int,
) -> None:
    keep_all(make_store(most_bytes), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


def test_small_networks_are_not_kept(
    model_file: ModelFile, kernels: CpuKernels, tmp_path: Path
) -> None:
    keep_all(PackedStore(tmp_path / "packed", MOST_BYTES, delay_s=0.0), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


def test_least_recently_used_makes_room(
    make_store: MakeStore, kernels: CpuKernels, tmp_path: Path
) -> None:
    files = [open_model(tiny_gguf(tmp_path / str(n), "llama", "Q8_0", seed=n)) for n in range(3)]
    for file in files[:2]:
        keep_all(make_store(MOST_BYTES), file, kernels)
    sizes = [path.stat().st_size for path in kept_in(tmp_path / "packed")]
    for path in kept_in(tmp_path / "packed"):
        os.utime(path, (0, 0))
    assert is_found(make_store(0), files[0], kernels)  # used later than the other one

    keep_all(make_store(sum(sizes)), files[2], kernels)

    assert [is_found(make_store(0), file, kernels) for file in files] == [True, False, True]


def test_full_disk_is_left_alone(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(packed_store.SPARE_BYTES))

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


def test_folder_that_cannot_be_made_is_a_line_in_the_log(
    model_file: ModelFile, kernels: CpuKernels, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = PackedStore(tmp_path / "file" / "packed", MOST_BYTES, least_bytes=1, delay_s=0.0)

    with caplog.at_level(logging.WARNING):
        keep_all(store, model_file, kernels)

    assert "packed weights are not kept" in caplog.text


def test_folder_that_cannot_be_written_to_is_used(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_all(make_store(MOST_BYTES), model_file, kernels)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)

    assert is_found(make_store(0), model_file, kernels)


def test_end_gives_up_what_is_not_written_yet(
    model_file: ModelFile, kernels: CpuKernels, tmp_path: Path
) -> None:
    store = PackedStore(tmp_path / "packed", MOST_BYTES, least_bytes=1, delay_s=60.0)
    store.keep(model_file, pack_all(store.packer(model_file, kernels), model_file))
    store.start()

    store.stop()

    assert not kept_in(tmp_path / "packed")


def test_end_in_the_middle_leaves_no_part(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = make_store(MOST_BYTES)
    monkeypatch.setattr(packed_store, "_PIECE_BYTES", 4096)
    write = PackedStore._write_piece

    def stopped(self: PackedStore, file: BinaryIO, piece: NDArray[np.uint8]) -> None:
        self._is_stopped.set()
        write(self, file, piece)

    monkeypatch.setattr(PackedStore, "_write_piece", stopped)

    keep_all(store, model_file, kernels)

    assert not kept_in(tmp_path / "packed")


def test_model_that_is_gone_is_packed_and_not_kept(
    make_store: MakeStore, model_file: ModelFile, kernels: CpuKernels, tmp_path: Path
) -> None:
    model_file.path.unlink()

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


def test_wrong_weights_are_forgotten(
    make_store: MakeStore, model_file: ModelFile, kernels: CpuKernels, tmp_path: Path
) -> None:
    keep_all(make_store(MOST_BYTES), model_file, kernels)

    make_store(0).forget(model_file)

    assert not kept_in(tmp_path / "packed")


def test_matrices_are_let_go_once_they_are_written(
    make_store: MakeStore, model_file: ModelFile, kernels: CpuKernels
) -> None:
    store = make_store(MOST_BYTES)
    packer = pack_all(store.packer(model_file, kernels), model_file)
    matrix = weakref.ref(packer.packed[0])
    store.keep(model_file, packer)
    store.start()
    store.wait()

    del packer

    assert matrix() is None


def test_models_of_one_load_do_not_remove_each_other(
    make_store: MakeStore, kernels: CpuKernels, tmp_path: Path
) -> None:
    files = [open_model(tiny_gguf(tmp_path / str(n), "llama", "Q8_0", seed=n)) for n in range(2)]
    keep_all(make_store(MOST_BYTES), files[0], kernels)
    (first,) = kept_in(tmp_path / "packed")
    store = make_store(first.stat().st_size * 3 // 2)
    assert is_found(store, files[0], kernels)

    keep_all(store, files[1], kernels)

    assert kept_in(tmp_path / "packed") == [first]


def test_two_processes_may_keep_the_same_model_at_once(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = [make_store(MOST_BYTES)]
    write = PackedStore._write_piece

    def write_beside(self: PackedStore, file: BinaryIO, piece: NDArray[np.uint8]) -> None:
        if others:
            keep_all(others.pop(), model_file, kernels)
        write(self, file, piece)

    monkeypatch.setattr(PackedStore, "_write_piece", write_beside)

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert len(kept_in(tmp_path / "packed")) == 1
    assert is_found(make_store(0), model_file, kernels)


def test_file_that_another_process_has_mapped_leaves_nothing_behind(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.name.endswith(packed_folder.SUFFIX):
            raise PermissionError(13, "mapped")  # as Windows does
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert not kept_in(tmp_path / "packed")


@pytest.mark.parametrize("last", range(4))
def test_disk_that_fills_up_leaves_nothing_and_is_tried_again(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    last: int,
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
        keep_all(make_store(MOST_BYTES), model_file, kernels)
    assert next(calls) == last + 1
    assert not kept_in(tmp_path / "packed")

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert is_found(make_store(0), model_file, kernels)


def test_folder_without_room_beside_what_is_in_use_is_left_alone(
    make_store: MakeStore,
    model_file: ModelFile,
    kernels: CpuKernels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packed_store, "make_room", lambda *_: False)

    keep_all(make_store(MOST_BYTES), model_file, kernels)

    assert not kept_in(tmp_path / "packed")
