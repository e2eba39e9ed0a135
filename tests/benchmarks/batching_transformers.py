"""transformers as a contestant of the batching benchmark; see `contestant`.

Usage: python -m tests.benchmarks.batching_transformers MODEL SIZE THREADS continuous|padded

*continuous* is its continuous batching (`generate_batch`), *padded* one `generate` of all prompts,
which have one length here, so that no padding is computed. bfloat16, SDPA attention.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import torch
import transformers as untyped_transformers

from tests.benchmarks.contestant import Prompts, serve

transformers: Any = untyped_transformers  # most of its functions have no types

_PAGE_TOKENS = 256
_MAX_CHATS = 16


def main() -> None:
    """Load the model and answer."""
    path, size, threads, way = sys.argv[1:]
    torch.set_num_threads(int(threads))
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("ContinuousBatchingLogger").setLevel(logging.ERROR)
    model = _load(Path(path))
    title = f"transformers {transformers.__version__}, {way}, {model.dtype}"
    answer = _continuous(model, size) if way == "continuous" else _padded(model)
    serve(title, model.config.vocab_size, size, answer)


def _load(path: Path) -> Any:
    options: dict[str, Any] = {"dtype": torch.bfloat16, "attn_implementation": "sdpa"}
    if path.suffix == ".gguf":
        options["gguf_file"] = path.name
        path = path.parent
    return transformers.AutoModelForCausalLM.from_pretrained(path, **options).eval()


def _continuous(model: Any, size: str) -> Any:
    num_tokens = sum(map(int, size.split(",")))
    pages = -(-num_tokens // _PAGE_TOKENS) + 1
    # Its own choice would fill most of the memory with KV pages at every call.
    config = transformers.ContinuousBatchingConfig(
        page_size=_PAGE_TOKENS, num_blocks=_MAX_CHATS * pages, max_batch_tokens=512
    )

    def answer(prompts: Prompts, num_reply_tokens: int) -> None:
        outputs = model.generate_batch(
            inputs=prompts,
            generation_config=_greedy(num_reply_tokens),
            continuous_batching_config=config,
            persistent_manager=True,
            warmup=False,
        )
        lengths = {len(output.generated_tokens) for output in outputs.values()}
        assert len(outputs) == len(prompts), "a reply is missing"
        assert lengths == {num_reply_tokens}, lengths

    return answer


def _padded(model: Any) -> Any:
    def answer(prompts: Prompts, num_reply_tokens: int) -> None:
        with torch.inference_mode():
            out = model.generate(torch.tensor(prompts), generation_config=_greedy(num_reply_tokens))
        assert out.shape[1] == len(prompts[0]) + num_reply_tokens

    return answer


def _greedy(num_tokens: int) -> Any:
    return transformers.GenerationConfig(
        max_new_tokens=num_tokens, do_sample=False, eos_token_id=-1, pad_token_id=0
    )


if __name__ == "__main__":
    main()
