"""llama-cpp-python as a contestant of the batching benchmark; see `contestant`.

Usage: INTERPRETER -m tests.benchmarks.batching_llama_cpp FILE.gguf SIZE THREADS

Runs in the interpreter of the environment that holds llama-cpp-python, which needs nothing else of
this project. One decode of llama.cpp per step with all sequences, greedy, logits read in place.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.benchmarks.contestant import Prompts, serve

_MAX_CHATS = 16
_BATCH_TOKENS = 512


def main() -> None:
    """Load the model and answer, or say that the peer is not installed."""
    path, size, threads = sys.argv[1:]
    try:
        import llama_cpp  # type: ignore[import-not-found]  # lives in the peer's environment
    except ImportError as error:
        print(f"absent: {sys.executable} has no llama-cpp-python ({error})")
        return
    llama = LlamaBatch(llama_cpp, path, sum(map(int, size.split(","))), int(threads))
    title = f"llama-cpp-python {llama_cpp.__version__}, {path.rsplit('/', 1)[-1]}"
    serve(title, llama.vocabulary_size, size, llama.answer)


class LlamaBatch:
    """A model of llama.cpp and a context for many sequences.

    Args:
        llama_cpp: The module.
        path: GGUF file.
        num_tokens: Of one chat, prompt and reply.
        num_threads: For single rows and for batches.
        num_chats: Sequences there is room for.
        repacks: Whether weights are laid out anew at load, as is its default.
    """

    def __init__(
        self,
        llama_cpp: Any,
        path: str,
        num_tokens: int,
        num_threads: int,
        *,
        num_chats: int = _MAX_CHATS,
        repacks: bool = True,
    ) -> None:
        import numpy

        self._numpy = numpy
        self._lib = llama_cpp
        self._num_chats = num_chats
        llama_cpp.llama_log_set(_silence(llama_cpp), None)
        llama_cpp.llama_backend_init()
        model_params = llama_cpp.llama_model_default_params()
        model_params.use_extra_bufts = repacks
        self._model = llama_cpp.llama_model_load_from_file(path.encode(), model_params)
        params = llama_cpp.llama_context_default_params()
        # Every sequence has its own part of the context, in whole cells of 256.
        params.n_ctx = num_chats * (-(-num_tokens // 256) * 256)
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.n_seq_max = num_chats
        params.n_outputs_max_per_seq = _BATCH_TOKENS
        params.n_threads = params.n_threads_batch = num_threads
        params.no_perf = True
        self._context = llama_cpp.llama_init_from_model(self._model, params)
        vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(llama_cpp.llama_vocab_n_tokens(vocabulary))
        self._batch = llama_cpp.llama_batch_init(_BATCH_TOKENS, 0, 1)

    def answer(self, prompts: Prompts, num_reply_tokens: int) -> None:
        """Read the prompts, then write one token of each reply per step."""
        tokens = self.read(prompts)
        self.write(tokens, len(prompts[0]), num_reply_tokens - 1)

    def write(self, tokens: list[int], position: int, num_tokens: int) -> None:
        """Write so many more tokens of each reply, whose latest stand at a position."""
        for _ in range(num_tokens):
            rows = [(token, position, sequence) for sequence, token in enumerate(tokens)]
            tokens = self.decode(rows, range(len(rows)))
            position += 1

    def forget(self, first_position: int) -> None:
        """Drop all sequences from a position on."""
        memory = self._lib.llama_get_memory(self._context)
        for sequence in range(self._num_chats):
            self._lib.llama_memory_seq_rm(memory, sequence, first_position, -1)

    def read(self, prompts: Prompts) -> list[int]:
        """The first token of each reply, all sequences begun anew; whole prompts per batch as fit."""
        self._lib.llama_memory_clear(self._lib.llama_get_memory(self._context), False)
        if len(prompts[0]) > _BATCH_TOKENS:
            return [self._read_long(prompt, index) for index, prompt in enumerate(prompts)]
        tokens: list[int] = []
        per_batch = max(1, _BATCH_TOKENS // len(prompts[0]))
        for first in range(0, len(prompts), per_batch):
            part = prompts[first : first + per_batch]
            rows = [
                (token, position, first + index)
                for index, prompt in enumerate(part)
                for position, token in enumerate(prompt)
            ]
            ends = [(index + 1) * len(prompts[0]) - 1 for index in range(len(part))]
            tokens += self.decode(rows, ends)
        return tokens

    def _read_long(self, prompt: list[int], sequence: int) -> int:
        """The first token behind a prompt of several batches."""
        best = 0
        for first in range(0, len(prompt), _BATCH_TOKENS):
            part = prompt[first : first + _BATCH_TOKENS]
            rows = [(token, first + index, sequence) for index, token in enumerate(part)]
            is_last = first + len(part) == len(prompt)
            tokens = self.decode(rows, [len(rows) - 1] if is_last else [])
            best = tokens[0] if tokens else best
        return best

    def decode(self, rows: list[tuple[int, int, int]], wanted: Any) -> list[int]:
        """Compute rows of (token, position, sequence); the best token behind each wanted row."""
        batch, is_wanted = self._batch, set(wanted)
        batch.n_tokens = len(rows)
        for index, (token, position, sequence) in enumerate(rows):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = index in is_wanted
        status = self._lib.llama_decode(self._context, batch)
        assert status == 0, f"llama_decode gave {status}"
        return [self._best(index) for index in wanted]

    def _best(self, row: int) -> int:
        pointer = self._lib.llama_get_logits_ith(self._context, row)
        logits = self._numpy.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,))
        return int(logits.argmax())


def _silence(llama_cpp: Any) -> Any:
    """A log callback that drops everything; kept alive by the module it is stored in."""
    callback = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.realm_log_callback = callback
    return callback


if __name__ == "__main__":
    main()
