"""The network: batch invariance, stopping, and what it says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.engine.decoder import build_decoder
from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.errors import CorruptFile, OutOfMemory, SettingsError
from realm_desktop.formats.model_file import open_model
from tests.support.forward import ForwardRunner, load_decoder, make_batch, random_ids
from tests.support.kernels import fastest_kernels
from tests.support.tiny_models import tiny_gguf, tiny_model, tiny_safetensors

pytestmark = pytest.mark.usefixtures("one_thread")

_DTYPES: list[ComputeDtype] = ["float32", "bfloat16"]
# Widths at which libraries are known to change their kernels: tiny and odd, and one of real size.
_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {},
    "odd": {"hidden_size": 72, "intermediate_size": 172, "num_attention_heads": 6, "head_dim": 12},
    "many heads": {"num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 8},
    "wide": {"hidden_size": 320, "intermediate_size": 864, "num_attention_heads": 5,
             "num_key_value_heads": 1, "head_dim": 64, "vocab_size": 1000},
}  # fmt: skip


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("size", list(_SIZES))
def test_chunks_of_a_prompt_give_the_bits_of_the_whole(
    tmp_path: Path, size: str, dtype: ComputeDtype
) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path, **_SIZES[size]), dtype)
    ids = random_ids(150, 160)
    whole = ForwardRunner(decoder).run(ids, 150)

    for chunk in (1, 7, 33, 64, 100):
        assert torch.equal(ForwardRunner(decoder).run(ids, chunk), whole), chunk


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("size", list(_SIZES))
def test_chats_of_one_step_have_the_bits_of_each_alone(
    tmp_path: Path, size: str, dtype: ComputeDtype
) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path, **_SIZES[size]), dtype)
    prompts = [random_ids(count, 160, seed=count) for count in (70, 12, 97, 33)]
    runner = ForwardRunner(decoder)
    chats = [runner.chat(ids) for ids in prompts]

    for widths in ((1, 5, 40, 3), (30, 6, 1, 1), (1, 1, 50, 28), (38, 0, 6, 1)):
        runner.step(*((chat, rows) for chat, rows in zip(chats, widths, strict=True) if rows))

    for chat, ids in zip(chats, prompts, strict=True):
        assert torch.equal(chat.all_logits(), ForwardRunner(decoder).run(ids, len(ids)))


@pytest.mark.parametrize("architecture", ["mistral", "qwen2", "qwen3"])
@pytest.mark.parametrize("dtype", _DTYPES)
def test_every_architecture_is_batch_invariant(
    tmp_path: Path, architecture: str, dtype: ComputeDtype
) -> None:
    window: dict[str, Any] = {"sliding_window": 40} if architecture == "mistral" else {}
    decoder = load_decoder(tiny_gguf(tmp_path, architecture, **window), dtype)
    ids = random_ids(130, 160)

    assert torch.equal(ForwardRunner(decoder).run(ids, 130), ForwardRunner(decoder).run(ids, 9))


def test_scattered_blocks_give_the_bits_of_ascending_ones(tmp_path: Path) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path), "bfloat16")
    ids = random_ids(150, 160)
    runner = ForwardRunner(decoder)
    chat = runner.chat(ids, (9, 2, 5))

    runner.step((chat, 100))
    runner.step((chat, 50))

    assert torch.equal(chat.all_logits(), ForwardRunner(decoder).run(ids, 150))


def test_copied_block_continues_like_its_source(tmp_path: Path) -> None:
    runner = ForwardRunner(load_decoder(tiny_gguf(tmp_path)))
    ids = random_ids(60, 160)
    source, branch = runner.chat(ids, (0,)), runner.chat(ids, (1,))
    runner.step((source, 50))

    runner.kv_cache.copy_block(0, 1)
    branch.num_computed = 50
    runner.step((branch, 10))

    assert torch.equal(branch.all_logits(), ForwardRunner(runner.decoder).run(ids, 60)[50:])


def test_broken_neighbour_leaves_a_chat_unharmed(tmp_path: Path) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path))
    ids = random_ids(20, 160)
    runner = ForwardRunner(decoder)
    wild = torch.full((64, 2, 16), float("nan"))
    for layer in range(2):
        runner.kv_cache.write(layer, torch.arange(64), wild.clone(), wild.clone())
    reused = runner.chat(ids, (0,))

    runner.step((reused, 20))

    assert torch.equal(reused.all_logits(), ForwardRunner(decoder).run(ids, 20))


def test_long_pass_stops_when_asked(tmp_path: Path) -> None:
    runner = ForwardRunner(load_decoder(tiny_gguf(tmp_path, num_hidden_layers=5)))
    answers = iter([False, True])
    batch = make_batch([(runner.chat(random_ids(40, 160)), 40)])

    hidden = runner.decoder.forward(batch, runner.kv_cache, lambda: next(answers))

    assert hidden is None
    assert next(answers, "asked twice") == "asked twice"


def test_short_pass_is_not_interrupted(tmp_path: Path) -> None:
    runner = ForwardRunner(load_decoder(tiny_gguf(tmp_path)))
    batch = make_batch([(runner.chat(random_ids(3, 160)), 3)])

    hidden = runner.decoder.forward(batch, runner.kv_cache, lambda: True)

    assert hidden is not None
    assert hidden.shape == (3, 64)


def test_logits_are_float32_for_the_rows_asked(tmp_path: Path) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path), "bfloat16")

    logits = decoder.logits(torch.ones(1, 64, dtype=torch.bfloat16))

    assert logits.dtype == torch.float32
    assert logits.shape == (1, 160)


def test_decoder_describes_itself(tmp_path: Path) -> None:
    model = tiny_model("llama")
    decoder = load_decoder(tiny_gguf(tmp_path), "bfloat16")

    assert decoder.backend_name in ("cpu", "cpu kernels")  # the second where they were built
    assert decoder.compute_dtype == torch.bfloat16
    assert decoder.num_parameters == sum(weight.numel() for weight in model.weights.values())
    assert decoder.weights_bytes == 2 * sum(
        weight.numel() for weight in model.weights.values() if weight.ndim == 2
    )


def test_tied_embedding_counts_as_one_parameter(tmp_path: Path) -> None:
    tied = load_decoder(tiny_gguf(tmp_path / "tied", tie_word_embeddings=True))
    untied = load_decoder(tiny_gguf(tmp_path / "untied"))

    assert untied.num_parameters - tied.num_parameters == 160 * 64


def test_quantized_weights_are_held_once_and_as_small_as_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    fastest_kernels()
    width = 128  # whole units of the packed layout
    tied = tiny_gguf(
        tmp_path / "tied", "llama", "Q8_0", tie_word_embeddings=True, intermediate_size=width
    )
    untied = tiny_gguf(tmp_path / "untied", "llama", "Q8_0", intermediate_size=width)

    sizes = [load_decoder(path, "bfloat16").weights_bytes for path in (tied, untied)]

    weights = tiny_model("llama", intermediate_size=width).weights.values()
    num_weights = sum(weight.numel() for weight in weights if weight.ndim == 2)
    assert sizes[1] == num_weights * 8.5 / 8
    assert sizes[1] - sizes[0] == 160 * 64 * 8.5 / 8


def test_without_kernels_quantized_weights_are_dequantized_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(SWITCH, OFF)
    ids = random_ids(40, 160)
    path = tiny_gguf(tmp_path, "llama", "Q8_0")
    dequantized = load_decoder(path)
    monkeypatch.delenv(SWITCH)
    fastest_kernels()

    packed = load_decoder(path)

    assert "REALM_CPU_KERNELS is 'off'" in caplog.text
    assert packed.weights_bytes < dequantized.weights_bytes / 3
    first, second = (ForwardRunner(decoder).run(ids, 40) for decoder in (packed, dequantized))
    assert not torch.equal(first, second)
    # Activations of eight bits; the weights are the same.
    assert (first - second).abs().max() < 0.05 * second.abs().max()


def test_wrong_switch_ends_the_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fastest_kernels()
    monkeypatch.setenv(SWITCH, "sse9")

    with pytest.raises(SettingsError, match="sse9"):
        load_decoder(tiny_gguf(tmp_path, "llama", "Q8_0"))


@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
def test_packed_rows_have_the_same_bits_in_any_chunks(tmp_path: Path, architecture: str) -> None:
    fastest_kernels()
    ids = random_ids(90, 160)
    decoder = load_decoder(tiny_gguf(tmp_path, architecture, "Q4_0"), "bfloat16")
    whole = ForwardRunner(decoder).run(ids, 90)

    for chunk in (1, 3, 16, 33):
        assert torch.equal(ForwardRunner(decoder).run(ids, chunk), whole), chunk


def test_gguf_and_safetensors_give_the_same_logits(tmp_path: Path) -> None:
    ids = random_ids(30, 160)
    paths = (tiny_gguf(tmp_path, "qwen3"), tiny_safetensors(tmp_path, "qwen3"))

    first, second = (ForwardRunner(load_decoder(path)).run(ids, 30) for path in paths)

    torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-5)


def test_file_may_be_closed_after_loading(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path)
    decoder = load_decoder(path)
    before = ForwardRunner(decoder).run([1, 2, 3], 3)

    path.unlink()

    assert torch.equal(ForwardRunner(decoder).run([1, 2, 3], 3), before)


def test_float16_file_computes_in_the_automatic_dtype(tmp_path: Path) -> None:
    float16 = load_decoder(tiny_gguf(tmp_path, tensor_type="F16"), "auto")
    float32 = load_decoder(tiny_gguf(tmp_path), "auto")

    assert float16.compute_dtype in (torch.bfloat16, torch.float32)
    assert float32.compute_dtype == torch.float32


def test_progress_rises_to_one(tmp_path: Path) -> None:
    fractions: list[float] = []
    model_file = open_model(tiny_gguf(tmp_path))

    build_decoder(model_file, EngineOptions(), lambda phase, done: fractions.append(done))

    assert fractions == sorted(fractions)
    assert fractions[0] > 0.0
    assert fractions[-1] == 1.0


def test_progress_may_end_the_load(tmp_path: Path) -> None:
    def stop(phase: str, done: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        build_decoder(open_model(tiny_gguf(tmp_path)), EngineOptions(), stop)


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="the device exists here")
def test_missing_device_is_refused(tmp_path: Path) -> None:
    options = EngineOptions(device="mps")

    with pytest.raises(SettingsError, match="mps is not available"):
        build_decoder(open_model(tiny_gguf(tmp_path)), options, lambda phase, done: None)


def test_missing_tensor_is_named(tmp_path: Path) -> None:
    path = tiny_safetensors(tmp_path, attention_bias=False, num_hidden_layers=1)
    config = (
        (path / "config.json")
        .read_text()
        .replace('"num_hidden_layers": 1', '"num_hidden_layers": 2')
    )
    (path / "config.json").write_text(config)

    with pytest.raises(CorruptFile, match=r"no tensor model\.layers\.1\.") as caught:
        load_decoder(path)
    assert caught.value.field == "model.layers.1.input_layernorm.weight"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("can't allocate memory", OutOfMemory), ("shapes do not match", RuntimeError)],
)
def test_only_lack_of_memory_becomes_out_of_memory(
    tmp_path: Path, words: str, expected: type[Exception]
) -> None:
    def fail(phase: str, done: float) -> None:
        raise RuntimeError(words)

    with pytest.raises(expected) as caught:
        build_decoder(open_model(tiny_gguf(tmp_path)), EngineOptions(), fail)
    assert type(caught.value) is expected
