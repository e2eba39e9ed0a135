"""The target in other tensor types, to tell what each costs; the weights come from the Q8_0 file."""

from __future__ import annotations

import copy

import gguf
import numpy as np
import torch

from resources.starter.model import Network

TYPES = ("Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0")
"""What `adapter merge` writes beside plain floats, which change nothing."""


def requantized(network: Network, tensor_type: str) -> Network:
    """A copy whose matrices went through a tensor type of `TYPES` and back."""
    kind = gguf.GGMLQuantizationType[tensor_type]
    other = copy.deepcopy(network)
    for weight in other.parameters():
        if weight.dim() != 2:
            continue
        packed = gguf.quants.quantize(np.ascontiguousarray(weight.detach().numpy()), kind)
        values = gguf.quants.dequantize(packed, kind).reshape(weight.shape)
        weight.data = torch.from_numpy(np.array(values, dtype=np.float32))
    return other.eval()
