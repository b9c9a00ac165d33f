"""Install bundles, and go back to earlier versions, each tried before it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ondevice.bundle import Bundle, PublisherKey
from ondevice.bundle.installing import Installed, install, rollback
from ondevice.config import default_models_dir
from ondevice.trial.bases import find_base
from ondevice.trial.process import try_apart


def install_bundle(
    source: str | Path,
    *,
    models: str | Path | None = None,
    publishers: Sequence[PublisherKey] | None = None,
    allow_downgrade: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Installed:
    """Install a bundle for use from now on, once it has loaded here and its probes came out right.

    It is tried in a process of its own, which a damaged model may end without harm to the app. Whatever goes wrong
    leaves the version that was in use. An open profile keeps the models it has loaded.

    Args:
        source: A ``.ondevice`` archive, or a bundle's folder.
        models: Folder of the model bundles; by default the platform's cache folder.
        publishers: The bundle must be signed by one of these; ``None`` asks for no signature.
        allow_downgrade: Accept an older version than the one in use.
        on_progress: Called with bytes done and in total.

    Raises:
        NotFoundError: If there is nothing at ``source``, or none of the bases of an adapter, or a persona, is here.
        CorruptError: If its bytes are not what its manifest says.
        SignatureError: If a signature is asked for and there is none by these publishers.
        BundleError: If it cannot be used here, crashes, does not end, computes otherwise than its probes say, or is
            not newer.
        StorageError: If the disk refuses, another install is under way, or no process can be started.
        ValueError: If the app is frozen and has not called :func:`ondevice.trial.freeze_support`.
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


def trial(models: Path, *, limit_s: float | None = None) -> Callable[[Bundle], None]:
    """Return a check that raises where a bundle cannot be used.

    Args:
        models: Where the base of an adapter, or of a persona, lies.
        limit_s: How long a trial may take; by default two minutes and more for larger files.
    """

    def check(bundle: Bundle) -> None:
        base = find_base(bundle, models) if bundle.bases else None
        try_apart(bundle, base, limit_s=limit_s)

    return check
