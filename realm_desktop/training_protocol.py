"""What a trainer is asked, and what it tells: commands and events of adapter training.

The trainer is a process of its own beside the engine and speaks over the same kind of channel. All
are frozen dataclasses of plain values, like those of `protocol` and `events`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from realm_desktop.errors import SettingsError
from realm_desktop.events import ErrorInfo
from realm_desktop.protocol import DeviceName

TARGET_NAMES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear layers of a decoder layer, as PEFT calls them."""

JOB_FILE = "job.json"
CHECKPOINT_FILE = "checkpoint.safetensors"
_WORK_SUFFIX = ".training"

MAX_TRAINED_RANK = 256
MAX_STEPS = 1_000_000
MAX_CURVE_POINTS = 2_000
"""Most points of the loss that one event carries; more would say nothing that a screen can show."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How an adapter learns.

    Attributes:
        rank: Of every pair, 1 to 256.
        alpha: The term is scaled by alpha ÷ rank.
        dropout: Part of the inputs of A that a step leaves out, 0 to 0.9.
        learning_rate: The highest one; None chooses by the width of the network.
        num_steps: Updates of the weights; None makes them of `num_epochs`.
        num_epochs: How often each example is seen if `num_steps` is None.
        batch_examples: Examples of one step.
        micro_batch_tokens: Most tokens that are computed at once; a longer example goes alone. More
            take more memory and change nothing else.
        max_example_tokens: Longer examples are cut here; None takes the context of the model.
        warmup_fraction: Part of the steps over which the learning rate rises from 0.
        weight_decay: Of AdamW.
        max_gradient_norm: Gradients are scaled down to this norm.
        held_out_fraction: Part of the examples that is never trained on, but measured; 0 to 0.5.
        seed: Of the first weights, the order of examples and dropout.
        targets: Which linear layers of each decoder layer learn.

    Raises:
        SettingsError: A value is outside its range.
    """

    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.0
    learning_rate: float | None = None
    num_steps: int | None = None
    num_epochs: int = 8
    batch_examples: int = 8
    micro_batch_tokens: int = 1024
    max_example_tokens: int | None = None
    warmup_fraction: float = 0.05
    weight_decay: float = 0.01
    max_gradient_norm: float = 1.0
    held_out_fraction: float = 0.1
    seed: int = 0
    targets: tuple[str, ...] = TARGET_NAMES

    def __post_init__(self) -> None:
        """Refuse values that cannot be trained with."""
        _require("rank", self.rank, 1, MAX_TRAINED_RANK)
        _require("alpha", self.alpha, 1e-3, 1e6)
        _require("dropout", self.dropout, 0, 0.9)
        _require("learning_rate", self.learning_rate, 1e-8, 1)
        _require("num_steps", self.num_steps, 1, MAX_STEPS)
        _require("num_epochs", self.num_epochs, 1, 10_000)
        _require("batch_examples", self.batch_examples, 1, 4096)
        _require("micro_batch_tokens", self.micro_batch_tokens, 16, 1 << 20)
        _require("max_example_tokens", self.max_example_tokens, 8, 1 << 20)
        _require("warmup_fraction", self.warmup_fraction, 0, 1)
        _require("weight_decay", self.weight_decay, 0, 1)
        _require("max_gradient_norm", self.max_gradient_norm, 1e-6, 1e6)
        _require("held_out_fraction", self.held_out_fraction, 0, 0.5)
        _require("seed", self.seed, 0, 2**62)
        self._check_targets()

    def _check_targets(self) -> None:
        unknown = [name for name in self.targets if name not in TARGET_NAMES]
        if unknown or not self.targets or len(set(self.targets)) < len(self.targets):
            raise SettingsError(
                f"targets is {', '.join(self.targets)[:80] or 'empty'}; it must be some of"
                f" {', '.join(TARGET_NAMES)}, each once",
                advice="Leave it out to train them all.",
                field="targets",
            )


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training: what learns from what, and where it is kept.

    Attributes:
        model_path: The base model, as `LoadModel.path`.
        data_path: A file of examples; see `engine.training.data_file`.
        output_path: The PEFT folder that will be made. Beside it, under the same name with
            `.training` behind it, lie the checkpoint and this job until then.
        device: Where to compute.
        num_threads: Most CPU threads; None allows the physical cores. A small network takes one.
        clock_s: Unix time that a chat template may show.
    """

    model_path: str
    data_path: str
    output_path: str
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    device: DeviceName = "auto"
    num_threads: int | None = None
    clock_s: float = 0.0


class StopMode(StrEnum):
    """What becomes of a training that is stopped; both can lose no more than a part of a step."""

    PAUSE = "pause"
    """The checkpoint is written; the training can be resumed."""

    FINISH = "finish"
    """The adapter is written as it is now, as if its last step were done."""


# Commands


@dataclass(frozen=True, slots=True)
class EstimateTraining:
    """Read the model and the examples, measure a step, and tell what the training would cost."""

    job: TrainingJob


@dataclass(frozen=True, slots=True)
class StartTraining:
    """Train from the first step on."""

    job: TrainingJob


@dataclass(frozen=True, slots=True)
class ResumeTraining:
    """Go on with the training whose result belongs at `output_path`; its job is read from there."""

    output_path: str


@dataclass(frozen=True, slots=True)
class StopTraining:
    """End the training before its last step."""

    mode: StopMode


@dataclass(frozen=True, slots=True)
class ShutdownTrainer:
    """End the process; a running training is paused first."""


TrainingCommand = EstimateTraining | StartTraining | ResumeTraining | StopTraining | ShutdownTrainer

# Events


@dataclass(frozen=True, slots=True)
class TrainerReady:
    """The process is up."""

    torch_version: str
    process_id: int


@dataclass(frozen=True, slots=True)
class TrainingPreparing:
    """How far the preparation is: `phase` in words, `fraction` 0 to 1."""

    phase: str
    fraction: float


@dataclass(frozen=True, slots=True)
class TrainingEstimate:
    """What a training would cost; times are measured on one step, not promised.

    Attributes:
        num_examples, num_held_out: Examples to learn from, and to measure with.
        num_cut: Examples that were longer than allowed and lost their end.
        num_dropped: Examples that have nothing to learn from within that length.
        num_tokens: Of one pass over the examples to learn from.
        num_target_tokens: Those of them that the model shall learn to say.
        num_parameters: Numbers that are learned.
        learning_rate: The highest one.
        step_s, total_s: Of an average step, and of all steps left.
        memory_bytes, free_bytes: What it needs at most, and what this machine has left.
        is_checkpointed: Activations are computed twice to fit into memory.
        is_quantized: The base stays quantized in memory, which is slower, to fit.
    """

    num_examples: int
    num_held_out: int
    num_cut: int
    num_dropped: int
    num_tokens: int
    num_target_tokens: int
    num_steps: int
    num_parameters: int
    learning_rate: float
    step_s: float
    total_s: float
    memory_bytes: int
    free_bytes: int
    is_checkpointed: bool = False
    is_quantized: bool = False
    device: str = "cpu"
    compute_dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class TrainingEstimated:
    """The answer to `EstimateTraining`."""

    estimate: TrainingEstimate


@dataclass(frozen=True, slots=True)
class LossPoint:
    """The loss of one step, natural logarithm per target token; held out only where it was measured."""

    step: int
    loss: float
    held_out_loss: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """Training runs from now on.

    Attributes:
        first_step: Steps done before, in an earlier run.
        curve: The loss so far, thinned to at most 2,000 points.
    """

    first_step: int
    num_steps: int
    estimate: TrainingEstimate
    curve: tuple[LossPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """One step was done.

    Attributes:
        point: Its number, from 1, and its loss.
        tokens_per_s: Of the latest steps.
        remaining_s: Until the last step, at this rate.
    """

    point: LossPoint
    num_steps: int
    learning_rate: float
    tokens_per_s: float
    remaining_s: float


@dataclass(frozen=True, slots=True)
class TrainingPaused:
    """It was stopped and can be resumed behind this step; at 0 nothing was trained yet."""

    step: int
    num_steps: int


@dataclass(frozen=True, slots=True)
class TrainingDone:
    """The adapter is written.

    Attributes:
        output_path: Its PEFT folder.
        num_bytes: Of its matrices.
        point: The last step's.
        duration_s: Time of training in all runs.
    """

    output_path: str
    num_bytes: int
    point: LossPoint
    num_steps: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class TrainingFailed:
    """It ended by an error; a checkpoint may be there."""

    error: ErrorInfo
    is_resumable: bool


TrainingEvent = (
    TrainerReady
    | TrainingPreparing
    | TrainingEstimated
    | TrainingStarted
    | TrainingProgress
    | TrainingPaused
    | TrainingDone
    | TrainingFailed
)


def work_path(output_path: Path) -> Path:
    """The folder beside a result that keeps job and checkpoint until it is done."""
    return output_path.with_name(output_path.name + _WORK_SUFFIX)


def unfinished_trainings(folder: Path) -> list[Path]:
    """The results in `folder` whose trainings can be resumed, by name; reads the disk."""
    try:
        found = sorted(folder.glob(f"*{_WORK_SUFFIX}"))
        return [
            path.with_name(path.name.removesuffix(_WORK_SUFFIX))
            for path in found
            if (path / CHECKPOINT_FILE).is_file() and (path / JOB_FILE).is_file()
        ]
    except OSError:
        return []


def thinned(curve: tuple[LossPoint, ...]) -> tuple[LossPoint, ...]:
    """The curve with at most `MAX_CURVE_POINTS`, its last point kept."""
    stride = -(-len(curve) // MAX_CURVE_POINTS)
    return curve if stride <= 1 else tuple(reversed(curve[::-1][::stride]))


def _require(name: str, value: float | None, low: float, high: float) -> None:
    if value is None or (math.isfinite(value) and low <= value <= high):
        return
    raise SettingsError(
        f"{name} is {value}; it must be between {low:g} and {high:g}",
        advice=f"Set {name} to a value in this range.",
        field=name,
    )
