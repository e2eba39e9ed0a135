"""Quantized matrices in the layout of the CPU kernels, and products with them.

Every pointer the library gets is made here, from tensors whose device, type, shape and stride were
checked. Packed values are the file's own: no rounding happens beside that of the activations, which
become 8-bit integers with one scale for every 32 values of a row. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.kernels.formats import FORMATS, grid_codes
from realm_desktop.engine.kernels.library import MAX_THREADS, CpuKernels, Product, Segment
from realm_desktop.engine.kernels.panel_memory import PANEL_ALIGNMENT, PanelMemory
from realm_desktop.formats.tensor_types import TensorType

FLOAT_TYPES: Final = MappingProxyType({torch.float32: 0, torch.bfloat16: 1})
"""Dtypes of activations and results, likewise."""

MAX_COLUMNS: Final = 1 << 24
MAX_MATRICES: Final = 8

PANEL_ROWS: Final = 16
"""Rows of a matrix that are packed together; the bytes of a panel follow from its rows alone."""

_ACTIVATION_VALUES = 32

# What a piece of packing takes: some tens of milliseconds, so that a load can be ended and watched.
_PIECE_VALUES = 1 << 24

_MAX_KEPT_ROWS = 32

_BAD_ARGUMENT = 1
_OUT_OF_MEMORY = 2


def can_pack(tensor_type: TensorType, shape: Sequence[int]) -> bool:
    """Whether a tensor of the file can be packed."""
    if tensor_type not in FORMATS or len(shape) != 2 or not 0 < shape[1] <= MAX_COLUMNS:
        return False
    return shape[0] > 0 and shape[1] % tensor_type.block_size == 0


class PackedMatrix:
    """One quantized matrix, packed.

    Args:
        kernels: The library that packed it and computes with it.
        tensor_type: Of the file.
        shape: [out, in].
        panels: The packed bytes: uint8, aligned to 64 bytes; taken over.

    Raises:
        ValueError: The bytes are not those of such a matrix.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        tensor_type: TensorType,
        shape: tuple[int, int],
        panels: Tensor,
    ) -> None:
        needed = packed_bytes(kernels, tensor_type, shape)
        check_memory(panels, torch.uint8, needed, "packed weights")
        if panels.data_ptr() % PANEL_ALIGNMENT:
            raise ValueError(
                f"packed weights at {panels.data_ptr():#x}: 64-byte alignment expected"
            )
        self.kernels = kernels
        self.tensor_type = tensor_type
        self.shape = shape
        self.panels = panels

    @property
    def num_bytes(self) -> int:
        """Memory of the packed form."""
        return self.panels.numel()

    def take_rows(self, row_ids: Tensor, dtype: torch.dtype) -> Tensor:
        """[n, in] of `dtype`: the rows named by `row_ids` [n] int64, the bits of dequantizing them.

        Raises:
            ValueError: Ids of another type or outside the matrix, or a dtype that is not supported.
        """
        ids = row_ids.contiguous()
        check_memory(ids, torch.int64, ids.numel(), "row ids")
        rows = torch.empty(ids.numel(), self.shape[1], dtype=dtype)
        status = self.kernels.library.functions.realm_take_rows(
            FORMATS[self.tensor_type],
            self.panels.data_ptr(),
            *self.shape,
            ids.data_ptr(),
            ids.numel(),
            rows.data_ptr(),
            float_type(dtype),
        )
        # The library looks at each id itself: a look from here would cost a pass over them all.
        check_status(status, f"rows of a matrix of {self.shape[0]}")
        return rows


def packed_bytes(kernels: CpuKernels, tensor_type: TensorType, shape: Sequence[int]) -> int:
    """Memory that a packed matrix takes.

    Raises:
        ValueError: Such a matrix cannot be packed.
    """
    if not can_pack(tensor_type, shape):
        raise ValueError(f"a tensor {tensor_type} of shape {list(shape)} cannot be packed")
    functions = kernels.library.functions
    return int(functions.realm_packed_bytes(FORMATS[tensor_type], *shape))


def pack(
    kernels: CpuKernels,
    raw: Tensor,
    tensor_type: TensorType,
    shape: tuple[int, int],
    *,
    source_rows: Tensor | None = None,
    on_piece: Callable[[int], None] = lambda _num_values: None,
    memory: PanelMemory | None = None,
) -> PackedMatrix:
    """Pack a matrix from the bytes of its file.

    Args:
        kernels: What will compute with it.
        raw: The file's bytes, uint8, contiguous; only read.
        tensor_type: How they are to be read.
        shape: [out, in].
        source_rows: [out] int64, the row of the file that each row becomes; None keeps the order.
        on_piece: Told the number of values packed since the last call; may raise to end it.
        memory: Where the panels go; None takes memory for them alone.

    Raises:
        ValueError: Bytes, shape or row numbers contradict each other.
    """
    num_bytes = packed_bytes(kernels, tensor_type, shape)
    _check_source(raw, tensor_type, shape, source_rows)
    panels = (memory or PanelMemory(kernels)).take(num_bytes)
    rows, columns = shape
    num_panels = -(-rows // PANEL_ROWS)
    piece = max(1, _PIECE_VALUES // (PANEL_ROWS * columns))
    for first in range(0, num_panels, piece):
        last = min(first + piece, num_panels)
        _pack_panels(kernels, raw, tensor_type, shape, source_rows, range(first, last), panels)
        on_piece((min(last * PANEL_ROWS, rows) - first * PANEL_ROWS) * columns)
    return PackedMatrix(kernels, tensor_type, shape, panels)


class PackedProduct:
    """`x Wᵀ + b`, W being packed matrices on top of each other.

    The bits of a row of the result follow from that row of `x` alone, whatever the number of rows
    and of threads: each row is quantized by itself and summed in one fixed order.

    Args:
        matrices: At least 1, at most 8, with equally many columns and the same kernels.
        bias: [out], any float dtype on the CPU, or None.
        is_result_kept: Whether a result of few rows may lie where the one before lay.

    Raises:
        ValueError: The parts do not fit together.
    """

    def __init__(
        self,
        matrices: Sequence[PackedMatrix],
        bias: Tensor | None = None,
        *,
        is_result_kept: bool = False,
    ) -> None:
        if not 1 <= len(matrices) <= MAX_MATRICES:
            raise ValueError(f"{len(matrices)} matrices; 1 to {MAX_MATRICES} expected")
        columns = {matrix.shape[1] for matrix in matrices}
        if len(columns) != 1 or len({id(matrix.kernels.library) for matrix in matrices}) != 1:
            raise ValueError(f"matrices with {sorted(columns)} columns cannot share a product")
        self.in_features = columns.pop()
        self.out_features = sum(matrix.shape[0] for matrix in matrices)
        self._matrices = tuple(matrices)
        self._kernels = matrices[0].kernels
        self._bias = None if bias is None else bias.float().contiguous()
        if self._bias is not None:
            check_memory(self._bias, torch.float32, self.out_features, "bias")
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._segments = (Segment * len(matrices))(
            *(
                Segment(matrix.panels.data_ptr(), matrix.shape[0], FORMATS[matrix.tensor_type], 0)
                for matrix in matrices
            )
        )
        self._result = ResultRows(self.out_features, is_kept=is_result_kept)
        self._function = self._kernels.library.functions.realm_multiply
        # Kept from call to call: filling a structure anew takes longer than a row of a small matrix.
        self._call = Product(
            segments=self._segments,
            bias=None if self._bias is None else self._bias.data_ptr(),
            columns=self.in_features,
            y_stride=self.out_features,
            num_segments=len(self._segments),
            instruction_set=self._kernels.set_index,
        )
        self._reference = ctypes.byref(self._call)

    @property
    def call(self) -> Product:
        """The matrices and the bias, for other calls that take them; it lives as long as this."""
        return self._call

    @property
    def num_bytes(self) -> int:
        """Memory of the packed weights."""
        return sum(matrix.num_bytes for matrix in self._matrices)

    def __call__(self, x: Tensor) -> Tensor:
        """[T, out] of the dtype of `x`: [T, in], float32 or bfloat16 on the CPU, T at least 1.

        A row with a NaN or an infinity gives NaN in every column; other rows do not notice. Valid
        until the next call if results are kept.

        Raises:
            ValueError: `x` has another device, dtype or shape.
        """
        columns = self.in_features
        if x.dim() != 2 or x.shape[0] < 1 or x.shape[1] != columns:
            raise ValueError(f"activations {list(x.shape)}; [1 or more, {columns}] expected")
        if not x.is_cpu:
            raise ValueError(f"activations on {x.device}; cpu expected")
        # Columns cut from wider rows are read where they lie.
        x_stride = columns
        if not x.is_contiguous():
            if x.stride(1) != 1 or x.stride(0) < columns:
                x = x.contiguous()
            x_stride = max(x.stride(0), columns)
        y = self._result.take(x.shape[0], x.dtype)
        call = self._call
        call.x = x.data_ptr()
        call.y = y.data_ptr()
        call.num_tokens = x.shape[0]
        call.x_stride = x_stride
        call.x_type = call.y_type = FLOAT_TYPES[x.dtype]
        call.num_threads = num_threads()
        status = self._function(self._reference)
        if status:
            # A sentence for every product of a step would take a microsecond each.
            check_status(status, f"a product of {list(x.shape)} with {self.out_features} rows")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, y)
        return y


class ResultRows:
    """Where a kernel puts its result: new memory, or for few rows that of the call before.

    Taking memory for a single row of a small network takes as long as computing it. Every number of
    few rows shares one piece: a recording for each of 1 to 16 rows with memory of its own would hold
    136 rows of every layer: 1.3 GB by the shapes of an 8B Llama in float32.

    Args:
        width: Of a row.
        is_kept: Whether a tensor may be given out again.
    """

    def __init__(self, width: int, *, is_kept: bool) -> None:
        self._width = width
        self._most_kept = _MAX_KEPT_ROWS if is_kept else 0
        self._memory = self._last = torch.empty(0, width)

    def take(self, num_rows: int, dtype: torch.dtype) -> Tensor:
        """[num_rows, width] of the CPU, contiguous, holding anything.

        Raises:
            ValueError: The library does not know the dtype.
        """
        last = self._last
        if num_rows == last.shape[0] and dtype is last.dtype:
            return last
        float_type(dtype)
        with torch.inference_mode(False):  # so that it may be changed in place outside of it too
            if num_rows > self._most_kept:
                return torch.empty(num_rows, self._width, dtype=dtype)
            if dtype is not self._memory.dtype or not len(self._memory):
                # Pages of rows that nobody asks for are never touched.
                self._memory = torch.empty(self._most_kept, self._width, dtype=dtype)
            self._last = self._memory[:num_rows]
        return self._last


def quantize_activations(kernels: CpuKernels, x: Tensor) -> tuple[Tensor, Tensor]:
    """What a product makes of its activations: int8 [T, in] and float32 scales [T, in / 32].

    Args:
        kernels: What computes.
        x: [T, in] float32, contiguous, `in` a multiple of 32.

    Raises:
        ValueError: `x` is something else.
    """
    if x.dim() != 2 or x.shape[1] % _ACTIVATION_VALUES:
        raise ValueError(f"activations {list(x.shape)}; a multiple of 32 columns expected")
    check_memory(x, torch.float32, x.numel(), "activations")
    q = torch.empty(x.shape, dtype=torch.int8)
    scales = torch.empty(x.shape[0], x.shape[1] // _ACTIVATION_VALUES)
    status = kernels.library.functions.realm_quantize(
        kernels.set_index, x.data_ptr(), *x.shape, q.data_ptr(), scales.data_ptr()
    )
    check_status(status, f"quantizing {list(x.shape)}")
    return q, scales


def num_threads() -> int:
    """Threads of the kernels: as many as torch computes with; the caller's is one of them."""
    return min(torch.get_num_threads(), MAX_THREADS)


def float_type(dtype: torch.dtype) -> int:
    """The library's number for a dtype of activations.

    Raises:
        ValueError: The library does not know the dtype.
    """
    if dtype not in FLOAT_TYPES:
        raise ValueError(f"dtype {dtype}; float32 or bfloat16 expected")
    return FLOAT_TYPES[dtype]


def check_memory(tensor: Tensor, dtype: torch.dtype, num_values: int, what: str) -> None:
    """Raise ValueError unless the library can read so many values in a row."""
    if tensor.dtype is not dtype or not tensor.is_cpu or not tensor.is_contiguous():
        raise ValueError(
            f"{what}: {tensor.dtype} on {tensor.device}, contiguous {tensor.is_contiguous()}; "
            f"{dtype} on cpu in one piece expected"
        )
    if tensor.numel() != num_values:
        raise ValueError(f"{what}: {tensor.numel()} values; {num_values} expected")


def check_status(status: int, what: str) -> None:
    """Raise what a status of the library means: MemoryError or ValueError."""
    if status == _OUT_OF_MEMORY:
        raise MemoryError(f"no memory for {what}")
    if status == _BAD_ARGUMENT:
        raise ValueError(f"{what}: the native library refuses its arguments")


def _check_source(
    raw: Tensor, tensor_type: TensorType, shape: tuple[int, int], source_rows: Tensor | None
) -> None:
    rows, columns = shape
    check_memory(raw, torch.uint8, rows * tensor_type.num_bytes(columns), "bytes of the file")
    if source_rows is not None:
        check_memory(source_rows, torch.int64, rows, "source rows")
        # Here and not in the library, which reads the file's bytes wherever a number leads.
        if int(source_rows.min()) < 0 or int(source_rows.max()) >= rows:
            raise ValueError(f"source rows outside 0 to {rows - 1}")


def _pack_panels(
    kernels: CpuKernels,
    raw: Tensor,
    tensor_type: TensorType,
    shape: tuple[int, int],
    source_rows: Tensor | None,
    numbers: range,
    panels: Tensor,
) -> None:
    """Pack some of a matrix's panels, by their numbers, to where they belong."""
    grid = grid_codes(tensor_type)
    status = kernels.library.functions.realm_pack(
        FORMATS[tensor_type],
        raw.data_ptr(),
        grid.data_ptr(),
        grid.numel(),
        *shape,
        None if source_rows is None else source_rows.data_ptr(),
        numbers.start,
        numbers.stop,
        panels.data_ptr(),
        num_threads(),
    )
    check_status(status, f"packing a matrix {tensor_type} of shape {list(shape)}")
