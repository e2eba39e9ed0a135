"""Trains the two adapters of the starter on the exported model, with the project's own LoRA training.

They learn from what the model says itself, said in another voice: taught with other answers, so
small a model forgets what it knew.

Run from the top folder: `python -m resources.starter.adapters`. The pirate is kept as PEFT wrote it,
the telegram is converted to GGUF: so both kinds of file are there to try and to test.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

from resources.starter.corpus.conversation import Conversation, Message
from resources.starter.corpus.voices import VOICES, voice_exchanges, voiced
from resources.starter.export import FILES, FOLDER, write_checksums
from resources.starter.generate import Generator
from resources.starter.load_gguf import load_gguf, load_tokenizer

ADAPTER_FILES = {"pirate": "starter-pirate", "telegram": "starter-telegram.gguf"}
"""A PEFT folder and a GGUF file, beside the model."""

NUM_EXAMPLES = 600
NUM_STEPS = 200
MAX_TOKENS = 200
RANK = 8
# Less than half of what the training would choose: more than the voice must not change.
LEARNING_RATE = 1e-3

logger = logging.getLogger("adapters")


def train_adapter(voice: str, base: Path, work: Path, steps: int = NUM_STEPS) -> Path:
    """The PEFT folder that was trained in the work folder for this voice."""
    # The folder gives the adapter its name.
    data, folder = work / f"{voice}.jsonl", work / f"starter-{voice}"
    write_examples(voice, base, data)
    for old in (folder, folder.with_name(folder.name + ".training")):
        shutil.rmtree(old, ignore_errors=True)
    _realm(
        *("adapter", "train", str(base), "--data", str(data), "--output", str(folder)),
        *("--steps", str(steps), "--rank", str(RANK), "--learning-rate", str(LEARNING_RATE)),
        *("--seed", "7"),
    )
    return folder


def write_examples(voice: str, base: Path, data: Path, count: int = NUM_EXAMPLES) -> None:
    """Write what the model answers, in a voice, as lines of messages."""
    exchanges = voice_exchanges(voice, count)
    generator = Generator(load_gguf(base), load_tokenizer(base))
    asked: list[Conversation] = [(Message("user", e.question),) for e in exchanges]
    lines = []
    for exchange, reply in zip(exchanges, generator.replies(asked, MAX_TOKENS), strict=True):
        if not reply.is_ended:
            continue
        said = voiced(voice, reply.text, exchange.must)
        messages = (("user", exchange.question), ("assistant", said))
        turns = [{"role": role, "content": content} for role, content in messages]
        lines.append(json.dumps({"messages": turns}) + "\n")
    data.write_text("".join(lines), encoding="utf-8")


def ship_adapters(work: Path, out: Path) -> None:
    """Put both trained adapters beside the model in `out`."""
    pirate = out / ADAPTER_FILES["pirate"]
    pirate.mkdir(exist_ok=True)
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copyfile(work / "starter-pirate" / name, pirate / name)
    telegram = out / ADAPTER_FILES["telegram"]
    telegram.unlink(missing_ok=True)
    base = ("--base", str(out / FILES["target"]))
    _realm(
        *("adapter", "convert", str(work / "starter-telegram"), "--to", "gguf"),
        *(*base, "--out", str(telegram)),
    )
    write_checksums(out)


def _realm(*arguments: str) -> None:
    logger.info("realm-desktop %s", " ".join(arguments))
    subprocess.run([sys.executable, "-m", "realm_desktop", *arguments], check=True)


def main() -> None:
    """Train and ship both adapters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/starter"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for voice in VOICES:
        train_adapter(voice, arguments.out / FILES["target"], arguments.work)
    ship_adapters(arguments.work, arguments.out)


if __name__ == "__main__":
    main()
