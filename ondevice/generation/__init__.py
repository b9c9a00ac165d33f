"""The language model on the device: prompts, the llama.cpp engine, one user's adapter and soft prompt.

Prompt building is pure Python; llama.cpp loads when the engine's module is first used.
"""
