"""``ondevice add`` and ``ondevice update``: write one item."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import EllipsisType
from typing import Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.output import Output
from ondevice.cli.texts_in import VISIBLE, read_text
from ondevice.cli.values import parse_metadata, parse_pairs, parse_time
from ondevice.cli.views import item_document, item_panel
from ondevice.errors import InputError
from ondevice.records import Draft

TextArgument = Annotated[str | None, typer.Argument(help=f"The text. {VISIBLE}", show_default=False)]
FileOption = Annotated[Path | None, typer.Option("--file", metavar="PATH", help="Read the text from this file.")]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="A named part of the item, such as title=…; repeatable."),
]
MetadataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--meta",
        metavar="NAME=VALUE",
        help="Metadata to filter by; never in the prompt; repeatable, and a name given again makes a list.",
    ),
]
TimeOption = Annotated[
    str | None, typer.Option("--time", metavar="TIME", help="When it happened (2024-05-31T18:30); else now.")
]
ExpiresOption = Annotated[
    str | None,
    typer.Option("--expires", metavar="TIME", help="When 'ondevice prune' may forget it: a time or a span (90d)."),
]


def add(
    output: Output,
    access: ProfileAccess,
    text: TextArgument = None,
    file: FileOption = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="What it is: note, email, message …")] = "note",
    fields: FieldsOption = None,
    metadata: MetadataOption = None,
    time: TimeOption = None,
    expires: ExpiresOption = None,
) -> None:
    """Add one item. The text comes from stdin, from --file, or as an argument; saying the same twice adds nothing."""
    draft = Draft(
        text=read_text(text, file, "text", output),
        kind=kind,
        fields=parse_pairs(fields or (), option="--field"),
        metadata=parse_metadata(metadata or (), option="--meta"),
        time=parse_time(time, option="--time", spans_lie=-1) if time else None,
        expires_at=parse_time(expires, option="--expires", spans_lie=1) if expires else None,
    )
    _check(draft)
    with access.open() as me:
        item = me.add(
            draft.text,
            kind=draft.kind,
            fields=draft.fields,
            metadata=draft.metadata,
            time=draft.time,
            expires_at=draft.expires_at,
        )
    output.result({"item": item_document(item)}, item.id)


def update(
    output: Output,
    access: ProfileAccess,
    item_id: Annotated[str, typer.Argument(metavar="ID", help="The item's id.")],
    text: TextArgument = None,
    file: FileOption = None,
    fields: FieldsOption = None,
    metadata: MetadataOption = None,
    time: TimeOption = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="A time, a span (90d), or 'never'.")
    ] = None,
) -> None:
    """Change an item; what it said before is kept as a version (see 'ondevice show').

    --field and --meta replace all of the item's fields or metadata. Without any option the new text is read from stdin.
    """
    changes = (fields, metadata, time, expires)
    wants_text = text is not None or file is not None or all(change is None for change in changes)
    said = read_text(text, file, "text", output) if wants_text else None
    new_fields = None if fields is None else parse_pairs(fields, option="--field")
    new_metadata = None if metadata is None else parse_metadata(metadata, option="--meta")
    _check(Draft(text=said or "-", fields=new_fields or {}, metadata=new_metadata or {}))
    with access.open() as me:
        item = me.items.update(
            item_id,
            text=said,
            fields=new_fields,
            metadata=new_metadata,
            time=parse_time(time, option="--time", spans_lie=-1) if time else None,
            expires_at=_expiry(expires),
        )
        versions = me.items.history(item.id)
    output.result({"item": item_document(item)}, item_panel(item, versions))


def _check(draft: Draft) -> None:
    """Refuse what no item may hold, before a secret is asked for; the text comes from stdin or a file as well."""
    from ondevice.vault.content import checked

    try:
        checked(draft)
    except (ValueError, TypeError) as error:
        raise InputError(str(error)) from None


def _expiry(text: str | None) -> datetime | EllipsisType | None:
    """Return a time, ``None`` for never, or the ellipsis where nothing was said."""
    if text is None:
        return ...
    return None if text == "never" else parse_time(text, option="--expires", spans_lie=1)
