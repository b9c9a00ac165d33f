from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_jsonl
from ondevice.importers.columns import roles_of
from ondevice.importers.opening import MAX_LINE_BYTES
from ondevice.records import Draft

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
KNOWN = {"text", "kind", "time", "expires_at", "id", "fields", "metadata"}
NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=10).filter(
    lambda name: name not in KNOWN and not roles_of((name,), {})
)


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def test_every_known_field_arrives(tmp_path: Path) -> None:
    entry = {
        "text": "Lunch with Ana.",
        "kind": "journal",
        "time": "2024-05-31T18:30:00+02:00",
        "expires_at": "2030-01-01T00:00:00Z",
        "id": "a1",
        "title": "Ana",
        "fields": {"score": 4},
        "metadata": {"app": "diary", "with": ["Ana", None]},
        "tags": ["food", 3],
    }
    assert list(read_jsonl(write(tmp_path / "a.jsonl", entry))) == [
        Draft(
            text="Lunch with Ana.",
            kind="journal",
            time=datetime(2024, 5, 31, 16, 30, tzinfo=UTC),
            expires_at=datetime(2030, 1, 1, tzinfo=UTC),
            fields={"score": 4, "title": "Ana"},
            metadata={"app": "diary", "with": ["Ana", None], "tags": ["food", 3], "id": "a1"},
        )
    ]


def test_blank_lines_a_byte_order_mark_and_gzip_do_not_disturb(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf{"text": "one"}\r\n\n   \n{"text": "two"}'
    (tmp_path / "a.jsonl").write_bytes(data)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(data))
    for name in ("a.jsonl", "a.jsonl.gz"):
        assert [draft.text for draft in read_jsonl(tmp_path / name)] == ["one", "two"]


def test_it_reads_as_it_goes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "one"}, {"text": 2})
    drafts = read_jsonl(path)
    assert next(drafts).text == "one"
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: the field 'text' must be a string, not a number"):
        next(drafts)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "the line is not valid JSON"),
        (b"[1]", "the line must be an object, not a list"),
        (b"null", "the line must be an object, not null"),
        (b'{"kind": "note"}', "the field 'text' is missing"),
        (b'{"text": "a", "text": "b"}', "the line is not valid JSON"),
        (b'{"text": "a", "score": NaN}', "the line is not valid JSON"),
        (b'{"text": "a", "score": ' + b"9" * 5000 + b"}", "the line is not valid JSON"),
        (b"[" * 100_000, "the line is not valid JSON"),
        (b'{"text": "a", "time": "soon"}', "the field 'time' must be an ISO 8601 time"),
        (b'{"text": "a", "fields": []}', "the field 'fields' must be an object, not a list"),
        (
            b'{"text": "a", "tags": [["x"]]}',
            "the field 'tags' must be a string, a number, true, false or null, not a list",
        ),
        (b'{"text": "a", "title": "t", "fields": {"title": "u"}}', "stands both by itself and in 'fields'"),
        (b'{"text": "a", "tags": [1], "metadata": {"tags": 2}}', "stands both by itself and in 'metadata'"),
        (b'{"text": "a", "id": 1, "metadata": {"id": 2}}', "stands both by itself and in 'metadata'"),
        (b'{"text": "\\ud800"}', "the field 'text' is not valid Unicode"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "fine"}\n' + line + b"\n")
    with pytest.raises(InputError) as caught:
        list(read_jsonl(path))
    assert caught.value.message.startswith("a.jsonl, line 2: ")
    assert reason in caught.value.message


def test_a_line_without_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"[" * (MAX_LINE_BYTES + 1))
    with pytest.raises(InputError, match=f"longer than {MAX_LINE_BYTES} bytes"):
        list(read_jsonl(path))


def test_paths_that_are_no_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"there is no file or folder 'gone\.jsonl'"):
        list(read_jsonl(tmp_path / "gone.jsonl"))
    with pytest.raises(InputError, match="holds no file of this format"):
        list(read_jsonl(tmp_path))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}')[:-6])
    with pytest.raises(InputError, match="damaged gzip"):
        list(read_jsonl(tmp_path / "a.jsonl.gz"))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, fields=st.dictionaries(NAMES, SCALARS, max_size=5))
def test_any_text_and_any_fields_survive(tmp_path: Path, text: str, fields: dict[str, Any]) -> None:
    path = write(tmp_path / "a.jsonl", {"text": text, **fields})
    assert list(read_jsonl(path)) == [Draft(text=text, fields=fields)]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_give_drafts_or_the_right_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    message, drafts = "a.jsonl, line ", []
    try:
        drafts = list(read_jsonl(path))
    except InputError as error:
        message = error.message
    # What begins like an archive is one, whatever it is called.
    assert message.startswith(("a.jsonl, line ", "'a.jsonl' is a damaged zip file"))
    assert all(draft.text.strip() for draft in drafts)


def test_what_no_item_may_hold_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "wombat\0walnut", "title": "a\0b", "metadata": {"m": "\0"}})
    (draft,) = read_jsonl(path)
    assert (draft.text, draft.fields, draft.metadata) == ("wombat\ufffdwalnut", {"title": "a\ufffdb"}, {"m": "\ufffd"})
    with pytest.raises(InputError, match="a name in 'fields' must have"):
        list(read_jsonl(write(tmp_path / "b.jsonl", {"text": "a", "ti\0tle": "b"})))
