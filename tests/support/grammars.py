"""Grammars for the tiny tokenizer, and random texts that follow them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from realm_desktop.engine.sampling.grammar import Grammar, GrammarCompiler
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import GenerateRequest, RequestId
from tests.support.tiny_models import tiny_gguf

_CLOSING = frozenset(b'"}]')
_CLOSING_SHARE = 0.5


def tiny_model_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a tiny model written to a folder."""
    model_file = open_model(tiny_gguf(folder, with_tokenizer=True))
    try:
        return build_tokenizer(model_file)
    finally:
        model_file.close()


def compile_grammar(
    compiler: GrammarCompiler, prompt_length: int = 0, *, drops_space: bool = False, **form: str
) -> Grammar:
    """The grammar of a request; `form` is json_schema, regex or grammar."""
    request = GenerateRequest(RequestId("r"), prompt_token_ids=(5,), **form)  # type: ignore[arg-type]  # the forms are texts
    grammar = compiler.compile(request, prompt_length, drops_space=drops_space)
    assert grammar is not None
    return grammar


def allowed_ids(grammar: Grammar, *seen: int, width: int = 288) -> set[int]:
    """Tokens that may follow; the tiny tokenizer has 288."""
    return {int(i) for i in np.flatnonzero(grammar.mask(np.array(seen, np.int32), width))}


def accepts(grammar: Grammar, tokenizer: Tokenizer, text: str) -> bool:
    """Whether a grammar at its start lets a whole text pass, token by token, and end there."""
    ids: list[int] = []
    for token_id in tokenizer.encode(text, add_special=False, parse_special=False):
        if grammar.is_ended or token_id not in allowed_ids(grammar, *ids):
            return False
        grammar.commit([token_id])
        ids.append(token_id)
    return grammar.is_ended or bool(tokenizer.end_ids & allowed_ids(grammar, *ids))


def random_text(grammar: Grammar, tokenizer: Tokenizer, seed: int, max_tokens: int = 600) -> str:
    """A complete text that follows a grammar, token by token, with a liking for its end."""
    generator = random.Random(seed)
    ids: list[int] = []
    while not grammar.is_ended:
        assert len(ids) < max_tokens, "the grammar does not come to an end"
        allowed = allowed_ids(grammar, *ids, width=tokenizer.vocabulary_size)
        ends = [i for i in allowed if i in tokenizer.end_ids or _closes(tokenizer, i)]
        is_closing = ends and generator.random() < _CLOSING_SHARE
        chosen = generator.choice(sorted(ends if is_closing else allowed))
        grammar.commit([chosen])
        if chosen in tokenizer.end_ids:
            break
        ids.append(chosen)
    return tokenizer.decode(ids)


def _closes(tokenizer: Tokenizer, token_id: int) -> bool:
    piece = tokenizer.token_bytes(token_id)
    return len(piece) == 1 and piece[0] in _CLOSING
