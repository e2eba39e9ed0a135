"""A small program in place of the frozen one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

BILL = {
    "components": [
        {"name": "torch", "version": "2.13.0", "licenses": [{"license": {"id": "BSD-3-Clause"}}]},
        {"name": "tqdm", "version": "4", "licenses": [{"expression": "MPL-2.0 AND MIT"}]},
        {"name": "ziafont", "version": "0.1", "licenses": [{"license": {"name": "MIT License"}}]},
        {"name": "libz1", "version": "1.2"},
    ]
}


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A program that says that it runs, in the form that PyInstaller gives one."""
    folder = tmp_path / "realm-desktop"
    inside = folder / "_internal"
    (inside / "torch" / "lib").mkdir(parents=True)
    (inside / "torch" / "lib" / "libtorch.so").write_bytes(bytes(5000))
    (inside / "LICENSE").write_text("Apache License")
    (inside / "sbom.cdx.json").write_text(json.dumps(BILL))
    (inside / "libz.so").write_bytes(bytes(10))
    (inside / "libz.so.1").symlink_to("libz.so")
    program = folder / "realm-desktop"
    program.write_text("#!/bin/sh\necho it runs\n")
    program.chmod(0o755)
    return folder
