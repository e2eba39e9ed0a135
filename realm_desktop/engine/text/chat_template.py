"""Conversations to prompts, the way the model was trained to read them.

Belongs to the intake thread of the engine process, and to the command line. The limits are in
`template_rendering`; what a template may see is decided here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from realm_desktop.engine.text.template_rendering import LIMITS, CompiledTemplate
from realm_desktop.engine.text.template_source import TemplateSource, find_template
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import RequestError, TemplateError
from realm_desktop.formats.model_file import ModelFile

logger = logging.getLogger(__name__)

_ARGUMENT_NAMES = (
    "add_vision_id builtin_tools citation_options clear_thinking controls custom_tools date_string"
    " documents enable_citations enable_thinking grounding interleaved_thinking keep_past_thinking"
    " model_identity preserve_thinking python_tools reasoning_effort reasoning_mode response_format"
    " response_schema safety_mode skip_thinking thinking thinking_budget thinking_effort thinking_mode"
    " tool_choice tools_in_user_message truncate_history_thinking use_json_tooldef xml_tools"
)
ARGUMENTS = frozenset(_ARGUMENT_NAMES.split())
"""Names that `extra` may set; the others belong to us."""

_DEFAULT_CONTEXT = 1 << 17
_CHARACTERS_PER_TOKEN = 4
_MIN_OUTPUT_CHARACTERS = 1 << 16
_MAX_VALUE_DEPTH = 64
_REASONING_NAMES = ("reasoning_content", "thinking", "reasoning")


def build_chat_template(
    model_file: ModelFile,
    tokenizer: Tokenizer,
    *,
    source: str | None = None,
    is_builtin: bool = False,
) -> ChatTemplate:
    """The chat template of a model, compiled and tried once.

    Args:
        model_file: Where the template is; without one, a built-in template serves.
        tokenizer: Of the same file.
        source: Used instead of the file's template.
        is_builtin: The built-in template is used instead of the file's.

    Raises:
        TemplateError: It cannot be compiled, or breaks a limit on a conversation of one word.
        CorruptFile: It is not a string.
    """
    if source is None:
        templates = find_template(model_file, tokenizer, is_builtin=is_builtin)
    else:
        templates = TemplateSource(source, None, is_builtin=False)
    template = ChatTemplate(templates, tokenizer, _context_length(model_file))
    try:
        template.render([{"role": "user", "content": "Hello"}])
    except TemplateError as error:
        if error.field in LIMITS:
            raise
        # Templates may ask for more than this trial gives, such as a system message.
        logger.info("trial rendering: %s", error.message)
    return template


class ChatTemplate:
    """Renders conversations.

    Args:
        templates: The texts.
        tokenizer: Of the loaded model.
        context_length: Of the model, in tokens; bounds the output.
    """

    def __init__(
        self, templates: TemplateSource, tokenizer: Tokenizer, context_length: int
    ) -> None:
        self._tokenizer = tokenizer
        self._max_output_characters = max(
            _CHARACTERS_PER_TOKEN * context_length, _MIN_OUTPUT_CHARACTERS
        )
        self._default = CompiledTemplate(templates.default)
        self._tool_use = self._default
        if templates.tool_use is not None:
            self._tool_use = CompiledTemplate(templates.tool_use)
        self.is_builtin = templates.is_builtin

    def render(
        self,
        messages: Sequence[Mapping[str, object]],
        *,
        add_generation_prompt: bool = True,
        tools: Sequence[object] | None = None,
        clock_s: float = 0.0,
        extra: Mapping[str, object] | None = None,
    ) -> str:
        """The prompt text of a conversation, as transformers renders it.

        Args:
            messages: Each with `role`, `content` and whatever else the template reads.
            add_generation_prompt: End with the head of the assistant's turn.
            tools: JSON Schema descriptions of functions.
            clock_s: Unix time that the template may show.
            extra: Further template arguments, from `ARGUMENTS`.

        Raises:
            TemplateError: It failed or broke a limit.
            RequestError: A value is not plain JSON, or an argument has an unknown name.
        """
        variables = self._variables(messages, tools, extra or {})
        variables["add_generation_prompt"] = add_generation_prompt
        template = self._default if tools is None else self._tool_use
        # A long conversation is refused for its tokens later, not here for its characters.
        limit = max(self._max_output_characters, 2 * len(repr(variables)))
        return template.render(variables, clock_s=clock_s, max_output_characters=limit)

    def encode(
        self,
        messages: Sequence[Mapping[str, object]],
        *,
        add_generation_prompt: bool = True,
        tools: Sequence[object] | None = None,
        clock_s: float = 0.0,
        extra: Mapping[str, object] | None = None,
    ) -> list[int]:
        """The prompt's token ids; arguments and errors as of `render`."""
        text = self.render(
            messages,
            add_generation_prompt=add_generation_prompt,
            tools=tools,
            clock_s=clock_s,
            extra=extra,
        )
        return self.encode_text(text)

    def encode_text(self, text: str) -> list[int]:
        """Token ids of a rendered prompt: one BOS where the model wants it, whoever writes it."""
        ids = self._tokenizer.encode(text, add_special=False, parse_special=True)
        bos_id = self._tokenizer.bos_id
        if self._tokenizer.adds_bos and bos_id is not None and ids[:1] != [bos_id]:
            ids.insert(0, bos_id)
        return ids

    def _variables(
        self,
        messages: Sequence[Mapping[str, object]],
        tools: Sequence[object] | None,
        extra: Mapping[str, object],
    ) -> dict[str, object]:
        unknown = sorted(set(extra) - ARGUMENTS)
        if unknown:
            raise RequestError(
                f"the template argument {unknown[0]!r:.40} is unknown",
                advice=f"Known are {', '.join(sorted(ARGUMENTS))}.",
                field=unknown[0][:40],
            )
        variables: dict[str, object] = dict(self._tokenizer.named_tokens)
        variables.update(
            {"documents": None, **{name: _plain(value) for name, value in extra.items()}}
        )
        variables["messages"] = [_plain_message(message) for message in messages]
        variables["tools"] = None if tools is None else _plain(list(tools))
        return variables


def _plain_message(message: Mapping[str, object]) -> object:
    """A message of plain values, its reasoning under the names that templates read."""
    if not isinstance(message, Mapping):
        raise RequestError(
            f"a message is {type(message).__name__}; an object is expected", field="messages"
        )
    plain = _plain(dict(message))
    assert isinstance(plain, dict)
    given = (plain.get(name) for name in _REASONING_NAMES)
    reasoning = next((value for value in given if value is not None), None)
    if reasoning is not None:
        plain = {"thinking": reasoning, **plain, "reasoning_content": reasoning}
    return plain


def _plain(value: object, depth: int = 0) -> object:
    """A copy of plain values; whatever has methods of its own is refused."""
    if depth > _MAX_VALUE_DEPTH:
        raise RequestError(
            f"a message or tool is nested more than {_MAX_VALUE_DEPTH} deep", field="messages"
        )
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    raise RequestError(
        f"a message holds a {type(value).__name__}; JSON values are expected", field="messages"
    )


def _context_length(model_file: ModelFile) -> int:
    architecture = model_file.metadata.get("general.architecture", "")
    for value in (
        model_file.metadata.get(f"{architecture}.context_length"),
        model_file.config.get("max_position_embeddings"),
    ):
        if type(value) is int and 0 < value <= 1 << 24:
            return value
    return _DEFAULT_CONTEXT
