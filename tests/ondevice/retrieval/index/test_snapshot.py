"""Snapshots: what goes in comes out, no pickle, and damage is told."""

from __future__ import annotations

import json
import pickletools

import numpy as np
import pytest

from ondevice.config import IndexConfig
from ondevice.errors import CorruptError
from ondevice.retrieval.index.hnsw import Graph
from ondevice.retrieval.index.snapshot import Contents, pack, unpack

ROWS = np.array([3, 7, 9], np.int64)
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)
PLAIN = Contents(revision=17, dim=4, rows=ROWS, vectors=VECTORS, graph=None)


def with_graph() -> Contents:
    graph = Graph(4, IndexConfig())
    graph.add(ROWS, VECTORS)
    return Contents(revision=18, dim=4, rows=None, vectors=None, graph=graph.state())


def test_the_vectors_come_back() -> None:
    found = unpack(b"".join(pack(PLAIN)), dim=4)
    rows, vectors = found.all_vectors()
    assert (found.revision, rows.tolist(), found.graph) == (17, [3, 7, 9], None)
    np.testing.assert_array_equal(vectors, VECTORS)


def test_the_graph_comes_back_and_holds_each_vector_once() -> None:
    data = b"".join(pack(with_graph()))
    assert [data.count(vector.tobytes()) for vector in VECTORS] == [1, 1, 1]
    found = unpack(data, dim=4)
    assert found.graph is not None
    assert found.rows is None
    assert sorted(found.all_vectors()[0].tolist()) == [3, 7, 9]
    assert len(Graph.restore(found.graph, dim=4, config=IndexConfig())) == 3


def test_the_layout_is_the_documented_one() -> None:
    data = b"".join(pack(PLAIN))
    length = int.from_bytes(data[4:8], "little")
    assert data[:4] == b"ODIX"
    assert json.loads(data[8 : 8 + length]) == {
        "numbers": {"revision": 17, "dim": 4, "passage_bits": 20},
        "arrays": [
            {"name": "rows", "dtype": "<i8", "shape": [3]},
            {"name": "vectors", "dtype": "<f4", "shape": [3, 4]},
        ],
    }
    assert data[8 + length :] == ROWS.tobytes() + VECTORS.tobytes()


def test_it_is_no_pickle() -> None:
    with pytest.raises(ValueError, match="opcode"):
        list(pickletools.genops(b"".join(pack(with_graph()))))


def test_cut_or_lengthened_bytes_are_corrupt() -> None:
    data = b"".join(pack(PLAIN))
    for damaged in (b"", data[:6], data[:40], data[:-1], data + b"\0", b"XXXX" + data[4:]):
        with pytest.raises(CorruptError):
            unpack(damaged, dim=4)


@pytest.mark.parametrize(
    ("old", "new"), [(b"<f4", b"|O8"), (b"[3,4]", b"[3,5]"), (b"[3,4]", b"[-3]"[:4] + b" "), (b'"rows"', b'"raws"')]
)
def test_a_header_that_lies_is_corrupt(old: bytes, new: bytes) -> None:
    data = b"".join(pack(PLAIN))
    assert old in data
    with pytest.raises(CorruptError):
        unpack(data.replace(old, new, 1), dim=4)


def test_another_dimension_is_corrupt() -> None:
    with pytest.raises(CorruptError):
        unpack(b"".join(pack(PLAIN)), dim=5)


def test_an_array_of_objects_is_never_written() -> None:
    odd = Contents(revision=1, dim=4, rows=None, vectors=None, graph={"x": np.array([object()])})
    with pytest.raises(ValueError, match="cannot hold an array"):
        list(pack(odd))
