"""Which JSON Schemas a grammar can be made of, and which are refused by keyword and path.

Draft 2020-12. A keyword that cannot be enforced is refused, never ignored; one that the draft does
not know is an annotation and is passed over, as it demands. Knows no grammar library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from realm_desktop.errors import InvalidGrammar, InvalidJson
from realm_desktop.formats.strict_json import JSONValue, loads

MAX_SCHEMA_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 64

SUPPORTED_FORMATS = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
)
UNSUPPORTED_KEYWORDS = frozenset(
    [
        *("not", "if", "then", "else", "contains", "minContains", "maxContains"),
        *("propertyNames", "dependentRequired", "dependentSchemas", "dependencies"),
        *("additionalItems", "unevaluatedItems", "unevaluatedProperties"),
        *("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "x-guidance"),
    ]
)
_MAPS_OF_SCHEMAS = frozenset(["properties", "patternProperties", "$defs", "definitions"])
_LISTS_OF_SCHEMAS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_SCHEMAS = frozenset(["items", "additionalProperties"])

Schema = dict[str, JSONValue]


def checked_schema(text: str) -> str:
    """The schema of a JSON text, less what asks for nothing; its order of properties is kept.

    Raises:
        InvalidGrammar: It is no JSON, too large or too deep, or uses what cannot be enforced.
    """
    if len(text.encode("utf-8", "replace")) > MAX_SCHEMA_BYTES:
        raise _refusal(f"is larger than {MAX_SCHEMA_BYTES // 1024} KB")
    try:
        schema = loads(text, max_depth=MAX_SCHEMA_DEPTH)
    except InvalidJson as error:
        raise _refusal(f"cannot be read: {error.message}") from error
    checked = _checked(schema, "")
    if checked is False:
        raise _refusal("is false: it allows nothing")
    return json.dumps({} if checked is True else checked, ensure_ascii=False)


def keyword_paths(text: str, keyword: str) -> Iterator[str]:
    """Where a sound schema uses a keyword, as JSON pointers."""
    for path, schema in _subschemas(loads(text, max_depth=MAX_SCHEMA_DEPTH), ""):
        if keyword in schema:
            yield _join(path, keyword)


def _checked(value: JSONValue, path: str) -> JSONValue:
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict):
        raise _refusal(f"has {value!r:.40} at {path or '/'}, where an object or true must be")
    for keyword in value:
        if keyword in UNSUPPORTED_KEYWORDS:
            raise _refusal(f"uses {keyword} at {_join(path, keyword)}, which is not supported")
    _check_values(value, path)
    schema = {
        keyword: _checked_keyword(keyword, entry, _join(path, keyword))
        for keyword, entry in value.items()
    }
    schema.pop("uniqueItems", None)
    return schema


def _checked_keyword(keyword: str, value: JSONValue, path: str) -> JSONValue:
    if keyword in _MAPS_OF_SCHEMAS and isinstance(value, dict):
        return {name: _checked(entry, _join(path, name)) for name, entry in value.items()}
    if keyword in _LISTS_OF_SCHEMAS and isinstance(value, list):
        return [_checked(entry, _join(path, str(index))) for index, entry in enumerate(value)]
    if keyword in _SCHEMAS:
        return _checked(value, path)
    return value


def _check_values(schema: Schema, path: str) -> None:
    """Refuse keywords that can be enforced for some of their values only."""
    if schema.get("uniqueItems", False) is not False:
        raise _refusal(f"uses uniqueItems at {_join(path, 'uniqueItems')}, which is not supported")
    reference = schema.get("$ref", "#")
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise _refusal(
            f"refers to {reference!r:.80} at {_join(path, '$ref')}; only references within the"
            " schema are followed"
        )
    form = schema.get("format")
    if form is not None and form not in SUPPORTED_FORMATS:
        raise _refusal(
            f"uses format {form!r:.40} at {_join(path, 'format')}; supported are"
            f" {', '.join(sorted(SUPPORTED_FORMATS))}"
        )
    _check_min_properties(schema, path)


def _check_min_properties(schema: Schema, path: str) -> None:
    """Refuse counts that names written twice would seem to reach."""
    required, wanted = schema.get("required", []), schema.get("minProperties", 0)
    if not isinstance(required, list) or not isinstance(wanted, int):
        raise _refusal(f"has required or minProperties of a wrong type at {path or '/'}")
    if wanted > len(required) + 1:
        raise _refusal(
            f"uses minProperties {wanted} at {_join(path, 'minProperties')}; more than one beyond"
            " the required properties is not supported"
        )


def _subschemas(value: JSONValue, path: str) -> Iterator[tuple[str, Mapping[str, JSONValue]]]:
    if not isinstance(value, dict):
        return
    yield path, value
    for keyword, entry in value.items():
        inner = _join(path, keyword)
        if keyword in _MAPS_OF_SCHEMAS and isinstance(entry, dict):
            for name, schema in entry.items():
                yield from _subschemas(schema, _join(inner, name))
        elif keyword in _LISTS_OF_SCHEMAS and isinstance(entry, list):
            for index, schema in enumerate(entry):
                yield from _subschemas(schema, _join(inner, str(index)))
        elif keyword in _SCHEMAS:
            yield from _subschemas(entry, inner)


def _join(path: str, name: str) -> str:
    """A JSON pointer (RFC 6901) one step deeper."""
    return f"{path}/{name.replace('~', '~0').replace('/', '~1')}"


def _refusal(reason: str) -> InvalidGrammar:
    return InvalidGrammar(
        f"the JSON Schema {reason}",
        advice="Change the schema at this place.",
        field="json_schema",
    )
