"""A document that is an archive of parts: how much it may unpack to."""

from __future__ import annotations

import io
import zipfile

from ondevice.importers.documents.document import UnreadableError

MAX_UNPACKED_BYTES = 256 << 20
MAX_PARTS = 10_000


def opened_parts(data: bytes) -> zipfile.ZipFile:
    """Return the archive of a document's parts; no part gives more than the archive says.

    Raises:
        UnreadableError: If it unpacks to too much.
        zipfile.BadZipFile: If it is damaged.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableError("too long", f"it unpacks to more than {MAX_UNPACKED_BYTES} bytes")
    return archive
