"""The network, the packed rows, the export and the reading back, on tiny sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from resources.starter.corpus.conversation import END, Message, to_chatml
from resources.starter.data import (
    ANSWER_WEIGHT,
    LONG_ROW,
    QUESTION_WEIGHT,
    STRESS_WEIGHT,
    encode,
    pack,
)
from resources.starter.export import export, gguf_name, permute, write_checksums
from resources.starter.generate import Generator
from resources.starter.load_gguf import load_gguf, load_tokenizer, unpermute
from resources.starter.model import Network, Shape
from resources.starter.requantize import TYPES, requantized
from resources.starter.tokenizer import train_tokenizer
from resources.starter.train import (
    DECAY_FROM,
    Training,
    batch,
    distillation_loss,
    next_token_loss,
)

TEXT = "user\nassistant\nHow do I open a model? Press Ctrl+L and choose a file. One, two: 12."
TALK = (Message("user", "How do I open a model?"), Message("assistant", "Press Ctrl+L."))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    return train_tokenizer(iter([TEXT] * 3), path)


@pytest.fixture
def network(tokenizer: Tokenizer) -> Network:
    torch.manual_seed(5)
    vocabulary_size = tokenizer.get_vocab_size()
    shape = Shape("Tiny", 2, 64, 96, 4, 2, vocabulary_size=vocabulary_size, context_length=128)
    network = Network(shape).eval()
    for weight in network.parameters():
        weight.data.mul_(3.0)
    return network


def test_digits_are_single_tokens(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("12").tokens == ["1", "2"]


@pytest.mark.parametrize("text", ["Hello", "caf\u00e9 \u4f60\u597d", "a\n\n  b\t!", "Ctrl+L"])
def test_any_text_survives_the_tokenizer(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_loss_counts_the_reply_and_its_end_fully(tokenizer: Tokenizer) -> None:
    ids, weights = encode(tokenizer, TALK)

    counted = [i for i, weight in zip(ids, weights, strict=True) if weight == ANSWER_WEIGHT]
    assert tokenizer.decode(counted, skip_special_tokens=False) == f"Press Ctrl+L.{END}"
    assert QUESTION_WEIGHT in weights


def test_stressed_phrases_count_more(tokenizer: Tokenizer) -> None:
    talk = (TALK[0], Message("assistant", "Press Ctrl+L.", ("Ctrl+L",)))

    ids, weights = encode(tokenizer, talk)

    stressed = [i for i, weight in zip(ids, weights, strict=True) if weight == STRESS_WEIGHT]
    assert tokenizer.decode(stressed).strip() == "Ctrl+L"


def test_rows_come_once_before_any_comes_again(tokenizer: Tokenizer) -> None:
    talks = [(Message("user", f"{n}?"), TALK[1]) for n in range(600)]
    rows = pack(tokenizer, talks, LONG_ROW // 4)
    steps = len(rows.ids) // 4

    seen = torch.cat([batch(rows, step, 2048)[0] for step in range(steps)])

    assert len(seen) == len({tuple(row.tolist()) for row in seen})


def test_teacher_has_nothing_to_learn_from_itself(network: Network) -> None:
    ids = torch.randint(0, 200, (2, 13))
    marks = torch.ones(2, 13)

    assert distillation_loss(network, network)(ids, marks).item() == pytest.approx(0.0, abs=1e-5)
    assert next_token_loss(network)(ids, marks).item() > 1.0


def test_marks_of_nought_count_nothing(network: Network) -> None:
    ids = torch.randint(0, 200, (1, 9))
    marks = torch.ones(1, 9)
    marks[0, 5:] = 0.0
    changed = ids.clone()
    changed[0, 6:] = 1
    loss_of = next_token_loss(network)

    assert loss_of(ids, marks).item() == pytest.approx(loss_of(changed, marks).item(), rel=1e-3)


@pytest.mark.parametrize("tensor_type", TYPES)
def test_requantizing_changes_matrices_a_little(network: Network, tensor_type: str) -> None:
    other = requantized(network, tensor_type).state_dict()

    for name, weight in network.state_dict().items():
        scale = float(weight.abs().max())
        torch.testing.assert_close(other[name], weight, atol=0.1 * scale, rtol=0.0)


def test_encoding_keeps_the_text_of_the_template(tokenizer: Tokenizer) -> None:
    ids, _ = encode(tokenizer, TALK)

    text = tokenizer.decode(ids, skip_special_tokens=False)
    assert text == to_chatml(TALK) + "<|endoftext|>"


def test_rows_are_full_and_begin_with_a_conversation(tokenizer: Tokenizer) -> None:
    rows = pack(tokenizer, [TALK] * 40, 64)

    assert rows.ids.shape == rows.weights.shape
    assert rows.ids.shape[1] == 65
    assert (rows.ids[:, 0] == tokenizer.token_to_id("<|im_start|>")).all()


def test_batches_depend_on_the_step_alone(tokenizer: Tokenizer) -> None:
    rows = pack(tokenizer, [TALK] * 400, LONG_ROW // 4)

    assert torch.equal(batch(rows, 3, 2048)[0], batch(rows, 3, 2048)[0])
    assert batch(rows, 3, 2048)[0].shape == (4, LONG_ROW // 4 + 1)


def test_network_sees_no_later_token(network: Network) -> None:
    ids = torch.randint(0, 200, (1, 12))
    changed = ids.clone()
    changed[0, 8:] += 1

    torch.testing.assert_close(network(ids)[0, :8], network(changed)[0, :8])


@pytest.mark.parity
def test_network_computes_what_transformers_computes(network: Network) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = network.shape
    config = LlamaConfig(
        vocab_size=shape.vocabulary_size,
        hidden_size=shape.hidden_size,
        intermediate_size=shape.intermediate_size,
        num_hidden_layers=shape.num_layers,
        num_attention_heads=shape.num_heads,
        num_key_value_heads=shape.num_kv_heads,
        rms_norm_eps=shape.rms_norm_eps,
        tie_word_embeddings=True,
    )
    reference = LlamaForCausalLM(config)
    reference.train(False)
    reference.load_state_dict(_as_hugging_face(network), strict=False)
    ids = torch.randint(0, 200, (2, 20))

    with torch.inference_mode():
        torch.testing.assert_close(network(ids), reference(ids).logits, atol=2e-4, rtol=1e-4)


def test_permuting_and_back_changes_nothing() -> None:
    weight = np.random.default_rng(1).normal(size=(64, 16)).astype(np.float32)

    assert np.array_equal(unpermute(permute(weight, 4), 4), weight)


def test_permuting_puts_the_halves_side_by_side() -> None:
    weight = np.arange(8, dtype=np.float32)[:, None]

    assert permute(weight, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_names_follow_the_gguf_convention() -> None:
    assert gguf_name("embedding.weight") == "token_embd.weight"
    assert gguf_name("norm.weight") == "output_norm.weight"
    assert gguf_name("blocks.1.mlp_norm.weight") == "blk.1.ffn_norm.weight"
    assert gguf_name("blocks.0.o.weight") == "blk.0.attn_output.weight"


def test_export_is_read_back_within_quantization(
    network: Network, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    export(network, tmp_path / "tokenizer.json", tmp_path / "tiny.gguf")

    loaded = load_gguf(tmp_path / "tiny.gguf").state_dict()

    for name, weight in network.state_dict().items():
        torch.testing.assert_close(loaded[name], weight, atol=3e-3, rtol=0.0)


def test_exported_tokenizer_gives_the_same_ids(
    network: Network, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    export(network, tmp_path / "tokenizer.json", tmp_path / "tiny.gguf")

    loaded = load_tokenizer(tmp_path / "tiny.gguf")

    assert loaded.encode(to_chatml(TALK)).ids == tokenizer.encode(to_chatml(TALK)).ids


def test_checksums_are_those_of_sha256sum(tmp_path: Path) -> None:
    for name in ("starter.gguf", "starter-draft.gguf"):
        (tmp_path / name).write_bytes(b"abc")

    write_checksums(tmp_path)

    first = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  ")


def test_generating_in_a_batch_equals_the_plain_network(
    network: Network, tokenizer: Tokenizer
) -> None:
    prompts = [(Message("user", text),) for text in ("How?", "How do I open a model?")]
    generator = Generator(network, tokenizer)

    replies = generator.replies(list(prompts), max_tokens=8)

    for prompt, reply in zip(prompts, replies, strict=True):
        ids = tokenizer.encode(to_chatml(prompt, add_generation_prompt=True)).ids
        start = len(ids)
        while len(ids) < start + 8 and ids[-1] not in generator.ends:
            ids.append(int(network(torch.tensor([ids]))[0, -1].argmax()))
        written = [token for token in ids[start:] if token not in generator.ends]
        assert reply.text == tokenizer.decode(written)


def test_sampling_is_a_function_of_the_seed(network: Network, tokenizer: Tokenizer) -> None:
    first, second = (
        Generator(network, tokenizer, 1.0, seed=4).replies([TALK[:1]], max_tokens=8)
        for _ in range(2)
    )

    assert first == second


def test_learning_rate_warms_up_stays_and_falls(tmp_path: Path) -> None:
    training = Training("draft", tmp_path)
    first = training.set_rate(0.0)
    training.step = 1_000

    assert first < training.set_rate(0.0) == training.set_rate(DECAY_FROM)
    assert training.set_rate(0.9) < training.set_rate(0.8)
    assert training.set_rate(1.0) == pytest.approx(0.02 * training.peak_rate)


def test_training_goes_on_from_before_the_rate_fell(tmp_path: Path) -> None:
    training = Training("draft", tmp_path)
    training.step = 5
    training.save(training.stable_path)
    training.step = 9
    training.save()

    assert Training("draft", tmp_path).step == 9
    assert Training("draft", tmp_path, is_from_stable=True).step == 5


def test_checkpoint_restores_the_run(tmp_path: Path) -> None:
    training = Training("draft", tmp_path)
    training.step, training.seconds = 12, 34.0
    training.save()

    again = Training("draft", tmp_path)

    assert (again.step, again.seconds) == (12, 34.0)
    for name, value in training.average.items():
        assert torch.equal(again.average[name], value)


def _as_hugging_face(network: Network) -> dict[str, torch.Tensor]:
    names = {
        "attention_norm": "input_layernorm", "mlp_norm": "post_attention_layernorm",
        "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj",
        "o": "self_attn.o_proj", "gate": "mlp.gate_proj", "up": "mlp.up_proj",
        "down": "mlp.down_proj",
    }  # fmt: skip
    state = {"model.embed_tokens.weight": network.embedding.weight.data}
    state["lm_head.weight"] = network.embedding.weight.data
    state["model.norm.weight"] = network.norm.weight.data
    for index, block in enumerate(network.blocks):
        for name, weight in block.named_parameters():
            part = names[name.removesuffix(".weight")]
            state[f"model.layers.{index}.{part}.weight"] = weight.data
    return state
