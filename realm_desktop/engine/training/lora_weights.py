"""The matrices that learn: A and B of every target, in float32 whatever the base computes in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target, target_shape
from realm_desktop.engine.weights.names import weight_name
from realm_desktop.training_protocol import TARGET_NAMES, TrainingSettings

_PARTS = dict(zip(TARGET_NAMES, TARGET_PARTS, strict=True))


class TrainedPair:
    """A [rank, in] and B [out, rank] of one target; `scaling · B A x` is its term."""

    def __init__(self, a: Tensor, b: Tensor) -> None:
        self.a = a.requires_grad_()
        self.b = b.requires_grad_()


class LoraWeights:
    """The pairs of all targets.

    A begins uniform within ±1/√in, and B at 0, so that training begins with the base (Hu et al.,
    arXiv 2106.09685; the range is PEFT's).

    Args:
        spec: Of the base.
        settings: Rank, alpha, dropout, targets and seed.
        dtype: Of the matrices: float32, or float64 for a float64 base.
        device: Where they live.
    """

    def __init__(
        self, spec: ModelSpec, settings: TrainingSettings, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.scaling = settings.alpha / settings.rank
        self._dropout = settings.dropout
        self._dtype = dtype
        self._pairs: dict[Target, TrainedPair] = {}
        generator = torch.Generator().manual_seed(settings.seed)
        parts = [_PARTS[name] for name in settings.targets]
        for layer in range(spec.num_layers):
            for part in parts:
                out_features, in_features = target_shape(spec, part)
                # Drawn on the CPU in float32, so that a seed means the same weights everywhere.
                a = torch.rand(settings.rank, in_features, generator=generator) * 2 - 1
                a = (a / math.sqrt(in_features)).to(device, dtype)
                b = torch.zeros(out_features, settings.rank, dtype=dtype, device=device)
                self._pairs[Target(layer, part)] = TrainedPair(a, b)

    @property
    def num_parameters(self) -> int:
        """Numbers that are learned."""
        return sum(tensor.numel() for _, tensor in self.named_tensors())

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Every matrix under the name that PEFT gives it, in a fixed order."""
        for target, pair in self._pairs.items():
            module = weight_name("safetensors", target.part, target.layer).removesuffix(".weight")
            yield f"base_model.model.{module}.lora_A.weight", pair.a
            yield f"base_model.model.{module}.lora_B.weight", pair.b

    def drop_gradients(self) -> None:
        """Forget all gradients."""
        for _, tensor in self.named_tensors():
            tensor.grad = None

    def terms(
        self, x: Tensor, layer: int, parts: Sequence[tuple[Part, int]], *, is_training: bool
    ) -> Tensor | None:
        """What the pairs of one fused linear layer add to its output.

        Args:
            x: [T, in], its input.
            layer: Of the network.
            parts: Its parts with their widths, in the order of the output.
            is_training: Whether dropout applies.

        Returns:
            [T, sum of the widths] in the compute dtype of `x`; None if nothing learns here.
        """
        pairs = [self._pairs.get(Target(layer, part)) for part, _ in parts]
        known = [pair for pair in pairs if pair is not None]
        if not known:
            return None
        wide = x.to(self._dtype)
        if is_training and self._dropout:
            wide = functional.dropout(wide, self._dropout)
        # One product for all A's: they read the same input.
        reduced = functional.linear(wide, torch.cat([pair.a for pair in known])) * self.scaling
        pieces = iter(torch.split(reduced, [len(pair.a) for pair in known], dim=-1))
        terms = [
            x.new_zeros(len(x), width, dtype=self._dtype)
            if pair is None
            else functional.linear(next(pieces), pair.b)
            for pair, (_, width) in zip(pairs, parts, strict=True)
        ]
        return (terms[0] if len(terms) == 1 else torch.cat(terms, dim=-1)).to(x.dtype)
