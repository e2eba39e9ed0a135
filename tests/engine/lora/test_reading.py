"""The reading thread: files in, adapters or reasons out, in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora import reading
from realm_desktop.engine.lora.adapter_file import read_adapter
from realm_desktop.engine.lora.reading import (
    AdapterRead,
    AdapterReader,
    ReadResult,
    StampedAdapter,
)
from realm_desktop.engine.lora.warm_copies import file_stamp
from realm_desktop.errors import ModelFileError
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import AdapterId
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.tiny_models import save_safetensors, tiny_model

A, B = AdapterId("a"), AdapterId("b")


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    model_file = open_model(save_safetensors(tiny_model(), tmp_path / "base"))
    try:
        return model_spec(model_file)
    finally:
        model_file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save_peft(tiny_adapter(tiny_model()), tmp_path / "poems")


@pytest.fixture
def reader() -> Iterator[AdapterReader]:
    reader = AdapterReader()
    yield reader
    reader.close()


def _results(reader: AdapterReader, count: int) -> list[ReadResult]:
    done: list[ReadResult] = []
    deadline = time.monotonic() + 10
    while len(done) < count and time.monotonic() < deadline:
        done += reader.results()
    return done


def test_adapters_and_reasons_come_in_order(
    reader: AdapterReader, spec: ModelSpec, path: Path, tmp_path: Path
) -> None:
    reader.submit(A, AdapterRead(tmp_path / "nowhere", spec, torch.float32))
    reader.submit(B, AdapterRead(path, spec, torch.float32))

    refused, read = _results(reader, 2)

    assert refused.adapter_id == A
    assert isinstance(refused.found, ModelFileError)
    assert isinstance(read.found, StampedAdapter)
    assert (read.found.adapter.name, read.found.stamp) == ("poems", file_stamp(path))


def test_another_thread_reads(
    reader: AdapterReader, spec: ModelSpec, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def note(path: Path, spec: ModelSpec, dtype: torch.dtype) -> object:
        threads.append(threading.current_thread().name)
        return read_adapter(path, spec, dtype)

    monkeypatch.setattr(reading, "read_adapter", note)
    reader.submit(A, AdapterRead(path, spec, torch.float32))

    assert len(_results(reader, 1)) == 1
    assert threads == ["adapters"]


def test_file_that_changes_while_it_is_read_has_the_stamp_of_before(
    spec: ModelSpec, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file_stamp(path)

    def change(path: Path, spec: ModelSpec, dtype: torch.dtype) -> object:
        adapter = read_adapter(path, spec, dtype)
        save_peft(tiny_adapter(tiny_model(), rank=5), path)
        return adapter

    monkeypatch.setattr(reading, "read_adapter", change)

    assert AdapterRead(path, spec, torch.float32)().stamp == before
    assert file_stamp(path) != before
