"""Adapters made for measurements."""

from __future__ import annotations

from pathlib import Path

import torch

from realm_desktop.cli.random_adapters import RANK, write_random_adapters
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora.adapter_file import read_adapter
from realm_desktop.formats.model_file import open_model


def test_random_adapters_fit_the_model_and_differ(tiny_model_path: Path, tmp_path: Path) -> None:
    paths = write_random_adapters(tiny_model_path, 2, tmp_path)

    spec = model_spec(open_model(tiny_model_path))
    first, second = (read_adapter(path, spec, torch.float32) for path in paths)
    assert first.rank == RANK
    assert len(first.pairs) == 7 * spec.num_layers
    assert all(not torch.equal(first.pairs[t].a, second.pairs[t].a) for t in first.pairs)
