"""Writes a trained network as GGUF, the way llama.cpp's converter lays out a llama model.

Run from the top folder: `python -m resources.starter.export`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import torch

from resources.starter.corpus.conversation import CHAT_TEMPLATE, END, END_OF_TEXT
from resources.starter.model import Network, Shape

FILES = {"target": "starter.gguf", "draft": "starter-draft.gguf"}
FOLDER = Path(__file__).parent
Matrix = npt.NDArray[np.float32]

_NAMES = {
    "attention_norm": "attn_norm",
    "mlp_norm": "ffn_norm",
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def load_network(role: str, work: Path) -> Network:
    """The averaged weights of the newest checkpoint of this role."""
    state = torch.load(work / f"{role}.pt", weights_only=True, map_location="cpu")
    network = Network(Shape(**state["shape"]))
    network.load_state_dict(state["average"])
    return network.eval()


def export(network: Network, tokenizer_file: Path, path: Path) -> None:
    """Write the network and its vocabulary to `path`: Q8_0 matrices, F32 norms."""
    writer = gguf.GGUFWriter(path, "llama")
    _add_header(writer, network.shape)
    _add_tokenizer(writer, json.loads(tokenizer_file.read_text(encoding="utf-8")))
    for name, weight in network.state_dict().items():
        array = weight.float().numpy()
        if name.endswith((".q.weight", ".k.weight")):
            array = permute(array, array.shape[0] // network.shape.head_dim)
        _add_tensor(writer, gguf_name(name), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def permute(weight: Matrix, num_heads: int) -> Matrix:
    """Rows of q or k reordered from rotary halves to rotary pairs (llama.cpp, LlamaModel.permute).

    Args:
        weight: [num_heads * head_dim, hidden_size].
        num_heads: Query heads for q, key heads for k.
    """
    halves = weight.reshape(num_heads, 2, weight.shape[0] // num_heads // 2, weight.shape[1])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def gguf_name(name: str) -> str:
    """The GGUF name of one of our parameters."""
    if name == "embedding.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, part, suffix = name.split(".")
    return f"blk.{layer}.{_NAMES[part]}.{suffix}"


def export_family(work: Path, out: Path) -> None:
    """Write target and draft of the newest checkpoints, and their checksums."""
    for role, name in FILES.items():
        export(load_network(role, work), work / "tokenizer.json", out / name)
    write_checksums(out)


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS for all weights in a folder, in the form that `sha256sum -c` reads."""
    found = (path for kind in ("*.gguf", "*/*.safetensors") for path in folder.glob(kind))
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(found)
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _add_header(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(shape.name)
    writer.add_author("Realm Desktop project")
    writer.add_license("apache-2.0")
    writer.add_description("Small built-in model of Realm Desktop, trained on its own text")
    writer.add_languages(["en"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(shape.vocabulary_size)
    writer.add_context_length(shape.context_length)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.num_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.num_heads)
    writer.add_head_count_kv(shape.num_kv_heads)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: dict[str, Any]) -> None:
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    special = {entry["content"] for entry in tokenizer["added_tokens"]}
    types = [
        int(gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL)
        for token in tokens
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(vocabulary[END_OF_TEXT])
    writer.add_eos_token_id(vocabulary[END])
    writer.add_pad_token_id(vocabulary[END_OF_TEXT])
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _add_tensor(writer: gguf.GGUFWriter, name: str, array: Matrix) -> None:
    """Add a tensor: F32 for vectors, Q8_0 for matrices."""
    if array.ndim == 1:
        writer.add_tensor(name, array)
        return
    kind = gguf.GGMLQuantizationType.Q8_0
    packed = gguf.quants.quantize(np.ascontiguousarray(array), kind)
    writer.add_tensor(name, packed, raw_dtype=kind)


def main() -> None:
    """Export both models and their checksums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/starter"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    export_family(arguments.work, arguments.out)


if __name__ == "__main__":
    main()
