"""The tokenizer and templates of a safetensors folder as the metadata of a GGUF file.

The other direction of `gguf_vocabulary`. Only tokenizers that GGUF can say exactly: byte-level BPE
whose way of cutting words has a name there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from realm_desktop.engine.text import word_patterns
from realm_desktop.engine.text.pre_tokenizers import PreTokenizer, pre_tokenizer_name
from realm_desktop.engine.text.template_source import find_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.engine.text.tokenizer_json import pipeline_steps, read_json_object
from realm_desktop.engine.text.vocabulary import TokenKind, Vocabulary, find_end_ids
from realm_desktop.errors import ModelFileError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.gguf_output import (
    bool_value,
    int32s_value,
    text_value,
    texts_value,
    uint32_value,
)
from realm_desktop.formats.model_file import JSONValue, ModelFile

_FILE = "tokenizer.json"
_PREFIX = "tokenizer.ggml."
_TEMPLATE = "tokenizer.chat_template"
_KNOWN_NORMALIZERS = frozenset({"NFC"})


def tokenizer_values(model_file: ModelFile, num_rows: int) -> list[bytes]:
    """The key-values `tokenizer.*` of a model.

    Args:
        model_file: A safetensors model.
        num_rows: Rows of its embedding; GGUF has one token for each.

    Raises:
        ModelFileError: It has no tokenizer, or one that GGUF cannot say.
        CorruptFile: The tokenizer cannot be read.
    """
    tokenizer = build_tokenizer(model_file)
    vocabulary = tokenizer.vocabulary
    content = read_json_object(model_file, _FILE)
    missing = range(len(vocabulary.texts), num_rows)
    texts = [text or f"[UNUSED{index}]" for index, text in enumerate(vocabulary.texts)]
    texts += [f"[PAD{index}]" for index in missing]
    values = [
        text_value(f"{_PREFIX}model", "gpt2"),
        text_value(f"{_PREFIX}pre", _pre_tokenizer(model_file, content)),
        texts_value(f"{_PREFIX}tokens", texts),
        int32s_value(f"{_PREFIX}token_type", _kinds(vocabulary, len(missing))),
        texts_value(f"{_PREFIX}merges", _merges(model_file, content)),
        bool_value(f"{_PREFIX}add_bos_token", vocabulary.adds_bos),
        bool_value(f"{_PREFIX}add_eos_token", vocabulary.adds_eos),
        *_special_ids(vocabulary),
    ]
    source = find_template(model_file, tokenizer)
    if source.is_builtin:
        return values
    if source.tool_use is not None:
        values.append(text_value(f"{_TEMPLATE}.tool_use", source.tool_use))
    return [*values, text_value(_TEMPLATE, source.default)]


def _kinds(vocabulary: Vocabulary, num_missing: int) -> list[int]:
    kinds = [TokenKind.NORMAL if text else TokenKind.UNUSED for text in vocabulary.texts]
    for index in vocabulary.control_ids:
        kinds[index] = TokenKind.CONTROL
    for index in vocabulary.matched_ids:
        kinds[index] = TokenKind.USER_DEFINED
    return [*kinds, *[TokenKind.UNUSED] * num_missing]


def _special_ids(vocabulary: Vocabulary) -> list[bytes]:
    ids = {"bos": vocabulary.bos_id, "eos": vocabulary.eos_id, "unknown": vocabulary.unknown_id}
    # Ends that nobody would guess from their spelling: GGUF has a place for one of them.
    guessed = find_end_ids(vocabulary.texts, vocabulary.control_ids | vocabulary.matched_ids)
    ids["eot"] = min(vocabulary.end_ids - guessed - {vocabulary.eos_id}, default=None)
    return [
        uint32_value(f"{_PREFIX}{name}_token_id", index)
        for name, index in ids.items()
        if index is not None
    ]


def _merges(model_file: ModelFile, content: Mapping[str, JSONValue]) -> list[str]:
    model = content.get("model")
    merges = model.get("merges") if isinstance(model, dict) else None
    if not isinstance(merges, list) or not isinstance(model, dict) or model.get("type") != "BPE":
        kind = model.get("type") if isinstance(model, dict) else None
        raise _refused(model_file, "model.type", f"is {quote(str(kind))}, not BPE")
    # Older files write "a b", newer ones ["a", "b"].
    return [" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in merges]


def _pre_tokenizer(model_file: ModelFile, content: Mapping[str, JSONValue]) -> str:
    normalizers = {str(step.get("type")) for step in pipeline_steps(content.get("normalizer"))}
    if others := normalizers - _KNOWN_NORMALIZERS:
        raise _refused(model_file, "normalizer", f"is {quote(', '.join(sorted(others)))}")
    expressions = _expressions(pipeline_steps(content.get("pre_tokenizer")))
    model = content.get("model")
    ignores_merges = isinstance(model, dict) and model.get("ignore_merges") is True
    wanted = PreTokenizer(expressions, composes="NFC" in normalizers, ignores_merges=ignores_merges)
    # NFC changes nothing in text that is composed already, which nearly all text is.
    name = pre_tokenizer_name(wanted) or pre_tokenizer_name(replace(wanted, composes=False))
    if name is None:
        raise _refused(model_file, "pre_tokenizer", "cuts words in a way that has no name")
    return name


def _expressions(steps: Sequence[Mapping[str, JSONValue]]) -> tuple[str, ...]:
    """What the steps cut at, as `PreTokenizer.expressions`; empty if they do something else."""
    found: list[str] = []
    for step in steps:
        pattern = step.get("pattern")
        if step.get("type") == "Split" and isinstance(pattern, dict) and not step.get("invert"):
            found.append(str(pattern.get("Regex", "")) * (step.get("behavior") == "Isolated"))
        elif step.get("type") == "Digits" and step.get("individual_digits") is True:
            found.append(r"\p{N}")
        elif step.get("type") == "ByteLevel" and not step.get("add_prefix_space"):
            found += [word_patterns.GPT2] if step.get("use_regex", True) else []
        else:
            return ()
    return tuple(found) if all(found) else ()


def _refused(model_file: ModelFile, field: str, fault: str) -> ModelFileError:
    return ModelFileError(
        f"{quote(model_file.path.name)}: {_FILE} cannot be written as GGUF metadata: {field} {fault}.",
        advice="Merge into a GGUF file of the same model.",
        file=model_file.path,
        field=field,
    )
