"""What came of the requests behind one answer, and the answer's form in JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from realm_desktop.cli.output import as_error
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import RealmError
from realm_desktop.events import Failed, Finished, TextDelta, TokenLogprob
from realm_desktop.protocol import GenerateRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """What one answer needs.

    Attributes:
        requests: At least one; several are replies to the same prompt.
        has_logprobs: Whether log-probabilities are part of the answer.
    """

    requests: tuple[GenerateRequest, ...]
    has_logprobs: bool


@dataclass(slots=True)
class Reply:
    """What has come of one request."""

    request: GenerateRequest
    texts: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    end: Finished | Failed | None = None

    def take(self, event: TextDelta) -> None:
        """Add what a step gave."""
        self.texts.append(event.text)
        self.ids.extend(event.token_ids)
        self.logprobs.extend(event.logprobs)

    @property
    def mean_logprob(self) -> float:
        """Mean log-probability of its tokens, natural logarithm; minus infinity without any."""
        if not self.logprobs:
            return -math.inf
        return math.fsum(entry.logprob for entry in self.logprobs) / len(self.logprobs)


class Answer:
    """The replies to one line of input.

    Args:
        asked: What it needs, or the reason why it is refused.
    """

    def __init__(self, asked: Asked | RealmError) -> None:
        self._refusal = asked if isinstance(asked, RealmError) else None
        self._has_logprobs = isinstance(asked, Asked) and asked.has_logprobs
        requests = asked.requests if isinstance(asked, Asked) else ()
        self.replies = [Reply(request) for request in requests]

    @property
    def has_choices(self) -> bool:
        """Whether several replies were asked for."""
        return len(self.replies) > 1

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return all(reply.end is not None for reply in self.replies)

    @property
    def error(self) -> RealmError | None:
        """Why there is no answer: it was refused, or one of its replies failed."""
        failures = (reply.end for reply in self.replies if isinstance(reply.end, Failed))
        first = next(failures, None)
        return self._refusal if first is None else as_error(first.error)

    def texts(self) -> list[str]:
        """The text of each reply, best first."""
        return ["".join(reply.texts) for reply, _ in self._ranked()]

    def as_dict(self) -> dict[str, object]:
        """The answer: its best reply, and all of them as `choices` where several were asked for.

        The tokens of `usage` are those of all replies together, the shared prompt counted once.
        """
        ranked = list(self._ranked())
        best, end = ranked[0]
        num_completion = sum(each.stats.num_completion_tokens for _, each in ranked)
        answer: dict[str, object] = {
            "text": "".join(best.texts),
            "ids": best.ids,
            "finish_reason": end.finish_reason.value,
            "logprobs": self._logprobs(best),
            "usage": {
                "prompt_tokens": end.stats.num_prompt_tokens,
                "completion_tokens": num_completion,
                "total_tokens": end.stats.num_prompt_tokens + num_completion,
            },
            "stats": _stats(end.stats),
        }
        if self.has_choices:
            answer["choices"] = [self._choice(reply, each) for reply, each in ranked]
        return answer

    def _ranked(self) -> Iterator[tuple[Reply, Finished]]:
        """Replies with their ends, by mean log-probability, then seed."""
        by_rank = sorted(self.replies, key=lambda r: (-r.mean_logprob, r.request.sampling.seed))
        for reply in by_rank:
            assert isinstance(reply.end, Finished), "an answer is complete and has no error"
            yield reply, reply.end

    def _choice(self, reply: Reply, end: Finished) -> dict[str, object]:
        return {
            "text": "".join(reply.texts),
            "ids": reply.ids,
            "finish_reason": end.finish_reason.value,
            "seed": reply.request.sampling.seed,
            "mean_logprob": _finite(reply.mean_logprob),
            "logprobs": self._logprobs(reply),
            "stats": _stats(end.stats),
        }

    def _logprobs(self, reply: Reply) -> list[dict[str, object]] | None:
        return [_logprob(entry) for entry in reply.logprobs] if self._has_logprobs else None


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
