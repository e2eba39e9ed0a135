"""Turns examples into token ids, and marks those that the model shall learn to say.

A reply is encoded behind its prompt exactly as the engine meets both: the prompt ends with the head
of the assistant's turn, and the reply begins anew. Runs no torch operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from realm_desktop.engine.text.chat_template import ChatTemplate
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine.training.data_file import ChatExample, Example, PlainExample
from realm_desktop.errors import RequestError, TemplateError, TrainingDataError
from realm_desktop.protocol import ChatMessage


class EncodedExample(NamedTuple):
    """One sequence.

    Attributes:
        ids: Token ids.
        is_target: Per token, whether the model shall say it when it has read those before.
    """

    ids: tuple[int, ...]
    is_target: tuple[bool, ...]

    @property
    def num_targets(self) -> int:
        """Tokens to learn; the first token has none before it."""
        return sum(self.is_target[1:])


@dataclass(frozen=True, slots=True)
class EncodedData:
    """What examples became.

    Attributes:
        examples: In the order of the file.
        num_cut: Sequences that lost their end.
        num_dropped: Sequences that had nothing to learn from within the length.
    """

    examples: tuple[EncodedExample, ...]
    num_cut: int
    num_dropped: int


class ExampleEncoder:
    """Encodes examples for one model.

    Args:
        tokenizer: Of the model.
        template: Its chat template; None if it has none, and then plain examples alone can be used.
        max_tokens: Longest sequence.
        clock_s: Unix time that the template may show.
    """

    def __init__(
        self, tokenizer: Tokenizer, template: ChatTemplate | None, max_tokens: int, clock_s: float
    ) -> None:
        self._tokenizer = tokenizer
        self._template = template
        self._max_tokens = max_tokens
        self._clock_s = clock_s

    def encode(self, examples: Iterable[Example]) -> EncodedData:
        """All examples, cut to the longest sequence.

        Raises:
            TrainingDataError: The template refuses a conversation, or nothing is left to learn.
        """
        kept: list[EncodedExample] = []
        num_cut = num_dropped = 0
        for example in examples:
            for sequence in self._sequences(example):
                is_long = len(sequence.ids) > self._max_tokens
                cut = EncodedExample(
                    sequence.ids[: self._max_tokens], sequence.is_target[: self._max_tokens]
                )
                if not cut.num_targets:
                    num_dropped += 1
                    continue
                num_cut += is_long
                kept.append(cut)
        if not kept:
            raise TrainingDataError(
                f"No example has anything to learn within {self._max_tokens:,} tokens.",
                advice="Give shorter examples, or allow longer ones.",
                field="data",
            )
        return EncodedData(tuple(kept), num_cut, num_dropped)

    def _sequences(self, example: Example) -> list[EncodedExample]:
        if isinstance(example, PlainExample):
            return [self._plain(example)]
        try:
            return self._chat(example)
        except (TemplateError, RequestError) as error:
            raise TrainingDataError(
                f"line {example.line}: the model's chat template refuses this conversation:"
                f" {error.message}",
                advice="Change the order or the roles of its messages, or leave it out.",
                field=f"line {example.line}",
            ) from error

    def _plain(self, example: PlainExample) -> EncodedExample:
        tokenizer = self._tokenizer
        prompt = tokenizer.encode(example.prompt, add_special=False, parse_special=True)
        if tokenizer.adds_bos and tokenizer.bos_id is not None:
            prompt.insert(0, tokenizer.bos_id)
        reply = tokenizer.encode(example.completion, add_special=False, parse_special=False)
        if tokenizer.eos_id is not None:
            reply.append(tokenizer.eos_id)
        return _joined([(prompt, False), (reply, True)])

    def _chat(self, example: ChatExample) -> list[EncodedExample]:
        """One sequence, or one per reply where the template shows earlier replies in another way."""
        if self._template is None:
            raise TemplateError("the model has no chat template")
        turns = [
            self._turn(example.messages, place)
            for place, message in enumerate(example.messages)
            if message.role == "assistant" and message.content and place not in example.skipped
        ]
        parts: list[tuple[list[int], bool]] = []
        shown = ""
        for turn in turns:
            if not turn.head.startswith(shown):
                # Such as templates that take the reasoning out of all replies but the last.
                return [_joined([(self._ids(one.head), False), *one.reply]) for one in turns]
            parts += [(self._ids(turn.head, shown), False), *turn.reply]
            shown = turn.whole
        return [_joined(parts)]

    def _turn(self, messages: Sequence[ChatMessage], place: int) -> _Turn:
        head = self._render(messages[:place], is_open=True)
        whole = self._render(messages[: place + 1], is_open=False)
        content = messages[place].content
        if whole.startswith(head):
            tail = whole[len(head) :]
        else:
            # The head opens what the finished turn does not show, such as a thought.
            begin = whole.rfind(content.strip())
            tail = whole[begin:] if begin >= 0 else content
        return _Turn(head, whole, self._reply(tail))

    def _reply(self, tail: str) -> list[tuple[list[int], bool]]:
        """The tokens to say, up to the one that ends a reply, and those behind, never said."""
        ids = self._tokenizer.encode(tail, add_special=False, parse_special=True)
        ends = self._tokenizer.end_ids
        last = next((place for place, one in enumerate(ids) if one in ends), len(ids) - 1)
        return [(ids[: last + 1], True), (ids[last + 1 :], False)]

    def _ids(self, head: str, shown: str = "") -> list[int]:
        """What stands between the turns before and the reply; at the start the whole prompt."""
        assert self._template is not None
        if not shown:
            return self._template.encode_text(head)
        rest = head[len(shown) :]
        return self._tokenizer.encode(rest, add_special=False, parse_special=True)

    def _render(self, messages: Sequence[ChatMessage], *, is_open: bool) -> str:
        assert self._template is not None
        return self._template.render(
            [asdict(message) for message in messages],
            add_generation_prompt=is_open,
            clock_s=self._clock_s,
        )


class _Turn(NamedTuple):
    """An assistant turn: the text before it, the text with it, and its tokens."""

    head: str
    whole: str
    reply: list[tuple[list[int], bool]]


def _joined(parts: Iterable[tuple[list[int], bool]]) -> EncodedExample:
    ids: list[int] = []
    is_target: list[bool] = []
    for part, is_said in parts:
        ids += part
        is_target += [is_said] * len(part)
    return EncodedExample(tuple(ids), tuple(is_target))
