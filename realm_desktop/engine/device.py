"""Which device computes, with how many threads and in which dtype.

Asks torch and the operating system; keeps nothing. Called on the engine thread while a model loads.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import torch

from realm_desktop.cores import physical_cores
from realm_desktop.engine.accelerators import Missing, pick_card, usable_accelerator, why_missing
from realm_desktop.engine.options import ComputeDtype
from realm_desktop.errors import SettingsError
from realm_desktop.memory_plan import SMALL_MATRIX_WEIGHTS
from realm_desktop.protocol import DeviceName

_AUTOMATIC: Final = "cuda"
"""What "auto" takes if it is there."""

_TOKEN_BUDGETS: Final = {"cuda": 2048, "xpu": 2048, "mps": 512}
"""A card is busy with so many rows only; steps are kept short by what they are measured to take."""

_MEMORY_SIGNS: Final = (
    "can't allocate memory",
    "not enough memory",
    "DefaultCPUAllocator",
    "out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)

_DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
}


class DeviceChoice(NamedTuple):
    """Where to compute.

    Attributes:
        device: With its number where there are several cards.
        note: What the user should know of it: why it is not the one that was asked for or could be
            had, or which of several cards it is. Sentences; "" if there is nothing to say.
    """

    device: torch.device
    note: str = ""


def choose_device(name: DeviceName, *, is_required: bool = True) -> DeviceChoice:
    """The device to compute on; "auto" prefers a card that speaks CUDA to the CPU.

    "auto" takes neither MPS nor XPU: what runs there is not measured yet, so the user asks for them
    by name.

    Args:
        name: Which is asked for.
        is_required: Refuse if it is not there, instead of computing on the CPU with a note.

    Raises:
        SettingsError: The device that is required is not there.
    """
    if name == "cpu":
        return DeviceChoice(torch.device("cpu"))
    found = usable_accelerator()
    if found is not None and found == (_AUTOMATIC if name == "auto" else name):
        return DeviceChoice(*pick_card(found))
    asked = None if name == "auto" else name
    missing = None if name == "auto" and found is not None else why_missing(asked)
    if asked is not None and is_required:
        raise _refusal(asked, missing)
    if missing is None:
        return DeviceChoice(torch.device("cpu"))
    note = f"It computes on the CPU: {missing.what}. {missing.advice}"
    return DeviceChoice(torch.device("cpu"), note)


def available_devices() -> tuple[DeviceName, ...]:
    """Devices that torch can use on this machine, the CPU always among them."""
    found = usable_accelerator()
    return ("cpu",) if found is None else ("cpu", found)


def _refusal(name: DeviceName, missing: Missing | None) -> SettingsError:
    message = f"The device {name} is not available; found are: {', '.join(available_devices())}."
    if missing is None:
        return SettingsError(message, advice='Choose another device, or "auto".', field="device")
    return SettingsError(message, advice=f"{missing.sentence} {missing.advice}", field="device")


def token_budget(budget: int, device: torch.device) -> int:
    """Most rows of one step on a device; `budget` on the CPU, and at least that elsewhere."""
    return max(budget, _TOKEN_BUDGETS.get(device.type, 0))


def num_compute_threads(num_threads: int | None) -> int:
    """CPU threads to compute with: `num_threads` if given, else one per core of this process."""
    return physical_cores() if num_threads is None else num_threads


def num_useful_threads(num_threads: int | None, num_matrix_weights: int) -> int:
    """CPU threads for a network whose largest matrix has `num_matrix_weights` weights.

    `num_threads` if given. Else one for small matrices: waking the others takes longer than they
    compute. Networks of 6 and 8 million parameters decoded 1.5 to 2 times as fast on one thread
    as on two (2 cores, bfloat16, 1 to 8 sequences), and read prompts equally fast.
    """
    if num_threads is None and num_matrix_weights < SMALL_MATRIX_WEIGHTS:
        return 1
    return num_compute_threads(num_threads)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware.

    On a CPU that takes AVX512-BF16 or AMX; without them bfloat16 is emulated and slower than
    float32.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        # Private, but the public form is missing in the oldest torch that is allowed.
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return True


def choose_compute_dtype(
    name: ComputeDtype, device: torch.device, *, are_weights_float32: bool
) -> torch.dtype:
    """The dtype of activations, weights and KV.

    Args:
        name: The user's choice; "auto" takes float32 for float32 files and for devices without
            fast bfloat16, else bfloat16.
        device: Where it is computed.
        are_weights_float32: Whether the matrices of the file are stored as float32.
    """
    if name != "auto":
        return _DTYPES[name]
    if are_weights_float32 or not has_fast_bfloat16(device):
        return torch.float32
    return torch.bfloat16


def choose_draft_dtype(
    dtype: torch.dtype, device: torch.device, num_matrix_weights: int
) -> torch.dtype:
    """The dtype of a draft model that would be loaded with `dtype`.

    A draft token need not have the same bits in every batch, so a small network may use the products
    of float32 that start fastest; see `Linear`. A large one takes the smaller weights.

    Args:
        dtype: What `choose_compute_dtype` gave.
        device: Where it computes.
        num_matrix_weights: Of its largest matrix.
    """
    is_small = num_matrix_weights < SMALL_MATRIX_WEIGHTS
    if device.type == "cpu" and dtype == torch.bfloat16 and is_small:
        return torch.float32
    return dtype


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory could not be had, rather than that something is at fault.

    torch's allocators of the CPU and of MPS raise a plain RuntimeError, known by its words alone; so
    do CUDA where it allocates beside torch, and cuBLAS for its workspace.
    """
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _MEMORY_SIGNS)
