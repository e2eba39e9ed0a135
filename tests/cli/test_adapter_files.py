"""`adapter inspect`, `adapter convert` and `adapter merge` as a user calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.adapters import save_peft, tiny_adapter
from tests.support.command_line import run
from tests.support.tiny_models import tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE


@pytest.fixture
def adapter_path(tmp_path: Path) -> Path:
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE)
    return save_peft(tiny_adapter(model, base_model_name_or_path="acme/Tiny"), tmp_path / "poems")


def test_inspect_tells_what_an_adapter_is(adapter_path: Path) -> None:
    result = run("adapter", "inspect", adapter_path, "--json")

    assert result.status == 0
    assert (result.value["kind"], result.value["ranks"]) == ("adapter", [4])
    assert (result.value["alpha"], result.value["base_model_name"]) == (8.0, "acme/Tiny")
    assert result.value["tensor_types"] == {"F32": 28}
    assert "fits" not in result.value


def test_inspect_tells_whether_it_fits_a_model(adapter_path: Path, tiny_model_path: Path) -> None:
    value = run("adapter", "inspect", adapter_path, "--base", tiny_model_path, "--json").value

    assert (value["fits"], value["verdict"]) == (True, "fits tiny · rank 4 · 14 of 14 targets")


def test_inspect_writes_lines_for_people(adapter_path: Path) -> None:
    result = run("adapter", "inspect", adapter_path)

    assert "name: poems\n" in result.out
    assert "targets: " in result.out


def test_inspect_says_that_it_does_not_fit_the_starter(adapter_path: Path) -> None:
    value = run("adapter", "inspect", adapter_path, "--base", "starter", "--json").value

    assert not value["fits"]
    assert "made for hidden size 64" in value["verdict"]


def test_inspect_refuses_a_model(tiny_model_path: Path) -> None:
    result = run("adapter", "inspect", tiny_model_path, "--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "AdapterError"


def test_convert_writes_gguf_and_back(
    adapter_path: Path, tiny_model_path: Path, tmp_path: Path
) -> None:
    there, back = tmp_path / "a.gguf", tmp_path / "b"
    base = ("--base", tiny_model_path, "--json")

    first = run("adapter", "convert", adapter_path, "--to", "gguf", "--out", there, *base)
    second = run("adapter", "convert", there, "--to", "peft", "--out", back, *base)

    assert (first.value["pairs"], first.value["scaled_pairs"]) == (14, 0)
    assert first.value["size_bytes"] == there.stat().st_size
    assert second.status == 0
    assert run("adapter", "inspect", back, "--json").value["ranks"] == [4]


def test_convert_to_gguf_needs_the_base(adapter_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.gguf"
    result = run("adapter", "convert", adapter_path, "--to", "gguf", "--out", out)

    assert result.status == 2
    assert "--base MODEL" in result.err


def test_convert_tells_a_missing_file_before_a_missing_base(tmp_path: Path) -> None:
    result = run("adapter", "convert", tmp_path / "gone", "--to", "gguf", "--out", tmp_path / "a")

    assert result.status == 2
    assert "gone does not exist" in result.err


def test_merge_writes_a_model(adapter_path: Path, tiny_model_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    flags = ("--adapter", f"{adapter_path}:0.5", "--out", out, "--type", "Q8_0", "--json")

    value = run("adapter", "merge", tiny_model_path, *flags).value

    assert value["changed_tensors"] == 14
    assert value["size_bytes"] == out.stat().st_size
    text = run("generate", out, "--prompt", "a", "--max-tokens", "2", "--threads", "1", "--json")
    assert text.value["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize(
    "argv",
    [
        ("adapter",),
        ("adapter", "paint"),
        ("adapter", "inspect"),
        ("adapter", "convert", "a", "--to", "onnx", "--out", "b"),
        ("adapter", "merge", "m", "--adapter", "a", "--out", "b", "--type", "Q4_K"),
    ],
)
def test_wrong_usage_is_refused(argv: tuple[str, ...]) -> None:
    assert run(*argv).status == 2
