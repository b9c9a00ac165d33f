"""Markdown as words: links and embeds as what they show, comments and marks of programs left out, code untouched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_FENCE = r"^[ \t>]*(?:[-*+][ \t]+)?(?P<fence>`{3,}|~{3,})[^\n]*(?:\n|\Z)"
_INLINE_CODE = re.compile(r"(?<!`)(?P<ticks>`{1,3})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`)")
_MARK = re.compile(rf"{_FENCE}|{_INLINE_CODE.pattern}|(?P<comment>%%|<!--)", re.MULTILINE)
_COMMENT_ENDS = {"%%": "%%", "<!--": "-->"}
_WIKI = re.compile(r"(!?)\[\[([^\[\]\n]{1,1000})\]\]")
_LINK = re.compile(
    r"(!?)\[((?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,1000})\]"
    r"\((?:<[^<>\n]{0,2000}>|[^()<>\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,3})\)"
)
_REFERENCE = re.compile(r"(!?)\[([^\[\]\n]{1,1000})\]\[([^\[\]\n]{0,200})\]")
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]+\S[^\n]*(?:\n|\Z)", re.MULTILINE)
_CALLOUT = re.compile(r"^([ \t]*>[ \t>]*)\[!([\w-]{1,40})(?:\|[^\]\n]{0,80})?\][+-]?[ \t]*([^\n]*)", re.MULTILINE)
_BLOCK_ID = re.compile(r"(?<![ \t])[ \t]{1,20}\^[A-Za-z0-9-]{1,60}[ \t]*$", re.MULTILINE)
_HIGHLIGHT = re.compile(r"==(?=\S)([^=\n]{1,1000})(?<=\S)==")
_BLOCK_REFERENCE = re.compile(r"\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)")
_MACRO = re.compile(r"\{\{(?:embed|query|renderer|video|youtube)\b[^{}\n]{0,1000}\}\}")
_OUTLINER_LINE = re.compile(r"^[ \t]*(?:id|collapsed|heading)::[ \t][^\n]*(?:\n|\Z)", re.MULTILINE)
_TAG = re.compile(r"(?:^|(?<=[\s(,;]))#([^\W\d_][\w/-]{0,99}|\d[\w/-]{0,99}[^\W\d][\w/-]{0,99})", re.MULTILINE)
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|gif|bmp|svg|webp|heic|avif|tiff?|mp3|m4a|wav|ogg|flac|mp4|mov|mkv|webm|pdf|canvas)\Z",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\d+(?:x\d+)?\Z")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def words_of(text: str) -> str:
    """Return the note as a reader sees it, but for its headings, lists, quotes and code, which stay as written."""
    defined: set[str] = set()
    parts = [(is_code, part if is_code else _without_definitions(part, defined)) for is_code, part in _parts(text)]
    return "".join(
        part if is_code else _beside_inline_code(part, lambda words: _words(words, defined)) for is_code, part in parts
    ).strip()


def tags_of(text: str) -> list[str]:
    """Return the ``#tags`` of a note, each once, in their order; none from code or comments."""
    words = (_INLINE_CODE.sub("", part) for is_code, part in _parts(text) if not is_code)
    return list(dict.fromkeys(match[1].rstrip("/-") for part in words for match in _TAG.finditer(part)))


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield what is a fenced block and what is not, in turn, without the comments."""
    words: list[str] = []
    at, start = 0, 0
    unended: set[str] = set()
    while (mark := _MARK.search(text, at)) is not None:
        at = mark.end()
        if mark["fence"]:
            yield False, "".join((*words, text[start : mark.start()]))
            words.clear()
            start = at = _end_of_fence(text, mark)
            yield True, text[mark.start() : at]
        elif mark["comment"] and mark["comment"] not in unended:
            end = text.find(_COMMENT_ENDS[mark["comment"]], at)
            if end < 0:
                unended.add(mark["comment"])
                continue
            words.append(text[start : mark.start()])
            start = at = end + len(_COMMENT_ENDS[mark["comment"]])
    yield False, "".join((*words, text[start:]))


def _end_of_fence(text: str, mark: re.Match[str]) -> int:
    """Return where a fenced block ends: behind a line of at least as many of the same marks, or with the text."""
    fence = mark["fence"]
    end = re.compile(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}[ \t]*(?:\n|\Z)", re.MULTILINE).search(text, mark.end())
    return len(text) if end is None else end.end()


def _beside_inline_code(text: str, change: Callable[[str], str]) -> str:
    if "`" not in text:
        return change(text)
    codes: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        codes.append(match[0])
        return f"\0{len(codes) - 1}\0"

    changed = change(_INLINE_CODE.sub(put_aside, text))
    return re.sub(r"\0(\d+)\0", lambda match: codes[int(match[1])], changed)


def _without_definitions(text: str, defined: set[str]) -> str:
    """Take off the lines that say where ``[words][name]`` leads, and note their names."""
    defined.update(match[1].casefold() for match in _DEFINITION.finditer(text))
    return _DEFINITION.sub("", text)


def _words(text: str, defined: set[str]) -> str:
    text = _OUTLINER_LINE.sub("", text)
    text = _MACRO.sub("", _BLOCK_REFERENCE.sub("", text))
    text = _CALLOUT.sub(lambda match: match[1] + (match[3] or match[2].capitalize()), text)
    text = _WIKI.sub(_wiki_words, text)
    text = _LINK.sub(_link_words, text)
    text = _REFERENCE.sub(lambda match: _reference_words(match, defined), text)
    text = _HIGHLIGHT.sub(r"\1", _BLOCK_ID.sub("", text))
    return _EMPTY_LINES.sub("\n\n", text)


def _wiki_words(match: re.Match[str]) -> str:
    target, _, shown = match[2].partition("|")
    target, shown = target.strip().rstrip("\\"), shown.strip()
    note, _, part = target.partition("#")
    if match[1] and _MEDIA.search(note):
        return "" if _SIZE.match(shown) else shown
    if shown and not (match[1] and _SIZE.match(shown)):
        return shown
    name = note.rsplit("/", 1)[-1].removesuffix(".md")
    return ", ".join(each for each in (name, *part.split("#")) if each and not each.startswith("^"))


def _link_words(match: re.Match[str]) -> str:
    words = match[2].strip()
    if not match[1]:
        return words
    alternative = words.partition("|")[0]
    return "" if _MEDIA.search(alternative) or _SIZE.match(alternative) or alternative == "image" else alternative


def _reference_words(match: re.Match[str], defined: set[str]) -> str:
    return match[2] if (match[3] or match[2]).casefold() in defined else match[0]
