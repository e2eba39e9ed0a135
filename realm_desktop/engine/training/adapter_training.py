"""The training itself: steps, measurements, checkpoints, and the adapter at the end.

A step that is interrupted is forgotten and computed again after a resume; on a CPU the result is the
same to the last bit as without the pause. Tells what happens as events; knows nothing of processes.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import torch

from realm_desktop.engine.training.micro_batch import MicroBatch, micro_batches, step_examples
from realm_desktop.engine.training.optimizer import LoraOptimizer, learning_rate_at
from realm_desktop.engine.training.peft_output import write_peft_folder
from realm_desktop.engine.training.preparation import PreparedTraining
from realm_desktop.engine.training.work_folder import Checkpoint, CheckpointState, WorkFolder
from realm_desktop.errors import TrainingError
from realm_desktop.training_protocol import (
    LossPoint,
    StopMode,
    TrainingDone,
    TrainingEvent,
    TrainingPaused,
    TrainingProgress,
    TrainingStarted,
    thinned,
)

Tell = Callable[[TrainingEvent], None]
StopAsked = Callable[[], StopMode | None]
"""Asked between micro-batches whether to end now."""

CHECKPOINT_S = 20.0
"""Longest time of training that the death of the process can take."""

_NUM_MEASUREMENTS = 20
_MAX_HELD_OUT = 64
_RATE_STEPS = 16
_STEP_STRIDE = 65_537


class AdapterTraining:
    """One training, from its first step or from a checkpoint on.

    Args:
        prepared: Base and examples; closed by whoever made it.
        folder: Holds the job already.
        tell: Told what happens.
        stop_asked: Whether and how to end early.
        clock: Seconds; replaced in tests.
    """

    def __init__(
        self,
        prepared: PreparedTraining,
        folder: WorkFolder,
        tell: Tell,
        stop_asked: StopAsked,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prepared = prepared
        self._folder = folder
        self._tell = tell
        self._stop_asked = stop_asked
        self._clock = clock
        self._network = prepared.network
        self._optimizer = LoraOptimizer(prepared.network.lora, prepared.settings)
        self._num_steps = prepared.estimate.num_steps
        self._step = 0
        self._duration_s = 0.0
        self._curve: list[LossPoint] = []
        self._recent: deque[float] = deque(maxlen=_RATE_STEPS)
        held_out = prepared.split.held_out[:_MAX_HELD_OUT]
        self._held_out = micro_batches(held_out, prepared.settings.micro_batch_tokens)
        self._measure_every = max(1, self._num_steps // _NUM_MEASUREMENTS)

    def resume(self) -> None:
        """Go on from the checkpoint; from the start if none was written yet.

        Raises:
            TrainingError: It is damaged, or base or examples are not what they were.
        """
        if not self._folder.has_checkpoint:
            return
        checkpoint = self._folder.load()
        state = checkpoint.state
        for what, found, expected in (
            ("examples", self._prepared.data_digest, state.data_digest),
            ("base model", self._prepared.model_bytes, state.model_bytes),
            ("number of steps", self._num_steps, state.num_steps),
        ):
            if found != expected:
                raise TrainingError(
                    f"the {what} changed since the training was paused: found {found}, expected"
                    f" {expected}",
                    advice="Put the file back as it was, or start the training anew.",
                    field=what,
                )
        self._optimizer.restore(checkpoint.tensors, state.step)
        self._step, self._duration_s = state.step, state.duration_s
        self._curve = list(state.curve)

    def run(self) -> TrainingDone | TrainingPaused:
        """Train until the last step, or until it is stopped; tells the end and answers it.

        Raises:
            TrainingError: The loss is no number any more.
            ExportError: A checkpoint or the adapter cannot be written; both can be tried again.
        """
        curve = thinned(tuple(self._curve))
        self._tell(TrainingStarted(self._step, self._num_steps, self._prepared.estimate, curve))
        mode = self._train()
        end = self._pause() if mode is StopMode.PAUSE else self._finish()
        self._tell(end)
        return end

    def _train(self) -> StopMode | None:
        """All steps left; how it was stopped, or None."""
        # The first step is saved at once: from then on a death of the process leaves something.
        saved_s = -math.inf
        while self._step < self._num_steps:
            started_s = self._clock()
            loss = self._compute_step()
            if isinstance(loss, StopMode):
                self._network.lora.drop_gradients()
                return loss
            settings = self._prepared.settings
            peak = self._prepared.estimate.learning_rate
            rate = learning_rate_at(self._step, self._num_steps, settings, peak)
            self._optimizer.step(rate)
            self._step += 1
            self._note(loss, rate, started_s)
            if self._clock() - saved_s >= CHECKPOINT_S:
                self._save()
                saved_s = self._clock()
        return None

    def _compute_step(self) -> float | StopMode:
        """Gradients of one step, and its loss; or how the training was stopped meanwhile."""
        settings = self._prepared.settings
        examples = step_examples(
            self._prepared.split.train, self._step, settings.batch_examples, settings.seed
        )
        batches = micro_batches(examples, settings.micro_batch_tokens)
        num_targets = sum(batch.num_targets for batch in batches)
        loss = 0.0
        for place, batch in enumerate(batches):
            mode = self._stop_asked()
            if mode is not None:
                return mode
            # Divided by the targets of the whole step: how it is cut then changes nothing.
            part = self._loss_sum(batch, place) / num_targets
            torch.autograd.backward([part])
            loss += part.item()
        _require_finite(loss, f"the loss of step {self._step + 1}")
        return loss

    def _loss_sum(self, batch: MicroBatch, place: int) -> torch.Tensor:
        placed = batch.to(self._network.device)
        if not self._prepared.settings.dropout:
            return self._network.loss_sum(placed)
        device = self._network.device
        devices = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            # From the place in the training alone, so that a resume leaves out the same inputs.
            torch.manual_seed(self._prepared.settings.seed + _STEP_STRIDE * self._step + place)
            return self._network.loss_sum(placed, is_training=True)

    def _note(self, loss: float, rate: float, started_s: float) -> None:
        """Record a step, with the held-out loss now and then, and tell it."""
        seconds = self._clock() - started_s
        self._duration_s += seconds
        estimate = self._prepared.estimate
        self._recent.append(seconds)
        is_last = self._step == self._num_steps
        held_out = None
        if self._held_out and (is_last or self._step % self._measure_every == 0):
            held_out = self._held_out_loss()
        point = LossPoint(self._step, loss, held_out)
        self._curve.append(point)
        step_s = sum(self._recent) / len(self._recent)
        tokens = (
            estimate.num_tokens / estimate.num_examples * self._prepared.settings.batch_examples
        )
        self._tell(
            TrainingProgress(
                point,
                self._num_steps,
                rate,
                tokens_per_s=tokens / max(step_s, 1e-9),
                remaining_s=step_s * (self._num_steps - self._step),
            )
        )

    def _held_out_loss(self) -> float:
        """Mean loss of a target of the held-out examples."""
        with torch.no_grad():
            sums = [
                self._network.loss_sum(batch.to(self._network.device)).item()
                for batch in self._held_out
            ]
        loss = sum(sums) / sum(batch.num_targets for batch in self._held_out)
        # The step before it may have been the one too many: the next loss would tell too late, behind
        # an event that no window takes.
        _require_finite(loss, f"the held-out loss of step {self._step}")
        return loss

    def _save(self) -> None:
        state = CheckpointState(
            step=self._step,
            num_steps=self._num_steps,
            data_digest=self._prepared.data_digest,
            model_bytes=self._prepared.model_bytes,
            duration_s=self._duration_s,
            curve=tuple(self._curve),
        )
        self._folder.save(Checkpoint(state, self._optimizer.tensors()))

    def _pause(self) -> TrainingPaused:
        self._save()
        return TrainingPaused(self._step, self._num_steps)

    def _finish(self) -> TrainingDone:
        """Write the adapter; only then is the checkpoint not needed any more."""
        path = Path(self._prepared.job.output_path)
        # First, so that an adapter that cannot be written costs no training.
        self._save()
        tensors = dict(self._network.lora.named_tensors())
        num_bytes = write_peft_folder(
            path, tensors, self._prepared.settings, self._prepared.base_name
        )
        self._folder.remove()
        point = self._curve[-1] if self._curve else LossPoint(0, 0.0)
        return TrainingDone(str(path), num_bytes, point, self._num_steps, self._duration_s)


def _require_finite(loss: float, name: str) -> None:
    """Raise TrainingError for a loss from which nothing can be learned."""
    if not math.isfinite(loss):
        raise TrainingError(
            f"{name} is {loss}; it must be a number",
            advice="Choose a lower learning rate and start anew.",
            field="learning_rate",
        )
