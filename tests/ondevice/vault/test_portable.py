from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ondevice.errors import InputError, ModelMismatchError, NotFoundError, VersionError
from ondevice.records import Draft, Filter
from ondevice.vault import AppKey, ImportReport, Vault, export_items, import_items, portable

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
TIMES = st.datetimes(timezones=st.just(UTC))
DRAFTS = st.builds(
    Draft,
    text=TEXT.filter(lambda text: bool(text.strip())),
    kind=st.sampled_from(["note", "mail", "kind with space"]),
    fields=st.dictionaries(TEXT.filter(bool), SCALARS, max_size=4),
    metadata=st.dictionaries(TEXT.filter(bool), SCALARS | st.lists(SCALARS, max_size=3), max_size=4),
    time=st.none() | TIMES,
    expires_at=st.none() | st.just(datetime(2999, 1, 1, tzinfo=UTC)),
)


@pytest.fixture
def other(tmp_path: Path, app_key: AppKey) -> Any:
    with Vault.create(tmp_path / "other", app_key) as opened:
        yield opened


@given(drafts=st.lists(DRAFTS, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_items_come_back_as_they_were(vault: Vault, other: Vault, tmp_path: Path, drafts: list[Draft]) -> None:
    for each in (vault, other):
        with suppress(NotFoundError):
            each.forget(Filter(), everything=True)
    vault.items.put_many(drafts)
    n = export_items(vault, tmp_path / "x.jsonl")
    report = import_items(other, tmp_path / "x.jsonl")
    assert report == ImportReport(n_added=n, n_known=0)
    assert list(other.items.iterate()) == list(vault.items.iterate())
    assert import_items(other, tmp_path / "x.jsonl") == ImportReport(n_added=0, n_known=n)
    assert all(other.items.is_known(drafts))


@pytest.fixture
def exported(vault: Vault, notes: Notes, unit: Unit, tmp_path: Path) -> Path:
    vault.items.put_many(notes(3), vectors={"e": unit(3)})
    vault.items.put_many([Draft(text="first words", id="u", fields={"title": "t"}, metadata={"m": 1})])
    vault.items.update("u", text="second words")
    export_items(vault, tmp_path / "x.jsonl", with_vectors=True)
    return tmp_path / "x.jsonl"


def test_versions_and_vectors_travel(vault: Vault, other: Vault, exported: Path) -> None:
    told: list[tuple[int, int]] = []
    import_items(other, exported, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 4)]
    assert other.items.history("u") == vault.items.history("u")
    assert other.items.get("u") == vault.items.get("u")
    for mine, theirs in zip(vault.vectors.load("e")[:2], other.vectors.load("e")[:2], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert other.check() == []


def test_file_is_private_and_plain(exported: Path) -> None:
    assert exported.stat().st_mode & 0o777 == 0o600
    header, *lines = [json.loads(line) for line in exported.read_text("utf-8").splitlines()]
    assert {**header, "at": None} == {
        "format": "ondevice-items",
        "version": 3,
        "items": 4,
        "encoders": {"e": 8},
        "at": None,
    }
    assert [line["id"] for line in lines][-1] == "u"
    assert len(base64.b64decode(lines[0]["vectors"]["e"])) == 32


def test_filter_and_expiry_choose(vault: Vault, tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(days=1)
    vault.items.put_many([Draft(text="a", kind="a"), Draft(text="b", kind="b"), Draft(text="c", expires_at=before)])
    told: list[tuple[int, int]] = []
    out = tmp_path / "new folder" / "x"
    assert export_items(vault, out, filter=Filter(kinds=("a",)), on_progress=lambda *p: told.append(p)) == 1
    assert told == [(1, 1)]
    assert export_items(vault, out) == 2


def test_item_known_by_content_is_not_doubled(other: Vault, exported: Path, notes: Notes) -> None:
    other.items.put_many(notes(1))
    assert import_items(other, exported) == ImportReport(n_added=3, n_known=1)
    assert other.items.count() == 4


def test_vectors_of_another_dimension_are_refused(other: Vault, exported: Path, notes: Notes) -> None:
    other.items.put_many(notes(5)[4:], vectors={"e": np.ones((1, 3), np.float32)})
    with pytest.raises(ModelMismatchError):
        import_items(other, exported)
    assert other.items.count() == 1


def changed_line(path: Path, number: int, change: Callable[[dict[str, Any]], object]) -> Path:
    lines = path.read_text("utf-8").splitlines()
    document = json.loads(lines[number - 1])
    change(document)
    lines[number - 1] = json.dumps(document)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "change", "words"),
    [
        (1, lambda d: d.update(format="other"), "line 1, field format"),
        (1, lambda d: d.update(version=0), "line 1, field version"),
        (1, lambda d: d.update(items=-1), "line 1, field items"),
        (1, lambda d: d.update(items=5), "says it holds 5 items, and 4"),
        (1, lambda d: d.update(encoders={"e": "8"}), "line 1, field encoders"),
        (1, lambda d: d.update(more=1), "line 1: 1 unknown"),
        (2, lambda d: d.pop("text"), "line 2, field text: it is missing"),
        (2, lambda d: d.update(text=""), "line 2, field text: the text is empty"),
        (2, lambda d: d.update(text=3), "line 2, field text"),
        (3, lambda d: d.update(kind=None), "line 3, field kind"),
        (3, lambda d: d.update(id="a b"), "line 3, field id"),
        (3, lambda d: d.update(id=None), "line 3, field id"),
        (3, lambda d: d.update(fields={"a": []}), "line 3, field fields"),
        (3, lambda d: d.update(fields=[]), "line 3, field fields"),
        (3, lambda d: d.update(metadata={"a": {}}), "line 3, field metadata"),
        (3, lambda d: d.update(metadata={"a": [[1]]}), "line 3, field metadata"),
        (5, lambda d: d["versions"][0].update(metadata={"a": [{}]}), r"line 5, field versions\[0\]\.metadata"),
        (3, lambda d: d.update(time="2026-01-01T00:00:00"), "line 3, field time"),
        (3, lambda d: d.update(time=1), "line 3, field time"),
        (3, lambda d: d.update(time_given=1), "line 3, field time_given"),
        (3, lambda d: d.update(added_at="x"), "line 3, field added_at"),
        (3, lambda d: d.update(version=True), "line 3, field version"),
        (3, lambda d: d.update(secret="s"), "line 3: 1 unknown"),
        (3, lambda d: d.update(vectors={"e": "AAAA"}), "line 3, field vectors: 3 bytes, and 8 float32 have 32"),
        (3, lambda d: d.update(vectors={"e": "!"}), "line 3, field vectors"),
        (3, lambda d: d.update(vectors={"f": ""}), "line 3, field vectors"),
        (3, lambda d: d.update(vectors=3), "line 3, field vectors"),
        (5, lambda d: d["versions"][0].update(version=2), "line 5, field versions"),
        (5, lambda d: d["versions"][0].update(text=" "), r"line 5, field versions\[0\]\.text"),
        (5, lambda d: d["versions"][0].pop("fields"), r"line 5, field versions\[0\]"),
        (5, lambda d: d.update(versions={}), "line 5, field versions"),
    ],
)
def test_error_names_file_line_and_field(
    other: Vault, exported: Path, line: int, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        import_items(other, changed_line(exported, line, change))
    assert "x.jsonl" in str(caught.value)
    if "says it holds" not in words:
        assert other.items.count() == 0


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"[]\n", b"nonsense\n"])
def test_what_is_no_export(vault: Vault, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match="line 1"):
        import_items(vault, tmp_path / "x")


def test_newer_export_and_missing_file(vault: Vault, exported: Path, tmp_path: Path) -> None:
    with pytest.raises(VersionError):
        import_items(vault, changed_line(exported, 1, lambda d: d.update(version=4)))
    with pytest.raises(NotFoundError):
        import_items(vault, tmp_path / "nothing")


HEADER = {"format": "ondevice-items", "version": 1, "items": 1, "encoders": {}, "at": "2026-01-01T00:00:00+00:00"}
ITEM = {
    "id": "a",
    "kind": "note",
    "text": "text",
    "time": "2026-01-01T00:00:00+00:00",
    "time_given": True,
    "added_at": "2026-01-01T00:00:00+00:00",
    "version": 1,
}


def write(path: Path, *lines: str | dict[str, Any]) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_the_first_version_is_read_still(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", HEADER, ITEM | {"metadata": {"tags": "work"}})
    assert import_items(vault, path).n_added == 1
    assert vault.items.get("a").metadata == {"tags": "work"}


def test_lists_travel_in_items_and_versions(vault: Vault, other: Vault, tmp_path: Path) -> None:
    vault.items.put_many([Draft(text="text", id="a", metadata={"tags": ["work", "lyon"]})])
    vault.items.update("a", metadata={"tags": ["work", 3, None], "none": []})
    export_items(vault, tmp_path / "x.jsonl", filter=Filter(metadata={"tags": "work"}))
    import_items(other, tmp_path / "x.jsonl")
    assert other.items.get("a").metadata == {"tags": ["work", 3, None], "none": []}
    assert other.items.history("a")[0].metadata == {"tags": ["work", "lyon"]}


def test_only_a_file_is_read(vault: Vault, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero", "."):
        with pytest.raises(InputError, match="is no regular file"):
            import_items(vault, tmp_path / name)


def test_lines_without_end_are_refused(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="line 1"):
        import_items(vault, tmp_path / "sparse")
    monkeypatch.setattr(portable, "MAX_LINE_BYTES", 1000)
    path = write(tmp_path / "x.jsonl", HEADER, ITEM | {"text": "x" * 2000})
    with pytest.raises(InputError, match="line 2: it is longer than 1000 bytes"):
        import_items(vault, path)


@pytest.mark.parametrize("name", ["time", "added_at", "expires_at"])
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"])
def test_a_time_that_utc_cannot_name_is_refused(vault: Vault, tmp_path: Path, name: str, time: str) -> None:
    path = write(tmp_path / "x.jsonl", HEADER, ITEM | {name: time})
    with pytest.raises(InputError, match=f"line 2, field {name}: it is not an ISO 8601 time"):
        import_items(vault, path)
    assert vault.items.count() == 0


@pytest.mark.parametrize("number", [0, 1])
def test_a_name_that_stands_twice_and_a_number_that_is_none_are_refused(
    vault: Vault, tmp_path: Path, number: int
) -> None:
    for more in ('"id":"b",', '"version":1,', '"nested":{"a":1,"a":2},', '"nested":NaN,'):
        lines = [json.dumps(HEADER), json.dumps(ITEM)]
        lines[number] = lines[number].replace("{", "{" + more, 1)
        with pytest.raises(InputError, match=f"line {number + 1}"):
            import_items(vault, write(tmp_path / "x.jsonl", *lines))


def test_what_an_earlier_release_took_comes_back_readable(vault: Vault, tmp_path: Path) -> None:
    item = ITEM | {"text": "wombat\0walnut", "fields": {"ti\0tle": "a\0b"}}
    assert import_items(vault, write(tmp_path / "x.jsonl", HEADER, item)).n_added == 1
    found = vault.items.get("a")
    assert (found.text, found.fields) == ("wombat\ufffdwalnut", {"ti\ufffdtle": "a\ufffdb"})


def test_large_items_come_in_smaller_batches(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "_BATCH_BYTES", 300)
    path = write(
        tmp_path / "x.jsonl", HEADER | {"items": 5}, *(ITEM | {"id": f"a{n}", "text": f"{n}"} for n in range(5))
    )
    seen: list[tuple[int, int]] = []
    assert import_items(vault, path, on_progress=lambda *both: seen.append(both)).n_added == 5
    assert len(seen) > 1


def test_a_files_name_in_an_error_steers_nothing(vault: Vault, tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode(b"a\x1b[31m\xff\n.jsonl"), "nothing")
    for each in (path, path.with_name(f"gone{path.name}")):
        with pytest.raises((InputError, NotFoundError)) as caught:
            import_items(vault, each)
        assert not {"\x1b", "\n"} & set(caught.value.message.encode("utf-8").decode())


def test_an_item_that_expires_while_it_is_exported_is_written_and_counted(
    vault: Vault, other: Vault, notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = vault.items.put_many(notes(3))
    count = vault.items.count

    def count_and_end(*given: Any, **named: Any) -> int:
        counted = count(*given, **named)
        vault.items.update(stored[1].item.id, expires_at=datetime.now(UTC))
        return counted

    monkeypatch.setattr(vault.items, "count", count_and_end)
    assert export_items(vault, tmp_path / "x.jsonl") == 3
    assert import_items(other, tmp_path / "x.jsonl").n_added == 3


def test_who_reports_its_progress_can_change_nothing(vault: Vault, other: Vault, notes: Notes, tmp_path: Path) -> None:
    vault.items.put_many(notes(3))

    def on_progress(done: int, total: int) -> None:
        for change in (lambda: vault.items.put_many([Draft(text=f"said {done}")]), vault.close):
            with pytest.raises(ValueError, match="is being copied"):
                change()

    export_items(vault, tmp_path / "x.jsonl", on_progress=on_progress)
    assert import_items(other, tmp_path / "x.jsonl").n_added == 3
    assert vault.items.count() == 3
