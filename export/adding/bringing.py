"""Bringing a model's files here: found on this machine, or downloaded, and then under their names in a draft."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from export.adding.encoders import ENCODER_FILE
from export.adding.gguf_header import CutHeaderError
from export.adding.hub_repo import HubFile, HubRepo
from export.adding.language_models import look_at_gguf
from export.errors import AddError
from export.models.hub import Hub
from export.models.placing import CHUNK_BYTES, OnProgress, require_exactly, require_space, size_of, writing
from export.models.registry import HubSource, RegisteredFile
from ondevice.bundle import FileEntry
from ondevice.safety.regular_files import NotRegularError, open_regular

_LOOK_AFTER_BYTES = 32 << 20
"""So much of a model holds its header, by which a wrong one is refused before the rest arrives."""


def found(path: Path) -> tuple[Path, Path]:
    """Return the model's file that is meant, and the folder in which the files beside it lie.

    Raises:
        AddError: If none is, or several.
    """
    if path.is_file():
        if path.suffix.lower() not in (".gguf", ".onnx"):
            raise AddError(f"{path.name!r} is neither a GGUF file nor an ONNX graph", hint="a model ends with .gguf")
        folder = path.parent
        return path, folder.parent if folder.name == "onnx" and not (folder / "config.json").exists() else folder
    if not path.is_dir():
        raise AddError(f"{path.name!r} is neither a file nor a folder")
    if (path / "manifest.json").exists():
        raise AddError("it is a bundle already", hint=f"run: ondevice bundle install {path}")
    found = sorted(each for pattern in ("*.gguf", "*.onnx", "onnx/*.onnx") for each in path.glob(pattern))
    best = [each for each in found if each.name == ENCODER_FILE][:1] or found
    if len(best) != 1:
        names = ", ".join(each.name for each in found[:12])
        raise AddError(
            f"there are {len(found)} models in {path.name!r}" if found else f"there is no model in {path.name!r}",
            hint=f"name one file: {names}" if found else "a model is a GGUF file, or an ONNX graph with tokenizer.json",
        )
    return best[0], path


def downloaded(hub: Hub, repo: HubRepo, chosen: HubFile, into: Path, on_progress: OnProgress) -> Path:
    """Bring a model and what lies beside it into a folder, going on where an earlier try stopped; return its path.

    Raises:
        AddError: If it turns out on the way that it cannot chat.
        FetchError: If the hub cannot be reached, or other bytes come.
        StorageError: If the disk refuses or is too small.
    """
    wanted = [chosen] if is_gguf(chosen.path) else [*repo.beside(chosen), chosen]
    total, done = sum(file.bytes for file in wanted), 0
    with writing("the folder of the download"):
        into.mkdir(parents=True, exist_ok=True)
    require_space(into, total - sum(size_of(path) for path in into.rglob("*") if path.is_file()))
    for file in wanted:
        part = into / file.path
        with writing(f"the file {file.path!r}"):
            part.parent.mkdir(parents=True, exist_ok=True)
        look = _Look(part, file) if file is chosen and is_gguf(file.path) else None

        def report(arrived: int, _: int, before: int = done, look: _Look | None = look) -> None:
            on_progress(before + arrived, total)
            if look is not None:
                look(arrived)

        pinned = RegisteredFile(role="model", path=file.path, sha256=file.sha256 or "", bytes=file.bytes, sources=())
        hub.download(HubSource(repo=repo.repo, revision=repo.commit, path=file.path), pinned, part, report)
        if file.sha256 is not None:
            require_exactly(part, sha256=file.sha256, n_bytes=file.bytes, what=f"the file {file.path!r} from the hub")
        done += file.bytes
    return into / chosen.path


class _Look:
    """Looks at a model once while it arrives."""

    def __init__(self, part: Path, file: HubFile) -> None:
        self._part = part
        self._file = file
        self._next = _LOOK_AFTER_BYTES

    def __call__(self, arrived: int) -> None:
        if self._next <= arrived < self._file.bytes:
            self._next *= 4
            try:
                look_at_gguf(self._part, n_bytes=self._file.bytes)
            except CutHeaderError:
                return
            except AddError:
                self._part.unlink(missing_ok=True)
                raise


def brought(files: Mapping[str, tuple[str, Path]], into: Path, on_progress: OnProgress) -> dict[str, FileEntry]:
    """Give each file its name here, and return by its role what came: the user's copied, a download linked.

    Args:
        files: By the role, the name that a file gets and where it lies.
        into: The draft; downloads lie beside it.
        on_progress: Bytes that are here, and bytes in all.

    Raises:
        AddError: If a file cannot be read.
        StorageError: If the disk refuses or is too small.
    """
    total, done, entries = sum(size_of(path) for _, path in files.values()), 0, {}
    if not all(into.parent in path.parents for _, path in files.values()):
        require_space(into, total)
    for role, (name, path) in files.items():

        def report(arrived: int, before: int = done) -> None:
            on_progress(before + arrived, total)

        if into.parent not in path.parents or not _linked(path, into / name):
            _copy(path, into / name, report)
        entries[role] = FileEntry.measure(into, name)
        done += entries[role].bytes
    return entries


def _linked(path: Path, name: Path) -> bool:
    """Give a download a second name, and say whether this disk can."""
    try:
        os.link(path, name)
    except OSError:
        return False
    return True


def _copy(path: Path, out: Path, on_copied: Callable[[int], None]) -> None:
    try:
        with open_regular(path) as source, writing(f"the file {out.name!r}"), out.open("xb") as file:
            while chunk := source.read(CHUNK_BYTES):
                file.write(chunk)
                on_copied(file.tell())
    except NotRegularError:
        raise AddError(f"{path.name!r} is no regular file") from None
    except OSError as error:
        raise AddError(f"{path.name!r} cannot be read: {error.strerror or type(error).__name__}") from None


def is_gguf(path: str) -> bool:
    """Say whether a file's name is that of a language model."""
    return path.lower().endswith(".gguf")
