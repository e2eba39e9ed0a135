"""Whether a chat template lets a model think or not, found by rendering it both ways.

Templates read the wish under one of two names, and say nowhere which. Used once at load.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from realm_desktop.engine.text.chat_template import ChatTemplate
from realm_desktop.errors import TemplateError

_NAMES: Final = ("enable_thinking", "thinking")
"""The first as Qwen 3, GLM 4.5 and SmolLM 3 call it, the second as DeepSeek 3.1 and Granite do."""


class ThinkingSwitch(NamedTuple):
    """What turns thinking on and off.

    Attributes:
        name: The template's argument.
        is_on: Whether a reply is thought over where nobody says anything.
    """

    name: str
    is_on: bool


def find_thinking_switch(template: ChatTemplate) -> ThinkingSwitch | None:
    """The switch of a template; None if both ways give the same prompt."""
    for name in _NAMES:
        # A template that fails with an argument has no use for it.
        with suppress(TemplateError):
            on, off = (_trial(template, {name: is_on}) for is_on in (True, False))
            if on != off:
                return ThinkingSwitch(name, is_on=_trial(template, {}) != off)
    return None


def _trial(template: ChatTemplate, extra: Mapping[str, object]) -> str:
    return template.render([{"role": "user", "content": "Hello"}], extra=extra)
