"""The words of a Word file (Office Open XML), paragraph by paragraph, those of tables in their place."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ondevice.importers.documents.document import Document, UnreadableError, joined
from ondevice.importers.documents.packed import opened_parts

if TYPE_CHECKING:
    from docx.opc.coreprops import CoreProperties


def read_docx(data: bytes) -> Document:
    """Return the words of a document, without those of its margins and notes.

    Raises:
        ImportError: If the extra ``import`` is not installed; it names the install command.
        UnreadableError: If it is damaged, unpacks to too much, or is longer than an item takes.
    """
    try:
        import docx
        from docx.oxml.ns import qn
        from docx.text.paragraph import Paragraph
    except ImportError as error:
        raise ImportError("Word files need python-docx; run: pip install 'ondevice-sdk[import]'") from error
    try:
        opened_parts(data).close()  # refuses what unpacks to too much
        opened = docx.Document(io.BytesIO(data))
        # Paragraph by paragraph, and not by a table's cells: a cell may claim to be as wide as a million.
        paragraphs = (Paragraph(each, opened).text for each in opened.element.body.iter(qn("w:p")))
        text = joined(paragraphs, "\n")
        told = opened.core_properties
        return Document(text=text, title=_told(told, "title"), author=_told(told, "author"), time=_made_at(told))
    except UnreadableError:
        raise
    except Exception:
        # Whatever the library finds wrong with one file, the next is read.
        raise UnreadableError("broken", "it is a damaged Word file") from None


def _told(properties: CoreProperties, name: str) -> str:
    value = getattr(properties, name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _made_at(properties: CoreProperties) -> datetime | None:
    try:
        made_at = properties.modified or properties.created
    except ValueError:
        return None
    if not isinstance(made_at, datetime):
        return None
    # Word writes UTC; the library tells it or not.
    return made_at if made_at.tzinfo is not None else made_at.replace(tzinfo=UTC)
