"""The repository's Markdown pages: their links, headings and code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NOT_OURS = {".git", ".venv", "build", "node_modules"}
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: what stands behind the fence, its text, its line, and the line that follows it."""

    info: str
    text: str
    line: int
    follows: str

    @property
    def language(self) -> str:
        return self.info.split(" ", 1)[0]


def pages() -> list[Path]:
    """Return every Markdown page of the repository."""
    found = (path for path in ROOT.rglob("*.md") if not _NOT_OURS & set(path.relative_to(ROOT).parts))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def name_of(page: Path) -> str:
    """Return a page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Yield a page's fenced blocks."""
    text = page.read_text("utf-8")
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        follows = next((each for each in text[match.end() :].splitlines() if each.strip()), "")
        yield Block(info=match["info"].strip(), text=match["text"], line=line, follows=follows)


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def inline_code(page: Path) -> list[str]:
    """Return what stands between backticks in the prose."""
    return [" ".join(match[2].split()) for match in _INLINE.finditer(prose(page))]


def links(page: Path) -> list[str]:
    """Return the targets of a page's links and images."""
    return re.findall(r"\]\(([^)\s]+)\)", _INLINE.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """Return the heading anchors that a Markdown page has."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
