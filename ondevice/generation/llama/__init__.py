"""The language model in llama.cpp: loading, turns, prompt state, what shapes its answers."""
