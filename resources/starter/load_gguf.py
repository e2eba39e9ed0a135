"""Reads an exported file back into the training network, so that what ships is what is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE

from resources.starter.export import Matrix, gguf_name
from resources.starter.model import Network, Shape
from resources.starter.tokenizer import SPECIAL_TOKENS, byte_level


def load_gguf(path: Path) -> Network:
    """The network with the weights of a file that `export` wrote, dequantized to float32."""
    reader = gguf.GGUFReader(path)
    shape = _shape(reader)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
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


def _shape(reader: gguf.GGUFReader) -> Shape:
    def value(key: str) -> Any:
        return reader.fields[key].contents()

    return Shape(
        name=value("general.name"),
        num_layers=value("llama.block_count"),
        hidden_size=value("llama.embedding_length"),
        intermediate_size=value("llama.feed_forward_length"),
        num_heads=value("llama.attention.head_count"),
        num_kv_heads=value("llama.attention.head_count_kv"),
        vocabulary_size=value("llama.vocab_size"),
        context_length=value("llama.context_length"),
    )


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer that the file holds."""
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = fields["tokenizer.ggml.merges"].contents()
    vocabulary = {token: token_id for token_id, token in enumerate(tokens)}
    first_and_second = [(pair.split(" ")[0], pair.split(" ")[1]) for pair in merges]
    tokenizer = byte_level(BPE(vocabulary, first_and_second))
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL_TOKENS])
    return tokenizer


def unpermute(weight: Matrix, num_heads: int) -> Matrix:
    """Rows of q or k reordered from rotary pairs back to rotary halves."""
    pairs = weight.reshape(num_heads, weight.shape[0] // num_heads // 2, 2, weight.shape[1])
    return pairs.swapaxes(1, 2).reshape(weight.shape)
