"""A child process that trains, pauses, resumes, uses and loses an adapter, stopping so that its parent can look around.

Started as ``python adapting_journey.py PROFILE MODELS CANARY``.
After each stage it prints the stage's name and waits for a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ondevice import AppKey, EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.config import Contrast

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def stage(name: str) -> None:
    """Tell the parent where we are and wait until it has looked."""
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def opened(profile: Path, models: Path, key: bytes) -> Personalizer:
    """Open the profile with the tiny model."""
    return Personalizer.open(
        profile,
        app_key=key,
        models=ModelSet(models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    )


def main(profile: Path, models: Path, canary: str) -> None:
    """Train with a pause and an open epoch, serve, back up, rekey, forget, close, open again."""
    recipe = LoraRecipe(rank=4)
    config = TrainingConfig(epochs=2, batch_tokens=400, max_tokens=160)
    steps: list[int] = []

    def on_progress(done: int, total: int) -> None:
        if done in (1, total - 1):
            stage("training" if done == 1 else "resumed")
        steps.append(done)

    def on_search(done: int, total: int) -> None:
        if done == total - 1:
            stage("searching")

    with opened(profile, models, KEY) as me:
        ids = [me.add(f"day {number}: {canary} walked {number} miles along the shore").id for number in range(10)]
        paused = me.adapters.train(
            "style",
            recipe=recipe,
            config=config,
            leave_out=ids[8:],
            on_progress=on_progress,
            pause=lambda: len(steps) >= 2,
        )
        assert paused is not None
        assert paused.is_paused
        stage("paused")
        info = me.adapters.resume("style", on_progress=on_progress)
        assert info is not None
        assert info.is_ready
        stage("trained")
        me.adapters.use("style")
        assert me.generate(f"what did {canary} do", max_tokens=8).n_tokens
        stage("answered")
        me.adapters.use("style", contrast=Contrast())
        with me.stream(f"what did {canary} do", max_tokens=8) as pieces:
            next(iter(pieces))
            stage("contrasted")
        assert me.planner.plan(k=2, adapter="style").n_held_out == 2
        stage("planned")
        me.adapters.search("found", recipe=recipe, config=config, max_evaluations=2, on_progress=on_search)
        stage("searched")
        me.vault.backup(profile.parent / "copy.profile")
        me.vault.rekey(AppKey(OTHER_KEY))
        stage("rekeyed")
    with opened(profile, models, OTHER_KEY) as me:
        assert me.adapters.status().in_use == "style"
        assert me.generate(f"what did {canary} do", max_tokens=8).n_tokens
        stage("reopened")
        receipt = me.forget(ids[0])
        assert receipt.verified, receipt
        assert me.adapters.list() == []
        stage("forgotten")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
