"""``ondevice bundle``: install signed models, list and verify what is there, and go back to the version before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import BundlePlace
from ondevice.cli.output import Output
from ondevice.cli.views import pairs_table
from ondevice.errors import NotFoundError, OndeviceError
from ondevice.safety.printable import one_line

if TYPE_CHECKING:
    from ondevice.bundle.installing import Installed
    from ondevice.bundle.listing import Listed


def bundle_install(
    output: Output,
    place: BundlePlace,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="An .ondevice archive, or a bundle's folder.")],
    allow_downgrade: Annotated[
        bool, typer.Option("--allow-downgrade", help="Accept an older version than the one in use.")
    ] = False,
) -> None:
    """Install a model and use it from now on, once it has loaded here and its probes came out right.

    Whatever goes wrong leaves the version in use as it is. Without --publisher no signature is asked for.
    """
    from ondevice.trial import install_bundle

    with output.progress("installing", unit="bytes") as on_progress:
        done = install_bundle(
            source,
            models=place.models,
            publishers=place.publishers,
            allow_downgrade=allow_downgrade,
            on_progress=on_progress,
        )
    _show_installed(output, done)


def bundle_list(output: Output, place: BundlePlace) -> None:
    """List the models: kind, version, who signed it as the file says, and the version a rollback would use.

    Nothing is verified here, see 'ondevice bundle verify'.
    """
    from ondevice.bundle.listing import list_models

    listed = list_models(place.models)
    table = Table(box=None, pad_edge=False)
    for column in ("name", "kind", "version", "before", "MB", "signed by"):
        table.add_column(column, overflow="fold")
    for each in listed:
        table.add_row(*(Text(one_line(cell)) for cell in _cells(each)))
    output.result({"models": str(place.models), "bundles": [_document(each) for each in listed]}, table)


def bundle_verify(
    output: Output,
    place: BundlePlace,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Which models; all by default.")] = None,
    run: Annotated[bool, typer.Option("--run", help="Also load each one and run its probes.")] = False,
) -> None:
    """Compare every byte of the models with their manifests, and the signatures with --publisher."""
    from ondevice.bundle import Bundle
    from ondevice.bundle.listing import list_models
    from ondevice.trial import trial

    check = trial(place.models) if run else None
    wanted = names or [each.name for each in list_models(place.models)]
    if not wanted:
        raise NotFoundError(f"there are no models in {place.models.name!r}", hint="run: ondevice-models fetch")
    rows: list[dict[str, Any]] = []
    code = 0
    for name in wanted:
        with output.working(f"verifying {one_line(name)}"):
            try:
                bundle = Bundle.open_any(place.models / name, publishers=place.publishers)
                if check is not None:
                    check(bundle)
                rows.append({"name": name, "ok": True, "id": bundle.id, "error": None, "message": None})
            except OndeviceError as error:
                code = code or error.exit_code
                rows.append(
                    {"name": name, "ok": False, "id": None, "error": type(error).__name__, "message": error.message}
                )
    table = Table("name", "verified", "", box=None, pad_edge=False)
    for row in rows:
        mark = Text("yes", style="green") if row["ok"] else Text("NO", style="bold red")
        table.add_row(Text(one_line(row["name"])), mark, Text(one_line(row["id"] or row["message"])))
    output.result({"models": str(place.models), "verified": rows}, table)
    if code:
        raise typer.Exit(code)


def bundle_rollback(
    output: Output, place: BundlePlace, name: Annotated[str, typer.Argument(metavar="NAME", help="The model.")]
) -> None:
    """Go back to the version before the one in use, once it has loaded here; again goes forward."""
    from ondevice.trial import roll_back_bundle

    with output.working("going back"):
        done = roll_back_bundle(name, models=place.models, publishers=place.publishers)
    _show_installed(output, done)


BUNDLES: dict[str, Callable[..., None]] = {
    "install": bundle_install,
    "list": bundle_list,
    "verify": bundle_verify,
    "rollback": bundle_rollback,
}


def _show_installed(output: Output, done: Installed) -> None:
    publisher = done.bundle.publisher.fingerprint if done.bundle.publisher else None
    document = {
        "name": done.name,
        "kind": done.kind,
        "version": done.version,
        "id": done.bundle.id,
        "publisher": publisher,
        "replaced": done.replaced,
        "is_changed": done.is_changed,
    }
    view = {
        "in use": f"{done.name} {done.version} ({done.kind})",
        "before": (done.replaced or "none") if done.is_changed else "the same: nothing has changed",
        "signed by": publisher or "not asked for (see --publisher)",
    }
    output.result(document, pairs_table(view))


def _document(listed: Listed) -> dict[str, Any]:
    manifest = listed.manifest
    return {
        "name": listed.name,
        "kind": manifest.kind if manifest else None,
        "version": manifest.version if manifest else None,
        "id": manifest.id if manifest else None,
        "license": manifest.license if manifest else None,
        "bytes": sum(entry.bytes for entry in manifest.files.values()) if manifest else None,
        "signed_by": listed.signed_by,
        "previous": listed.previous,
        "problem": listed.problem,
    }


def _cells(listed: Listed) -> tuple[str, ...]:
    if listed.manifest is None:
        return listed.name, "?", "", "", "", listed.problem or ""
    size = sum(entry.bytes for entry in listed.manifest.files.values())
    manifest = listed.manifest
    signed_by, previous = listed.signed_by or "nobody", listed.previous or ""
    return listed.name, manifest.kind, manifest.version, previous, f"{size / 1e6:.1f}", signed_by
