"""HTML as a page writes it: every text escaped, and shown without what could steer or hide."""

from __future__ import annotations

from html import escape

from ondevice.privacy.findings import Value
from ondevice.safety.printable import one_line

_PRECISION = 4


def shown(text: str) -> str:
    """Return a text as it may stand anywhere in a page, attributes included."""
    return escape(one_line(text), quote=True)


def element(name: str, *content: str, **attributes: str) -> str:
    """Return an element; the content is HTML, the attributes are plain texts.

    An underscore at an attribute's end is dropped, any other stands for a dash.
    """
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{shown(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{''.join(content)}</{name}>"


def listed(items: list[str], **attributes: str) -> str:
    """Return a list of HTML items."""
    return element("ul", *(element("li", item) + "\n" for item in items), **attributes)


def table(title: str, header: list[str], rows: list[list[str]], *, numeric: set[int] | None = None) -> str:
    """Return a table that scrolls by itself where the page is narrow; cells are HTML, title and header plain texts.

    Args:
        title: Its caption.
        header: The columns' names.
        rows: The cells; the first names the row.
        numeric: Which columns are numbers, and stand at the right.
    """
    right = numeric or set()

    def attributes(column: int) -> dict[str, str]:
        return {"class_": "number"} if column in right else {}

    head = "".join(element("th", shown(name), scope="col", **attributes(n)) for n, name in enumerate(header))
    body = "".join(
        element(
            "tr",
            *(
                element("th", cell, scope="row", **attributes(n)) if n == 0 else element("td", cell, **attributes(n))
                for n, cell in enumerate(row)
            ),
        )
        + "\n"
        for row in rows
    )
    whole = element(
        "table",
        element("caption", shown(title)),
        element("thead", element("tr", head)),
        "\n",
        element("tbody", body),
    )
    return element("div", whole, class_="wide", role="region", aria_label=title, tabindex="0") + "\n"


def value_text(value: Value, unit: str = "") -> str:
    """Return a value as a person reads it."""
    if value is None:
        return "not measured"
    if type(value) is bool:
        return "yes" if value else "no"
    if type(value) is float:
        text = f"{value:.{_PRECISION}g}"
        text = f"{value:,.0f}" if "e+" in text and abs(value) < 1e15 else text
    else:
        text = f"{value:,}" if type(value) is int else str(value)
    return f"{text} {unit}".strip()
