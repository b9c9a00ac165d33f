"""Documents: the words of PDF and Word files."""

from ondevice.importers.documents.format import DocumentsFormat

__all__ = ["DocumentsFormat"]
