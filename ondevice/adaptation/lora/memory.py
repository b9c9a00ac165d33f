"""How much memory a training takes: estimated before, measured after."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.errors import AdaptationError

LOGIT_ROWS = 128
"""Answer tokens whose logits are in memory at once."""

MOST_PART_TOKENS = 512
"""Tokens that go through the model at once on a CPU: with more it gets no faster, and memory grows."""

_BYTES_PER_NUMBER = 4
_BYTES_PER_PARAMETER = 16  # the number, its gradient, and AdamW's two moments


def token_bytes(shape: ModelShape, recipe: LoraRecipe) -> int:
    """Return about how many bytes a token's activations take, kept from the lowest adapted block up for the gradient.

    Per block: the two norms with what they normalize, queries, keys and values before and after rotation, the
    attention's output, and four states inside the feed-forward layers.
    """
    n_blocks = shape.n_blocks - recipe.blocks_of(shape)[0]
    query, key = shape.n_heads * shape.head_dim, shape.n_kv_heads * shape.head_dim
    per_block = 8 * shape.dim + 4 * query + 6 * key + 4 * shape.ffn_dim
    return _BYTES_PER_NUMBER * (n_blocks * per_block + 4 * shape.dim)


def part_tokens(
    shape: ModelShape,
    recipe: LoraRecipe,
    *,
    longest: int,
    max_memory_bytes: int | None,
    most: int = MOST_PART_TOKENS,
) -> int:
    """Return how many tokens may go through the model at once, at least the longest example, otherwise ``most``.

    Raises:
        AdaptationError: If not even the longest example fits into the memory.
    """
    if max_memory_bytes is None:
        return max(longest, most)
    fixed = recipe.n_parameters(shape) * _BYTES_PER_PARAMETER + 3 * _BYTES_PER_NUMBER * LOGIT_ROWS * shape.vocabulary
    free = max_memory_bytes - resident_bytes() - fixed
    fitting = free // token_bytes(shape, recipe)
    if fitting < longest:
        needed = max_memory_bytes - free + longest * token_bytes(shape, recipe)
        raise AdaptationError(
            f"the training needs about {needed / 1e6:.0f} MB of memory, but may use {max_memory_bytes / 1e6:.0f} MB",
            hint="raise max_memory_bytes, lower max_tokens, or train the upper blocks only",
        )
    return max(longest, min(fitting, most))


def resident_bytes() -> int:
    """Return how much memory the process has now, or where the system does not say, the most it had."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        import resource

        return int(statm.read_text("ascii").split()[1]) * resource.getpagesize()
    return peak_bytes()


def peak_bytes() -> int:
    """Return the most memory the process has had."""
    if sys.platform == "win32":
        return _windows_peak()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _windows_peak() -> int:
    import ctypes
    from ctypes import wintypes

    sizes = [(name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "pagefile", "peak_pagefile")]
    counters = type(
        "Counters", (ctypes.Structure,), {"_fields_": [("cb", wintypes.DWORD), ("faults", wintypes.DWORD), *sizes]}
    )()
    counters.cb = ctypes.sizeof(counters)
    kernel: Any = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 - only there on Windows
    kernel.GetCurrentProcess.restype = wintypes.HANDLE
    kernel.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
    if not kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
        return 0
    return int(counters.peak)
