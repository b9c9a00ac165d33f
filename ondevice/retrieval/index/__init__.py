"""The vectors of one encoder, searched exactly or by a graph: the one place that knows hnswlib."""
