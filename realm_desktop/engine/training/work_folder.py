"""What a training keeps beside its result until it is done: the job, and the latest checkpoint.

    poems/                the adapter, once it is done
    poems.training/       until then
        job.json
        checkpoint.safetensors

A checkpoint replaces the one before it in one rename, so there is always a whole one. It holds no
state of random numbers and no place in the data: both follow from the seed and the number of steps.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.errors import ExportError, ModelFileError, RealmError, TrainingError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.gguf_output import PlannedTensor
from realm_desktop.formats.json_file import read_text_file
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.safetensors_output import write_safetensors_file
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.formats.whole_file import PART_SUFFIX, whole_file
from realm_desktop.training_protocol import (
    CHECKPOINT_FILE,
    JOB_FILE,
    LossPoint,
    TrainingJob,
    thinned,
    work_path,
)

_STATE = "realm.training"
_TYPES = {torch.float32: TensorType.F32, torch.float64: TensorType.F64}


class CheckpointState(msgspec.Struct, frozen=True):
    """How far a training was when a checkpoint was written.

    Attributes:
        step: Steps done.
        data_digest: SHA-256 of the examples.
        model_bytes: Size of the base, by which another one would be noticed.
        duration_s: Time of training so far.
        curve: The loss so far.
    """

    step: int
    num_steps: int
    data_digest: str
    model_bytes: int
    duration_s: float
    curve: tuple[LossPoint, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state and its tensors by name."""

    state: CheckpointState
    tensors: Mapping[str, Tensor]


class WorkFolder:
    """The folder beside the result.

    Args:
        output_path: Where the result goes.
    """

    def __init__(self, output_path: Path) -> None:
        self.path = work_path(output_path)
        self._output_path = output_path

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to resume from."""
        return (self.path / CHECKPOINT_FILE).is_file()

    def check_new(self) -> None:
        """Refuse a place that is taken.

        Raises:
            ExportError: The result or an unfinished training is there already.
        """
        if self._output_path.exists():
            raise _taken(self._output_path, "Choose another name, or remove it first.")
        if self.path.exists() and not self._is_stillborn:
            raise _taken(self.path, "Resume that training, or remove its folder first.")

    def begin(self, job: TrainingJob) -> None:
        """Make the folder for a new training.

        Raises:
            ExportError: The place is taken, or the system refuses.
        """
        self.check_new()
        if self._is_stillborn:
            self.remove()
        try:
            self.path.mkdir(parents=True)
            (self.path / JOB_FILE).write_bytes(msgspec.json.encode(job))
        except OSError as error:
            raise _refused(self.path, error) from error

    def job(self) -> TrainingJob:
        """The job that was begun here.

        Raises:
            TrainingError: There is none, or its file makes no sense.
        """
        try:
            return msgspec.json.decode(read_text_file(self.path / JOB_FILE), type=TrainingJob)
        except (ModelFileError, msgspec.MsgspecError, RealmError) as error:
            raise TrainingError(
                f"{quote(self._output_path.name)} has no training that could be resumed.",
                advice="Start it anew.",
                file=self.path,
                field="job",
            ) from error

    def save(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint; after a crash there is the old one or the new one, whole.

        Raises:
            ExportError: The system refuses; the old checkpoint is untouched.
        """
        path = self.path / CHECKPOINT_FILE
        plans = [
            PlannedTensor(name, _TYPES[tensor.dtype], tuple(tensor.shape))
            for name, tensor in checkpoint.tensors.items()
        ]
        metadata = {_STATE: json.dumps(msgspec.to_builtins(_short(checkpoint.state)))}
        num_bytes = sum(plan.num_bytes for plan in plans)
        with whole_file(path, num_bytes, may_replace=True) as file:
            write_safetensors_file(
                file, plans, lambda plan: [tensor_bytes(checkpoint.tensors[plan.name])], metadata
            )

    def load(self) -> Checkpoint:
        """The latest checkpoint.

        Raises:
            TrainingError: There is none, or it is damaged.
        """
        path = self.path / CHECKPOINT_FILE
        try:
            with closing(open_model(path)) as file:
                # Read once more: an open model gives no metadata of a safetensors file.
                header = json.loads(_header_of(path))["__metadata__"][_STATE]
                state = msgspec.convert(json.loads(header), CheckpointState)
                tensors = {
                    name: QTensor.from_bytes(
                        file.tensor_bytes(name), entry.tensor_type, entry.shape
                    ).dequantize(_torch_type(entry.tensor_type))
                    for name, entry in file.tensors.items()
                }
        except (RealmError, ValueError, KeyError, TypeError, OSError) as error:
            raise TrainingError(
                f"The checkpoint of {quote(self._output_path.name)} cannot be read: {error}.",
                advice="Start the training anew.",
                file=path,
                field="checkpoint",
            ) from error
        return Checkpoint(state, tensors)

    def remove(self) -> None:
        """Forget the training; nothing if it is gone already."""
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def _is_stillborn(self) -> bool:
        """Whether all that is there is a job whose first step was never saved."""
        # Where memory runs out it is in the first step: the name must not be lost with that process.
        try:
            names = {path.name for path in self.path.iterdir()}
        except OSError:
            return False
        return JOB_FILE in names and names <= {JOB_FILE, CHECKPOINT_FILE + PART_SUFFIX}


def tensor_bytes(tensor: Tensor) -> bytes:
    """The values of a float tensor as a file has them."""
    return tensor.detach().cpu().contiguous().numpy().tobytes()


def _short(state: CheckpointState) -> CheckpointState:
    return msgspec.structs.replace(state, curve=thinned(state.curve))


def _header_of(path: Path) -> bytes:
    """The header of a file that `open_model` found sound."""
    with path.open("rb") as file:
        return file.read(int.from_bytes(file.read(8), "little"))


def _torch_type(tensor_type: TensorType) -> torch.dtype:
    return torch.float64 if tensor_type is TensorType.F64 else torch.float32


def _taken(path: Path, advice: str) -> ExportError:
    return ExportError(
        f"{quote(path.name)} exists already.", advice=advice, file=path, field="output"
    )


def _refused(path: Path, error: OSError) -> ExportError:
    return ExportError(
        f"{quote(path.name)} cannot be written: {quote(error.strerror or str(error))}.",
        advice="Free some space, or choose another folder.",
        file=path,
        field="output",
    )
