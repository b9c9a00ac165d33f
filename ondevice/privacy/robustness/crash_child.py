"""The process that a crash drill kills: it adds and forgets items, and tells after each that it is done.

Started as a program. It reads a line of JSON from its standard input, with ``path``, the ``key`` in hex and a
``start`` number, and writes a line before and after each change: ``added 7``, ``forgetting 7``, ``forgotten 7``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from ondevice.records import Draft
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault

KIND = "crashdrill"
MOST = 100_000


def text_of(number: int) -> str:
    """Return what the item of this number says."""
    return " ".join([f"{KIND} {number}"] * 20)


def work() -> None:
    """Change the profile until this process is killed, or nobody waits for it any more."""
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    with Vault.open(Path(job["path"]), AppKey(bytes.fromhex(job["key"]))) as vault:
        _tell("open")
        for number in range(job["start"], job["start"] + MOST):
            vault.items.put_many([Draft(text=text_of(number), kind=KIND, id=f"{KIND}-{number}")])
            _tell(f"added {number}")
            if number % 3 == 2:
                _tell(f"forgetting {number - 1}")
                vault.forget([f"{KIND}-{number - 1}"])
                _tell(f"forgotten {number - 1}")


def _tell(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def _end_with_the_other() -> None:
    """End this process when the one that waits for it closes the pipe, or dies."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(1)


if __name__ == "__main__":
    work()
