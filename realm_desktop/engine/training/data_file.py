"""Reads the examples of a data file: JSON lines or ChatML text, within limits.

    {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}
    {"prompt": "…", "completion": "…"}

one object per line, where an assistant message with `"weight": 0` is read but not learned; or

    <|im_start|>user
    …<|im_end|>
    <|im_start|>assistant
    …<|im_end|>

where an empty line or a system message begins the next conversation. Files are written by others:
whatever cannot be used is refused with the number of its line. Knows neither models nor torch.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn, cast, get_args

from realm_desktop.errors import InvalidJson, TrainingDataError
from realm_desktop.formats import strict_json
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import ChatMessage, Role

MAX_FILE_BYTES = 256 * 2**20
MAX_LINE_BYTES = 8 * 2**20
MAX_EXAMPLES = 100_000
MAX_MESSAGES = 1_000

_ROLES = get_args(Role)
_TURN_START = "<|im_start|>"
_TURN_END = "<|im_end|>"
# A turn ends where its mark stands; whatever lies between two turns must be blank.
_TURN = re.compile(
    r"(?P<gap>\s*)<\|im_start\|>(?P<role>[^\n]*)\n(?P<content>.*?)<\|im_end\|>", re.DOTALL
)
_ADVICE = (
    'Each line is {"messages": [{"role": …, "content": …}, …]} or {"prompt": …, "completion": …}; '
    "or the file is ChatML text."
)


class ChatExample(NamedTuple):
    """A conversation; the model learns its assistant messages but those at the places `skipped`."""

    line: int
    messages: tuple[ChatMessage, ...]
    skipped: frozenset[int] = frozenset()


class PlainExample(NamedTuple):
    """Raw text; the model learns the completion."""

    line: int
    prompt: str
    completion: str


Example = ChatExample | PlainExample


class DataFile(NamedTuple):
    """What a data file holds, and the SHA-256 of its bytes."""

    examples: tuple[Example, ...]
    digest: str


def read_data_file(path: Path) -> DataFile:
    """All examples of a file.

    Raises:
        TrainingDataError: A line cannot be used, names its number; or the file is too large or empty.
        ModelFileError: The file cannot be read.
    """
    with open_checked(path) as (file, size):
        if size > MAX_FILE_BYTES:
            _refuse(path, None, f"has {size:,} bytes; at most {MAX_FILE_BYTES:,} can be read")
        data = file.read(size)
    try:
        # Editors of Windows put a mark in front.
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(path, line, "is not UTF-8 text")
    is_chatml = text.lstrip().startswith(_TURN_START)
    examples = tuple((_read_chatml if is_chatml else _read_lines)(path, text))
    if not examples:
        _refuse(path, None, "holds no examples")
    return DataFile(examples, hashlib.sha256(data).hexdigest())


def _read_lines(path: Path, text: str) -> Iterator[Example]:
    count = 0
    # Not splitlines: U+2028 and others may stand inside a string of JSON.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        count += 1
        if count > MAX_EXAMPLES:
            _refuse(path, number, f"is beyond the {MAX_EXAMPLES:,} examples that can be read")
        if len(line) > MAX_LINE_BYTES:
            _refuse(path, number, f"has {len(line):,} characters; at most {MAX_LINE_BYTES:,}")
        yield _example(path, number, line)


def _example(path: Path, number: int, line: str) -> Example:
    try:
        value = strict_json.loads(line)
    except InvalidJson as error:
        reason = error.message.rstrip(".")
        _refuse(path, number, f"cannot be read: {reason}")
    if not isinstance(value, dict):
        _refuse(path, number, f"is a {type(value).__name__}; an object is expected")
    if "messages" in value:
        return _conversation(path, number, value["messages"])
    if "prompt" not in value or "completion" not in value:
        found = ", ".join(quote(name, 20) for name in list(value)[:5]) or "nothing"
        _refuse(path, number, f'has {found}; "messages", or "prompt" and "completion", is expected')
    prompt = _text(path, number, "prompt", value["prompt"])
    completion = _text(path, number, "completion", value["completion"])
    if not completion:
        _refuse(path, number, "has an empty completion")
    return PlainExample(number, prompt, completion)


def _conversation(path: Path, number: int, value: JSONValue) -> ChatExample:
    if not isinstance(value, list) or not value:
        _refuse(path, number, "has messages that are no list with at least one message")
    if len(value) > MAX_MESSAGES:
        _refuse(path, number, f"has {len(value):,} messages; at most {MAX_MESSAGES:,}")
    messages = tuple(_message(path, number, item) for item in value)
    skipped = frozenset(
        place
        for place, item in enumerate(value)
        if isinstance(item, dict) and _is_skipped(path, number, item)
    )
    _check(path, number, [m for place, m in enumerate(messages) if place not in skipped])
    return ChatExample(number, messages, skipped)


def _is_skipped(path: Path, number: int, value: dict[str, JSONValue]) -> bool:
    weight = value.get("weight", 1)
    if weight not in (0, 1):
        _refuse(path, number, f"has the weight {quote(str(weight), 20)}; 0 or 1 is expected")
    return weight == 0


def _message(path: Path, number: int, value: JSONValue) -> ChatMessage:
    if not isinstance(value, dict):
        _refuse(path, number, "has a message that is no object with role and content")
    role = _text(path, number, "role", value.get("role"))
    return _turn(path, number, role, _text(path, number, "content", value.get("content")))


def _read_chatml(path: Path, text: str) -> Iterator[Example]:
    """Conversations of a ChatML text."""
    turns: list[ChatMessage] = []
    first_line = 1
    count = 0
    for number, gap, turn in _chatml_turns(path, text):
        if turns and ("\n\n" in gap or turn.role == "system"):
            _check(path, first_line, turns)
            yield ChatExample(first_line, tuple(turns))
            count += 1
            turns = []
        if count >= MAX_EXAMPLES or len(turns) >= MAX_MESSAGES:
            _refuse(path, number, f"is beyond {MAX_EXAMPLES:,} examples of {MAX_MESSAGES:,} turns")
        first_line = first_line if turns else number
        turns.append(turn)
    if turns:
        _check(path, first_line, turns)
        yield ChatExample(first_line, tuple(turns))


def _chatml_turns(path: Path, text: str) -> Iterator[tuple[int, str, ChatMessage]]:
    """Every turn, with its line and the blanks before it."""
    number = 1
    end = 0
    # A match at one place, no search: that reads the rest of the file again for each turn without
    # an end, which takes hours for a file of nothing else.
    while match := _TURN.match(text, end):
        number += match["gap"].count("\n")
        turn = _turn(path, number, match["role"].strip(), match["content"].strip("\n"))
        yield number, match["gap"], turn
        number += match[0].count("\n") - match["gap"].count("\n")
        end = match.end()
    rest = text[end:].lstrip()
    if not rest:
        return
    number += text.count("\n", end, len(text) - len(rest))
    if rest.startswith(_TURN_START):
        _refuse(path, number, f"begins a turn that {_TURN_END} does not end")
    _refuse(path, number, f"has text outside of a turn: {quote(rest, 30)}")


def _turn(path: Path, number: int, role: str, content: str) -> ChatMessage:
    if role not in _ROLES:
        _refuse(path, number, f"has the role {quote(role, 30)!r}; {', '.join(_ROLES)} are known")
    return ChatMessage(cast("Role", role), content)


def _check(path: Path, number: int, turns: Iterable[ChatMessage]) -> None:
    if not any(turn.role == "assistant" and turn.content for turn in turns):
        _refuse(path, number, "has no assistant message to learn from")


def _text(path: Path, number: int, name: str, value: JSONValue) -> str:
    if not isinstance(value, str):
        _refuse(path, number, f"has a {name} that is no text")
    return value


def _refuse(path: Path, number: int | None, fault: str) -> NoReturn:
    place = f"{quote(path.name)} " if number is None else f"{quote(path.name)}: line {number} "
    raise TrainingDataError(
        f"{place}{fault}.",
        advice=_ADVICE,
        file=path,
        field="data" if number is None else f"line {number}",
    )
