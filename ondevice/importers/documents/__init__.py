"""Documents: the words of PDF, Word, EPUB and HTML files."""

from ondevice.importers.documents.format import DocumentsFormat

__all__ = ["DocumentsFormat"]
