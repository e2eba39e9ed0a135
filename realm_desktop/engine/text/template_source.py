"""Finds the chat template of a model: in the file, or the built-in one of its family.

GGUF files keep templates in `tokenizer.chat_template` and, named, in `tokenizer.chat_template.<name>`;
safetensors folders in chat_template.jinja or tokenizer_config.json.
"""

from __future__ import annotations

from dataclasses import dataclass

from realm_desktop import assets
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine.text.tokenizer_json import read_json_object
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile

_KEY = "tokenizer.chat_template"
_DEFAULT = "default"
_TOOL_USE = "tool_use"
_FAMILIES = (
    # The tokens that mark a turn, and the template that writes them.
    (("<|im_start|>", "<|im_end|>"), "chatml"),
    (("<|start_header_id|>", "<|eot_id|>"), "llama3"),
    (("<start_of_turn>", "<end_of_turn>"), "gemma"),
    (("<|user|>", "<|assistant|>", "<|end|>"), "phi3"),
    (("[INST]", "[/INST]"), "mistral"),
)


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """The text of a model's templates.

    Attributes:
        default: For conversations.
        tool_use: For conversations with tools, if the file has one of its own.
        is_builtin: The file has none; `default` is the app's.
    """

    default: str
    tool_use: str | None
    is_builtin: bool


def find_template(
    model_file: ModelFile, tokenizer: Tokenizer, *, is_builtin: bool = False
) -> TemplateSource:
    """The templates of a model; with `is_builtin` the app's own whatever the file has.

    Raises:
        CorruptFile: A template is not a string.
    """
    named = {} if is_builtin else _gguf_templates(model_file) or _folder_templates(model_file)
    if not named:
        return TemplateSource(_builtin(tokenizer), None, is_builtin=True)
    default = named.get(_DEFAULT, next(iter(named.values())))
    return TemplateSource(default, named.get(_TOOL_USE), is_builtin=False)


def _gguf_templates(model_file: ModelFile) -> dict[str, str]:
    named: dict[str, str] = {}
    for key in (_KEY, f"{_KEY}.{_DEFAULT}", f"{_KEY}.{_TOOL_USE}"):
        if key not in model_file.metadata:
            continue
        name = key.removeprefix(_KEY).removeprefix(".") or _DEFAULT
        named.setdefault(name, _checked(model_file, key, model_file.metadata[key]))
    return named


def _folder_templates(model_file: ModelFile) -> dict[str, str]:
    data = model_file.text_file("chat_template.jinja")
    if data is not None:
        return {_DEFAULT: data.decode("utf-8", "replace")}
    value = read_json_object(model_file, "tokenizer_config.json").get("chat_template")
    if value is None:
        return {}
    if not isinstance(value, list):
        return {_DEFAULT: _checked(model_file, "chat_template", value)}
    named: dict[str, str] = {}
    for entry in value:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            template = _checked(model_file, "chat_template", entry.get("template"))
            named[str(entry["name"])] = template
    return named


def _checked(model_file: ModelFile, field: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise CorruptFile(
        f"{quote(model_file.path.name)}: {field} is {type(value).__name__}; a string is expected",
        advice="Download the model again, or choose another one.",
        file=model_file.path,
        field=field,
    )


def _builtin(tokenizer: Tokenizer) -> str:
    """The template of the family whose tokens the vocabulary has; ChatML where none fits."""
    fitting = (
        name
        for tokens, name in _FAMILIES
        if all(tokenizer.find_token(token) is not None for token in tokens)
    )
    name = next(fitting, "chatml")
    return assets.resource("templates", f"{name}.jinja").read_text(encoding="utf-8")
