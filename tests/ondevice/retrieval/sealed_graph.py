"""Read a sealed graph as someone would who has it and the key: its nodes, and every slot of its lists of neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ondevice.retrieval.index.hnsw import vectors_in


@dataclass(frozen=True)
class SealedGraph:
    """Rows and vectors by node, the nodes each node links to, and whatever else stands in the lists' slots."""

    rows: list[int]
    vectors: np.ndarray
    links: list[set[int]]
    slots: set[int]
    has_deletions: bool

    def neighbours_of(self, row: int) -> np.ndarray:
        """Return the vectors of the nodes that link to a row's node: what its place can be guessed from."""
        node = self.rows.index(row) if row in self.rows else -1
        return self.vectors[[place for place, linked in enumerate(self.links) if node in linked]]


def read_graph(state: Mapping[str, Any]) -> SealedGraph:
    """Take a graph's state apart."""
    rows, vectors = vectors_in(state)
    level_0 = np.asarray(state["data_level0"]).view(np.uint8).reshape(-1, state["size_data_per_element"])
    lists = [[node[: state["offset_data"]].copy()] for node in level_0]
    upper, width = np.asarray(state["link_lists"]).view(np.uint8), state["size_links_per_element"]
    start = 0
    for node, level in enumerate(state["element_levels"][: len(rows)].tolist()):
        lists[node] += [upper[start + width * n : start + width * (n + 1)] for n in range(level)]
        start += width * level
    assert start == len(upper)
    words = [[part.view("<u4") for part in parts] for parts in lists]
    return SealedGraph(
        rows=rows.tolist(),
        vectors=vectors,
        # The low half of the first word is the count; hnswlib marks a deleted node in the other.
        links=[{int(w) for part in parts for w in part[1 : 1 + (int(part[0]) & 0xFFFF)]} for parts in words],
        slots={int(w) for parts in words for part in parts for w in part[1:]},
        has_deletions=bool(state["has_deletions"]) or any(int(parts[0][0]) >> 16 for parts in words),
    )
