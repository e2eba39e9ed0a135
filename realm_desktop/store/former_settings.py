"""What workspaces of older databases had in two columns, as settings by key.

Frozen with its migration: the defaults here are those of that version, whatever the app's are now.
"""

from __future__ import annotations

import json

import apsw

_SAMPLING_DEFAULTS: dict[str, object] = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.95,
    "min_p": 0.05,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "seed": 0,
    "max_tokens": None,
    "stop": [],
    "logprobs": None,
    "ignore_end": False,
    "typical_p": 1.0,
    "top_n_sigma": 0.0,
    "dry_multiplier": 0.0,
    "dry_base": 1.75,
    "dry_allowed_length": 2,
    "dry_penalty_last_n": None,
    "dry_sequence_breakers": ["\n", ":", '"', "*"],
    "xtc_probability": 0.0,
    "xtc_threshold": 0.1,
    "logit_bias": [],
    "sampler_order": [
        *("penalties", "dry", "logit_bias", "temperature", "top_n_sigma"),
        *("top_k", "typical_p", "top_p", "min_p", "xtc"),
    ],
}


def settings_of_version_5(system_prompt: apsw.SQLiteValue, sampling: apsw.SQLiteValue) -> str:
    """The settings of a workspace as JSON; what nobody chose is left out and follows the app.

    Args:
        system_prompt: The column as bytes, which need not be UTF-8.
        sampling: Likewise; need not be JSON either.
    """
    prompt = _text(system_prompt)
    values: dict[str, object] = {
        f"sampling.{name}": value
        for name, value in _fields(_text(sampling)).items()
        if name not in _SAMPLING_DEFAULTS or value != _SAMPLING_DEFAULTS[name]
    }
    if prompt.strip():
        values["system.prompt"] = prompt
    return json.dumps(values)


def _fields(text: str) -> dict[str, object]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _text(value: apsw.SQLiteValue) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
