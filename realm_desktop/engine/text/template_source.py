"""Finds the chat template of a model: in the file, or the built-in one of its family.

GGUF files keep templates in `tokenizer.chat_template` and, named, in `tokenizer.chat_template.<name>`;
safetensors folders in chat_template.jinja, tokenizer_config.json or chat_template.json.
"""

from __future__ import annotations

from dataclasses import dataclass

from realm_desktop import assets
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine.text.tokenizer_json import read_json_object
from realm_desktop.engine.text.vocabulary import SpacePrefix
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import JSONValue, ModelFile

_KEY = "tokenizer.chat_template"
_DEFAULT = "default"
_TOOL_USE = "tool_use"
_FOLDER_FILE = "chat_template.jinja"
_FOLDER_TOOL_USE = "additional_chat_templates/tool_use.jinja"
_FAMILIES = (
    # The tokens that mark a turn, and the template that writes them; marks that others have too last.
    (("<|start|>", "<|channel|>", "<|message|>"), "gpt-oss"),
    (("<|im_start|>", "<|im_sep|>", "<|im_end|>"), "phi4"),
    (("<|im_start|>", "<|im_end|>"), "chatml"),
    (("<|im_user|>", "<|im_assistant|>", "<|im_middle|>"), "kimi"),
    (("<|start_header_id|>", "<|eot_id|>"), "llama3"),
    (("<|header_start|>", "<|eot|>"), "llama4"),
    (("<start_of_turn>", "<end_of_turn>"), "gemma"),
    (("<|turn>", "<turn|>"), "gemma4"),
    (("<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"), "command-r"),
    (("<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"), "deepseek"),
    (("<|start_of_role|>", "<|end_of_role|>"), "granite"),
    (("[gMASK]", "<sop>", "<|user|>", "<|assistant|>"), "glm4"),
    (("[|user|]", "[|assistant|]", "[|endofturn|]"), "exaone"),
    (("<seed:bos>", "<seed:eos>"), "seed-oss"),
    (("<|user|>", "<|assistant|>", "<|end|>"), "phi3"),
    (("<|user|>", "<|assistant|>"), "olmo"),
    (("[INST]", "[/INST]"), "mistral"),
)
_OF_ARCHITECTURES = {
    # Families that write their marks as plain text, by the names of GGUF and of config.json.
    "olmo2": "olmo",
    "olmo3": "olmo",
    "stablelm": "zephyr",
}


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
    found = {} if is_builtin else _gguf_templates(model_file) or _folder_templates(model_file)
    # Converters have written blank templates; nothing can be said with one.
    named = {name: text for name, text in found.items() if text.strip()}
    if not named:
        return TemplateSource(_builtin(model_file, tokenizer), None, is_builtin=True)
    default = named.get(_DEFAULT, next(iter(named.values())))
    return TemplateSource(default, named.get(_TOOL_USE), is_builtin=False)


def _gguf_templates(model_file: ModelFile) -> dict[str, str]:
    named: dict[str, str] = {}
    for key in model_file.metadata:
        if key == _KEY or key.startswith(f"{_KEY}."):
            name = key.removeprefix(_KEY).removeprefix(".") or _DEFAULT
            text = _checked(model_file, key, model_file.metadata[key])
            # The unnamed one goes before another of the name "default".
            named[name] = text if key == _KEY or name not in named else named[name]
    return named


def _folder_templates(model_file: ModelFile) -> dict[str, str]:
    default, tool_use = map(model_file.text_file, (_FOLDER_FILE, _FOLDER_TOOL_USE))
    if default is not None:
        named = {_DEFAULT: default.decode("utf-8", "replace")}
        return (
            named if tool_use is None else {**named, _TOOL_USE: tool_use.decode("utf-8", "replace")}
        )
    # chat_template.json is where processors of images and text kept theirs for a while.
    for file in ("tokenizer_config.json", "chat_template.json"):
        value = read_json_object(model_file, file).get("chat_template")
        if value is not None:
            return _named_templates(model_file, value)
    return {}


def _named_templates(model_file: ModelFile, value: JSONValue) -> dict[str, str]:
    """The template itself, or a list of named ones."""
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


def _builtin(model_file: ModelFile, tokenizer: Tokenizer) -> str:
    """The template of the family whose tokens the vocabulary has; ChatML where none fits."""
    fitting = (
        name
        for tokens, name in _FAMILIES
        if all(tokenizer.find_token(token) is not None for token in tokens)
    )
    architecture = model_file.metadata.get(
        "general.architecture", model_file.config.get("model_type")
    )
    name = next(fitting, _OF_ARCHITECTURES.get(str(architecture), "chatml"))
    if name == "phi3" and tokenizer.space_prefix is SpacePrefix.NONE:
        # Phi-4 mini kept the marks of Phi-3 but no line breaks, and changed to byte-level BPE.
        name = "phi4-mini"
    return assets.resource("templates", f"{name}.jinja").read_text(encoding="utf-8")
