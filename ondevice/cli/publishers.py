"""The publisher keys that a command trusts: each given as its text, or as a file that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ondevice.errors import InputError, NotFoundError
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import read_regular

if TYPE_CHECKING:
    from ondevice.bundle import PublisherKey

MODELS_PANEL = "Models"
MAX_KEY_BYTES = 4096

PublisherOption = Annotated[
    list[str] | None,
    typer.Option(
        "--publisher",
        metavar="KEY",
        help="Accept only models that this publisher signed: the key's text, or a file that holds it; repeatable.",
        rich_help_panel=MODELS_PANEL,
    ),
]


def read_publishers(given: Sequence[str] | None) -> tuple[PublisherKey, ...] | None:
    """Return the keys, or ``None`` where no key was given and no signature is asked for.

    Raises:
        NotFoundError: If one is neither a key's text nor a file.
        InputError: If a file holds no key.
    """
    return tuple(_read_publisher(text) for text in given) if given else None


def _read_publisher(text: str) -> PublisherKey:
    from ondevice.bundle import PublisherKey

    try:
        return PublisherKey.from_text(text)
    except InputError:
        path = Path(text)
    try:
        data = read_regular(path, limit_bytes=MAX_KEY_BYTES)
    except (OSError, ValueError):
        raise NotFoundError(
            f"{one_line(path.name)!r} is neither a publisher key nor a file that can be read",
            hint="ask the publisher for the .pub file",
        ) from None
    return PublisherKey.from_text(data.decode("ascii", errors="replace"))
