"""Ids, generations, rank ranges and limits of the adapters of a model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.batch import LoraRun
from realm_desktop.engine.lora import registry as registry_module
from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import RangeUse, RankRange
from realm_desktop.engine.lora.registry import AdapterLimits, AdapterRegistry
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target, target_shape
from realm_desktop.errors import AdapterError, OutOfMemory, RealmError, RequestError
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.tiny_models import TinyModel, save_safetensors, tiny_model

PLENTY = 2**30
BYTES_PER_RANK = 29696 // 4


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model()


@pytest.fixture(scope="module")
def spec(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> ModelSpec:
    model_file = open_model(save_safetensors(model, tmp_path_factory.mktemp("base")))
    try:
        return model_spec(model_file)
    finally:
        model_file.close()


@pytest.fixture(scope="module")
def folder(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Adapters by name: "r4" has rank 4, and so on; "q8" changes q alone."""
    folder = tmp_path_factory.mktemp("adapters")
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


def test_adapter_that_alone_is_too_large_is_refused_and_nothing_changes(
    spec: ModelSpec, folder: Path
) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", "r8")
    before = adapters.registry.num_bytes

    with pytest.raises(OutOfMemory, match=r"r40 needs 0.3 MB; 0.1 MB are set aside"):
        adapters.load("b", "r40")
    assert adapters.registry.num_bytes == before
    assert adapters.ranks("a") == (0, 8)


def test_adapter_that_nobody_uses_gives_its_ranks_up(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    for name in ("a", "b", "c"):
        adapters.load(name, "r8")

    assert adapters.absent("a", "b", "c") == {"a"}
    assert adapters.registry.num_bytes == 16 * BYTES_PER_RANK


def test_least_recently_used_one_goes_first(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", "r8")
    adapters.load("b", "r8")
    adapters.registry.release(adapters.hold(("a", 1.0)))
    adapters.load("c", "r8")

    assert adapters.absent("a", "b", "c") == {"b"}


def test_adapter_comes_back_at_its_next_use_with_its_generation(
    spec: ModelSpec, folder: Path
) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", "r8")
    key = adapters.hold(("a", 1.0))
    adapters.registry.release(key)
    adapters.load("b", "r16")
    assert adapters.absent("a", "b") == {"a"}

    again = adapters.hold(("a", 1.0))

    assert again == key
    assert adapters.absent("a", "b") == {"b"}
    for target, slab in adapters.slabs.items():
        run = LoraRun(0, 1, 0, 0)
        assert torch.equal(slab._a_of(run, 8)[0], adapters.pair("r8", target).a.t())
        assert torch.equal(slab._b_of(run, 8)[0], adapters.pair("r8", target).b.t())


def test_adapter_without_a_copy_is_read_again(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK, warm_bytes=0)
    adapters.load("a", "r8")
    adapters.load("b", "r16")

    assert adapters.states() == {"a": "on_disk", "b": "warm"}
    assert adapters.hold(("a", 1.0)) == ((1, 1.0),)
    assert adapters.states() == {"a": "warm", "b": "on_disk"}


def test_file_that_changed_on_disk_comes_back_as_a_new_generation(
    spec: ModelSpec, model: TinyModel, folder: Path, tmp_path: Path
) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", str(save_peft(tiny_adapter(model, rank=8), tmp_path / "a")))
    adapters.load("b", "r16")
    save_peft(tiny_adapter(model, rank=4, seed=1), tmp_path / "a")

    assert adapters.hold(("a", 1.0)) == ((3, 1.0),)
    assert adapters.ranks("a") == (0, 4)


def test_adapter_in_use_keeps_its_ranks(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", "r8")
    key = adapters.hold(("a", 1.0))
    adapters.load("b", "r16")

    assert adapters.absent("a", "b") == {"b"}
    with pytest.raises(OutOfMemory, match="no room for r16 beside the adapters in use"):
        adapters.hold(("b", 1.0))
    adapters.registry.release(key)
    assert adapters.hold(("b", 1.0)) == ((2, 1.0),)


def test_adapter_kept_warm_keeps_its_ranks(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK)
    adapters.load("a", "r8", keep_warm=True)
    adapters.load("b", "r8")
    adapters.load("c", "r8")

    assert adapters.absent("a", "b", "c") == {"b"}
    adapters.load("a", "r8", keep_warm=False)
    adapters.load("d", "r16")
    assert adapters.absent("a", "b", "c", "d") == {"a", "b", "c"}


def test_flag_alone_changes_no_generation(adapters: Adapters, folder: Path) -> None:
    adapters.load("a", "r8")
    key = adapters.hold(("a", 1.0))
    info = adapters.registry.load(LoadAdapter(AdapterId("a"), str(folder / "r8"), keep_warm=True))

    assert info.keep_warm
    assert adapters.hold(("a", 1.0)) == key


def test_stats_tell_state_users_and_bytes(spec: ModelSpec, folder: Path) -> None:
    adapters = Adapters(spec, folder, max_bytes=16 * BYTES_PER_RANK, warm_bytes=0)
    adapters.load("a", "r8", keep_warm=True)
    adapters.load("b", "r8")
    adapters.hold(("a", 1.0))
    adapters.load("c", "r8")

    rows = adapters.registry.stats()

    assert [row.adapter_id for row in rows] == ["a", "b", "c"]
    assert [row.state for row in rows] == ["warm", "on_disk", "warm"]
    assert [(row.num_users, row.keep_warm) for row in rows] == [(1, True), (0, False), (0, False)]
    assert rows[0].num_bytes == 8 * BYTES_PER_RANK


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
