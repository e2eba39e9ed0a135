"""Packed weights kept on disk, so that the next load of a model maps them instead of packing.

One folder, one file for each model file. A file appears under its name once it is whole. Written by a
thread of its own at the lowest priority, a piece at a time with rests, while the engine already
answers; everything else runs on the engine thread.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

import realm_desktop
from realm_desktop.engine.kernels.library import ABI_VERSION, CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix
from realm_desktop.engine.weights.packed_file import (
    MAGIC,
    KeptFile,
    KeptWeightsWrong,
    MatrixForm,
    aligned,
    header,
    read_forms,
)
from realm_desktop.engine.weights.packed_folder import SUFFIX, make_room, remove
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.errors import ExportError, ModelFileError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.whole_file import whole_file

logger = logging.getLogger(__name__)

SPARE_BYTES: Final = 8 * 2**30
"""What stays free on the disk: a convenience must not be what fills it."""

LEAST_BYTES: Final = 64 * 2**20
"""Smaller networks are packed in a tenth of a second, and not kept."""

START_DELAY_S: Final = 10.0
"""The first answers after a load have the memory and the disk for themselves."""

# Written at once: large enough that Linux keeps the file in large pages, and maps it as such.
_PIECE_BYTES = 4 << 20
# How much may wait for the disk: so long lasts the last sync, which an end has to wait for.
_SYNC_BYTES = 64 << 20
# For each second of writing so many of rest: about a tenth of what the disk and the memory can do.
_REST = 4.0
# On a busy machine most of that second is waiting for a turn, which others had already.
_MOST_REST_S = 0.25
_LOWEST_NICENESS = 19
_NAME_CHARACTERS = 48


class _Work(NamedTuple):
    """A file to write."""

    key: bytes
    file_name: str
    matrices: Sequence[PackedMatrix]

    @property
    def num_bytes(self) -> int:
        """Of the file."""
        sizes = sum(aligned(matrix.num_bytes) for matrix in self.matrices)
        return len(self.header) + sizes

    @property
    def header(self) -> bytes:
        """In front of the matrices."""
        return header(self.key, [MatrixForm(m.tensor_type, m.shape) for m in self.matrices])


class PackedStore:
    """The folder of kept weights, for the models of one load.

    Args:
        folder: Made when it is needed.
        most_bytes: Of all files in it. With 0 what is there is used, and nothing is written.
        least_bytes: Of a file that is worth keeping.
        delay_s: Between `start` and the first byte that is written.
    """

    def __init__(
        self,
        folder: Path,
        most_bytes: int,
        *,
        least_bytes: int = LEAST_BYTES,
        delay_s: float = START_DELAY_S,
    ) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._least_bytes = least_bytes
        self._delay_s = delay_s
        self._work: list[_Work] = []
        # Files of this load: two models that do not fit together would remove each other every time.
        self._in_use: set[str] = set()
        self._thread: threading.Thread | None = None
        self._is_stopped = threading.Event()

    def packer(self, model_file: ModelFile, kernels: CpuKernels) -> Packer:
        """What packs the matrices of a file, with what was kept of it if that is whole."""
        key = _key(model_file)
        kept = self._find(self._folder / _name(model_file, key), key, kernels)
        return Packer(kernels, kept, keeps=kept is None and self._most_bytes > 0)

    def forget(self, model_file: ModelFile) -> None:
        """Remove what was kept of a file: it is wrong. Nothing may have it mapped (Windows)."""
        name = _name(model_file, _key(model_file))
        logger.warning("the packed weights %s are wrong; they are packed anew", quote(name))
        self._in_use.discard(name)
        remove(self._folder / name)

    def keep(self, model_file: ModelFile, packer: Packer) -> None:
        """Write at `start` what was packed of a file, if it is worth it."""
        key = _key(model_file)
        work = _Work(key, _name(model_file, key), tuple(packer.packed))
        if not packer.packed or not self._least_bytes <= work.num_bytes <= self._most_bytes:
            return
        # What was written to a file while it was read is half in the matrices.
        if all(stamp.is_current() for stamp in model_file.stamps):
            self._work.append(work)

    def start(self) -> None:
        """Begin to write what is to be kept, and to remove what a lower limit has no room for."""
        if self._most_bytes > 0:
            self._thread = threading.Thread(
                target=self._write_all, name="packed-store", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Give up what is not written yet; the matrices are not used any more when this returns."""
        self._is_stopped.set()
        self.wait()
        self._work.clear()

    def wait(self) -> None:
        """Until all is written."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _find(self, path: Path, key: bytes, kernels: CpuKernels) -> KeptFile | None:
        try:
            with path.open("rb") as file:
                forms = read_forms(file, key)
                kept = None if forms is None else KeptFile(kernels, forms, file, path)
        except FileNotFoundError:
            return None
        except (OSError, ModelFileError) as error:
            logger.info("packed weights %s are not used: %s", quote(path.name), error)
            return None
        except KeptWeightsWrong:
            kept = None
        if kept is None:
            logger.warning("the packed weights %s are damaged and removed", quote(path.name))
            remove(path)
            return None
        self._in_use.add(path.name)
        with suppress(OSError):  # of a folder that cannot be written to
            os.utime(path)  # what was used last is removed last
        return kept

    def _write_all(self) -> None:
        _lower_priority()
        if self._is_stopped.wait(self._delay_s):
            return
        try:
            # What is in use too: it was used last, and goes only where it alone is too much.
            make_room(self._folder, self._most_bytes, ())
            for work in self._work:
                self._write(work)
        except _Stopped:
            return
        except (OSError, ExportError) as error:
            logger.warning("packed weights are not kept: %s", error)
        finally:
            # Matrices that the network has given up since would stay in memory for nothing.
            self._work.clear()

    def _write(self, work: _Work) -> None:
        path, num_bytes = self._folder / work.file_name, work.num_bytes
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._in_use.add(work.file_name)
        if path.exists():  # another process was faster
            return
        if not make_room(self._folder, self._most_bytes - num_bytes, self._in_use):
            logger.info("packed weights are not kept: too many others are")
            return
        if shutil.disk_usage(self._folder).free < num_bytes + SPARE_BYTES:
            logger.info("packed weights are not kept: the disk is too full")
            return
        started_s = time.monotonic()
        # Several processes may keep the same model at once; each writes a file of its own. Not named by
        # the process: in containers that share a folder, processes have the same numbers.
        own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with whole_file(own, num_bytes) as file:
            self._write_pieces(file, _parts(work))
        try:
            own.replace(path)
        except OSError:  # Windows: another process was faster and has mapped its file
            remove(own)
            raise
        seconds = time.monotonic() - started_s
        logger.info(
            "kept packed weights: %s, %.0f MB in %.1f s", path.name, num_bytes / 1e6, seconds
        )

    def _write_pieces(self, file: BinaryIO, parts: Iterator[NDArray[np.uint8]]) -> None:
        """In pieces that begin at multiples of their size."""
        piece = np.empty(_PIECE_BYTES, np.uint8)
        filled = 0
        for part in parts:
            taken = 0
            while taken < len(part):
                count = min(len(part) - taken, _PIECE_BYTES - filled)
                piece[filled : filled + count] = part[taken : taken + count]
                taken, filled = taken + count, filled + count
                if filled == _PIECE_BYTES:
                    self._write_piece(file, piece)
                    filled = 0
        self._write_piece(file, piece[:filled])

    def _write_piece(self, file: BinaryIO, piece: NDArray[np.uint8]) -> None:
        started_s = time.monotonic()
        file.write(piece.data)
        if file.tell() % _SYNC_BYTES == 0:
            os.fsync(file.fileno())
        rest_s = min(_REST * (time.monotonic() - started_s), _MOST_REST_S)
        if self._is_stopped.wait(rest_s):
            raise _Stopped


class _Stopped(Exception):
    """Nobody wants the rest written any more."""


def _key(model_file: ModelFile) -> bytes:
    """Of a model as its files were when they were opened, and of what packs it."""
    digest = hashlib.sha256(f"{MAGIC!r} {ABI_VERSION} {realm_desktop.__version__}\0".encode())
    entries = (
        (own.name, own.tensor_type, own.shape, own.offset) for own in model_file.tensors.values()
    )
    for facts in (*model_file.stamps, *entries):
        digest.update(repr(facts).encode())
    return digest.digest()


def _name(model_file: ModelFile, key: bytes) -> str:
    """Of the kept file; begins like the model's, so that users know it."""
    stem = re.sub(r"[^\w.-]", "_", model_file.path.stem)[:_NAME_CHARACTERS]
    return f"{stem}-{key.hex()[:16]}{SUFFIX}"


def _parts(work: _Work) -> Iterator[NDArray[np.uint8]]:
    """The bytes of the file, gaps included."""
    yield np.frombuffer(work.header, np.uint8)
    for matrix in work.matrices:
        yield matrix.panels.numpy()
        yield np.zeros(aligned(matrix.num_bytes) - matrix.num_bytes, np.uint8)


def _lower_priority() -> None:
    """Of this thread alone; Linux has priorities of threads, others rest between pieces."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_NICENESS)
