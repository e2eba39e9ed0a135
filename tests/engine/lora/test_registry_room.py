"""Little room for adapters: who gives its ranks up, and how it comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.batch import LoraRun
from realm_desktop.errors import OutOfMemory
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.registries import BYTES_PER_RANK, Adapters, save_ranks, spec_of
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
