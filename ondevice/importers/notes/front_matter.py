"""What stands before a note, or behind it, and tells about it: YAML, the lines of Logseq and Notion, Joplin's tail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_BLOCK_CHARS = 64 << 10
"""A longer block is no front matter."""
MAX_PROPERTIES = 60
_MAX_VALUES = 500
_MAX_NAME_CHARS = 100

_BLOCK = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PLAIN_LINE = re.compile(r"([^\s:#\-][^:\n]{0,99}?)[ \t]*:[ \t]+(\S[^\n]*)")
_OUTLINER_LINE = re.compile(r"(?:- )?([\w][\w./-]{0,99})::[ \t]+(\S[^\n]*)(?:\n|\Z)")
_JOPLIN_LINE = re.compile(r"([a-z_]{2,40}):(?: (.*))?\Z")
_PAGE_LINE = re.compile(r"([^\s:#>|*`\-][^:\n]{0,59}): (\S[^\n]*)(?:\n|\Z)")

Value = str | list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Properties:
    """What a note tells about itself, and the rest of it.

    Args:
        values: What is told, each a text or a list of texts, by its name as it is written.
        text: The note without it.
    """

    values: Mapping[str, Value] = field(repr=False)
    text: str = field(repr=False)

    def first(self, names: tuple[str, ...]) -> Value | None:
        """Return what the first of these names tells, whatever its case, spaces and underscores."""
        told = {_folded(name): value for name, value in self.values.items()}
        return next((told[name] for name in names if told.get(name)), None)


def _folded(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def is_any_of(name: str, names: tuple[str, ...]) -> bool:
    """Say whether a name is one of these, whatever its case, spaces and underscores."""
    return _folded(name) in names


def split_front_matter(text: str) -> Properties:
    """Take off the YAML between two lines of ``---`` at the beginning; what is no YAML is read line by line.

    A rule that merely begins a text is left where it is.
    """
    match = _BLOCK.match(text, 0, MAX_BLOCK_CHARS)
    if match is None:
        return Properties(values={}, text=text)
    values = _yaml_values(match[1])
    if values is None:
        values = _plain_values(match[1])
        if not values:
            return Properties(values={}, text=text)
    return Properties(values=values, text=text[match.end() :])


def split_outliner_lines(text: str) -> Properties:
    """Take off Logseq's lines of ``name:: value`` at the beginning."""
    return _split_lines(text.lstrip("\n"), _OUTLINER_LINE)


def split_page_lines(text: str) -> Properties:
    """Take off Notion's lines of ``Name: value``, which stand between a page's heading and its text."""
    found = _split_lines(text.lstrip("\n"), _PAGE_LINE)
    # Without an empty line behind them they are the text's own.
    is_block = bool(found.values) and (not found.text or found.text.startswith("\n"))
    return found if is_block else Properties(values={}, text=text)


def split_joplin_tail(text: str) -> Properties | None:
    """Take off the lines of ``name: value`` that end a note of Joplin's; ``None`` where they are not there."""
    start = text.rstrip().rfind("\n\n")
    lines = text[max(start, 0) :].strip().split("\n")
    if len(lines) < 2 or not lines[-1].startswith("type_: "):
        return None
    matches = [_JOPLIN_LINE.match(line) for line in lines]
    values: dict[str, Value] = {match[1]: match[2] or "" for match in matches if match is not None}
    return Properties(values=values, text=text[: max(start, 0)].strip()) if len(values) == len(lines) else None


def _split_lines(text: str, form: re.Pattern[str]) -> Properties:
    values: dict[str, Value] = {}
    at = 0
    while len(values) < MAX_PROPERTIES and (match := form.match(text, at)) is not None:
        values[match[1].strip()] = match[2].strip()
        at = match.end()
    return Properties(values=values, text=text[at:])


def _yaml_values(block: str) -> dict[str, Value] | None:
    """Return the top level's texts and lists of texts; ``None`` where it is not YAML, or something else than names.

    Every scalar stays the text that it is: YAML would make a number of 1:30 and a truth of ``on``. What is named once
    and used again costs nothing, since only one level is looked into.
    """
    import yaml

    try:
        loaded = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506, it makes texts, lists and mappings alone
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if loaded is None or loaded == "":
        return {}
    if not isinstance(loaded, dict):
        return None
    values: dict[str, Value] = {}
    for name, value in loaded.items():
        if isinstance(name, str) and 0 < len(name.strip()) <= _MAX_NAME_CHARS and len(values) < MAX_PROPERTIES:
            values[name.strip()] = _flat(value)
    return values


def _flat(value: object) -> Value:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return [f"{name}: {each}" for name, each in value.items() if isinstance(name, str) and _is_word(each)]
    if isinstance(value, list):
        # ``[[Note]]`` without quotes is a list in a list.
        single = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in value[:_MAX_VALUES]]
        return [each.strip() for each in single if isinstance(each, str) and _is_word(each)]
    return ""


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _plain_values(block: str) -> dict[str, Value]:
    """Read what is nearly YAML, such as ``title: Rome: the plan``, line by line."""
    values: dict[str, Value] = {}
    for line in block.split("\n"):
        match = _PLAIN_LINE.match(line)
        if match is not None and len(values) < MAX_PROPERTIES:
            words = match[2].strip().strip("\"'")
            listed = words[1:-1].split(",") if words.startswith("[") and words.endswith("]") else None
            values[match[1]] = words if listed is None else [each.strip() for each in listed if each.strip()]
    return values
