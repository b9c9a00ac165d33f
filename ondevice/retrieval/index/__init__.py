"""The vectors of one encoder, searched exactly or by a graph: the one place that knows hnswlib."""

from ondevice.retrieval.index.vector_index import VectorIndex as VectorIndex
