"""Encoders, selectors and projectors: PyTorch to ONNX, and ONNX to its quantized forms."""
