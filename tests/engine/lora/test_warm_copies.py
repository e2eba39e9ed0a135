"""Prepared copies: by the state of the file, least recently used out first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.adapter_file import Adapter, LoraPair
from realm_desktop.engine.lora.targets import Target
from realm_desktop.engine.lora.warm_copies import FileStamp, WarmCopies, file_stamp
from realm_desktop.errors import ModelFileError
from tests.support.adapters import save_gguf_adapter, save_peft, tiny_adapter
from tests.support.tiny_models import tiny_model


def _adapter(num_values: int) -> Adapter:
    """One of 8 bytes per value."""
    matrix = torch.zeros(1, num_values)
    return Adapter("a", (1,), 1.0, "", {Target(0, Part.QUERY): LoraPair(matrix, matrix.t())})


def _stamp(name: str) -> FileStamp:
    return FileStamp(name, ())


def test_copies_stay_within_the_limit() -> None:
    copies = WarmCopies(100)
    for name in "abcd":
        copies.put(_stamp(name), _adapter(4))

    assert copies.num_bytes == 96
    assert [name for name in "abcd" if _stamp(name) in copies] == ["b", "c", "d"]


def test_copy_that_was_used_stays() -> None:
    copies = WarmCopies(64)
    copies.put(_stamp("a"), _adapter(4))
    copies.put(_stamp("b"), _adapter(4))
    assert copies.get(_stamp("a")) is not None
    copies.put(_stamp("c"), _adapter(4))

    assert _stamp("a") in copies
    assert copies.get(_stamp("b")) is None


def test_copy_beyond_the_limit_is_not_kept_and_drives_nothing_out() -> None:
    copies = WarmCopies(64)
    copies.put(_stamp("a"), _adapter(4))
    copies.put(_stamp("b"), _adapter(9))

    assert (_stamp("a") in copies, _stamp("b") in copies) == (True, False)


def test_copy_of_the_same_file_is_counted_once() -> None:
    copies = WarmCopies(64)
    for _ in range(3):
        copies.put(_stamp("a"), _adapter(4))

    assert copies.num_bytes == 32


@pytest.mark.parametrize("container", ["gguf", "peft"])
def test_stamp_changes_with_the_file_and_only_then(tmp_path: Path, container: str) -> None:
    adapter = tiny_adapter(tiny_model(), modules=["self_attn.q_proj"])
    if container == "gguf":
        path = file = save_gguf_adapter(adapter, tmp_path / "a.gguf")
    else:
        path = save_peft(adapter, tmp_path / "a")
        file = path / "adapter_config.json"
    before = file_stamp(path)
    assert file_stamp(path) == before

    os.utime(file, ns=(1, 1))

    assert file_stamp(path) != before


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="does not exist"):
        file_stamp(tmp_path / "a.gguf")
