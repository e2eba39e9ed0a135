"""Reads the chat templates of a model file by name, whatever its container; knows nothing of Jinja.

GGUF files keep templates in `tokenizer.chat_template` and, named, in `tokenizer.chat_template.<name>`;
safetensors folders in chat_template.jinja, tokenizer_config.json or chat_template.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.json_file import parse_json_object
from realm_desktop.formats.model_file import JSONValue, ModelFile

DEFAULT: Final = "default"
TOOL_USE: Final = "tool_use"

_KEY = "tokenizer.chat_template"
_FOLDER_FILE = "chat_template.jinja"
_FOLDER_TOOL_USE = "additional_chat_templates/tool_use.jinja"
# chat_template.json is where processors of images and text kept theirs for a while.
_JSON_FILES = ("tokenizer_config.json", "chat_template.json")


def read_templates(model_file: ModelFile) -> dict[str, str]:
    """The texts of a model's templates by name; empty if it has none that says anything.

    Raises:
        CorruptFile: A template is not a string, or its file cannot be read.
    """
    is_gguf = model_file.container == "gguf"
    found = _gguf_templates(model_file) if is_gguf else _folder_templates(model_file)
    # Converters have written blank templates; nothing can be said with one.
    return {name: text for name, text in found.items() if text.strip()}


def default_template(templates: Mapping[str, str]) -> str | None:
    """The template of that name, or the first of others; None without any."""
    return templates.get(DEFAULT, next(iter(templates.values()), None))


def _gguf_templates(model_file: ModelFile) -> dict[str, str]:
    named: dict[str, str] = {}
    for key in model_file.metadata:
        if key == _KEY or key.startswith(f"{_KEY}."):
            name = key.removeprefix(_KEY).removeprefix(".") or DEFAULT
            text = _checked(model_file.path, key, model_file.metadata[key])
            # The unnamed one goes before another of the name "default".
            named[name] = text if key == _KEY or name not in named else named[name]
    return named


def _folder_templates(model_file: ModelFile) -> dict[str, str]:
    default, tool_use = map(model_file.text_file, (_FOLDER_FILE, _FOLDER_TOOL_USE))
    if default is not None:
        named = {DEFAULT: default.decode("utf-8", "replace")}
        if tool_use is not None:
            named[TOOL_USE] = tool_use.decode("utf-8", "replace")
        return named
    for file in _JSON_FILES:
        data = model_file.text_file(file)
        if data is None:
            continue
        path = _beside(model_file, file)
        value = parse_json_object(path, data, 0).get("chat_template")
        if value is not None:
            return _named_templates(path, value)
    return {}


def _named_templates(path: Path, value: JSONValue) -> dict[str, str]:
    """The template itself, or a list of named ones."""
    if not isinstance(value, list):
        return {DEFAULT: _checked(path, "chat_template", value)}
    named: dict[str, str] = {}
    for entry in value:
        fields = entry if isinstance(entry, dict) else {"template": entry}
        name = _checked(path, "chat_template", fields.get("name"))
        named[name] = _checked(path, "chat_template", fields.get("template"))
    return named


def _beside(model_file: ModelFile, file: str) -> Path:
    """The path of a companion, for errors."""
    folder = model_file.path if model_file.path.is_dir() else model_file.path.parent
    return folder / file


def _checked(path: Path, field: str, value: object) -> str:
    if isinstance(value, str):
        return value
    found, allowed = type(value).__name__, "a text, or a list of named texts"
    raise corrupt(path, field, None, found=found, allowed=allowed)
