"""Models packed as a load packs them, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shelf:
    """A model, and the folder where its packed weights are kept."""

    store: MakeStore
    model_file: ModelFile
    kernels: CpuKernels

    def packed(self, store: PackedStore) -> Packer:
        """What a load with this store packs."""
        return pack_all(store.packer(self.model_file, self.kernels), self.model_file)

    def keep(self, store: PackedStore | None = None) -> None:
        """What a load does, with this store or one of its own, until all is written."""
        keep_all(store or self.store(MOST_BYTES), self.model_file, self.kernels)

    def has_it(self) -> bool:
        """Whether a load that keeps nothing finds the weights."""
        return is_found(self.store(0), self.model_file, self.kernels)

    @property
    def kept(self) -> list[Path]:
        """What lies in the folder."""
        return kept_in(self.model_file.path.parent / "packed")


def is_found(store: PackedStore, model_file: ModelFile, kernels: CpuKernels) -> bool:
    """Whether a load maps kept weights; it takes them all."""
    return pack_all(store.packer(model_file, kernels), model_file).mapped_bytes > 0
