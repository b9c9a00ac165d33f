"""Ingest in the background with progress, while the app goes on searching.

Run it with ``python examples/background_ingestion.py [PROFILE]``; without a path the profile is temporary.
"""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ondevice import Draft, Personalizer


def show(done: int, total: int) -> None:
    """Draw progress; an app would move a bar."""
    print(f"{done} of {total}")


def main(profile: Path) -> None:
    """Add 200 items from a worker thread; each batch is searchable as soon as it is stored."""
    drafts = [Draft(text=f"Measured the river at gauge {n}: {n % 37} cm.", kind="measurement") for n in range(200)]
    with Personalizer.create(profile, app_key=os.urandom(32)) as me, ThreadPoolExecutor(1) as worker:
        running = worker.submit(me.add_many, drafts, batch=40, on_progress=show)
        while not running.done():
            me.search("river gauge 17", k=1)
        print(f"{running.result().n_added} added; best: {me.search('gauge 17', k=1, retriever='bm25')[0].item.text}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "me.profile")
