"""Renders a template text in one call."""

from __future__ import annotations

from typing import Any

from realm_desktop.engine.text.template_rendering import CompiledTemplate


def render(
    source: str, *, clock_s: float = 0.0, max_characters: int = 1 << 20, **variables: Any
) -> str:
    """The text of a template with these variables."""
    return CompiledTemplate(source).render(
        variables, clock_s=clock_s, max_output_characters=max_characters
    )
