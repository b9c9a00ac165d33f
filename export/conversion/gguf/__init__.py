"""Language models and their LoRA adapters: Hugging Face folders to GGUF, and GGUF to its quantized forms."""
