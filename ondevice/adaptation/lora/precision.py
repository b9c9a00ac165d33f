"""In which numbers a training computes: half as wide where the machine is faster with them, else full floats.

The weights and the optimizer stay float32; only products inside the model are rounded. A processor without such
instructions is slower with them, because each number is widened first, and so are some that have them: they multiply
no more of them at a time, and rounding comes on top. So it is tried.

Source: Micikevicius et al. 2018, arXiv:1710.03740 (mixed precision); bfloat16 keeps float32's range, so that the loss
needs no scaling.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Literal, get_args

Precision = Literal["auto", "float32", "bfloat16"]
"""``auto``: bfloat16 where the accelerator has it in hardware, or the processor has and is clearly faster with it."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

_SLOWEST_SHARE = 0.8
"""bfloat16 must take less than this part of the time, so that chance does not decide between equals."""

_SHAPE, _TRIES = (256, 576, 1536), 21

_NATIVE = ("avx512_bf16", "amx_bf16", "bf16")
"""What PyTorch calls the instructions: two of x86-64, one of ARM."""


def computed_in(precision: Precision, device: str) -> Precision:
    """Return what ``auto`` comes to on a device, such as ``cpu``; anything else as it is."""
    if precision != "auto":
        return precision
    return "bfloat16" if _has_bfloat16(device) else "float32"


def computing(precision: Precision, device: str) -> AbstractContextManager[Any]:
    """Return a context in which a model on the device computes so."""
    import torch

    if computed_in(precision, device) == "float32":
        return nullcontext()
    # Without a cache: a cast kept from before a step of the optimizer would be of the old numbers.
    context: AbstractContextManager[Any] = torch.autocast(device, dtype=torch.bfloat16, cache_enabled=False)
    return context


def pays(full_seconds: float, half_seconds: float) -> bool:
    """Return whether half as wide numbers are clearly faster."""
    return half_seconds < _SLOWEST_SHARE * full_seconds


@cache
def _is_faster() -> bool:
    """Try a product of the size that a small model has; once in a process, so that its trainings are alike."""
    import torch

    n_rows, n_in, n_out = _SHAPE
    rows, weights = torch.ones(n_rows, n_in), torch.ones(n_out, n_in)

    def seconds(kind: torch.dtype) -> float:
        started = time.perf_counter()
        rows.to(kind) @ weights.to(kind).T
        return time.perf_counter() - started

    # In turn, and the least of each: where other programs take the processor for a while, both meet them.
    tries = [(seconds(torch.float32), seconds(torch.bfloat16)) for _ in range(_TRIES)]
    full, half = (min(times) for times in zip(*tries, strict=True))
    return pays(full, half)


def _has_bfloat16(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    has_it = device == "cpu" and any(torch.cpu.get_capabilities().get(name, False) for name in _NATIVE)
    return has_it and _is_faster()
