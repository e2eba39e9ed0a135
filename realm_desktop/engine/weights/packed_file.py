"""A file of packed matrices: what one load wrote down so that the next one maps it.

    magic 8 bytes | key 32 | number of matrices u64 | for each: type, rows, columns, u64 each
    | SHA-256 of all before | zeros | the matrices in that order, each at a multiple of 4096

The matrices have no names: a load packs them in an order that follows from the model file, and takes
them in the same order. Their bytes are the same for every instruction set. Engine thread, except
`header`, which the thread that writes the file calls.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import can_pack, packed_bytes
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.tensor_types import TensorType, from_ggml_id

MAGIC: Final = b"REALMPK1"
KEY_BYTES: Final = 32
ALIGNMENT: Final = 4096
"""Pages of memory, and more than any vector wants."""

_HEAD = struct.Struct(f"<{len(MAGIC)}s{KEY_BYTES}sQ")
_ROW = struct.Struct("<QQQ")
_DIGEST_BYTES = 32
# A network of 100 layers with 1,000 experts each has fewer.
_MAX_MATRICES = 1_000_000
_MAX_ROWS = 2**31


class KeptWeightsWrong(Exception):
    """What was kept of a model is not what its file says."""


class MatrixForm(NamedTuple):
    """What is known of a packed matrix without its bytes: type in the model file, [out, in]."""

    tensor_type: TensorType
    shape: tuple[int, int]


def header(key: bytes, forms: Sequence[MatrixForm]) -> bytes:
    """What stands in front of the matrices, zeros included."""
    rows = (_ROW.pack(form.tensor_type.ggml_id, *form.shape) for form in forms)
    head = _HEAD.pack(MAGIC, key, len(forms)) + b"".join(rows)
    head += hashlib.sha256(head).digest()
    return head.ljust(aligned(len(head)), b"\0")


def aligned(num_bytes: int) -> int:
    """The next multiple of the alignment."""
    return -(-num_bytes // ALIGNMENT) * ALIGNMENT


def read_forms(file: BinaryIO, key: bytes) -> list[MatrixForm] | None:
    """What a file holds; None if that is damaged, cut short, or kept of something else."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, found_key, count = _HEAD.unpack(head)
    if magic != MAGIC or found_key != key or not 0 < count <= _MAX_MATRICES:
        return None
    table, digest = file.read(count * _ROW.size), file.read(_DIGEST_BYTES)
    if len(table) < count * _ROW.size or hashlib.sha256(head + table).digest() != digest:
        return None
    forms: list[MatrixForm] = []
    for type_id, *shape in _ROW.iter_unpack(table):
        tensor_type = from_ggml_id(type_id)
        if tensor_type is None or shape[0] > _MAX_ROWS or not can_pack(tensor_type, shape):
            return None
        forms.append(MatrixForm(tensor_type, (shape[0], shape[1])))
    return forms


class KeptFile:
    """The matrices of a file, mapped, one after the other.

    Args:
        kernels: Knows how large they are.
        forms: What the file's header says.
        file: Open for reading; may be closed right after.
        path: Named in errors.

    Raises:
        KeptWeightsWrong: The file has not the size that follows from its header.
        ModelFileError: It cannot be mapped.
    """

    def __init__(
        self, kernels: CpuKernels, forms: Sequence[MatrixForm], file: BinaryIO, path: Path
    ) -> None:
        self._forms = forms
        self._sizes = [packed_bytes(kernels, *form) for form in forms]
        self._offset = len(header(b"", forms))
        self._next = 0
        num_bytes = self._offset + sum(aligned(size) for size in self._sizes)
        # Of the open file: another one may stand under the path by now.
        if os.fstat(file.fileno()).st_size != num_bytes:
            raise KeptWeightsWrong
        self._mapped_file = MappedFile(file, path, num_bytes)
        # Before the first page is looked at: the system then reads and maps large ones.
        whole = _tensor(self._mapped_file.view(0, num_bytes))
        kernels.library.functions.realm_advise_large_pages(whole.data_ptr(), num_bytes)

    @property
    def num_matrices(self) -> int:
        """How many it holds."""
        return len(self._forms)

    def take(self, form: MatrixForm) -> Tensor:
        """The bytes of the next matrix, read from the disk by then: uint8; must not be written to.

        They keep the mapping alive.

        Raises:
            KeptWeightsWrong: The next matrix has another form, there is none, or the disk fails.
        """
        if self._next >= len(self._forms) or self._forms[self._next] != form:
            raise KeptWeightsWrong
        offset, num_bytes = self._offset, self._sizes[self._next]
        self._next += 1
        self._offset += aligned(num_bytes)
        try:
            self._mapped_file.populate(offset, num_bytes)
        except OSError as error:
            raise KeptWeightsWrong from error
        return _tensor(self._mapped_file.view(offset, num_bytes))


def _tensor(view: memoryview) -> Tensor:
    return QTensor.from_bytes(view, TensorType.I8, (view.nbytes,)).data
