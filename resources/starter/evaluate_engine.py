"""Asks the application's engine for replies with the adapters of the starter.

Goes through the command line, as a user would; knows nothing of the training network.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from resources.starter.adapters import ADAPTER_FILES
from resources.starter.export import FILES

MAX_TOKENS = 160


def voices(folder: Path, questions: list[str]) -> dict[str, list[str]]:
    """Replies with each adapter that is there, by its voice."""
    found = {voice: folder / name for voice, name in ADAPTER_FILES.items()}
    return {
        voice: [
            answer["text"]
            for answer in _answers(
                folder,
                questions,
                [{"adapters": [{"path": str(path), "weight": 1.0}]}] * len(questions),
            )
        ]
        for voice, path in found.items()
        if path.exists()
    }


def _answers(
    folder: Path, questions: list[str], fields: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The engine's greedy answers, in order."""
    requests = "".join(
        json.dumps(
            {
                "messages": [{"role": "user", "content": question}],
                "temperature": 0,
                "max_tokens": MAX_TOKENS,
                **more,
            }
        )
        + "\n"
        for question, more in zip(questions, fields, strict=True)
    )
    command = [sys.executable, "-m", "realm_desktop", "generate", str(folder / FILES["target"])]
    done = subprocess.run(
        [*command, "--jsonl", "--json"], input=requests, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
