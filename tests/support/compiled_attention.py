"""Compiles the Triton kernels of attention for cards that are not here: prints what came out as JSON.

The backend launches them as it would, over tensors of the CPU; a driver without a card compiles and
starts nothing. For each target, network and kernel: [bytes of machine code, bytes of shared memory].
With `--all` every size of heads for every target.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, Final

import torch
from triton.backends.compiler import GPUTarget
from triton.runtime.driver import driver
from triton.runtime.jit import JITFunction

from realm_desktop.engine.attention.triton_paged import TritonPagedAttention
from tests.support.mixed_attention import Network, Rows, mixed_step

TARGETS: Final = {
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_90": GPUTarget("cuda", 90, 32),
    "sm_120": GPUTarget("cuda", 120, 32),
    "gfx90a": GPUTarget("hip", "gfx90a", 64),
}
SHORT: Final = {
    "sm_80": {"sinks": Network((8, 2, 128), dtype=torch.bfloat16, has_sinks=True)},
    "sm_90": {"8 bits": Network((3, 1, 80), dtype=torch.float16, storage="int8", softcap=5.0)},
}
"""A network for each way of multiplying; all of them take minutes."""

Report = dict[str, list[int]]


class AbsentCard:
    """What Triton asks of a driver before it starts a kernel."""

    def __init__(self, target: GPUTarget) -> None:
        self._target = target

    def get_current_target(self) -> GPUTarget:
        """What is compiled for."""
        return self._target

    def get_current_device(self) -> int:
        """A number for each target: what is compiled is kept by it."""
        return list(TARGETS.values()).index(self._target)

    def get_current_stream(self, device: int) -> int:
        """The first."""
        return 0


def every_network() -> dict[str, Network]:
    """Every size of heads in bfloat16, plain and as 8 bits with all features; and float32."""
    found = {}
    for head_dim in (64, 80, 96, 128, 256):
        heads = (8, 2, head_dim)
        found[f"{head_dim}"] = Network(heads, dtype=torch.bfloat16)
        found[f"{head_dim}, 8 bits"] = Network(
            heads, softcap=5.0, has_sinks=True, storage="int8", dtype=torch.bfloat16
        )
        found[f"{head_dim}, float32"] = Network(heads)
    return found


def compiled(network: Network, target: GPUTarget) -> Report:
    """The kernels that a step launches."""
    found: Report = {}

    def launch(kernel: Any, grid: tuple[int, ...]) -> Callable[..., None]:
        def compile_only(*values: Any, **options: Any) -> None:
            binary = kernel.run(*values, grid=grid, warmup=True, **options)
            code = binary.asm["hsaco" if target.backend == "hip" else "cubin"]
            found[kernel.fn.__name__] = [len(code), binary.metadata.shared]

        return compile_only

    JITFunction.__getitem__ = launch
    driver.set_active(AbsentCard(target))
    mixed_step(network, (Rows(600, 1), Rows(0, 3))).attend(TritonPagedAttention())
    return found


def main() -> None:
    """The kernel that attends, and the one that joins."""
    is_all = "--all" in sys.argv
    wanted = dict.fromkeys(TARGETS, every_network()) if is_all else SHORT
    found = {
        f"{target} {name} {kernel}": sizes
        for target, networks in wanted.items()
        for name, network in networks.items()
        for kernel, sizes in compiled(network, TARGETS[target]).items()
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
