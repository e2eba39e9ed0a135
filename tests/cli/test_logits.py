"""`logits` against the reference of the story model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command_line import as_lines, run
from tests.support.shared_data import shared_data


@pytest.mark.parity
def test_logits_are_those_of_a_float64_forward(tmp_path: Path) -> None:
    text = shared_data("stories260K-f32.reference.json").read_text(encoding="utf-8")
    expected = np.load(shared_data("stories260K-f32.logits.npz"))
    requests = [{"ids": record["ids"]} for record in json.loads(text)["prompts"]]
    out = tmp_path / "logits.npz"

    result = run(
        "logits",
        shared_data("stories260K-f32.gguf"),
        "--out",
        out,
        "--json",
        stdin=as_lines(requests),
    )

    assert result.status == 0
    arrays = np.load(out)
    for index, request in enumerate(requests):
        rows = arrays[f"arr_{index}"]
        assert result.lines[index] == {"rows": len(request["ids"]), "vocabulary": 512}
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, expected[f"prompt_{index}"], atol=1e-3)


def test_int8_keys_and_values_change_logits_a_little(tiny_model_path: Path, tmp_path: Path) -> None:
    found = {}
    for dtype in ("auto", "int8"):
        flags = ("--out", tmp_path / dtype, "--kv-cache-dtype", dtype)
        assert run("logits", tiny_model_path, *flags, stdin='{"ids": [1, 2, 3]}').status == 0
        found[dtype] = np.load(tmp_path / dtype)["arr_0"]

    assert 0 < np.abs(found["int8"] - found["auto"]).max() < 0.2


def test_the_file_keeps_the_name_it_was_given(tiny_model_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "logits.data"

    assert run("logits", tiny_model_path, "--out", out, stdin='{"ids": [1, 2]}').status == 0
    assert [path.name for path in tmp_path.iterdir()] == ["logits.data"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"ids": [1], "adapters": [{"path": "/nowhere", "weight": 1}]}', "file"),
        ('{"ids": [1], "adapters": {"path": "a"}}', "adapters"),
        ('{"ids": [1.5]}', "ids"),
        ("{}", "ids"),
        ('{"ids": [1], "seed": 1}', "seed"),
        ('{"ids": [999999]}', "ids"),
        ('{"ids": []}', "prompt"),
    ],
)
def test_wrong_lines_are_refused(
    tiny_model_path: Path, tmp_path: Path, line: str, field: str
) -> None:
    result = run("logits", tiny_model_path, "--out", tmp_path / "o.npz", "--json", stdin=line)

    assert result.status == 2
    assert result.value["error"]["field"] == field
    assert not list(tmp_path.iterdir())


def test_nothing_is_computed_when_one_line_is_wrong(tiny_model_path: Path, tmp_path: Path) -> None:
    result = run(
        "logits", tiny_model_path, "--out", tmp_path / "o.npz", "--json", stdin='{"ids": [1]}\nx\n'
    )

    assert result.status == 2
    assert len(result.lines) == 1


def test_a_file_that_cannot_be_written_is_refused(tiny_model_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "no-such-folder" / "o.npz"

    result = run("logits", tiny_model_path, "--out", out, stdin='{"ids": [1]}')

    assert result.status == 2
    assert str(out) in result.err
