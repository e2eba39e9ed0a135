"""From a job to a network that can learn: reads base and examples, measures, and refuses in time.

Nothing is written here. Runs on the trainer's main thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch

from realm_desktop.engine.architecture.faults import require_llama_like
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.device import (
    choose_compute_dtype,
    choose_device,
    choose_draft_dtype,
    is_out_of_memory,
    num_useful_threads,
)
from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.engine.training.data_file import Example, read_data_file
from realm_desktop.engine.training.encoded_examples import (
    EncodedData,
    EncodedExample,
    ExampleEncoder,
)
from realm_desktop.engine.training.lora_weights import LoraWeights
from realm_desktop.engine.training.memory_need import (
    MemoryNeed,
    activation_bytes,
    free_bytes,
    require_memory,
    state_bytes,
)
from realm_desktop.engine.training.micro_batch import Split, micro_batches, split_examples
from realm_desktop.engine.training.network import TrainingNetwork
from realm_desktop.engine.training.optimizer import default_learning_rate
from realm_desktop.engine.weights.loader import WeightLoader, has_float32_weights
from realm_desktop.errors import OutOfMemory
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.training_protocol import TrainingEstimate, TrainingJob, TrainingSettings

Report = Callable[[str, float], None]
"""Told the phase in words and a fraction 0 to 1; may raise to end the preparation."""

_DENSE_SHARE = 0.7
"""Part of the free memory that base and optimizer may take before the base stays quantized."""

_TOLD_EXAMPLES = 64
# The faster one counts: the first also pays for what torch prepares once.
_TIMED_RUNS = 2
_MAX_TIMED_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class PreparedTraining:
    """Everything a training needs in memory.

    Attributes:
        files: Closes the base's file, which a quantized base reads from.
        base_name: What the base calls itself.
        model_bytes: Size of its file.
        data_digest: SHA-256 of the examples.
    """

    job: TrainingJob
    network: TrainingNetwork
    split: Split
    estimate: TrainingEstimate
    files: ExitStack
    base_name: str
    model_bytes: int
    data_digest: str

    @property
    def settings(self) -> TrainingSettings:
        """Of the job."""
        return self.job.settings


def prepare_training(job: TrainingJob, report: Report) -> PreparedTraining:
    """Read, check and measure.

    Raises:
        TrainingDataError: The examples cannot be learned from.
        ModelFileError: A file cannot be read, or the base is damaged or unknown.
        SettingsError: The device is not there.
        OutOfMemory: It does not fit, with the arithmetic.
    """
    with ExitStack() as files:
        report("reading the examples", 0.0)
        data = read_data_file(Path(job.data_path))
        model_file = open_model(Path(job.model_path))
        files.callback(model_file.close)
        spec = model_spec(model_file)
        require_llama_like(spec, model_file.path, "training")
        encoded = _encode(job, model_file, spec, _told(data.examples, report))
        split = split_examples(encoded.examples, job.settings.held_out_fraction, job.settings.seed)
        torch.set_num_threads(_num_threads(job, spec))
        try:
            network, need = _network(job, model_file, spec, split, report)
            report("measuring a step", 0.9)
            estimate = _estimate(job, network, encoded, split, need)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"training {quote(model_file.path.name)} needs memory that could not be had",
                advice="Close other programs, or choose a smaller rank or shorter examples.",
            ) from error
        report("ready", 1.0)
        return PreparedTraining(
            job=job,
            network=network,
            split=split,
            estimate=estimate,
            files=files.pop_all(),
            base_name=spec.name or model_file.path.stem,
            model_bytes=model_file.size_bytes,
            data_digest=data.digest,
        )


def num_steps_of(settings: TrainingSettings, num_examples: int) -> int:
    """Steps of a training: as asked, or so many that every example is seen once per epoch."""
    if settings.num_steps is not None:
        return settings.num_steps
    return math.ceil(settings.num_epochs * num_examples / settings.batch_examples)


def _num_threads(job: TrainingJob, spec: ModelSpec) -> int:
    """As many as the network can use, at most as many as the job allows."""
    useful = num_useful_threads(None, 2 * spec.hidden_size * spec.intermediate_size)
    return useful if job.num_threads is None else min(useful, job.num_threads)


def _encode(
    job: TrainingJob, model_file: ModelFile, spec: ModelSpec, examples: Iterable[Example]
) -> EncodedData:
    tokenizer = build_tokenizer(model_file)
    template = build_chat_template(model_file, tokenizer)
    longest = min(job.settings.max_example_tokens or spec.context_length, spec.context_length)
    return ExampleEncoder(tokenizer, template, longest, job.clock_s).encode(examples)


def _told(examples: Iterable[Example], report: Report) -> Iterator[Example]:
    """The examples, with a word now and then, so that a stop need not wait for the last of them."""
    for place, example in enumerate(examples):
        if place % _TOLD_EXAMPLES == 0:
            report("reading the examples", 0.0)
        yield example


def _network(
    job: TrainingJob, model_file: ModelFile, spec: ModelSpec, split: Split, report: Report
) -> tuple[TrainingNetwork, MemoryNeed]:
    """The network in the fastest form that fits: dense, then with less kept, then quantized."""
    device = choose_device(job.device).device
    dtype = choose_compute_dtype(
        "auto", device, are_weights_float32=has_float32_weights(model_file)
    )
    # Small products of float32 start faster than those of bfloat16, for drafts as for training:
    # a step of the starter took 0.4 s instead of 0.7 s (one core of a Xeon with AVX512-BF16).
    dtype = choose_draft_dtype(dtype, device, 2 * spec.hidden_size * spec.intermediate_size)
    loader = WeightLoader(
        model_file, spec, dtype, device, lambda phase, done: report(phase, 0.8 * done)
    )
    lora_dtype = torch.float64 if dtype == torch.float64 else torch.float32
    lora = LoraWeights(spec, job.settings, lora_dtype, device)
    learned = state_bytes(lora.num_parameters)
    free = free_bytes(device)
    dense = loader.num_parameters * dtype.itemsize
    is_quantized = dense + learned > free * _DENSE_SHARE and model_file.size_bytes < dense
    weights = dense
    if is_quantized:
        tops = 1 if spec.is_embedding_tied else 2
        table_bytes = tops * spec.vocabulary_size * spec.hidden_size * dtype.itemsize
        weights = model_file.size_bytes + table_bytes
    name = quote(model_file.path.name)
    # A refusal need not wait for the base to be read; activations can only be measured behind it.
    require_memory(MemoryNeed(weights, learned, 0), free, name)
    network = TrainingNetwork(loader, lora, is_quantized=is_quantized)
    longest = max(len(example.ids) for example in (*split.train, *split.held_out))
    num_tokens = max(job.settings.micro_batch_tokens, longest)
    for is_checkpointed in (False, True):
        kept = activation_bytes(network, num_tokens, is_checkpointed=is_checkpointed)
        need = MemoryNeed(weights, learned, kept)
        if need.total_bytes <= free:
            break
    require_memory(need, free, name)
    network.is_checkpointed = is_checkpointed
    return network, need


def _estimate(
    job: TrainingJob, network: TrainingNetwork, data: EncodedData, split: Split, need: MemoryNeed
) -> TrainingEstimate:
    settings = job.settings
    num_tokens = sum(len(example.ids) for example in split.train)
    num_steps = num_steps_of(settings, len(split.train))
    tokens_per_step = num_tokens / len(split.train) * settings.batch_examples
    step_s = _token_s(network, split.train, settings) * tokens_per_step
    device = network.device
    return TrainingEstimate(
        num_examples=len(split.train),
        num_held_out=len(split.held_out),
        num_cut=data.num_cut,
        num_dropped=data.num_dropped,
        num_tokens=num_tokens,
        num_target_tokens=sum(example.num_targets for example in split.train),
        num_steps=num_steps,
        num_parameters=network.lora.num_parameters,
        learning_rate=settings.learning_rate or default_learning_rate(network.spec.hidden_size),
        step_s=step_s,
        total_s=step_s * num_steps,
        memory_bytes=need.total_bytes,
        free_bytes=free_bytes(device) + need.weights_bytes,
        is_checkpointed=network.is_checkpointed,
        is_quantized=network.is_quantized,
        device=device.type,
        compute_dtype=str(network.dtype).removeprefix("torch."),
    )


def _token_s(
    network: TrainingNetwork, examples: tuple[EncodedExample, ...], settings: TrainingSettings
) -> float:
    """Seconds of one token, forward and backward, on one micro-batch."""
    batch = micro_batches(
        examples[: settings.batch_examples], min(settings.micro_batch_tokens, _MAX_TIMED_TOKENS)
    )[0].to(network.device)
    seconds = math.inf
    for _ in range(_TIMED_RUNS):
        start_s = time.perf_counter()
        torch.autograd.backward([network.loss_sum(batch)])
        seconds = min(seconds, time.perf_counter() - start_s)
    network.lora.drop_gradients()
    return seconds / len(batch.ids)
