"""A registry of adapters with slabs of its own, and adapters of several ranks to load."""

from __future__ import annotations

from pathlib import Path

import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import RankRange
from realm_desktop.engine.lora.registry import AdapterLimits, AdapterRegistry
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target, target_shape
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.tiny_models import TinyModel, save_safetensors

PLENTY = 2**30
BYTES_PER_RANK = 29696 // 4
"""Of an adapter of the tiny model that changes every target, in float32."""


def spec_of(model: TinyModel, folder: Path) -> ModelSpec:
    """The spec of a model, by way of its file."""
    model_file = open_model(save_safetensors(model, folder))
    try:
        return model_spec(model_file)
    finally:
        model_file.close()


def save_ranks(model: TinyModel, folder: Path) -> Path:
    """Adapters by name: "r4" has rank 4, and so on; "q8" changes q alone."""
    for rank in (4, 8, 16, 40):
        save_peft(tiny_adapter(model, rank=rank), folder / f"r{rank}")
    save_peft(tiny_adapter(model, rank=8, modules=["self_attn.q_proj"]), folder / "q8")
    return folder


class Adapters:
    """A registry with its slabs, loaded from the folder by name."""

    def __init__(
        self, spec: ModelSpec, folder: Path, max_bytes: int = PLENTY, warm_bytes: int = PLENTY
    ) -> None:
        self.slabs = {
            Target(layer, part): AdapterSlab(
                *target_shape(spec, part), torch.float32, torch.device("cpu")
            )
            for layer in range(spec.num_layers)
            for part in TARGET_PARTS
        }
        self.registry = AdapterRegistry(
            spec, self.slabs, torch.float32, AdapterLimits(max_bytes, warm_bytes)
        )
        self._folder = folder

    def load(self, adapter_id: str, name: str, *, keep_warm: bool = False) -> None:
        path = str(self._folder / name)
        self.registry.load(LoadAdapter(AdapterId(adapter_id), path, keep_warm))

    def absent(self, *names: str) -> set[str]:
        return set(self.registry.absent(AdapterUse(AdapterId(name)) for name in names))

    def states(self) -> dict[str, str]:
        return {row.adapter_id: str(row.state) for row in self.registry.stats()}

    def pair(self, name: str, target: Target) -> LoraPair:
        return self.registry.reading(self._folder / name)().adapter.pairs[target]

    def hold(self, *uses: tuple[str, float]) -> tuple[tuple[int, float], ...]:
        return self.registry.hold(AdapterUse(AdapterId(name), weight) for name, weight in uses)

    def ranks(self, adapter_id: str) -> RankRange:
        key = self.hold((adapter_id, 1.0))
        (use,) = self.registry.range_uses(key)
        self.registry.release(key)
        return use.ranks
