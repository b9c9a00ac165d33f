"""One kind of work in a process of its own, done again for each line that it reads.

Run as ``python -m benchmarks.busy_child WORK THREADS MODELS``; 0 threads are as many as by default. Before the first
line, and after each time, it writes a line: the seconds that it took.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ondevice import EngineConfig
from ondevice.bundle import Bundle

N_TOKENS = 48
"""Tokens of the answer."""

N_TEXTS = 32
"""Texts that are encoded."""

N_PAIRS = 4
"""Pairs that are trained on, in one step, of so many tokens each:"""

N_PAIR_TOKENS = 64

GENERATOR, ENCODER = "smollm2-135m-instruct", "minilm-l6-int8"
_REQUEST = "Write a long letter to a friend about the garden, the concert and the journey."
_TEXT = "The boiler will be repaired on Tuesday at nine, and the flat in Lyon was sunny; "


def answer(models: Path, threads: int | None) -> Callable[[], object]:
    """Return what answers a request whose prompt has been read."""
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.prompts.chat import Message

    bundle = Bundle.open(models / GENERATOR, kind="generator")
    engine = Engine.open(bundle, config=EngineConfig(threads=threads))
    prompt = engine.render([Message(role="user", content=_REQUEST)])
    return lambda: engine.generate(prompt, max_tokens=N_TOKENS)


def encode(models: Path, threads: int | None) -> Callable[[], object]:
    """Return what encodes some texts of different lengths."""
    from ondevice.retrieval.encoding.encoder import Encoder

    encoder = Encoder.open(Bundle.open(models / ENCODER, kind="encoder"), threads=threads)
    return lambda: encoder.encode_passages([f"{_TEXT * (1 + i % 4)}{i}" for i in range(N_TEXTS)])


def train(models: Path, threads: int | None) -> Callable[[], object]:
    """Return what trains one step on pairs of made-up tokens, and evaluates before and after."""
    from ondevice.adaptation.lessons.examples import Example
    from ondevice.adaptation.lora.training import train
    from ondevice.adaptation.lora.weights import load_base
    from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig

    base = load_base(models / GENERATOR / "model.gguf")
    tokens = np.random.default_rng(0).integers(100, 10_000, (N_PAIRS + 1, N_PAIR_TOKENS)).astype(np.int32)
    pairs = [Example(prompt=row[:-24], answer=row[-24:]) for row in tokens]
    config = TrainingConfig(epochs=1, precision="float32", threads=threads)
    return lambda: train(base, pairs[1:], pairs[:1], LoraRecipe(), config)


WORKS: dict[str, Callable[[Path, int | None], Callable[[], object]]] = {
    "answer": answer,
    "encode": encode,
    "train": train,
}


def main(arguments: list[str]) -> None:
    """Do the work as often as it is told to."""
    work, threads, models = arguments
    do = WORKS[work](Path(models), int(threads) or None)
    do()
    sys.stdout.write("0\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        started = time.perf_counter()
        do()
        sys.stdout.write(f"{time.perf_counter() - started}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
