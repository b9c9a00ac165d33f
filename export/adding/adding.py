"""Adding a model of the user's own choice: brought into a draft, looked at, pinned, tried, and only then named.

Nothing of it is believed before: neither the header, nor the template, nor that llama.cpp survives it. What is cut off
midway leaves its download, from which the same command goes on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from export.adding.bringing import brought, downloaded, found, is_gguf
from export.adding.encoders import ENCODER_FILE, TOKENIZER_FILE, EncoderFolder, look_at_encoder
from export.adding.hub_repo import read_repo
from export.adding.language_models import GENERATOR_FILE, LanguageModel, look_at_gguf
from export.adding.references import PREFIX, HubReference, name_of
from export.errors import AddError
from export.models.fetching import SCRATCH_NAME
from export.models.hub import Connection, Hub
from export.models.placing import OnProgress, ignore_progress, writing
from export.models.registry import Registry
from ondevice.bundle import Bundle, EncoderSpec, FileEntry, GeneratorSpec, Manifest, Pooling, write_manifest
from ondevice.bundle.manifest import is_bundle_name
from ondevice.errors import BundleError, InputError, ModelMismatchError, StorageError
from ondevice.trial import trial

UNKNOWN_LICENSE = "unknown"
FIRST_VERSION = "1"
"""A number, so that a later version can be installed over it; which commit it is says the source."""
OF_THE_USER = "a file of the user's own"
_WAIT_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AddOptions:
    """How a model is added.

    Args:
        name: Its name here; ``None`` makes one of the file's.
        license: Its licence, where neither the file nor the hub says it.
        pooling: How an encoder's token states become one vector, where no file says it.
        connection: How the hub is reached.
    """

    name: str | None = None
    license: str | None = None
    pooling: Pooling | None = None
    connection: Connection = field(default_factory=Connection)


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """A model that can be used now; ``was_here`` means that it could before."""

    bundle: Bundle
    was_here: bool
    n_parameters: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Origin:
    """Where a model comes from, as its manifest says."""

    name: str
    source: str
    license: str = ""


def add_model(
    reference: HubReference | Path,
    models_dir: Path,
    registry: Registry,
    *,
    options: AddOptions | None = None,
    on_progress: OnProgress = ignore_progress,
    on_note: Callable[[str], None] | None = None,
) -> Added:
    """Make ``reference`` a model in ``models_dir``: pinned by size and SHA-256, and tried.

    Args:
        reference: A GGUF file, a folder with one or with an ONNX encoder, or a repository on the model hub.
        models_dir: The folder of all models; it is made if need be.
        registry: The models that have their names already.
        options: How it is added.
        on_progress: Bytes that are here, and bytes in all.
        on_note: Told in a sentence what the user may want to know.

    Raises:
        AddError: If it cannot be used for anything here; it says why.
        BundleError: If it fails its trial.
        FetchError: If it cannot be downloaded.
        InputError: If the name is none, or taken.
        StorageError: If the disk refuses.
    """
    options, say = options or AddOptions(), on_note or (lambda note: None)
    if isinstance(reference, Path):
        model, folder = found(reference)
        called = model.stem if model.stem.lower() != "model" else model.absolute().parent.name
        origin = _Origin(name=_name(options, called, registry), source=OF_THE_USER)
        return _added(model, folder, origin, models_dir, options, on_progress)
    with Hub(options.connection) as hub:
        repo = read_repo(hub, reference)
        chosen = repo.chosen(reference)
        say(f"{repo.repo} at {repo.commit[:12]}: {chosen.path}, {chosen.bytes / 1e6:,.1f} MB")
        called = PurePosixPath(chosen.path).stem if is_gguf(chosen.path) else PurePosixPath(repo.repo).name
        # As it can be typed again, and without the hub's address, which may hold a mirror's password.
        source = f"{PREFIX}{repo.repo}/{chosen.path}@{repo.commit}"
        origin = _Origin(name=_name(options, called, registry), source=source, license=repo.license)
        if (models_dir / origin.name).exists():
            return _as_before(models_dir / origin.name, options, lambda bundle: bundle.source == source)
        digest = hashlib.sha256(source.encode()).hexdigest()[:16]
        arrived = models_dir / SCRATCH_NAME / f"hub-{digest}"
        with _locked(arrived):
            model = downloaded(hub, repo, chosen, arrived, on_progress)
            try:
                added = _added(model, arrived, origin, models_dir, options, ignore_progress)
            except AddError:
                shutil.rmtree(arrived, ignore_errors=True)  # no other try will find it better
                raise
            shutil.rmtree(arrived, ignore_errors=True)
            return added


def _added(
    model: Path,
    folder: Path,
    origin: _Origin,
    models_dir: Path,
    options: AddOptions,
    on_progress: OnProgress,
) -> Added:
    is_language_model = is_gguf(model.name)
    seen = look_at_gguf(model) if is_language_model else look_at_encoder(folder, model, pooling=options.pooling)
    files, name = _files_of(seen, model), origin.name
    target, draft = models_dir / name, models_dir / SCRATCH_NAME / f"add-{name}"
    with _locked(draft):
        with writing(f"the folder of the model {name!r}"):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
        try:
            entries = brought(files, draft, on_progress)
            if target.exists():
                hashes = {role: entry.sha256 for role, entry in entries.items()}
                return _as_before(target, options, lambda bundle: _hashes_of(bundle) == hashes)
            bundle = _tried(draft, seen, entries, origin, options, models_dir)
            with writing(f"the folder of the model {name!r}"):
                _sync(draft)
                draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return Added(
        bundle=Bundle(folder=target, manifest=bundle.manifest),
        was_here=False,
        n_parameters=seen.n_parameters if isinstance(seen, LanguageModel) else None,
    )


def _tried(
    draft: Path,
    seen: LanguageModel | EncoderFolder,
    entries: dict[str, FileEntry],
    origin: _Origin,
    options: AddOptions,
    models_dir: Path,
) -> Bundle:
    """Write the manifest and try the model in a process of its own; of an encoder, until a way to use it fits."""
    specs: list[GeneratorSpec] | list[EncoderSpec]
    specs = [seen.spec] if isinstance(seen, LanguageModel) else [*seen.specs()]
    for spec in specs:
        manifest = Manifest(
            kind="generator" if isinstance(spec, GeneratorSpec) else "encoder",
            name=origin.name,
            version=FIRST_VERSION,
            license=options.license or seen.license or origin.license or UNKNOWN_LICENSE,
            source=origin.source,
            files=entries,
            recipe=seen.quantization if isinstance(seen, LanguageModel) else None,
            generator=spec if isinstance(spec, GeneratorSpec) else None,
            encoder=spec if isinstance(spec, EncoderSpec) else None,
        )
        write_manifest(draft, manifest)
        bundle = Bundle.open(draft, kind=manifest.kind)
        try:
            trial(models_dir)(bundle)
            return bundle
        except ModelMismatchError:
            if spec is specs[-1] or options.pooling is not None:
                raise
        except BundleError as error:
            if not isinstance(seen, LanguageModel):
                raise
            raise BundleError(
                f"it is a {seen.architecture} model that does not run here: {error.message}",
                hint="it may be newer than this llama.cpp: update llama-cpp-python; else get the file again",
            ) from None
    raise AssertionError("the last spec returns or raises")


def _name(options: AddOptions, called: str, registry: Registry) -> str:
    """Return the name that a model gets: the one that is wanted, or one made of what it is called."""
    if options.name is not None and not is_bundle_name(options.name):
        raise InputError("a model's name is 1 to 64 of a-z, 0-9, '.', '_', '-'")
    name = options.name or name_of(called)
    if name in registry.models:
        raise InputError(f"{name!r} is a model of the registry", hint="give yours another name: --name")
    return name


def _as_before(folder: Path, options: AddOptions, is_same: Callable[[Bundle], bool]) -> Added:
    """Return the model that lies there if it is the same, with a licence that was unknown; another is not replaced."""
    bundle, name = Bundle.open_any(folder), folder.name
    if not is_same(bundle):
        raise InputError(
            f"there is another model {name!r} here", hint=f"give it --name, or run: ondevice-models remove {name}"
        )
    if options.license and bundle.license == UNKNOWN_LICENSE:
        bundle = replace(bundle, manifest=replace(bundle.manifest, license=options.license))
        write_manifest(bundle.folder, bundle.manifest)
    return Added(bundle=bundle, was_here=True)


def _hashes_of(bundle: Bundle) -> dict[str, str]:
    return {role: entry.sha256 for role, entry in bundle.files.items()}


def _files_of(seen: LanguageModel | EncoderFolder, model: Path) -> dict[str, tuple[str, Path]]:
    """Return by its role each file's name in the bundle, and where it lies now."""
    if isinstance(seen, LanguageModel):
        return {"model": (GENERATOR_FILE, model)}
    return {"model": (ENCODER_FILE, seen.graph), "tokenizer": (TOKENIZER_FILE, seen.tokenizer)}


@contextmanager
def _locked(draft: Path) -> Iterator[None]:
    with writing(f"the folder {draft.parent.name!r}"):
        draft.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(draft.with_name(f"{draft.name}.lock"), timeout=_WAIT_S)
        try:
            lock.acquire()
        except Timeout:
            raise StorageError(f"another process has been adding this model for {_WAIT_S:g} s") from None
    try:
        yield
    finally:
        lock.release()


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
