"""What a reply quotes, and the lines that introduce it; what a mail passes on stays."""

from __future__ import annotations

import re

from ondevice.importers.mail import phrases

_QUOTE = re.compile(r"\s*>")
_MARK = re.compile(r"\A\s*>\s?")
_WHEN_OR_WHO = r"\S@\S|\d{1,2}[:.h]\d{2}|\b\d{4}\b|\d{1,2}[./-]\d{1,2}|\d年|\d년"
_COLON = r"[:\uff1a]"
_ATTRIBUTION = re.compile(
    rf"\s*(?=(?:{phrases.BEGINNING})\b|.{{0,200}}(?:{_WHEN_OR_WHO}))"
    rf".{{0,300}}?(?:{phrases.WROTE}).{{0,120}}{_COLON}\s*\Z",
    re.S | re.I,
)
_NAMED_AND_DATED = re.compile(
    rf"(?=.{{0,300}}\S@\S)(?=.{{0,300}}(?:\d{{1,2}}[:.h]\d{{2}}|\d{{4}})).{{0,300}}{_COLON}\s*\Z", re.S
)
_BEGINS = re.compile(rf"\s*(?:{phrases.BEGINNING})\b.{{0,100}}\d")
_MAX_ATTRIBUTION_CHARS = 400
_MAX_ATTRIBUTION_LINES = 3

_FORWARD = re.compile(
    rf"\s*(?:[-_*]{{2,}}\s*(?:{phrases.FORWARDED})|(?:{phrases.BEGINNING_FORWARDED})[^\n]{{0,40}}{_COLON}?\s*\Z)", re.I
)
_ORIGINAL = re.compile(rf"\s*[-_*]{{2,}}\s*(?:{phrases.ORIGINAL})", re.I)
_HEAD_LINE = re.compile(rf"\s*\*?([^\W\d_](?:[^\W\d_]|[ .'-]){{0,24}}?)\*?\s?{_COLON}\*?(?:\s|\Z)")
_FROM_NAMES = frozenset(phrases.FROM.split())
_OTHER_NAMES = frozenset(phrases.OTHERS.split())
_FORWARD_SUBJECTS = frozenset(phrases.FORWARD_SUBJECTS.split())
_REPLY_SUBJECTS = frozenset(phrases.REPLY_SUBJECTS.split())
_N_OTHER_NAMES = 2

_PREFIX = re.compile(r"\s*([^\W\d_]{1,10})(?:\[\d+\])?\s?[:\uff1a]")


def passes_on(subject: str) -> bool:
    """Say whether a subject is that of a forwarded mail, as ``Fwd: Ticket``."""
    found = _PREFIX.match(subject)
    return found is not None and found[1].lower() in _FORWARD_SUBJECTS


def answers(subject: str) -> bool:
    """Say whether a subject is that of a reply, as ``Re: Ticket``."""
    found = _PREFIX.match(subject)
    return found is not None and found[1].lower() in _REPLY_SUBJECTS


def without_quotes(text: str, *, is_reply: bool = False) -> str:
    """Return a text without the lines that quote and those that introduce a quote.

    Args:
        text: The text. From a line on that introduces a forwarded mail it stays as it is.
        is_reply: Take off, too, what stands below a line as ``Original Message`` or below the head of another mail,
            where Outlook puts what it answers. In a mail that is no reply it is what that passes on.
    """
    lines = text.split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _FORWARD.match(line[:200]):
            kept += _passed_on(lines[number:])
            break
        if is_reply and (_ORIGINAL.match(line[:200]) or _is_head(lines, number) or _is_open_quote(lines, number)):
            _drop_rule(kept)
            break
        if _QUOTE.match(line):
            is_first = number == 0 or not _QUOTE.match(lines[number - 1])
            if not _drop_attribution(kept) and is_first and _is_quoted_forward(lines, number):
                kept += _passed_on(["", *lines[number:]])
                break
        else:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _passed_on(lines: list[str]) -> list[str]:
    """Return a forwarded mail with the line above it, and without the marks where all of it is quoted."""
    marker, *rest = lines
    if next((line for line in rest if line.strip()), "").lstrip().startswith(">"):
        rest = [_MARK.sub("", line) for line in rest]
    return [marker, *rest]


def _drop_rule(kept: list[str]) -> None:
    """Take off the line of underscores that Outlook draws above what it answers."""
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and not kept[-1].strip(" _-"):
        kept.pop()


def _is_quoted_forward(lines: list[str], number: int) -> bool:
    """Say whether a quote begins with the line that introduces a forwarded mail; Apple Mail passes on so."""
    inner = (_MARK.sub("", line[:200]) for line in lines[number : number + 5])
    return _FORWARD.match(next((line for line in inner if line.strip()), "")) is not None


def _drop_attribution(kept: list[str]) -> bool:
    """Take off the "On … wrote:" in front of a quote, which mailers break over three lines; say if it is there."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    start = end
    while start > max(end - _MAX_ATTRIBUTION_LINES, 0) and kept[start - 1].strip():
        start -= 1
    for at in range(end - 1, start - 1, -1):
        if _introduces("\n".join(kept[at:end])):
            # Of a line that is broken, the end can look like the whole.
            first = next((above for above in range(start, at) if _BEGINS.match(kept[above])), at)
            del kept[first:]
            return True
    return False


def _introduces(text: str) -> bool:
    if len(text) > _MAX_ATTRIBUTION_CHARS or text.rstrip()[-1:] not in (":", "\N{FULLWIDTH COLON}"):
        return False
    return _ATTRIBUTION.match(text) is not None or _NAMED_AND_DATED.match(text) is not None


def _is_open_quote(lines: list[str], number: int) -> bool:
    """Say whether a line of its own introduces a quote whose lines have no mark; some telephones write so."""
    if not _introduces(lines[number]) or not re.search(_WHEN_OR_WHO, lines[number]):
        return False
    following = (line for line in lines[number + 1 : number + 20] if line.strip())
    return not any(_QUOTE.match(line) for line in following)


def _is_head(lines: list[str], number: int) -> bool:
    """Say whether the head of another mail begins at a line: sender, date, subject, each with its name."""
    first = _HEAD_LINE.match(lines[number][:80])
    if first is None or _name(first) not in _FROM_NAMES:
        return False
    block = [line for line in lines[number + 1 : number + 10] if line.strip()][:6]
    names = {_name(found) for line in block if (found := _HEAD_LINE.match(line[:80]))}
    return len(names & _OTHER_NAMES) >= _N_OTHER_NAMES


def _name(found: re.Match[str]) -> str:
    return found[1].lower().split()[0]
