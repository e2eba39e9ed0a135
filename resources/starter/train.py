"""Trains the starter model, or its draft on the target's own guesses; can be interrupted.

Run from the top folder: `python -m resources.starter.train target --minutes 60`. The rate stays
high until `DECAY_FROM` of the budget and then falls to nothing; what was reached by then is kept
as a checkpoint of its own, from which a longer training goes on (`--from-stable`). A graphics card
is used where there is one, for a larger network and more text.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from resources.starter.data import (
    ANSWER_WEIGHT,
    LARGE_AMOUNT,
    SHORT_ROW,
    SMALL_AMOUNT,
    Amount,
    Rows,
    load_rows,
    prepare,
)
from resources.starter.export import load_network
from resources.starter.model import LARGE_SHAPES, SHAPES, Network, Shape

SEED = 7
LONG_ROWS_FROM = 0.92
"""Share of the budget after which rows have the full context length."""
DECAY_FROM = 0.6
LAST_RATE = 0.02
WARM_UP_STEPS = 60
AVERAGE_DECAY = 0.995
CHECKPOINT_EVERY_S = 120.0

Loss = Callable[[Tensor, Tensor], Tensor]
logger = logging.getLogger("train")


@dataclass(frozen=True, slots=True)
class Setup:
    """What depends on the machine.

    Attributes:
        shapes: Of target and draft.
        amount: How much text is written.
        tokens_per_step: Few on a CPU: there the number of steps is what limits.
        peak_rates: Of target and draft.
    """

    shapes: dict[str, Shape]
    amount: Amount
    tokens_per_step: int
    peak_rates: dict[str, float]


SETUPS = {
    "cpu": Setup(SHAPES, SMALL_AMOUNT, 2048, {"target": 3e-3, "draft": 6e-3}),
    "cuda": Setup(LARGE_SHAPES, LARGE_AMOUNT, 65_536, {"target": 4e-3, "draft": 8e-3}),
}


class Training:
    """Everything that a checkpoint holds; owned by `main`."""

    def __init__(
        self, role: str, folder: Path, *, device: str = "cpu", is_from_stable: bool = False
    ) -> None:
        torch.manual_seed(SEED)
        self.device = device
        self.setup = SETUPS[device]
        self.network = Network(self.setup.shapes[role]).to(device)
        self.average = {k: v.clone() for k, v in self.network.state_dict().items()}
        self.peak_rate = self.setup.peak_rates[role]
        weights = dict(self.network.named_parameters())
        is_matrix = {n: w.dim() == 2 and "embedding" not in n for n, w in weights.items()}
        matrices = [weight for name, weight in weights.items() if is_matrix[name]]
        others = [weight for name, weight in weights.items() if not is_matrix[name]]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.Muon(matrices, lr=1.0, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(others, lr=1.0, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
        ]
        self.step = 0
        self.seconds = 0.0
        self.path = folder / f"{role}.pt"
        self.stable_path = folder / f"{role}-stable.pt"
        self.is_decaying = False
        if is_from_stable:
            self._restore(self.stable_path)
        elif self.path.exists():
            self._restore(self.path)

    def save(self, path: Path | None = None) -> None:
        """Write the checkpoint, or a copy of it elsewhere, through a temporary file."""
        state = {
            "shape": asdict(self.network.shape),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            "is_decaying": self.is_decaying,
        }
        path = path or self.path
        temporary = path.with_suffix(".part")
        torch.save(state, temporary)
        temporary.replace(path)

    def set_rate(self, progress: float) -> float:
        """Set and return the learning rate at this share of the budget, 0 to 1."""
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        left = min(1.0, (1.0 - progress) / (1.0 - DECAY_FROM))
        rate = self.peak_rate * warm * (LAST_RATE + (1.0 - LAST_RATE) * max(left, 0.0))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        return rate

    def update(self, loss_of: Loss, ids: Tensor, marks: Tensor) -> float:
        """One optimizer step on rows [B, T + 1]; returns the weighted loss per reply token."""
        loss = loss_of(ids.to(self.device), marks.to(self.device))
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
        torch._foreach_lerp_(
            list(self.average.values()), [current[name] for name in self.average], 1.0 - decay
        )

    def _restore(self, path: Path) -> None:
        # Our own checkpoint from the work folder, never a user's file.
        state = torch.load(path, weights_only=True, map_location=self.device)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step = state["step"]
        self.seconds = state["seconds"]
        self.is_decaying = state["is_decaying"]


def next_token_loss(network: Network) -> Loss:
    """The loss on the corpus, computed in bfloat16; weights and sums stay float32."""

    def loss_of(ids: Tensor, marks: Tensor) -> Tensor:
        with torch.autocast(ids.device.type, torch.bfloat16):
            logits = network(ids[:, :-1])
        losses = cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none")
        weights = marks[:, 1:].flatten()
        return (losses * weights).sum() / weights.sum()

    return loss_of


def distillation_loss(network: Network, teacher: Network) -> Loss:
    """How far the guesses are from the teacher's; its whole distribution says more than one token."""

    def loss_of(ids: Tensor, marks: Tensor) -> Tensor:
        with torch.autocast(ids.device.type, torch.bfloat16):
            with torch.no_grad():
                wanted = teacher(ids[:, :-1])
            logits = network(ids[:, :-1])
        guessed = log_softmax(logits.flatten(0, 1).float(), -1)
        right = log_softmax(wanted.flatten(0, 1).float(), -1)
        losses = kl_div(guessed, right, reduction="none", log_target=True).sum(-1)
        weights = marks[:, 1:].flatten()
        return (losses * weights).sum() / weights.sum()

    return loss_of


def batch(rows: Rows, step: int, num_tokens: int) -> tuple[Tensor, Tensor]:
    """Rows of `num_tokens` together for this step: each once in a random order, then again."""
    count = max(1, num_tokens // (rows.ids.shape[1] - 1))
    steps_of_round = len(rows.ids) // count
    turn, place = divmod(step, steps_of_round)
    order = np.random.default_rng((SEED, turn)).permutation(len(rows.ids))
    chosen = order[place * count : (place + 1) * count]
    ids = torch.from_numpy(rows.ids[chosen].astype(np.int64))
    return ids, torch.from_numpy(rows.weights[chosen].astype(np.float32) / ANSWER_WEIGHT)


def answer_loss(network: Network, rows: Rows, limit: int = 64) -> float:
    """Mean loss in nats of a reply token over the first rows."""
    total = count = 0.0
    device = network.embedding.weight.device
    network.eval()
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        for start in range(0, min(limit, len(rows.ids)), 8):
            ids = torch.from_numpy(rows.ids[start : start + 8].astype(np.int64)).to(device)
            marks = torch.from_numpy((rows.weights[start : start + 8, 1:] >= ANSWER_WEIGHT).ravel())
            logits = network(ids[:, :-1]).flatten(0, 1).float()
            losses = cross_entropy(logits, ids[:, 1:].flatten(), reduction="none")
            total += losses[marks.to(device)].sum().item()
            count += marks.sum().item()
    network.train()
    return total / count


def train(
    role: str,
    folder: Path,
    minutes: float,
    *,
    device: str = "auto",
    is_from_stable: bool = False,
) -> None:
    """Train one network in a work folder until the budget is used, from its last checkpoint on."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    prepare(folder, SETUPS[device].amount)
    training = Training(role, folder, device=device, is_from_stable=is_from_stable)
    size = sum(weight.numel() for weight in training.network.parameters())
    logger.info("%s: %d parameters on %s, from step %d", role, size, device, training.step)
    run(training, _loss(training, role, folder), folder, 60.0 * minutes)


def run(training: Training, plain: Loss, folder: Path, budget_s: float) -> None:
    """Steps until `budget_s` seconds of the machine are used, with checkpoints and a log."""
    loss_of: Loss = torch.compile(plain, dynamic=False)
    rows = load_rows(folder, "short")
    validation = load_rows(folder, "validation")
    num_tokens = training.setup.tokens_per_step
    saved_at = logged_at = time.monotonic()
    losses: list[float] = []
    while training.seconds < budget_s:
        progress = training.seconds / budget_s
        if progress >= DECAY_FROM and not training.is_decaying:
            training.save(training.stable_path)
            training.is_decaying = True
        if progress > LONG_ROWS_FROM and rows.ids.shape[1] - 1 == SHORT_ROW:
            # Compiling again for the few steps with long rows would cost more than it saves.
            rows, loss_of = load_rows(folder, "long"), plain
        started = _clock(training.device)
        rate = training.set_rate(progress)
        losses.append(training.update(loss_of, *batch(rows, training.step, num_tokens)))
        training.seconds += _clock(training.device) - started
        if training.step % 20 == 0:
            speed = len(losses) * num_tokens / (time.monotonic() - logged_at)
            logger.info(
                "step %d %.1f %% loss %.4f rate %.2e %d tokens/s",
                training.step, 100 * progress, sum(losses) / len(losses), rate, speed,
            )  # fmt: skip
            losses, logged_at = [], time.monotonic()
        if time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
            training.save()
            saved_at = time.monotonic()
            logger.info("validation %.4f", answer_loss(training.network, validation, 32))
    training.save()
    training.network.load_state_dict(training.average)
    logger.info("done, validation of the average %.4f", answer_loss(training.network, validation))


def _clock(device: str) -> float:
    """Seconds; on a CPU those of its cores, so that a busy machine makes a run longer, not worse."""
    if device == "cpu":
        return time.process_time() / torch.get_num_threads()
    return time.monotonic()


def _loss(training: Training, role: str, folder: Path) -> Loss:
    if role == "target":
        return next_token_loss(training.network)
    return distillation_loss(training.network, load_network("target", folder).to(training.device))


def main() -> None:
    """Train until the budget is used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=tuple(SHAPES))
    parser.add_argument("--minutes", type=float, required=True, help="budget of the machine")
    parser.add_argument("--device", choices=("auto", *SETUPS), default="auto")
    parser.add_argument("--work", type=Path, default=Path("build/starter"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--from-stable", action="store_true", help="go on before the rate fell")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    train(
        arguments.role,
        arguments.work,
        arguments.minutes,
        device=arguments.device,
        is_from_stable=arguments.from_stable,
    )


if __name__ == "__main__":
    main()
