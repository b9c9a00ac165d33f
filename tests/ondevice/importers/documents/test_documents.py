"""PDF, Word, EPUB and HTML files: their words, title, author and date; what is damaged, locked or a picture is told."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest

from ondevice.importers.documents import DocumentsFormat
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.source import Source


def pdf(words: str, password: str | None = None) -> bytes:
    """Return a PDF of one page, with a font that every reader has."""
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(600, 800)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if words:
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 700 Td ({words}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": "Boiler manual", "/Author": "Ana", "/CreationDate": "D:20190401120000Z"})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def word(*paragraphs: str, cell: str = "") -> bytes:
    document: Any = docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    if cell:
        document.add_table(1, 1).cell(0, 0).text = cell
    document.core_properties.title, document.core_properties.author = "Plan", "Priya"
    document.core_properties.modified = datetime(2024, 5, 31, 10, 0)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def read(path: Path) -> list[Found | Skipped]:
    return list(DocumentsFormat().read(Source(path), ReadOptions(time_zone="Europe/Berlin")))


def test_a_pdf_and_a_word_file(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("Press the red button twice."))
    (tmp_path / "b.docx").write_bytes(word("Rome in May.", "", "By train.", cell="Tickets"))
    one, two = read(tmp_path)
    assert isinstance(one, Found)
    assert isinstance(two, Found)
    assert (one.key, one.draft.kind, one.draft.text) == ("a.pdf", "document", "Press the red button twice.")
    assert one.draft.fields == {"title": "Boiler manual", "author": "Ana"}
    assert one.draft.time == datetime(2019, 4, 1, 12, tzinfo=UTC)
    assert (two.key, two.draft.text) == ("b.docx", "Rome in May.\nBy train.\nTickets")
    assert two.draft.fields == {"title": "Plan", "author": "Priya"}
    assert two.draft.time == datetime(2024, 5, 31, 10, tzinfo=UTC)
    for name in ("a.pdf", "b.docx"):
        assert DocumentsFormat().fits(Source(tmp_path / name))
        (alone,) = read(tmp_path / name)
        assert isinstance(alone, Found)
        assert alone.key == name


def test_what_cannot_be_read_is_told_and_shown_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {
        "broken.docx": word("secret")[:-200], "broken.pdf": b"%PDF-1.7\nsecret", "locked.pdf": pdf("x", "pw"),
        "odd.pdf": b"secret " + pdf("Fine."), "scanned.pdf": pdf(""),
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert [(one.place, getattr(one, "reason", "")) for one in read(tmp_path)] == [
        ("broken.docx", "broken"), ("broken.pdf", "broken"), ("locked.pdf", "unsupported"), ("odd.pdf", ""),
        ("scanned.pdf", "empty"),
    ]  # fmt: skip
    assert capfd.readouterr() == ("", "")


def changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a Word file with something else in its main part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for part in before.infolist():
            text = before.read(part)
            if part.filename == "word/document.xml":
                assert old in text
                text = text.replace(old, new, 1)
            after.writestr(part, text)
    return made.getvalue()


def test_a_cell_that_claims_to_be_wide_is_read(tmp_path: Path) -> None:
    data = changed(word("Fine.", cell="wide"), b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="1000000000"/>')
    (tmp_path / "a.docx").write_bytes(data)
    (found,) = read(tmp_path)
    assert isinstance(found, Found)
    assert found.draft.text == "Fine.\nwide"


def test_entities_of_a_word_file_are_not_unfolded(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    declared = changed(word("Fine."), b"<w:document", f'<!DOCTYPE x [<!ENTITY a "boom">{bomb}]><w:document'.encode())
    (tmp_path / "a.docx").write_bytes(changed(declared, b"Fine.", b"Fine.&i;"))
    (found,) = read(tmp_path)
    assert isinstance(found, Skipped) or "boom" not in found.draft.text


PAGE = """<!DOCTYPE html><html><head><title>Trip &amp; plan</title><meta content="Ana" name="author">
<meta property="article:published_time" content="2024-05-31T10:00:00+02:00"><style>p {}</style></head>
<body><p>Rome in May.</p><p hidden>secret</p><p>By train.</p></body></html>"""
CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
BOOK = """<package><metadata><dc:title>A book</dc:title><dc:creator>Priya</dc:creator><dc:date>2021-03-04</dc:date>
</metadata><manifest><item id="b" href="two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="x.png" media-type="image/png"/>
</manifest><spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/>
<itemref idref="gone"/></spine></package>"""


def epub(path: Path, **more: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OPS/book.opf", BOOK)
        archive.writestr("OPS/one.xhtml", "<html><head><title>1</title></head><body><h1>One</h1><p>Call me.</p></body>")
        archive.writestr("OPS/two b.xhtml", "<html><body><p>The end.</p></body></html>")
        for name, text in more.items():
            archive.writestr(name, text)
    return path


def test_a_page_of_the_web(tmp_path: Path) -> None:
    (tmp_path / "saved_files").mkdir()
    for name in ("saved.html", "saved_files/frame.html"):
        (tmp_path / name).write_bytes(PAGE.encode("utf-16"))
    (found,) = read(tmp_path)
    assert isinstance(found, Found)
    assert (found.key, found.draft.text) == ("saved.html", "Rome in May.\n\nBy train.")
    assert found.draft.fields == {"title": "Trip & plan", "author": "Ana"}
    assert found.draft.time == datetime(2024, 5, 31, 8, tzinfo=UTC)
    (tmp_path / "page").write_text(PAGE, "utf-8")
    assert DocumentsFormat().fits(Source(tmp_path / "page"))
    (alone,) = read(tmp_path / "page")
    assert isinstance(alone, Found)
    assert alone.draft.text == found.draft.text


def test_pages_beside_json_say_what_that_says(tmp_path: Path) -> None:
    (tmp_path / "note.html").write_text(PAGE, "utf-8")
    (tmp_path / "note.json").write_text("{}", "utf-8")
    assert not DocumentsFormat().fits(Source(tmp_path))
    assert read(tmp_path) == []


def test_a_book(tmp_path: Path) -> None:
    (found,) = read(epub(tmp_path / "a.epub"))
    assert isinstance(found, Found)
    assert found.draft.text == "One\n\nCall me.\n\nThe end."
    assert found.draft.fields == {"title": "A book", "author": "Priya"}
    assert found.draft.time == datetime(2021, 3, 3, 23, tzinfo=UTC)
    assert DocumentsFormat().fits(Source(tmp_path / "a.epub"))
    assert [getattr(one, "key", None) for one in read(tmp_path)] == ["a.epub"]


def test_books_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    locked = '<encryption><enc:CipherReference URI="OPS/one.xhtml"/></encryption>'
    epub(tmp_path / "locked.epub", **{"META-INF/encryption.xml": locked})
    data = epub(tmp_path / "torn.epub").read_bytes()
    (tmp_path / "torn.epub").write_bytes(data[:-40])
    with zipfile.ZipFile(tmp_path / "bomb.epub", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", "")
    told = [(one.place, getattr(one, "reason", "")) for one in read(tmp_path)]
    assert told == [("bomb.epub", "too long"), ("locked.epub", "unsupported"), ("torn.epub", "broken")]


def test_what_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no %PDF", "utf-8")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    assert not any(DocumentsFormat().fits(Source(path)) for path in (tmp_path, tmp_path / "a.txt", tmp_path / "b.zip"))
