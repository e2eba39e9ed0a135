"""The hub as the window asks it, against a server on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from realm_desktop.errors import DownloadError, Offline
from realm_desktop.library import http_client
from realm_desktop.library.hub import Hub
from realm_desktop.library.hub_reference import HubReference
from realm_desktop.library.hub_values import RepositoryFiles
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import COMMIT, HTML, Fault, LoopbackHub, loopback_hub, payload

MODEL = HubReference("org/model")


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


def _client(hub: LoopbackHub, token: str = "", **changes: Any) -> Hub:
    gate = NetworkGate(NetworkSettings(hub_endpoint=hub.address, **changes))
    return Hub(gate, lambda _: token, lambda: 10**9)


def _files(client: Hub, reference: HubReference = MODEL) -> RepositoryFiles:
    return asyncio.run(client.files(reference, "model"))


def test_a_search_lists_what_is_downloaded_most_first(hub: LoopbackHub) -> None:
    for name, count in (("org/llama-a", 5), ("org/llama-b", 9), ("org/other", 99)):
        hub.add(f"{name}/m.gguf", b"x")
        hub.cards[name] = {"downloads": count}

    found = asyncio.run(_client(hub).search("llama", "model"))

    assert [(row.repository, row.num_downloads) for row in found] == [
        ("org/llama-b", 9),
        ("org/llama-a", 5),
    ]


def test_a_row_tells_licence_size_and_lock(hub: LoopbackHub) -> None:
    hub.add("org/model/m.gguf", b"x")
    hub.cards["org/model"] = {
        "cardData": {"license": "other", "license_name": "llama3.1"},
        "gguf": {"total": 8_030_000_000, "architecture": "llama"},
        "gated": "manual",
        "lastModified": "2026-11-20T10:00:00.000Z",
    }

    (row,) = asyncio.run(_client(hub).search("", "model"))

    assert (row.licence, row.architecture, row.num_parameters) == (
        "llama3.1",
        "llama",
        8_030_000_000,
    )
    assert (row.is_gated, row.updated) == (True, "2026-11-20")


def test_adapters_are_searched_by_their_own_tags(hub: LoopbackHub) -> None:
    hub.add("org/lora/adapter_config.json", b"{}")
    hub.cards["org/lora"] = {"tags": ["peft"]}

    found = asyncio.run(_client(hub).search("", "adapter"))

    assert [row.repository for row in found] == ["org/lora"]
    assert {seen.query["filter"][0] for seen in hub.seen} == {"peft", "lora"}


def test_files_come_with_sizes_hashes_and_the_commit(hub: LoopbackHub) -> None:
    big = hub.add("org/model/m-Q4_K_M.gguf", payload(1000))
    config = hub.add("org/model/config.json", b"{}", is_small=True)
    weights = hub.add("org/model/model.safetensors", payload(900))

    offer = _files(_client(hub))

    assert offer.revision == COMMIT
    assert [choice.files for choice in offer.choices] == [(big,), (weights, config)]
    assert offer.choices[0].is_recommended
    assert offer.request(offer.choices[0]).files == (big,)


def test_a_pasted_file_narrows_the_choices(hub: LoopbackHub) -> None:
    for label in ("Q4_K_M", "Q8_0"):
        hub.add(f"org/model/m-{label}.gguf", payload(100))

    by_path = _files(_client(hub), HubReference("org/model", path="m-Q8_0.gguf"))
    by_label = _files(_client(hub), HubReference("org/model", label="q4_k_m"))

    assert [choice.label for choice in by_path.choices] == ["Q8_0"]
    assert [choice.label for choice in by_label.choices] == ["Q4_K_M"]
    with pytest.raises(DownloadError, match="under the name Q2_K"):
        _files(_client(hub), HubReference("org/model", label="Q2_K"))


def test_a_file_with_a_hostile_name_is_passed_over(hub: LoopbackHub) -> None:
    names = ("m-Q4_0.gguf", "../evil-Q8_0.gguf", "..\\evil-Q8_0.gguf", "/etc/evil-Q8_0.gguf")
    lfs = {"sha256": "0" * 64, "size": 5, "pointerSize": 134}
    siblings = [{"rfilename": name, "size": 5, "lfs": lfs} for name in names]
    answer = json.dumps({"id": "org/model", "sha": COMMIT, "siblings": siblings})
    hub.api_faults = [Fault(body=answer.encode())]

    assert [choice.label for choice in _files(_client(hub)).choices] == ["Q4_0"]


def test_a_repository_of_pickles_says_why_it_offers_nothing(hub: LoopbackHub) -> None:
    hub.add("org/model/pytorch_model.bin", payload(100))

    offer = _files(_client(hub))

    assert offer.choices == ()
    assert "pickle" in offer.refusal


def test_an_unknown_repository_is_told_by_name(hub: LoopbackHub) -> None:
    with pytest.raises(DownloadError, match="no repository org/missing") as caught:
        _files(_client(hub), HubReference("org/missing"))

    assert caught.value.field == "gone"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=503), "is busy"),
        (Fault(status=429), "is busy"),
        (Fault(status=404), "HTTP 404"),
        (Fault(body=HTML), "cannot be understood"),
        (Fault(body=b'{"id": 5}'), "no commit"),
        (Fault(body=b"[" * 5000), "cannot be understood"),
    ],
)
def test_a_useless_answer_is_told_at_once(hub: LoopbackHub, fault: Fault, words: str) -> None:
    hub.add("org/model/m.gguf", b"x")
    hub.api_faults = [fault]

    with pytest.raises(DownloadError, match=words):
        _files(_client(hub))

    assert len(hub.seen) == 1


def test_an_answer_without_end_does_not_fill_the_memory(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MAX_METADATA_BYTES", 1000)
    hub.api_faults = [Fault(body=b" " * 2000)]

    with pytest.raises(DownloadError, match="sent more than 1000 bytes"):
        _files(_client(hub))


def test_a_server_that_is_not_there_is_told_without_retries() -> None:
    with loopback_hub() as hub:
        pass

    with pytest.raises(DownloadError, match=r"cannot be reached: no connection"):
        _files(_client(hub))


def test_offline_asks_nobody_and_counts_the_attempt() -> None:
    gate = NetworkGate(NetworkSettings(is_offline=True))
    client = Hub(gate, lambda _: "", lambda: 0)

    with pytest.raises(Offline, match=r"huggingface\.co was not asked"):
        asyncio.run(client.search("llama", "model"))

    assert gate.refused == ["huggingface.co"]


def test_the_token_is_sent_and_the_machine_is_not_described(hub: LoopbackHub) -> None:
    hub.add("org/model/m.gguf", b"x")

    _files(_client(hub, token="hf_mine"))

    headers = hub.seen[0].headers
    assert headers["authorization"] == "Bearer hf_mine"
    assert headers["user-agent"].startswith("realm-desktop/")
    assert " " not in headers["user-agent"]


def test_no_token_of_another_program_is_sent(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_program")
    hub.add("org/model/m.gguf", b"x")

    _files(_client(hub))

    assert "authorization" not in hub.seen[0].headers


def test_nobody_but_the_hub_of_the_settings_is_asked(hub: LoopbackHub) -> None:
    hub.add("org/model/m.gguf", b"x")
    gate = NetworkGate(NetworkSettings(hub_endpoint=hub.address))
    client = Hub(gate, lambda _: "", lambda: 0)

    asyncio.run(client.search("", "model"))

    assert gate.opened == []
    assert {seen.path for seen in hub.seen} == {"/api/models"}


def test_a_library_that_asks_elsewhere_is_refused(hub: LoopbackHub) -> None:
    gate = NetworkGate(NetworkSettings(hub_endpoint=hub.address))

    with (
        http_client.metadata_client(gate) as client,
        pytest.raises(DownloadError, match="not asked"),
    ):
        client.get("https://huggingface.co/api/something-else")

    assert gate.opened == []


def test_parsing_knows_the_mirror(hub: LoopbackHub) -> None:
    assert _client(hub).parse(f"{hub.address}/org/model") == MODEL
