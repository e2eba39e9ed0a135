"""What a training takes of the memory, and which of two ways to take less it has to go.

Weights and optimizer follow from the network's shape; activations are measured on a few rows, because
what the backward pass keeps is up to torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from realm_desktop.engine.accelerators import free_device_bytes
from realm_desktop.engine.training.encoded_examples import EncodedExample
from realm_desktop.engine.training.micro_batch import make_micro_batch
from realm_desktop.engine.training.network import LOSS_VALUES, TrainingNetwork
from realm_desktop.errors import OutOfMemory
from realm_desktop.memory_plan import RESERVE_BYTES

# Value, gradient, and the two moments of AdamW, all float32.
_BYTES_PER_PARAMETER = 16
# Logits, their softmax and their gradient, float32.
_BYTES_PER_LOGIT = 12
_PROBE_ROWS = 37


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes of one training.

    Attributes:
        weights_bytes: Of the base, as it is kept.
        state_bytes: Of the pairs, their gradients and the optimizer.
        activation_bytes: Of the largest micro-batch, logits included.
    """

    weights_bytes: int
    state_bytes: int
    activation_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.state_bytes + self.activation_bytes


def free_bytes(device: torch.device) -> int:
    """Memory that can be had on a device, without what the system needs."""
    return max(free_device_bytes(device) - RESERVE_BYTES, 0)


def state_bytes(num_parameters: int) -> int:
    """Memory of the pairs while they learn."""
    return num_parameters * _BYTES_PER_PARAMETER


def activation_bytes(network: TrainingNetwork, num_tokens: int, *, is_checkpointed: bool) -> int:
    """Memory that the backward pass of a micro-batch needs, scaled from a few measured rows.

    With checkpoints, every layer keeps its input, and one layer at a time all of it.
    """
    spec = network.spec
    per_token = _measured_bytes(network) / _PROBE_ROWS
    if is_checkpointed:
        one_layer = per_token / spec.num_layers
        per_token = one_layer + spec.num_layers * spec.hidden_size * 4
    num_logits = min(num_tokens * spec.vocabulary_size, LOSS_VALUES)
    return int(per_token * num_tokens) + num_logits * _BYTES_PER_LOGIT


def require_memory(need: MemoryNeed, free: int, name: str) -> None:
    """Refuse a training that does not fit.

    Raises:
        OutOfMemory: With the arithmetic.
    """
    if need.total_bytes > free:
        parts = ", ".join(
            f"{_megabytes(part)} {what}"
            for part, what in (
                (need.weights_bytes, "for the base"),
                (need.state_bytes, "for what learns"),
                (need.activation_bytes, "for one piece of a step"),
            )
        )
        raise OutOfMemory(
            f"training {name} needs {_megabytes(need.total_bytes)} ({parts}), and"
            f" {_megabytes(free)} can be used",
            advice="Unload the model of the chats, choose a smaller rank or shorter examples,"
            " or close other programs.",
            field="memory",
        )


def _measured_bytes(network: TrainingNetwork) -> int:
    """Bytes that torch keeps for the backward pass of a few rows, weights not counted."""
    row_ids = tuple(range(_PROBE_ROWS))
    ids = tuple(place % network.spec.vocabulary_size for place in row_ids)
    batch = make_micro_batch([EncodedExample(ids, (True,) * _PROBE_ROWS)]).to(network.device)
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        # Weights are kept by reference and cost nothing; no dimension of theirs is this prime.
        if _PROBE_ROWS in tensor.shape:
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        hidden = network.hidden(batch, is_training=True)
    del hidden
    return sum(kept.values())


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MB"
