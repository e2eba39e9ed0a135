"""`generate`: complete prompts; all of them together in one batch."""

from __future__ import annotations

import math
import time
from argparse import Namespace
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from realm_desktop.cli.adapters import load_adapters
from realm_desktop.cli.engine_session import EngineSession
from realm_desktop.cli.input_lines import parse_object, read_lines
from realm_desktop.cli.model_path import draft_path, model_path
from realm_desktop.cli.output import ExitStatus, Output, as_error, exit_status
from realm_desktop.cli.requests import build_request, draft_model_field, fields_of_flags
from realm_desktop.errors import RealmError, RequestError, UsageError
from realm_desktop.events import Failed, Finished, GenerationStats, TextDelta, TokenLogprob
from realm_desktop.protocol import Generate, GenerateRequest, LoadModel


def generate(values: Namespace, output: Output) -> ExitStatus:
    """Write one answer per request, in their order."""
    requests, draft_model = _read_requests(values)
    command = LoadModel(
        str(model_path(values.model)),
        values.device,
        values.threads,
        draft_path=draft_path(draft_model),
    )
    with EngineSession(values.threads) as session:
        session.load(command, output.write_progress)
        requests = load_adapters(session.load_adapter, requests)
        batch = _Batch(requests, output, is_stream=values.stream)
        return batch.run(session, values.parallel or len(requests))


_Requests = list[GenerateRequest | RealmError]


def _read_requests(values: Namespace) -> tuple[_Requests, str | None]:
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
        return [build_request(defaults, "0", clock_s)], draft_model_field(defaults)
    if values.prompt is not None or values.chat is not None:
        raise UsageError(
            "--prompt and --chat do not go with --jsonl", advice="Use one of them.", field="prompt"
        )
    requests: _Requests = []
    draft_model: str | None = None
    for index, line in enumerate(read_lines()):
        try:
            fields = {**defaults, **parse_object(line)}
            draft_model = _same_draft_model(draft_model, draft_model_field(fields))
            requests.append(build_request(fields, str(index), clock_s))
        except RealmError as error:
            requests.append(error)
    return requests, draft_model


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


@dataclass(slots=True)
class _Reply:
    """What has come of one request."""

    texts: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    is_done: bool = False
    result: dict[str, object] = field(default_factory=dict)
    error: RealmError | None = None


class _Batch:
    """All requests of a run, their replies, and how many of these are written.

    Args:
        requests: Sound ones, or the reason why not.
        output: Where answers go.
        is_stream: Write text as it comes.
    """

    def __init__(
        self, requests: Iterable[GenerateRequest | RealmError], output: Output, *, is_stream: bool
    ) -> None:
        self._output = output
        self._is_stream = is_stream
        self._replies: list[_Reply] = []
        self._waiting: deque[GenerateRequest] = deque()
        self._has_logprobs: list[bool] = []
        self._num_written = 0
        self._status = ExitStatus.DONE
        for request in requests:
            if isinstance(request, GenerateRequest):
                self._waiting.append(request)
                self._replies.append(_Reply())
                self._has_logprobs.append(request.sampling.logprobs is not None)
            else:
                self._replies.append(_Reply(is_done=True, error=request))
                self._has_logprobs.append(False)

    def run(self, session: EngineSession, num_parallel: int) -> ExitStatus:
        """Send the requests, at most so many at a time, and write the answers."""
        num_open = 0
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
        index = int(event.request_id)
        reply = self._replies[index]
        reply.texts.append(event.text)
        reply.ids.extend(event.token_ids)
        reply.logprobs.extend(event.logprobs)
        if not self._is_stream:
            return
        if self._output.is_json:
            delta = {"text": event.text, "ids": list(event.token_ids)}
            self._output.write_json({"index": index, "delta": delta})
        else:
            self._output.write_text(event.text)

    def _take_end(self, event: Finished | Failed) -> None:
        index = int(event.request_id)
        reply = self._replies[index]
        reply.is_done = True
        if isinstance(event, Failed):
            reply.error = as_error(event.error)
            return
        logprobs = reply.logprobs if self._has_logprobs[index] else None
        reply.result = {
            "text": "".join(reply.texts),
            "ids": reply.ids,
            "finish_reason": event.finish_reason.value,
            "logprobs": None if logprobs is None else [_logprob(entry) for entry in logprobs],
            "usage": {
                "prompt_tokens": event.stats.num_prompt_tokens,
                "completion_tokens": event.stats.num_completion_tokens,
                "total_tokens": event.stats.num_prompt_tokens + event.stats.num_completion_tokens,
            },
            "stats": _stats(event.stats),
        }

    def _write_done(self) -> None:
        """Write the answers whose turn it is."""
        while self._num_written < len(self._replies) and self._replies[self._num_written].is_done:
            reply = self._replies[self._num_written]
            self._num_written += 1
            if reply.error is not None:
                self._status = max(self._status, exit_status(reply.error))
                self._output.write_error(reply.error)
            elif self._output.is_json:
                self._output.write_json(reply.result)
            else:
                self._output.write_text("\n" if self._is_stream else f"{reply.result['text']}\n")


def _logprob(entry: TokenLogprob) -> dict[str, object]:
    top = [{"id": token_id, "logprob": _finite(logprob)} for token_id, logprob in entry.top]
    return {"id": entry.token_id, "logprob": _finite(entry.logprob), "top": top}


def _finite(logprob: float) -> float | None:
    """JSON has no infinity: a token that cannot occur has no logprob."""
    return logprob if math.isfinite(logprob) else None


def _stats(stats: GenerationStats) -> dict[str, object]:
    return {
        "prompt_tokens_per_s": stats.prefill_tokens_per_s,
        "decode_tokens_per_s": stats.decode_tokens_per_s,
        "ttft_s": stats.ttft_s,
        "reused_tokens": stats.num_cached_tokens,
        "drafted": stats.num_drafted_tokens,
        "accepted": stats.num_accepted_tokens,
        "acceptance_rate": stats.acceptance_rate,
        "speculation_speedup": stats.speculation_speedup,
    }
