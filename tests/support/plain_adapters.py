"""Small PEFT adapters and base models as files, written without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.gguf_files import write_gguf
from tests.support.safetensors_files import write_safetensors

HIDDEN = 8


def write_base(
    path: Path, *, hidden: int = HIDDEN, num_layers: int = 2, name: str = "Tiny"
) -> Path:
    """A GGUF model whose query and value projections are `hidden` wide; nothing else in it."""
    square = np.zeros((hidden, hidden), dtype=np.float32)
    tensors = {
        f"blk.{layer}.{part}.weight": square
        for layer in range(num_layers)
        for part in ("attn_q", "attn_v")
    }
    return write_gguf(path, {"general.architecture": "llama", "general.name": name}, tensors)


def write_adapter(
    folder: Path, *, hidden: int = HIDDEN, rank: int = 2, num_layers: int = 2, **config: Any
) -> Path:
    """A PEFT folder that changes query and value of every layer; `config` adds keys to its JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"peft_type": "LORA", "r": rank, "lora_alpha": 2 * rank, **config}
    (folder / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    tensors = {}
    for layer in range(num_layers):
        for part in ("q_proj", "v_proj"):
            stem = f"base_model.model.model.layers.{layer}.self_attn.{part}"
            tensors[f"{stem}.lora_A.weight"] = np.ones((rank, hidden), dtype=np.float32)
            tensors[f"{stem}.lora_B.weight"] = np.ones((hidden, rank), dtype=np.float32)
    write_safetensors(folder / "adapter_model.safetensors", tensors)
    return folder
