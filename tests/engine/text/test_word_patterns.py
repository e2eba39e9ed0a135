"""The words of each family of byte-level BPE, on texts that tell the families apart.

The cuts were compared with llama.cpp's for 640 texts per name; where they differ, what the tokenizers
library makes of the model's own expression holds.
"""

from __future__ import annotations

import pytest

from realm_desktop.engine.text.pre_tokenizers import find_pre_tokenizer
from realm_desktop.engine.text.vocabulary import byte_level_table

_TABLE = byte_level_table()


def words(name: str, text: str) -> str:
    """The words with bars between them; what is half a character is in \\x escapes."""
    pieces = [piece for piece, _ in find_pre_tokenizer(name).build().pre_tokenize_str(text)]
    whole = (bytes(_TABLE[character] for character in piece) for piece in pieces)
    return "|".join(piece.decode("utf-8", "backslashreplace") for piece in whole)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qwen2", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r\n\r\n| x"),
        ("ufakzeka", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r\n\r\n| x"),
        ("llama-bpe", "I|'ll| PAY| |123|45| don|'T|.\r\n\r\n| x"),
        ("minicpm5", "I|'ll| PAY| |123|45| don|'T|.\r\n\r\n| x"),
        ("gpt-4o", "I'll| PAY| |123|45| don'T|.\r\n\r\n| x"),
        ("tekken", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r\n\r\n| x"),
        ("tiny_aya", "I'll| PAY| |12|345| don'T|.\r\n\r\n| x"),
        ("kimi-k2", "I'll| PAY| |123|45| don'T|.\r\n\r\n| x"),
        ("youtu", "I'll| PAY| |1|2|3|4|5| don'T|.\r\n\r\n| x"),
        ("gpt-2", "I|'ll| PAY| 12345| don|'|T|.|\r\n\r\n| x"),
        ("smollm", "I|'ll| PAY| |1|2|3|4|5| don|'|T|.|\r\n\r\n| x"),
        ("falcon", "I|'|ll| PAY| |123|45| don|'|T|.|\r\n\r\n| x"),
        ("default", "I|'|ll| PAY| |123|45| don|'|T|.|\r\n\r\n| x"),
        ("deepseek-llm", "I|'|ll| PAY| |1|2|3|4|5| don|'|T|.|\r|\n|\r|\n| x"),
        ("deepseek-coder", "I|'|ll| PAY| |1|2|3|4|5| don|'|T|.|\r|\n|\r|\n| x"),
        ("deepseek-v3", "I|'ll| PAY| |123|45| don|'T|.\r\n\r\n| x"),
        ("afmoe", "I|'ll| PAY| |12|345| don|'T|.\r\n\r\n| x"),
        ("spark2_5", "I|'ll| PAY| |1|2|3|4|5| don|'T|.|\r|\n|\r|\n| x"),
        ("seed-coder", "I|'ll| PAY| |1|2|3|4|5| don|'T|.|\r\n\r\n| x"),
        ("bailingmoe", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r\n\r\n| x"),
        ("bloom", "I'll| PAY| 12345| don'T|.\r\n\r\n| x"),
        ("viking", "I'll| PAY| |1|2|3|4|5| don'T|.\r\n\r\n| x"),
        ("superbpe", "I'll PAY |12|345| don'T.\r\n\r\n x"),
        ("chameleon", "I|'|ll| PAY| |1|2|3|4|5| don|'|T|.|\r|\n|\r|\n| x"),
        ("exaone-moe", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r|\n\r\n| x"),
        ("jais-2", "I|'ll| PAY| |123|45| don|'T|.\r\n\r\n| x"),
        ("laguna", "I|'ll| PAY| |1|2|3|4|5| don|'T|.\r|\n|\r|\n| x"),
    ],
)
def test_contractions_numbers_and_lines(name: str, expected: str) -> None:
    assert words(name, "I'll PAY 12345 don'T.\r\n\r\n x") == expected


def test_chinese_is_parted_from_spaces_and_signs_by_deepseek() -> None:
    assert words("qwen2", "naïve 你好。世界 ไทย") == "naïve| 你好|。世界| ไทย"
    assert words("deepseek-v3", "naïve 你好。世界 ไทย") == "naïve| |你好|。|世界| ไทย"


def test_deepseek_llm_parts_letters_beyond_ascii_from_the_others() -> None:
    assert words("deepseek-llm", "naïve мир 你 ß") == "na|ï|ve| мир| |你| ß"


def test_falcon_cuts_digits_that_are_only_the_signs_of_bytes() -> None:
    # The second byte of м is 0xBC, whose visible character is ¼.
    assert words("falcon", "дм") == "д\\xd0|\\xbc"


@pytest.mark.parametrize("name", ["gpt-4o", "tekken", "kimi-k2"])
def test_combining_marks_stay_with_their_letters(name: str) -> None:
    assert words(name, "สวัสดี हिन्दी") == "สวัสดี| हिन्दी"


def test_kimi_parts_chinese_from_the_letters_around_it() -> None:
    assert words("kimi-k2", "ab你好cd") == "ab|你好|cd"
    assert words("gpt-4o", "ab你好cd") == "ab你好cd"


def test_jais_cuts_runs_of_spaces_in_powers_of_two() -> None:
    lengths = [len(word) for word in words("jais-2", " " * 22 + "x").split("|")]

    assert lengths == [16, 4, 1, 2]


def test_qwen35_keeps_marks_with_letters_where_qwen2_does_not() -> None:
    assert words("qwen35", "न्द") == "न्द"
    assert words("qwen2", "न्द") == "न|्द"


@pytest.mark.parametrize(
    ("name", "is_composed"), [("qwen2", True), ("mpt", True), ("gpt-2", False)]
)
def test_families_that_compose_accents_say_so(name: str, is_composed: bool) -> None:
    assert find_pre_tokenizer(name).composes is is_composed


@pytest.mark.parametrize(
    ("architecture", "name"), [("qwen2", "qwen2"), ("gptneox", "gpt-neox"), ("falcon", "falcon")]
)
def test_architecture_decides_where_a_file_names_nothing(architecture: str, name: str) -> None:
    assert find_pre_tokenizer("", architecture) == find_pre_tokenizer(name)
