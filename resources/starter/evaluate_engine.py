"""Measures what the application's engine does with the starter files: drafts and adapters.

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
MAX_DRAFT_TOKENS = 4


def acceptance(folder: Path, questions: list[str]) -> float:
    """The share of the draft's tokens that the target accepts, up to four tried at once."""
    mode = {"mode": "draft_model", "max_draft_tokens": MAX_DRAFT_TOKENS}
    draft = str(folder / FILES["draft"])
    lines = [{"speculation": mode, "draft_model": draft} for _ in questions]
    stats = [answer["stats"] for answer in _answers(folder, questions, lines)]
    return float(
        sum(one["accepted"] for one in stats) / max(1, sum(one["drafted"] for one in stats))
    )


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
