"""Makes the whole starter family with one command: target, draft, adapters, files, measured card.

Run from the top folder: `python -m resources.starter.family`. The default budget is 90 minutes on
two free cores; an interrupted run goes on where its last checkpoint is.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from resources.starter.adapters import ship_adapters, train_adapter
from resources.starter.corpus.voices import VOICES
from resources.starter.evaluate import Evaluation, table, update_card
from resources.starter.export import FILES, FOLDER, export_family
from resources.starter.train import SETUPS, train

MINUTES = 90.0
# The rest is for the text, two adapters and the evaluation.
SHARES = {"target": 0.66, "draft": 0.16}


def main() -> None:
    """Train, export and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="budget of everything")
    parser.add_argument("--work", type=Path, default=Path("build/starter"))
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=("auto", *SETUPS), default="auto")
    parser.add_argument("--samples", type=int, default=100, help="of each measure")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    for role, share in SHARES.items():
        train(role, arguments.work, share * arguments.minutes, device=arguments.device)
    export_family(arguments.work, arguments.out)
    for voice in VOICES:
        train_adapter(voice, arguments.out / FILES["target"], arguments.work)
    ship_adapters(arguments.work, arguments.out)
    rows = Evaluation(arguments.out, arguments.samples).rows()
    print(table(rows))
    update_card(arguments.out / "MODEL_CARD.md", rows)


if __name__ == "__main__":
    main()
