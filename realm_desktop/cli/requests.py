"""Requests of `generate` as the contract writes them, checked field by field."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import get_args

from realm_desktop.cli.adapters import adapters_field, adapters_of_flags
from realm_desktop.cli.input_lines import ids_field, refuse_unknown_fields, text_field, wrong_type
from realm_desktop.cli.sampling_fields import (
    FORM_FIELDS,
    SAMPLING_FIELDS,
    file_text,
    form_of_text,
    integer,
    number,
    sampling_of_flags,
    sampling_params,
    texts,
)
from realm_desktop.errors import RequestError
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import (
    ChatMessage,
    GenerateRequest,
    Priority,
    RequestId,
    Role,
    Speculation,
    SpeculationMode,
    WorkspaceId,
)

_PROMPTS = ("prompt", "ids", "messages")
_FIELDS = frozenset(
    [
        *_PROMPTS,
        *SAMPLING_FIELDS,
        *FORM_FIELDS,
        *("adapters", "priority", "workspace", "clock_s"),
        *("speculation", "draft_model", "draft_corpus", "n"),
    ]
)


def fields_of_flags(values: Namespace) -> dict[str, JSONValue]:
    """The request fields that were given as flags."""
    corpus = values.draft_corpus
    flags = {
        **sampling_of_flags(values),
        "priority": values.priority,
        "workspace": values.workspace,
        "adapters": adapters_of_flags(values.adapter),
        "speculation": values.speculation,
        "draft_model": values.draft_model,
        "draft_corpus": corpus and [file_text("draft_corpus", path) for path in corpus],
        "n": values.n,
        "prompt": values.prompt,
        "messages": None if values.chat is None else [{"role": "user", "content": values.chat}],
    }
    return {name: value for name, value in flags.items() if value is not None}


def build_request(
    fields: Mapping[str, JSONValue], request_id: str, clock_s: float
) -> GenerateRequest:
    """The request behind a JSON object.

    Args:
        fields: As in a line of input.
        request_id: Unique among the open requests.
        clock_s: Unix time for the chat template, unless the fields name one.

    Raises:
        RequestError: A field is unknown, of a wrong type or out of range.
    """
    refuse_unknown_fields(fields, _FIELDS)
    given = {name: value for name, value in fields.items() if value is not None}
    prompts = [name for name in _PROMPTS if name in given]
    if len(prompts) != 1:
        found = " and ".join(prompts) or "none"
        raise RequestError(
            f"a request needs exactly one of prompt, ids and messages; found is {found}",
            field="prompt",
        )
    form = form_of_text(given)
    return GenerateRequest(
        request_id=RequestId(request_id),
        workspace_id=WorkspaceId(text_field({"workspace": "general", **given}, "workspace")),
        messages=_messages(given),
        prompt=text_field(given, "prompt") if "prompt" in given else None,
        prompt_token_ids=tuple(ids_field(given)) if "ids" in given else None,
        sampling=sampling_params(given),
        adapters=adapters_field(given),
        speculation=_speculation(given),
        draft_corpus=texts("draft_corpus", given.get("draft_corpus", [])),
        priority=_priority(given),
        clock_s=number("clock_s", given.get("clock_s", clock_s)),
        json_schema=form.get("json_schema"),
        regex=form.get("regex"),
        grammar=form.get("grammar"),
    )


def _messages(given: Mapping[str, JSONValue]) -> tuple[ChatMessage, ...]:
    if "messages" not in given:
        return ()
    values = given["messages"]
    if not isinstance(values, list) or not values:
        raise wrong_type("messages", values, "a list of at least one message")
    return tuple(_message(value) for value in values)


def _message(value: JSONValue) -> ChatMessage:
    if not isinstance(value, dict):
        raise wrong_type("messages", value, "objects with role and content")
    refuse_unknown_fields(value, frozenset(["role", "content"]))
    role: Role | None = next((role for role in get_args(Role) if role == value.get("role")), None)
    if role is None:
        raise RequestError(
            f"the role of a message is {value.get('role')!r:.40}; expected is one of"
            f" {', '.join(get_args(Role))}",
            field="role",
        )
    return ChatMessage(role, text_field(value, "content"))


def draft_model_field(fields: Mapping[str, JSONValue]) -> str | None:
    """The draft model that a request names; all requests of a run share one.

    Raises:
        RequestError: It is not a text.
    """
    return None if fields.get("draft_model") is None else text_field(fields, "draft_model")


def num_replies_field(fields: Mapping[str, JSONValue]) -> int:
    """How many replies a request asks for, 1 unless it says so.

    Raises:
        RequestError: It is not a whole number.
    """
    return 1 if fields.get("n") is None else integer("n", fields["n"])


def _speculation(given: Mapping[str, JSONValue]) -> Speculation:
    """A mode, or an object with mode and max_draft_tokens; a draft model alone means auto."""
    value = given.get("speculation", "auto" if "draft_model" in given else "off")
    if not isinstance(value, dict):
        return Speculation(speculation_mode(value))
    refuse_unknown_fields(value, frozenset(["mode", "max_draft_tokens"]))
    mode = speculation_mode(value.get("mode", "auto"))
    if "max_draft_tokens" not in value:
        return Speculation(mode)
    return Speculation(mode, integer("max_draft_tokens", value["max_draft_tokens"]))


def speculation_mode(value: JSONValue) -> SpeculationMode:
    """A mode by its name.

    Raises:
        RequestError: There is none of this name.
    """
    found = next((mode for mode in SpeculationMode if mode.value == value), None)
    if found is None:
        names = ", ".join(mode.value for mode in SpeculationMode)
        raise RequestError(
            f"speculation is {value!r:.40}; expected is one of {names}", field="speculation"
        )
    return found


def _priority(given: Mapping[str, JSONValue]) -> Priority:
    value = given.get("priority", "normal")
    found = next((item for item in Priority if item.name.lower() == value), None)
    if found is None:
        names = ", ".join(item.name.lower() for item in Priority)
        raise RequestError(
            f"priority is {value!r:.40}; expected is one of {names}", field="priority"
        )
    return found
