"""Experts from files of every form: the same matrices, and quantized ones as they lie there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix
from realm_desktop.engine.weights.expert_places import expert_places
from realm_desktop.engine.weights.experts import ExpertWeights, alternate_order, read_experts
from realm_desktop.engine.weights.linear_weight import RawMatrices
from realm_desktop.engine.weights.loader import check_tensor
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.engine.weights.source import WeightSource
from realm_desktop.errors import CorruptFile, ModelFileError, UnsupportedTensorType
from realm_desktop.formats.model_file import open_model
from tests.support.attention_cases import small_spec
from tests.support.kernels import fastest_kernels

NUM, WIDE, HIDDEN = 3, 8, 64
Tensors = dict[str, Tensor]


def spec_of(**changes: object) -> ModelSpec:
    values: dict[str, object] = {"num_experts": NUM, "num_chosen": 1, "intermediate_size": WIDE}
    experts = ExpertSpec(**{**values, "layers": (True,), **changes})  # type: ignore[arg-type]  # of any type
    return replace(small_spec(), hidden_size=HIDDEN, experts=experts)


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape) + shape[-1]))


GATE_UP, DOWN = draw(NUM, 2 * WIDE, HIDDEN), draw(NUM, HIDDEN, WIDE)


def save_folder(tensors: Tensors, folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    save_file({name: value.contiguous() for name, value in tensors.items()},
              folder / "model.safetensors")  # fmt: skip
    return folder


def save_gguf(tensors: Tensors, path: Path, kind: str = "F32") -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    tensor_type = gguf.GGMLQuantizationType[kind]
    for name, value in tensors.items():
        rows = value.numpy().reshape(-1, value.shape[-1])
        stored = gguf.quants.quantize(rows, tensor_type)
        stored = stored.reshape(*value.shape[:-1], -1)
        writer.add_tensor(name, np.ascontiguousarray(stored), raw_dtype=tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def read(
    path: Path, spec: ModelSpec, kernels: CpuKernels | None = None
) -> tuple[list[ExpertWeights], list[int]]:
    """The experts of layer 0, and the numbers of values that were told."""
    told: list[int] = []
    with closing(open_model(path)) as model_file:
        cpu = torch.device("cpu")
        packer = None if kernels is None else Packer(kernels)
        source = WeightSource(model_file, torch.float32, cpu, packer, told.append)
        places = expert_places(spec, model_file.container, 0, model_file.tensors)
        for need in places.needs(NUM):
            check_tensor(model_file, need)
        return list(read_experts(source, places, NUM)), told


def hub_fused() -> Tensors:
    base = "model.layers.0.mlp.experts."
    return {f"{base}gate_up_proj": GATE_UP, f"{base}down_proj": DOWN}


def hub_own(block: str, gate: str, up: str, down: str) -> Tensors:
    tensors: Tensors = {}
    for expert in range(NUM):
        base = f"model.layers.0.{block}.experts.{expert}."
        tensors[f"{base}{gate}.weight"], tensors[f"{base}{up}.weight"] = GATE_UP[expert].chunk(2)
        tensors[f"{base}{down}.weight"] = DOWN[expert]
    return tensors


def gguf_stacked() -> Tensors:
    gate, up = GATE_UP.chunk(2, 1)
    kinds = {"gate": gate, "up": up, "down": DOWN}
    return {f"blk.0.ffn_{kind}_exps.weight": value for kind, value in kinds.items()}


def gguf_fused() -> Tensors:
    return {"blk.0.ffn_gate_up_exps.weight": GATE_UP, "blk.0.ffn_down_exps.weight": DOWN}


def gguf_own() -> Tensors:
    return {
        f"blk.0.ffn_{kind}.{expert}.weight": value
        for expert in range(NUM)
        for kind, value in zip(
            ("gate", "up", "down"), (*GATE_UP[expert].chunk(2), DOWN[expert]), strict=True
        )
    }


FORMS: dict[str, tuple[Callable[[Tensors, Path], Path], Tensors]] = {
    "fused": (save_folder, hub_fused()),
    "own": (save_folder, hub_own("mlp", "gate_proj", "up_proj", "down_proj")),
    "mixtral": (save_folder, hub_own("block_sparse_moe", "w1", "w3", "w2")),
    "stacked GGUF": (save_gguf, gguf_stacked()),
    "fused GGUF": (save_gguf, gguf_fused()),
    "GGUF of 2024": (save_gguf, gguf_own()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_matrices(form: str, tmp_path: Path) -> None:
    save, tensors = FORMS[form]

    experts, told = read(save(tensors, tmp_path / "model"), spec_of())

    assert len(experts) == NUM
    for own, gate_up, down in zip(experts, GATE_UP, DOWN, strict=True):
        assert isinstance(own.gate_up, Tensor)
        assert isinstance(own.down, Tensor)
        assert torch.equal(own.gate_up, gate_up)
        assert torch.equal(own.down, down)
        assert own.gate_up_bias is own.down_bias is None
    assert sum(told) == GATE_UP.numel() + DOWN.numel()


def test_gpt_oss_lies_transposed_with_rows_in_turns(tmp_path: Path) -> None:
    turns = GATE_UP[:, torch.arange(2 * WIDE).view(2, -1).t().flatten()]
    base = "model.layers.0.mlp.experts."
    tensors = {f"{base}gate_up_proj": turns.mT, f"{base}down_proj": DOWN.mT}
    bias = torch.arange(2.0 * WIDE)
    tensors |= {
        f"{base}gate_up_proj_bias": bias.expand(NUM, -1),
        f"{base}down_proj_bias": torch.zeros(NUM, HIDDEN),
    }

    experts, _ = read(save_folder(tensors, tmp_path / "m"), spec_of(gate="clamped", has_bias=True))

    assert torch.equal(torch.stack([own.gate_up for own in experts]), GATE_UP)  # type: ignore[misc]  # plain
    assert torch.equal(torch.stack([own.down for own in experts]), DOWN)  # type: ignore[misc]  # plain
    assert experts[0].gate_up_bias is not None
    assert experts[0].gate_up_bias.tolist() == [*range(0, 16, 2), *range(1, 16, 2)]


def test_quantized_experts_stay_as_they_are(tmp_path: Path) -> None:
    wide = {name: value for name, value in gguf_stacked().items() if "down" not in name}
    down = {"blk.0.ffn_down_exps.weight": draw(NUM, HIDDEN, 32)}
    path = save_gguf({**wide, **down}, tmp_path / "model.gguf", "Q8_0")
    spec = spec_of()

    with closing(open_model(path)) as model_file:
        source = WeightSource(
            model_file, torch.float32, torch.device("cpu"), None, lambda count: None
        )
        places = expert_places(spec, "gguf", 0, model_file.tensors)
        (first, *_) = read_experts(source, places, NUM)

    assert isinstance(first.gate_up, RawMatrices)
    gate, _ = first.gate_up.matrices
    stored = gate.dequantize()
    torch.testing.assert_close(stored, GATE_UP[0, :WIDE], rtol=0.0, atol=2e-2)
    assert gate.num_bytes == WIDE * HIDDEN // 32 * 34


def test_quantized_experts_are_packed_where_there_are_kernels(tmp_path: Path) -> None:
    path = save_gguf(
        {**gguf_stacked(), "blk.0.ffn_down_exps.weight": draw(NUM, HIDDEN, 32)},
        tmp_path / "model.gguf",
        "Q4_0",
    )
    with closing(open_model(path)) as model_file:
        source = WeightSource(
            model_file,
            torch.float32,
            torch.device("cpu"),
            Packer(fastest_kernels()),
            lambda count: None,
        )
        places = expert_places(spec_of(), "gguf", 0, model_file.tensors)
        (first, *_) = read_experts(source, places, NUM)

    assert isinstance(first.gate_up, tuple)
    assert [type(matrix) for matrix in first.gate_up] == [PackedMatrix] * 2
    assert [matrix.shape for matrix in first.gate_up] == [(WIDE, HIDDEN)] * 2


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("gate_up_proj_blocks", torch.zeros(NUM, 64, 2, 16), UnsupportedTensorType),
        ("gate_up_proj_blocks", torch.zeros(NUM, 2, 2, 16, dtype=torch.uint8), CorruptFile),
        ("gate_up_proj_scales", torch.zeros(NUM, 2 * WIDE, 3, dtype=torch.uint8), CorruptFile),
        ("down_proj_scales", None, CorruptFile),
    ],
)
def test_mxfp4_of_another_kind_is_refused(
    name: str, value: Tensor | None, error: type[ModelFileError], tmp_path: Path
) -> None:
    base = "model.layers.0.mlp.experts."
    tensors = {
        f"{base}gate_up_proj_blocks": torch.zeros(NUM, 64, 2, 16, dtype=torch.uint8),
        f"{base}gate_up_proj_scales": torch.zeros(NUM, 64, 2, dtype=torch.uint8),
        f"{base}down_proj_blocks": torch.zeros(NUM, HIDDEN, 1, 16, dtype=torch.uint8),
        f"{base}down_proj_scales": torch.zeros(NUM, HIDDEN, 1, dtype=torch.uint8),
    }
    tensors.pop(f"{base}{name}")
    if value is not None:
        tensors[f"{base}{name}"] = value
    folder = save_folder(tensors, tmp_path / "model")

    with pytest.raises(error, match=name):
        read(folder, spec_of(intermediate_size=32, gate="clamped"))


def test_routers_have_the_names_of_their_files() -> None:
    spec = spec_of(has_choice_bias=True, has_shared_gate=True)
    mixtral = {"model.layers.0.block_sparse_moe.gate.weight"}

    assert expert_places(spec, "safetensors", 0, mixtral).router in mixtral
    hub = expert_places(spec, "safetensors", 0, ())
    assert (hub.router, hub.choice_bias, hub.shared_router) == (
        "model.layers.0.mlp.gate.weight",
        "model.layers.0.mlp.gate.e_score_correction_bias",
        "model.layers.0.mlp.shared_expert_gate.weight",
    )
    own = expert_places(spec, "gguf", 0, ())
    assert (own.router, own.choice_bias, own.shared_router) == (
        "blk.0.ffn_gate_inp.weight",
        "blk.0.exp_probs_b.bias",
        "blk.0.ffn_gate_inp_shexp.weight",
    )


def test_alternate_rows_come_apart() -> None:
    assert alternate_order(6).tolist() == [0, 2, 4, 1, 3, 5]
