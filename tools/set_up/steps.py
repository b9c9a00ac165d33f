"""The steps of setting up, each with what tells that it is done."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.set_up.installing import install
from tools.set_up.model_files import are_fetched, fetch_models, stamp_fetched
from tools.set_up.running import StepFailedError, run_logged
from tools.set_up.showing import Display
from tools.set_up.stamps import Stamps, stamp_of

WANTED = ("demo", "prebuilt", "dev", "torch", "models")
LOCKS = {"demo": "demo.lock", "prebuilt": "prebuilt.lock", "dev": "requirements.lock"}
_TITLES = {
    "demo": "the demo's packages",
    "prebuilt": "the demo's packages, all of them finished ones",
    "dev": "every package for development",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The environment's folder, and that of the project."""

    venv: Path
    project: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.program("python")

    @property
    def log(self) -> Path:
        """What the programs said."""
        return self.venv / "set-up.log"

    def program(self, name: str) -> Path:
        """Return where the environment has a program."""
        return self.venv / ("Scripts" if os.name == "nt" else "bin") / (f"{name}.exe" if os.name == "nt" else name)

    def lock(self, name: str) -> Path:
        """Return a file of pinned packages."""
        return self.project / ".ci" / name


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step: what it is called, how it is done, and whether it is done already."""

    title: str
    do: Callable[[Display], None]
    is_done: Callable[[Stamps], bool]
    stamp: Callable[[Stamps], None]


def steps_for(wanted: Sequence[str], place: Place) -> list[Step]:
    """Return the steps to what is wanted, in their order, done or not."""
    steps = [_environment(place)]
    steps += [_packages(name, place) for name in LOCKS if name in wanted and (name == "dev" or "dev" not in wanted)]
    steps.append(_sdk(place))
    if "torch" in wanted:
        steps.append(_torch(place))
    if "models" in wanted:
        steps.append(_models(place))
    return steps


def _environment(place: Place) -> Step:
    def do(display: Display) -> None:
        is_other = place.venv.exists() and any(place.venv.iterdir()) and not (place.venv / "pyvenv.cfg").exists()
        if is_other:
            raise StepFailedError(
                f"{place.venv} is there, and is no environment of Python", hint="name another folder: make VENV=…"
            )
        code, lines = run_logged(
            [sys.executable, "-m", "venv", "--clear", place.venv],
            None,
            on_line=lambda _: None,
            on_tick=display.refresh,
        )
        if code:
            raise StepFailedError(
                "Python could not make an environment",
                lines=lines,
                hint="it needs venv; on Debian and Ubuntu: apt install python3-venv",
            )

    return Step(
        title=f"the environment {place.venv}", do=do, is_done=lambda _: place.python.exists(), stamp=lambda _: None
    )


def _packages(name: str, place: Place) -> Step:
    lock = place.lock(LOCKS[name])
    only = ["--only-binary=:all:"] if name == "prebuilt" else []
    n_packages = sum("==" in line and not line.startswith((" ", "#")) for line in lock.read_text("utf-8").splitlines())

    def stamp(stamps: Stamps) -> None:
        stamps.put(name, stamp_of(lock.read_bytes()))
        if name == "dev":  # which has all of the others' packages, in the same versions
            for other in LOCKS.keys() - {name}:
                stamps.put(other, stamp_of(place.lock(LOCKS[other]).read_bytes()))

    return Step(
        title=_TITLES[name],
        do=lambda display: install(
            ["--no-deps", "--require-hashes", *only, "-r", lock], n_packages, place.python, place.log, display
        ),
        is_done=lambda stamps: stamps.has(name, stamp_of(lock.read_bytes())),
        stamp=stamp,
    )


def _sdk(place: Place) -> Step:
    # Its settings for linters and tests change often, and nothing that is installed.
    shapes = []
    folders = (place.project, place.project / "export", place.project / "ondevice_integrations")
    for folder in folders:
        with (folder / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file)
        shapes.append([project.get("build-system"), project.get("project"), project.get("tool", {}).get("setuptools")])
    stamp = stamp_of(json.dumps([str(place.project.resolve()), shapes]))
    packages = ["--no-deps", *(word for folder in folders for word in ("--editable", folder))]
    return Step(
        title="the SDK itself",
        do=lambda display: install(packages, len(folders), place.python, place.log, display),
        is_done=lambda stamps: stamps.has("sdk", stamp),
        stamp=lambda stamps: stamps.put("sdk", stamp),
    )


def _torch(place: Place) -> Step:
    pinned = place.lock("torch.txt")
    stamp = stamp_of(pinned.read_bytes())
    return Step(
        title="PyTorch",
        do=lambda display: install(["-r", pinned], 1, place.python, place.log, display),
        is_done=lambda stamps: stamps.has("torch", stamp),
        stamp=lambda stamps: stamps.put("torch", stamp),
    )


def _models(place: Place) -> Step:
    registry = place.project / "export" / "models" / "registry.json"
    return Step(
        title="the default models",
        do=lambda display: fetch_models(place.program("ondevice-models"), place.venv, display),
        is_done=lambda stamps: are_fetched(stamps, place.venv, registry),
        stamp=lambda stamps: stamp_fetched(stamps, place.venv, registry),
    )
