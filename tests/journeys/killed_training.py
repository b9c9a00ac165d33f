"""Processes that train an adapter and are killed, as by a power cut, in the middle of a step.

Started as ``python killed_training.py MODELS PROFILE N_STEPS PROFILE N_STEPS…``. For each profile a process is forked,
which dies in the step after so many; PyTorch is loaded once for all. Writes how each of them ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import torch

from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig

KEY = b"k" * 32
RECIPE = LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0)
CONFIG = TrainingConfig(epochs=2, learning_rate=1e-2, batch_tokens=400, max_tokens=160, precision="float32")


def opened(profile: Path, models: Path, generator: str = "tiny-generator") -> Personalizer:
    """Open the profile with the tiny model."""
    torch.set_num_threads(1)  # the number of threads decides the last bits
    return Personalizer.open(
        profile,
        app_key=KEY,
        models=ModelSet(
            models, encoder=None, generator=generator, engine=EngineConfig(threads=1, reuse_whole_batches=True)
        ),
    )


def main(profile: Path, models: Path, n_steps: int) -> None:
    """Train, and die."""

    def on_progress(done: int, total: int) -> None:
        if done == n_steps:
            # The next gradient is under way when the end comes.
            torch.nn.utils.clip_grad_norm_ = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

    with opened(profile, models) as me:
        me.adapters.train("style", recipe=RECIPE, config=CONFIG, refit=True, on_progress=on_progress)


def died(profile: Path, models: Path, n_steps: int) -> int:
    """Train in a process of its own, and return how that ended."""
    child = os.fork()
    if child == 0:
        try:
            main(profile, models, n_steps)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    import peft  # noqa: F401 - once, for all of the processes

    ends = [
        died(Path(profile), Path(sys.argv[1]), int(n_steps))
        for profile, n_steps in zip(sys.argv[2::2], sys.argv[3::2], strict=True)
    ]
    json.dump(ends, sys.stdout)
