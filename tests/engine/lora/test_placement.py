"""Placing an adapter in bounded pieces."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.adapter_file import Adapter, LoraPair
from realm_desktop.engine.lora.passes import RankRange
from realm_desktop.engine.lora.placement import Placement
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import OutOfMemory

TARGETS = [Target(layer, Part.QUERY) for layer in range(6)]


@pytest.fixture
def slabs() -> dict[Target, AdapterSlab]:
    return {target: AdapterSlab(8, 8, torch.float32, torch.device("cpu")) for target in TARGETS}


def _adapter(num_targets: int = 6) -> Adapter:
    pairs = {
        target: LoraPair(torch.full((4, 8), 1.0 + i), torch.full((8, 4), 2.0 + i))
        for i, target in enumerate(TARGETS[:num_targets])
    }
    return Adapter("a", (4,), 1.0, "", pairs)


def test_every_call_writes_about_its_bytes(slabs: dict[Target, AdapterSlab]) -> None:
    placement = Placement(_adapter(), RankRange(0, 4), slabs, 16)
    piece = 16 * 16 * 4  # 16 ranks of 16 values: a slab that grows is copied whole

    done = [placement.advance(2 * piece) for _ in range(4)]

    assert done == [False, False, False, True]


def test_one_call_can_do_it_all(slabs: dict[Target, AdapterSlab]) -> None:
    assert Placement(_adapter(), RankRange(16, 20), slabs, 32).advance(1 << 30)

    for i, target in enumerate(TARGETS):
        assert slabs[target]._a[8 * 16 : 8 * 20].tolist() == [1.0 + i] * 32
        assert slabs[target]._b[8 * 16 : 8 * 20].tolist() == [2.0 + i] * 32
        assert not slabs[target]._a[: 8 * 16].any()


def test_slab_of_others_is_cleared_and_unused_ones_take_no_memory(
    slabs: dict[Target, AdapterSlab],
) -> None:
    last = {TARGETS[5]: slabs[TARGETS[5]]}
    assert Placement(_adapter(), RankRange(0, 4), last, 16).advance(1 << 30)
    placement = Placement(_adapter(1), RankRange(0, 4), slabs, 16)
    while not placement.advance(1):
        pass

    assert not slabs[TARGETS[5]]._a.any()
    assert [slabs[target].capacity for target in TARGETS] == [16, 0, 0, 0, 0, 16]


def test_memory_that_cannot_be_had_is_said_in_words(
    slabs: dict[Target, AdapterSlab], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: AdapterSlab, capacity: int) -> None:
        raise MemoryError

    monkeypatch.setattr(AdapterSlab, "reserve", fail)

    with pytest.raises(OutOfMemory, match="memory for a could not be had"):
        Placement(_adapter(), RankRange(0, 4), slabs, 16).advance(1)


def test_other_faults_are_not_hidden(
    slabs: dict[Target, AdapterSlab], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: AdapterSlab, capacity: int) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(AdapterSlab, "reserve", fail)

    with pytest.raises(RuntimeError, match="of ours"):
        Placement(_adapter(), RankRange(0, 4), slabs, 16).advance(1)
