"""The licence is read from metadata, or from the first lines of a model card."""

from __future__ import annotations

import pytest

from realm_desktop.formats.licence import MAX_CHARACTERS, read_licence
from tests.support.fake_model_file import FakeModelFile


def of_card(text: str) -> str | None:
    return read_licence(FakeModelFile(container="safetensors", texts={"README.md": text.encode()}))


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, None),
        ({"general.license": "mit"}, "mit"),
        ({"general.license": "other", "general.license.name": "llama3"}, "llama3"),
        ({"general.license.name": "gemma"}, "gemma"),
        ({"general.license": "x" * 900}, "x" * MAX_CHARACTERS),
    ],
)
def test_metadata_state_it(metadata: dict[str, str], expected: str | None) -> None:
    assert read_licence(FakeModelFile(metadata)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nlicense: apache-2.0\n---\n# Card", "apache-2.0"),
        ("---\r\ntags: [a]\r\nlicense: 'mit'  # yes\r\n---\r\n", "mit"),
        ("---\nlicense: other\nlicense_name: my-licence\n---\n", "my-licence"),
        ("# Card\nlicense: mit\n", None),
        ("---\nlicense: mit\n", None),
        ("---\nlanguage: en\n---\nlicense: mit\n", None),
        ("", None),
    ],
)
def test_a_card_states_it_between_its_first_lines(text: str, expected: str | None) -> None:
    assert of_card(text) == expected


def test_a_hostile_card_takes_no_time() -> None:
    assert of_card("---\n" + "license: " * 200_000) is None
