"""From trained models to the files a device loads: ONNX graphs and GGUF models, quantized by measurement."""
