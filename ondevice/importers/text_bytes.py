"""Bytes of unknown encoding as text: by their mark, as UTF-8, else by what they look like."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAUSIBLE = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "mac_roman"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
_LATIN = frozenset({"cp1250", "cp1254", "mac_roman"})
_NOT_WESTERN = frozenset("ŠŽšžÝÞÐýþð¹²³¼½¾¥¦¤†‡‰ˆ˜¬¶±¯¸¨µ\N{REPLACEMENT CHARACTER}")  # noqa: RUF001, as Windows-1252 has them
_SAMPLE_BYTES = 64 << 10
_TORN_SHARE = 2
_ZEROS_SHARE = 3


def text_of_bytes(data: bytes) -> str | None:
    r"""Return the text, its lines ended by ``\n``; ``None`` where the bytes are none.

    Text that is UTF-8 but for a few torn characters keeps the rest. Other text is read in the encoding that it looks
    like, Western European in doubt.
    """
    text = _decoded(data)
    if text is None:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _decoded(data: bytes) -> str | None:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if b"\0" in data:
        return _unmarked_utf16(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        torn = data.decode("utf-8", "replace")
    n_torn = torn.count("\N{REPLACEMENT CHARACTER}")
    if n_torn * _TORN_SHARE <= sum(not character.isascii() for character in torn) - n_torn:
        return torn
    return data.decode(_looks_like(data), "replace")


def _unmarked_utf16(data: bytes) -> str | None:
    """Read what has a zero in every second place, as some programs write their exports; other zeros are no text."""
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = data[first::2].count(0), data[1 - first :: 2].count(0)
        if not others and zeros * _ZEROS_SHARE >= len(data) // 2:
            text = data.decode(name, "replace")
            return text if all(character.isprintable() or character in "\t\n\r\f" for character in text) else None
    return None


def _looks_like(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # The sample is made of what is not ASCII, with what stands round it: the beginning of a long text may be plain.
    start = next(at for at, byte in enumerate(data) if byte > 0x7F)
    sample = data[max(0, start - 1024) : start + _SAMPLE_BYTES]
    best = from_bytes(sample, cp_isolation=list(_PLAUSIBLE)).best()
    if best is None or (best.encoding in _LATIN and _is_western(sample)):
        return "cp1252"
    return str(best.encoding)


def _is_western(sample: bytes) -> bool:
    """Say whether all that is not ASCII is a letter or a mark of Western Europe: short texts tell no more."""
    return _NOT_WESTERN.isdisjoint(sample.decode("cp1252", "replace"))
