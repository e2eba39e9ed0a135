"""The list of known models."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.inspection import Inspection, MemoryEstimate
from realm_desktop.library.catalog import Catalog, KnownModel, ModelSource
from realm_desktop.library.other_apps import OtherApp
from tests.support.tiny_models import tiny_gguf


class Reader:
    """Reads headers that are one line: a name, or "bad". Remembers what it read."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def __call__(self, path: Path) -> Inspection:
        self.paths.append(path)
        name = path.read_text() if path.is_file() else path.name
        if name == "bad":
            raise CorruptFile(f"{path.name} is cut", file=path, offset=8)
        if name == "fault":
            raise RecursionError("too deep")
        memory = MemoryEstimate(1, None, None)
        return Inspection("model", "llama", name, 1, {}, 1, None, None, None, memory)


def _file(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or path.stem)
    return path


def _scan(
    folder: Path, recent: Sequence[Path] = (), *, starter: Path | None = None
) -> Sequence[KnownModel]:
    return asyncio.run(Catalog(starter, read=Reader()).scan(recent, [folder]))


def test_empty_catalog_has_only_the_starter(tmp_path: Path) -> None:
    starter = _file(tmp_path / "starter.gguf")
    models = asyncio.run(Catalog(starter, read=Reader()).scan())

    assert [(model.path, model.source) for model in models] == [(starter, ModelSource.STARTER)]


def test_gguf_files_and_safetensors_folders_are_found(tmp_path: Path) -> None:
    _file(tmp_path / "b" / "deep" / "two.GGUF")
    _file(tmp_path / "a" / "one.gguf")
    _file(tmp_path / "c" / "config.json")
    _file(tmp_path / "c" / "model.safetensors")
    _file(tmp_path / "d" / "config.json")
    _file(tmp_path / "readme.txt")

    assert {model.name for model in _scan(tmp_path)} == {"one", "two", "c"}


def test_starter_and_recent_files_come_first_and_once(tmp_path: Path) -> None:
    starter = _file(tmp_path / "s.gguf")
    recent = _file(tmp_path / "r.gguf")
    _file(tmp_path / "f.gguf")
    models = _scan(
        tmp_path, [recent, tmp_path / "." / "s.gguf", tmp_path / "gone.gguf"], starter=starter
    )

    assert [(model.name, model.source) for model in models] == [
        ("s", ModelSource.STARTER),
        ("r", ModelSource.RECENT),
        ("f", ModelSource.FOLDER),
    ]


def test_bad_file_is_listed_with_its_reason_beside_the_others(tmp_path: Path) -> None:
    _file(tmp_path / "a.gguf", "bad")
    _file(tmp_path / "b.gguf", "fault")
    _file(tmp_path / "c.gguf")
    bad, fault, good = _scan(tmp_path)

    assert bad.error is not None
    assert (bad.name, bad.error.kind, bad.error.offset) == ("a.gguf", "CorruptFile", 8)
    assert fault.error is not None
    assert good.inspection is not None
    assert good.error is None


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    _file(tmp_path / "a.gguf")
    changed = _file(tmp_path / "b.gguf")
    reader = Reader()
    catalog = Catalog(read=reader)

    async def work() -> Sequence[KnownModel]:
        await catalog.scan(folders=[tmp_path])
        changed.write_text("another name")
        os.utime(changed, ns=(1, 1))
        reader.paths.clear()
        return await catalog.scan(folders=[tmp_path])

    assert [model.name for model in asyncio.run(work())] == ["a", "another name"]
    assert reader.paths == [changed]


def test_removed_files_leave_the_list(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.gguf")
    catalog = Catalog(read=Reader())

    async def work() -> None:
        await catalog.scan(folders=[tmp_path])
        path.unlink()
        await catalog.scan(folders=[tmp_path])

    asyncio.run(work())
    assert list(catalog.models) == []


def test_paths_that_cannot_exist_are_left_out(tmp_path: Path) -> None:
    assert list(_scan(tmp_path, [Path("nul\0"), Path("x" * 5000)])) == []


def test_real_headers_are_read_and_hostile_ones_refused(tmp_path: Path) -> None:
    tiny_gguf(tmp_path)
    (tmp_path / "unsound.gguf").write_bytes(b"GGUF" + b"\xff" * 45)
    sound, unsound = asyncio.run(Catalog().scan(folders=[tmp_path]))

    assert sound.inspection is not None
    assert sound.inspection.architecture == "llama"
    assert unsound.error is not None
    assert "unsound.gguf" in unsound.error.message


def test_models_of_other_programs_come_last_and_under_their_names(tmp_path: Path) -> None:
    blob = tmp_path / "ollama" / "blobs" / f"sha256-{'ab' * 32}"
    _file(blob, "general name")
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:" + "ab" * 32}
    manifest = tmp_path / "ollama/manifests/registry.ollama.ai/library/tiny/1b"
    _file(manifest, json.dumps({"layers": [layer]}))
    own = _file(tmp_path / "own" / "org" / "repo" / "one.gguf")

    models = asyncio.run(
        Catalog(read=Reader()).scan(
            downloaded=[tmp_path / "own"], places={OtherApp.OLLAMA: (tmp_path / "ollama",)}
        )
    )

    assert [(model.path, model.source, model.name) for model in models] == [
        (own, ModelSource.DOWNLOADED, "one"),
        (blob, ModelSource.OLLAMA, "tiny:1b"),
    ]


def test_a_recent_blob_keeps_the_name_of_its_program(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--org--Model" / "snapshots" / "c0ffee"
    _file(snapshot / "config.json")
    _file(snapshot / "model.safetensors")

    (model,) = asyncio.run(
        Catalog(read=Reader()).scan([snapshot], places={OtherApp.HUGGING_FACE: (tmp_path,)})
    )

    assert (model.source, model.name) == (ModelSource.RECENT, "org/Model")
