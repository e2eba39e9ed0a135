"""Finds the chat template of a model: in the file, or the built-in one of its family."""

from __future__ import annotations

from dataclasses import dataclass

from realm_desktop import assets
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine.text.vocabulary import SpacePrefix
from realm_desktop.formats.chat_templates import TOOL_USE, default_template, read_templates
from realm_desktop.formats.model_file import ModelFile

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
    templates = {} if is_builtin else read_templates(model_file)
    default = default_template(templates)
    if default is None:
        return TemplateSource(_builtin(model_file, tokenizer), None, is_builtin=True)
    return TemplateSource(default, templates.get(TOOL_USE), is_builtin=False)


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
