"""What stands before the first paint of the window, and what does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "gguf",
    "httpx",
    "huggingface_hub",
    "importlib.metadata",
    "jinja2",
    "llguidance",
    "markdown_it",
    "numpy",
    "pygments",
    "safetensors",
    "tokenizers",
    "torch",
    "ziamath",
    "realm_desktop.cli.commands",
    "realm_desktop.library.hub_client",
    "realm_desktop.ui.chat.chat_tab",
    "realm_desktop.ui.exchange_commands",
    "realm_desktop.ui.first_run_commands",
    "realm_desktop.ui.palette_commands",
    "realm_desktop.ui.paper",
    "realm_desktop.ui.storage_commands",
    "realm_desktop.ui.training_commands",
}

CODE = """
import os, sys
from pathlib import Path
from realm_desktop.__main__ import main
import realm_desktop.ui.start_log

def look(_log):
    Path(sys.argv[2]).write_text(" ".join(sys.modules))
    os._exit(0)

realm_desktop.ui.start_log.StartLog.log_painted = look
main(["--data-dir", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a process has imported when its window was painted."""
    folder = tmp_path_factory.mktemp("start")
    arguments = [sys.executable, "-c", CODE, str(folder / "data"), str(folder / "modules")]
    subprocess.run(arguments, check=True, timeout=60, capture_output=True)
    return set(Path(folder / "modules").read_text(encoding="utf-8").split())


def test_window_was_painted(modules: set[str]) -> None:
    assert "realm_desktop.ui.main_window" in modules


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_first_paint_does_not_wait_for(modules: set[str], name: str) -> None:
    assert name not in modules
