"""JSON read value by value: hostile files are told, and cost no more than a value may."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ondevice.importers.chats import json_stream
from ondevice.importers.chats.json_stream import Fault, values_at
from ondevice.importers.source import Member, Source


def member(tmp_path: Path, data: bytes) -> Member:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    (made,) = Source(path).members()
    return made


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(JSON, max_size=4))
def test_values_come_as_python_reads_them(values: list[object], tmp_path_factory: pytest.TempPathFactory) -> None:
    data = b"\xef\xbb\xbf" + json.dumps({"before": values, "list": values, "after": 1}).encode()
    got = list(values_at(member(tmp_path_factory.mktemp("json"), data), "list.item", "after"))
    assert got == [*(("list.item", each) for each in values), ("after", 1)]


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 80), tail=st.binary(max_size=20))
def test_torn_files_end_in_a_fault_or_are_whole(at: int, tail: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = json.dumps([{"a": [1, 2.5, None], "b": "text"}, [[], {}], "last", True]).encode()[:at] + tail
    assume(not data.startswith(b"PK"))  # a zip file, by its first bytes
    got = [value for _, value in values_at(member(tmp_path_factory.mktemp("json"), data), "item")]
    try:
        json.loads(data.decode("utf-8", "replace").removeprefix("\ufeff"), strict=False)
    except ValueError:
        assert Fault in map(type, got)


@pytest.mark.parametrize("data", [b"[" * 500_000, b'{"a":' * 200_000, b"[1" + b"9" * 10_000 + b"]"])
def test_depth_and_long_numbers_do_no_harm(data: bytes, tmp_path: Path) -> None:
    assert all(isinstance(value, Fault) for _, value in values_at(member(tmp_path, data), "item"))


def test_a_value_too_large_is_left_out_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_VALUE_BYTES", 100)
    got = dict(
        enumerate(value for _, value in values_at(member(tmp_path, json.dumps([[1] * 50, "b"]).encode()), "item"))
    )
    assert isinstance(got[0], Fault)
    assert (got[0].reason, got[1]) == ("too long", "b")


def test_a_single_text_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_STRETCH_BYTES", 1 << 20)
    ((_, fault),) = values_at(member(tmp_path, b'["' + b"a" * (4 << 20) + b'"]'), "item")
    assert isinstance(fault, Fault)
    assert "a single value takes more" in fault.detail


def test_the_memory_is_that_of_a_value(tmp_path: Path) -> None:
    row = json.dumps({"text": "x" * 1000}).encode()
    made = member(tmp_path, b"[" + b",".join([row] * 5_000) + b"]")
    tracemalloc.start()
    try:
        assert sum(1 for _ in values_at(made, "item")) == 5_000
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
