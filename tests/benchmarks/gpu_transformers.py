"""The same shapes by transformers' own loop; no other engine is compared, as none of their wheels is carried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import transformers

from tests.benchmarks.gpu_engine import (
    DECODE_TOKENS,
    PROMPT_TOKENS,
    engine_with,
    measure,
    random_request,
)
from tests.benchmarks.gpu_models import LLAMA_1B, LLAMA_8B, TINY, Shape
from tests.benchmarks.gpu_row import Bench, Row


def rows(bench: Bench) -> Iterator[Row]:
    """One chat in bfloat16, of the larger shape too if there is time."""
    yield _row(bench, TINY if bench.is_small else LLAMA_1B)
    if bench.left_s > 90.0 and not bench.is_small:
        yield _row(bench, LLAMA_8B)


def _row(bench: Bench, shape: Shape) -> Row:
    config = transformers.LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.middle,
        num_hidden_layers=shape.num_layers,
        num_attention_heads=shape.num_heads,
        num_key_value_heads=shape.num_kv_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=shape.is_tied,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    torch.set_default_dtype(torch.bfloat16)  # 8 billion values of float32 would be 32 GB
    with torch.device(bench.device):
        model: Any = transformers.LlamaForCausalLM(config)
        model.requires_grad_(False)
    torch.set_default_dtype(torch.float32)
    ids = torch.randint(shape.vocabulary, (1, PROMPT_TOKENS), device=bench.device)

    def generate(num_tokens: int) -> None:
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            min_new_tokens=num_tokens,
            max_new_tokens=num_tokens,
        )

    long_s = bench.seconds(lambda: generate(DECODE_TOKENS), repeats=3)
    short_s = bench.seconds(lambda: generate(2), repeats=3)
    theirs = (DECODE_TOKENS - 2) / max(long_s - short_s, 1e-9)
    engine = engine_with(bench, shape, "BF16")
    ours = measure(bench, engine, [random_request(bench, shape, 0)]).tokens_per_s
    engine.unload()
    what = f"{shape.name} BF16, one chat, against transformers"
    return Row(what, f"{ours:,.0f} and {theirs:,.0f} tok/s: {ours / theirs:.2f}")
