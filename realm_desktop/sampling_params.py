"""How the next token is chosen, as one checked value of plain fields.

Part of every request; `protocol` offers it to all callers. Imports nothing but `errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from realm_desktop.errors import InvalidSampling

MAX_SEED = 2**63 - 1
MAX_TOP_LOGPROBS = 20
MAX_STOP_STRINGS = 16
MAX_LOGIT_BIASES = 1024
MAX_SEQUENCE_BREAKERS = 32
MAX_BREAKER_CHARACTERS = 64


class SamplingFilter(StrEnum):
    """One stage between a row of logits and the draw."""

    PENALTIES = "penalties"
    DRY = "dry"
    LOGIT_BIAS = "logit_bias"
    TEMPERATURE = "temperature"
    TOP_N_SIGMA = "top_n_sigma"
    TOP_K = "top_k"
    TYPICAL_P = "typical_p"
    TOP_P = "top_p"
    MIN_P = "min_p"
    XTC = "xtc"


DEFAULT_SAMPLER_ORDER = tuple(SamplingFilter)


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How the next token is chosen.

    Attributes:
        temperature: 0 (greedy) to 100. Greedy takes the best logit behind penalties, DRY and bias;
            the filters that drop tokens are not used.
        top_k: Keep the k most probable tokens; 0 keeps all.
        top_p: Keep the smallest set with this probability, 0 to 1; 1 keeps all.
        min_p: Drop tokens below `min_p` times the best probability, 0 to 1.
        typical_p: Keep the tokens of most typical surprise with this probability together, 0 to 1;
            1 keeps all.
        top_n_sigma: Drop tokens whose logit is more than this many standard deviations below the
            best, 0 to 100; 0 keeps all.
        repetition_penalty: Divides (or multiplies) logits of seen tokens, 0.01 to 100; 1 is off.
        presence_penalty: Subtracted once for a token of the completion, -100 to 100.
        frequency_penalty: Subtracted per occurrence in the completion, -100 to 100.
        dry_multiplier: Size of the penalty for a token that would prolong a repetition, 0 to 100;
            0 is off.
        dry_base: Growth of that penalty per repeated token, 1 to 10.
        dry_allowed_length: Repetitions shorter than this cost nothing, 1 to 1,000.
        dry_penalty_last_n: How many tokens back repetitions are looked for; None is all of them.
        dry_sequence_breakers: Texts across which no repetition is counted: every token that
            contains one of them. At most 32.
        xtc_probability: How often the most probable choices are dropped, 0 to 1; 0 is off.
        xtc_threshold: Probability from which a token is such a choice, 0 to 1; above 0.5 is off.
        logit_bias: Pairs of token id and number added to its logit, -1,000 to 1,000.
        sampler_order: The filters in the order they are applied; one that is not named is off.
            The mask of a grammar comes before all of them.
        seed: 0 to 2**63 - 1. The same seed gives the same text whatever else runs.
        max_tokens: Longest completion; None means as much as the context holds.
        stop: Strings that end the reply; they are not part of it.
        logprobs: Report log-probabilities with this many alternatives (0 to 20); None is off.
        ignore_end: Keep generating past end-of-turn tokens (benchmarks).
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int = 0
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    logprobs: int | None = None
    ignore_end: bool = False
    typical_p: float = 1.0
    top_n_sigma: float = 0.0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_penalty_last_n: int | None = None
    dry_sequence_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    logit_bias: tuple[tuple[int, float], ...] = ()
    sampler_order: tuple[SamplingFilter, ...] = DEFAULT_SAMPLER_ORDER

    def __post_init__(self) -> None:
        """Refuse values outside their range, by name."""
        require_range("temperature", self.temperature, 0.0, 100.0)
        require_range("top_k", self.top_k, 0, 2**31 - 1)
        require_range("top_n_sigma", self.top_n_sigma, 0.0, 100.0)
        for name in ("top_p", "min_p", "typical_p", "xtc_probability", "xtc_threshold"):
            require_range(name, getattr(self, name), 0.0, 1.0)
        require_range("repetition_penalty", self.repetition_penalty, 0.01, 100.0)
        require_range("presence_penalty", self.presence_penalty, -100.0, 100.0)
        require_range("frequency_penalty", self.frequency_penalty, -100.0, 100.0)
        require_range("seed", self.seed, 0, MAX_SEED)
        if self.max_tokens is not None:
            require_range("max_tokens", self.max_tokens, 1, 2**31 - 1)
        if self.logprobs is not None:
            require_range("logprobs", self.logprobs, 0, MAX_TOP_LOGPROBS)
        require_range("number of stop strings", len(self.stop), 0, MAX_STOP_STRINGS)
        if not all(self.stop):
            raise InvalidSampling("a stop string is empty", field="stop")
        self._check_dry()
        self._check_bias()
        self._check_order()

    def _check_dry(self) -> None:
        require_range("dry_multiplier", self.dry_multiplier, 0.0, 100.0)
        require_range("dry_base", self.dry_base, 1.0, 10.0)
        require_range("dry_allowed_length", self.dry_allowed_length, 1, 1000)
        if self.dry_penalty_last_n is not None:
            require_range("dry_penalty_last_n", self.dry_penalty_last_n, 1, 2**31 - 1)
        breakers = self.dry_sequence_breakers
        require_range("number of dry_sequence_breakers", len(breakers), 0, MAX_SEQUENCE_BREAKERS)
        for breaker in breakers:
            require_range(
                "length of a DRY sequence breaker", len(breaker), 1, MAX_BREAKER_CHARACTERS
            )

    def _check_bias(self) -> None:
        require_range("number of logit_bias entries", len(self.logit_bias), 0, MAX_LOGIT_BIASES)
        for token_id, bias in self.logit_bias:
            require_range("token id of logit_bias", token_id, 0, 2**31 - 1)
            require_range("logit_bias", bias, -1000.0, 1000.0)
        if len({token_id for token_id, _ in self.logit_bias}) < len(self.logit_bias):
            raise InvalidSampling("logit_bias names a token id twice", field="logit_bias")

    def _check_order(self) -> None:
        known = tuple(SamplingFilter)
        for name in self.sampler_order:
            if name not in known:
                raise InvalidSampling(
                    f"sampler_order names {name!r:.40}; known filters are {', '.join(known)}",
                    field="sampler_order",
                )
        if len(set(self.sampler_order)) < len(self.sampler_order):
            raise InvalidSampling("sampler_order names a filter twice", field="sampler_order")


def require_range(name: str, value: float, low: float, high: float) -> None:
    """Raise InvalidSampling unless `low <= value <= high` (NaN is refused too)."""
    if not low <= value <= high:
        raise InvalidSampling(
            f"{name} is {value}; it must be between {low:g} and {high:g}",
            advice=f"Set {name} to a value in this range.",
            field=name,
        )
