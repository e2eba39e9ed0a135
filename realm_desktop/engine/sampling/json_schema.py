"""Which JSON Schemas a grammar can be made of, and which are refused by keyword and path.

Draft 2020-12. A keyword that cannot be enforced is refused, never ignored; one that the draft does
not know is an annotation and is passed over, as it demands. Knows no grammar library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urljoin

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
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = (
    "(?:[0-9]{4}-(?:0[13-9]|1[0-2])-[0-9]{2}|[0-9]{4}-02-(?:[01][0-9]|2[0-8])"
    f"|{_LEAP_YEAR}-02-29)"
)
_NO_LEAP_SECOND = "[0-9]{2}:[0-9]{2}:[0-5]"
_FORMAT_PATTERNS: Mapping[str, str] = {
    # The compiler's own grammars allow the 29th of February in every year and a 60th second in
    # every minute. Leap seconds fall on few evenings; without any, no text is wrong.
    "date": f"^{_DATE}",
    "time": f"^{_NO_LEAP_SECOND}",
    "date-time": f"^{_DATE}.{_NO_LEAP_SECOND}",
}
_COUNTS = frozenset(
    ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]
)
_MAPS_OF_SCHEMAS = frozenset(["properties", "patternProperties", "$defs", "definitions"])
_LISTS_OF_SCHEMAS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_SCHEMAS = frozenset(["items", "additionalProperties"])

Schema = dict[str, JSONValue]


def checked_schema(text: str) -> str:
    """The schema of a JSON text, less what asks for nothing; its order of properties is kept.

    Counts such as 2.0 become integers, and dates and times get patterns that make them real.

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
    _check_references(checked)
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
    value = {keyword: _count(keyword, entry) for keyword, entry in value.items()}
    _check_values(value, path)
    schema = {
        keyword: _checked_keyword(keyword, entry, _join(path, keyword))
        for keyword, entry in value.items()
    }
    schema.pop("uniqueItems", None)
    pattern = _FORMAT_PATTERNS.get(str(schema.get("format")))
    if pattern is not None:
        others = schema.get("allOf")
        schema["allOf"] = [*(others if isinstance(others, list) else []), {"pattern": pattern}]
    return schema


def _count(keyword: str, value: JSONValue) -> JSONValue:
    """2 for a count of 2.0, which the draft calls an integer and the compiler does not."""
    is_count = keyword in _COUNTS and isinstance(value, float) and value.is_integer()
    return int(value) if is_count else value  # type: ignore[arg-type]  # a float, as just asked


def _check_references(document: JSONValue) -> None:
    """Refuse references out of the document, and check what is a schema only by reference.

    The latter in place: `#/components/schemas/a` leads to where no keyword of the draft does.
    With identifiers in the document the compiler resolves other references itself; it fetches none.
    """
    resources = _Resources(document)
    pending = list(resources.schemas.items())
    while pending:
        path, schema = pending.pop()
        place = resources.place(schema["$ref"], path) if "$ref" in schema else None
        target = None if place is None else _value_at(document, place)
        if place is None or place in resources.schemas or not isinstance(target, dict):
            continue
        found = _checked(target, place)
        assert isinstance(found, dict), "an object stays one"
        target.clear()
        target.update(found)
        pending += resources.enter(target, place)


class _Resources:
    """The schemas of a document by their place, and where its references lead.

    A schema with an `$id` begins a *resource*: `#/a` in it is its own /a, and relative references
    follow its address (draft 2020-12, section 8.2.1).

    Args:
        document: A checked schema.

    Attributes:
        schemas: Every schema that is known by now, by its JSON pointer from the root.
    """

    def __init__(self, document: JSONValue) -> None:
        self._document = document
        self.schemas: dict[str, Mapping[str, JSONValue]] = {}
        self._places: dict[str, str] = {}
        self._refers: dict[str, bool] = {}
        self.enter(document, "")

    def enter(self, schema: JSONValue, place: str) -> list[tuple[str, Mapping[str, JSONValue]]]:
        """Make a schema and what it holds known; all of them."""
        found = list(_subschemas(schema, place))
        self.schemas.update(found)
        for path, each in found:
            if "$id" in each:
                self._places.setdefault(self._address(path), path)
        return found

    def place(self, reference: JSONValue, path: str) -> str | None:
        """Where a reference leads; None if only the compiler can tell: an anchor, or nowhere.

        Args:
            reference: A value of `$ref`.
            path: Of the schema that refers.

        Raises:
            InvalidGrammar: It leads out of the document, or to where the compiler is not right.
        """
        is_within = isinstance(reference, str) and (self._places or reference.startswith("#"))
        if not is_within:
            raise self._refused(reference, path, "only references within the schema are followed")
        address, _, pointer = str(reference).partition("#")
        root: str | None = self._root(path)
        if address:
            root = self._places.get(urljoin(self._address(path), address))
        if pointer and not pointer.startswith("/"):
            return None
        if root is None:
            if pointer:  # the compiler may know more addresses than we do
                raise self._refused(reference, path, "no `$id` of the schema is this address")
            return None
        place = root + _plain(pointer)
        self._check_borders(str(reference), path, root, place)
        return place

    def _check_borders(self, reference: str, path: str, root: str, place: str) -> None:
        """Refuse pointers through the `$id` of a resource within, if references lie behind it.

        The draft leaves open what those follow, and the compiler takes the outer resource.
        """
        if place == root or self._root(place.rpartition("/")[0]) == root:
            return
        if place not in self._refers:  # once, since a large schema may be referred to often
            schemas = _subschemas(_value_at(self._document, place), place)
            self._refers[place] = any("$ref" in schema for _, schema in schemas)
        if self._refers[place]:
            raise self._refused(reference, path, "a pointer must not pass through an `$id`")

    def _root(self, path: str) -> str:
        """The place of the resource that a place belongs to."""
        while path and "$id" not in self.schemas.get(path, ()):
            path = path.rpartition("/")[0]
        return path

    def _address(self, path: str) -> str:
        """The address that relative references at a place follow; empty if there is none."""
        root = self._root(path)
        own = str(self.schemas.get(root, {}).get("$id", "")).partition("#")[0]
        return urljoin(self._address(root.rpartition("/")[0]), own) if root else own

    def _refused(self, reference: JSONValue, path: str, reason: str) -> InvalidGrammar:
        return _refusal(f"refers to {reference!r:.80} at {_join(path, '$ref')}; {reason}")


def _plain(pointer: str) -> str:
    """The pointer of a reference as `_subschemas` writes it."""
    names = unquote(pointer).split("/")[1:]
    return "".join(_join("", name.replace("~1", "/").replace("~0", "~")) for name in names)


def _value_at(value: JSONValue, pointer: str) -> JSONValue:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


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
