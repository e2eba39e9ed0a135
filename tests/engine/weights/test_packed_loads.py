"""Networks whose weights were kept compute the same bits as when they were packed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from realm_desktop.engine import engine as engine_module
from realm_desktop.engine import loaded_model
from realm_desktop.engine.decoder import Decoder, build_decoder
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.quant.mxfp4 import mxfp4_blocks
from realm_desktop.engine.weights import experts, packer
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.formats.model_file import open_model
from realm_desktop.memory_plan import BlockBytes, MemoryPlan, plan_memory
from realm_desktop.protocol import LoadModel
from tests.support.architectures import build_network, write_folder, write_gguf
from tests.support.engines import make_request, run_alone
from tests.support.expert_architectures import EXPERT_CASES
from tests.support.forward import ForwardRunner
from tests.support.kernels import fastest_kernels
from tests.support.packed_weights import MOST_BYTES, MakeStore, kept_in
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.usefixtures("one_thread", "kernels")

IDS = [1, 5, 9, 30, 2]


def _experts(name: str, tensor_type: str, folder: Path) -> Path:
    return write_gguf(build_network(EXPERT_CASES[name], 2), folder / "model.gguf", tensor_type)


def load(path: Path, store: PackedStore | None) -> Decoder:
    """A decoder; what was packed is kept by then."""
    options = EngineOptions(device="cpu", compute_dtype="float32")
    with closing(open_model(path)) as model_file:
        decoder = build_decoder(model_file, options, lambda phase, done: None, store=store)
    if store is not None:
        store.start()
        store.wait()
    return decoder


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda folder: tiny_gguf(folder, "llama", "Q4_0+Q8_0"), id="rows in turns"),
        pytest.param(partial(_experts, "gpt_oss, MXFP4", "Q8_0"), id="experts"),
        pytest.param(partial(_experts, "deepseek_v2", "Q8_0"), id="latents"),
    ],
)
def test_kept_network_computes_the_same_bits(
    make_store: MakeStore, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path)
    packed = load(path, make_store(MOST_BYTES))

    kept = load(path, make_store(0))

    assert packed.mapped_bytes == 0 < kept.mapped_bytes <= kept.weights_bytes
    assert kept.weights_bytes == packed.weights_bytes
    logits = [ForwardRunner(decoder).run(IDS, len(IDS)) for decoder in (packed, kept)]
    assert torch.equal(*logits)


def spoil(path: Path) -> None:
    """Zeros in place of the matrices."""
    content = path.read_bytes()
    path.write_bytes(content[:4096].ljust(len(content), b"\0"))


def test_wrong_weights_are_packed_anew_in_the_same_load(
    make_store: MakeStore, tmp_path: Path
) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0")
    packed = load(path, make_store(MOST_BYTES))
    spoil(*kept_in(tmp_path / "packed"))

    again = load(path, make_store(MOST_BYTES))

    logits = [ForwardRunner(decoder).run(IDS, len(IDS)) for decoder in (packed, again)]
    assert torch.equal(*logits)
    assert again.mapped_bytes == 0
    assert load(path, make_store(0)).mapped_bytes > 0


@pytest.mark.parametrize(("most_compared", "is_made"), [(0, False), (10**6, True)])
def test_kept_experts_are_put_together_only_to_be_compared(
    make_store: MakeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most_compared: int,
    is_made: bool,
) -> None:
    folder = write_folder(build_network(EXPERT_CASES["gpt_oss, MXFP4"], 2), tmp_path / "model")
    load(folder, make_store(MOST_BYTES))
    made: list[object] = []

    def join(*parts: torch.Tensor) -> torch.Tensor:
        made.append(parts)
        return mxfp4_blocks(*parts)

    monkeypatch.setattr(packer, "_MOST_COMPARED", most_compared)
    monkeypatch.setattr(experts, "mxfp4_blocks", join)

    assert load(folder, make_store(0)).mapped_bytes > 0

    assert bool(made) is is_made


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's list of mappings")
def test_nothing_has_wrong_weights_mapped_when_they_are_removed(
    make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows would not remove them."""
    path = tiny_gguf(tmp_path, "llama", "Q8_0")
    load(path, make_store(MOST_BYTES))
    (kept,) = kept_in(tmp_path / "packed")
    spoil(kept)
    mappings: list[str] = []

    def forget(*_: object) -> None:
        mappings.append(Path("/proc/self/maps").read_text(encoding="utf-8"))

    monkeypatch.setattr(PackedStore, "forget", forget)

    load(path, make_store(MOST_BYTES))

    assert len(mappings) == 1
    assert kept.name not in mappings[0]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """One that keeps small networks too, and at once."""
    fastest_kernels()
    store = partial(PackedStore, least_bytes=1, delay_s=0.0)
    monkeypatch.setattr(engine_module, "PackedStore", store)
    return Engine(EngineOptions(compute_dtype="float32", kv_pool_tokens=1024))


def test_reply_is_the_same_after_a_load_from_kept_weights(engine: Engine, tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0", with_tokenizer=True)
    folder = tmp_path / "packed"
    command = LoadModel(
        str(path), "cpu", num_threads=1, packed_folder=str(folder), most_packed_bytes=MOST_BYTES
    )
    replies = []
    for _ in range(2):
        engine.load(command, lambda phase, fraction: None)
        replies.append(run_alone(engine, make_request(range(3, 20))))
        assert engine._store is not None
        engine._store.wait()

    assert replies[0] == replies[1]
    assert engine._model is not None
    assert engine._model.decoder.mapped_bytes > 0
    assert len(kept_in(folder)) == 1


def test_unloading_ends_the_writing(engine: Engine, tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0", with_tokenizer=True)
    command = LoadModel(str(path), "cpu", packed_folder=str(tmp_path), most_packed_bytes=MOST_BYTES)
    engine.load(command, lambda phase, fraction: None)
    store = engine._store

    engine.unload()

    assert store is not None
    assert (engine._store, store._thread, store._work) == (None, None, [])


def test_mapped_weights_are_no_room_for_keys_and_values(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0", with_tokenizer=True)
    command = LoadModel(
        str(path), "cpu", packed_folder=str(tmp_path / "p"), most_packed_bytes=MOST_BYTES
    )
    planned: list[int] = []

    def noted(
        options: EngineOptions, length: int, costs: BlockBytes, free_bytes: int
    ) -> MemoryPlan:
        planned.append(free_bytes)
        return plan_memory(options, length, costs, free_bytes)

    monkeypatch.setattr(loaded_model, "plan_memory", noted)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10**10))
    for _ in range(2):
        engine.load(command, lambda phase, fraction: None)
        assert engine._store is not None
        engine._store.wait()

    assert engine._model is not None
    assert planned == [10**10, 10**10 - engine._model.decoder.mapped_bytes]
