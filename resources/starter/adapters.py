"""Trains the two adapters of the starter on the exported model, with the project's own LoRA training.

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

from resources.starter.corpus.voices import VOICES, voice_conversations
from resources.starter.export import FILES, FOLDER, write_checksums

ADAPTER_FILES = {"pirate": "starter-pirate", "telegram": "starter-telegram.gguf"}
"""A PEFT folder and a GGUF file, beside the model."""

NUM_EXAMPLES = 900
NUM_STEPS = 340
RANK = 8

logger = logging.getLogger("adapters")


def train_adapter(voice: str, base: Path, work: Path, steps: int = NUM_STEPS) -> Path:
    """The PEFT folder that was trained in the work folder for this voice."""
    data, folder = work / f"{voice}.jsonl", work / f"{voice}-adapter"
    lines = (
        json.dumps({"messages": [{"role": m.role, "content": m.content} for m in conversation]})
        for conversation in voice_conversations(voice, NUM_EXAMPLES)
    )
    data.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for old in (folder, folder.with_name(folder.name + ".training")):
        shutil.rmtree(old, ignore_errors=True)
    options = ("--steps", str(steps), "--rank", str(RANK), "--seed", "7")
    _realm("adapter", "train", str(base), "--data", str(data), "--output", str(folder), *options)
    return folder


def ship_adapters(work: Path, out: Path) -> None:
    """Put both trained adapters beside the model in `out`."""
    pirate = out / ADAPTER_FILES["pirate"]
    pirate.mkdir(exist_ok=True)
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copyfile(work / "pirate-adapter" / name, pirate / name)
    telegram = out / ADAPTER_FILES["telegram"]
    telegram.unlink(missing_ok=True)
    base = ("--base", str(out / FILES["target"]))
    _realm(
        *("adapter", "convert", str(work / "telegram-adapter"), "--to", "gguf"),
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
