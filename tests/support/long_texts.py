"""Texts like those of models, long ones, and many messages of them: seeded."""

from __future__ import annotations

import random

PARAGRAPHS = (
    "The tide follows the moon, **mostly**, with a *lag* that depends on the shape of the basin.\n\n",
    "1. First, the pull is measured at `x = 0`.\n2. Then at the far side.\n   - It is smaller there.\n\n",
    "```python\ndef pull(mass: float, distance: float) -> float:\n    return mass / distance**2\n```\n\n",
    "| place | high | low |\n|---|---|---|\n| Bristol | 13.2 m | 0.9 m |\n| Naples | 0.3 m | 0.1 m |\n\n",
    "> It was known to sailors long before [anyone](https://example.org/tides) could say why.\n\n",
    "## What follows\n\nTwo bulges, one day, and a delay of about fifty minutes from one to the next.\n\n",
)


def markdown(num_chars: int, seed: int = 1) -> str:
    """Headings, lists, code, tables and prose in any order, of about this length."""
    draw = random.Random(seed)
    pieces: list[str] = []
    length = 0
    while length < num_chars:
        pieces.append(draw.choice(PARAGRAPHS))
        length += len(pieces[-1])
    return "".join(pieces)
