"""The forms in which the weight of a linear layer is kept."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from realm_desktop.engine.kernels.packed_matrix import PackedMatrix
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.tensor import QTensor


@dataclass(frozen=True, slots=True)
class RawMatrices:
    """Matrices on top of each other as a file has them.

    On a GPU all that are quantized; on the CPU weights that are rarely used, such as those of an expert,
    where no kernel takes them packed.

    Attributes:
        matrices: At least 1, with equally many columns; they own their memory.
        products: What multiplies with them where they lie; None dequantizes them for each product.
    """

    matrices: tuple[QTensor, ...]
    products: BlockProducts | None = None


LinearWeight = Tensor | tuple[PackedMatrix, ...] | RawMatrices
"""[out, in], contiguous, on the device to compute on; or packed matrices on top of each other; or
such as a file has."""
