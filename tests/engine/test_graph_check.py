"""The test of recorded steps before a device may use them."""

from __future__ import annotations

import pytest

from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_check import recorded_error
from realm_desktop.engine.self_test import CannotRun
from tests.support.raw_networks import raw_decoder
from tests.support.recorders import DoubleRecorder, DoubleRecording, StaticGather
from tests.support.tiny_models import tiny_gguf


@pytest.fixture
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    decoder = raw_decoder(tiny_gguf(tmp_path_factory.mktemp("check"), "qwen3", "Q8_0"))
    decoder._attention = StaticGather()
    return decoder


def test_sound_recordings_pass(decoder: Decoder) -> None:
    recorder = DoubleRecorder()

    assert recorded_error(decoder, recorder) < 1e-4

    (recording,) = recorder.recordings
    assert recording.num_replays == 3


def test_recordings_that_are_wrong_fail(decoder: Decoder) -> None:
    recorder = DoubleRecorder()
    recorder.change = lambda logits: logits.flip(0)

    with pytest.raises(RuntimeError, match="4 recorded rows differ"):
        recorded_error(decoder, recorder)


def test_replays_that_repeat_the_first_step_fail(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DoubleRecording, "replay", lambda self: None)

    assert recorded_error(decoder, DoubleRecorder()) > 0.1


def test_networks_that_cannot_be_recorded_are_no_fault(decoder: Decoder) -> None:
    decoder._attention = StaticGather()._plain

    with pytest.raises(CannotRun, match="cannot be recorded"):
        recorded_error(decoder, DoubleRecorder())
