"""Compiles the kernels of quantization blocks for cards that are not here: prints what came out as JSON.

For compute capabilities 80 and 90 and each kernel and type: [bytes of the
machine code, bytes of shared memory].
"""

from __future__ import annotations

import json
import sys
from typing import Any

from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile  # noqa: A004  (its name there)

from realm_desktop.engine.kernels.gpu import triton_products
from realm_desktop.formats.tensor_types import TensorType

_POINTERS = {"x": "*bf16", "blocks": "*u8", "table": "*i8", "bias": "*bf16", "parts": "*fp32"}
_POINTERS |= {"row_ids": "*i64", "target": "*bf16", "y": "*bf16"}
# Large steps are divisible, as they are at run time: loads then become wide.
_DIVISIBLE = ("x_stride", "part_stride", "row_stride", "y_stride", "target_stride")
# Scales of scales, and a table with all that can go with it; every type takes half a minute.
_SOME = {80: [TensorType.Q4_K], 90: [TensorType.IQ4_NL]}


def compiled(kernel: Any, constants: dict[str, Any], capability: int) -> list[int]:
    """Size of the code, and shared memory, of one kernel."""
    names = kernel.arg_names
    signature = {
        name: "constexpr" if name in constants else _POINTERS.get(name, "i32") for name in names
    }
    divisible = [
        (index,) for index, name in enumerate(names) if name in _POINTERS or name in _DIVISIBLE
    ]
    attributes = {place: [["tt.divisibility", 16]] for place in divisible}
    source = ASTSource(kernel, signature=signature, constexprs=constants, attrs=attributes)
    options = {"num_warps": 4, "enable_fp_fusion": False}
    found = compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    return [len(found.asm["cubin"]), found.metadata.shared]


def report(capability: int, types: list[TensorType]) -> dict[str, list[int]]:
    """All kernels, for these types."""
    found = {}
    for kind in types:
        constants = triton_products.layout_of(kind)
        constants.pop("enable_fp_fusion")
        own = {**constants, "has_bias": True, "rows": 16, "outputs": 32}
        found[f"{kind} product"] = compiled(triton_products.multiply_tile, own, capability)
        own = {**constants, "has_ids": True, "rows": 16}
        found[f"{kind} values"] = compiled(triton_products.write_rows, own, capability)
    own = {"num_parts": 4, "has_bias": True, "size": 256}
    found["sum"] = compiled(triton_products.add_parts, own, capability)
    return found


def main() -> None:
    """Some types for each card; all of them with `--all`."""
    kinds = sorted(triton_products.TRITON_TYPES)
    chosen = {80: kinds, 90: kinds} if "--all" in sys.argv else _SOME
    found = {str(capability): report(capability, own) for capability, own in chosen.items()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
