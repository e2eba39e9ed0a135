"""Which sampling a draft may imitate outside of Python."""

from __future__ import annotations

import math

from realm_desktop.engine.draft_loop import PlainDraw
from realm_desktop.engine.sampling.sampler import MAX_NATS
from realm_desktop.sampling_params import SamplingFilter, SamplingParams


def plain_draw(params: SamplingParams, num_choices: int) -> PlainDraw | None:
    """The draw that comes near these parameters; None where logits depend on the text.

    What top-k and top-p drop beyond `min_p` is drawn now and then, and refused by the target.
    """
    is_plain = (
        params.repetition_penalty == 1.0
        and params.presence_penalty == params.frequency_penalty == 0.0
        and params.dry_multiplier == 0.0
        and params.xtc_probability == 0.0
        and params.typical_p == 1.0
        and params.top_n_sigma == 0.0
        and not params.logit_bias
    )
    if not is_plain:
        return None
    order = params.sampler_order
    is_scaled = params.temperature == 0.0 or SamplingFilter.TEMPERATURE in order
    has_floor = params.min_p > 0.0 and SamplingFilter.MIN_P in order
    return PlainDraw(
        params.temperature if is_scaled else 1.0,
        max(math.log(params.min_p), -MAX_NATS) if has_floor else -MAX_NATS,
        params.seed,
        num_choices,
    )
