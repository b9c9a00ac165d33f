"""Text from outside as a terminal may show it: it can be read, and can do nothing else.

A mail, a file's name or a model's answer may hold what steers a terminal (control characters, and the escape sequences
that begin with one), what turns the order of the letters round, or what is not to be seen at all. Each such character
is shown as one replacement character. What languages and emoji need stays: joiners, variation selectors, soft hyphens.
"""

from __future__ import annotations

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# First and last code point.
_UNSAFE = (
    (0x00, 0x08),  # controls, but for tab and line feed
    (0x0B, 0x1F),
    (0x7F, 0x9F),  # delete, and the controls that terminals take for an escape and a letter
    (0x061C, 0x061C),  # marks, embeddings, overrides and isolates of the writing direction
    (0x180E, 0x180E),  # what is not to be seen
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x2028, 0x202E),  # separators of lines and paragraphs, which some take for a line feed
    (0x2060, 0x206F),
    (0xD800, 0xDFFF),  # halves of surrogate pairs, which no encoding can write
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE007F),  # tags: a second, invisible alphabet
)
_CODES = tuple(code for first, last in _UNSAFE for code in range(first, last + 1))
_SHOWN = dict.fromkeys(_CODES, _REPLACEMENT)
_ON_ONE_LINE = {**_SHOWN, ord("\n"): " ", ord("\t"): " "}


def printable(text: str) -> str:
    """Return a text with every unsafe character replaced; tabs and line feeds stay."""
    return text.translate(_SHOWN)


def one_line(text: str) -> str:
    """Return a name or a sentence as :func:`printable`, with spaces for tabs and line feeds."""
    return text.translate(_ON_ONE_LINE)


def escaped_json(document: str) -> str:
    r"""Return a JSON text that means the same, with every unsafe character written as ``\\uXXXX``.

    Args:
        document: What :func:`json.dumps` wrote; there such characters stand inside strings alone.
    """
    return document.translate(_ESCAPES)


def _escape(code: int) -> str:
    units = chr(code).encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


_ESCAPES = {code: _escape(code) for code in _CODES}
