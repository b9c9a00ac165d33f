"""``ondevice stats`` and ``reencode``: how a profile stands, and bringing its vectors up to date."""

from __future__ import annotations

from typing import Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.cli.views import pairs_table
from ondevice.config import DEFAULT_ENCODER, FORMER_ENCODERS, RETRIEVERS

_FORMER = ", the default of an earlier release; move to the present one with: ondevice reencode"

_ENGLISH = "; the encoder reads English, so these are found by their words alone"


def stats(
    output: Output,
    access: ProfileAccess,
    index: Annotated[
        bool, typer.Option("--index", help="Also load the vector index, to tell how it searches.")
    ] = False,
) -> None:
    """Count what the profile holds: items, versions, vectors, bytes, key slots.

    The receipt key never changes. Keep a note of it outside the profile: 'ondevice receipt verify --key' needs it to
    tell this profile's receipts from those that anyone can make.
    """
    with access.open() as me:
        found = me.stats(open_index=index)
        base, is_former = me.encoders.base, me.encoders.is_former
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.items_by_kind.items()) or "none"
    vectors = ", ".join(f"{encoder}: {count}" for encoder, count in found.n_vectors_by_encoder.items()) or "none"
    languages = ", ".join(f"{language} {count}" for language, count in found.items_by_language.items())
    view = {
        "items": f"{found.n_items} ({kinds})",
        "earlier versions": found.n_versions,
        "vectors": vectors,
        "encoder": f"{base or 'none'}{_FORMER if is_former else ''}",
        "database": f"{found.database_bytes:,} bytes, schema {found.schema_version}",
        "sealed files": f"{found.sealed_bytes:,} bytes",
        "key slots": ", ".join(found.slots),
        "events": found.n_events,
        "profile": f"{found.profile_id}, epoch {found.epoch}",
    }
    if languages:
        is_ours = base in (DEFAULT_ENCODER, *FORMER_ENCODERS)
        view["in other languages"] = f"{languages}{_ENGLISH if is_ours else ''}"
    if found.n_unsplit_by_encoder:
        unsplit = ", ".join(f"{encoder}: {count}" for encoder, count in found.n_unsplit_by_encoder.items())
        view["not split yet"] = f"{unsplit}; if they are long, only their beginning is found: run ondevice reencode"
    if found.index is not None:
        recall = "" if found.index.recall is None else f", recall@10 {found.index.recall:.3f}"
        view["index"] = f"{found.index.mode}, {found.index.n_vectors} vectors{recall}"
    # By itself, so that no narrow window breaks it.
    told = {"name": base, "is_former": is_former}
    output.result({"stats": found, "encoder": told}, pairs_table(view), pairs_table({"receipt key": found.receipt_key}))


def reencode(
    output: Output,
    access: ProfileAccess,
    retriever: Annotated[
        str | None,
        typer.Option("--retriever", metavar="NAME", help="Encode for this further encoder, and drop nothing."),
    ] = None,
) -> None:
    """Encode the items that lack vectors of this encoder; interrupted, it goes on where it stopped.

    Long items from before this release had one vector, of their beginning. They get one for each passage.

    Without --retriever the vectors of all other encoders are dropped in the end: of further encoders too.
    """
    if retriever in RETRIEVERS:
        raise UsageError("--retriever takes the name of an encoder in the models' folder")
    with access.open(retriever=retriever) as me, output.progress("encoding") as on_progress:
        report = me.items.reencode(retriever, on_progress=on_progress)
    output.result({"reencoded": report}, "every passage of every item has a vector of this encoder")
