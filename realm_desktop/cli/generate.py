"""`generate`: complete prompts; all of them together in one batch."""

from __future__ import annotations

import time
from argparse import Namespace
from collections import deque
from collections.abc import Iterable, Mapping

from realm_desktop.cli.adapters import load_adapters
from realm_desktop.cli.answers import Answer, Asked
from realm_desktop.cli.engine_session import EngineSession
from realm_desktop.cli.input_lines import parse_object, read_lines
from realm_desktop.cli.model_path import draft_path, model_path, packed_folder, self_test_folder
from realm_desktop.cli.output import ExitStatus, Output, exit_status
from realm_desktop.cli.requests import (
    build_request,
    draft_model_field,
    fields_of_flags,
    num_replies_field,
)
from realm_desktop.errors import RealmError, RequestError, UsageError
from realm_desktop.events import Failed, Finished, TextDelta
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import (
    Generate,
    GenerateRequest,
    LoadModel,
    RequestId,
    several_replies,
)


def generate(values: Namespace, output: Output) -> ExitStatus:
    """Write one answer per request, in their order."""
    asked, draft_model = _read_requests(values)
    command = LoadModel(
        str(model_path(values.model)),
        values.device,
        values.threads,
        draft_path=draft_path(draft_model),
        kv_cache_dtype=values.kv_cache_dtype,
        packed_folder=packed_folder(values),
        self_test_folder=self_test_folder(values),
        is_device_required=True,
    )
    with EngineSession(values.threads) as session:
        session.load(command, output.write_progress)
        asked = _with_adapters(session, asked)
        batch = _Batch(asked, output, is_stream=values.stream)
        return batch.run(session, values.parallel or batch.num_requests)


_AllAsked = list[Asked | RealmError]


def _with_adapters(session: EngineSession, asked: _AllAsked) -> _AllAsked:
    """Load what the requests name; one whose adapter is refused becomes the reason."""
    firsts = [entry if isinstance(entry, RealmError) else entry.requests[0] for entry in asked]
    checked = load_adapters(session.load_adapter, firsts)
    return [
        found if isinstance(found, RealmError) else entry
        for entry, found in zip(asked, checked, strict=True)
    ]


def _read_requests(values: Namespace) -> tuple[_AllAsked, str | None]:
    """The requests, each sound or with the reason why not, and the draft model they name.

    Raises:
        RequestError: The only request is not sound.
        UsageError: There is no request.
    """
    defaults = fields_of_flags(values)
    clock_s = time.time()
    if not values.jsonl:
        if values.prompt is None and values.chat is None:
            raise UsageError(
                "generate needs a prompt", advice="Use --prompt, --chat or --jsonl.", field="prompt"
            )
        return [_asked(defaults, "0", clock_s)], draft_model_field(defaults)
    if values.prompt is not None or values.chat is not None:
        raise UsageError(
            "--prompt and --chat do not go with --jsonl", advice="Use one of them.", field="prompt"
        )
    asked: _AllAsked = []
    draft_model: str | None = None
    for index, line in enumerate(read_lines()):
        try:
            fields = {**defaults, **parse_object(line)}
            draft_model = _same_draft_model(draft_model, draft_model_field(fields))
            asked.append(_asked(fields, str(index), clock_s))
        except RealmError as error:
            asked.append(error)
    return asked, draft_model


def _asked(fields: Mapping[str, JSONValue], request_id: str, clock_s: float) -> Asked:
    """The requests of one answer.

    Raises:
        RequestError: A field is not sound.
    """
    request = build_request(fields, request_id, clock_s)
    requests = several_replies(request, num_replies_field(fields))
    return Asked(requests, has_logprobs=request.sampling.logprobs is not None)


def _same_draft_model(known: str | None, named: str | None) -> str | None:
    """The one draft model of the run.

    Raises:
        RequestError: A line names another one than the lines before it.
    """
    if known is not None and named is not None and named != known:
        raise RequestError(
            f"draft_model is {named!r:.200}; requests before it name {known!r:.200}, and a run has"
            " one draft model",
            field="draft_model",
        )
    return known or named


class _Batch:
    """All requests of a run, their answers, and how many of these are written.

    Args:
        asked: What each answer needs, or the reason why there will be none.
        output: Where answers go.
        is_stream: Write text as it comes.
    """

    def __init__(
        self, asked: Iterable[Asked | RealmError], output: Output, *, is_stream: bool
    ) -> None:
        self._output = output
        self._is_stream = is_stream
        self._answers = [Answer(entry) for entry in asked]
        self._open: dict[RequestId, tuple[int, int]] = {}
        self._waiting: deque[GenerateRequest] = deque()
        self._num_written = 0
        self._status = ExitStatus.DONE
        for index, answer in enumerate(self._answers):
            for number, reply in enumerate(answer.replies):
                self._open[reply.request.request_id] = (index, number)
                self._waiting.append(reply.request)

    @property
    def num_requests(self) -> int:
        """How many requests are to be sent."""
        return len(self._waiting)

    def run(self, session: EngineSession, num_parallel: int) -> ExitStatus:
        """Send the requests, at most so many at a time, and write the answers."""
        num_open = 0
        # Requests that were refused have their answers already.
        self._write_done()
        while self._waiting or num_open:
            free = min(num_parallel - num_open, len(self._waiting))
            if free:
                session.send(*(Generate(self._waiting.popleft()) for _ in range(free)))
                num_open += free
            for event in session.receive():
                if isinstance(event, TextDelta):
                    self._take_delta(event)
                elif isinstance(event, (Finished, Failed)):
                    self._take_end(event)
                    num_open -= 1
            self._write_done()
        return self._status

    def _take_delta(self, event: TextDelta) -> None:
        index, number = self._open[event.request_id]
        answer = self._answers[index]
        answer.replies[number].take(event)
        if not self._is_stream:
            return
        if self._output.is_json:
            delta = {"text": event.text, "ids": list(event.token_ids)}
            choice = {"choice": number} if answer.has_choices else {}
            self._output.write_json({"index": index, **choice, "delta": delta})
        elif not answer.has_choices:  # several texts at once are not to be read
            self._output.write_text(event.text)

    def _take_end(self, event: Finished | Failed) -> None:
        index, number = self._open.pop(event.request_id)
        self._answers[index].replies[number].end = event

    def _write_done(self) -> None:
        """Write the answers whose turn it is."""
        while self._num_written < len(self._answers) and self._answers[self._num_written].is_done:
            answer = self._answers[self._num_written]
            self._num_written += 1
            error = answer.error
            if error is not None:
                self._status = max(self._status, exit_status(error))
                self._output.write_error(error)
            elif self._output.is_json:
                self._output.write_json(answer.as_dict())
            elif self._is_stream and not answer.has_choices:
                self._output.write_text("\n")
            else:
                self._output.write_text("".join(f"{text}\n" for text in answer.texts()))
