"""Tests of looks at adapter files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realm_desktop.library import adapter_catalog
from realm_desktop.library.adapter_catalog import AdapterCatalog, SeenAdapter
from tests.support.plain_adapters import write_adapter, write_base


def _look(
    path: Path, base: Path | None = None, catalog: AdapterCatalog | None = None
) -> SeenAdapter:
    async def work() -> SeenAdapter:
        used = catalog or AdapterCatalog()
        return (await used.look([path], base))[path]

    return asyncio.run(work())


def test_adapter_is_described_without_a_model(tmp_path: Path) -> None:
    seen = _look(write_adapter(tmp_path / "terse"))

    assert seen.inspection is not None
    assert (seen.inspection.name, seen.inspection.rank) == ("terse", 2)
    assert seen.fit is None
    assert seen.refusal is None


def test_adapter_that_fits_says_so_in_words(tmp_path: Path) -> None:
    base = write_base(tmp_path / "tiny.gguf")

    seen = _look(write_adapter(tmp_path / "terse"), base)

    assert seen.fit is not None
    assert seen.fit.verdict == "fits Tiny · rank 2 · 4 of 4 targets"
    assert seen.refusal is None


def test_adapter_of_another_model_is_refused_by_name(tmp_path: Path) -> None:
    base = write_base(tmp_path / "tiny.gguf")

    refusal = _look(write_adapter(tmp_path / "wide", hidden=16), base).refusal

    assert refusal is not None
    assert refusal.message.startswith("the adapter wide does not fit: made for hidden size 16")
    assert "switch it off" in refusal.advice


def test_feature_the_engine_lacks_is_refused_with_any_model(tmp_path: Path) -> None:
    refusal = _look(write_adapter(tmp_path / "dora", use_dora=True)).refusal

    assert refusal is not None
    assert "DoRA" in refusal.message


@pytest.mark.parametrize("data", [b"", b"\x80\x02]q\x00.", b"GGUF" + b"\xff" * 45])
def test_file_that_is_no_adapter_has_a_reason(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.bin"
    path.write_bytes(data)

    seen = _look(path)

    assert seen.inspection is None
    assert seen.refusal is not None
    assert "bad.bin" in seen.refusal.message


def test_unchanged_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_adapter(tmp_path / "terse")
    catalog = AdapterCatalog()
    _look(folder, catalog=catalog)
    monkeypatch.setattr(adapter_catalog, "inspect_adapter", None)

    assert _look(folder, catalog=catalog).inspection is not None


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "terse")
    catalog = AdapterCatalog()
    before = _look(folder, catalog=catalog)
    write_adapter(folder, rank=4)

    after = _look(folder, catalog=catalog)

    assert after.inspection is not None
    assert after.inspection.rank == 4
    assert after.stamp != before.stamp


def test_unreadable_model_leaves_the_check_to_the_engine(tmp_path: Path) -> None:
    seen = _look(write_adapter(tmp_path / "terse"), tmp_path / "gone.gguf")

    assert (seen.fit, seen.refusal) == (None, None)


def test_fault_of_the_reader_costs_one_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise RecursionError

    monkeypatch.setattr(adapter_catalog, "inspect_adapter", fail)

    seen = _look(write_adapter(tmp_path / "terse"))

    assert seen.error is not None
    assert seen.error.kind == "InternalError"


def test_places_below_several_paths_come_once(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "terse")

    found = asyncio.run(AdapterCatalog().find([tmp_path, folder]))

    assert found == [folder]
