"""Pairs of tiny models, engines that draft, and random mixes of requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.protocol import (
    AdapterId,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    Speculation,
    SpeculationMode,
)
from tests.support.adapters import save_gguf_adapter, save_peft, tiny_adapter
from tests.support.tiny_models import TinyModel, save_gguf, stored_weights, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

END_ID = TINY_VOCABULARY_SIZE - 1


class Pair(NamedTuple):
    """A target and a draft model, and adapters "a", "b" and so on of the target."""

    target: Path
    draft: Path
    adapters: tuple[Path, ...] = ()


def model_pair(
    folder: Path,
    tensor_type: str = "F32",
    architecture: str = "llama",
    *,
    noise: float = 0.05,
    **changes: Any,
) -> Pair:
    """A random target, and itself with noise on its weights: such a draft is right now and then.

    The draft of a quantized target is Q8_0, so that the compiled kernels draft.
    Adapters "a" and "b" are PEFT folders, "c" is a GGUF file.
    """
    target = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE, **changes)
    path = save_gguf(target, folder / "target.gguf", tensor_type=tensor_type, with_tokenizer=True)
    generator = torch.Generator().manual_seed(1)
    weights = {
        name: weight + noise * weight.std() * torch.randn(weight.shape, generator=generator)
        for name, weight in stored_weights(target, path).weights.items()
    }
    draft = TinyModel(target.architecture, target.config, weights)
    draft_type = "F32" if tensor_type in ("F32", "F16", "BF16") else "Q8_0"
    adapters = [tiny_adapter(target, rank=rank, seed=rank, gain=0.1) for rank in (2, 5, 3)]
    return Pair(
        path,
        save_gguf(draft, folder / "draft.gguf", tensor_type=draft_type, with_tokenizer=True),
        (
            *(save_peft(adapter, folder / f"{i}") for i, adapter in enumerate(adapters[:2])),
            save_gguf_adapter(adapters[2], folder / "c.gguf"),
        ),
    )


def load_pair(
    pair: Pair,
    options: EngineOptions | None = None,
    clock: Callable[[], float] = lambda: 0.0,
) -> Engine:
    """An engine with both models.

    With a clock that stands still every draft seems free, so drafts have their full length.
    """
    engine = Engine(options, clock)
    command = LoadModel(str(pair.target), "cpu", num_threads=1, draft_path=str(pair.draft))
    engine.load(command, lambda phase, fraction: None)
    load_adapters(engine, pair)
    return engine


def load_adapters(engine: Engine, pair: Pair) -> None:
    """Load the adapters of a pair under the ids that random requests use."""
    for name, path in zip("abc", pair.adapters, strict=False):
        engine.load_adapter(LoadAdapter(AdapterId(name), str(path)))


def drafting(
    request: GenerateRequest, mode: SpeculationMode, max_draft_tokens: int = 8
) -> GenerateRequest:
    """The request with speculation."""
    return replace(request, speculation=Speculation(mode, max_draft_tokens))
