"""Memory for packed matrices, in the large pages that the system has only for large pieces."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels

PANEL_ALIGNMENT: Final = 64

# Matrices up to this size share memory. What is left of a piece of it at the end was never touched,
# and so never taken from the system.
_SMALL_PANELS_BYTES: Final = 1 << 23
_SHARED_BYTES: Final = 1 << 25


class PanelMemory:
    """Memory of large pages for the panels of many matrices.

    Only whole large pages, of 2 MiB as a rule, can be had; the matrices of an expert are smaller. In
    memory of their own experts took 1.37 times as long as side by side (Qwen3-30B-A3B's shape in Q4_K,
    a virtual machine of 2 Zen 4 cores).

    Args:
        kernels: Ask for large pages.
    """

    def __init__(self, kernels: CpuKernels) -> None:
        self._advise = kernels.library.functions.realm_advise_large_pages
        self._free = torch.empty(0, dtype=torch.uint8)

    def take(self, num_bytes: int) -> Tensor:
        """So many bytes, uint8, aligned for panels, holding anything; kept alive by themselves."""
        if num_bytes > _SMALL_PANELS_BYTES:
            return self._fresh(num_bytes)
        if num_bytes > self._free.numel():
            self._free = self._fresh(_SHARED_BYTES)
        taken = -(-num_bytes // PANEL_ALIGNMENT) * PANEL_ALIGNMENT
        panels, self._free = self._free[:num_bytes], self._free[taken:]
        return panels

    def _fresh(self, num_bytes: int) -> Tensor:
        memory = torch.empty(num_bytes, dtype=torch.uint8)
        self._advise(memory.data_ptr(), num_bytes)
        return memory
