"""Fetching a model: each file hashed, then named; the description last, so half a model never looks like one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree

from filelock import FileLock, Timeout

from export.models.deriving import derive
from export.models.describing import as_made, describe, is_described
from export.models.hub import Hub
from export.models.placing import OnProgress, ignore_progress, is_exactly, place, require_space, size_of, writing
from export.models.registry import RegisteredFile, RegisteredModel
from export.models.supply import FetchOptions, Origin, Supply
from ondevice.errors import StorageError

SCRATCH_NAME = ".fetching"


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedFile:
    """A file of the model and where it came from; ``kept`` means that it was there and right."""

    path: str
    bytes: int
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchReport:
    """A model that is now complete and verified."""

    name: str
    folder: Path
    files: tuple[FetchedFile, ...]

    @property
    def n_fetched_bytes(self) -> int:
        """The size of the files that were not there before."""
        return sum(file.bytes for file in self.files if file.origin != "kept")


def fetch_model(
    model: RegisteredModel,
    models_dir: Path,
    *,
    options: FetchOptions | None = None,
    on_progress: OnProgress = ignore_progress,
    on_note: Callable[[str], None] | None = None,
) -> FetchReport:
    """Make ``models_dir / model.name`` complete: every file at its pinned hash, and the description.

    Files that are there and right are kept; what arrived of the others in an earlier try is used. Several
    processes may call this for one folder: one fetches, the others wait.

    Args:
        model: The registry's entry.
        models_dir: The folder of all models; it is made if need be.
        options: Where files may come from.
        on_progress: Bytes of the model that are there, and bytes in all.
        on_note: Told in a sentence when a source is passed over, and why.

    Raises:
        FetchError: If no source has the pinned bytes.
        StorageError: If the disk refuses or is too small.
        ImportError: If the extra with the HTTP client or pip is not installed.
    """
    options = options or FetchOptions()
    folder, scratch = models_dir / model.name, models_dir / SCRATCH_NAME / model.name
    origins: dict[str, Origin] = {}
    if is_complete(model, folder):
        on_progress(model.bytes, model.bytes)
        return _report(model, folder, origins)
    with writing(f"the folder of the model {model.name!r}"):
        scratch.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(scratch.with_name(f"{model.name}.lock"), timeout=options.wait_s)
        try:
            lock.acquire()
        except Timeout:
            raise StorageError(f"another process has been fetching {model.name!r} for {options.wait_s:g} s") from None
    try:
        with Hub(options.connection) as hub:
            with writing(f"the folder of the model {model.name!r}"):
                scratch.mkdir(exist_ok=True)
                folder.mkdir(exist_ok=True)
            supply = Supply(model, scratch, options, hub, on_note or (lambda note: None))
            origins = _fill(as_made(model, folder), folder, scratch, supply, on_progress)
    finally:
        lock.release()
    return _report(model, folder, origins)


def is_complete(model: RegisteredModel, folder: Path) -> bool:
    """Return whether every byte of the model is there and right, and described.

    Raises:
        StorageError: If a file cannot be read.
    """
    return is_described(model, folder) and all(_is_here(file, folder) for file in as_made(model, folder).files)


def _fill(
    model: RegisteredModel, folder: Path, scratch: Path, supply: Supply, on_progress: OnProgress
) -> dict[str, Origin]:
    """Put what is missing into ``folder`` and return, by role, where it came from."""
    origins: dict[str, Origin] = {}
    missing = [file for file in model.files if not _is_here(file, folder)]
    n_done = model.bytes - sum(file.bytes for file in missing)
    on_progress(n_done, model.bytes)
    arrived = sum(size_of(path) for path in scratch.rglob("*") if path.is_file())
    made = sum(file.bytes for file in missing if file.derivation is not None)
    require_space(scratch, max(0, made + sum(file.fetched.bytes for file in missing) - arrived))
    sha256s = {file.role: file.sha256 for file in model.files}
    for file in missing:
        part = scratch / f"{file.fetched.sha256}.part"
        origins[file.role] = supply.obtain(file.fetched, part, _share(file, n_done, model.bytes, on_progress))
        if file.derivation is not None:
            part, sha256s[file.role] = derive(file, part, supply.on_note)
        with writing(f"the file {file.path!r}"):
            place(part, folder / file.path)
        n_done += file.bytes
        on_progress(n_done, model.bytes)
    describe(replace(model, files=tuple(replace(file, sha256=sha256s[file.role]) for file in model.files)), folder)
    rmtree(scratch, ignore_errors=True)
    return origins


def _share(file: RegisteredFile, before: int, total: int, on_progress: OnProgress) -> OnProgress:
    """Turn progress in the bytes of a download, compressed or not, into progress in the bytes of the model."""

    def report(done: int, size: int) -> None:
        on_progress(before + min(file.bytes, file.bytes * done // max(size, 1)), total)

    return report


def _is_here(file: RegisteredFile, folder: Path) -> bool:
    with writing(f"the file {file.path!r}"):
        return is_exactly(folder / file.path, sha256=file.sha256, n_bytes=file.bytes)


def _report(model: RegisteredModel, folder: Path, origins: dict[str, Origin]) -> FetchReport:
    files = tuple(
        FetchedFile(path=file.path, bytes=file.bytes, origin=origins.get(file.role, "kept")) for file in model.files
    )
    return FetchReport(name=model.name, folder=folder, files=files)
