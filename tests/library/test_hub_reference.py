"""What a user pastes or types into Discover."""

from __future__ import annotations

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library.hub_reference import HubReference, parse_reference
from realm_desktop.network_settings import DEFAULT_HUB

PAGE = "https://huggingface.co/org/Model-7B"
REPOSITORY = HubReference("org/Model-7B")
FILE = HubReference("org/Model-7B", path="sub/m.gguf")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("org/Model-7B", REPOSITORY),
        ("  org/Model-7B \n", REPOSITORY),
        ("org/Model-7B:Q4_K_M", HubReference("org/Model-7B", label="Q4_K_M")),
        ("hf.co/org/Model-7B:Q8_0", HubReference("org/Model-7B", label="Q8_0")),
        ("huggingface.co/org/Model-7B", REPOSITORY),
        (PAGE, REPOSITORY),
        (f"{PAGE}/", REPOSITORY),
        (f"{PAGE}?library=x#y", REPOSITORY),
        (f"{PAGE}/tree/main", REPOSITORY),
        (f"{PAGE}/tree/v1.0", HubReference("org/Model-7B", "v1.0")),
        (f"{PAGE}/discussions/3", REPOSITORY),
        (f"{PAGE}/resolve/main/sub/m.gguf?download=true", FILE),
        (f"{PAGE}/blob/main/sub/m.gguf", FILE),
        (f"{PAGE}/blob/abc123/m%20x.gguf", HubReference("org/Model-7B", "abc123", "m x.gguf")),
        ("llama 3 8b", None),
        ("gpt2", None),
        ("datasets/some", None),
        ("", None),
    ],
)
def test_the_place_that_a_text_names(text: str, found: HubReference | None) -> None:
    assert parse_reference(text, DEFAULT_HUB) == found


def test_addresses_of_the_mirror_in_use_are_understood() -> None:
    assert parse_reference("https://mirror.example/org/m", "https://mirror.example") == (
        HubReference("org/m")
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://elsewhere.example/org/model",
        "https://huggingface.co.evil.example/org/model",
        "file:///etc/passwd",
        "https://huggingface.co/datasets/org/name",
        "https://huggingface.co/org",
        "https://huggingface.co/../..",
        f"{PAGE}/resolve/main/../../x",
        f"{PAGE}/resolve/main/%2e%2e/x",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(text: str) -> None:
    with pytest.raises(DownloadError):
        parse_reference(text, DEFAULT_HUB)
