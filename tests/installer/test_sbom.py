"""The bill of materials names every work with version, licence and address."""

from __future__ import annotations

import json
from typing import Any

from installer.sbom import bill_of_materials
from installer.works import Work

WORKS = (
    Work("pypi", "torch", "2.13.0+cpu", "BSD-3-Clause", ()),
    Work("pypi", "tqdm", "4.67", "MPL-2.0 AND MIT", ()),
    Work("pypi", "ziafont", "0.1", "MIT License", ()),
    Work("deb", "zlib1g", "1:1.2.13", "", ()),
)


def bill() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bill_of_materials("realm-desktop", "1.2", WORKS))
    return content


def component(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(part for part in bill()["components"] if part["name"] == name)
    return found


def test_bill_is_one_of_the_program() -> None:
    content = bill()

    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    assert content["metadata"]["component"]["name"] == "realm-desktop"
    assert content["metadata"]["component"]["version"] == "1.2"


def test_every_work_has_version_and_address() -> None:
    addresses = {part["name"]: part["purl"] for part in bill()["components"]}

    assert addresses == {
        "torch": "pkg:pypi/torch@2.13.0%2Bcpu",
        "tqdm": "pkg:pypi/tqdm@4.67",
        "ziafont": "pkg:pypi/ziafont@0.1",
        "zlib1g": "pkg:deb/debian/zlib1g@1:1.2.13",
    }


def test_licences_are_names_expressions_or_words() -> None:
    assert component("torch")["licenses"] == [
        {"license": {"acknowledgement": "declared", "id": "BSD-3-Clause"}}
    ] or component("torch")["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert component("tqdm")["licenses"][0]["expression"] == "MPL-2.0 AND MIT"
    assert component("ziafont")["licenses"][0]["license"]["name"] == "MIT License"
    assert "licenses" not in component("zlib1g")


def test_program_depends_on_every_work() -> None:
    content = bill()
    program = content["metadata"]["component"]["bom-ref"]
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in content["dependencies"]}

    assert len(needs[program]) == len(WORKS)
