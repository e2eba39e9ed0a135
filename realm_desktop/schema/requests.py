"""Resolved settings as the types that an engine's request has. Pure functions."""

from __future__ import annotations

from typing import Any

from realm_desktop.protocol import Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.resolution import Resolved
from realm_desktop.schema.sampling import SAMPLING
from realm_desktop.schema.setting import sampling_field
from realm_desktop.schema.table import THINKING_KEY


def sampling_params(resolved: Resolved) -> SamplingParams:
    """How tokens are chosen; its seed is the fixed one."""
    fields: dict[str, Any] = {
        setting.name: sampling_field(setting, resolved[setting.key])
        for setting in SAMPLING
        if setting.part == "sampling"
    }
    return SamplingParams(**fields)


def fixed_seed(resolved: Resolved) -> int | None:
    """The seed of a new reply; None if each has a new one."""
    return None if resolved["reply.is_seed_new"] else int(resolved["sampling.seed"])


def thinking(resolved: Resolved) -> bool | None:
    """Whether replies are thought over first; None leaves it to the model's template."""
    return thinking_of(resolved[THINKING_KEY])


def thinking_of(value: str) -> bool | None:
    """What a value of the setting for thinking asks of the template; None asks nothing."""
    return {"on": True, "off": False}.get(value)


def speculation(resolved: Resolved) -> Speculation:
    """How replies draft."""
    mode = SpeculationMode(resolved["speculation.mode"])
    return Speculation(mode, resolved["speculation.max_draft_tokens"])


def output_format(resolved: Resolved) -> dict[str, str]:
    """The field of `GenerateRequest` that constrains the reply, if any, and its text."""
    form, text = resolved["system.output_form"], resolved["system.output_text"]
    return {} if form == "free" or not text.strip() else {form: text}
