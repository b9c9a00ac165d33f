"""In which numbers a training computes: half as wide where the processor multiplies them itself, else full floats.

The weights and the optimizer stay float32; only products inside the model are rounded. A processor that has no such
instructions would be slower with them, because each number is widened first.

Source: Micikevicius et al. 2018, arXiv:1710.03740 (mixed precision); bfloat16 keeps float32's range, so that the loss
needs no scaling.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, get_args

Precision = Literal["auto", "float32", "bfloat16"]
"""``auto``: bfloat16 where the processor, or the accelerator, has it in hardware."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

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


def _has_bfloat16(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and any(torch.cpu.get_capabilities().get(name, False) for name in _NATIVE)
