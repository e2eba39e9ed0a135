"""Reading adapter files: what is taken, and how everything else is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.adapter_file import Adapter, read_adapter
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import (
    AdapterError,
    AdapterMismatch,
    CorruptFile,
    ModelFileError,
    RealmError,
)
from realm_desktop.formats.model_file import open_model
from tests.support.adapters import TinyAdapter, save_gguf_adapter, save_peft, tiny_adapter
from tests.support.gguf_files import write_gguf
from tests.support.safetensors_files import write_safetensors
from tests.support.tiny_models import TinyModel, save_safetensors, tiny_model

Q0 = "base_model.model.model.layers.0.self_attn.q_proj"


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


@pytest.fixture
def adapter(model: TinyModel) -> TinyAdapter:
    return tiny_adapter(model)


def _read(path: Path, spec: ModelSpec) -> Adapter:
    return read_adapter(path, spec, torch.float32)


def _refusal(
    adapter: TinyAdapter, tensors: dict[str, Tensor], folder: Path, spec: ModelSpec
) -> str:
    with pytest.raises(AdapterError) as caught:
        _read(save_peft(adapter, folder, tensors), spec)
    return caught.value.message


def test_scaling_is_multiplied_into_b(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    read = _read(save_peft(adapter, tmp_path), spec)

    a, b = adapter.pairs["model.layers.1.mlp.down_proj"]
    pair = read.pairs[Target(1, Part.DOWN)]
    assert torch.equal(pair.a, a)
    assert torch.equal(pair.b, b * 2.0)  # alpha 8, rank 4
    assert (read.rank, read.alpha, len(read.pairs)) == (4, 8.0, 14)


@pytest.mark.parametrize("prefix", ["language_model.model.", "model.language_model."])
def test_layers_of_a_network_with_pictures_are_those_of_its_text_part(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, prefix: str
) -> None:
    plain = _read(save_peft(adapter, tmp_path / "plain"), spec)
    inside = {
        name.replace("base_model.model.model.", f"base_model.model.{prefix}"): values
        for name, values in adapter.tensors().items()
    }

    found = _read(save_peft(adapter, tmp_path / "inside", inside), spec)

    assert found.pairs.keys() == plain.pairs.keys()
    assert all(torch.equal(found.pairs[key].b, pair.b) for key, pair in plain.pairs.items())


def test_values_come_in_the_compute_dtype(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    read = read_adapter(save_peft(adapter, tmp_path), spec, torch.bfloat16)

    pair = read.pairs[Target(0, Part.QUERY)]
    assert pair.a.dtype == pair.b.dtype == torch.bfloat16
    assert read.num_bytes == sum(2 * (a.numel() + b.numel()) for a, b in adapter.pairs.values())


def test_adapter_file_is_read_with_the_config_beside_it(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    folder = save_peft(adapter, tmp_path)

    assert len(_read(folder / "adapter_model.safetensors", spec).pairs) == 14


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_every_float_type_is_read(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, dtype: torch.dtype
) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in adapter.tensors().items()}

    read = _read(save_peft(adapter, tmp_path, tensors), spec)

    expected = tensors[f"{Q0}.lora_A.weight"].float()
    assert torch.equal(read.pairs[Target(0, Part.QUERY)].a, expected)


def test_fused_names_are_split_into_their_parts(
    model: TinyModel, adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    sizes = [adapter.pairs[f"model.layers.0.self_attn.{x}_proj"][1].shape[0] for x in "qkv"]
    a, b = torch.randn(4, 64), torch.randn(sum(sizes), 4)
    gate_up = torch.randn(192, 4)
    prefix = "base_model.model.model.layers.0"
    tensors = {
        f"{prefix}.self_attn.qkv_proj.lora_A.weight": a,
        f"{prefix}.self_attn.qkv_proj.lora_B.weight": b,
        f"{prefix}.mlp.gate_up_proj.lora_A.weight": a.clone(),
        f"{prefix}.mlp.gate_up_proj.lora_B.weight": gate_up,
    }

    pairs = _read(save_peft(adapter, tmp_path, tensors), spec).pairs

    parts = (Part.QUERY, Part.KEY, Part.VALUE)
    for part, rows in zip(parts, torch.split(b, sizes), strict=True):
        assert torch.equal(pairs[Target(0, part)].b, 2.0 * rows)
        assert torch.equal(pairs[Target(0, part)].a, a)
    assert torch.equal(pairs[Target(0, Part.UP)].b, 2.0 * gate_up[96:])


def test_gguf_adapter_without_alpha_is_not_scaled(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    path = save_gguf_adapter(adapter, tmp_path / "a.gguf", **{"adapter.lora.alpha": 0.0})

    b = adapter.pairs["model.layers.0.mlp.down_proj"][1]
    assert torch.equal(_read(path, spec).pairs[Target(0, Part.DOWN)].b, b)


def test_name_comes_from_a_gguf_file_or_the_path(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    titled = save_gguf_adapter(adapter, tmp_path / "a.gguf", **{"general.name": "Tax\nlaw"})

    assert _read(titled, spec).name == "Tax\\x0alaw"
    assert _read(save_peft(adapter, tmp_path / "poems"), spec).name == "poems"


def test_wrong_input_width_names_target_found_and_expected(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    other = tiny_adapter(tiny_model(hidden_size=32, head_dim=8))

    with pytest.raises(AdapterMismatch) as caught:
        _read(save_peft(other, tmp_path), spec)

    assert caught.value.field is not None
    assert caught.value.field in caught.value.message
    assert "has shape [32, 4]; [64, 4] is expected" in caught.value.message


def test_layer_that_the_model_lacks_is_refused(spec: ModelSpec, tmp_path: Path) -> None:
    deeper = tiny_adapter(tiny_model(num_hidden_layers=3), modules=["self_attn.q_proj"])

    with pytest.raises(AdapterMismatch, match=r"layers\.2.*0 to 1 is expected"):
        _read(save_peft(deeper, tmp_path), spec)


def test_other_architecture_of_a_gguf_adapter_is_refused(spec: ModelSpec, tmp_path: Path) -> None:
    path = save_gguf_adapter(tiny_adapter(tiny_model("qwen2")), tmp_path / "a.gguf")

    with pytest.raises(AdapterMismatch, match="is qwen2; llama is expected"):
        _read(path, spec)


def test_rank_that_the_config_does_not_say_is_refused(
    model: TinyModel, spec: ModelSpec, tmp_path: Path
) -> None:
    adapter = tiny_adapter(model, rank=4, r=8)

    with pytest.raises(AdapterMismatch, match=r"have rank 4; .* says 8"):
        _read(save_peft(adapter, tmp_path), spec)


def test_b_of_another_rank_than_a_is_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    tensors = {**adapter.tensors(), f"{Q0}.lora_B.weight": torch.zeros(64, 5)}

    assert "shape [64, 5]; [64, 4]" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize("shape", [(0, 64), (513, 64), (4,), (4, 64, 1)])
def test_impossible_ranks_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    tensors = {**adapter.tensors(), f"{Q0}.lora_A.weight": torch.zeros(shape)}

    assert "with a rank of 1 to 512" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize(("side", "absent"), [("A", "B"), ("B", "A")])
def test_half_a_pair_is_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, side: str, absent: str
) -> None:
    tensors = adapter.tensors()
    del tensors[f"{Q0}.lora_{absent}.weight"]

    assert f"no matrix {absent}" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.model.layers.0.self_attn.x_proj.lora_A.weight",
        "base_model.model.lm_head.lora_A.weight",
        "base_model.model.model.embed_tokens.lora_embedding_A",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
        "base_model.model.model.layers.99999999999.mlp.up_proj.lora_A.weight",
        "\u202ex" * 300,
    ],
)
def test_unknown_names_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, name: str
) -> None:
    tensors = {name: torch.zeros(4, 64), **dict(list(adapter.tensors().items())[:2])}

    message = _refusal(adapter, tensors, tmp_path, spec)
    assert "linear layer" in message
    assert "\u202e" not in message


def test_layer_named_fused_and_unfused_is_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    fused = Q0.replace("q_proj", "qkv_proj")
    tensors = {
        **dict(list(adapter.tensors().items())[:4]),
        f"{fused}.lora_A.weight": torch.zeros(4, 64),
        f"{fused}.lora_B.weight": torch.zeros(128, 4),
    }

    assert "another name changes too" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize("dtype", [torch.int8, torch.int64, torch.bool])
def test_integers_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, dtype: torch.dtype
) -> None:
    tensors = {**adapter.tensors(), f"{Q0}.lora_A.weight": torch.ones(4, 64, dtype=dtype)}

    assert "holds integers" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 3e38])
@pytest.mark.parametrize("side", ["A", "B"])
def test_values_that_are_no_numbers_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, value: float, side: str
) -> None:
    tensors = adapter.tensors()
    tensors[f"{Q0}.lora_{side}.weight"][1, 1] = value
    if value == 3e38 and side == "A":  # finite, and A is not scaled
        _read(save_peft(adapter, tmp_path, tensors), spec)
        return

    assert "not finite" in _refusal(adapter, tensors, tmp_path, spec)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_values_are_rounded_as_torch_rounds(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, dtype: torch.dtype
) -> None:
    read = read_adapter(save_peft(adapter, tmp_path), spec, dtype)

    for layer in range(2):
        a, b = adapter.pairs[f"model.layers.{layer}.mlp.down_proj"]
        pair = read.pairs[Target(layer, Part.DOWN)]
        assert torch.equal(pair.a, a.to(dtype))
        assert torch.equal(pair.b, (2.0 * b).to(dtype))


@pytest.mark.parametrize(
    ("dtype", "largest"), [(torch.float16, 65504.0), (torch.bfloat16, 3.38e38)]
)
def test_values_beyond_the_compute_dtype_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, dtype: torch.dtype, largest: float
) -> None:
    tensors = adapter.tensors()
    tensors[f"{Q0}.lora_A.weight"][1, 1] = largest
    assert read_adapter(save_peft(adapter, tmp_path / "a", tensors), spec, dtype).rank == 4
    tensors[f"{Q0}.lora_A.weight"][1, 1] = 1.005 * largest

    with pytest.raises(AdapterError, match="not finite"):
        read_adapter(save_peft(adapter, tmp_path / "b", tensors), spec, dtype)


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_far_too_many_tensors_are_refused_by_their_number(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, count: int
) -> None:
    save_peft(adapter, tmp_path)
    value = np.zeros((1, 1), np.float32)
    many = {f"{i}.lora_A.weight": value for i in range(count)}
    write_safetensors(tmp_path / "adapter_model.safetensors", many)

    with pytest.raises(AdapterMismatch, match=f"number of tensors is {count}; 2 to 38"):
        _read(tmp_path, spec)


def test_empty_adapter_is_refused(adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path) -> None:
    assert "number of tensors is 0" in _refusal(adapter, {}, tmp_path, spec)


def test_model_in_place_of_an_adapter_is_refused(
    model: TinyModel, spec: ModelSpec, tmp_path: Path
) -> None:
    with pytest.raises(AdapterError, match="or is not an adapter"):
        _read(save_safetensors(model, tmp_path), spec)


@pytest.mark.parametrize(
    ("key", "value"), [("general.type", "model"), ("adapter.type", "control_vector")]
)
def test_other_gguf_files_are_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, key: str, value: str
) -> None:
    path = save_gguf_adapter(adapter, tmp_path / "a.gguf", **{key: value})

    with pytest.raises(AdapterError, match=f"{key} is {value}"):
        _read(path, spec)


def test_lfs_pointer_has_its_own_message(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path
) -> None:
    save_peft(adapter, tmp_path)
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (tmp_path / "adapter_model.safetensors").write_text(pointer, encoding="utf-8")

    with pytest.raises(ModelFileError) as caught:
        _read(tmp_path, spec)
    assert "LFS" in f"{caught.value.message} {caught.value.advice}"


@pytest.mark.parametrize("missing", ["/nowhere", "/dev/null", ""])
def test_path_that_is_no_file_is_refused(spec: ModelSpec, missing: str) -> None:
    with pytest.raises(RealmError):
        _read(Path(missing), spec)


@pytest.mark.parametrize(
    "metadata",
    [{"adapter.lora.alpha": "8"}, {"adapter.lora.alpha": -1.0}, {"general.type": 3.0}],
)
def test_gguf_metadata_of_another_type_is_refused(
    adapter: TinyAdapter, spec: ModelSpec, tmp_path: Path, metadata: dict[str, Any]
) -> None:
    path = save_gguf_adapter(adapter, tmp_path / "a.gguf", **metadata)

    with pytest.raises(CorruptFile):
        _read(path, spec)


def test_gguf_names_of_another_network_are_refused(spec: ModelSpec, tmp_path: Path) -> None:
    metadata: dict[str, str | float] = {
        "general.type": "adapter",
        "general.architecture": "llama",
        "adapter.type": "lora",
        "adapter.lora.alpha": 8.0,
    }
    tensors = {f"blk.0.ssm_in.weight.lora_{x}": np.zeros((4, 4), np.float32) for x in "ab"}

    with pytest.raises(AdapterMismatch, match="ssm_in"):
        _read(write_gguf(tmp_path / "a.gguf", metadata, tensors), spec)
