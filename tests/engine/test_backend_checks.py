"""The self-test of a device: in another process, which may crash, hang or lie."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from realm_desktop import assets
from realm_desktop.__main__ import main
from realm_desktop.engine import backend_checks, decoder
from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention, GatherAttentionPlan
from realm_desktop.engine.attention.selection import attention_backends
from realm_desktop.engine.backend_checks import (
    CHECK_BACKENDS_FLAG,
    NETWORK,
    SelfTestRun,
    choose_place,
    network_check,
    try_device,
    why_unusable,
)
from realm_desktop.engine.backend_checks import part_checks as all_part_checks
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.device import DeviceChoice
from realm_desktop.engine.graph_pass import GRAPHS
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.self_test import (
    NOT_TESTED,
    Check,
    CheckResult,
    Journal,
    Verdict,
    journal_key,
)
from realm_desktop.errors import RealmError, SettingsError

CARD = torch.device("cuda")
CPU = torch.device("cpu")

# Plays the process of the checks: torch would take seconds to import.
CHILD = """
import json, os, pathlib, sys, time
journal = pathlib.Path(sys.argv[-3])
journal.parent.mkdir(exist_ok=True)
play = json.loads(os.environ["PLAY"])
kept = json.loads(journal.read_text()) if journal.exists() else {}
kept = kept if kept.get("key") == json.loads(os.environ["KEY"]) else {}
known = kept.get("results", {})
if kept.get("running"):
    known[kept["running"]] = {"fault": "its test ended the process"}
def write(running):
    results = {
        title: {"name": title, "case": "", "error": None, "is_missing": False, "fault": "", **own}
        for title, own in known.items()
    }
    new = {"key": json.loads(os.environ["KEY"]), "running": running, "results": results}
    journal.with_suffix(".part").write_text(json.dumps(new))
    journal.with_suffix(".part").replace(journal)
for title, what in play.items():
    if title in known:
        continue
    write(title)
    if what == "crash":
        os.abort()
    if what == "hang":
        time.sleep(60)
    known[title] = {"fault": "wrong" if what == "lie" else ""}
    write("")
"""


@pytest.fixture(autouse=True)
def _few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card with two backends, beside the network."""
    checks = tuple(Check(name, "", lambda _: 0.0) for name in ("flash", "gather"))
    monkeypatch.setattr(backend_checks, "part_checks", lambda: checks)
    monkeypatch.setattr(backend_checks, "device_title", lambda _: "A card")
    monkeypatch.setattr(backend_checks, "make_current", lambda _: None)


Play = Callable[..., Verdict]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Test the card with a process that plays a part for each check."""
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    key = journal_key(backend_checks.part_checks(), "A card")
    monkeypatch.setenv("KEY", json.dumps(key))
    run = SelfTestRun([sys.executable, "-I", str(script)], 10.0, 0.5, 20.0)
    monkeypatch.setattr(backend_checks, "_GRACE_S", 0.0)

    def test(flash: str = "", gather: str = "", network: str = "", graphs: str = "") -> Verdict:
        parts = {"flash": flash, "gather": gather, NETWORK: network, GRAPHS: graphs}
        monkeypatch.setenv("PLAY", json.dumps(parts))
        return try_device(CARD, tmp_path / "kept", lambda _: None, run)

    return test


def test_sound_card_drops_nothing(play: Play) -> None:
    verdict = play()

    assert len(verdict.results) == 4
    assert (verdict.faults, why_unusable(verdict)) == ({}, None)


@pytest.mark.parametrize(
    ("part", "words"), [("lie", "wrong"), ("crash", "ended"), ("hang", "ended")]
)
def test_backend_that_fails_costs_itself_alone(
    part: str, words: str, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    verdict = play(flash=part)

    assert list(verdict.faults) == ["flash"]
    assert words in verdict.faults["flash"]
    assert why_unusable(verdict) is None
    assert "does not use flash" in caplog.text


def test_recordings_that_end_the_process_cost_themselves_alone(play: Play) -> None:
    verdict = play(graphs="crash")

    assert list(verdict.faults) == [GRAPHS]
    assert why_unusable(verdict) is None


def test_result_is_kept_for_the_next_load(play: Play) -> None:
    play(flash="lie")

    # Nothing is computed: the part that would crash is not played.
    assert play(flash="crash").faults == {"flash": "wrong"}


def test_results_of_another_torch_are_not_believed(play: Play, tmp_path: Path) -> None:
    play(flash="lie")
    (path,) = (tmp_path / "kept").glob("*.json")
    path.write_text(path.read_text().replace(torch.__version__, "1.0"))

    assert play().faults == {}


@pytest.mark.parametrize("part", ["gather", "network"])
def test_card_whose_last_resort_or_network_fails_is_unusable(part: str, play: Play) -> None:
    assert why_unusable(play(**{part: "lie"})) == f"{part}: wrong"


def test_process_that_does_nothing_leaves_the_card_unused(tmp_path: Path) -> None:
    run = SelfTestRun([sys.executable, "-I", "-c", ""], 10.0, 10.0, 20.0)
    verdict = try_device(CARD, tmp_path, lambda _: None, run)

    assert "not reached" in (why_unusable(verdict) or "")


def test_process_that_cannot_be_started_leaves_the_card_unused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    verdict = try_device(CARD, None, lambda _: None, SelfTestRun([str(tmp_path / "nothing")]))

    assert why_unusable(verdict) is not None
    assert "cannot be started" in caplog.text


def test_load_that_is_ended_ends_the_test(tmp_path: Path) -> None:
    class Superseded(Exception):
        pass

    def tell(_: float) -> None:
        raise Superseded

    run = SelfTestRun([sys.executable, "-I", "-c", "import time; time.sleep(60)"])
    with pytest.raises(Superseded):
        try_device(CARD, tmp_path, tell, run)


def test_processor_is_not_tested(tmp_path: Path) -> None:
    assert try_device(CPU, tmp_path, lambda _: None) == NOT_TESTED
    assert list(tmp_path.iterdir()) == []


def _choose(monkeypatch: pytest.MonkeyPatch, verdict: Verdict, note: str = "") -> None:
    monkeypatch.setattr(
        backend_checks, "choose_device", lambda name, is_required: DeviceChoice(CARD, note)
    )
    monkeypatch.setattr(backend_checks, "try_device", lambda *_: verdict)


WRONG = Verdict((CheckResult("gather", fault="its result is wrong by 0.3"),))


def test_place_is_the_card_that_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = Verdict((CheckResult("flash", fault="wrong"),))
    _choose(monkeypatch, verdict, "One of two.")
    place = choose_place("auto", None, lambda _: None)

    assert (place.device, place.verdict, place.note) == (CARD, verdict, "One of two.")


@pytest.mark.parametrize(("name", "is_required"), [("auto", True), ("cuda", False)])
def test_card_that_failed_gives_way_to_the_cpu(
    name: str, is_required: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _choose(monkeypatch, WRONG)
    place = choose_place(name, None, lambda _: None, is_required=is_required)  # type: ignore[arg-type]  # parametrized

    assert (place.device, place.verdict) == (CPU, NOT_TESTED)
    assert place.note == (
        "It computes on the CPU. A card (cuda) failed its self-test: gather: its result is wrong by"
        " 0.3."
    )


def test_card_that_is_required_and_failed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _choose(monkeypatch, WRONG)

    with pytest.raises(SettingsError, match="failed its self-test") as caught:
        choose_place("cuda", None, lambda _: None)
    assert caught.value.field == "device"


def _run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *checks: Check) -> Journal:
    """What the other process does, in this one, on the CPU."""
    monkeypatch.setattr(backend_checks, "part_checks", lambda: checks)
    path = tmp_path / "journal.json"
    backend_checks.main("cpu", str(path), 60.0)
    return Journal.open(path, journal_key(checks, "A card"))


def test_other_process_runs_every_check_and_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = _run_here(tmp_path, monkeypatch, Check("flash", "", lambda _: 0.5))

    assert list(journal.results) == ["flash", NETWORK, GRAPHS]
    assert journal.results[GRAPHS].is_missing
    assert journal.results["flash"].fault
    error = journal.results[NETWORK].error
    assert error is not None
    assert 0 < error < 0.08


def test_process_whose_card_refuses_everything_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_checks, "_answers", lambda _: False)
    checks = [Check("flash", "", lambda _: 0.5), Check("gather", "", lambda _: 0.0)]
    journal = _run_here(tmp_path, monkeypatch, *checks)

    assert list(journal.results) == ["flash"]


class BlindAttention(GatherAttention):
    """A backend with the wrong scale."""

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> GatherAttentionPlan:
        return super().plan(shape._replace(scale=1.0), batch, kv_cache)


def test_network_with_a_backend_that_lies_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(
        shape: AttentionShape, device: torch.device, dtype: torch.dtype, *_: object
    ) -> object:
        return CpuAttention() if dtype == torch.float64 else BlindAttention()

    monkeypatch.setattr(decoder, "choose_attention", choose)
    journal = _run_here(tmp_path, monkeypatch)

    assert "wrong by" in journal.results[NETWORK].fault


def test_installation_without_the_starter_holds_nothing_against_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> Path:
        raise RealmError("the file starter.gguf is missing")

    monkeypatch.setattr(assets, "resource", refuse)
    journal = _run_here(tmp_path, monkeypatch)
    verdict = journal.verdict([network_check(NOT_TESTED)])

    assert verdict.missing == {NETWORK: "the file starter.gguf is missing"}
    assert why_unusable(verdict) is None


def test_flag_makes_the_program_the_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(backend_checks, "main", lambda *words: seen.extend(words))
    monkeypatch.setattr(sys, "path", list(sys.path))

    assert main([CHECK_BACKENDS_FLAG, "cuda:1", "card.json", "/torch", "60.0"]) == 0
    assert seen == ["cuda:1", "card.json", 60.0]
    assert sys.path[0] == "/torch"


def test_every_backend_and_type_of_blocks_is_checked() -> None:
    checks = all_part_checks()
    names = {check.name for check in checks}

    assert {backend.name for backend in attention_backends()} <= names
    assert {"torch Q4_K", "torch Q8_0", "triton Q4_K", "metal Q4_0"} <= names
    assert len({check.title for check in checks}) == len(checks)
