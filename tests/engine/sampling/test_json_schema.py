"""Which schemas are taken, which are refused, and where the refusal points."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from realm_desktop.engine.sampling.json_schema import (
    MAX_SCHEMA_BYTES,
    UNSUPPORTED_KEYWORDS,
    checked_schema,
    keyword_paths,
)
from realm_desktop.errors import InvalidGrammar


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize("keyword", sorted(UNSUPPORTED_KEYWORDS))
def test_unsupported_keyword_is_refused_with_its_path(keyword: str) -> None:
    schema: dict[str, Any] = {"properties": {"a/b": {"items": {keyword: {}}}}}

    with pytest.raises(InvalidGrammar, match=r"uses \S+ at /properties/a~1b/items/") as caught:
        checked_schema(json.dumps(schema))
    assert keyword in caught.value.message
    assert caught.value.field == "json_schema"


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"anyOf": [{}, {"not": {}}]}, "uses not at /anyOf/1/not"),
        ({"$defs": {"a": {"if": True}}}, r"uses if at /\$defs/a/if"),
        ({"prefixItems": [{"uniqueItems": True}]}, "uses uniqueItems at /prefixItems/0/unique"),
        ({"additionalProperties": {"format": "iri"}}, "format 'iri' at /additionalProperties/for"),
        ({"format": 5}, "uses format 5 at /format"),
        ({"$ref": "https://example.com/s"}, "refers to 'https://example.com/s' at /\\$ref"),
        ({"$ref": 5}, "refers to 5"),
        ({"items": 5}, "has 5 at /items, where an object or true must be"),
        ({"items": [{}]}, "at /items, where an object"),
        ({"properties": {"a": "string"}}, "has 'string' at /properties/a"),
        ({"minProperties": 2}, "uses minProperties 2 at /minProperties"),
        ({"minProperties": "2"}, "wrong type"),
        ({"required": "a"}, "wrong type"),
        (5, "has 5 at /,"),
        (False, "allows nothing"),
    ],
)
def test_schema_that_cannot_be_enforced_is_refused(schema: object, complaint: str) -> None:
    with pytest.raises(InvalidGrammar, match=complaint):
        checked_schema(json.dumps(schema))


@pytest.mark.parametrize(
    "text", ["", "{", "{'a': 1}", '{"a": NaN}', '{"type": "null", "type": "string"}', "{} {}"]
)
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidGrammar, match="cannot be read"):
        checked_schema(text)


def test_schema_may_nest_as_deep_as_the_limit() -> None:
    assert json.loads(checked_schema(json.dumps(nested(60)))) == nested(60)
    with pytest.raises(InvalidGrammar, match="cannot be read"):
        checked_schema(json.dumps(nested(65)))


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_text_of_brackets_alone_is_refused(bracket: str) -> None:
    with pytest.raises(InvalidGrammar):
        checked_schema(bracket * 40_000)


def test_large_schema_is_refused_by_its_size() -> None:
    with pytest.raises(InvalidGrammar, match="larger than 256 KB"):
        checked_schema(json.dumps({"description": "é" * (MAX_SCHEMA_BYTES // 2)}))


def test_names_and_values_are_no_keywords() -> None:
    schema = {
        "properties": {"not": {"type": "null"}, "uniqueItems": {}},
        "enum": [{"not": 1, "$ref": "x"}],
        "default": {"format": "iri"},
        "const": {"if": 1},
    }

    assert json.loads(checked_schema(json.dumps(schema))) == schema


def test_unknown_keywords_are_annotations() -> None:
    schema = {"x-own": {"not": {}}, "contentEncoding": "base64"}

    assert json.loads(checked_schema(json.dumps(schema))) == schema


def test_unique_items_false_asks_for_nothing() -> None:
    assert json.loads(checked_schema('{"items": {"uniqueItems": false}}')) == {"items": {}}


def test_true_allows_everything() -> None:
    assert checked_schema("true") == "{}"


def test_order_of_properties_is_kept() -> None:
    text = '{"properties": {"b": {}, "a": {}, "c": {}}}'

    assert list(json.loads(checked_schema(text))["properties"]) == ["b", "a", "c"]


def test_min_properties_may_go_one_beyond_the_required() -> None:
    checked_schema('{"required": ["a", "b"], "minProperties": 3}')
    with pytest.raises(InvalidGrammar, match="minProperties 4"):
        checked_schema('{"required": ["a", "b"], "minProperties": 4}')


def test_paths_of_a_keyword_are_json_pointers() -> None:
    schema = {"oneOf": [{"items": {"oneOf": []}}], "properties": {"~": {"oneOf": []}}}

    paths = list(keyword_paths(json.dumps(schema), "oneOf"))

    assert paths == ["/oneOf", "/oneOf/0/items/oneOf", "/properties/~0/oneOf"]


@pytest.mark.parametrize("keyword", ["minItems", "maxLength", "minProperties"])
def test_count_may_be_written_with_a_fraction_of_zero(keyword: str) -> None:
    assert checked_schema(json.dumps({keyword: 1.0})) == json.dumps({keyword: 1})
    assert json.loads(checked_schema('{"maxItems": 1.5}')) == {"maxItems": 1.5}


def test_dates_get_a_pattern_beside_those_that_are_there() -> None:
    schema = json.loads(checked_schema('{"format": "date", "allOf": [{"minLength": 3}]}'))

    assert schema["allOf"][0] == {"minLength": 3}
    assert "02-29" in schema["allOf"][1]["pattern"]


@pytest.mark.parametrize(
    ("reference", "rest", "complaint"),
    [
        ("#/components/a", {"components": {"a": {"not": {}}}}, "not at /components/a/not"),
        ("#/x/1", {"x": [{}, {"if": {}}]}, "uses if at /x/1/if"),
        ("#/x~1y", {"x/y": {"minProperties": 5}}, "minProperties 5 at /x~1y/minProperties"),
        ("#/a%25b", {"a%b": {"items": {"format": "iri"}}}, "'iri' at /a%b/items/format"),
        ("#/x", {"x": {"$ref": "#/y"}, "y": {"contains": {}}}, "uses contains at /y/contains"),
    ],
)
def test_place_that_only_a_reference_makes_a_schema_is_checked(
    reference: str, rest: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidGrammar, match=complaint):
        checked_schema(json.dumps({"items": {"$ref": reference}, **rest}))


def test_schema_behind_a_reference_is_changed_in_its_place() -> None:
    schema = {"$ref": "#/x/a", "x": {"a": {"maxItems": 2.0, "items": {"$ref": "#/x/a"}}}}

    checked = json.loads(checked_schema(json.dumps(schema)))

    assert checked["x"]["a"] == {"maxItems": 2, "items": {"$ref": "#/x/a"}}


@pytest.mark.parametrize("reference", ["#/nowhere", "#/x/5", "#/x/0/deeper", "#anchor", "#"])
def test_reference_that_leads_nowhere_is_left_to_the_compiler(reference: str) -> None:
    schema = {"$ref": reference, "x": [1]}

    assert json.loads(checked_schema(json.dumps(schema))) == schema


NESTED = {"$id": "https://e.com/n", "type": "array", "minItems": 1}


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        # Without a keyword that makes it a schema, only the right place is looked at.
        ({**NESTED, "items": {"$ref": "#/x"}, "x": {"not": {}}}, "uses not at /\\$defs/n/x/not"),
        ({**NESTED, "items": {"$ref": "n#/x"}, "x": {"not": {}}}, "uses not at /\\$defs/n/x/not"),
        ({**NESTED, "items": {"$ref": "/o#/x"}}, "uses if at /\\$defs/o/x/if"),
        ({**NESTED, "items": {"$ref": "gone#/x"}}, "refers to 'gone#/x' at /\\$defs/n/items"),
    ],
)
def test_reference_in_a_nested_resource_is_checked_where_it_leads(
    schema: dict[str, Any], complaint: str
) -> None:
    other = {"$id": "https://e.com/o", "x": {"if": {}}}
    document = {"$ref": "#/$defs/n", "$defs": {"n": schema, "o": other}, "x": {"type": "null"}}

    with pytest.raises(InvalidGrammar, match=complaint):
        checked_schema(json.dumps(document))


def test_place_of_the_document_is_not_taken_for_one_of_a_nested_resource() -> None:
    nested = {**NESTED, "items": {"$ref": "#/x"}, "x": {"maxItems": 2.0}}
    document = {"$ref": "#/$defs/n", "$defs": {"n": nested}, "x": {"not": {}}}

    checked = json.loads(checked_schema(json.dumps(document)))

    assert checked["$defs"]["n"]["x"] == {"maxItems": 2}
    assert checked["x"] == {"not": {}}  # nobody refers to it, so it is no schema


def test_pointer_through_an_identifier_is_refused_if_references_lie_behind_it() -> None:
    def document(behind: dict[str, Any]) -> str:
        nested = {**NESTED, "properties": {"y": behind}, "x": {"type": "null"}}
        return json.dumps({"$ref": "#/$defs/n/properties/y", "$defs": {"n": nested}, "x": {}})

    assert checked_schema(document({"type": "integer"}))
    with pytest.raises(InvalidGrammar, match="at /\\$ref; a pointer must not pass through"):
        checked_schema(document({"items": {"$ref": "#/x"}}))


def test_many_references_through_identifiers_are_checked_in_time() -> None:
    behind = {"prefixItems": [{"type": "null"}] * 4000}
    document = {
        "$id": "https://e.com/r",
        "$defs": {"n": {**NESTED, "properties": {"y": behind}}},
        "prefixItems": [{"$ref": "#/$defs/n/properties/y"}] * 3000,
    }
    started_s = time.process_time()
    checked_schema(json.dumps(document))

    assert time.process_time() - started_s < 2.0


def test_reference_to_an_identifier_in_the_document_is_left_to_the_compiler() -> None:
    schema = {"$ref": "b", "$defs": {"b": {"$id": "https://example.com/b", "type": "null"}}}

    assert json.loads(checked_schema(json.dumps(schema))) == schema
