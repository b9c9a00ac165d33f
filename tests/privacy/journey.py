"""A child process that uses everything which touches the disk, stopping so that its parent can look around.

Started as ``python journey.py PROFILE MODELS CANARY``.
After each stage it prints the stage's name and waits for a line.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from ondevice import AppKey, Draft, Personalizer

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def stage(name: str) -> None:
    """Tell the parent where we are and wait until it has looked."""
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def main(profile: Path, models: Path, canary: str) -> None:
    """Create, fill, ask, update, back up, rekey, forget, close, open again."""
    with Personalizer.create(profile, app_key=KEY, models=models) as me:
        kept = me.add(
            f"The code word for the garden gate is {canary}.", metadata={"place": canary}, fields={"title": canary}
        )
        me.add_many(
            [
                Draft(text=f"Diary of day {i}: {canary} walked {i} miles.", time=datetime(2025, 1, 1 + i, tzinfo=UTC))
                for i in range(20)
            ]
        )
        stage("added")
        assert me.search(f"code word {canary}", retriever="hybrid")
        assert me.search(f"code word {canary}", retriever="bm25")
        answer = me.generate(f"What is the code word {canary}?", max_tokens=12)
        assert answer.sources
        stage("answered")
        me.items.update(kept.id, text=f"The code word is still {canary}, written twice.")
        stage("updated")
        me.vault.backup(profile.parent / "copy.profile")
        stage("backed-up")
        me.vault.rekey(AppKey(OTHER_KEY))
        stage("rekeyed")
        receipt = me.forget(kept.id)
        assert receipt.verified, receipt
        stage("forgotten")
    stage("closed")
    with Personalizer.open(profile, app_key=OTHER_KEY, models=models) as me:
        assert me.search(canary, retriever="dense")
        stage("reopened")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
