"""Bytes to text as browsers and mail programs read them: by the label, and where it is missing or wrong, by a guess."""

from __future__ import annotations

import codecs
import re

from ondevice.importers.charset_guess import CODECS, CharsetGuess

_MULTI_BYTE = frozenset({"big5", "euc-jp", "euc-kr", "gb18030", "gbk", "iso-2022-jp", "shift_jis", "utf-8"})
_NO_LABELS = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "x-user-defined", ""})
"""Who says these and sends other bytes says nothing about them."""
_NO_CHARSETS = frozenset({"idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"})
"""Codecs of Python that no mail is written in."""
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SHIFTING = re.compile(r"\s*[\"']?(?:unicode-1-1-|x-)?(?:utf-?7|utf-?16|utf-?32|hz|iso-2022)", re.I)
"""These write other characters with the bytes of ASCII too."""
_META = re.compile(rb"<meta\b[^>]{0,400}?\bcharset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.I)
_META_BYTES = 4096
_GOOD_PER_BAD = 4


def decoded(data: bytes, label: str | None = None) -> str:
    """Return bytes as text; what stands for nothing is U+FFFD.

    Args:
        data: The bytes.
        label: What they are said to be, as ``iso-8859-1``. It counts unless they cannot be that.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if data.isascii() and not (b"\x1b" in data or b"\0" in data or _SHIFTING.match(label or "")):
        return data.decode("ascii")
    name, chain = _chain(label)
    is_one_byte = name not in _MULTI_BYTE and not _SHIFTING.match(name)
    if is_one_byte and (text := _as_utf8(data)) is not None:
        # Many sources of mail write UTF-8 under an old label; other text hardly ever looks like it.
        return text
    for codec in chain:
        try:
            return data.decode(codec)
        except UnicodeError:
            continue
    if chain and name in _MULTI_BYTE:
        text = data.decode(chain[0], "replace")
        n_bad = text.count("\N{REPLACEMENT CHARACTER}")
        if sum(char > "\x7f" for char in text) - n_bad >= _GOOD_PER_BAD * n_bad:
            return text
    return guessed(data)


def decoded_page(data: bytes, label: str | None = None) -> str:
    """Return the bytes of an HTML page as text; its own word counts where its ``label`` says nothing."""
    if (label or "").strip().lower() in _NO_LABELS and (said := _META.search(data, 0, _META_BYTES)):
        label = said[1].decode("ascii")
        if label.lower().startswith("utf-16"):
            label = "utf-8"  # A page that could be read so far is not UTF-16.
    return decoded(data, label)


def guessed(data: bytes) -> str:
    """Return bytes of which nothing is known as text: UTF-8 if they can be, else what they look like."""
    if (text := _as_utf8(data)) is not None:
        return text
    guess = CharsetGuess()
    guess.add(data)
    return data.decode(guess.codec, "replace")


def _as_utf8(data: bytes) -> str | None:
    if b"\x1b" in data and data.isascii():
        return None
    try:
        return data.decode("utf-8")
    except UnicodeError:
        return None


def _chain(label: str | None) -> tuple[str, tuple[str, ...]]:
    """Return a label's name in the table, and the codecs to try."""
    import webencodings

    label = (label or "").strip().strip("'\"").lower()
    if label in _NO_LABELS or not label.isascii():
        return "", ()
    known = webencodings.lookup(label)
    if known is not None and known.name not in ("replacement", "x-user-defined"):
        return known.name, CODECS.get(known.name, (known.name,))
    try:
        # What browsers no longer read, but mail holds: UTF-7, ISO-2022-KR, HZ, the character sets of DOS.
        found = codecs.lookup(label).name
        bytes(8).decode(found)
    except (LookupError, ValueError, UnicodeError):
        return "", ()
    return (found, (found,)) if found.replace("-", "_") not in _NO_CHARSETS else ("", ())
