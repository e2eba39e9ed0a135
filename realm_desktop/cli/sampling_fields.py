"""The fields of a request that say how tokens are chosen and what the text must look like."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from realm_desktop.cli.input_lines import text_field, wrong_type
from realm_desktop.errors import InvalidJson, ModelFileError, RequestError
from realm_desktop.formats import strict_json
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.json_file import read_text_file
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.sampling_params import SamplingFilter, SamplingParams

INTEGERS = ("max_tokens", "top_k", "seed", "logprobs", "dry_allowed_length", "dry_penalty_last_n")
NUMBERS = (
    "temperature",
    "top_p",
    "min_p",
    "typical_p",
    "top_n_sigma",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "dry_multiplier",
    "dry_base",
    "xtc_probability",
    "xtc_threshold",
)
SAMPLING_FIELDS = frozenset(
    [
        *INTEGERS,
        *NUMBERS,
        *("stop", "ignore_end", "dry_sequence_breakers", "logit_bias", "sampler_order"),
    ]
)
FORM_FIELDS = frozenset(["json_schema", "regex", "grammar"])


def sampling_of_flags(values: Namespace) -> dict[str, JSONValue]:
    """The fields of this module that were given as flags; files are read.

    Raises:
        RequestError: A file cannot be read or a flag has not its form.
        InvalidJson: The schema is no JSON.
    """
    schema, order = values.json_schema, values.sampler_order
    flags = {
        **{name: getattr(values, name) for name in (*INTEGERS, *NUMBERS)},
        "stop": values.stop,
        "ignore_end": values.ignore_end,
        "dry_sequence_breakers": values.dry_sequence_breakers,
        "logit_bias": None if values.logit_bias is None else _bias_of_flags(values.logit_bias),
        "sampler_order": None if order is None else [name for name in order.split(",") if name],
        "json_schema": None if schema is None else _schema_of(schema),
        "regex": values.regex,
        "grammar": None if values.grammar is None else file_text("grammar", values.grammar),
    }
    return {name: value for name, value in flags.items() if value is not None}


def sampling_params(given: Mapping[str, JSONValue]) -> SamplingParams:
    """How tokens are chosen.

    Args:
        given: Fields of a request that are not null.

    Raises:
        RequestError: A field is of a wrong type; InvalidSampling if it is out of range.
    """
    chosen: dict[str, Any] = {
        name: integer(name, given[name]) for name in INTEGERS if name in given
    }
    chosen |= {name: number(name, given[name]) for name in NUMBERS if name in given}
    ignore_end = given.get("ignore_end", False)
    if not isinstance(ignore_end, bool):
        raise wrong_type("ignore_end", ignore_end, "true or false")
    for name in ("stop", "dry_sequence_breakers"):
        if name in given:
            chosen[name] = texts(name, given[name])
    if "logit_bias" in given:
        chosen["logit_bias"] = _bias(given["logit_bias"])
    if "sampler_order" in given:
        chosen["sampler_order"] = _order(given["sampler_order"])
    return SamplingParams(ignore_end=ignore_end, **chosen)


def form_of_text(given: Mapping[str, JSONValue]) -> dict[str, str]:
    """What the text must look like, as fields of a GenerateRequest."""
    form = {name: text_field(given, name) for name in ("regex", "grammar") if name in given}
    if "json_schema" in given:
        form["json_schema"] = json.dumps(given["json_schema"], ensure_ascii=False)
    return form


def integer(name: str, value: JSONValue) -> int:
    """A whole number of a request."""
    if type(value) is not int:
        raise wrong_type(name, value, "a whole number")
    return value


def number(name: str, value: JSONValue) -> float:
    """A number of a request."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type(name, value, "a number")
    try:
        return float(value)
    except OverflowError:
        raise wrong_type(name, value, "a number that a float can hold") from None


def file_text(field: str, path: str) -> str:
    """The text of a file that a flag names.

    Raises:
        RequestError: It cannot be read, is too large or no text.
    """
    try:
        return read_text_file(Path(path)).decode("utf-8")
    except ModelFileError as error:
        message = f"the file of {field} cannot be read: {error.message}"
        raise RequestError(message, advice=error.advice, file=path, field=field) from error
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the file of {field} cannot be read: it is not UTF-8 at byte {error.start}.",
            advice="Convert the text to UTF-8.",
            file=path,
            field=field,
            offset=error.start,
        ) from error


def _schema_of(path: str) -> JSONValue:
    try:
        return strict_json.loads(file_text("json_schema", path))
    except InvalidJson as error:
        raise InvalidJson(
            f"{quote(Path(path).name)} is no JSON Schema: {error.message}",
            advice="Give a file that holds one JSON Schema.",
            file=path,
            field="json_schema",
            offset=error.offset,
        ) from error


def texts(name: str, value: JSONValue) -> tuple[str, ...]:
    """A text or a list of texts."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise wrong_type(name, value, "a text or a list of texts")
    return tuple(map(str, found))


def _bias(value: JSONValue) -> tuple[tuple[int, float], ...]:
    if not isinstance(value, dict):
        raise wrong_type("logit_bias", value, "an object of token ids and numbers")
    return tuple((_token_id(key), number("logit_bias", bias)) for key, bias in value.items())


def _token_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise RequestError(
            f"logit_bias has {text!r:.40} in place of a token id", field="logit_bias"
        )
    return int(text)


def _order(value: JSONValue) -> tuple[SamplingFilter, ...]:
    if not isinstance(value, list):
        raise wrong_type("sampler_order", value, "a list of filters")
    known = {entry.value: entry for entry in SamplingFilter}
    for name in value:
        if not isinstance(name, str) or name not in known:
            raise RequestError(
                f"sampler_order names {name!r:.40}; known filters are {', '.join(known)}",
                field="sampler_order",
            )
    return tuple(known[str(name)] for name in value)


def _bias_of_flags(flags: list[str]) -> dict[str, JSONValue]:
    biases: dict[str, JSONValue] = {}
    for flag in flags:
        token_id, _, bias = flag.partition(":")
        try:
            biases[token_id] = float(bias)
        except ValueError:
            raise RequestError(
                f"logit bias is {flag!r:.40}; expected is ID:BIAS, such as 17:-5",
                field="logit_bias",
            ) from None
    return biases
