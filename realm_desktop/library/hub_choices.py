"""Which files of a repository belong together, and which of them to recommend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from realm_desktop.library.download_values import DownloadKind, RemoteFile
from realm_desktop.library.fit import Fit, fit_of_file
from realm_desktop.library.hub_values import FileChoice

_SHARD = re.compile(r"-(\d{5})-of-(\d{5})$")
_LABEL = re.compile(
    r"(?:^|[-_.])((?:UD-)?(?:I?Q\d(?:_(?:XXS|XS|XL|NL|K|S|M|L|0|1|4|8))*|TQ\d_\d"
    r"|MXFP4(?:_MOE)?|NVFP4|BF16|FP?16|FP?32))(?=$|[-_.])",
    re.IGNORECASE,
)
# Beside the weights: what the engine reads of a safetensors folder. Nothing that could hold code.
_COMPANIONS: Final = frozenset(
    {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "tokenizer.model",
        "chat_template.jinja",
        "chat_template.json",
        "model.safetensors.index.json",
    }
)
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt")
_BEST_BALANCE: Final = ("Q4_K_M", "Q4_K_S", "IQ4_XS", "IQ4_NL", "Q4_K_L", "Q4_0", "MXFP4", "Q4_1")
"""Quantizations of about 4.5 bits, the usual balance of size and quality, the best one first."""


def choices_of(
    kind: DownloadKind, files: Sequence[RemoteFile], free_bytes: int
) -> tuple[FileChoice, ...]:
    """What can be downloaded, the largest first, one of them recommended if any fits.

    Args:
        kind: What is looked for.
        files: All files of the repository whose checksum is known.
        free_bytes: Memory that a model could take.
    """
    by_folder: dict[str, list[RemoteFile]] = {}
    for file in files:
        by_folder.setdefault(str(PurePosixPath(file.path).parent), []).append(file)
    if kind == "adapter":
        found = [c for folder in by_folder.values() for c in _adapters(folder)]
        return tuple(sorted(found, key=lambda choice: choice.name))
    models = [*_ggufs(files)]
    models += [choice for folder in by_folder.values() for choice in _folder_model(folder)]
    models = [replace(c, fit=fit_of_file(c.num_bytes, free_bytes)) for c in models]
    models.sort(key=lambda choice: (-choice.num_bytes, choice.name))
    return _recommended(models)


def refusal_of(kind: DownloadKind, names: Sequence[str]) -> str:
    """Why a repository with these files offers nothing."""
    if any(name.lower().endswith(_PICKLES) for name in names):
        return (
            "It holds only pickle files (.bin, .pt), which can run any program while they are "
            "opened; they are never opened here. Look for the same one as GGUF or safetensors."
        )
    if kind == "adapter":
        return "It holds no adapter: neither GGUF nor a folder with adapter_config.json."
    return "It holds no model: neither GGUF nor safetensors with config.json."


def _recommended(choices: Sequence[FileChoice]) -> tuple[FileChoice, ...]:
    """The choices, with the one marked that serves most: balanced if it fits, else what fits."""
    fitting = [choice for choice in choices if choice.fit is Fit.FITS]
    for label in _BEST_BALANCE:
        for choice in fitting:
            if choice.label.upper().removeprefix("UD-") == label:
                return _marked(choices, choice)
    balanced = [
        c.num_bytes for c in choices if c.label.upper().removeprefix("UD-") in _BEST_BALANCE
    ]
    limit = max(balanced, default=None)
    below = [c for c in fitting if limit is None or c.num_bytes <= limit]
    best = max(below or fitting, key=lambda c: c.num_bytes, default=None)
    return tuple(choices) if best is None else _marked(choices, best)


def _marked(choices: Sequence[FileChoice], best: FileChoice) -> tuple[FileChoice, ...]:
    return tuple(replace(choice, is_recommended=choice is best) for choice in choices)


def _ggufs(files: Sequence[RemoteFile]) -> Iterator[FileChoice]:
    """GGUF models: single files, and sets of parts that are all there."""
    sets: dict[str, list[RemoteFile]] = {}
    for file in files:
        path = PurePosixPath(file.path)
        # A vision tower is no model of its own.
        if path.suffix.lower() == ".gguf" and not path.name.lower().startswith("mmproj"):
            sets.setdefault(_SHARD.sub("", str(path.with_suffix(""))), []).append(file)
    for stem, parts in sets.items():
        shards = [_SHARD.search(PurePosixPath(part.path).stem) for part in parts]
        first = shards[0]
        if first is not None and len(parts) != int(first[2]):
            continue
        # The first part makes the set a model, so it becomes visible last.
        ordered = sorted(parts, key=lambda part: part.path, reverse=True)
        name = PurePosixPath(stem).name
        yield FileChoice(label_of(name), PurePosixPath(ordered[-1].path).name, tuple(ordered))


def _folder_model(files: Sequence[RemoteFile]) -> Iterator[FileChoice]:
    """A Hugging Face folder: config.json with safetensors beside it."""
    names = {PurePosixPath(file.path).name: file for file in files}
    weights = [f for name, f in names.items() if name.endswith(".safetensors")]
    indexed = [file for file in weights if _SHARD.search(PurePosixPath(file.path).stem)]
    # The publisher's own format lies beside the shards in some repositories: the same weights twice.
    weights = indexed or [f for f in weights if PurePosixPath(f.path).name == "model.safetensors"]
    if not weights or "config.json" not in names or "adapter_config.json" in names:
        return
    others = [file for name, file in names.items() if name in _COMPANIONS - {"config.json"}]
    files_in_order = (*sorted(weights, key=lambda file: file.path), *others, names["config.json"])
    folder = PurePosixPath(names["config.json"].path).parent
    yield FileChoice("safetensors", "" if str(folder) == "." else str(folder), files_in_order)


def _adapters(files: Sequence[RemoteFile]) -> Iterator[FileChoice]:
    """A PEFT folder, and every single GGUF file."""
    names = {PurePosixPath(file.path).name: file for file in files}
    config, weights = names.get("adapter_config.json"), names.get("adapter_model.safetensors")
    if config is not None and weights is not None:
        folder = str(PurePosixPath(config.path).parent)
        yield FileChoice("PEFT", "" if folder == "." else folder, (weights, config))
    for name, file in sorted(names.items()):
        if name.lower().endswith(".gguf"):
            yield FileChoice("GGUF", name, (file,))


def label_of(name: str) -> str:
    """The quantization in the name of a GGUF file; "GGUF" if it names none."""
    found = _LABEL.findall(name)
    return found[-1].upper() if found else "GGUF"
