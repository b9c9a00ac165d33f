"""The runs of the main job: which there are on this system, and what they need."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle.places import resolve
from ondevice.bundle.reading import MANIFEST_NAME
from ondevice.config import default_models_dir
from ondevice.privacy.egress.child import STEPS
from ondevice.privacy.egress.leftovers import Leftover, homed, leftovers
from ondevice.privacy.egress.process import watch_job
from ondevice.privacy.egress.seen import Seen
from ondevice.privacy.egress.switches import without_switches
from ondevice.privacy.subject import Subject

IDLE_S, DEEP_IDLE_S = 2.0, 60.0
"""How long the job is idle at its end, with everything loaded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run.

    Args:
        name: What the job could see of the network.
        seen: What was seen of it.
        files: The files it left beside its profile.
    """

    name: str
    seen: Seen
    files: tuple[Leftover, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """The models that the job uses: names in a folder, as far as they are there."""

    folder: str
    encoder: str | None
    generator: str | None


def models_of(subject: Subject) -> Models:
    """Return which of the subject's models are there."""
    folder = Path(default_models_dir() if subject.models.folder is None else subject.models.folder).absolute()

    def found(name: str | None) -> str | None:
        return name if name is not None and (resolve(folder / name) / MANIFEST_NAME).is_file() else None

    return Models(folder=str(folder), encoder=found(subject.models.encoder), generator=found(subject.models.generator))


def idle_s(subject: Subject) -> float:
    """Return how long the job is to be idle."""
    return DEEP_IDLE_S if subject.deep else IDLE_S


def run_all(subject: Subject) -> tuple[Run, ...]:
    """Do the job cut off; and again with the machine's network in view, where every call is watched and refused.

    Raises:
        OSError, StorageError: If no process could be started.
    """
    first = _run(subject, is_cut_off=True, step=0)
    if not (first.seen.is_watched and first.seen.is_cut_off):
        return (first,)
    return (first, _run(subject, is_cut_off=False, step=len(STEPS)))


def _run(subject: Subject, *, is_cut_off: bool, step: int) -> Run:
    folder = subject.scratch / f"egress-{'cut-off' if is_cut_off else 'in-view'}"
    home, profile = folder / "home", folder / "job.profile"
    home.mkdir(parents=True, mode=0o700)
    models = models_of(subject)
    job = {
        "folder": str(folder),
        "profile": str(profile),
        "models": models.folder,
        "encoder": models.encoder,
        "generator": models.generator,
        "idle_s": idle_s(subject),
        "is_cut_off": is_cut_off,
    }

    def on_step(name: str) -> None:
        subject.on_progress(step + STEPS.index(name) + 1, 2 * len(STEPS))

    seen = watch_job(job, homed(without_switches(os.environ), home), on_step=on_step)
    return Run(
        name="no network in view" if seen.is_cut_off else "network in view",
        seen=seen,
        files=leftovers(folder, profile),
    )
