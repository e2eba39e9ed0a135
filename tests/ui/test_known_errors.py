"""Errors with values are recognized, and those that users are likely to meet are all listed."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Final

import pytest

from realm_desktop import errors
from realm_desktop.ui.known_errors import ADVICES, ERRORS, FAULTS, SYSTEM
from realm_desktop.ui.known_phrases import TEMPLATES, WORDS
from realm_desktop.ui.spoken import spoken
from tests.support.said_texts import parsed, said, template

TECHNICAL: Final = (
    # Read in a terminal.
    "cli",
    # Told by the checks of values that the window cannot send, and of files it wrote itself.
    "channel.py",
    "protocol.py",
    "sampling_params.py",
    "training_protocol.py",
    "schema",
    "store/records.py",
    "ui/theme.py",
    "engine/open_requests.py",
    "engine/intake.py",
    "engine/text/chat_template.py",
    "engine/training/optimizer.py",
    "engine/training/adapter_training.py",
    # Offered by the command line alone.
    "compatibility.py",
    "engine/export",
    "engine/text/gguf_tokenizer.py",
    "formats/adapter_conversion.py",
    "formats/gguf_output.py",
    # A tokenizer or tensor whose parts contradict each other: for whoever made the file.
    "engine/text",
    "engine/quant",
    "engine/weights",
    "engine/architecture",
)
"""What stays English."""

_KINDS: Final = frozenset(name for name, _ in inspect.getmembers(errors, inspect.isclass))


def _composed() -> dict[str, str]:
    """Where each message and advice with values stands, of errors that a user can meet."""
    return {
        text: name
        for name, tree in parsed().items()
        if not name.startswith(TECHNICAL)
        for text in _told(tree)
    }


def _told(tree: ast.Module) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            advices = [keyword.value for keyword in call.keywords if keyword.arg == "advice"]
            is_error = ast.unparse(call.func) in _KINDS or bool(advices)
            parts = [*(call.args[:1] if is_error else []), *advices]
            yield from (template(part) for part in parts if isinstance(part, ast.JoinedStr))


def test_errors_with_values_have_a_known_phrase() -> None:
    known = {*ERRORS, *TEMPLATES}
    # One that is all values says nothing by itself.
    told = {text: place for text, place in _composed().items() if re.search(r"\w", text)}
    unknown = {text: place for text, place in told.items() if text not in known}

    assert not unknown, "add them to ui/known_errors.py, or their room to TECHNICAL"


@pytest.mark.parametrize("text", [*ERRORS, *ADVICES, *FAULTS])
def test_known_error_is_still_said(text: str) -> None:
    # What is found in a file stands behind its name, which another function writes.
    assert text in said() or text.removeprefix("{} ") in said()


def test_errors_are_named_once() -> None:
    every = [*ERRORS, *ADVICES, *FAULTS, *SYSTEM, *TEMPLATES, *WORDS]

    assert len(set(every)) == len(every)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            "a b.gguf is no model but a web page (HTML) at byte 0; allowed are GGUF and safetensors.",
            "a b.gguf ist kein Modell, sondern eine Webseite (HTML) bei Byte 0; erlaubt sind "
            "GGUF und safetensors.",
        ),
        ("x.gguf cannot be read: Permission denied.", "x.gguf lässt sich nicht lesen: Zugriff verweigert."),
        (
            "a.safetensors: q.lora_A has shape [8, 16]; [8, 32] is expected.",
            "a.safetensors: q.lora_A hat die Form [8, 16]; erwartet wird [8, 32].",
        ),
        ("notes is a folder, not a file.", "notes ist ein Ordner, keine Datei."),
        ("nothing can be edited while a reply runs", "während eine Antwort läuft, kann nichts bearbeitet werden"),
        ("the grammar cannot be used: x", "die Grammatik lässt sich nicht verwenden: x"),
        ("m.gguf has changed since it was downloaded", "m.gguf hat sich geändert, seit sie heruntergeladen wurde"),
    ],
)  # fmt: skip
def test_error_is_said_in_german(told: str, expected: str) -> None:
    assert spoken(told) == expected


@pytest.mark.usefixtures("german")
def test_names_that_look_like_errors_cost_little() -> None:
    told = "a: " * 190 + "has shape x; y is expected."

    assert spoken(told)
    assert spoken(told * 100) == told * 100
