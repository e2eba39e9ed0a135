"""Trains the starter model or its draft on CPU within a wall-clock budget; can be interrupted.

Run from the top folder: `python -m resources.starter.train target --minutes 75`.
The learning rate follows the share of the budget that is used, so the schedule always completes.
"""

from __future__ import annotations

import argparse
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from resources.starter.data import Rows, load_rows, prepare
from resources.starter.model import SHAPES, Network

SEED = 7
TOKENS_PER_STEP = 2048
SHORT_ROW = 512
LONG_ROWS_FROM = 0.9
"""Share of the budget after which rows have the full context length."""
PEAK_RATE = {"target": 3e-3, "draft": 6e-3}
WARM_UP_STEPS = 60
AVERAGE_DECAY = 0.998
CHECKPOINT_EVERY_S = 180.0

logger = logging.getLogger("train")


class Training:
    """Everything that a checkpoint holds; owned by `main`."""

    def __init__(self, role: str, folder: Path) -> None:
        torch.manual_seed(SEED)
        self.network = Network(SHAPES[role])
        self.compiled: Callable[[Tensor], Tensor] = self.network
        self.average = {k: v.clone() for k, v in self.network.state_dict().items()}
        self.peak_rate = PEAK_RATE[role]
        weights = dict(self.network.named_parameters())
        is_matrix = {n: w.dim() == 2 and "embedding" not in n for n, w in weights.items()}
        matrices = [weight for name, weight in weights.items() if is_matrix[name]]
        others = [weight for name, weight in weights.items() if not is_matrix[name]]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.Muon(matrices, lr=1.0, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=1.0, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.step = 0
        self.seconds = 0.0
        self.path = folder / f"{role}.pt"
        if self.path.exists():
            self._restore()

    def save(self) -> None:
        """Write the checkpoint through a temporary file."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
        }
        temporary = self.path.with_suffix(".part")
        torch.save(state, temporary)
        temporary.replace(self.path)

    def set_rate(self, progress: float) -> float:
        """Set and return the learning rate at this share of the budget, 0 to 1."""
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        rate = self.peak_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        return rate

    def update(self, ids: Tensor, weights: Tensor) -> float:
        """One optimizer step on rows [B, T + 1]; returns the weighted loss per answer token."""
        # Compiling again for the few steps with long rows would cost more than it saves.
        is_short = ids.shape[1] - 1 == SHORT_ROW
        logits = (self.compiled if is_short else self.network)(ids[:, :-1])
        losses = cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        marks = weights[:, 1:].flatten()
        loss = (losses * marks).sum() / marks.sum()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self._update_average()
        return loss.item()

    def _update_average(self) -> None:
        decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        current = self.network.state_dict()
        for name, value in self.average.items():
            value.lerp_(current[name], 1.0 - decay)

    def _restore(self) -> None:
        # Our own checkpoint from the work folder, never a user's file.
        state = torch.load(self.path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step = state["step"]
        self.seconds = state["seconds"]


def batch(rows: Rows, step: int) -> tuple[Tensor, Tensor]:
    """Rows for this step, drawn by a generator seeded with the step."""
    length = rows.ids.shape[1] - 1
    generator = np.random.default_rng((SEED, step))
    chosen = generator.choice(len(rows.ids), TOKENS_PER_STEP // length, replace=False)
    ids = torch.from_numpy(rows.ids[chosen].astype(np.int64))
    return ids, torch.from_numpy(rows.weights[chosen].astype(np.float32) / 100)


def answer_loss(network: Network, rows: Rows, limit: int = 64) -> float:
    """Mean loss in nats of an answer token over the first rows."""
    total = count = 0.0
    network.eval()
    with torch.inference_mode():
        for start in range(0, min(limit, len(rows.ids)), 8):
            ids = torch.from_numpy(rows.ids[start : start + 8].astype(np.int64))
            marks = torch.from_numpy((rows.weights[start : start + 8, 1:] == 100).ravel())
            logits = network(ids[:, :-1]).flatten(0, 1)
            losses = cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
            total += losses[marks].sum().item()
            count += marks.sum().item()
    network.train()
    return total / count


def main() -> None:
    """Train until the budget is used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=tuple(SHAPES))
    parser.add_argument("--minutes", type=float, required=True, help="budget of training time")
    parser.add_argument("--work", type=Path, default=Path("build/starter"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    prepare(arguments.work)
    training = Training(arguments.role, arguments.work)
    size = sum(weight.numel() for weight in training.network.parameters())
    logger.info("%s: %d parameters, from step %d", arguments.role, size, training.step)
    run(training, arguments.work, 60.0 * arguments.minutes)


def run(training: Training, folder: Path, budget_s: float) -> None:
    """Steps until `budget_s` seconds of training are used, with checkpoints and a log."""
    training.compiled = torch.compile(training.network)
    rows = load_rows(folder, str(SHORT_ROW))
    validation = load_rows(folder, "validation")
    saved_at = time.monotonic()
    is_long = False
    mean = 0.0
    while training.seconds < budget_s:
        progress = training.seconds / budget_s
        if progress > LONG_ROWS_FROM and not is_long:
            rows, is_long = load_rows(folder, "1024"), True
        started = time.monotonic()
        rate = training.set_rate(progress)
        loss = training.update(*batch(rows, training.step))
        mean = loss if not mean else 0.95 * mean + 0.05 * loss
        training.seconds += time.monotonic() - started
        if training.step % 20 == 0:
            speed = TOKENS_PER_STEP / (time.monotonic() - started)
            logger.info(
                "step %d %.1f %% loss %.4f rate %.2e %d tokens/s",
                training.step, 100 * progress, mean, rate, speed,
            )  # fmt: skip
        if time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
            training.save()
            saved_at = time.monotonic()
            logger.info("validation %.4f", answer_loss(training.network, validation, 32))
    training.save()
    training.network.load_state_dict(training.average)
    logger.info("done, validation of the average %.4f", answer_loss(training.network, validation))


if __name__ == "__main__":
    main()
