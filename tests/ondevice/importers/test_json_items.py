from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.errors import InputError
from ondevice.importers import json_items as module
from ondevice.importers.json_items import json_items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def texts(data: str | bytes) -> list[str]:
    raw = data.encode() if isinstance(data, str) else data
    return [text for _, text in json_items(io.BytesIO(raw), "a.json")]


@given(values=st.lists(VALUES, max_size=5), indent=st.sampled_from([None, 2]), size=st.integers(1, 40))
def test_any_array_comes_apart_wherever_it_is_read(values: list[Any], indent: int | None, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK_BYTES", size)
        written = json.dumps(values, indent=indent, ensure_ascii=False)
        assert [json.loads(text) for text in texts(written)] == values


@given(values=st.lists(VALUES, min_size=1, max_size=4), cut=st.integers(0, 30))
def test_a_torn_array_gives_what_is_whole_and_then_says_so(values: list[Any], cut: int) -> None:
    written = json.dumps(values)[: -1 - cut]
    found = []
    reading, failure = json_items(io.BytesIO(written.encode()), "a.json"), ""
    while not failure:
        try:
            found.append(json.loads(next(reading)[1]))
        except InputError as error:
            failure = error.message
    assert any(each in failure for each in ("is no JSON array", "ends in the middle", "is not valid JSON behind"))
    assert found == values[: len(found)]


@pytest.mark.parametrize("data", ["", "{}", '"a"', "nothing", "[1}, 2]"])
def test_what_is_no_array_is_refused(data: str) -> None:
    with pytest.raises(InputError, match=r"a\.json"):
        texts(data)


def test_encodings_and_a_value_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
        assert texts('["Grüße", 2]'.encode(encoding)) == ['"Grüße"', "2"]
    monkeypatch.setattr(module, "MAX_ITEM_CHARS", 1000)
    monkeypatch.setattr(module, "_CHUNK_BYTES", 100)
    with pytest.raises(InputError, match="entry 2: it is longer than 1000 characters"):
        texts('["a", ' + '"' + "x" * 5000)
