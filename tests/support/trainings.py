"""Small trainings: data files, jobs on a tiny base, and a run that keeps its events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.training.adapter_training import AdapterTraining
from realm_desktop.engine.training.encoded_examples import EncodedExample
from realm_desktop.engine.training.lora_weights import LoraWeights
from realm_desktop.engine.training.micro_batch import MicroBatch, make_micro_batch
from realm_desktop.engine.training.network import TrainingNetwork
from realm_desktop.engine.training.preparation import PreparedTraining, prepare_training
from realm_desktop.engine.training.work_folder import WorkFolder
from realm_desktop.engine.weights.loader import WeightLoader
from realm_desktop.formats.model_file import open_model
from realm_desktop.training_protocol import (
    StopMode,
    TrainingDone,
    TrainingEvent,
    TrainingJob,
    TrainingPaused,
    TrainingProgress,
    TrainingSettings,
)
from tests.support.forward import random_ids
from tests.support.tiny_models import tiny_gguf

REPLY = "hello hello hello"


def write_chats(path: Path, count: int = 12, reply: str = REPLY) -> Path:
    """Writes `count` conversations of one exchange each."""
    lines = [
        {
            "messages": [
                {"role": "user", "content": f"say {number}"},
                {"role": "assistant", "content": reply},
            ]
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def tiny_job(folder: Path, output: str = "poems", **settings: Any) -> TrainingJob:
    """A job of a few short steps on a tiny base, all in `folder`; files are made once."""
    model, data = folder / "tiny-llama-f32.gguf", folder / "data.jsonl"
    if not model.exists():
        tiny_gguf(folder, with_tokenizer=True)
        write_chats(data)
    chosen = {"num_steps": 6, "batch_examples": 4, "rank": 4, **settings}
    return TrainingJob(
        str(model), str(data), str(folder / output), TrainingSettings(**chosen), device="cpu"
    )


def prepare(job: TrainingJob) -> PreparedTraining:
    """The job in memory."""
    return prepare_training(job, lambda phase, fraction: None)


@dataclass
class Run:
    """One run of a training, and all it told.

    `stop_after` is how many steps it may do before it is stopped with `mode`.
    """

    job: TrainingJob
    stop_after: int | None = None
    mode: StopMode = StopMode.PAUSE
    events: list[TrainingEvent] = field(default_factory=list)

    @property
    def losses(self) -> list[float]:
        """Of every step."""
        return [event.point.loss for event in self.events if isinstance(event, TrainingProgress)]

    def start(self) -> TrainingDone | TrainingPaused:
        """Train from the first step on."""
        folder = self._folder
        folder.begin(self.job)
        return self._run(prepare(self.job))

    def resume(self) -> TrainingDone | TrainingPaused:
        """Go on from the checkpoint."""
        return self._run(prepare(self._folder.job()))

    @property
    def _folder(self) -> WorkFolder:
        return WorkFolder(Path(self.job.output_path))

    def _run(self, prepared: PreparedTraining) -> TrainingDone | TrainingPaused:
        with prepared.files:
            training = AdapterTraining(prepared, self._folder, self.events.append, self._asked)
            training.resume()
            return training.run()

    def _asked(self) -> StopMode | None:
        done = self.stop_after is not None and len(self.losses) >= self.stop_after
        return self.mode if done else None


def logged(events: Sequence[TrainingEvent], kind: type) -> list[Any]:
    """The events of one type."""
    return [event for event in events if isinstance(event, kind)]


def training_network(
    path: Path, dtype: torch.dtype = torch.float64, *, is_quantized: bool = False, **settings: Any
) -> TrainingNetwork:
    """The network of a file with random pairs, both matrices of which are not 0."""
    model_file = open_model(path)
    spec = model_spec(model_file)
    device = torch.device("cpu")
    loader = WeightLoader(model_file, spec, dtype, device, lambda phase, fraction: None)
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    lora = LoraWeights(spec, TrainingSettings(**{"rank": 4, **settings}), wide, device)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, tensor in lora.named_tensors():
            if "lora_B" in name:
                tensor.copy_(0.1 * torch.randn(tensor.shape, generator=generator))
    return TrainingNetwork(loader, lora, is_quantized=is_quantized)


def random_batch(*lengths: int, vocabulary_size: int = 160) -> MicroBatch:
    """Random examples of these lengths; the model learns all but the first token of each."""
    examples = [
        EncodedExample(tuple(random_ids(length, vocabulary_size, seed)), (True,) * length)
        for seed, length in enumerate(lengths)
    ]
    return make_micro_batch(examples)
