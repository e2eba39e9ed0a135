"""`inspect`, which needs neither torch nor Qt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.command_line import run

_FIELDS = {
    "kind",
    "architecture",
    "name",
    "parameters",
    "tensor_types",
    "size_bytes",
    "context_length",
    "chat_template",
    "licence",
    "memory",
}


def test_json_has_the_fields_of_the_contract(tiny_model_path: Path) -> None:
    result = run("inspect", tiny_model_path, "--json")

    assert result.status == 0
    assert set(result.value) >= _FIELDS
    assert set(result.value["memory"]) >= {"weights_bytes", "kv_bytes_per_token", "working_bytes"}
    assert result.value["kind"] == "model"


def test_people_get_one_line_per_field(tiny_model_path: Path) -> None:
    result = run("inspect", tiny_model_path)

    assert "architecture: llama\n" in result.out


def test_control_characters_of_a_file_are_escaped_for_people(tiny_model_path: Path) -> None:
    result = run("inspect", tiny_model_path)

    assert "\\x0a" in result.out  # of the chat template


def test_a_damaged_file_is_refused_with_its_field(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + b"\xff" * 40)

    result = run("inspect", path, "--json")

    assert result.status == 2
    error = result.value["error"]
    assert error["file"] == str(path)
    assert {"field", "offset"} & set(error)


def test_neither_torch_nor_qt_is_imported(tiny_model_path: Path) -> None:
    code = (
        "import sys\n"
        "from realm_desktop.__main__ import main\n"
        f"status = main(['inspect', {str(tiny_model_path)!r}, '--json'])\n"
        "heavy = {'torch', 'PySide6', 'numpy', 'tokenizers', 'jinja2'} & set(sys.modules)\n"
        "sys.exit(status or sorted(heavy) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
