"""The settings of sampling: one for every field of `SamplingParams`, and how seeds are chosen."""

from __future__ import annotations

from realm_desktop.sampling_params import (
    DEFAULT_SAMPLER_ORDER,
    MAX_SEED,
    MAX_TOP_LOGPROBS,
    SamplingFilter,
    SamplingParams,
)
from realm_desktop.schema.setting import Kind, Setting

_MAX_COUNT = 2**31 - 1
_DEFAULTS = SamplingParams()

CHOICE = "Choice of tokens"
LENGTH = "Length and seed"
PENALTIES = "Penalties"
DRY = "DRY: repeated passages"
XTC = "XTC: unlikely choices"
ORDER = "Single tokens and order"

FILTER_NAMES = {
    SamplingFilter.PENALTIES: "Penalties",
    SamplingFilter.DRY: "DRY",
    SamplingFilter.LOGIT_BIAS: "Token bias",
    SamplingFilter.TEMPERATURE: "Temperature",
    SamplingFilter.TOP_N_SIGMA: "Top n sigma",
    SamplingFilter.TOP_K: "Top k",
    SamplingFilter.TYPICAL_P: "Typical p",
    SamplingFilter.TOP_P: "Top p",
    SamplingFilter.MIN_P: "Min p",
    SamplingFilter.XTC: "XTC",
}

_CHOICE = (
    Setting(
        "sampling.temperature",
        CHOICE,
        "Temperature",
        "0 takes the likeliest token; higher is more varied",
        Kind.NUMBER,
        _DEFAULTS.temperature,
        info="Divides the logits before they become probabilities. At 0 the filters that drop"
        " tokens are not used; penalties, DRY and token bias still are.",
        high=100,
        step=0.05,
    ),
    Setting(
        "sampling.top_k",
        CHOICE,
        "Top k",
        "Keep so many of the likeliest tokens",
        Kind.WHOLE,
        _DEFAULTS.top_k,
        info="0 keeps all tokens.",
        high=_MAX_COUNT,
    ),
    Setting(
        "sampling.top_p",
        CHOICE,
        "Top p",
        "Keep the smallest set with this probability",
        Kind.NUMBER,
        _DEFAULTS.top_p,
        info="1 keeps all tokens.",
        high=1,
        step=0.01,
    ),
    Setting(
        "sampling.min_p",
        CHOICE,
        "Min p",
        "Drop tokens below this part of the best one's probability",
        Kind.NUMBER,
        _DEFAULTS.min_p,
        info="0 keeps all tokens. Suits high temperatures better than top p.",
        high=1,
        step=0.01,
    ),
    Setting(
        "sampling.typical_p",
        CHOICE,
        "Typical p",
        "Keep the tokens of most typical surprise",
        Kind.NUMBER,
        _DEFAULTS.typical_p,
        info="Keeps tokens whose surprise is nearest to the average, with this probability"
        " together. 1 keeps all.",
        high=1,
        step=0.01,
        is_rare=True,
    ),
    Setting(
        "sampling.top_n_sigma",
        CHOICE,
        "Top n sigma",
        "Drop logits this many deviations below the best",
        Kind.NUMBER,
        _DEFAULTS.top_n_sigma,
        info="Counted in standard deviations of all logits. 0 keeps all tokens.",
        high=100,
        step=0.1,
        is_rare=True,
    ),
)

_LENGTH = (
    Setting(
        "sampling.seed",
        LENGTH,
        "Seed",
        "The same seed gives the same text, whatever else runs",
        Kind.SEED,
        _DEFAULTS.seed,
        info="Used while “New seed for each reply” is off. Every reply keeps the seed it was made"
        " with.",
        high=MAX_SEED,
    ),
    Setting(
        "reply.is_seed_new",
        LENGTH,
        "New seed for each reply",
        "Off: every reply uses the seed above",
        Kind.SWITCH,
        default=True,
    ),
    Setting(
        "sampling.max_tokens",
        LENGTH,
        "Longest reply",
        "A reply ends after so many tokens",
        Kind.WHOLE,
        _DEFAULTS.max_tokens,
        low=1,
        high=_MAX_COUNT,
        unit="tokens",
        empty_text="No limit",
    ),
    Setting(
        "sampling.stop",
        LENGTH,
        "Stop strings",
        "One a line; a reply ends before the first it meets",
        Kind.LINES,
        list(_DEFAULTS.stop),
        info="Write \\n for a line break and \\t for a tab. At most 16.",
    ),
    Setting(
        "sampling.logprobs",
        LENGTH,
        "Token alternatives",
        "Keep the likeliest other tokens of new replies, for the Tokens page",
        Kind.WHOLE,
        _DEFAULTS.logprobs,
        info="0 reports the probability of the chosen token alone. The text does not depend on it.",
        high=MAX_TOP_LOGPROBS,
        empty_text="Off",
    ),
    Setting(
        "sampling.ignore_end",
        LENGTH,
        "Go on past the end",
        "Ignore the model's own end of a reply",
        Kind.SWITCH,
        _DEFAULTS.ignore_end,
        info="For measurements: a reply then ends by its length only.",
        is_rare=True,
    ),
)

_PENALTIES = (
    Setting(
        "sampling.repetition_penalty",
        PENALTIES,
        "Repetition penalty",
        "1 is off; higher avoids what was said already",
        Kind.NUMBER,
        _DEFAULTS.repetition_penalty,
        info="Divides the positive logits of tokens that the prompt or the reply has, and"
        " multiplies the negative ones.",
        low=0.01,
        high=100,
        step=0.05,
    ),
    Setting(
        "sampling.presence_penalty",
        PENALTIES,
        "Presence penalty",
        "Subtracted once for a token the reply has",
        Kind.NUMBER,
        _DEFAULTS.presence_penalty,
        info="0 is off.",
        low=-100,
        high=100,
        step=0.1,
    ),
    Setting(
        "sampling.frequency_penalty",
        PENALTIES,
        "Frequency penalty",
        "Subtracted each time the reply has a token",
        Kind.NUMBER,
        _DEFAULTS.frequency_penalty,
        info="0 is off.",
        low=-100,
        high=100,
        step=0.1,
    ),
)

_DRY = (
    Setting(
        "sampling.dry_multiplier",
        DRY,
        "Strength",
        "0 is off; 0.8 is usual",
        Kind.NUMBER,
        _DEFAULTS.dry_multiplier,
        info="Size of the penalty for a token that would prolong a repeated passage.",
        high=100,
        step=0.1,
    ),
    Setting(
        "sampling.dry_base",
        DRY,
        "Growth",
        "How the penalty grows with each repeated token",
        Kind.NUMBER,
        _DEFAULTS.dry_base,
        low=1,
        high=10,
        step=0.05,
        is_rare=True,
    ),
    Setting(
        "sampling.dry_allowed_length",
        DRY,
        "Allowed length",
        "Shorter repetitions cost nothing",
        Kind.WHOLE,
        _DEFAULTS.dry_allowed_length,
        low=1,
        high=1000,
        unit="tokens",
        is_rare=True,
    ),
    Setting(
        "sampling.dry_penalty_last_n",
        DRY,
        "Look back",
        "How far repetitions are looked for",
        Kind.WHOLE,
        _DEFAULTS.dry_penalty_last_n,
        low=1,
        high=_MAX_COUNT,
        unit="tokens",
        empty_text="Everything",
        is_rare=True,
    ),
    Setting(
        "sampling.dry_sequence_breakers",
        DRY,
        "Breakers",
        "One a line; no repetition is counted across them",
        Kind.LINES,
        list(_DEFAULTS.dry_sequence_breakers),
        info="Write \\n for a line break and \\t for a tab. At most 32, of 64 characters each.",
        is_rare=True,
    ),
)

_XTC = (
    Setting(
        "sampling.xtc_probability",
        XTC,
        "How often",
        "0 is off; the likeliest choices are dropped this often",
        Kind.NUMBER,
        _DEFAULTS.xtc_probability,
        high=1,
        step=0.05,
    ),
    Setting(
        "sampling.xtc_threshold",
        XTC,
        "From probability",
        "Tokens from here on count as likely choices",
        Kind.NUMBER,
        _DEFAULTS.xtc_threshold,
        info="The least likely of them stays. Above 0.5 nothing is dropped.",
        high=1,
        step=0.01,
        is_rare=True,
    ),
)

_ORDER = (
    Setting(
        "sampling.logit_bias",
        ORDER,
        "Token bias",
        "One a line: token id, space, number added to its logit",
        Kind.BIAS,
        [list(pair) for pair in _DEFAULTS.logit_bias],
        info="From -1,000 (never) to 1,000 (always). “realm-desktop tokenize” tells the ids of a"
        " text.",
        is_rare=True,
    ),
    Setting(
        "sampling.sampler_order",
        ORDER,
        "Order of the filters",
        "First on top; a filter that is not ticked is off",
        Kind.ORDER,
        [member.value for member in DEFAULT_SAMPLER_ORDER],
        info="Alt+Up and Alt+Down move a filter. The mask of a schema or grammar comes first.",
        choices=tuple((member.value, FILTER_NAMES[member]) for member in SamplingFilter),
        is_rare=True,
    ),
)

SAMPLING: tuple[Setting, ...] = (*_CHOICE, *_LENGTH, *_PENALTIES, *_DRY, *_XTC, *_ORDER)
"""In the order they are shown."""
