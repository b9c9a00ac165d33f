"""What a selector reads of a candidate: the request and the items that a retriever would put before it.

A small cross-encoder does not read the whole prompt, and cutting that at its end would lose the request (LaMP's prompts
end with it) or the items (the others begin with it). So the text is made of parts, each of which loses its own share
(:mod:`ondevice.retrieval.encoding.parts`), by the same rule when a selector is trained and when it chooses. A selector
from before reads both in brief: the first words of each, whatever room there is.

Source: RSPG's candidates z_i, Salemi et al. 2024, arXiv:2404.05970. Deviation: the paper reads the prompt itself, up
to 1,024 tokens of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.prompt import entry_for, query_for
from ondevice.records import Item

if TYPE_CHECKING:
    from ondevice.bundle import Cut

QUERY_WORDS, ITEM_WORDS = 24, 12
"""What a selector that cuts at the end reads of the request, and of each item."""
MOST_WORDS = 256
"""More of a request or an item is not even tokenized: a word is a token or more, and small models read some hundred."""
_BETWEEN_PARTS, _IN_PART = "\n", "\t"


class Part(NamedTuple):
    """The request, or an item as it stands in the prompt: only ``long`` is shortened while there is any of it."""

    before: str
    long: str
    after: str


def candidate_text(task: str, request: str, items: Sequence[Item], *, cut: Cut) -> str:
    """Return the text by which a selector knows a candidate: the request on the first line, then an item a line.

    Items that lack a field of the task are left out, as in the prompt. Equal texts mean equal candidates.

    Args:
        task: One of :data:`~ondevice.generation.prompts.prompt.TASKS`.
        request: What is asked; of it the part that is searched.
        items: What a retriever found, best first.
        cut: As the selector's manifest says. With ``evenly``, tabs stand around an item's long field, and up to 256
            words of it and of the request are there; with ``end``, up to 12 and 24.

    Raises:
        ValueError: If there is no such task.
    """
    n_query, n_item = (QUERY_WORDS, ITEM_WORDS) if cut == "end" else (MOST_WORDS, MOST_WORDS)
    between = "" if cut == "end" else _IN_PART
    entry = entry_for(task)
    lines = [f"{task}: {_first_words(query_for(task, request), n_query)}"]
    for item in items:
        found = entry(item)
        if found is not None:
            lines.append(between.join((found.before, _first_words(found.long, n_item), found.after)))
    return _BETWEEN_PARTS.join(lines)


def parts_of(text: str) -> list[Part]:
    """Return the parts of a text that is to be cut evenly; a line without tabs is long as a whole."""
    parts = []
    for line in text.split(_BETWEEN_PARTS):
        before, found, rest = line.partition(_IN_PART)
        long, _, after = rest.partition(_IN_PART)
        parts.append(Part(before, long, after) if found else Part("", line, ""))
    return parts


def _first_words(text: str, n_words: int) -> str:
    return " ".join(one_line(text).split(" ")[:n_words])
