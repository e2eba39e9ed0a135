"""The model files that ship: complete, small, unchanged, readable, and able to answer."""

from __future__ import annotations

import hashlib

import gguf
import pytest
import torch

from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.formats.inspection import inspect
from realm_desktop.formats.model_file import ModelFile, open_model
from resources.starter.corpus.conversation import CHAT_TEMPLATE, Message, to_chatml
from resources.starter.export import FILES, FOLDER
from resources.starter.generate import Generator
from resources.starter.load_gguf import load_gguf, load_tokenizer
from resources.starter.model import SHAPES

MAX_BYTES = 12_000_000
PATHS = {role: FOLDER / name for role, name in FILES.items()}


@pytest.fixture(scope="module")
def starter() -> ModelFile:
    return open_model(PATHS["target"])


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.set_num_threads(2)
    return Generator(load_gguf(PATHS["target"]), load_tokenizer(PATHS["target"]))


def test_both_models_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in PATHS.values()) <= MAX_BYTES


def test_checksums_match_the_files() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}

    actual = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in PATHS.values()}

    assert actual.items() <= listed.items()


def test_model_card_holds_the_measured_table() -> None:
    card = (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")

    assert "| measure | value |" in card
    assert "Apache-2.0" in card


@pytest.mark.parametrize("role", sorted(PATHS))
def test_header_says_what_the_model_is(role: str) -> None:
    seen = inspect(PATHS[role]).as_dict()

    assert (seen["kind"], seen["architecture"]) == ("model", "llama")
    assert seen["name"] == SHAPES[role].name
    assert seen["context_length"] == load_gguf(PATHS[role]).shape.context_length >= 1024
    assert seen["licence"] == "apache-2.0"


def test_draft_has_about_a_tenth_of_the_parameters() -> None:
    target, draft = (inspect(PATHS[role]).parameters for role in ("target", "draft"))

    assert 4_000_000 < target < 8_000_000
    assert 0.08 < draft / target < 0.13


@pytest.mark.parametrize("role", sorted(PATHS))
def test_matrices_are_q8_and_norms_are_float(role: str) -> None:
    with_types = {
        tensor.name: tensor.tensor_type for tensor in gguf.GGUFReader(PATHS[role]).tensors
    }

    for name, tensor_type in with_types.items():
        is_norm = "norm" in name
        expected = gguf.GGMLQuantizationType.F32 if is_norm else gguf.GGMLQuantizationType.Q8_0
        assert tensor_type == expected, name


def test_draft_shares_the_vocabulary_of_the_target(starter: ModelFile) -> None:
    draft = open_model(PATHS["draft"])

    for key in ("tokens", "merges", "token_type", "pre", "eos_token_id"):
        key = f"tokenizer.ggml.{key}"
        assert draft.metadata[key] == starter.metadata[key]


def test_engine_tokenizer_agrees_with_the_training_tokenizer(starter: ModelFile) -> None:
    text = to_chatml(
        (Message("user", "Count to 12, Zoe's caf\u00e9!\n\n  \u4f60\u597d \U0001f600"),)
    )

    ids = build_tokenizer(starter).encode(text, add_special=True, parse_special=True)

    assert ids == load_tokenizer(PATHS["target"]).encode(text).ids


def test_tokenizer_adds_no_first_token_and_ends_at_the_turn(starter: ModelFile) -> None:
    tokenizer = build_tokenizer(starter)

    assert not tokenizer.adds_bos
    assert tokenizer.eos_id is not None
    assert tokenizer.is_special(tokenizer.eos_id)
    assert tokenizer.encode("<|im_end|>", add_special=False, parse_special=True) == [
        tokenizer.eos_id
    ]


def test_chat_template_gives_the_text_of_training(starter: ModelFile) -> None:
    messages = (Message("system", "Be kind."), Message("user", "Hello <b> & you"))
    template = build_chat_template(starter, build_tokenizer(starter))

    assert template is not None
    rendered = template.render([message._asdict() for message in messages])

    assert starter.metadata["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert rendered == to_chatml(messages, add_generation_prompt=True)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is Realm Desktop?", "your own computer"),
        ("How do I open a model?", "Ctrl+L"),
        ("Who are you?", "Realm Starter"),
        ("Does it work offline?", "offline"),
        ("Write Python code for a web server.", "larger model"),
        # What the empty page of the window offers.
        ("What can you do?", "stories"),
        ("Tell me a story about a fox in the forest.", "forest"),
        ("Are my chats private?", "stay on this machine"),
        ("What is a GGUF file?", "one file"),
    ],
)
def test_starter_answers_a_basic_question(
    generator: Generator, question: str, expected: str
) -> None:
    (reply,) = generator.replies([(Message("user", question),)], max_tokens=220)

    assert expected in reply.text
    assert reply.is_ended


def test_draft_writes_sentences_that_end() -> None:
    draft = Generator(load_gguf(PATHS["draft"]), load_tokenizer(PATHS["draft"]))

    (reply,) = draft.replies([(Message("user", "Hello!"),)], max_tokens=80)

    assert reply.is_ended
    assert reply.text.endswith((".", "!", "?"))
