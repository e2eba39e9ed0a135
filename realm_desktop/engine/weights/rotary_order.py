"""The order of the rows of q and k in which RoPE turns split halves of whole heads.

In NumPy: adapters are read in a thread that must not start torch's pool.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rotary_order(
    num_rows: int, head_dim: int, num_rotated: int, *, is_interleaved: bool
) -> NDArray[np.int64] | None:
    """Which row of the file each row becomes: [num_rows]; None if all rows stay.

    Queries and keys are reordered alike, which leaves their products as they are. Dimensions that
    RoPE does not turn stand in pairs as well, half of them behind each half of the others; their
    angles are 0.

    Args:
        num_rows: Of all heads, a multiple of `head_dim`.
        head_dim: Even.
        num_rotated: Dimensions of a head that RoPE turns, the first ones; even.
        is_interleaved: Whether the file has neighbouring dimensions as pairs, not those half of
            `num_rotated` apart.
    """
    dims = np.arange(head_dim)
    turned, still = dims[:num_rotated], dims[num_rotated:].reshape(2, -1)
    pairs = turned.reshape(-1, 2).T if is_interleaved else turned.reshape(2, -1)
    source = np.concatenate((pairs[0], still[0], pairs[1], still[1]))
    if (source == dims).all():
        return None
    first_rows = np.arange(0, num_rows, head_dim)[:, None]
    order: NDArray[np.int64] = (first_rows + source).reshape(-1)
    return order
