"""AdamW with warm-up and a cosine, whose whole state is tensors by name and the number of steps."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from realm_desktop.engine.training.lora_weights import LoraWeights
from realm_desktop.errors import TrainingError
from realm_desktop.training_protocol import TrainingSettings

_FIRST = "first_moment."
_SECOND = "second_moment."
_REFERENCE_WIDTH = 2048
_REFERENCE_RATE = 3e-4
_MAX_RATE = 5e-3


def default_learning_rate(hidden_size: int) -> float:
    """The highest learning rate for a network of this width: narrow ones take larger steps.

    3e-4 at 2,048, in inverse proportion to the width, at most 5e-3. The starter, 256 wide, learned a
    voice from 50 examples with 2.4e-3 and was stable up to 1e-2.
    """
    return min(_REFERENCE_RATE * _REFERENCE_WIDTH / hidden_size, _MAX_RATE)


def learning_rate_at(step: int, num_steps: int, settings: TrainingSettings, peak: float) -> float:
    """The learning rate of step `step`, from 0: rises in a line to `peak`, then falls as a cosine.

    The last step still gets a part: it would otherwise be computed for nothing.
    """
    num_warmup = min(math.ceil(settings.warmup_fraction * num_steps), num_steps - 1)
    if step < num_warmup:
        return peak * (step + 1) / (num_warmup + 1)
    done = (step - num_warmup) / max(num_steps - num_warmup, 1)
    return peak * 0.5 * (1 + math.cos(math.pi * done))


class LoraOptimizer:
    """Updates the pairs.

    Args:
        lora: What learns.
        settings: Weight decay and the limit of gradients.
    """

    def __init__(self, lora: LoraWeights, settings: TrainingSettings) -> None:
        self._lora = lora
        self._max_norm = settings.max_gradient_norm
        self._adamw = torch.optim.AdamW(
            [tensor for _, tensor in lora.named_tensors()], weight_decay=settings.weight_decay
        )

    def step(self, learning_rate: float) -> None:
        """Use the gradients up; they are gone afterwards.

        Raises:
            TrainingError: They are no finite numbers; nothing changed.
        """
        tensors = [tensor for _, tensor in self._lora.named_tensors()]
        norm = torch.nn.utils.clip_grad_norm_(tensors, self._max_norm)
        if not bool(norm.isfinite()):
            # Before it reaches weights that the next checkpoint would keep.
            raise TrainingError(
                "the gradients are no finite numbers any more",
                advice="Choose a lower learning rate and start anew.",
                field="learning_rate",
            )
        for group in self._adamw.param_groups:
            group["lr"] = learning_rate
        self._adamw.step()
        self._lora.drop_gradients()

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint needs, by name: the pairs and both moments of each."""
        found = {}
        for name, tensor in self._lora.named_tensors():
            moments = self._adamw.state.get(tensor)
            found[name] = tensor.detach()
            for prefix, key in ((_FIRST, "exp_avg"), (_SECOND, "exp_avg_sq")):
                # AdamW makes its state at the first step.
                found[prefix + name] = moments[key] if moments else torch.zeros_like(found[name])
        return found

    def restore(self, tensors: Mapping[str, Tensor], step: int) -> None:
        """Take the state of a checkpoint after `step` steps.

        Raises:
            TrainingError: A tensor is missing, or has another shape.
        """
        named = dict(self._lora.named_tensors())
        # All are looked at before the first is taken: nobody may go on from half a checkpoint.
        for name, own in named.items():
            for prefix in ("", _FIRST, _SECOND):
                found = tensors.get(prefix + name)
                if found is None or found.shape != own.shape:
                    raise TrainingError(
                        f"the checkpoint has {'no' if found is None else 'another'} {prefix}{name}",
                        advice="Start the training anew.",
                        field="checkpoint",
                    )
        with torch.no_grad():
            for name, own in named.items():
                own.copy_(tensors[name])
                self._adamw.state[own] = {
                    "step": torch.tensor(float(step)),
                    "exp_avg": tensors[_FIRST + name].to(own),
                    "exp_avg_sq": tensors[_SECOND + name].to(own),
                }
