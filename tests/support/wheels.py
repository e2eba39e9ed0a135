"""Small wheels in place of torch's, and the list that names them."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping
from typing import Any

from realm_desktop.library.cuda_build import CudaBuild, CudaFile
from realm_desktop.library.cuda_support import CudaParts
from realm_desktop.library.update_check import platform_name
from realm_desktop.nvidia_driver import NvidiaDevice, NvidiaDriver
from realm_desktop.torch_folder import own_torch
from tests.support.loopback_hub import Fault, LoopbackHub
from tests.support.updates import address

DRIVER = NvidiaDriver((13, 0), (NvidiaDevice("A card", 2**33, (9, 0)),))
WHEELS = "org/wheels"
HELPER = "nvidia_helper-1-py3-none-any.whl"


def stand_in(version: str = "", *, cards: int = 1, works: bool = True, first: str = "") -> str:
    """The source of a module that says of itself what torch says.

    Args:
        version: Of torch; "" is that of this program, in its CUDA build.
        cards: That it finds.
        works: Whether they can compute.
        first: A statement that runs first, such as one that fails.
    """
    version = version or f"{own_torch()}+cu130"
    return (
        f"{first}\n"
        "import types, nvidia_helper\n"
        f"__version__ = {version!r}\n"
        "version = types.SimpleNamespace(cuda='13.0')\n"
        "class ones:\n"
        "    def __init__(self, count, device): self.device = device\n"
        "    def __add__(self, other): return self\n"
        f"    def item(self):\n        if not {works}: raise RuntimeError('no kernel image is available')\n"
        f"cuda = types.SimpleNamespace(is_available=lambda: {cards > 0}, "
        f"device_count=lambda: {cards}, get_device_name=lambda index: 'Card %d' % index)\n"
    )


def make_wheel(files: Mapping[str, str]) -> bytes:
    """A wheel with these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def offer_build(hub: LoopbackHub, source: str = "", *faults: Fault, **changes: Any) -> CudaBuild:
    """A build that lies on the hub: a stand-in for torch, and a helper that it imports."""
    torch = make_wheel({"torch/__init__.py": source or stand_in()})
    helper = make_wheel({"nvidia_helper/__init__.py": "", "nvidia_helper/bin/tool": "x"})
    files = []
    for name, data, met in (
        (HELPER, helper, ()),
        ("torch-1-py3-none-any.whl", torch, faults),
    ):
        remote = hub.add(f"{WHEELS}/{name}", data, *met)
        url = address(hub, f"{WHEELS}/{name}")
        files.append(CudaFile(name, url, remote.num_bytes, remote.sha256))
    values: dict[str, Any] = {
        "platform": platform_name(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "torch": own_torch(),
        "cuda": "13.0",
        "files": tuple(files),
    }
    return CudaBuild(**(values | changes))


def parts_with(*builds: CudaBuild, driver: NvidiaDriver | None = DRIVER) -> CudaParts:
    """A machine with a card, whose program knows these builds and computes on the processor."""
    own = f"{own_torch()}+cpu"
    return CudaParts(lambda: driver, lambda: builds, own_version=lambda: own)
