"""The flags of the window and of every subcommand.

Standard library only: this module is imported before anything is decided.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from realm_desktop import __version__
from realm_desktop.errors import UsageError
from realm_desktop.protocol import KV_CACHE_DTYPES

PROGRAM = "realm-desktop"

CHECK_WINDOW_FLAG = "--check-window"
"""Alone, it makes the program the process by which `doctor` learns whether Qt starts."""

CHECK_TORCH_FLAG = "--check-torch"
"""With a folder behind it, it makes the program the process that tries the torch in there."""

COMMANDS = {
    "inspect": "tell what a file is, from its header alone",
    "tokenize": "turn text into token ids",
    "detokenize": "turn token ids into text",
    "render": "put a conversation through the chat template",
    "logits": "compute the logits of every position of token ids",
    "generate": "complete prompts",
    "bench": "measure prefill and decode speed on random tokens",
    "adapter": "inspect, convert, merge or train LoRA adapters",
    "doctor": "tell versions, devices, paths and memory, and what is wrong",
}

_MODEL_HELP = "a GGUF file, a safetensors file or folder, or 'starter' for the embedded model"
_ADAPTER_HELP = "a PEFT folder or file, or a GGUF adapter"
MERGE_TYPES = ("F16", "BF16", "F32", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0")
_SPECULATION_MODES = ("off", "ngram", "draft_model", "auto")
_INTEGER_FLAGS = (
    *("max-tokens", "top-k", "seed", "logprobs"),
    *("dry-allowed-length", "dry-penalty-last-n"),
)
_NUMBER_FLAGS = (
    *("temperature", "top-p", "min-p", "typical-p", "top-n-sigma"),
    *("repetition-penalty", "presence-penalty", "frequency-penalty"),
    *("dry-multiplier", "dry-base", "xtc-probability", "xtc-threshold"),
)
_TRAINING_FLAGS = (
    ("rank", "rank", int),
    ("alpha", "alpha", float),
    ("dropout", "dropout", float),
    ("learning-rate", "learning_rate", float),
    ("steps", "num_steps", int),
    ("epochs", "num_epochs", int),
    ("batch-examples", "batch_examples", int),
    ("micro-batch-tokens", "micro_batch_tokens", int),
    ("max-example-tokens", "max_example_tokens", int),
    ("warmup", "warmup_fraction", float),
    ("weight-decay", "weight_decay", float),
    ("max-gradient-norm", "max_gradient_norm", float),
    ("held-out", "held_out_fraction", float),
    ("seed", "seed", int),
)
_MAX_BATCH = 256
_MAX_THREADS = 1024


@dataclass(frozen=True, slots=True)
class WindowArguments:
    """Flags of the window, and the model file to open in it."""

    data_dir: str | None
    is_debug: bool
    is_in_process: bool
    model: Path | None = None


def parse_window_flags(argv: Sequence[str]) -> WindowArguments:
    """The flags of the window.

    Raises:
        UsageError: A flag is unknown, or a word is neither a command nor a file.
    """
    commands = "\n".join(f"  {name:<12}{text}" for name, text in COMMANDS.items())
    parser = _Parser(
        prog=PROGRAM,
        description="Chat with local language models. Without a command, opens the window.",
        epilog=f"commands:\n{commands}\n\n{PROGRAM} COMMAND --help tells more about one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="FILE", nargs="?", help="a model to open in the window")
    parser.add_argument("--version", action="version", version=f"Realm Desktop {__version__}")
    parser.add_argument("--data-dir", metavar="DIR", help="keep all files in this folder")
    parser.add_argument("--debug", action="store_true", help="write more into the logs")
    parser.add_argument(
        "--in-process", action="store_true", help="run the engine in a thread of the window"
    )
    values = parser.parse_args(argv)
    model = None if values.model is None else Path(values.model).absolute()
    if model is not None and not model.exists():
        parser.error(f"{values.model} is neither a command nor a file")
    return WindowArguments(values.data_dir, values.debug, values.in_process, model)


def parse_command(argv: Sequence[str]) -> argparse.Namespace:
    """The values of a subcommand's flags; `command` is its name.

    Raises:
        UsageError: A flag is unknown or has a wrong value.
    """
    name = argv[0]
    parser = _Parser(prog=f"{PROGRAM} {name}", description=COMMANDS[name])
    if name not in _WITH_ACTIONS:
        _add_common(parser)
    _ADDITIONS[name](parser)
    values = parser.parse_args(argv[1:])
    values.command = name
    return values


class _Parser(argparse.ArgumentParser):
    """A parser that raises our error instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(f"{self.prog}: {message}", advice=f"See {self.prog} --help.")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda", "mps", "xpu"),
        default="auto",
        help="where to compute",
    )
    parser.add_argument(
        "--threads", type=_integer(1, _MAX_THREADS), metavar="N", help="CPU threads"
    )
    parser.add_argument("--data-dir", metavar="DIR", help="the folder of all files")


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_MODEL_HELP)


def _add_tokenize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--jsonl", action="store_true", help="one JSON request per line")
    parser.add_argument(
        "--no-add-special", action="store_true", help="add no BOS and EOS to the text"
    )
    parser.add_argument(
        "--no-parse-special", action="store_true", help="read control tokens as plain text"
    )


def _add_detokenize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--jsonl", action="store_true", help="one JSON request per line")


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--template", metavar="FILE", help="use this template instead")


def _add_logits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--out", metavar="FILE.npz", required=True, help="where the arrays go")
    _add_kv_cache_dtype(parser)


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--jsonl", action="store_true", help="one JSON request per line of input")
    parser.add_argument("--parallel", type=_integer(1, 100_000), metavar="N", help="open requests")
    parser.add_argument("--stream", action="store_true", help="write text as it comes")
    _add_kv_cache_dtype(parser)
    prompt = parser.add_mutually_exclusive_group()
    prompt.add_argument("--prompt", metavar="TEXT", help="raw text")
    prompt.add_argument("--chat", metavar="TEXT", help="one user message for the chat template")
    request = parser.add_argument_group("of the request (defaults for --jsonl)")
    request.add_argument(
        "--n", type=int, metavar="N", help="replies with seeds from --seed on, best first (1 to 16)"
    )
    _add_sampling(request)
    request.add_argument("--priority", choices=("foreground", "normal", "background"))
    request.add_argument("--workspace", metavar="NAME")
    request.add_argument("--adapter", action="append", metavar="PATH:WEIGHT")
    request.add_argument("--speculation", choices=_SPECULATION_MODES)
    request.add_argument("--draft-model", metavar="MODEL", help="drafts tokens for the other one")
    request.add_argument(
        "--draft-corpus",
        action="append",
        metavar="FILE",
        help="a text that the reply may repeat, for ngram; may be repeated",
    )
    request.add_argument("--json-schema", metavar="FILE", help="a schema the text must satisfy")
    request.add_argument("--regex", metavar="TEXT", help="a pattern the text must match")
    request.add_argument("--grammar", metavar="FILE", help="a Lark grammar the text must match")


def _add_sampling(request: argparse._ArgumentGroup) -> None:
    for name in _INTEGER_FLAGS:
        request.add_argument(f"--{name}", type=int, metavar="N")
    for name in _NUMBER_FLAGS:
        request.add_argument(f"--{name}", type=float, metavar="X")
    repeated = "may be repeated"
    request.add_argument("--stop", action="append", metavar="TEXT", help=repeated)
    request.add_argument("--dry-sequence-breakers", action="append", metavar="TEXT", help=repeated)
    request.add_argument("--logit-bias", action="append", metavar="ID:BIAS", help=repeated)
    request.add_argument("--sampler-order", metavar="NAME,NAME,...")
    request.add_argument("--ignore-end", action="store_true", default=None)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    parser.add_argument("--prompt-tokens", type=_integer(1, 1 << 24), default=512, metavar="N")
    parser.add_argument("--decode-tokens", type=_integer(2, 1 << 24), default=64, metavar="N")
    parser.add_argument("--batch", type=_integers(1, _MAX_BATCH), default=[1, 2, 4, 8])
    parser.add_argument("--depth", type=_integers(0, 1 << 24), default=[0])
    parser.add_argument("--repeat", type=_integer(1, 1000), default=5, metavar="N")
    parser.add_argument("--adapters", type=_integer(0, 1000), default=0, metavar="N")
    parser.add_argument("--speculation", choices=_SPECULATION_MODES, default="off")
    parser.add_argument("--draft-model", metavar="MODEL", help="drafts tokens for the other one")
    _add_kv_cache_dtype(parser)


def _add_adapter(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    inspect = actions.add_parser("inspect", help="tell what an adapter is, from its header alone")
    inspect.add_argument("file", metavar="FILE", help=_ADAPTER_HELP)
    inspect.add_argument("--base", metavar="MODEL", help="tell whether it fits this model too")
    convert = actions.add_parser("convert", help="write it in the other format, nothing lost")
    convert.add_argument("source", metavar="SOURCE", help=_ADAPTER_HELP)
    convert.add_argument("--to", choices=("gguf", "peft"), required=True)
    convert.add_argument("--out", metavar="PATH", required=True, help="the new file or folder")
    convert.add_argument("--base", metavar="MODEL", help="the model it was made for")
    merge = actions.add_parser("merge", help="write a GGUF model with adapters in its weights")
    merge.add_argument("model", metavar="MODEL", help="a model, or 'starter'")
    merge.add_argument("--adapter", metavar="PATH:WEIGHT", action="append", required=True)
    merge.add_argument("--out", metavar="FILE.gguf", required=True, help="the new file")
    merge.add_argument(
        "--type", choices=MERGE_TYPES, default=MERGE_TYPES[0], help="tensor type of its matrices"
    )
    train = actions.add_parser("train", help="make a new one from examples")
    _add_training(train)
    for action in (inspect, convert, merge, train):
        _add_common(action)


def _add_training(train: argparse.ArgumentParser) -> None:
    train.add_argument("model", metavar="MODEL", help=_MODEL_HELP)
    train.add_argument("--data", metavar="FILE", help="examples: JSON lines or ChatML text")
    train.add_argument("--output", metavar="DIR", required=True, help="the new PEFT folder")
    mode = train.add_mutually_exclusive_group()
    mode.add_argument("--estimate", action="store_true", help="only tell what it would cost")
    mode.add_argument(
        "--resume", action="store_true", help="go on where it was stopped, with the same settings"
    )
    settings = train.add_argument_group("settings of a new training")
    for name, target, kind in _TRAINING_FLAGS:
        settings.add_argument(f"--{name}", dest=target, type=kind, metavar="N")
    settings.add_argument(
        "--targets", type=_words, metavar="NAME,NAME,...", help="linear layers that learn"
    )


def _add_kv_cache_dtype(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kv-cache-dtype",
        choices=KV_CACHE_DTYPES,
        default="auto",
        help="how keys and values are stored: int8 takes half the memory, with a small error",
    )


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-engine-test",
        dest="engine_test",
        action="store_false",
        help="do not start an engine with the starter model",
    )


_ADDITIONS = {
    "inspect": _add_inspect,
    "tokenize": _add_tokenize,
    "detokenize": _add_detokenize,
    "render": _add_render,
    "logits": _add_logits,
    "generate": _add_generate,
    "bench": _add_bench,
    "adapter": _add_adapter,
    "doctor": _add_doctor,
}
_WITH_ACTIONS = frozenset({"adapter"})


class _Integer:
    """Reads an integer of a range."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self._high = high

    def __call__(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = self._low - 1
        if not self._low <= value <= self._high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is no number from {self._low} to {self._high}"
            )
        return value


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _integer(low: int, high: int) -> _Integer:
    return _Integer(low, high)


class _Integers:
    """Reads integers of a range, separated by commas."""

    def __init__(self, low: int, high: int) -> None:
        self._item = _Integer(low, high)

    def __call__(self, text: str) -> list[int]:
        return [self._item(item) for item in text.split(",")]


def _integers(low: int, high: int) -> _Integers:
    return _Integers(low, high)
