"""Writes what is inside the frozen program as a bill of materials in the form of CycloneDX."""

from __future__ import annotations

from collections.abc import Iterable

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from installer.works import Work


def bill_of_materials(name: str, version: str, works: Iterable[Work]) -> str:
    """The bill of a program, as JSON.

    Args:
        name: The program's.
        version: The program's.
        works: What is inside.
    """
    program = Component(
        type=ComponentType.APPLICATION,
        name=name,
        version=version,
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
        purl=PackageURL("generic", name=name, version=version),
    )
    bom = Bom(components=[_component(work) for work in works])
    bom.metadata.component = program
    bom.register_dependency(program, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def _component(work: Work) -> Component:
    namespace = "debian" if work.kind == "deb" else None
    licences = [LicenseFactory().make_from_string(work.licence)] if work.licence else []
    return Component(
        type=ComponentType.LIBRARY,
        name=work.name,
        version=work.version,
        licenses=licences,
        purl=PackageURL(work.kind, namespace, work.name, work.version),
    )
