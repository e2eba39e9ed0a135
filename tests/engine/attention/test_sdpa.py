"""torch's flash attention over gathered blocks; its varlen form by its description, written out."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.attention import varlen

from realm_desktop.engine.attention import sdpa
from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.sdpa import SdpaAttention, VarlenAttention
from tests.support.mixed_attention import MIXED, Network, Rows, mixed_step

pytestmark = pytest.mark.usefixtures("one_thread")
CUDA = torch.device("cuda")
NETWORKS = [
    Network(dtype=torch.float64),
    Network((3, 1, 80), dtype=torch.float64),
    Network((2, 2, 24), windows=(600,), dtype=torch.float64),
    Network((6, 2, 16), windows=(33,), dtype=torch.float64),
    Network(windows=(1,), dtype=torch.float64),
    Network(storage="int8"),
]


def described_varlen(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    starts: Tensor,
    key_starts: Tensor,
    most_rows: int,
    most_slots: int,
    **options: Any,
) -> Any:
    """What `varlen_attn` says that it computes, sequence by sequence; sums of weights by head and row.

    What lies behind the keys of a sequence is not read: it may be anything.
    """
    assert options["num_splits"] == 1
    assert options["enable_gqa"] == (q.shape[1] != k.shape[1])
    before, behind = options["window_size"]
    assert behind == 0
    outs, sums = [], []
    for index, num_keys in enumerate(options["seqused_k"].tolist()):
        rows = slice(*starts[index : index + 2].tolist())
        first, end = key_starts[index : index + 2].tolist()
        assert rows.stop - rows.start <= most_rows
        assert num_keys <= end - first <= most_slots
        group = q.shape[1] // k.shape[1]
        keys, values = (
            part[first : first + num_keys].repeat_interleave(group, 1).transpose(0, 1)
            for part in (k, v)
        )
        scores = q[rows].transpose(0, 1) @ keys.transpose(1, 2) * options["scale"]
        places = torch.arange(num_keys)
        distance = places[num_keys - scores.shape[1] :, None] - places
        hidden = distance < 0 if before < 0 else (distance < 0) | (distance > before)
        scores.masked_fill_(hidden, float("-inf"))
        outs.append((scores.softmax(-1) @ values).transpose(0, 1))
        sums.append(scores.logsumexp(-1))
    out = torch.cat(outs)
    return (out, torch.cat(sums, 1)) if "return_aux" in options else out


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(varlen, "varlen_attn", described_varlen)


@pytest.mark.parametrize("network", NETWORKS)
def test_calls_for_each_sequence_agree_with_gathered_blocks(network: Network) -> None:
    step = mixed_step(network, (*MIXED, Rows(0, 70)))

    torch.testing.assert_close(
        step.attend(SdpaAttention()).double(), step.expected(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize("network", [*NETWORKS, Network(has_sinks=True, windows=(128,))])
@pytest.mark.parametrize("most_slots", [64, 1 << 16])
def test_varlen_calls_agree_with_gathered_blocks(
    monkeypatch: pytest.MonkeyPatch, network: Network, most_slots: int
) -> None:
    monkeypatch.setattr(sdpa, "_GATHERED_SLOTS", most_slots)
    step = mixed_step(network, (*MIXED, Rows(0, 70)))

    torch.testing.assert_close(
        step.attend(VarlenAttention()).double(), step.expected(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize("backend", [SdpaAttention(), VarlenAttention()], ids=lambda own: own.name)
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_layers_with_windows_read_the_blocks_that_are_left_of_their_own(
    backend: AttentionBackend, layer: int
) -> None:
    network = Network(windows=(None, 200, 33), dtype=torch.float64)
    step = mixed_step(network, MIXED, has_own_blocks=True)

    torch.testing.assert_close(step.attend(backend, layer), step.expected(layer))


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize("backend", [SdpaAttention(), VarlenAttention()], ids=lambda own: own.name)
def test_padding_rows_are_zero(backend: AttentionBackend) -> None:
    step = mixed_step(Network(), (Rows(70, 1), Rows(3, 5)))
    padded = torch.cat((step.q, torch.ones_like(step.q[:2])))

    out = step._replace(q=padded).attend(backend)

    assert not out[-2:].any()
    torch.testing.assert_close(out[:-2], step.attend(backend))


@pytest.mark.parametrize(
    ("shape", "device", "dtype", "reason"),
    [
        (Network().shape, torch.device("mps"), torch.bfloat16, "on CUDA, not on mps"),
        (Network().shape, CUDA, torch.float32, "not in torch.float32"),
        (Network((1, 1, 12)).shape, CUDA, torch.bfloat16, "12 values"),
        (Network((1, 1, 264)).shape, CUDA, torch.bfloat16, "264 values"),
        (Network(softcap=1.0).shape, CUDA, torch.bfloat16, "no bound of the scores"),
        (Network().shape, CUDA, torch.bfloat16, "built without flash attention"),
    ],
)
def test_varlen_says_why_it_declines(
    shape: AttentionShape, device: torch.device, dtype: torch.dtype, reason: str
) -> None:
    assert reason in (VarlenAttention().supports(shape, device, dtype) or "")


def test_varlen_declines_where_torch_has_no_number_of_splits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(varlen, "varlen_attn", lambda query, key, value: None)

    reason = VarlenAttention().supports(Network().shape, CUDA, torch.bfloat16)

    assert "has no varlen_attn" in (reason or "")


def test_varlen_declines_on_rocm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", "6.4")

    assert "not on ROCm" in (
        VarlenAttention().supports(Network().shape, CUDA, torch.bfloat16) or ""
    )


def test_varlen_serves_cuda_with_flash_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_flash_attention_available", lambda: True)

    assert VarlenAttention().supports(Network().shape, CUDA, torch.bfloat16) is None


@pytest.mark.parametrize(
    ("network", "device", "reason"),
    [
        (Network(), "mps", "not for mps"),
        (Network(), "cpu", "not for cpu"),
        (Network(softcap=1.0), "cuda", "no bound"),
        (Network(has_sinks=True), "cuda", "no sinks"),
    ],
)
def test_sdpa_says_why_it_declines(network: Network, device: str, reason: str) -> None:
    declined = SdpaAttention().supports(network.shape, torch.device(device), torch.float32)

    assert reason in (declined or "")
    assert SdpaAttention().supports(Network().shape, CUDA, torch.float32) is None
