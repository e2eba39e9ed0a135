"""How byte-level BPE cuts a text into words before it merges, per `tokenizer.ggml.pre`.

The names are llama.cpp's; the expressions are in `word_patterns`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from tokenizers import Regex, pre_tokenizers

from realm_desktop.engine.text import word_patterns as patterns

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreTokenizer:
    """One way to cut words.

    Attributes:
        expressions: Applied in order.
        byte_expressions: Applied behind them, to the visible characters of the byte-level alphabet.
        composes: Accents are composed with their letters first (NFC).
        ignores_merges: A word that is a token is taken whole, without merging.
        adds_bos: Whether a prompt gets a BOS token where the file says nothing.
    """

    expressions: tuple[str, ...]
    byte_expressions: tuple[str, ...] = ()
    composes: bool = False
    ignores_merges: bool = False
    adds_bos: bool = False

    def build(self) -> pre_tokenizers.PreTokenizer:
        """The cutter of the tokenizers library, ending in the byte-level alphabet."""
        alphabet = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        return pre_tokenizers.Sequence(
            [*_splits(self.expressions), alphabet, *_splits(self.byte_expressions)]
        )


_DEFAULT = PreTokenizer(
    (patterns.PUNCTUATION, patterns.GPT2, r"\p{N}+", patterns.THREE_DIGITS),
)
_FAMILIES: tuple[tuple[PreTokenizer, str], ...] = (
    (_DEFAULT, "default"),
    (
        PreTokenizer((patterns.LLAMA3,), ignores_merges=True, adds_bos=True),
        "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
    ),
    (PreTokenizer((patterns.LLAMA3,)), "dbrx smaug-bpe chatglm-bpe glm4"),
    (
        PreTokenizer((r"\p{N}{1,3}", patterns.LLAMA3_LONG_NUMBERS), ignores_merges=True),
        "minicpm5",
    ),
    (
        PreTokenizer((patterns.GPT2,)),
        "gpt-2 phi-2 gigachat a.x-4.0 mellum jais trillion granite-docling exaone4 modern-bert"
        " roberta-bpe jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code",
    ),
    # Of GPT-NeoX's vocabulary, whose tokenizer composes.
    (PreTokenizer((patterns.GPT2,), composes=True), "mpt olmo gpt-neox"),
    (PreTokenizer((patterns.QWEN2,), composes=True), "qwen2 deepseek-r1-qwen f2llmv2 megrez"),
    (PreTokenizer((patterns.QWEN2,)), "stablelm2 kormo hunyuan grok-2 solar-open"),
    (PreTokenizer((patterns.QWEN35,), composes=True), "qwen35"),
    (PreTokenizer((patterns.UFAKZEKA,)), "ufakzeka"),
    (PreTokenizer((patterns.LINES, patterns.QWEN2)), "laguna"),
    (
        PreTokenizer((r"\p{N}", patterns.GPT2)),
        "smollm starcoder refact codeshell exaone minerva-7b mellum2",
    ),
    (PreTokenizer((r"\p{N}", patterns.GPT2), composes=True), "command-r"),
    (PreTokenizer((patterns.TEKKEN,), ignores_merges=True, adds_bos=True), "tekken"),
    (PreTokenizer((patterns.GPT4O,)), "gpt-4o llama4 kanana2 minimax-m2 talkie"),
    (PreTokenizer((patterns.GPT4O,), ignores_merges=True), "granite-embed-multi-97m"),
    (PreTokenizer((patterns.AYA_DIGIT_GROUPS, patterns.GPT4O)), "tiny_aya cohere2moe"),
    (PreTokenizer((patterns.YOUTU_SCRIPTS, patterns.YOUTU), ignores_merges=True), "youtu"),
    # Falcon cuts digits where bytes are visible characters already, some of which are digits.
    (
        PreTokenizer(
            (patterns.FALCON_PUNCTUATION, patterns.GPT2), (r"\p{N}+", patterns.THREE_DIGITS)
        ),
        "falcon",
    ),
    (
        PreTokenizer((r"\p{N}{1,3}", patterns.CJK, patterns.DEEPSEEK3)),
        "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
    ),
    (PreTokenizer((r"\p{N}{1,3}", patterns.CJK, patterns.SPARK, r"\p{N}")), "spark2_5"),
    (
        PreTokenizer((patterns.DIGIT_GROUPS, patterns.AFMOE_SCRIPTS, patterns.DEEPSEEK3)),
        "afmoe",
    ),
    (PreTokenizer(patterns.DEEPSEEK_LLM), "deepseek-llm"),
    (PreTokenizer(patterns.DEEPSEEK_CODER), "deepseek-coder"),
    (PreTokenizer((patterns.SEED_CODER,)), "seed-coder"),
    (PreTokenizer((patterns.BAILING,)), "bailingmoe bailingmoe2 llada-moe"),
    (PreTokenizer((patterns.EXAONE_MOE,)), "exaone-moe"),
    (PreTokenizer((patterns.JAIS2,)), "jais-2"),
    (PreTokenizer((patterns.BLOOM,)), "bloom poro-chat gpt3-finnish"),
    (PreTokenizer((patterns.BLOOM, r"\p{N}")), "viking"),
    (PreTokenizer((r"\p{N}+", patterns.SUPERBPE_DIGIT_BORDERS)), "superbpe"),
    (PreTokenizer(patterns.CHAMELEON, adds_bos=True), "chameleon"),
    (PreTokenizer((patterns.KIMI_K2,)), "kimi-k2"),
)
# Files from before April 2024 do not name their pre-tokenizer.
_OF_ARCHITECTURES = {
    "command-r": "command-r",
    "falcon": "falcon",
    "gpt2": "gpt-2",
    "gptneox": "gpt-neox",
    "mpt": "mpt",
    "olmo": "olmo",
    "phi2": "phi-2",
    "qwen2": "qwen2",
    "qwen2moe": "qwen2",
    "refact": "refact",
    "starcoder": "starcoder",
    "starcoder2": "starcoder",
}


def find_pre_tokenizer(name: str, architecture: str = "") -> PreTokenizer:
    """The cutter of this name; an unknown name gets the default and a warning in the log.

    Args:
        name: The file's `tokenizer.ggml.pre`; empty if it has none.
        architecture: Decides where the name is empty.
    """
    wanted = name or _OF_ARCHITECTURES.get(architecture, "")
    for family, names in _FAMILIES:
        if wanted in names.split():
            return family
    logger.warning(
        "pre-tokenizer %.40r is unknown; the default one may cut words differently", name
    )
    return _DEFAULT


def pre_tokenizer_name(wanted: PreTokenizer) -> str | None:
    """The first name of a cutter that cuts and merges like this one; None if it has none."""
    for family, names in _FAMILIES:
        if _cutting(family) == _cutting(wanted):
            return names.split()[0]
    return None


def _cutting(pre_tokenizer: PreTokenizer) -> tuple[object, ...]:
    """What decides on token ids, which `adds_bos` does not: files say themselves."""
    return (
        pre_tokenizer.expressions,
        pre_tokenizer.byte_expressions,
        pre_tokenizer.composes,
        pre_tokenizer.ignores_merges,
    )


def _splits(expressions: tuple[str, ...]) -> list[pre_tokenizers.PreTokenizer]:
    return [
        pre_tokenizers.Split(Regex(expression), behavior="isolated") for expression in expressions
    ]
