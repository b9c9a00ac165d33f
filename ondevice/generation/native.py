"""llama.cpp's functions, loaded so that an abort starts no debugger: it would fork, and look for gdb on the path."""

from __future__ import annotations

import os

# Read when the library loads, and again when it aborts.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

from llama_cpp import llama_cpp as lib

__all__ = ["lib"]
