"""Finding items: encoder, vector index, and the retrievers behind one protocol."""
