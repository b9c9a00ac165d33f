"""The same computation in fewer passes over memory, for long trainings on a processor.

Most of a small model's training time on a CPU is not multiplying: LoRA's sums and scalings, the norms and their
gradients each read and write whole activations. Written as one function each, with the gradient by hand, they touch
memory about half as often. Results are those of PEFT and transformers up to rounding.
"""

# ruff: noqa: ANN401 - tensors and modules of PyTorch

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any


@contextmanager
def few_passes(model: Any) -> Iterator[None]:
    """Let the LoRA layers, the norms and the rotation of positions of a model compute so for a while.

    The rotation belongs to transformers' module of the architecture: no other thread should train meanwhile.

    Args:
        model: A causal language model of transformers with LoRA matrices of PEFT on it.
    """
    import sys

    from peft.tuners.lora import Linear

    changed = []
    architecture: Any = sys.modules[type(model).__module__]
    rotation = architecture.apply_rotary_pos_emb
    try:
        for module in model.modules():
            if isinstance(module, Linear):
                forward = partial(_adapted, module)
            elif type(module).__name__.endswith("RMSNorm"):
                forward = partial(_normed, module)
            else:
                continue
            module.forward = forward
            changed.append(module)
        architecture.apply_rotary_pos_emb = _rotated
        yield
    finally:
        architecture.apply_rotary_pos_emb = rotation
        for module in changed:
            del module.forward


def _adapted(layer: Any, states: Any) -> Any:
    (name,) = layer.active_adapters
    down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
    base = layer.get_base_layer()
    return _functions()[0].apply(states, base.weight, base.bias, down, up, layer.scaling[name])


def _normed(norm: Any, states: Any) -> Any:
    return _functions()[1].apply(states, norm.weight, norm.variance_epsilon)


def _rotated(queries: Any, keys: Any, cos: Any, sin: Any, unsqueeze_dim: int = 1) -> tuple[Any, Any]:
    cos, sin = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim)
    rotated = _functions()[2]
    return rotated.apply(queries, cos, sin), rotated.apply(keys, cos, sin)


@cache
def _functions() -> tuple[Any, Any, Any]:
    """Return the three functions; PyTorch is loaded here."""
    import torch

    class Adapted(torch.autograd.Function):  # type: ignore[misc]
        """x Wᵀ + b + s (x Aᵀ) Bᵀ, where W and b are frozen."""

        @staticmethod
        def forward(ctx: Any, states: Any, weight: Any, bias: Any, down: Any, up: Any, scaling: float) -> Any:
            rows = states.reshape(-1, states.shape[-1])
            inner = rows @ down.t()
            out = rows @ weight.t() if bias is None else torch.addmm(bias, rows, weight.t())
            out.addmm_(inner, up.t(), alpha=scaling)
            ctx.save_for_backward(rows, inner, weight, down, up)
            ctx.scaling, ctx.shape = scaling, states.shape
            return out.view(*states.shape[:-1], -1)

        @staticmethod
        def backward(ctx: Any, by_out: Any) -> Any:
            rows, inner, weight, down, up = ctx.saved_tensors
            by_out = by_out.reshape(-1, by_out.shape[-1])
            by_inner = (by_out @ up).mul_(ctx.scaling)
            by_up = (by_out.t() @ inner).mul_(ctx.scaling)
            by_down = by_inner.t() @ rows
            by_rows = None
            if ctx.needs_input_grad[0]:
                by_rows = (by_out @ weight).addmm_(by_inner, down).view(ctx.shape)
            return by_rows, None, None, by_down, by_up, None

    class Normed(torch.autograd.Function):  # type: ignore[misc]
        """w x / √(mean x² + ε), where w is frozen."""

        @staticmethod
        def forward(ctx: Any, states: Any, weight: Any, epsilon: float) -> Any:
            squares = torch.linalg.vector_norm(states, dim=-1, keepdim=True).square_()
            inverse = squares.div_(states.shape[-1]).add_(epsilon).rsqrt_()
            ctx.save_for_backward(states, weight, inverse)
            return (states * inverse).mul_(weight)

        @staticmethod
        def backward(ctx: Any, by_out: Any) -> Any:
            states, weight, inverse = ctx.saved_tensors
            scaled = by_out * weight
            along = torch.linalg.vecdot(scaled, states).unsqueeze(-1).mul_(inverse**3).div_(-states.shape[-1])
            return scaled.mul_(inverse).addcmul_(states, along), None, None

    def turned(states: Any, cos: Any, sin: Any, sign: int) -> Any:
        half = states.shape[-1] // 2
        out = states * cos
        out[..., :half].addcmul_(states[..., half:], sin[..., :half], value=-sign)
        out[..., half:].addcmul_(states[..., :half], sin[..., half:], value=sign)
        return out

    class Rotated(torch.autograd.Function):  # type: ignore[misc]
        """Each pair of numbers turned by its angle; the gradient is turned back."""

        @staticmethod
        def forward(ctx: Any, states: Any, cos: Any, sin: Any) -> Any:
            ctx.save_for_backward(cos, sin)
            return turned(states, cos, sin, 1)

        @staticmethod
        def backward(ctx: Any, by_out: Any) -> Any:
            cos, sin = ctx.saved_tensors
            return turned(by_out, cos, sin, -1), None, None

    return Adapted, Normed, Rotated
