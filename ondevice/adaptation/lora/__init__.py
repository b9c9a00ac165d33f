"""The training of a LoRA on the weights that are served, and its bytes as llama.cpp reads them."""
