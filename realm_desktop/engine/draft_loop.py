"""Drafts of one sequence in one call of the CPU kernels, choice of tokens included.

A pass of a small draft model computes for 30 us. Python took 300 us more for each: planning one row,
fetching its logits, choosing a token. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from realm_desktop.engine.kernels.call_list import DraftCall
from realm_desktop.engine.kernels.packed_matrix import check_status
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.step_pass import StepPass
from realm_desktop.kv_blocks import BLOCK_SIZE


class PlainDraw(NamedTuple):
    """How a draft chooses: nearly as the request itself, which is enough for a guess.

    Attributes:
        temperature: 0 takes the highest logit.
        floor: Nats below the best token from which no other is drawn, at most 0.
        seed: Of the noise.
        num_choices: Only ids below it are chosen.
    """

    temperature: float
    floor: float
    seed: int
    num_choices: int


class DraftLoop:
    """Passes of one row, each for the token that the pass before chose.

    Args:
        step: Of one row, in a network with one kind of blocks.
        kv_cache: Where it reads and writes.

    Attributes:
        step: Says whether the loop may still be used.
    """

    def __init__(self, step: StepPass, kv_cache: KVCache) -> None:
        self.step = step
        self._num_blocks = kv_cache.stored(0)[0].shape[2]
        self._vocabulary_size = step.logits.shape[1]
        self._function = step.functions.realm_draft
        self._rows = step.call.sequences[0]
        self._rows.first_row, self._rows.num_rows = 0, 1
        self._call = DraftCall(
            step=ctypes.pointer(step.call), id=step.call.ids, rows=step.call.sequences
        )
        self._reference = ctypes.byref(self._call)

    def run(
        self,
        given: Sequence[int],
        first_position: int,
        block_table: Sequence[int],
        num_tokens: int,
        draw: PlainDraw,
    ) -> list[int]:
        """Draft tokens behind the given ones; fewer if logits were not finite.

        Keys and values of the given tokens and of all drafts but the last are written.

        Args:
            given: Ids of at least one token of the sequence; an id beyond the vocabulary is read
                as the last one, and a poor guess may follow.
            first_position: Of the first of them; those before it are in the cache.
            block_table: Blocks of the sequence, for all rows.
            num_tokens: How many to draft, at least 1.
            draw: How they are chosen.

        Raises:
            ValueError: The blocks do not suffice, or are not those of the cache.
            MemoryError: The library has no memory.
        """
        # The last draft token is chosen but never fed, so it needs no place in the cache.
        last = first_position + len(given) + num_tokens - 2
        block_ids = array("i", block_table[: last // BLOCK_SIZE + 1])
        if min(block_ids) < 0 or max(block_ids) >= self._num_blocks:
            raise ValueError(f"blocks {block_ids.tolist()} of a cache of {self._num_blocks}")
        limit = self._vocabulary_size - 1
        given_ids = array("i", [min(token, limit) for token in given])
        tokens = array("i", bytes(array("i").itemsize * num_tokens))
        call = self._call
        self._rows.block_ids, self._rows.num_block_ids = block_ids.buffer_info()
        call.given, call.num_given = given_ids.buffer_info()[0], len(given_ids)
        call.tokens, call.num_tokens = tokens.buffer_info()[0], num_tokens
        call.first_position = first_position
        call.num_choices = min(draw.num_choices, self._vocabulary_size)
        call.seed, call.temperature, call.floor = draw.seed, draw.temperature, draw.floor
        check_status(self._function(self._reference), f"a draft of {num_tokens} tokens")
        return tokens[: call.num_done].tolist()
