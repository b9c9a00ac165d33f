"""A LoRA adapter from the tensors PEFT names to the bytes llama.cpp reads, all of it in memory.

What a user's adapter says about the user is as private as the history it was trained on, so no file is written here,
not even for a moment: the bytes go to the vault, or to the engine, from memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import ModelMismatchError

try:
    import gguf

    from ondevice.adaptation.lora.gguf_in_memory import gguf_bytes
except ImportError:
    raise ImportError("writing adapters needs the extra 'adapt': run: pip install 'ondevice-sdk[adapt]'") from None

Precision = Literal["f32", "f16"]

PROJECTIONS: Mapping[str, str] = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""The layers an adapter may change: their name in transformers, and llama.cpp's."""

_HAS_ROTATED_ROWS = {"llama": True, "qwen2": False}
"""Whether llama.cpp keeps the two halves of each rotary pair of q and k next to each other, by architecture."""

ARCHITECTURES = tuple(_HAS_ROTATED_ROWS)

_NAME = re.compile(
    r"(?:base_model\.model\.)?model\.layers\.(\d{1,4})\.(\w+\.\w+)\.lora_([AB])(?:\.(?!weight)\w+)?\.weight"
)
_LIMIT = float(np.finfo(np.float16).max)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LoraPair:
    """One layer's two matrices, in llama.cpp's row order: the layer's weight changes by a multiple of ``b @ a``.

    Shapes: a float32[rank, n_in]; b float32[n_out, rank].
    """

    a: NDArray[np.float32]
    b: NDArray[np.float32]

    @property
    def rank(self) -> int:
        """The number of rows of ``a``."""
        return len(self.a)


def lora_pairs(
    tensors: Mapping[str, NDArray[np.floating]], *, architecture: str, n_heads: int, n_kv_heads: int
) -> dict[str, LoraPair]:
    """Return the adapter's matrices by the GGUF name of the weight they change, in the order of the layers.

    Args:
        tensors: ``…model.layers.0.self_attn.q_proj.lora_A.weight`` and so on, as PEFT saves or holds them.
        architecture: The base model's, as GGUF names it.
        n_heads: Attention heads of the base model.
        n_kv_heads: Key-value heads of the base model.

    Raises:
        ModelMismatchError: If the architecture is none of :data:`ARCHITECTURES`.
        ValueError: If there are no tensors, a name is unknown or given twice, one of two matrices is missing, or
            their shapes do not fit each other or the heads, or a number is not finite.
    """
    if architecture not in _HAS_ROTATED_ROWS:
        raise ModelMismatchError(
            f"adapters for the architecture {architecture!r} are not supported, only for {', '.join(ARCHITECTURES)}"
        )
    halves: dict[tuple[int, str], dict[str, NDArray[np.float32]]] = {}
    for name, tensor in tensors.items():
        match = _NAME.fullmatch(name)
        if match is None or match[2] not in PROJECTIONS:
            raise ValueError(f"the tensor {name!r} is no LoRA matrix of a layer's attention or mlp projection")
        both = halves.setdefault((int(match[1]), PROJECTIONS[match[2]]), {})
        if match[3] in both:
            raise ValueError(f"the tensor {name!r} is given twice")
        both[match[3]] = _matrix(name, tensor)
    if not halves:
        raise ValueError("the adapter holds no tensors")
    heads = {"attn_q": n_heads, "attn_k": n_kv_heads} if _HAS_ROTATED_ROWS[architecture] else {}
    order = list(PROJECTIONS.values())
    out = {}
    for layer, projection in sorted(halves, key=lambda place: (place[0], order.index(place[1]))):
        weight = f"blk.{layer}.{projection}.weight"
        out[weight] = _pair(weight, halves[layer, projection], heads.get(projection))
    return out


def adapter_bytes(
    tensors: Mapping[str, NDArray[np.floating]],
    *,
    architecture: str,
    alpha: float,
    n_heads: int,
    n_kv_heads: int,
    precision: Precision = "f32",
) -> bytes:
    """Return the GGUF adapter that :meth:`ondevice.generation.Engine.load_adapter` takes.

    llama.cpp adds ``alpha / rank * b @ a`` to a weight, with the rank of that very pair.

    Args:
        tensors: The matrices as PEFT names them, see :func:`lora_pairs`.
        architecture: The base model's, as GGUF names it: ``llama`` or ``qwen2``.
        alpha: LoRA's alpha; where a model has several, fold the differences into the B matrices.
        n_heads: Attention heads of the base model.
        n_kv_heads: Key-value heads of the base model.
        precision: How the numbers are kept; ``f16`` halves the size.

    Raises:
        ModelMismatchError: If the architecture is not supported.
        ValueError: If the tensors are incomplete, ill-shaped or not finite, or alpha is 0 or not finite.
    """
    if not np.isfinite(alpha) or alpha == 0:  # llama.cpp takes 0 for "no alpha", which would mean full strength
        raise ValueError(f"alpha must be a finite number other than 0, not {alpha}")
    pairs = lora_pairs(tensors, architecture=architecture, n_heads=n_heads, n_kv_heads=n_kv_heads)
    return pairs_bytes(pairs, architecture=architecture, alpha=alpha, precision=precision)


def pairs_bytes(
    pairs: Mapping[str, LoraPair], *, architecture: str, alpha: float, precision: Precision = "f32"
) -> bytes:
    """Return the GGUF adapter made of ``pairs``; otherwise like :func:`adapter_bytes`.

    Raises:
        ValueError: If a number is too large for ``f16``.
    """
    writer = gguf.GGUFWriter(None, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for weight, pair in pairs.items():
        for side, matrix in (("a", pair.a), ("b", pair.b)):
            writer.add_tensor(f"{weight}.lora_{side}", _stored(weight, matrix, precision))
    return gguf_bytes(writer)


def _matrix(name: str, tensor: NDArray[np.floating]) -> NDArray[np.float32]:
    matrix = np.ascontiguousarray(tensor, dtype=np.float32)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"the tensor {name!r} must be a matrix, but has the shape {tuple(matrix.shape)}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"the tensor {name!r} holds numbers that are not finite")
    return matrix


def _pair(weight: str, both: Mapping[str, NDArray[np.float32]], n_heads: int | None) -> LoraPair:
    if len(both) != 2:
        raise ValueError(f"the adapter's matrix {'AB'.replace(min(both), '')} of {weight!r} is missing")
    a, b = both["A"], both["B"]
    if a.shape[0] != b.shape[1]:
        raise ValueError(f"the adapter's matrices of {weight!r} have the ranks {a.shape[0]} and {b.shape[1]}")
    if n_heads is not None:
        b = _rotary_order(weight, b, n_heads)
    return LoraPair(a=a, b=b)


def _rotary_order(weight: str, rows: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Put the rows of each head from halves (all first, then all second parts of the pairs) to pair after pair."""
    n_rows = len(rows)
    if n_heads < 1 or n_rows % (2 * n_heads):
        raise ValueError(f"the {n_rows} rows of {weight!r} cannot be split into {n_heads} heads of pairs")
    halves = rows.reshape(n_heads, 2, n_rows // n_heads // 2, -1)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows.shape))


def _stored(weight: str, matrix: NDArray[np.float32], precision: Precision) -> NDArray[np.floating]:
    if precision == "f32":
        return matrix
    largest = float(np.abs(matrix).max())
    if largest > _LIMIT:
        raise ValueError(f"the adapter's {largest:.3g} in {weight!r} is too large for float16, at most {_LIMIT:.0f}")
    return matrix.astype(np.float16)
