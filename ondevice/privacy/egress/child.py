"""The watched process: it does the SDK's main job with invented text, on a profile and under a home of its own."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ondevice.privacy.egress.attempts import ending_of
from ondevice.privacy.egress.cut_off import cut_off
from ondevice.privacy.egress.guard import Guard
from ondevice.privacy.egress.networks import network_module
from ondevice.privacy.egress.switches import BY_MODULE

CANARY = "quillfjord"
"""A word that no file outside the profile may hold."""

NOTES = (
    f"The invented ferry to {CANARY} leaves at seven on Mondays.",
    f"Aunt Perpetua of {CANARY} likes her invented tea with cardamom.",
    "The invented bicycle has a new chain and a blue bell.",
    "Nobody's piano lesson moved to the invented Thursday.",
    "The imaginary choir sings in the invented barn in June.",
    "A made-up dentist called about a made-up tooth.",
)
REQUEST = "When does the invented ferry leave?"
STEPS = ("start", "create", "open", "add", "search", "answer", "forget", "close", "load", "idle", "end")
_ANSWER_TOKENS = 8
_MOST_READ = 1 << 26


class Teller:
    """Tells the other process what happens, one line each, whatever becomes of the standard output."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)

    def say(self, event: dict[str, Any]) -> None:
        """Tell one event."""
        with suppress(OSError):  # nobody listens any more
            os.write(self._out, json.dumps(event).encode() + b"\n")


def work(job: dict[str, Any]) -> None:
    """Do the job under watch, and return, so that what libraries do at the interpreter's end is seen as well."""
    teller = Teller()
    is_cut_off = cut_off() if job["is_cut_off"] else False
    guard = Guard(teller.say, blocks=job["blocks"] and not is_cut_off, folder=job["folder"])
    guard.install()
    teller.say({"is_cut_off": is_cut_off})
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    # What is loaded goes on where the job does not: each part is done whatever became of the one before.
    for part in (_main_job, _load_the_rest):
        try:
            part(job, teller)
        except Exception as error:  # its message could be anything; the name of its type is enough
            teller.say({"error": type(error).__name__})
    teller.say({"step": "idle"})
    time.sleep(job["idle_s"])
    _tell_loaded(teller)
    for place in guard.written:
        if is_readable(Path(place)):
            teller.say({"readable": ending_of(place)})
    teller.say({"step": "end"})


def is_readable(path: Path) -> bool:
    """Say whether a file holds the job's text in the clear."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_READ).lower()
    except OSError:
        return False
    return any(CANARY.encode(coding) in content for coding in ("utf-8", "utf-16-le", "utf-16-be"))


def _main_job(job: dict[str, Any], teller: Teller) -> None:
    from ondevice.bundle.model_set import ModelSet
    from ondevice.config import IndexConfig
    from ondevice.personalizer import Personalizer
    from ondevice.records import Draft

    models = ModelSet(job["models"], encoder=job["encoder"], generator=job["generator"])
    profile = Path(job["profile"])
    key = os.urandom(32)
    # So few vectors are searched exactly unless asked otherwise, and then hnswlib would do nothing.
    index = IndexConfig(exact_up_to=len(NOTES) // 2)
    teller.say({"step": "create"})
    Personalizer.create(profile, app_key=key, models=models, index=index).close()
    teller.say({"step": "open"})
    with Personalizer.open(profile, app_key=key, models=models, index=index) as me:
        teller.say({"step": "add"})
        me.add_many(Draft(text=note) for note in NOTES)
        teller.say({"step": "search"})
        hits = me.search(REQUEST, k=3)
        if job["generator"] is not None:
            teller.say({"step": "answer"})
            me.generate(REQUEST, max_tokens=_ANSWER_TOKENS)
        teller.say({"step": "forget"})
        me.forget(hits[0].item.id)
        teller.say({"step": "close"})


def _load_the_rest(_job: dict[str, Any], teller: Teller) -> None:
    """Load the libraries for which the job had no model: a library can reach out as soon as it is loaded."""
    teller.say({"step": "load"})
    from ondevice.retrieval.encoding.session import load_runtime

    if "onnxruntime" not in sys.modules:
        with suppress(ImportError):
            load_runtime()
    with suppress(ImportError):
        import hnswlib  # noqa: F401
    with suppress(ImportError):
        import tokenizers  # noqa: F401
    with suppress(ImportError):
        from ondevice.generation.llama import native  # noqa: F401


def _tell_loaded(teller: Teller) -> None:
    """Tell which modules, switches and shared objects the process has at its end."""
    for name in sorted(sys.modules):
        if network_module(name) == name:
            teller.say({"module": name})
        if name in BY_MODULE:
            teller.say({"reporter": name, "is_off": BY_MODULE[name].is_off(os.environ)})
    with suppress(OSError):
        lines = Path("/proc/self/maps").read_text().splitlines()
        for path in sorted({line.split(maxsplit=5)[5] for line in lines if "/" in line and ".so" in line}):
            teller.say({"library": path})


def _end_with_the_other() -> None:
    """End this process when the one that watches it closes the pipe, or dies."""
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(1)
