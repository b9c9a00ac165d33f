"""The encoding of bytes that say nothing about it and are no UTF-8, by what they look like."""

from __future__ import annotations

CODECS = {
    "big5": ("big5hkscs", "cp950"),
    "euc-jp": ("euc_jp", "euc_jis_2004"),
    "euc-kr": ("cp949",),
    "gbk": ("gb18030",),
    "iso-2022-jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004"),
    "iso-8859-8-i": ("iso8859-8",),
    "macintosh": ("mac-roman",),
    "shift_jis": ("cp932", "shift_jisx0213"),
    "windows-874": ("cp874",),
    "x-mac-cyrillic": ("mac-cyrillic",),
}
"""Python's codecs for the names of the WHATWG's table, where they have other names or take less than browsers do."""

_WESTERN = "cp1252"
_MOST_BYTES = 256 << 10


class CharsetGuess:
    """Looks at bytes as they come; the more it has seen, the surer it is.

    Without the extra ``import`` everything is taken for Western European.
    """

    def __init__(self) -> None:
        try:
            from chardetng_py import EncodingDetector
        except ImportError:
            self._detector = None
        else:
            self._detector = EncodingDetector()
        self._n_free = _MOST_BYTES

    def add(self, data: bytes) -> None:
        """Look at more of the same text."""
        if self._detector is not None and self._n_free:
            sample = data[: self._n_free]
            self._detector.feed(sample, last=False)
            self._n_free -= len(sample)

    @property
    def codec(self) -> str:
        """The name of Python's codec for all that was seen."""
        if self._detector is None:
            return _WESTERN
        name = str(self._detector.guess(tld=None, allow_utf8=False)).lower()
        return CODECS.get(name, (name,))[0]
