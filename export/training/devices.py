"""Where PyTorch computes, by name: one that is not here is told before hours of work for it."""

from __future__ import annotations

import torch

from ondevice.errors import AdaptationError


def check_device(name: str) -> None:
    """Refuse a device on which nothing can be computed here.

    Raises:
        AdaptationError: Then.
    """
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError, ValueError):  # a device without a driver asserts
        raise AdaptationError(
            f"PyTorch cannot compute on the device {name[:32]!r} here", hint="leave out --device, or name another"
        ) from None
