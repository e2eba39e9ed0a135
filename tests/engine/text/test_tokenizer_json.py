"""Tokenizers of safetensors folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from realm_desktop.engine.text.detokenizer import Detokenizer
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.engine.text.vocabulary import SpacePrefix
from realm_desktop.errors import CorruptFile, ModelFileError, RequestError
from tests.support.fake_model_file import FakeModelFile
from tests.support.tiny_tokenizer import write_tokenizer_files

_TEXTS = ["", "hello the user", " a  b\n", "\U0001f999 \u4f60\u597d", "<|im_start|>user"]
_SPM_DECODER = {
    "type": "Sequence",
    "decoders": [
        {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ],
}


def read(folder: Path, **changes: Any) -> FakeModelFile:
    """The files of a folder; `name__key=value` changes a key of a JSON file."""
    texts = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, value in changes.items():
        file, key = name.split("__")
        content = json.loads(texts.get(f"{file}.json", b"{}"))
        content[key] = value
        texts[f"{file}.json"] = json.dumps(content).encode()
    return FakeModelFile(container="safetensors", texts=texts, path=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tokenizer_files(tmp_path)
    return tmp_path


def spm_tokenizer(normalizer: Any, pre_tokenizer: Any, decoder: Any = _SPM_DECODER) -> Tokenizer:
    pieces = ["<s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", "a", "\u2581a"]
    special = {"id": 0, "content": "<s>", "special": True, "normalized": False}
    flags = {"single_word": False, "lstrip": False, "rstrip": False}
    content = {
        "version": "1.0",
        "added_tokens": [{**special, **flags}],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "decoder": decoder,
        "model": {
            "type": "BPE",
            "vocab": {piece: index for index, piece in enumerate(pieces)},
            "merges": [["\u2581", "a"]],
            "byte_fallback": True,
        },
    }
    texts = {"tokenizer.json": json.dumps(content).encode()}
    return build_tokenizer(FakeModelFile(container="safetensors", texts=texts))


def legacy_spm() -> Tokenizer:
    steps = [
        {"type": "Prepend", "prepend": "\u2581"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
    ]
    return spm_tokenizer({"type": "Sequence", "normalizers": steps}, None)


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("parse_special", [True, False])
def test_texts_survive_encoding_and_decoding(folder: Path, text: str, parse_special: bool) -> None:
    tokenizer = build_tokenizer(read(folder))

    ids = tokenizer.encode(text, add_special=True, parse_special=parse_special)

    assert tokenizer.decode(ids) == text


def test_control_tokens_are_read_only_when_asked(folder: Path) -> None:
    tokenizer = build_tokenizer(read(folder))

    for parse_special in (True, False, True):
        ids = tokenizer.encode("<|im_end|>", add_special=False, parse_special=parse_special)
        assert (ids == [tokenizer.eos_id]) is parse_special


def test_special_ids_come_from_the_settings(folder: Path) -> None:
    tokenizer = build_tokenizer(read(folder))

    assert tokenizer.bos_id is not None
    assert tokenizer.token_text(tokenizer.bos_id) == "<|endoftext|>"
    assert tokenizer.named_tokens["eos_token"] == "<|im_end|>"
    assert not tokenizer.adds_bos


def test_tokens_written_as_objects_are_understood(folder: Path) -> None:
    model_file = read(folder, tokenizer_config__bos_token={"content": "<|im_start|>"})
    tokenizer = build_tokenizer(model_file)

    assert tokenizer.named_tokens["bos_token"] == "<|im_start|>"


def test_settings_decide_about_bos(folder: Path) -> None:
    tokenizer = build_tokenizer(read(folder, tokenizer_config__add_bos_token=True))

    assert tokenizer.encode("", add_special=True, parse_special=False) == [tokenizer.bos_id]


def test_the_pipeline_of_the_file_decides_where_the_settings_are_silent(folder: Path) -> None:
    bos_id = build_tokenizer(read(folder)).bos_id
    processor = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {
            "<|endoftext|>": {"id": "<|endoftext|>", "ids": [bos_id], "tokens": ["<|endoftext|>"]}
        },
    }
    model_file = read(
        folder, tokenizer__post_processor=processor, tokenizer_config__add_bos_token=None
    )

    assert build_tokenizer(model_file).adds_bos


def test_end_ids_come_from_the_generation_settings_too(folder: Path) -> None:
    tokenizer = build_tokenizer(
        read(folder, generation_config__eos_token_id=[5, 6, -1, 10**9, "x"])
    )

    assert {5, 6} <= tokenizer.end_ids
    assert max(tokenizer.end_ids) < tokenizer.vocabulary_size


def test_config_names_the_end_where_nothing_else_does(folder: Path) -> None:
    model_file = read(folder, tokenizer_config__eos_token=None)
    model_file.config = {"eos_token_id": 7}

    assert build_tokenizer(model_file).eos_id == 7


def test_an_end_id_out_of_range_is_refused(folder: Path) -> None:
    model_file = read(folder, tokenizer_config__eos_token=None, generation_config__eos_token_id=-5)

    with pytest.raises(CorruptFile) as caught:
        build_tokenizer(model_file)

    assert caught.value.field == "eos_token_id"


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"tokenizer\.json"):
        build_tokenizer(read(tmp_path))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"a": NaN}',
        b'{"model": {"type": "Nope"}}',
        b'{"a": 1, "a": 2}',
        b"[" * 999,
    ],
)
def test_a_damaged_tokenizer_is_refused(data: bytes) -> None:
    model_file = FakeModelFile(container="safetensors", texts={"tokenizer.json": data})

    with pytest.raises(CorruptFile) as caught:
        build_tokenizer(model_file)

    assert caught.value.field == "tokenizer.json"


def test_a_huge_id_is_refused(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"]["zz"] = 2**31

    with pytest.raises(CorruptFile, match="ids up to"):
        build_tokenizer(read(folder, tokenizer__model=content["model"]))


def test_an_unknown_decoder_is_refused(folder: Path) -> None:
    with pytest.raises(ModelFileError, match="CTC"):
        build_tokenizer(
            read(
                folder,
                tokenizer__decoder={
                    "type": "CTC",
                    "pad_token": "<pad>",
                    "word_delimiter_token": "|",
                    "cleanup": True,
                },
            )
        )


@pytest.mark.parametrize("text", ["a", " a", "a a", "\u4f60", "a<s>a"])
def test_sentencepiece_files_give_the_text_back(text: str) -> None:
    tokenizer = legacy_spm()

    ids = tokenizer.encode(text, add_special=False, parse_special=True)

    assert tokenizer.decode(ids) == text


def test_the_space_prefix_is_read_from_the_pipeline() -> None:
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "split": False}
    schemes = {"first": SpacePrefix.FIRST, "always": SpacePrefix.EACH, "never": SpacePrefix.NONE}

    for scheme, expected in schemes.items():
        tokenizer = spm_tokenizer(None, {**metaspace, "prepend_scheme": scheme})
        assert tokenizer.space_prefix is expected


def test_a_prefix_at_the_start_only_is_taken_away_there_only() -> None:
    pre_tokenizer = {
        "type": "Metaspace",
        "replacement": "\u2581",
        "prepend_scheme": "first",
        "split": False,
    }
    tokenizer = spm_tokenizer(None, pre_tokenizer)
    space_a = tokenizer.vocabulary_size - 1

    assert tokenizer.decode([0, space_a, 0, space_a]) == "<s>a<s> a"
    assert Detokenizer(tokenizer, [0]).push([space_a]) == "a"
    assert Detokenizer(tokenizer, [space_a, 0]).push([space_a]) == " a"


def test_an_expression_without_end_fails_the_text_and_nothing_else(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    split = {
        "type": "Split",
        "pattern": {"Regex": "(a+)+b"},
        "behavior": "Isolated",
        "invert": False,
    }
    tokenizer = build_tokenizer(read(folder, tokenizer__pre_tokenizer=split))

    with pytest.raises(RequestError, match="tokenizer failed"):
        tokenizer.encode("a" * 5000, add_special=False, parse_special=False)

    assert tokenizer.encode("b", add_special=False, parse_special=False)
    capfd.readouterr()  # the library writes about its panic


def library_file(library: tokenizers.Tokenizer) -> FakeModelFile:
    texts = {"tokenizer.json": library.to_str().encode()}
    return FakeModelFile(container="safetensors", texts=texts)


def word_piece_library(decoder: Any) -> tokenizers.Tokenizer:
    words = ["[UNK]", "[SEP]", "un", "##believ", "##able", "story", "!", "\u4f60"]
    model = models.WordPiece({text: i for i, text in enumerate(words)}, unk_token="[UNK]")
    library = tokenizers.Tokenizer(model)
    library.normalizer = normalizers.BertNormalizer()
    library.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    library.add_special_tokens(["[SEP]"])
    if decoder is not None:
        library.decoder = decoder
    return library


@pytest.mark.parametrize("decoder", [decoders.WordPiece(prefix="##", cleanup=False), None])
def test_word_pieces_are_joined_to_words(decoder: Any) -> None:
    tokenizer = build_tokenizer(library_file(word_piece_library(decoder)))

    ids = tokenizer.encode("Unbelievable story!\u4f60", add_special=False, parse_special=False)
    stream = Detokenizer(tokenizer, [])

    assert ids == [2, 3, 4, 5, 6, 7]
    assert tokenizer.decode(ids) == "unbelievable story ! \u4f60"
    assert "".join(stream.push([token_id]) for token_id in ids) == tokenizer.decode(ids)


def test_whole_words_are_joined_by_spaces() -> None:
    library = tokenizers.Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = build_tokenizer(library_file(library))

    ids = tokenizer.encode("b a c", add_special=False, parse_special=False)

    assert ids == [1, 0, 2]
    assert tokenizer.decode(ids) == library.decode(ids) == "b a ?"


def test_unigram_gives_back_its_text() -> None:
    rows = [("<unk>", 0.0), ("\u2581", -2.0), ("\u2581ab", -1.0), ("b", -3.0), ("a", -3.0)]
    library = tokenizers.Tokenizer(models.Unigram(rows, 0, byte_fallback=False))
    library.pre_tokenizer = pre_tokenizers.Metaspace()
    library.decoder = decoders.Metaspace()
    tokenizer = build_tokenizer(library_file(library))

    ids = tokenizer.encode("ab  ba", add_special=False, parse_special=False)

    assert ids == library.encode("ab  ba").ids
    assert tokenizer.decode(ids) == library.decode(ids) == "ab  ba"


def test_a_suffix_ends_a_word() -> None:
    vocabulary = {"a": 0, "b</w>": 1, "ab</w>": 2, "b": 3, "a</w>": 4}
    model = models.BPE(vocabulary, [("a", "b</w>")], end_of_word_suffix="</w>")
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    library.decoder = decoders.BPEDecoder(suffix="</w>")
    tokenizer = build_tokenizer(library_file(library))

    ids = tokenizer.encode("ab ba", add_special=False, parse_special=False)

    assert ids == [2, 3, 4]
    assert tokenizer.decode(ids).rstrip(" ") == library.decode(ids)


def test_marks_of_thoughts_are_shown() -> None:
    library = word_piece_library(None)
    library.add_special_tokens(["[THINK]", "[/THINK]"])
    tokenizer = build_tokenizer(library_file(library))

    shown = [tokenizer.shown_text(token_id) for token_id in range(tokenizer.vocabulary_size)]

    assert [text for text in shown if text] == ["[THINK]", "[/THINK]"]
