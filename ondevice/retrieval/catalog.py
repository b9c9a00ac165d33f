"""The retrievers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ondevice.config import RetrievalConfig
from ondevice.retrieval.dense import DenseRetriever
from ondevice.retrieval.fusion import HybridRetriever
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.retrieval.protocol import Retriever
from ondevice.retrieval.recency import NoRetriever, RecencyRetriever

if TYPE_CHECKING:
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.retrieval.index.vector_index import VectorIndex
    from ondevice.vault.vault import Vault


def build_retrievers(
    vault: Vault,
    encoder: Callable[[], Encoder] | None,
    index: VectorIndex | None,
    config: RetrievalConfig | None = None,
) -> dict[str, Retriever]:
    """Return every retriever that can be had, by name.

    Args:
        vault: Where the items are.
        encoder: Gives the encoder when it is first needed; ``None`` leaves ``dense`` and ``hybrid`` out.
        index: The index of that encoder's vectors; given exactly if the encoder is.
        config: Depth of the fusion.

    Raises:
        ValueError: If only one of encoder and index is given.
    """
    config = config or RetrievalConfig()
    lexical = LexicalRetriever(vault.lexical, vault.items)
    found: list[Retriever] = [NoRetriever(), RecencyRetriever(vault.items), lexical]
    if (encoder is None) != (index is None):
        raise ValueError("an encoder and its index are given together or not at all")
    if encoder is not None and index is not None:
        dense = DenseRetriever(vault, encoder, index)
        fusion = HybridRetriever(lexical, dense, vault.items.get_rows, depth=config.fusion_depth)
        found += [dense, fusion]
    return {retriever.name: retriever for retriever in found}
