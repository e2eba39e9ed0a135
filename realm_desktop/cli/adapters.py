"""Adapters of the command line: named by their path, loaded before the first request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from realm_desktop.cli.input_lines import refuse_unknown_fields, text_field, wrong_type
from realm_desktop.cli.sampling_fields import number
from realm_desktop.errors import RealmError
from realm_desktop.events import AdapterInfo
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import AdapterId, AdapterUse, GenerateRequest, LoadAdapter

_KEYS = frozenset(["path", "weight"])


def adapters_of_flags(flags: Sequence[str] | None) -> list[JSONValue] | None:
    """The field behind `--adapter PATH:WEIGHT`; without a weight it is 1."""
    if flags is None:
        return None
    return [_adapter_of_flag(flag) for flag in flags]


def adapters_field(fields: Mapping[str, JSONValue]) -> tuple[AdapterUse, ...]:
    """The mix that a request names; the path of an adapter is its id.

    Raises:
        RequestError: It is not a list of objects with path and weight.
    """
    values = fields.get("adapters")
    if values is None:
        return ()
    if not isinstance(values, list):
        raise wrong_type("adapters", values, "a list of objects with path and weight")
    return tuple(_use(value) for value in values)


def load_adapters(
    load: Callable[[LoadAdapter], AdapterInfo], requests: Iterable[GenerateRequest | RealmError]
) -> list[GenerateRequest | RealmError]:
    """Load what the requests name; a request whose adapter is refused becomes the reason."""
    refusals: dict[AdapterId, RealmError | None] = {}
    return [_checked(load, request, refusals) for request in requests]


def _checked(
    load: Callable[[LoadAdapter], AdapterInfo],
    request: GenerateRequest | RealmError,
    refusals: dict[AdapterId, RealmError | None],
) -> GenerateRequest | RealmError:
    if isinstance(request, RealmError):
        return request
    for use in request.adapters:
        if use.adapter_id not in refusals:
            refusals[use.adapter_id] = _refusal(load, use.adapter_id)
        refusal = refusals[use.adapter_id]
        if refusal is not None:
            return refusal
    return request


def _refusal(
    load: Callable[[LoadAdapter], AdapterInfo], adapter_id: AdapterId
) -> RealmError | None:
    try:
        load(LoadAdapter(adapter_id, adapter_id))
    except RealmError as error:
        return error
    return None


def _adapter_of_flag(flag: str) -> dict[str, JSONValue]:
    path, colon, weight = flag.rpartition(":")
    try:
        return {"path": path, "weight": float(weight)} if colon else {"path": flag, "weight": 1.0}
    except ValueError:  # the colon belongs to the path
        return {"path": flag, "weight": 1.0}


def _use(value: JSONValue) -> AdapterUse:
    if not isinstance(value, dict):
        raise wrong_type("adapters", value, "objects with path and weight")
    refuse_unknown_fields(value, _KEYS)
    weight = number("weight", value.get("weight", 1.0))
    return AdapterUse(AdapterId(text_field(value, "path")), weight)
