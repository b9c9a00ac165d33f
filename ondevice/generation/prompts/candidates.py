"""What a selector reads of a candidate: the request and the items that a retriever would put before it, both in brief.

The whole prompt would be longer than a small cross-encoder reads, and cutting it at its end would lose the request
(LaMP's prompts end with it) or the items (the others begin with it). So both are shortened here, by the same rule when
a selector is trained and when it chooses.

Source: RSPG's candidates z_i, Salemi et al. 2024, arXiv:2404.05970. Deviation: the paper reads the prompt itself, up
to 1,024 tokens of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.prompt import entry_for, query_for
from ondevice.records import Item

QUERY_WORDS = 24
ITEM_WORDS = 12


def candidate_text(task: str, request: str, items: Sequence[Item]) -> str:
    """Return the text by which a selector knows a candidate: the request on the first line, then an item a line.

    Items that lack a field of the task are left out, as in the prompt. Equal texts mean equal candidates.

    Args:
        task: One of :data:`~ondevice.generation.prompts.prompt.TASKS`.
        request: What is asked; of it the part that is searched, up to 24 words.
        items: What a retriever found, best first; of each long field up to 12 words.

    Raises:
        ValueError: If there is no such task.
    """
    entry = entry_for(task)
    lines = [f"{task}: {_first_words(query_for(task, request), QUERY_WORDS)}"]
    for item in items:
        found = entry(item)
        if found is not None:
            lines.append(f"{found.before}{_first_words(found.long, ITEM_WORDS)}{found.after}")
    return "\n".join(lines)


def _first_words(text: str, n_words: int) -> str:
    return " ".join(one_line(text).split(" ")[:n_words])
