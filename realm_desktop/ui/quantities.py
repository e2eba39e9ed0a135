"""Numbers as people read them, in the user's locale. Knows nothing of widgets."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QLocale

_KILO = 1000
_MILLION = 10**6
_BILLION = 10**9
_UNITS = ("B", "kB", "MB", "GB", "TB")


def count_text(number: int) -> str:
    """A whole number with the locale's group separators, such as "3,412"."""
    return QLocale().toString(number)


def decimal_text(number: float, num_decimals: int) -> str:
    """A number with so many decimals, such as "1.23"."""
    return QLocale().toString(float(number), "f", num_decimals)


def bytes_text(num_bytes: int) -> str:
    """A size with at most one decimal and a decimal unit, such as "4.9 GB"."""
    value = float(num_bytes)
    unit = 0
    while value >= _KILO and unit < len(_UNITS) - 1:
        value /= _KILO
        unit += 1
    decimals = 1 if unit >= 2 and value < 100 else 0  # one decimal from MB on
    return f"{QLocale().toString(value, 'f', decimals)} {_UNITS[unit]}"


def parameters_text(number: int) -> str:
    """The size of a network in short, such as "8.0B" or "6.2M"; below a million in full."""
    if number < _MILLION:
        return count_text(number)
    unit, letter = (_BILLION, "B") if number >= _BILLION else (_MILLION, "M")
    value = number / unit
    return f"{QLocale().toString(value, 'f', 1 if value < 100 else 0)}{letter}"


def context_text(num_tokens: int) -> str:
    """A context length in short, such as "8k"; below 1,024 in full."""
    return f"{num_tokens // 1024}k" if num_tokens >= 1024 else str(num_tokens)  # one k


def file_title(path: str) -> str:
    """What a model file is called before it is loaded: its name without folder and suffix."""
    name = PurePath(path)
    return name.stem if name.suffix in (".gguf", ".safetensors") else name.name
