"""WCAG contrast of two colours, and which colour must stand out from which fill by how much."""

from __future__ import annotations

from collections.abc import Iterator

TEXT = 4.5
LARGE = 3.0

_BASE = ("surface", "sidebar", "surface-raised")
_HEAT = tuple(f"heat-{step}" for step in range(6))
_SYNTAX = ("keyword", "string", "number", "comment", "function", "type")
_PLAN = ("weights", "kv", "adapters", "draft", "working")

_NEEDS: dict[str, tuple[tuple[str, ...], float]] = {
    "text": (
        (
            *_BASE,
            *("surface-sunken", "user-bubble", "selected", "hover", "code-surface"),
            *("diff-add", "diff-del", "warning-surface", "danger-surface"),
            *_HEAT,
        ),
        TEXT,
    ),
    "text-muted": (
        (
            *_BASE,
            *("rail", "surface-sunken", "user-bubble", "selected", "hover", "code-surface"),
            *("diff-del", "warning-surface", "danger-surface"),
        ),
        TEXT,
    ),
    "accent-text": (("accent", "accent-hover", "accent-pressed"), TEXT),
    "accent-ink": ((*_BASE, "surface-sunken", "selected", "user-bubble"), TEXT),
    "success": (_BASE, TEXT),
    "warning": (("surface", "sidebar", "warning-surface"), TEXT),
    "danger": (("surface", "sidebar", "danger-surface"), TEXT),
    "accent": (("surface", "sidebar"), LARGE),
    "border-strong": (_BASE, LARGE),
    "focus": ((*_BASE, "user-bubble", "selected"), LARGE),
    "draft-underline": (("surface",), LARGE),
    **{f"adapter-{n}": ((f"adapter-{n}-bg", "surface", "sidebar"), TEXT) for n in range(1, 7)},
    **{f"syn-{name}": (("code-surface",), TEXT) for name in _SYNTAX},
    **{f"plan-{name}": (("surface",), LARGE) for name in _PLAN},
}


def needed_pairs() -> Iterator[tuple[str, str, float]]:
    """Every (token, fill, least ratio) that a theme must satisfy."""
    for token, (fills, need) in _NEEDS.items():
        for fill in fills:
            yield token, fill, need


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio of two "#RRGGBB" colours, 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (_linear(part) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    # WCAG 2.2, definition of relative luminance.
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)
