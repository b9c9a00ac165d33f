"""Looking at models on disk: which are there, and whether every byte is the pinned one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from export.models.describing import as_made, is_described
from export.models.fetching import SCRATCH_NAME
from export.models.placing import OnProgress, ignore_progress, sha256_of, size_of, writing
from export.models.registry import RegisteredModel, Registry
from ondevice.bundle import read_manifest
from ondevice.errors import OndeviceError

State = Literal["ready", "absent", "incomplete", "damaged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelState:
    """A model folder and what is wrong with it; ``problems`` is empty when it is ready or absent."""

    name: str
    kind: str
    folder: Path
    state: State
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Expected:
    path: str
    sha256: str
    bytes: int


def check_model(
    model: RegisteredModel, models_dir: Path, *, hashes: bool = True, on_progress: OnProgress = ignore_progress
) -> ModelState:
    """Compare a model of the registry with its folder: sizes, and with ``hashes`` every byte.

    Raises:
        StorageError: If a file cannot be read.
    """
    folder = models_dir / model.name
    if not folder.is_dir():
        return ModelState(name=model.name, kind=model.kind, folder=folder, state="absent")
    expected = [
        _Expected(path=file.path, sha256=file.sha256, bytes=file.bytes) for file in as_made(model, folder).files
    ]
    state, problems = _compare(folder, expected, hashes, on_progress)
    if state == "ready" and not is_described(model, folder):
        state, problems = "incomplete", ("its description is missing or is not the registry's",)
    return ModelState(name=model.name, kind=model.kind, folder=folder, state=state, problems=problems)


def check_folder(folder: Path, *, hashes: bool = True, on_progress: OnProgress = ignore_progress) -> ModelState:
    """Compare a folder that the registry does not know with its own manifest.

    Raises:
        OndeviceError: If the manifest is missing or cannot be used.
    """
    manifest = read_manifest(folder)
    expected = [_Expected(path=entry.path, sha256=entry.sha256, bytes=entry.bytes) for entry in manifest.files.values()]
    state, problems = _compare(folder, expected, hashes, on_progress)
    return ModelState(name=manifest.name, kind=manifest.kind, folder=folder, state=state, problems=problems)


def own_models(registry: Registry, models_dir: Path) -> list[Path]:
    """Return the folders with a manifest that the user put beside the registry's models, sorted."""
    return sorted(folder for folder in _folders(models_dir) if folder.name not in registry.models)


def _folders(models_dir: Path) -> Iterator[Path]:
    if not models_dir.is_dir():
        return
    for folder in models_dir.iterdir():
        if folder.name != SCRATCH_NAME and (folder / "manifest.json").is_file():
            yield folder


def check_own(folder: Path, *, hashes: bool = True, on_progress: OnProgress = ignore_progress) -> ModelState:
    """Do as :func:`check_folder`, with an unusable manifest as one more problem instead of an error."""
    try:
        return check_folder(folder, hashes=hashes, on_progress=on_progress)
    except OndeviceError as error:
        return ModelState(name=folder.name, kind="unknown", folder=folder, state="damaged", problems=(error.message,))


def _compare(
    folder: Path, files: list[_Expected], hashes: bool, on_progress: OnProgress
) -> tuple[State, tuple[str, ...]]:
    missing = [f"the file {file.path!r} is missing" for file in files if not (folder / file.path).is_file()]
    damaged: list[str] = []
    total, done = sum(file.bytes for file in files), 0
    for file in files:
        path = folder / file.path
        if not path.is_file():
            continue
        if size_of(path) != file.bytes:
            damaged.append(f"the file {file.path!r} has {size_of(path)} bytes, not {file.bytes}")
        elif hashes:
            before = done
            with writing(f"the file {file.path!r}"):
                actual = sha256_of(path, lambda n, _, before=before: on_progress(before + n, total))  # type: ignore[misc]
            if actual != file.sha256:
                damaged.append(f"the file {file.path!r} has the sha-256 {actual}, not {file.sha256}")
        done += file.bytes
    if damaged:
        return "damaged", (*damaged, *missing)
    return ("incomplete", tuple(missing)) if missing else ("ready", ())
