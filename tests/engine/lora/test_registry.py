"""Ids, generations, rank ranges and limits of the adapters of a model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.lora import registry as registry_module
from realm_desktop.engine.lora.passes import RangeUse, RankRange
from realm_desktop.engine.lora.registry import AdapterLimits, AdapterRegistry
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target
from realm_desktop.errors import AdapterError, OutOfMemory, RealmError, RequestError
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.registries import PLENTY, Adapters, save_ranks, spec_of
from tests.support.tiny_models import TinyModel, tiny_model


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model()


@pytest.fixture(scope="module")
def spec(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
    return spec_of(model, tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def folder(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_ranks(model, tmp_path_factory.mktemp("adapters"))


@pytest.fixture
def adapters(spec: ModelSpec, folder: Path) -> Adapters:
    return Adapters(spec, folder)


def test_info_tells_rank_alpha_and_bytes(adapters: Adapters, folder: Path) -> None:
    info = adapters.registry.load(LoadAdapter(AdapterId("a"), str(folder / "r8")))

    assert (info.adapter_id, info.name, info.rank, info.alpha) == ("a", "r8", 8, 8.0)
    assert info.num_bytes == 2 * 29696


def test_info_tells_what_fits_and_what_it_was_made_for(
    spec: ModelSpec, model: TinyModel, tmp_path: Path
) -> None:
    slabs = Adapters(spec, tmp_path).slabs
    registry = AdapterRegistry(
        spec, slabs, torch.float32, AdapterLimits(PLENTY, 0), ("Tiny", "tiny-q4_k")
    )
    adapter = tiny_adapter(
        model,
        ranks={"mlp.up_proj": 9},
        rank_pattern={"up_proj": 9},
        modules=["mlp.up_proj", "mlp.down_proj"],
        base_model_name_or_path="acme/Other",
    )

    info = registry.load(LoadAdapter(AdapterId("a"), str(save_peft(adapter, tmp_path))))

    assert (info.ranks, info.num_targets, info.num_model_targets) == ((4, 9), 4, 14)
    assert info.verdict == "fits Tiny · rank 4 to 9 · 4 of 14 targets"
    assert info.base_model_name == "acme/Other"
    assert info.warning == "made for acme/Other; this model is called Tiny"


def test_ranges_lie_side_by_side_without_padding(adapters: Adapters) -> None:
    for name in ("r4", "r40", "r8"):
        adapters.load(name, name)

    assert [adapters.ranks(name) for name in ("r4", "r40", "r8")] == [(0, 4), (4, 44), (44, 52)]


def test_freed_ranks_are_used_again(adapters: Adapters) -> None:
    for name in ("r4", "r40", "r8"):
        adapters.load(name, name)
    adapters.registry.unload(AdapterId("r40"))
    adapters.load("a", "r16")
    adapters.load("b", "r40")

    assert adapters.ranks("a") == (4, 20)
    assert adapters.ranks("b") == (52, 92)


def test_reused_ranks_hold_nothing_of_their_last_owner(adapters: Adapters) -> None:
    adapters.load("keep", "r4")
    adapters.load("a", "r8")
    adapters.registry.unload(AdapterId("a"))
    adapters.load("b", "q8")

    assert adapters.ranks("b") == (4, 12)
    for target, slab in adapters.slabs.items():
        assert slab._a[4 * slab.in_features : 12 * slab.in_features].any() == (
            target.part == "query"
        )


def test_target_that_no_adapter_changes_takes_no_memory(adapters: Adapters) -> None:
    adapters.load("a", "q8")

    used = {target.part for target, slab in adapters.slabs.items() if slab.capacity}
    assert used == {"query"}
    assert adapters.registry.num_bytes == 2 * 16 * (64 + 64) * 4


def test_reloading_makes_a_new_generation_beside_the_held_one(adapters: Adapters) -> None:
    adapters.load("a", "r8")
    key = adapters.hold(("a", 1.0))
    adapters.load("a", "r16")

    assert adapters.registry.range_uses(key) == (RangeUse(RankRange(0, 8), 1.0),)
    assert adapters.ranks("a") == (8, 24)
    assert adapters.hold(("a", 1.0)) != key


def test_old_generation_is_freed_with_its_last_user(adapters: Adapters) -> None:
    adapters.load("a", "r8")
    first, second = adapters.hold(("a", 1.0)), adapters.hold(("a", 0.5))
    adapters.load("a", "r16")
    adapters.registry.release(first)
    adapters.load("b", "r8")
    adapters.registry.release(second)
    adapters.load("c", "r8")

    assert adapters.ranks("b") == (24, 32)
    assert adapters.ranks("c") == (0, 8)


def test_generations_are_never_used_again(adapters: Adapters) -> None:
    keys = set()
    for _ in range(5):
        adapters.load("a", "r4")
        key = adapters.hold(("a", 1.0))
        adapters.registry.release(key)
        adapters.registry.unload(AdapterId("a"))
        keys.add(key)

    assert len(keys) == 5


def test_mix_keeps_the_order_of_the_request(adapters: Adapters) -> None:
    adapters.load("a", "r4")
    adapters.load("b", "r8")

    assert adapters.hold(("b", 0.5), ("a", 2.0)) == ((2, 0.5), (1, 2.0))


def test_weight_0_is_left_out_of_the_mix(adapters: Adapters) -> None:
    adapters.load("a", "r4")
    adapters.load("b", "r8")

    assert adapters.hold(("a", 0.0), ("b", 1.0)) == ((2, 1.0),)
    assert adapters.hold(("a", -0.0)) == ()


@pytest.mark.parametrize(
    ("uses", "message"),
    [
        ((("x", 1.0),), "no adapter x is loaded"),
        ((("x", 0.0),), "no adapter x is loaded"),
        ((("a", 1.0), ("a", 0.5)), "named twice"),
        ((("a", float("nan")),), "must be between -100 and 100"),
        ((("a", 101.0),), "must be between -100 and 100"),
    ],
)
def test_wrong_mix_is_refused_and_holds_nothing(
    adapters: Adapters, uses: tuple[tuple[str, float], ...], message: str
) -> None:
    adapters.load("a", "r4")

    with pytest.raises(RequestError, match=message):
        adapters.hold(*uses)
    adapters.registry.unload(AdapterId("a"))
    assert adapters.registry.num_bytes == 0


def test_mix_of_too_many_adapters_is_refused(adapters: Adapters) -> None:
    for index in range(9):
        adapters.load(str(index), "r4")

    with pytest.raises(RequestError, match="names 9 adapters; at most 8"):
        adapters.hold(*((str(index), 1.0) for index in range(9)))


def test_flag_alone_changes_no_generation(adapters: Adapters, folder: Path) -> None:
    adapters.load("a", "r8")
    key = adapters.hold(("a", 1.0))
    info = adapters.registry.load(LoadAdapter(AdapterId("a"), str(folder / "r8"), keep_warm=True))

    assert info.keep_warm
    assert adapters.hold(("a", 1.0)) == key


def test_slabs_grow_by_doubling(adapters: Adapters) -> None:
    capacities = []
    for index in range(9):
        adapters.load(str(index), "r16")
        capacities.append(adapters.slabs[Target(0, TARGET_PARTS[0])].capacity)

    assert capacities == [16, 32, 64, 64, 128, 128, 128, 128, 256]


def test_too_many_adapters_are_refused_but_reloading_is_not(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "MAX_ADAPTERS", 2)
    adapters.load("a", "r4")
    adapters.load("b", "r4")

    with pytest.raises(AdapterError, match="2 adapters are loaded"):
        adapters.load("c", "r4")
    adapters.load("b", "r8")


def test_memory_that_cannot_be_had_is_said_in_words(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters.load("a", "r4")

    def fail(self: AdapterSlab, capacity: int) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(AdapterSlab, "reserve", fail)
        with pytest.raises(OutOfMemory, match="r40 could not be had"):
            adapters.load("b", "r40")
    with pytest.raises(RealmError):
        adapters.hold(("b", 1.0))
    adapters.load("b", "r40")


def test_fault_of_a_placement_does_not_hold_up_the_next_one(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: AdapterSlab, capacity: int) -> None:
        raise RuntimeError("injected")

    with monkeypatch.context() as patch:
        patch.setattr(AdapterSlab, "reserve", fail)
        with pytest.raises(RuntimeError, match="injected"):
            adapters.load("a", "r4")

    adapters.load("b", "r8")
    assert adapters.ranks("b") == (0, 8)


def test_unloading_an_unknown_adapter_is_ignored(adapters: Adapters) -> None:
    adapters.registry.unload(AdapterId("x"))

    assert adapters.registry.num_bytes == 0


def test_use_of_another_version_is_refused(adapters: Adapters, folder: Path) -> None:
    info = adapters.registry.load(LoadAdapter(AdapterId("a"), str(folder / "r8")))
    use = AdapterUse(AdapterId("a"), version=info.version)
    adapters.registry.release(adapters.registry.hold([use]))
    adapters.load("a", "r4")

    with pytest.raises(RequestError, match="adapter a was changed since this reply began"):
        adapters.registry.hold([use])
    adapters.load("a", "r8")
    assert adapters.registry.hold([use])
