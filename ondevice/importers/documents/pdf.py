"""The words of a PDF file, page by page."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ondevice.importers.documents.document import Document, UnreadableError, joined

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 5_000


def read_pdf(data: bytes) -> Document:
    """Return the words of all pages; none where they are pictures of words.

    Raises:
        ImportError: If the extra ``import`` is not installed; it names the install command.
        UnreadableError: If it is damaged, has a password or too many pages, or is longer than an item takes.
    """
    try:
        import pypdf
        from pypdf.errors import FileNotDecryptedError
    except ImportError as error:
        raise ImportError("PDF needs pypdf; run: pip install 'ondevice-sdk[import]'") from error
    # It would write to the terminal what it finds odd in a file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if len(reader.pages) > MAX_PAGES:
            raise UnreadableError("too long", f"it has more than {MAX_PAGES} pages")
        text = joined(_pages(reader), "\n\n")
        told = reader.metadata
        return Document(
            text=text,
            title=_told(told.title) if told else "",
            author=_told(told.author) if told else "",
            time=_made_at(reader),
        )
    except FileNotDecryptedError:
        raise UnreadableError("unsupported", "it has a password") from None
    except UnreadableError:
        raise
    except Exception:
        # Whatever the library finds wrong with one file, the next is read.
        raise UnreadableError("broken", "it is a damaged PDF file") from None


def _pages(reader: PdfReader) -> Iterator[str]:
    for page in reader.pages:
        yield page.extract_text()


def _told(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _made_at(reader: PdfReader) -> datetime | None:
    try:
        made_at = reader.metadata.creation_date if reader.metadata else None
    except ValueError:
        return None
    return made_at if isinstance(made_at, datetime) else None
