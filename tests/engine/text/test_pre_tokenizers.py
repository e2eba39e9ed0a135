"""How texts are cut into words."""

from __future__ import annotations

import logging

import pytest

from realm_desktop.engine.text.pre_tokenizers import find_pre_tokenizer


def words(name: str, text: str) -> list[str]:
    """The words a pre-tokenizer cuts an ASCII text into."""
    cutter = find_pre_tokenizer(name).build()
    return [text[start:end] for _, (start, end) in cutter.pre_tokenize_str(text)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gpt-2", ["I", "'ll", " pay", " 12345", "!!", "\n", "\n", "ok"]),
        ("llama-bpe", ["I", "'ll", " pay", " ", "123", "45", "!!\n\n", "ok"]),
        ("qwen2", ["I", "'ll", " pay", " ", "1", "2", "3", "4", "5", "!!\n\n", "ok"]),
        ("smollm", ["I", "'ll", " pay", " ", "1", "2", "3", "4", "5", "!!", "\n", "\n", "ok"]),
        ("tekken", ["I", "'ll", " pay", " ", "1", "2", "3", "4", "5", "!!\n\n", "ok"]),
        ("gpt-4o", ["I'll", " pay", " ", "123", "45", "!!\n\n", "ok"]),
    ],
)
def test_words_are_cut_as_the_model_was_trained(name: str, expected: list[str]) -> None:
    assert words(name, "I'll pay 12345!!\n\nok") == expected


def test_contractions_in_capitals_are_cut_by_llama3_only() -> None:
    assert words("llama-bpe", "I'LL") == ["I", "'LL"]
    assert words("gpt-2", "I'LL") == ["I", "'", "LL"]


def test_camel_case_is_cut_by_tekken() -> None:
    assert words("tekken", "camelCase") == ["camel", "Case"]
    assert words("qwen2", "camelCase") == ["camelCase"]


@pytest.mark.parametrize(
    "name",
    [
        "default",
        "qwen35",
        "falcon",
        "deepseek-v3",
        "deepseek-coder",
        "seed-coder",
        "bailingmoe",
        "bloom",
        "viking",
        "dbrx",
        "minicpm5",
        "starcoder",
        "command-r",
        "olmo",
        "glm4",
    ],
)
@pytest.mark.parametrize("text", ["Hello, world 123", "a\t\n b", "x = [1]; // y", "''''", " "])
def test_no_character_is_lost(name: str, text: str) -> None:
    assert "".join(words(name, text)) == text


def test_an_unknown_name_gets_the_default_and_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = find_pre_tokenizer("not-yet-known")

    assert found == find_pre_tokenizer("default")
    assert "not-yet-known" in caplog.text


def test_a_known_name_gives_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    find_pre_tokenizer("qwen2")

    assert not caplog.records
