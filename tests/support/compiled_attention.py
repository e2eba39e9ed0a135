"""Compiles the Triton kernels of attention for cards that are not here: prints what came out as JSON.

For each target and network: [bytes of machine code, bytes of shared memory]. With `--all` every size of
heads for every target.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

import torch
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile  # noqa: A004  # its name there

from realm_desktop.engine.attention.tile_tables import SPLIT
from realm_desktop.engine.attention.triton_paged import padded_dim, tile_plan
from realm_desktop.engine.kernels.gpu import paged_attention
from realm_desktop.kv_blocks import BLOCK_SIZE, num_kv_scales
from tests.support.mixed_attention import Network

TARGETS: Final = {
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_90": GPUTarget("cuda", 90, 32),
    "gfx90a": GPUTarget("hip", "gfx90a", 64),
}
_FLOATS: Final = {torch.bfloat16: "bf16", torch.float16: "fp16", torch.float32: "fp32"}
_INTEGERS: Final = ("q_stride", "pool_slots", "window")
_NUMBERS: Final = ("score_scale", "cap")

SHORT: Final = {
    "sm_80": {"sinks": Network((8, 2, 128), dtype=torch.bfloat16, has_sinks=True)},
    "sm_90": {"8 bits": Network((3, 1, 80), dtype=torch.float16, storage="int8", softcap=5.0)},
}
"""A kernel for each way of multiplying; the rest takes a minute."""


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


def compiled(
    kernel: Any, network: Network, target: GPUTarget, constants: dict[str, Any]
) -> list[int]:
    """One kernel as it would be launched."""
    names = kernel.arg_names
    wanted = {name: value for name, value in constants.items() if name in names}
    signature = {name: _type(name, network) for name in names} | dict.fromkeys(wanted, "constexpr")
    # What the backend passes is: loads then become wide.
    is_even = [name not in (*wanted, *_NUMBERS, "sinks", "window") for name in names]
    even = {(at,): [["tt.divisibility", 16]] for at, is_one in enumerate(is_even) if is_one}
    source = ASTSource(kernel, signature=signature, constexprs=wanted, attrs=even)
    sizes = tile_plan(network.heads[2], network.dtype)
    options = {
        "enable_fp_fusion": False,
        "num_warps": sizes.num_warps if "ROWS" in wanted else 1,
        "num_stages": sizes.num_stages,
    }
    found = compile(source, target=target, options=options)
    code = found.asm["hsaco" if target.backend == "hip" else "cubin"]
    return [len(code), found.metadata.shared]


def _type(name: str, network: Network) -> str:
    own = _FLOATS[network.dtype]
    kinds = {
        **dict.fromkeys(_INTEGERS, "i32"),
        **dict.fromkeys(_NUMBERS, "fp32"),
        **dict.fromkeys(("q", "out", "key_scales", "value_scales"), f"*{own}"),
        **dict.fromkeys(("keys", "values"), "*i8" if network.storage == "int8" else f"*{own}"),
        **dict.fromkeys(("tables", "tiles", "joins"), "*i32"),
    }
    return kinds.get(name, "*fp32")


def _constants(network: Network) -> dict[str, Any]:
    num_heads, num_kv_heads, head_dim = network.heads
    sizes = tile_plan(head_dim, network.dtype)
    return {
        "NUM_HEADS": num_heads,
        "GROUP": num_heads // num_kv_heads,
        "HEAD_DIM": head_dim,
        "DIM_PAD": padded_dim(head_dim),
        "NUM_SCALES": num_kv_scales(head_dim) if network.storage == "int8" else 0,
        "HAS_CAP": network.softcap > 0,
        "HAS_SINKS": network.has_sinks,
        "ROWS": sizes.rows,
        "STEP": sizes.step,
        "BLOCK_SIZE": BLOCK_SIZE,
        "SPLIT": SPLIT,
        "PRECISION": "ieee",
    }


def main() -> None:
    """The kernels of attention, and the one that joins."""
    is_all = "--all" in sys.argv
    wanted = dict.fromkeys(TARGETS, every_network()) if is_all else SHORT
    found = {}
    for target, networks in wanted.items():
        for name, network in networks.items():
            own = (network, TARGETS[target], _constants(network))
            found[f"{target} {name}"] = compiled(paged_attention.attend_tiles, *own)
            found[f"{target} {name} joined"] = compiled(paged_attention.join_splits, *own)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
