"""The default models: fetched and compared byte by byte once; afterwards a look at sizes and times is enough."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tools.set_up.running import StepFailedError
from tools.set_up.showing import Display
from tools.set_up.stamps import Stamps, stamp_of, stamp_of_files

_LIST = "models.json"
_VARIABLES = ("ONDEVICE_MODELS", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA")
_DESCRIPTION = "manifest.json"


def fetch_models(fetcher: Path, venv: Path, display: Display) -> None:
    """Fetch what is not there yet, and write down which files these are.

    Raises:
        StepFailedError: If they cannot be fetched.
    """
    display.clear()  # the fetcher shows by itself how far it is
    ran = subprocess.run([fetcher, "fetch", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    try:
        document = json.loads(ran.stdout)
    except ValueError:
        document = {"error": {"message": f"{fetcher.name} ended with exit code {ran.returncode}", "hint": None}}
    if "error" in document:
        error = document["error"]
        again = "run the same command again: what arrived is kept"
        raise StepFailedError(error["message"], hint=error["hint"] or again)
    paths = []
    for model in document["models"]:
        folder = Path(model["folder"])
        paths += [folder / file["path"] for file in model["files"]] + [folder / _DESCRIPTION]
    (venv / _LIST).write_text(json.dumps([str(path) for path in paths], indent=1) + "\n", "utf-8")


def are_fetched(stamps: Stamps, venv: Path, registry: Path) -> bool:
    """Return whether the files that were verified lie there as they did then, and are still the ones to have."""
    stamp = _stamp(venv, registry)
    return stamp is not None and stamps.has("models", stamp)


def stamp_fetched(stamps: Stamps, venv: Path, registry: Path) -> None:
    """Write down how the files lie there now."""
    stamps.put("models", _stamp(venv, registry) or "")


def _stamp(venv: Path, registry: Path) -> str | None:
    try:
        paths = [Path(path) for path in json.loads((venv / _LIST).read_text("utf-8"))]
        files = stamp_of_files(paths)
    except (OSError, ValueError):
        return None
    places = [f"{name}={os.environ.get(name, '')}" for name in _VARIABLES]
    return stamp_of(registry.read_bytes(), files, *places)
