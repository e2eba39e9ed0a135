"""The values that the corpus is made of, and their ChatML text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Role = Literal["system", "user", "assistant"]

START = "<|im_start|>"
END = "<|im_end|>"
END_OF_TEXT = "<|endoftext|>"

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' "
    "+ message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class Message(NamedTuple):
    """One turn; `stress` are phrases of it that the loss counts more, such as a name or a result."""

    role: Role
    content: str
    stress: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, and follow-ups that need both.

    Attributes:
        kind: "product", "talk", "refusal", "everyday", "arithmetic", "story" or "rewriting".
        key: Names what is asked, for evaluation.
        question: As typed.
        answer: Whole sentences.
        follow_ups: Further question and answer pairs that only make sense after this one.
        must: Phrases of which a right answer contains every one, in any case.
    """

    kind: str
    key: str
    question: str
    answer: str
    follow_ups: tuple[tuple[str, str], ...] = ()
    must: tuple[str, ...] = ()


Conversation = tuple[Message, ...]


def to_chatml(messages: Conversation, *, add_generation_prompt: bool = False) -> str:
    """The text that the chat template gives for these messages."""
    turns = [f"{START}{role}\n{content}{END}\n" for role, content, _ in messages]
    if add_generation_prompt:
        turns.append(f"{START}assistant\n")
    return "".join(turns)
