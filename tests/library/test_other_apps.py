"""Models that other programs keep on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realm_desktop.library.other_apps import OtherApp, OthersModel, default_places, find_others

DIGEST = "ab" * 32


def _file(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _found(app: OtherApp, folder: Path) -> list[OthersModel]:
    return list(find_others({app: (folder,)}))


def _manifest(root: Path, name: str, digest: str = f"sha256:{DIGEST}") -> None:
    layers = [
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:" + "0" * 64},
        {"mediaType": "application/vnd.ollama.image.model", "digest": digest},
    ]
    _file(root / "manifests" / name, json.dumps({"schemaVersion": 2, "layers": layers}))


@pytest.mark.parametrize(
    ("manifest", "title"),
    [
        ("registry.ollama.ai/library/llama3.2/3b", "llama3.2:3b"),
        ("registry.ollama.ai/someone/tiny/latest", "someone/tiny:latest"),
        ("hf.co/org/Model-GGUF/Q4_K_M", "hf.co/org/Model-GGUF:Q4_K_M"),
    ],
)
def test_a_blob_of_ollama_has_the_name_that_ollama_shows(
    tmp_path: Path, manifest: str, title: str
) -> None:
    blob = _file(tmp_path / "blobs" / f"sha256-{DIGEST}")
    _manifest(tmp_path, manifest)

    assert _found(OtherApp.OLLAMA, tmp_path) == [OthersModel(OtherApp.OLLAMA, blob, title)]


@pytest.mark.parametrize(
    "digest", ["sha256:../../etc/passwd", "sha256:" + "AB" * 32, "md5:1", "", DIGEST]
)
def test_a_digest_that_is_none_opens_nothing(tmp_path: Path, digest: str) -> None:
    _file(tmp_path / "blobs" / f"sha256-{DIGEST}")
    _manifest(tmp_path, "registry.ollama.ai/library/a/b", digest)

    assert _found(OtherApp.OLLAMA, tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"layers": 5}', '{"layers": [1, {}]}'])
def test_a_damaged_manifest_hides_no_other(tmp_path: Path, text: str) -> None:
    _file(tmp_path / "blobs" / f"sha256-{DIGEST}")
    _file(tmp_path / "manifests/registry.ollama.ai/library/a/bad", text)
    _manifest(tmp_path, "registry.ollama.ai/library/a/good")

    assert [model.title for model in _found(OtherApp.OLLAMA, tmp_path)] == ["a:good"]


def test_a_manifest_without_its_blob_is_no_model(tmp_path: Path) -> None:
    _manifest(tmp_path, "registry.ollama.ai/library/cloud/latest")

    assert _found(OtherApp.OLLAMA, tmp_path) == []


def test_a_snapshot_in_the_cache_is_named_by_its_repository(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--org--Model-7B" / "snapshots" / "c0ffee"
    _file(snapshot / "config.json")
    _file(snapshot / "model.safetensors")
    gguf = _file(tmp_path / "models--org--x-GGUF" / "snapshots" / "c0ffee" / "x-Q4_0.gguf")
    _file(tmp_path / "datasets--org--y" / "snapshots" / "c0ffee" / "z.gguf")

    found = {model.path: model.title for model in _found(OtherApp.HUGGING_FACE, tmp_path)}

    assert found == {snapshot: "org/Model-7B", gguf: ""}


def test_folders_of_lm_studio_and_jan_are_searched_as_they_are(tmp_path: Path) -> None:
    one = _file(tmp_path / "lm" / "org" / "repo" / "one.gguf")
    two = _file(tmp_path / "jan" / "two" / "model.gguf")
    places = {OtherApp.LM_STUDIO: (tmp_path / "lm",), OtherApp.JAN: (tmp_path / "jan",)}

    assert [model.path for model in find_others(places)] == [one, two]


def test_programs_that_are_not_there_cost_nothing(tmp_path: Path) -> None:
    assert list(find_others(default_places(tmp_path, tmp_path / "none"))) == []


def test_the_environment_names_other_places(tmp_path: Path) -> None:
    places = default_places(tmp_path, tmp_path / "o", tmp_path / "h")

    assert places[OtherApp.OLLAMA] == (tmp_path / "o",)
    assert places[OtherApp.HUGGING_FACE] == (tmp_path / "h",)
