"""Reads an exported file back into the training network, so that what ships is what is measured."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch

from resources.starter.export import Matrix, gguf_name
from resources.starter.model import Network, Shape


def load_gguf(path: Path, shape: Shape) -> Network:
    """The network of this shape with the file's weights, dequantized to float32.

    Args:
        path: A file that `export` wrote.
        shape: The sizes it was written with.
    """
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    network = Network(shape)
    state = {}
    for name, weight in network.state_dict().items():
        tensor = tensors[gguf_name(name)]
        array = gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(weight.shape)
        if name.endswith((".q.weight", ".k.weight")):
            array = unpermute(array, array.shape[0] // shape.head_dim)
        state[name] = torch.from_numpy(np.array(array, dtype=np.float32))
    network.load_state_dict(state)
    return network.eval()


def unpermute(weight: Matrix, num_heads: int) -> Matrix:
    """Rows of q or k reordered from rotary pairs back to rotary halves."""
    pairs = weight.reshape(num_heads, weight.shape[0] // num_heads // 2, 2, weight.shape[1])
    return pairs.swapaxes(1, 2).reshape(weight.shape)
