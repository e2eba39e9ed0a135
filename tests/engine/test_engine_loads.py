"""What a load may be told, and tells: replies at once, chat template, thinking, how keys are stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from realm_desktop.engine import engine as engine_module
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.self_test import CheckResult, Place, Verdict
from realm_desktop.errors import SettingsError, TemplateError
from realm_desktop.protocol import LoadModel
from tests.support.engines import make_request, run_alone
from tests.support.tiny_models import tiny_gguf, tiny_safetensors

pytestmark = pytest.mark.usefixtures("one_thread")


def test_broken_template_of_a_file_can_be_left_alone(tmp_path: Path) -> None:
    folder = tiny_safetensors(tmp_path, with_tokenizer=True)
    (folder / "chat_template.jinja").write_text("{% broken", encoding="utf-8")
    engine = Engine()
    with pytest.raises(TemplateError):
        engine.load(LoadModel(str(folder), "cpu", num_threads=1), lambda *_: None)

    command = LoadModel(str(folder), "cpu", num_threads=1, is_template_builtin=True)
    info = engine.load(command, lambda *_: None)

    assert info.has_chat_template


def test_switch_for_thinking_is_told(tmp_path: Path) -> None:
    folder = tiny_safetensors(tmp_path, with_tokenizer=True)
    (folder / "chat_template.jinja").write_text("{{ thinking }}hi", encoding="utf-8")
    command = LoadModel(str(folder), "cpu", num_threads=1)
    switched = Engine().load(command, lambda *_: None)
    plain = Engine().load(replace(command, is_template_builtin=True), lambda *_: None)

    assert (switched.thinks_by_default, plain.thinks_by_default) == (True, None)


def test_replies_at_once_are_limited_as_the_load_says(tmp_path: Path) -> None:
    engine = Engine()
    engine.load(
        LoadModel(
            str(tiny_gguf(tmp_path, with_tokenizer=True)), "cpu", num_threads=1, max_running=2
        ),
        lambda *_: None,
    )
    for index in range(4):
        engine.add(engine.prepare(make_request(range(3, 20), f"r{index}")))

    engine.step()

    assert (engine.stats().num_running, engine.stats().num_waiting) == (2, 2)


def test_int8_keys_and_values_take_less_memory_and_are_told(tmp_path: Path) -> None:
    engine, path = Engine(), str(tiny_gguf(tmp_path, with_tokenizer=True))
    command = LoadModel(path, "cpu", num_threads=1, kv_pool_tokens=640)
    plain = engine.load(command, lambda phase, fraction: None)

    small = engine.load(replace(command, kv_cache_dtype="int8"), lambda phase, fraction: None)

    assert (plain.kv_cache_dtype, small.kv_cache_dtype) == (plain.compute_dtype, "int8")
    assert small.kv_pool_tokens == plain.kv_pool_tokens
    assert plain.kv_bytes / small.kv_bytes == 64 / (16 + 4)  # float32, 16 values and a scale


def test_reply_does_not_follow_from_the_number_of_threads(tmp_path: Path) -> None:
    engine, path = Engine(), str(tiny_gguf(tmp_path, "llama", "Q8_0", with_tokenizer=True))
    replies = []
    for num_threads in (1, 2, 5, 64):
        info = engine.load(LoadModel(path, "cpu", num_threads=num_threads), lambda *_: None)
        replies.append(run_alone(engine, make_request(range(3, 20))))
        assert info.num_threads == num_threads

    assert replies == replies[:1] * 4


def test_unknown_kv_cache_dtype_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"'int3'; it must be one of auto, int8") as caught:
        LoadModel("model.gguf", kv_cache_dtype="int3")  # type: ignore[arg-type]  # wrong on purpose

    assert caught.value.field == "kv_cache_dtype"


class Ended(Exception):
    """A load that is not wanted any more."""


def test_load_that_is_ended_gives_freed_memory_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trims: list[bool] = []
    monkeypatch.setattr(engine_module, "trim_heap", lambda: trims.append(True))

    def end(phase: str, fraction: float) -> None:
        if phase == "loading weights":
            raise Ended

    with pytest.raises(Ended):
        Engine().load(LoadModel(str(tiny_gguf(tmp_path, with_tokenizer=True)), "cpu"), end)

    assert trims == [True]


def test_load_tells_of_its_device_and_of_what_failed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def choose(name: str, folder: Path | None, tell: object, *, is_required: bool) -> Place:
        asked.extend((name, folder, is_required))
        verdict = Verdict((CheckResult("flash", "window", 0.25, "its result is wrong by 0.25"),))
        return Place(torch.device("cpu"), verdict, "It computes on the CPU.")

    monkeypatch.setattr(engine_module, "choose_place", choose)
    path = str(tiny_gguf(tmp_path, with_tokenizer=True))
    command = LoadModel(path, "cuda", 1, self_test_folder="tests", is_device_required=True)
    info = Engine().load(command, lambda *_: None)

    assert asked == ["cuda", Path("tests"), True]
    assert info.device_note == "It computes on the CPU."
    assert info.dropped_backends == ("flash: its result is wrong by 0.25",)


def test_device_that_is_missing_is_refused_or_replaced_as_asked(tmp_path: Path) -> None:
    path = str(tiny_gguf(tmp_path, with_tokenizer=True))
    command = LoadModel(path, "mps", num_threads=1)
    info = Engine().load(command, lambda *_: None)

    assert info.device == "cpu"
    assert "MPS is the GPU of a Mac" in info.device_note
    with pytest.raises(SettingsError, match="mps is not available"):
        Engine().load(replace(command, is_device_required=True), lambda *_: None)
