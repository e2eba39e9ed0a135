"""`tokenize`, `detokenize` and `render`: the engine's text side, without torch."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from realm_desktop.cli.input_lines import (
    flag_field,
    ids_field,
    parse_object,
    read_lines,
    read_text,
    refuse_unknown_fields,
    text_field,
    wrong_type,
)
from realm_desktop.cli.model_path import model_path
from realm_desktop.cli.output import ExitStatus, Output, error_object, exit_status
from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.template_syntax import MAX_TEMPLATE_BYTES
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.errors import RealmError, RequestError, UsageError
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.strict_json import JSONValue

Answer = Callable[[Mapping[str, JSONValue]], dict[str, object]]

_TOKENIZE_FIELDS = frozenset(["text", "add_special", "parse_special"])
_DETOKENIZE_FIELDS = frozenset(["ids", "skip_special"])
_RENDER_FIELDS = ("messages", "tools", "add_generation_prompt", "clock_s")


def tokenize(values: Namespace, output: Output) -> ExitStatus:
    """Write the token ids of standard input, or of each line's text."""
    tokenizer = _open_tokenizer(values.model)
    add_special, parse_special = not values.no_add_special, not values.no_parse_special

    def answer(request: Mapping[str, JSONValue]) -> dict[str, object]:
        refuse_unknown_fields(request, _TOKENIZE_FIELDS)
        ids = tokenizer.encode(
            text_field(request, "text"),
            add_special=flag_field(request, "add_special", default=add_special),
            parse_special=flag_field(request, "parse_special", default=parse_special),
        )
        return {"ids": ids}

    if values.jsonl:
        return _answer_lines(answer, output)
    ids = tokenizer.encode(read_text(), add_special=add_special, parse_special=parse_special)
    if output.is_json:
        output.write_json({"ids": ids})
    else:
        output.write_text(" ".join(map(str, ids)) + "\n")
    return ExitStatus.DONE


def detokenize(values: Namespace, output: Output) -> ExitStatus:
    """Write the text of each line's token ids, or of the numbers on standard input."""
    tokenizer = _open_tokenizer(values.model)

    def answer(request: Mapping[str, JSONValue]) -> dict[str, object]:
        refuse_unknown_fields(request, _DETOKENIZE_FIELDS)
        skip_special = flag_field(request, "skip_special", default=False)
        return {"text": tokenizer.decode(ids_field(request), skip_special=skip_special)}

    if values.jsonl:
        return _answer_lines(answer, output)
    text = tokenizer.decode(_numbers(read_text()))
    if output.is_json:
        output.write_json({"text": text})
    else:
        output.write_text(text)
    return ExitStatus.DONE


def render(values: Namespace, output: Output) -> ExitStatus:
    """Write the prompt of the conversation on standard input."""
    source = None if values.template is None else _read_template(Path(values.template))
    request = parse_object(read_text())
    model_file = open_model(model_path(values.model))
    try:
        tokenizer = build_tokenizer(model_file)
        template = build_chat_template(model_file, tokenizer, source=source)
    finally:
        model_file.close()
    messages, tools = request.get("messages"), request.get("tools")
    if not isinstance(messages, list) or not all(isinstance(item, dict) for item in messages):
        raise wrong_type("messages", messages, "a list of objects")
    if tools is not None and not isinstance(tools, list):
        raise wrong_type("tools", tools, "a list")
    clock_s = request.get("clock_s", 0.0)
    # True and False are numbers to Python.
    if isinstance(clock_s, bool) or not isinstance(clock_s, (int, float)):
        raise wrong_type("clock_s", clock_s, "a number of seconds")
    text = template.render(
        [item for item in messages if isinstance(item, dict)],
        add_generation_prompt=flag_field(request, "add_generation_prompt", default=True),
        tools=tools,
        clock_s=float(clock_s),
        extra={name: value for name, value in request.items() if name not in _RENDER_FIELDS},
    )
    if output.is_json:
        output.write_json({"text": text, "ids": template.encode_text(text)})
    else:
        output.write_text(text)
    return ExitStatus.DONE


def _open_tokenizer(model: str) -> Tokenizer:
    model_file = open_model(model_path(model))
    try:
        return build_tokenizer(model_file)
    finally:
        model_file.close()


def _answer_lines(answer: Answer, output: Output) -> ExitStatus:
    """Answer every line with one line; a refused line does not end the others."""
    status = ExitStatus.DONE
    for line in read_lines():
        try:
            output.write_json(answer(parse_object(line)))
        except RealmError as error:
            output.write_json(error_object(error))
            status = max(status, exit_status(error))
    return status


def _numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.replace(",", " ").split()]
    except ValueError as error:
        raise RequestError(
            "the input holds something that is no token id",
            advice="Write numbers separated by spaces, or use --jsonl.",
            field="ids",
        ) from error


def _read_template(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEMPLATE_BYTES + 1)
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the template {path} cannot be read: {error}",
            advice="Give the path of a Jinja file.",
            file=path,
            field="--template",
        ) from error
