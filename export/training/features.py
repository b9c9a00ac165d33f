"""Numbers about a candidate that cost next to nothing: what a selector could go by without reading a text.

Source: the query-performance predictors that RSPG is compared with (Salemi et al. 2024, arXiv:2404.05970): how much
better the first hits fit the query than the last, with the overlap of words beside the vectors'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

from export.training.requests import Asked
from ondevice.records import Item
from ondevice.words import query_words, searchable_text, split_words


def features_of(asked: Asked, items: Sequence[Item], similarities: Sequence[float] | None) -> Mapping[str, float]:
    """Return a candidate's numbers by name, each about 0 to 1.

    Args:
        asked: The question.
        items: What would stand in the prompt, best first.
        similarities: The items' cosines to the query under the initial encoder, or ``None`` without an encoder.
    """
    wanted = set(query_words(asked.query))
    shares = [_share(wanted, item) for item in items]
    found = {
        "items": len(items) / 4,
        "query length": min(1.0, len(wanted) / 128),
        "item length": min(1.0, fmean(len(item.text) for item in items) / 2000) if items else 0.0,
        "profile size": min(1.0, len(asked.items) / 100),
        "overlap": max(shares, default=0.0),
        "mean overlap": fmean(shares) if shares else 0.0,
    }
    if similarities is not None:
        found |= {
            "similarity": max(similarities, default=0.0),
            "mean similarity": fmean(similarities) if similarities else 0.0,
            "similarity gap": max(similarities) - min(similarities) if similarities else 0.0,
            "similarity spread": pstdev(similarities) if similarities else 0.0,
        }
    return found


def _share(wanted: set[str], item: Item) -> float:
    """Return the share of the query's words that an item holds."""
    own = {word.lower() for word in split_words(searchable_text(item.text, item.fields))}
    return len(wanted & own) / len(wanted) if wanted else 0.0
