"""Writes what was learned as a PEFT folder, which this program and PEFT both read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from realm_desktop.engine.training.work_folder import tensor_bytes
from realm_desktop.formats.gguf_output import PlannedTensor
from realm_desktop.formats.safetensors_output import write_safetensors_file
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.formats.whole_file import whole_folder
from realm_desktop.training_protocol import TrainingSettings


def write_peft_folder(
    path: Path, tensors: Mapping[str, Tensor], settings: TrainingSettings, base_name: str
) -> int:
    """Write the folder and answer the bytes of its matrices; it appears once it is whole.

    Args:
        path: Must not exist.
        tensors: A and B by PEFT's names; written as float32.
        settings: What they were trained with.
        base_name: What the base calls itself.

    Raises:
        ExportError: The folder cannot be written, or the disk is too full.
    """
    plans = [
        PlannedTensor(name, TensorType.F32, tuple(tensor.shape)) for name, tensor in tensors.items()
    ]
    num_bytes = sum(plan.num_bytes for plan in plans)
    with whole_folder(path, num_bytes) as folder:
        config = json.dumps(_config(settings, base_name), indent=2) + "\n"
        (folder / "adapter_config.json").write_text(config, encoding="utf-8")
        with (folder / "adapter_model.safetensors").open("wb") as file:
            write_safetensors_file(
                file, plans, lambda plan: [tensor_bytes(tensors[plan.name].float())]
            )
    return num_bytes


def _config(settings: TrainingSettings, base_name: str) -> dict[str, object]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name or None,
        "r": settings.rank,
        "lora_alpha": settings.alpha,
        "lora_dropout": settings.dropout,
        "target_modules": sorted(settings.targets),
        "bias": "none",
        "fan_in_fan_out": False,
        "use_rslora": False,
        "use_dora": False,
        "modules_to_save": None,
        "inference_mode": True,
    }
