"""Documents: each file is an item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from itertools import islice
from pathlib import PurePosixPath

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.chats.telegram_pages import is_telegram_page
from ondevice.importers.documents.document import Document, UnreadableError
from ondevice.importers.documents.docx import read_docx
from ondevice.importers.documents.epub import CONTAINER, read_epub
from ondevice.importers.documents.page import is_page, read_page
from ondevice.importers.documents.pdf import read_pdf
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.local_times import in_utc
from ondevice.importers.opening import opened
from ondevice.importers.source import Member, Source
from ondevice.importers.zones import zone_named

MAX_DOCUMENT_BYTES = 128 << 20
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_READERS: dict[str, Callable[[bytes], Document]] = {
    **{".pdf": read_pdf, ".docx": read_docx, ".epub": read_epub},
    **dict.fromkeys(_PAGES, read_page),
}
_PDF_MARK = b"%PDF-"
_DOCX_PARTS = frozenset({"word/document.xml", "[Content_Types].xml"})
_EPUB_PARTS = frozenset({"mimetype", CONTAINER})
_LOOKED_AT = 2_000
_MAX_VALUE_CHARS = 1_000


class DocumentsFormat:
    """PDF, Word (.docx), EPUB and HTML files, or folders and archives of them; title and author are fields.

    The key is the file's path. The words of a PDF that is only pictures of its pages are not read: it is skipped as
    empty. HTML pages within a folder or an archive count where no JSON lies there: programs that export both say the
    same in both. PDF and Word need the extra ``import``.
    """

    name = "documents"
    title = "documents (PDF, Word, EPUB, HTML)"

    def fits(self, source: Source) -> bool:
        """Say whether it is a document, or a folder or archive with one in it."""
        return _suffix_of_single(source) is not None or next(_members(source), None) is not None

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield the documents in the order of their paths; one that cannot be read is skipped.

        Raises:
            ImportError: If it has PDF or Word and the extra ``import`` is not installed; it names the install command.
            InputError: If the source cannot be read, or the options name no time zone.
            NotFoundError: If it is gone.
        """
        zone = zone_named(options.time_zone)
        single = _suffix_of_single(source)
        if single is not None:
            with opened(source.path) as file:
                yield _read_document(file.read(MAX_DOCUMENT_BYTES + 1), single, source.path.name, source.name, zone)
            return
        for member in _members(source):
            try:
                with member.opened() as file:
                    data = file.read(MAX_DOCUMENT_BYTES + 1)
            except (InputError, NotFoundError) as error:
                yield Skipped(place=member.place, reason="broken", detail=error.message)
            else:
                yield _read_document(data, member.suffix, member.name, member.place, zone)


def _members(source: Source) -> Iterator[Member]:
    """Yield the documents of a folder or an archive; a single file is looked at as a whole."""
    if source.is_single:
        return
    has_json: bool | None = None
    for member in source.members():
        if member.suffix in _PAGES:
            if has_json is None:
                has_json = any(other.suffix == ".json" for other in source.members())
            belongs_to_page = PurePosixPath(member.name).parent.name.endswith("_files")
            if has_json or belongs_to_page or is_telegram_page(member):
                continue
        if member.suffix in _READERS:
            yield member


def _suffix_of_single(source: Source) -> str | None:
    """Return the form of a source that is one document; a Word file and a book are archives by themselves."""
    if source.is_archive:
        names = {member.name for member in islice(source.members(), _LOOKED_AT)}
        return ".docx" if names >= _DOCX_PARTS else ".epub" if names >= _EPUB_PARTS else None
    if source.is_folder:
        return None
    head = next(source.members()).head(1024)
    return ".pdf" if _PDF_MARK in head else ".html" if is_page(head) else None


def _read_document(data: bytes, suffix: str, name: str, place: str, zone: tzinfo | None) -> Found | Skipped:
    if len(data) > MAX_DOCUMENT_BYTES:
        return Skipped(place=place, reason="too long", detail=f"it is longer than {MAX_DOCUMENT_BYTES} bytes")
    try:
        document = _READERS[suffix](data)
        if not document.text:
            return Skipped(place=place, reason="empty", detail="it has no words; perhaps they are pictures")
        title = document.title or PurePosixPath(name).stem.encode("utf-8", "replace").decode("utf-8")
        author = {"author": document.author[:_MAX_VALUE_CHARS]} if document.author else {}
        draft = make_draft(
            RecordPlace(place),
            text=document.text,
            kind="document",
            time=None if document.time is None else in_utc(document.time, zone),
            fields={"title": title[:_MAX_VALUE_CHARS], **author},
            metadata={"path": place},
        )
    except UnreadableError as error:
        return Skipped(place=place, reason=error.reason, detail=error.detail)
    except InputError as error:
        return Skipped(place=place, reason="broken", detail=error.message)
    return Found(draft=draft, place=place, key=name)
