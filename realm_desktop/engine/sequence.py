"""The state of one request inside the engine; the only mutable state of a request.

Owned by the engine thread. Knows neither torch nor text: tokens are numbers here.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from realm_desktop.engine_stats import SequenceState
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.protocol import GenerateRequest, Priority, RequestId, Speculation, WorkspaceId
from realm_desktop.sampling_params import SamplingParams

AdapterKey = tuple[tuple[int, float], ...]
"""Generation and weight of each adapter in use; () is the base model."""

# In a cache key: stands behind the adapters, whose generations are never negative.
_LONG = (-1, 0.0)

NO_BLOCK = -1
"""In a window table: the block was given back, since no later row can see it."""


@dataclass(slots=True, eq=False)
class Sequence:
    """One request in progress.

    Invariants: `0 <= num_computed_tokens < len(tokens)` whenever the sequence waits for a step;
    `block_table` covers at least `num_computed_tokens` positions; the first `num_published_blocks`
    of it are known to the prefix tree. `window_table` is as long, or empty if the model has one kind
    of blocks.

    Attributes:
        request: What the caller asked.
        tokens: Prompt, committed completion of an earlier attempt, committed completion.
        num_prompt_tokens: How many of `tokens` are prompt.
        max_tokens: Longest allowed length of `tokens`.
        num_computed_tokens: Leading tokens whose KV is valid: the only truth about the cache.
        num_cached_tokens: Prompt tokens that the prefix tree gave at first admission.
        num_generated_tokens: Tokens committed by this attempt.
        speculation: How it drafts from now on; the request only says how it began.
        draft_corpus: Token ids of the texts that n-gram drafts look in too.
        draft_tokens: Proposal for the next step, usually empty.
        block_table: Ids of the KV blocks, in order of position.
        window_table: The same for layers with a sliding window; begins with NO_BLOCK for those that
            were given back.
        num_reached_tokens: The most of `tokens` that were computed before a preemption.
        num_classes_risen: Priority classes that it rose while it was paused; kept to its end.
        speculated_s: Seconds of its steps while it was set to draft.
        plain_s: What the tokens of those steps would have taken one by one, as measured.
        short_context: Longest sequence whose keys have the angles of short ones; 0 if there is one
            kind of angles (all but longrope).
        is_long: Whether its keys have the angles of long ones.
        clock: Rows charged to this sequence, weighted; the second level of the fair clock.
    """

    request: GenerateRequest
    tokens: array[int]
    num_prompt_tokens: int
    max_tokens: int
    arrived_s: float
    adapter_key: AdapterKey = ()
    priority: Priority = Priority.NORMAL
    state: SequenceState = SequenceState.WAITING
    num_computed_tokens: int = 0
    num_cached_tokens: int = 0
    num_published_blocks: int = 0
    num_drafted_tokens: int = 0
    num_accepted_tokens: int = 0
    num_generated_tokens: int = 0
    num_preemptions: int = 0
    num_reached_tokens: int = 0
    num_classes_risen: int = 0
    plain_s: float = 0.0
    speculated_s: float = 0.0
    short_context: int = 0
    is_long: bool = False
    clock: float = 0.0
    waiting_since_s: float = 0.0
    parked_since_s: float = 0.0
    admitted_s: float = 0.0
    first_token_s: float = 0.0
    last_token_s: float = 0.0
    speculation: Speculation = field(default_factory=Speculation)
    draft_corpus: tuple[array[int], ...] = ()
    draft_tokens: list[int] = field(default_factory=list)
    block_table: list[int] = field(default_factory=list)
    window_table: list[int] = field(default_factory=list)

    @property
    def request_id(self) -> RequestId:
        """The caller's id of the request."""
        return self.request.request_id

    @property
    def workspace_id(self) -> WorkspaceId:
        """The tenant that pays for the rows."""
        return self.request.workspace_id

    @property
    def params(self) -> SamplingParams:
        """How tokens are chosen."""
        return self.request.sampling

    @property
    def speculation_speedup(self) -> float:
        """How many times faster drafts made it; 0 while that is not measured."""
        return self.plain_s / self.speculated_s if self.speculated_s > 0 else 0.0

    @property
    def num_pending_tokens(self) -> int:
        """Tokens whose KV is not computed yet; 1 means decode."""
        return len(self.tokens) - self.num_computed_tokens

    @property
    def num_completion_tokens(self) -> int:
        """Committed completion tokens, those of an earlier attempt included."""
        return len(self.tokens) - self.num_prompt_tokens

    @property
    def has_outgrown_angles(self) -> bool:
        """Whether it has become too long for the angles that its keys have."""
        return 0 < self.short_context < len(self.tokens) and not self.is_long

    @property
    def cache_key(self) -> AdapterKey:
        """What the keys and values of its tokens depend on besides the tokens."""
        return (*self.adapter_key, _LONG) if self.is_long else self.adapter_key

    def block_tokens(self, index: int) -> bytes:
        """The token ids of the `index`-th block as an exact key (int32 bytes)."""
        return self.tokens[index * BLOCK_SIZE : (index + 1) * BLOCK_SIZE].tobytes()


class PlannedRows(NamedTuple):
    """What one step computes for one sequence: pending tokens, then draft tokens."""

    sequence: Sequence
    num_new: int
    draft_tokens: tuple[int, ...] = ()

    @property
    def is_decode(self) -> bool:
        """Whether these rows continue a completion rather than read a prompt."""
        return self.num_new == 1 and self.sequence.num_completion_tokens > 0

    @property
    def num_logit_rows(self) -> int:
        """Rows that choose a token: none before the last pending token is computed."""
        completes = self.num_new == self.sequence.num_pending_tokens
        return 1 + len(self.draft_tokens) if completes else 0
