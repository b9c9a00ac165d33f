"""Try a bundle before it is used: open it with its runtime, and run its probes where it has any."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle import Bundle, Kind, PublisherKey, read_manifest
from ondevice.bundle.installing import DRAFT_NAME, Installed, install, rollback
from ondevice.bundle.places import resolve
from ondevice.bundle.probes import (
    EncoderProbes,
    GeneratorProbes,
    Probes,
    ProjectorProbes,
    SelectorProbes,
    read_probes,
)
from ondevice.config import EngineConfig, default_models_dir
from ondevice.errors import BundleError, NotFoundError, OndeviceError

if TYPE_CHECKING:
    from ondevice.generation.engine import Engine

TRIAL_CONTEXT_TOKENS = 512


def install_bundle(
    source: str | Path,
    *,
    models: str | Path | None = None,
    publishers: Sequence[PublisherKey] | None = None,
    allow_downgrade: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Installed:
    """Install a bundle for use from now on, once it has loaded here and its probes came out right.

    Whatever goes wrong leaves the version that was in use. An open profile keeps the models it has loaded.

    Args:
        source: A ``.ondevice`` archive, or a bundle's folder.
        models: Folder of the model bundles; by default the platform's cache folder.
        publishers: The bundle must be signed by one of these; ``None`` asks for no signature.
        allow_downgrade: Accept an older version than the one in use.
        on_progress: Called with bytes done and in total.

    Raises:
        NotFoundError: If there is nothing at ``source``, or it is an adapter and none of its bases is here.
        CorruptError: If its bytes are not what its manifest says.
        SignatureError: If a signature is asked for and there is none by these publishers.
        BundleError: If it cannot be used here, computes otherwise than its probes say, or is not newer.
        StorageError: If the disk refuses, or another install is under way.
    """
    folder = default_models_dir() if models is None else Path(models)
    return install(
        Path(source),
        folder,
        publishers=publishers,
        allow_downgrade=allow_downgrade,
        check=trial(folder),
        on_progress=on_progress,
    )


def roll_back_bundle(
    name: str, *, models: str | Path | None = None, publishers: Sequence[PublisherKey] | None = None
) -> Installed:
    """Go back to the version before the one in use, once it has loaded here; raises as :func:`install_bundle`."""
    folder = default_models_dir() if models is None else Path(models)
    return rollback(folder, name, publishers=publishers, check=trial(folder))


def trial(models: Path) -> Callable[[Bundle], None]:
    """Return a check that raises where a bundle cannot be used; an adapter is tried on a base in ``models``."""

    def check(bundle: Bundle) -> None:
        _TRIALS[bundle.kind](bundle, models, read_probes(bundle))

    return check


def _try_encoder(bundle: Bundle, _: Path, probes: Probes | None) -> None:
    from ondevice.retrieval.encoder import Encoder
    from ondevice.retrieval.probing import probe_encoder

    with Encoder.open(bundle) as encoder:
        if isinstance(probes, EncoderProbes):
            probe_encoder(encoder, probes)


def _try_selector(bundle: Bundle, _: Path, probes: Probes | None) -> None:
    from ondevice.retrieval.probing import probe_selector
    from ondevice.retrieval.selector import CrossEncoder

    with CrossEncoder.open(bundle) as selector:
        if isinstance(probes, SelectorProbes):
            probe_selector(selector, probes)


def _try_projector(bundle: Bundle, _: Path, probes: Probes | None) -> None:
    from ondevice.retrieval.probing import probe_projector
    from ondevice.retrieval.projector import Projector

    with Projector.open(bundle) as projector:
        if isinstance(probes, ProjectorProbes):
            probe_projector(projector, probes)


def _try_generator(bundle: Bundle, _: Path, probes: Probes | None) -> None:
    with _open_engine(bundle) as engine:
        _probe(engine, probes)


def _try_adapter(bundle: Bundle, models: Path, probes: Probes | None) -> None:
    from ondevice.generation.adapter_bundle import use_adapter_bundle

    base = _find_base(bundle, models)
    with _open_engine(base) as engine:
        use_adapter_bundle(engine, bundle, base)
        is_measured = bundle.adapter is not None and base.files["model"].sha256 == bundle.adapter.bases[0]
        # What it was measured on says nothing about another base.
        _probe(engine, probes if is_measured else None)


_TRIALS: dict[Kind, Callable[[Bundle, Path, Probes | None], None]] = {
    "encoder": _try_encoder,
    "selector": _try_selector,
    "projector": _try_projector,
    "generator": _try_generator,
    "adapter": _try_adapter,
}


def _open_engine(bundle: Bundle) -> Engine:
    from ondevice.generation.engine import Engine

    return Engine.open(bundle, config=EngineConfig(context_tokens=TRIAL_CONTEXT_TOKENS))


def _probe(engine: Engine, probes: Probes | None) -> None:
    from ondevice.generation.probing import probe_generator

    if isinstance(probes, GeneratorProbes):
        probe_generator(engine, probes)
    elif not math.isfinite(engine.log_likelihood("a", "b")[0]):
        raise BundleError(f"the language model {engine.model_id!r} gives no numbers on this machine")


def _find_base(adapter: Bundle, models: Path) -> Bundle:
    """Return a language model in ``models`` that the adapter was made for, the one it was measured on first."""
    bases = adapter.adapter.bases if adapter.adapter else ()
    found: dict[str, Path] = {}
    for folder in sorted(models.iterdir()):
        if folder.is_dir() and folder.name != DRAFT_NAME:
            try:
                manifest = read_manifest(resolve(folder))
            except OndeviceError:
                continue
            if manifest.kind == "generator":
                found.setdefault(manifest.files["model"].sha256, folder)
    for base in bases:
        if base in found:
            return Bundle.open(found[base], kind="generator")
    raise NotFoundError(
        f"none of the {len(bases)} language models that the adapter {adapter.name!r} was made for is here",
        hint="install its base model first",
    )
