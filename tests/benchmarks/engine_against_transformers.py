"""Prefill and decode of our engine beside transformers, interleaved in one run.

Usage: python -m tests.benchmarks.engine_against_transformers [--shape llama-1b] [--rounds 3]
       [--batch 1,4,8] [--prompt-tokens 512] [--decode-tokens 32] [--folder DIR]

Each round starts both programs afresh, one after the other: first ours through the command line,
then transformers (eager loop, SDPA, bfloat16, same threads). Prints medians and ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.random_models import SHAPES, default_folder, write_model

Cell = dict[str, float]


def main() -> None:
    """Parse arguments and run either the comparison or, as a child, the peer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", choices=SHAPES, default="llama-1b")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", default="1,4,8")
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--decode-tokens", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peer", action="store_true", help="measure transformers in this process")
    arguments = parser.parse_args()
    folder = arguments.folder or default_folder(arguments.shape)
    write_model(arguments.shape, folder)
    if arguments.peer:
        print(json.dumps(_measure_transformers(folder, arguments)))
        return
    ours: list[list[Cell]] = []
    peer: list[list[Cell]] = []
    for number in range(arguments.rounds):
        ours.append(_run_ours(folder, arguments))
        peer.append(_run_peer(folder, arguments))
        print(f"round {number + 1} done", file=sys.stderr)
    _print_table(ours, peer)


def _run_ours(folder: Path, arguments: argparse.Namespace) -> list[Cell]:
    command = [
        sys.executable, "-m", "realm_desktop", "bench", str(folder), "--json", "--repeat", "1",
        "--batch", arguments.batch, "--prompt-tokens", str(arguments.prompt_tokens),
        "--decode-tokens", str(arguments.decode_tokens), "--threads", str(arguments.threads),
    ]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def _run_peer(folder: Path, arguments: argparse.Namespace) -> list[Cell]:
    command = [
        sys.executable, "-m", "tests.benchmarks.engine_against_transformers", "--peer",
        "--shape", arguments.shape, "--folder", str(folder), "--batch", arguments.batch,
        "--prompt-tokens", str(arguments.prompt_tokens),
        "--decode-tokens", str(arguments.decode_tokens), "--threads", str(arguments.threads),
    ]  # fmt: skip
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    cells: list[Cell] = json.loads(output.splitlines()[-1])
    return cells


def _measure_transformers(folder: Path, arguments: argparse.Namespace) -> list[Cell]:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(arguments.threads)
    started = time.perf_counter()
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model.eval()
    load_s = time.perf_counter() - started
    cells: list[Cell] = []
    for batch in map(int, arguments.batch.split(",")):
        prefill, decode = _peer_cell(model, batch, arguments)
        cells.append({
            "batch": batch, "prefill_tokens_per_s": prefill, "decode_tokens_per_s": decode,
            "load_s": load_s,
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        })  # fmt: skip
    return cells


def _peer_cell(model: Any, batch: int, arguments: argparse.Namespace) -> tuple[float, float]:
    """Tokens per second of prefill and decode, all rows of the batch together."""
    import torch

    size = model.config.vocab_size
    ids = torch.randint(0, size, (batch, arguments.prompt_tokens))
    with torch.inference_mode():
        started = time.perf_counter()
        out = model(ids, use_cache=True, logits_to_keep=1)
        prefilled = time.perf_counter()
        cache = out.past_key_values
        for _ in range(arguments.decode_tokens):
            ids = out.logits[:, -1:].argmax(-1)
            out = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        ended = time.perf_counter()
    return (
        batch * arguments.prompt_tokens / (prefilled - started),
        batch * arguments.decode_tokens / (ended - prefilled),
    )


def _print_table(ours: list[list[Cell]], peer: list[list[Cell]]) -> None:
    print("| batch | figure | ours | transformers | ratio |")
    print("|---|---|---|---|---|")
    for column, first in enumerate(ours[0]):
        for figure in ("prefill_tokens_per_s", "decode_tokens_per_s", "peak_rss_bytes", "load_s"):
            mine = statistics.median(cells[column][figure] for cells in ours)
            theirs = statistics.median(cells[column][figure] for cells in peer)
            print(
                f"| {first['batch']:.0f} | {figure} | {mine:,.1f} | {theirs:,.1f} "
                f"| {mine / theirs:.2f} |"
            )


if __name__ == "__main__":
    main()
