"""Texts to vectors, and pairs of texts to scores: the one place that knows onnxruntime."""
