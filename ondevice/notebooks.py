"""Items, hits and answers with their texts, for notebooks that ask for it.

A ``repr`` of ours holds no text, because it ends up in logs. In a notebook that leaves a search with nothing to look
at. ``show_texts()`` lets records show themselves as HTML there, and lists of them too, until ``show_texts(False)``.

A notebook keeps what it shows in its own file, readable by anyone: clear its outputs before you save or share it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from html import escape
from typing import Any, TypeAlias

from ondevice.records import Completion, Hit, Item, MetadataValue, Version, scalars_of
from ondevice.safety.printable import printable
from ondevice.shown import show_as

MAX_SHOWN_CHARS = 2_000
"""What is longer is cut: a notebook is no reader."""
_TO_THE_MINUTE = len("2024-05-31 18:30")

Record: TypeAlias = Completion | Hit | Item | Version

_is_on = False
_list_formatter_before: Any = None


def show_texts(on: bool = True) -> None:
    """Let records show their texts in notebooks, or end that. It is off until it is called.

    Records then have HTML for whoever asks them (``_repr_html_``), and in a running IPython lists of them are tables.
    ``repr`` and ``str`` stay without text.
    """
    global _is_on
    if on != _is_on:
        show_as(html_of if on else None)
        _set_up_lists(on)
    _is_on = on


def html_of(record: object) -> str | None:
    """Return a record, or a list of some, as HTML: escaped, and in printable characters alone; nothing of others."""
    if isinstance(record, Completion):
        return f"<div>{_text(record.text)}{_table(record.sources) if record.sources else ''}</div>"
    if isinstance(record, Record):
        return _table([record])
    if isinstance(record, list) and record and all(isinstance(each, Record) for each in record):
        return _table(record)
    return None


def _table(records: Sequence[Record]) -> str:
    rows = [_row(record) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{row.get(name, str())}</td>' for name in names)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(record: Record) -> dict[str, str]:
    """Return a record's cells, by the name of the column."""
    if isinstance(record, Hit):
        passage = {} if record.passage is None else {"passage": _text(record.passage.text)}
        return {"rank": str(record.rank), "score": f"{record.score:.3f}", **passage, **_row(record.item)}
    if isinstance(record, Completion):
        return {"text": _text(record.text), "retriever": _inline(record.retriever)}
    if isinstance(record, Version):
        about = {"version": str(record.version), "replaced": _time(record.replaced_at)}
    else:
        about = {"time": _time(record.time), "kind": _inline(record.kind)}
    said = {"text": _pairs(record.fields) + _text(record.text), "metadata": _pairs(record.metadata)}
    return {**about, **{name: cell for name, cell in said.items() if cell}}


def _pairs(values: Mapping[str, MetadataValue]) -> str:
    shown = {name: ", ".join(map(str, scalars_of(value))) for name, value in values.items()}
    return "".join(f"<div><b>{_inline(name)}</b> {_inline(value)}</div>" for name, value in shown.items())


def _text(text: str) -> str:
    return f'<div style="white-space: pre-wrap; text-align: left">{_inline(text)}</div>'


def _inline(text: str) -> str:
    shown = text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"
    return escape(printable(shown))


def _time(moment: datetime) -> str:
    """Return the time as the user's clock shows it; the calendar's first and last day may have no other zone."""
    with suppress(OverflowError, ValueError, OSError):
        moment = moment.astimezone()
    return moment.isoformat(" ", "minutes")[:_TO_THE_MINUTE]


def _set_up_lists(on: bool) -> None:
    """Let a running IPython ask :func:`html_of` for lists, which have no ``_repr_html_``; give back what it had."""
    global _list_formatter_before
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    if on:
        _list_formatter_before = formatter.for_type(list, html_of)
    elif _list_formatter_before is None:
        formatter.pop(list, None)
    else:
        formatter.for_type(list, _list_formatter_before)
