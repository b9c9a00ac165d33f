"""A correction of query vectors, low in rank: the items' vectors and their index stay as they are.

Its bytes are specified in docs/reference/format.md.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import CorruptError, VersionError

MAGIC = b"ODQM"
FORMAT = 1
_HEAD = struct.Struct("<4sIIII")
_MOST = 1 << 16
_LONGEST_ID_BYTES = 800


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class QueryMap:
    """q' = (q + U (Vᵀ q)) / ‖q + U (Vᵀ q)‖, for the vectors of one encoder.

    Shapes: up, down float32[dim, rank] (U and V).
    """

    encoder_id: str
    up: NDArray[np.float32] = field(repr=False)
    down: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse matrices that are not two of one shape."""
        if self.up.ndim != 2 or self.up.shape != self.down.shape or not 1 <= self.up.shape[1] <= self.up.shape[0]:
            raise ValueError(
                f"both must be [dim, rank] with rank at most dim, not {self.up.shape} and {self.down.shape}"
            )

    @property
    def dim(self) -> int:
        """How many numbers a query's vector has."""
        return int(self.up.shape[0])

    @property
    def rank(self) -> int:
        """How many directions the map may change."""
        return int(self.up.shape[1])

    def apply(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the queries as the map turns them, of L2 norm 1.

        Shapes: float32[dim] or float32[n, dim] → the same. A query that the map would bring to zero stays.

        Raises:
            ValueError: If the queries have another dimension.
        """
        if queries.shape[-1] != self.dim:
            raise ValueError(f"the queries have {queries.shape[-1]} numbers, but the map is for {self.dim}")
        moved = queries + (queries @ self.down) @ self.up.T
        norms = np.linalg.norm(moved, axis=-1, keepdims=True)
        return np.where(norms > 1e-6, moved / np.maximum(norms, 1e-6), queries).astype(np.float32)

    def clear(self) -> None:
        """Overwrite the matrices in memory."""
        for matrix in (self.up, self.down):
            matrix[...] = 0

    def to_bytes(self) -> bytes:
        """Return the map's bytes; :meth:`from_bytes` reads them."""
        name = self.encoder_id.encode()
        head = _HEAD.pack(MAGIC, FORMAT, self.dim, self.rank, len(name))
        return b"".join((head, name, *(matrix.astype("<f4").tobytes() for matrix in (self.up, self.down))))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the map that :meth:`to_bytes` wrote.

        Raises:
            VersionError: If a newer release wrote it.
            CorruptError: If the bytes are anything else.
        """
        if len(data) < _HEAD.size or data[:4] != MAGIC:
            raise _damaged()
        _, version, dim, rank, n_name = _HEAD.unpack_from(data)
        if version > FORMAT:
            raise VersionError(f"the query map has format {version}, but this release reads {FORMAT}")
        start = _HEAD.size + n_name
        is_sane = version == FORMAT and 1 <= rank <= dim <= _MOST and 1 <= n_name <= _LONGEST_ID_BYTES
        if not is_sane or len(data) != start + 8 * dim * rank:
            raise _damaged()
        numbers = np.frombuffer(data, "<f4", offset=start).astype(np.float32)
        if not math.isfinite(float(np.abs(numbers).max())):
            raise _damaged()
        up, down = numbers.reshape(2, dim, rank)
        try:
            return cls(encoder_id=data[_HEAD.size : start].decode(), up=up.copy(), down=down.copy())
        except UnicodeDecodeError:
            raise _damaged() from None


def _damaged() -> CorruptError:
    return CorruptError("the query map is damaged", hint="learn it again: ondevice refine learn")
