"""Small pieces of HTML. Whatever comes in as text goes out as text, and can do nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Sequence

from ondevice.privacy.findings import Value
from ondevice.safety.printable import printable

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


def escaped(text: str) -> str:
    """Return a text for between tags or in a quoted attribute, without characters that steer what is around it."""
    return html.escape(printable(text), quote=True)


def policy_of(style: str) -> str:
    """Return the content security policy of a page with this style: nothing is loaded, and nothing runs."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def table(identity: str, caption: str, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    """Return a table that can be scrolled by keyboard where it is wider than the window.

    Args:
        identity: The caption's id, once in a page.
        caption: What it shows.
        header: The columns.
        rows: Their values; the first of each row names it.
    """
    is_number = [any(_is_number(row[at]) for row in rows) for at in range(len(header))]
    head = "".join(_cell("th", name, is_number[at], scope="col") for at, name in enumerate(header))
    body = "".join(
        "<tr>"
        + "".join(
            _cell("td" if at else "th", value, is_number[at], scope="" if at else "row") for at, value in enumerate(row)
        )
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{identity}">\n<table>\n'
        f'<caption id="{identity}">{escaped(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )


def size(n_bytes: int) -> str:
    """Return a size as people read it."""
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    for unit in ("kB", "MB"):
        n_bytes_of_unit = n_bytes / (1e3 if unit == "kB" else 1e6)
        if n_bytes_of_unit < 1000:
            return f"{n_bytes_of_unit:.1f} {unit}"
    return f"{n_bytes / 1e9:.1f} GB"


def _cell(tag: str, value: Value, is_number: bool, *, scope: str) -> str:
    is_date = isinstance(value, str) and _DATE.fullmatch(value) is not None
    kind = "number" if is_number else "date" if is_date else ""
    attributes = (f' scope="{scope}"' if scope else "") + (f' class="{kind}"' if kind else "")
    return f"<{tag}{attributes}>{_shown(value)}</{tag}>"


def _shown(value: Value) -> str:
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escaped(str(value))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
