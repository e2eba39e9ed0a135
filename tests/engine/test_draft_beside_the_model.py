"""A model that brings its own draft model is loaded with it, when asked to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from realm_desktop.assets import resource
from realm_desktop.engine.engine import Engine
from realm_desktop.events import ModelInfo
from realm_desktop.protocol import LoadModel, SpeculationMode
from tests.support.engines import make_request, run_requests
from tests.support.shared_data import shared_data
from tests.support.speculation import drafting

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPT = range(300, 340)


def load(engine: Engine, path: Path, *, is_automatic: bool = True) -> ModelInfo:
    command = LoadModel(str(path), "cpu", num_threads=1, is_draft_automatic=is_automatic)
    return engine.load(command, lambda phase, fraction: None)


@pytest.fixture
def starter() -> Path:
    return resource("starter", "starter.gguf")


def test_starter_is_loaded_with_its_draft_model(starter: Path) -> None:
    assert load(Engine(), starter).draft_name == "Realm Starter Draft"


def test_draft_model_beside_is_left_alone_unless_asked_for(starter: Path) -> None:
    assert load(Engine(), starter, is_automatic=False).draft_name == ""


def test_automatic_speculation_drafts_with_it_and_keeps_the_text(starter: Path) -> None:
    engine, plain = Engine(), Engine()
    load(engine, starter)
    load(plain, starter, is_automatic=False)
    request = make_request(PROMPT)

    drafted = run_requests(engine, drafting(request, SpeculationMode.AUTO))

    assert drafted.ends["r"].stats.num_drafted_tokens > 0  # type: ignore[union-attr]  # it finished
    assert drafted.token_ids == run_requests(plain, request).token_ids


@pytest.mark.parametrize("content", ["stranger", "broken"])
def test_model_is_loaded_without_a_draft_model_that_does_not_fit(
    tmp_path: Path, starter: Path, content: str
) -> None:
    model = Path(shutil.copy(starter, tmp_path / "a.gguf"))
    draft = tmp_path / "a-draft.gguf"
    if content == "stranger":
        shutil.copy(shared_data("stories260K-f32.gguf"), draft)
    else:
        draft.write_bytes(model.read_bytes()[:1000])

    assert load(Engine(), model).draft_name == ""
