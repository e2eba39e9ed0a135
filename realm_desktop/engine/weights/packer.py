"""Matrices of one model file in the layout of the kernels: kept by an earlier load, or packed now.

What was kept is not believed: of some matrices one panel is packed again and compared. That finds a
model file that changed behind its date, another layout, and blocks that never reached the disk, for
the price of reading some megabytes. Runs on the engine thread.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PANEL_ROWS, PackedMatrix, pack
from realm_desktop.engine.kernels.panel_memory import PanelMemory
from realm_desktop.engine.weights.lazy_matrix import FileMatrix
from realm_desktop.engine.weights.packed_file import KeptFile, KeptWeightsWrong, MatrixForm

# Each comparison reads up to 16 rows of the model file, wherever they lie. A network of experts has
# thousands of matrices, and a disk that turns answers a hundred such questions in a second.
_MOST_COMPARED = 32


class Packer:
    """Packs the matrices of one model file, in the order in which a load asks for them.

    Args:
        kernels: What will compute with them.
        kept: What an earlier load of the file left; None packs everything.
        keeps: Whether what is packed is remembered for `packed`.

    Attributes:
        kernels: As given.
        packed: What was packed, in order; empty unless `keeps`.
        mapped_bytes: Memory of the matrices that lie in `kept`.
    """

    def __init__(
        self, kernels: CpuKernels, kept: KeptFile | None = None, *, keeps: bool = False
    ) -> None:
        self.kernels = kernels
        self.packed: list[PackedMatrix] = []
        self.mapped_bytes = 0
        self._kept = kept
        self._keeps = keeps
        self._memory = PanelMemory(kernels)
        # Other panels at each load: what one does not look at the next one may.
        self._random = random.Random()

    def pack(
        self,
        raw: FileMatrix,
        source_rows: Tensor | None = None,
        on_piece: Callable[[int], None] = lambda _num_values: None,
    ) -> PackedMatrix:
        """The next matrix.

        Args:
            raw: [out, in], the file's own bytes; only looked at where they have to be.
            source_rows: See `packed_matrix.pack`.
            on_piece: Likewise.

        Raises:
            KeptWeightsWrong: What was kept differs from the file.
            ValueError: Such a matrix cannot be packed.
        """
        num_rows, num_columns = raw.shape
        shape = (num_rows, num_columns)
        if self._kept is not None:
            matrix = self._kept_matrix(self._kept, MatrixForm(raw.tensor_type, shape))
            chance = _MOST_COMPARED / self._kept.num_matrices
            if self._random.random() < chance:
                self._compare_one_panel(matrix, raw, source_rows)
            on_piece(raw.num_values)
            return matrix
        matrix = pack(
            self.kernels,
            raw.data,
            raw.tensor_type,
            shape,
            source_rows=source_rows,
            on_piece=on_piece,
            memory=self._memory,
        )
        if self._keeps:
            self.packed.append(matrix)
        return matrix

    def _kept_matrix(self, kept: KeptFile, form: MatrixForm) -> PackedMatrix:
        panels = kept.take(form)
        self.mapped_bytes += panels.numel()
        return PackedMatrix(self.kernels, *form, panels)

    def _compare_one_panel(
        self, matrix: PackedMatrix, raw: FileMatrix, source_rows: Tensor | None
    ) -> None:
        num_rows, num_columns = matrix.shape
        number = self._random.randrange(-(-num_rows // PANEL_ROWS))
        first, last = number * PANEL_ROWS, min((number + 1) * PANEL_ROWS, num_rows)
        rows = raw.raw_rows()
        own = rows[first:last] if source_rows is None else rows[source_rows[first:last]]
        shape = (last - first, num_columns)
        again = pack(self.kernels, own.reshape(-1), raw.tensor_type, shape).panels
        start = number * again.numel()
        if not torch.equal(again, matrix.panels[start : start + again.numel()]):
            raise KeptWeightsWrong
