"""Run the sessions that come on standard input and tell each fault on standard output, both as lines of JSON.

Started by :mod:`benchmarks.faults.crew`, with the shim loaded. Everything is imported once; each app and each judge is
a fork of this process.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from benchmarks.faults.sessions import Session

SHARED_MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 256 * 1024 * 1024


def main(arguments: list[str]) -> int:
    """Work until the input ends; the first argument, if any, is a folder for what failures leave."""
    kept = Path(arguments[0]) if arguments else None
    with tempfile.TemporaryDirectory(prefix="ondevice-faults-", dir=fast_folder()) as folder:
        for line in sys.stdin:
            session = Session.of_json(json.loads(line))
            try:
                _run(session, Path(folder) / "work", kept)
                _tell({"done": session.number})
            except Exception:
                _tell({"done": session.number, "error": traceback.format_exc()})
    return 0


def fast_folder() -> Path | None:
    """Return a folder in memory where there is one: what is judged are the bytes, whatever keeps them."""
    is_large = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free >= ENOUGH_BYTES
    return SHARED_MEMORY if is_large else None


def _run(session: Session, work: Path, kept: Path | None) -> None:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for index, fault in enumerate(session.run(work)):
        body = {"session": session.number, "index": index, **fault.as_json()}
        if fault.problems and kept is not None:
            folder = kept / f"seed-{session.seed}-session-{session.number}-fault-{index}"
            shutil.copytree(work, folder)
            (folder / "fault.json").write_text(json.dumps(body, indent=1), "utf-8")
        _tell(body)


def _tell(body: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(body) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
