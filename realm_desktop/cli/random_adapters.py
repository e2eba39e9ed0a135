"""Random LoRA adapters that fit a model, for measurements."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora.targets import Module, modules_by_name
from realm_desktop.formats.model_file import open_model

RANK = 16
_DEVIATION = 0.01


def write_random_adapters(model: Path, count: int, folder: Path) -> list[Path]:
    """Adapters of rank 16 on every attention and MLP layer, as PEFT folders.

    Args:
        model: The file or folder of the base model.
        count: How many.
        folder: Where their folders go.

    Raises:
        ModelFileError: The model cannot be read.
    """
    model_file = open_model(model)
    try:
        modules = modules_by_name(model_spec(model_file), "safetensors")
    finally:
        model_file.close()
    unfused = [module for module in modules.values() if len(module.targets) == 1]
    return [_write(unfused, folder / f"random-{index}", index) for index in range(count)]


def _write(modules: list[Module], folder: Path, seed: int) -> Path:
    folder.mkdir()
    config = {"peft_type": "LORA", "r": RANK, "lora_alpha": RANK}
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    generator = np.random.default_rng(seed)
    tensors = {}
    for module in modules:
        shapes = {"A": (RANK, module.in_features), "B": (module.out_features[0], RANK)}
        for side, shape in shapes.items():
            values = _DEVIATION * generator.standard_normal(shape, np.float32)
            tensors[f"base_model.model.{module.name}.lora_{side}.weight"] = values
    save_file(tensors, folder / "adapter_model.safetensors")
    return folder
