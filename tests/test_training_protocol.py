"""What a trainer is asked and tells: ranges, and the way across a connection."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.channel import (
    TRAINING_COMMAND_TYPES,
    TRAINING_EVENT_TYPES,
    decode_frame,
    encode_frame,
    frame_decoders,
)
from realm_desktop.errors import EngineStopped, SettingsError
from realm_desktop.events import ErrorInfo
from realm_desktop.training_protocol import (
    EstimateTraining,
    LossPoint,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainerReady,
    TrainingDone,
    TrainingEstimate,
    TrainingEstimated,
    TrainingFailed,
    TrainingJob,
    TrainingPaused,
    TrainingPreparing,
    TrainingProgress,
    TrainingSettings,
    TrainingStarted,
    thinned,
)

JOB = TrainingJob("m.gguf", "d.jsonl", "out", TrainingSettings(rank=8, targets=("q_proj",)))
POINT = LossPoint(3, 1.5, 1.7)
ESTIMATE = TrainingEstimate(9, 1, 0, 0, 900, 400, 12, 5_000, 1e-3, 0.5, 6.0, 10, 20)


@pytest.mark.parametrize(
    "message",
    [
        EstimateTraining(JOB),
        StartTraining(JOB),
        ResumeTraining("out"),
        StopTraining(StopMode.FINISH),
        ShutdownTrainer(),
        TrainerReady("2.13", 7),
        TrainingPreparing("reading", 0.5),
        TrainingEstimated(ESTIMATE),
        TrainingStarted(2, 12, ESTIMATE, (POINT,)),
        TrainingProgress(POINT, 12, 1e-3, 800.0, 4.0),
        TrainingPaused(3, 12),
        TrainingDone("out", 10, POINT, 12, 5.0),
        TrainingFailed(ErrorInfo("TrainingError", "no"), is_resumable=True),
    ],
)
def test_message_survives_the_connection(message: Any) -> None:
    decoders = frame_decoders((*TRAINING_COMMAND_TYPES, *TRAINING_EVENT_TYPES))

    assert decode_frame(encode_frame([message]), decoders) == [message]


@pytest.mark.parametrize(
    "message", [TrainingPreparing("reading", 1.5), TrainingProgress(POINT, -1, 0.1, 1.0, 1.0)]
)
def test_values_that_no_window_can_show_are_refused(message: Any) -> None:
    with pytest.raises(EngineStopped):
        decode_frame(encode_frame([message]), frame_decoders(TRAINING_EVENT_TYPES))


def test_event_is_no_command_of_a_trainer() -> None:
    with pytest.raises(EngineStopped, match="not its to send"):
        decode_frame(encode_frame([TrainingPaused(1, 2)]), frame_decoders(TRAINING_COMMAND_TYPES))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rank", 0),
        ("rank", 257),
        ("alpha", 0.0),
        ("dropout", 0.95),
        ("learning_rate", 2.0),
        ("learning_rate", float("nan")),
        ("num_steps", 0),
        ("num_epochs", 0),
        ("batch_examples", 0),
        ("micro_batch_tokens", 1),
        ("max_example_tokens", 1),
        ("warmup_fraction", 1.5),
        ("weight_decay", -0.1),
        ("max_gradient_norm", 0.0),
        ("held_out_fraction", 0.6),
        ("seed", -1),
        ("targets", ()),
        ("targets", ("q_proj", "q_proj")),
        ("targets", ("lm_head",)),
    ],
)
def test_setting_outside_its_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        TrainingSettings(**{name: value})

    assert caught.value.field == name


def test_thinned_curve_keeps_its_last_point() -> None:
    curve = tuple(LossPoint(step, 1.0) for step in range(4_001))

    assert thinned(curve[:2_000]) == curve[:2_000]
    assert len(thinned(curve)) <= 2_000
    assert thinned(curve)[-1] == curve[-1]
