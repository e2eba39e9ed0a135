"""The Metal shader of attention, compiled as C++: values, bits, and what it declines."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from realm_desktop.engine.attention import metal_paged, tile_tables
from realm_desktop.engine.attention.metal_paged import MetalAttention
from tests.support.metal_shaders import CompiledShader
from tests.support.mixed_attention import MixedStep, Network, Rows, mixed_step

pytestmark = pytest.mark.usefixtures("one_thread", "compiled_as_cpp")
MPS = torch.device("mps")
ROWS = (Rows(520, 1), Rows(70, 2), Rows(0, 1), Rows(30, 20))
"""A decode with two splits, drafts, a first token, and a chunk that torch computes."""

SMALL = Network((2, 1, 16), has_sinks=True)  # one shader for several tests


@pytest.fixture(scope="module")
def shaders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], CompiledShader]:
    @functools.cache
    def compiled(source: str) -> CompiledShader:
        return CompiledShader(source, tmp_path_factory.mktemp("metal"), "attention_entries.inc")

    return compiled


@pytest.fixture
def compiled_as_cpp(
    monkeypatch: pytest.MonkeyPatch, shaders: Callable[[str], CompiledShader]
) -> None:
    monkeypatch.setattr(metal_paged, "_compiled", shaders)


@pytest.mark.parametrize(
    "network",
    [
        Network((4, 2, 64)),
        Network((3, 1, 80), softcap=5.0, storage="int8"),
        Network((2, 1, 24), windows=(33,), has_sinks=True),
    ],
)
def test_every_feature_agrees_with_gathered_blocks(network: Network) -> None:
    step = mixed_step(network, ROWS)

    found = step.attend(MetalAttention()).double()

    torch.testing.assert_close(found, step.expected(), rtol=1e-5, atol=5e-6)


def test_bfloat16_agrees_within_its_rounding() -> None:
    step = mixed_step(Network((2, 1, 64), dtype=torch.bfloat16, storage="int8"), ROWS)

    found = step.attend(MetalAttention()).double()

    torch.testing.assert_close(found, step.expected(), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("layer", [0, 1])
def test_layers_with_windows_read_the_blocks_that_are_left_of_their_own(layer: int) -> None:
    network = replace(SMALL, windows=(None, 70))
    step = mixed_step(network, (Rows(150, 1), Rows(66, 2)), has_own_blocks=True)

    found = step.attend(MetalAttention(), layer).double()

    torch.testing.assert_close(found, step.expected(layer), rtol=1e-5, atol=5e-6)


def _attend(step: MixedStep, first_row: int, count: int) -> torch.Tensor:
    """Some rows of a step's first sequence, alone."""
    segment = step.batch.segments[0]
    own = segment._replace(
        first_row=0, num_rows=count, first_position=segment.first_position + first_row
    )
    rows = slice(first_row, first_row + count)
    return step.part(rows, [own]).attend(MetalAttention())


def test_rows_have_the_same_bits_alone_and_in_a_mix() -> None:
    step = mixed_step(SMALL, (Rows(510, 4), Rows(3, 1)))
    whole = step.attend(MetalAttention())

    for first_row, count in ((0, 1), (1, 2), (3, 1)):
        rows = slice(first_row, first_row + count)
        assert torch.equal(_attend(step, first_row, count), whole[rows])


def test_bits_do_not_tell_who_joined_the_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    step = mixed_step(SMALL, (Rows(600, 1),))
    joined_after = step.attend(MetalAttention())
    monkeypatch.setattr(tile_tables, "WORKSPACE_BYTES", 0)

    assert torch.equal(step.attend(MetalAttention()), joined_after)


def test_padding_rows_are_zero() -> None:
    step = mixed_step(SMALL, (Rows(3, 2),))
    padded = torch.cat((step.q, torch.ones_like(step.q)))

    assert not step._replace(q=padded).attend(MetalAttention())[2:].any()


def test_steps_of_prompts_alone_compile_no_shader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metal_paged, "_compiled", lambda source: pytest.fail("compiled"))
    step = mixed_step(Network(), (Rows(0, 30),))

    torch.testing.assert_close(
        step.attend(MetalAttention()).double(), step.expected(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("heads", "device", "dtype", "reason"),
    [
        ((4, 2, 64), torch.device("cuda"), torch.float32, "on MPS, not on cuda"),
        ((4, 2, 64), MPS, torch.float16, "not in torch.float16"),
        ((1, 1, 264), MPS, torch.float32, "264 values, more than 256"),
        ((16, 1, 256), MPS, torch.float32, "16 query heads of 256 values"),
    ],
)
def test_what_it_cannot_do_is_declined_with_a_reason(
    heads: tuple[int, int, int], device: torch.device, dtype: torch.dtype, reason: str
) -> None:
    assert reason in (MetalAttention().supports(Network(heads).shape, device, dtype) or "")


def test_mps_is_served_where_torch_compiles_shaders(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Network((8, 1, 128)).shape
    assert MetalAttention().supports(shape, MPS, torch.bfloat16) is None

    monkeypatch.delattr(torch.mps, "compile_shader")

    assert "compiles no shaders" in (MetalAttention().supports(shape, MPS, torch.bfloat16) or "")
