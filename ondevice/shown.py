"""Records that a notebook may show with their texts, once an app has asked for it."""

from __future__ import annotations

from collections.abc import Callable

_html_of: Callable[[object], str | None] | None = None


def show_as(html_of: Callable[[object], str | None] | None) -> None:
    """Let records show themselves to notebooks as a function has them, or with ``None`` no longer."""
    global _html_of
    _html_of = html_of


class Shown:
    """Base of the records that a notebook may show with their texts."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return the record as HTML where :func:`ondevice.notebooks.show_texts` was called, else nothing."""
        return None if _html_of is None else _html_of(self)
