"""Rotary position embedding with its scalings, in the half-split layout.

A head's first half is rotated against its second half. Files that store neighbouring pairs are
reordered once by the loader, so there is one layout here. Runs on the engine thread.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.spec import RopeSpec

_TABLE_ROWS = 1024


class RotaryEmbedding:
    """Cosines and sines of all positions seen so far, and the rotation.

    Tables grow by 1,024 positions at a time. Each piece is computed alone, so a row's values never
    depend on what else is in the step. A table has one row per position; two if the angles depend on
    the length of the sequence, those of long sequences second.

    Args:
        inverse_frequencies: [pairs that turn] float32; the other pairs of a head stay as they are.
            Or [2, pairs], the second for long sequences.
        attention_factor: Multiplies cos and sin.
        head_dim: Of the heads.
        dtype: The compute dtype; tables are float64 for float64, else float32.
        device: Where the tables live.
    """

    def __init__(
        self,
        inverse_frequencies: Tensor,
        attention_factor: float,
        head_dim: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        kinds = inverse_frequencies if inverse_frequencies.dim() > 1 else inverse_frequencies[None]
        # Angles in float64: in float32 those of position 100,000 are off by up to 0.004.
        self._inverse_frequencies = kinds.double().cpu()
        self.num_kinds = len(kinds)
        self._attention_factor = attention_factor
        self._dtype = torch.float64 if dtype == torch.float64 else torch.float32
        self._device = device
        self._num_still = head_dim // 2 - inverse_frequencies.shape[-1]
        self._cos = torch.empty(0, 1, head_dim)
        self._sin = self._cos

    def whole_tables(self, num_positions: int) -> tuple[Tensor, Tensor]:
        """Cosines and signed sines of all positions, [rows, 1, head_dim] each."""
        while self._cos.shape[0] < num_positions * self.num_kinds:
            self._grow()
        return self._cos, self._sin

    def tables(self, rows: Tensor, num_positions: int) -> tuple[Tensor, Tensor]:
        """Cosines and signed sines of T rows, [T, 1, head_dim] each.

        Args:
            rows: [T] int64, of the tables: the positions, where there is one row for each.
            num_positions: More than the largest position; known to the caller without a device sync.
        """
        cos, sin = self.whole_tables(num_positions)
        return cos.index_select(0, rows), sin.index_select(0, rows)

    def _grow(self) -> None:
        first = self._cos.shape[0] // self.num_kinds
        positions = torch.arange(first, first + _TABLE_ROWS, dtype=torch.float64)
        angles = (positions[:, None, None] * self._inverse_frequencies).flatten(0, 1)
        cos, sin = angles.cos() * self._attention_factor, angles.sin() * self._attention_factor
        still = (0, self._num_still)
        cos, sin = functional.pad(cos, still, value=1.0), functional.pad(sin, still)
        pieces = (torch.cat((cos, cos), 1), torch.cat((-sin, sin), 1))
        moved = [piece.unsqueeze(1).to(self._device, self._dtype) for piece in pieces]
        self._cos = torch.cat((self._cos, moved[0])) if first else moved[0]
        self._sin = torch.cat((self._sin, moved[1])) if first else moved[1]


def rotate(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotated heads in their own dtype, a new contiguous tensor.

    Args:
        heads: [T, heads, head_dim].
        cos: [T, 1, head_dim], both halves alike.
        sin: [T, 1, head_dim], the first half negated.
    """
    wide = heads.to(cos.dtype)
    half = heads.shape[-1] // 2
    first, second = wide[..., :half], wide[..., half:]
    swapped = torch.cat((second, first), -1)
    # Products and sum apart: each rounds as IEEE says, wherever the element stands in a vector.
    return (wide * cos).add_(swapped.mul_(sin)).to(heads.dtype)


def inverse_frequencies(rope: RopeSpec, num_rotated: int, factors: Tensor | None = None) -> Tensor:
    """[num_rotated / 2] float32: radians per position of each pair of dimensions.

    Fewer where only the first pairs turn.

    [2, num_rotated / 2] with longrope: of short sequences, then of long ones.

    Args:
        rope: Base and scaling.
        num_rotated: Dimensions of a head that are turned, even.
        factors: [num_rotated / 2] divisors stored in the file (GGUF `rope_freqs.weight`), which
            take the place of llama3's formula.
    """
    # In float32, like transformers: networks were trained with these roundings.
    exponents = torch.arange(0, num_rotated, 2, dtype=torch.int64).float() / num_rotated
    frequencies = 1.0 / (rope.base**exponents)
    frequencies = frequencies[: int(rope.turned_share * num_rotated // 2)]
    if factors is not None:
        return frequencies / factors.float()
    if rope.scaling == "longrope":
        return frequencies / torch.tensor((rope.short_factors, rope.long_factors))
    if rope.scaling == "linear":
        return frequencies / rope.factor
    if rope.scaling == "llama3":
        return _llama3(frequencies, rope)
    if rope.scaling == "yarn":
        return _yarn(frequencies, rope, num_rotated)
    return frequencies


def _llama3(frequencies: Tensor, rope: RopeSpec) -> Tensor:
    """Long wavelengths are stretched, short ones kept, those between are blended (Llama 3.1)."""
    wavelengths = 2 * math.pi / frequencies
    rotations = rope.original_context_length / wavelengths
    smooth = (rotations - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor)
    smooth = smooth.clamp(0.0, 1.0)
    return (1 - smooth) * frequencies / rope.factor + smooth * frequencies


def _yarn(frequencies: Tensor, rope: RopeSpec, num_rotated: int) -> Tensor:
    """Ramp between stretched and kept frequencies over the dimensions (YaRN, arXiv 2309.00071)."""
    low = _yarn_border(rope, num_rotated, rope.beta_fast)
    high = _yarn_border(rope, num_rotated, rope.beta_slow)
    if rope.is_truncated:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, num_rotated - 1)
    # Else the ramp would divide by 0.
    if low == high:
        high += 0.001
    steps = torch.arange(num_rotated // 2, dtype=torch.float32)
    stretched = ((steps - low) / (high - low)).clamp(0.0, 1.0)
    return frequencies / rope.factor * stretched + frequencies * (1 - stretched)


def _yarn_border(rope: RopeSpec, num_rotated: int, rotations: float) -> float:
    """The dimension that turns `rotations` times within the original context."""
    turns = rope.original_context_length / (rotations * 2 * math.pi)
    return num_rotated * math.log(turns) / (2 * math.log(rope.base))
