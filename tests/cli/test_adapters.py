"""Adapters on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.adapters import save_gguf_adapter, save_peft, tiny_adapter
from tests.support.command_line import as_lines, run
from tests.support.tiny_models import tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

GREEDY = ("--temperature", 0, "--max-tokens", 8, "--ignore-end", "--json", "--threads", 1)


@pytest.fixture(scope="module")
def adapter_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    adapter = tiny_adapter(tiny_model(vocab_size=TINY_VOCABULARY_SIZE), gain=0.5)
    return save_peft(adapter, tmp_path_factory.mktemp("adapter"))


def test_adapter_flag_changes_the_reply(tiny_model_path: Path, adapter_path: Path) -> None:
    def ids(*argv: object) -> list[int]:
        found: list[int] = run(
            "generate", tiny_model_path, "--prompt", "the tree", *GREEDY, *argv
        ).value["ids"]
        return found

    base = ids()

    assert ids("--adapter", f"{adapter_path}:0") == base
    assert ids("--adapter", adapter_path) != base
    assert ids("--adapter", adapter_path) == ids("--adapter", f"{adapter_path}:1.0")


def test_lines_with_and_without_adapters_run_together(
    tiny_model_path: Path, adapter_path: Path
) -> None:
    requests: list[dict[str, object]] = [{"ids": [5, 6, 7]}]
    requests += [
        {"ids": [5, 6, 7], "adapters": [{"path": str(adapter_path), "weight": weight}]}
        for weight in (0, 1)
    ]
    requests.append({"ids": [5, 6, 7], "adapters": [{"path": "/nowhere"}]})

    result = run(
        "generate", tiny_model_path, "--jsonl", *GREEDY[:-3], "--json", stdin=as_lines(requests)
    )

    base, off, on, refused = result.lines
    assert base["ids"] == off["ids"] != on["ids"]
    assert "does not exist" in refused["error"]["message"]
    assert result.status == 2


def test_unusable_adapter_of_the_only_request_is_refused(
    tiny_model_path: Path, tmp_path: Path
) -> None:
    other = save_gguf_adapter(tiny_adapter(tiny_model("qwen2")), tmp_path / "a.gguf")

    result = run("generate", tiny_model_path, "--prompt", "a", *GREEDY, "--adapter", other)

    assert result.status == 2
    assert result.value["error"]["kind"] == "AdapterMismatch"
    assert result.value["error"]["file"] == str(other)


def test_logits_of_a_mix_are_computed(
    tiny_model_path: Path, adapter_path: Path, tmp_path: Path
) -> None:
    requests = [
        {"ids": [5, 6, 7], "adapters": [{"path": str(adapter_path), "weight": weight}]}
        for weight in (0, 0.5)
    ]
    out = tmp_path / "o.npz"

    result = run("logits", tiny_model_path, "--out", out, stdin=as_lines([*requests, {"ids": [5]}]))

    arrays = np.load(out)
    assert result.status == 0
    np.testing.assert_array_equal(arrays["arr_0"][:1], arrays["arr_2"])
    assert abs(arrays["arr_0"] - arrays["arr_1"]).max() > 0.1
