"""An index as bytes, and back, without pickle: a JSON header, then the arrays one after the other.

Layout (docs/reference/format.md): 4 bytes ``ODIX``, the header's length as a 32-bit little-endian number, the
header (UTF-8 JSON: ``numbers``, and ``arrays`` as a list of name, dtype and shape), then each array's
bytes in that order, C-contiguous and little-endian. The blob around it is sealed, named and versioned.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import CorruptError
from ondevice.passages import PASSAGE_BITS
from ondevice.retrieval.index.hnsw import State, vectors_in

VERSION = 1
_MAGIC = b"ODIX"
_DTYPES = ("<f4", "<i8", "<u8", "<i4", "<u4", "|i1", "|u1")
_GRAPH = "graph."


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a snapshot holds: the vectors by themselves, or inside a graph's state.

    Args:
        revision: The store's revision that the vectors have.
        dim: Numbers in a vector.
        passage_bits: How labels are made of row and passage; 0 in what an earlier release wrote, whose labels are rows.
        rows: The labels, int64[n]; ``None`` with a graph.
        vectors: float32[n, dim]; ``None`` with a graph.
        graph: The state of a graph over all vectors.
    """

    revision: int
    dim: int
    passage_bits: int = PASSAGE_BITS
    rows: NDArray[np.int64] | None = field(repr=False)
    vectors: NDArray[np.float32] | None = field(repr=False)
    graph: State | None = field(repr=False)

    def all_vectors(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return int64[n] rows and float32[n, dim] vectors, wherever they are kept.

        Raises:
            ValueError: If they are not there.
            GraphError: If the graph's state is not what it should be.
        """
        if self.graph is not None:
            return vectors_in(self.graph)
        if self.rows is None or self.vectors is None:
            raise ValueError("a snapshot without a graph must have rows and vectors")
        return self.rows, self.vectors


def pack(contents: Contents) -> Iterator[bytes]:
    """Yield the bytes of a snapshot.

    Raises:
        ValueError: If an array has a dtype that the format does not know.
    """
    about = {"revision": contents.revision, "dim": contents.dim, "passage_bits": contents.passage_bits}
    values: dict[str, Any] = {**about}
    if contents.graph is None:
        values["rows"], values["vectors"] = contents.all_vectors()
    else:
        values |= {_GRAPH + name: value for name, value in contents.graph.items()}
    arrays = {name: np.ascontiguousarray(value) for name, value in values.items() if isinstance(value, np.ndarray)}
    described = [{"name": name, "dtype": _dtype(array), "shape": array.shape} for name, array in arrays.items()]
    numbers = {name: value for name, value in values.items() if name not in arrays}
    header = json.dumps({"numbers": numbers, "arrays": described}, separators=(",", ":")).encode()
    yield _MAGIC + len(header).to_bytes(4, "little") + header
    for array in arrays.values():
        yield array.astype(_dtype(array), copy=False).tobytes()


def unpack(data: bytes, *, dim: int) -> Contents:
    """Read a snapshot; the arrays are read-only views into ``data``.

    Raises:
        CorruptError: If the bytes are not a snapshot of this layout and dimension.
    """
    try:
        values = _read(data)
        if values["dim"] != dim or not isinstance(values["revision"], int):
            raise ValueError
        graph = {name.removeprefix(_GRAPH): value for name, value in values.items() if name.startswith(_GRAPH)}
        return Contents(
            revision=values["revision"],
            dim=dim,
            passage_bits=int(values.get("passage_bits", 0)),
            rows=None if graph else values["rows"],
            vectors=None if graph else values["vectors"],
            graph=graph or None,
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CorruptError("the index snapshot does not have the layout it should") from None


def _read(data: bytes) -> dict[str, Any]:
    start = 8 + int.from_bytes(data[4:8], "little")
    header = json.loads(data[8:start])
    values = dict(header["numbers"])
    for entry in list(header["arrays"]):
        dtype, shape = str(entry["dtype"]), tuple(int(size) for size in entry["shape"])
        if dtype not in _DTYPES or min(shape, default=0) < 0:
            raise ValueError
        count = math.prod(shape)
        array = np.frombuffer(data, dtype, count, start) if count else np.empty(0, dtype)
        values[str(entry["name"])] = array.reshape(shape)
        start += array.nbytes
    if data[:4] != _MAGIC or start != len(data):
        raise ValueError
    return values


def _dtype(array: NDArray[Any]) -> str:
    name = array.dtype.newbyteorder("<").str
    if name not in _DTYPES:
        raise ValueError(f"a snapshot cannot hold an array of {name}")
    return name
