"""Which of two versions is the newer one: dotted whole numbers, as far as PEP 440 has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ondevice.bundle.manifest import Manifest
from ondevice.bundle.places import resolve
from ondevice.bundle.reading import parse_manifest, read_manifest_bytes
from ondevice.errors import BundleError, OndeviceError

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,7}")


def version_order(version: str) -> tuple[int, ...] | None:
    """Return what to compare, or ``None`` for a version that has no order; ``1`` and ``1.0`` are the same."""
    if not _VERSION.fullmatch(version):
        return None
    numbers = [int(part) for part in version.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def check_order(home: Path, *, allow_downgrade: bool) -> Callable[[Manifest], None]:
    """Return a check of whether a manifest may replace the one in use in ``home``; it raises ``BundleError``.

    A model that cannot be read any more may be replaced by every version of it.
    """
    try:
        current: Manifest | None = parse_manifest(read_manifest_bytes(resolve(home)))
    except OndeviceError:
        current = None

    def check(manifest: Manifest) -> None:
        new = version_order(manifest.version)
        if new is None:
            raise BundleError(f"the version {manifest.version!r} of {manifest.name!r} is no dotted number, such as 1.2")
        if current is not None and manifest != current:
            _compare(manifest, new, current, allow_downgrade)

    return check


def _compare(manifest: Manifest, new: tuple[int, ...], current: Manifest, allow_downgrade: bool) -> None:
    if manifest.kind != current.kind:
        raise BundleError(f"the installed {manifest.name!r} is of kind {current.kind!r}, the new one {manifest.kind!r}")
    old = version_order(current.version)
    if new == old:
        raise BundleError(
            f"version {current.version} of {manifest.name!r} is installed already, with other content",
            hint="publish what has changed under a new version",
        )
    if not allow_downgrade and (old is None or new < old):
        raise BundleError(
            f"version {manifest.version} of {manifest.name!r} is not newer than {current.version}, which is installed",
            hint="allow it with allow_downgrade (--allow-downgrade), or go back with: ondevice bundle rollback",
        )
