"""Models packed as a load packs them, and kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.formats.model_file import ModelFile

MOST_BYTES = 10**9

MakeStore = Callable[[int], PackedStore]
"""A store of the test's folder that may hold so many bytes."""


def matrices(model_file: ModelFile) -> list[QTensor]:
    """All quantized matrices of a file."""
    return [
        QTensor.from_bytes(model_file.tensor_bytes(name), entry.tensor_type, entry.shape)
        for name, entry in model_file.tensors.items()
        if entry.tensor_type.is_quantized
    ]


def pack_all(packer: Packer, model_file: ModelFile) -> Packer:
    """Pack every matrix; the packer."""
    for matrix in matrices(model_file):
        packer.pack(matrix)
    return packer


def keep_all(store: PackedStore, model_file: ModelFile, kernels: CpuKernels) -> None:
    """Pack a file as a load does, and keep what was packed, until that is written."""
    store.keep(model_file, pack_all(store.packer(model_file, kernels), model_file))
    store.start()
    store.wait()


def kept_in(folder: Path) -> list[Path]:
    """What a folder holds, whole or not; nothing if it was never made."""
    return sorted(folder.glob("*"))
