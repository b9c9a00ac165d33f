"""Each planted fault is found, by the part that looks for it; a profile as the SDK writes it has none."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ondevice import Personalizer
from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.at_rest import check
from ondevice.privacy.subject import subject_of
from ondevice.vault.items import ItemStore
from ondevice.vault.vault import Vault
from ondevice.vault.vectors import VectorStore
from tests.ondevice.privacy.at_rest.conftest import KEY, MARKER, TEXTS, WITHOUT_MODELS, Home
from tests.ondevice.privacy.sections import sections_of
from tests.tiny_adapters import keep_adapter, random_adapter

LINE = f"2026-04-28 12:00:00 DEBUG adding {TEXTS[3]}\n"


def state_of(folder: Path) -> dict[Path, tuple[bytes, int, int]]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns) for path in files}


def plain_database(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE items (text)")
    database.executemany("INSERT INTO items VALUES (?)", [(text,) for text in TEXTS])
    database.commit()
    database.close()
    path.chmod(0o600)


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def test_a_profile_as_the_sdk_writes_it_has_no_fault(home: Home) -> None:
    assert home.found() == {}


def test_the_profile_is_only_read_and_nothing_is_left(home: Home) -> None:
    before = state_of(home.root)
    home.audit()
    assert state_of(home.root) == before


def test_real_models_work_in_the_drill_and_leave_nothing(home: Home, app_models: Path) -> None:
    models = ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator")
    with Personalizer.open(home.profile, app_key=b"k" * 32, models=models) as me:
        me.items.reencode()
        keep_adapter(me, "diary", [item.id for item in me.items.list()])
        me.adapters.use("diary")
    section = home.audit(models=models)
    assert section.worst in (None, "note", "low", "medium")
    assert not [finding for finding in section.findings if "canary" in finding.code or "drill" in finding.code]
    stages = next(fact.value for fact in section.facts if fact.name == "drill: steps looked after")
    assert stages == "added, searched, updated, answered, forgotten, closed"


def test_what_a_profile_refuses_is_said_and_the_drill_goes_on(home: Home, app_models: Path) -> None:
    section = home.audit(models=ModelSet(app_models, encoder="tiny-encoder", generator=None))
    assert "the drill made no search by vectors: ModelMismatchError" in section.not_tested
    assert "closed" in str(next(fact.value for fact in section.facts if fact.name == "drill: steps looked after"))


def test_without_models_the_report_says_what_was_not_done(home: Home) -> None:
    section = home.audit(models=ModelSet(home.root / "none"))
    assert "at-rest/drill-in-part" in {finding.code for finding in section.findings}
    assert any("encoder" in each for each in section.not_tested)
    assert any("language model" in each for each in section.not_tested)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("debug.log", LINE.encode()),
        ("epoch-1/debug.log", LINE.encode("utf-16-le")),
        ("items.gz", gzip.compress(LINE.encode())),
        ("items.json", json.dumps(TEXTS).encode()),
        ("lock", LINE.encode()),
        ("notes.bin", bytes(range(256)) + LINE.encode()),
        ("epoch-1/weights", np.linspace(-1, 1, 9000, dtype="<f4").tobytes() + LINE.encode()),
        (f"epoch-1/sealed/{MARKER}.sealed", LINE.encode()),
    ],
)
def test_a_readable_file_in_the_profile_is_found(home: Home, name: str, data: bytes) -> None:
    found = home.found(lambda subject: write(subject.profile / name, data))
    readable = found.get("readable-file") or found["readable-pages"]
    assert readable.level == "high"
    assert found["user-text"].level == "high"


@pytest.mark.parametrize("name", ["me.gguf", "epoch-1/sealed/adapter-0123456789abcdef.sealed"])
def test_an_adapter_in_the_clear_is_found(home: Home, name: str) -> None:
    (home.profile / "epoch-1" / "sealed").mkdir(mode=0o700, exist_ok=True)
    found = home.found(lambda subject: write(subject.profile / name, random_adapter()))
    assert found["model-in-the-clear"].level == "high"


@pytest.mark.parametrize("name", ["epoch-1/profile.db", "epoch-1/plain.db", "epoch-1/profile.db-wal"])
def test_a_plain_database_is_found(home: Home, name: str) -> None:
    (home.profile / name).unlink(missing_ok=True)
    plain_database(home.profile / name)
    found = home.found()
    assert (found.get("plain-database") or found["readable-file"]).level == "high"


@pytest.mark.parametrize("page", [bytes(4096), (LINE.encode() * 60)[:4096], bytes(range(256)) * 16])
def test_a_page_that_is_not_encrypted_is_found(home: Home, page: bytes) -> None:
    found = home.found(lambda subject: overwrite(subject.profile / "epoch-1/profile.db", 8192, page))
    assert found["readable-pages"].level == "high"


def test_something_in_the_key_file_is_found(home: Home) -> None:
    keys = home.profile / "keys.json"

    def plant(_subject: object) -> None:
        document = json.loads(keys.read_bytes())
        keys.write_text(json.dumps(document | {"owner": MARKER}, indent=2) + "\n")

    found = home.found(plant)
    assert found["key-file"].level == "high"
    assert MARKER not in str(found)


def test_a_link_an_other_epoch_and_a_second_name_are_found(home: Home) -> None:
    def plant(_subject: object) -> None:
        shutil.copytree(home.profile / "epoch-1", home.profile / "epoch-7")
        (home.profile / "epoch-1" / "more").symlink_to(home.root)
        os.link(home.profile / "keys.json", home.root / "again.json")

    found = home.found(plant)
    assert {"not-a-file", "other-epoch", "second-name"} <= set(found)


@pytest.mark.parametrize(
    "place",
    [
        "tmp/app.log",
        "tmp/some/where/old.log",
        "home/.cache/ondevice/app.log",
        "home/.cache/ondevice/models/app.log",
        "home/.local/share/ondevice/app.log",
        "home/.config/ondevice/trace",
        "home/.ondevice/history",
        "home/ondevice.log",
        "home/data/debug.txt",
        "home/data/logs/today.txt",
        "home/data/me.profile.bak/old.txt",
        "home/.local/state/app/app.log",
        "home/.local/share/app/logs/today",
        "home/.cache/app/sub/app.log.1",
    ],
)
def test_the_users_text_outside_the_profile_is_found(home: Home, place: str) -> None:
    (home.root / place).parent.mkdir(parents=True, exist_ok=True)
    (home.root / place).write_text("started\n" + LINE)
    found = home.found()
    assert found["user-text"].level == "high"
    assert Path(place).name in found["user-text"].text


@pytest.mark.parametrize(
    "write_line",
    [
        lambda path: path.write_bytes(LINE.encode("utf-16")),
        lambda path: path.write_bytes(LINE.upper().encode()),
        lambda path: path.write_bytes(LINE.encode().hex().encode()),
        lambda path: path.write_bytes(gzip.compress(LINE.encode())),
        lambda path: path.write_text(json.dumps({"text": TEXTS[5]})),
        plain_database,
    ],
    ids=["utf-16", "upper", "hex", "gzip", "json", "sqlite"],
)
def test_the_users_text_is_found_in_other_spellings(home: Home, write_line: Callable[[Path], object]) -> None:
    write_line(home.temporary / "left.bin")
    assert home.found()["user-text"].level == "high"


def test_a_key_that_was_written_down_is_found(home: Home) -> None:
    vault_key = home.profile / "keys.json"
    from ondevice.vault.keyfile import KeyFile

    profile_key = KeyFile.load(vault_key).unlock(KEY)
    (home.temporary / "trace.log").write_text(f"opened with {profile_key.derive('db').hex()}\n")
    found = home.found()
    assert found["key-bytes"].level == "high"
    assert profile_key.derive("db").hex() not in str(found)


def test_a_core_file_is_found(home: Home) -> None:
    (home.temporary / "core.4711").write_bytes(b"\x7fELF" + bytes(12) + b"\x04\x00" + bytes(4096))
    assert home.found()["core-file"].level == "medium"


def test_a_log_without_the_users_text_is_a_note(home: Home) -> None:
    (home.cache / "app.log").write_text("started\nstopped\n")
    assert home.found()["own-folder-text"].level == "note"


def test_words_that_anybody_may_write_are_no_finding(home: Home) -> None:
    (home.temporary / "story.txt").write_text("They walked along the shore, and then a few miles more.\n")
    assert home.found() == {}


def leaking(write: Callable[[str], object]) -> Callable[..., object]:
    """Return what writes down each text that is added, and then adds it."""
    add = ItemStore.put_contents

    def put_contents(self: ItemStore, contents: object, *args: object, **kwargs: object) -> object:
        for content in list(contents):  # type: ignore[call-overload]
            write(content.text)
        return add(self, contents, *args, **kwargs)  # type: ignore[arg-type]

    return put_contents


@pytest.mark.parametrize("place", ["tmp/app.log", "home/.cache/ondevice/x", "home/data/out.txt", "profile"])
def test_a_canary_that_is_written_down_is_found(home: Home, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def append(text: str) -> None:
        copies = [path for path in home.temporary.rglob("copy.profile")]
        path = copies[0] / "epoch-1" / "trace" if place == "profile" else home.root / place
        with path.open("a") as file:
            file.write(f"{text}\n")

    monkeypatch.setattr(ItemStore, "put_contents", leaking(append))
    assert home.found()["canary-text"].level == "high"


def test_a_canary_in_a_deleted_file_that_is_open_is_found(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryFile() as file:

        def append(text: str) -> None:
            file.write(text.encode())
            file.flush()

        monkeypatch.setattr(ItemStore, "put_contents", leaking(append))
        found = home.found()
    assert "holds open" in found["canary-text"].text


@pytest.mark.parametrize("is_deleted", [False, True])
def test_an_adapter_that_is_put_into_a_file_while_it_works_is_found(
    home: Home, monkeypatch: pytest.MonkeyPatch, is_deleted: bool
) -> None:
    with (home.cache / "work").open("wb") as file:

        def put(_text: str) -> None:
            file.write(random_adapter())
            file.flush()
            if is_deleted:
                (home.cache / "work").unlink(missing_ok=True)

        monkeypatch.setattr(ItemStore, "put_contents", leaking(put))
        assert home.found()["canary-model"].level == "high"


def test_a_vector_that_is_written_down_is_found(home: Home, app_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows = VectorStore.write

    def leak(self: VectorStore, connection: object, encoder_id: str, rows: object, matrix: object) -> None:
        (home.temporary / "vectors.bin").write_bytes(matrix.astype("<f2").tobytes())  # type: ignore[attr-defined]
        write_rows(self, connection, encoder_id, rows, matrix)  # type: ignore[arg-type]

    monkeypatch.setattr(VectorStore, "write", leak)
    section = home.audit(models=ModelSet(app_models, encoder="tiny-encoder", generator=None))
    assert "at-rest/canary-vector" in {finding.code for finding in section.findings}


def test_a_profile_that_does_not_open_is_still_looked_at(home: Home) -> None:
    plain_database_in_place = home.profile / "epoch-1" / "profile.db"
    plain_database_in_place.unlink()
    plain_database(plain_database_in_place)
    (home.temporary / f"{MARKER}.log").write_text(LINE)
    section = home.audit()
    codes = {finding.code for finding in section.findings}
    assert {"at-rest/does-not-open", "at-rest/plain-database"} <= codes
    assert any("could not" not in each and "words" in each for each in section.not_tested)
    assert MARKER not in str(asdict(section))


def test_nothing_of_the_users_reaches_the_report(home: Home) -> None:
    for place in (home.temporary, home.cache, home.profile, home.profile / "epoch-1"):
        (place / f"{MARKER}.log").write_text(LINE)
        (place / MARKER).mkdir()
        (place / MARKER / "plain.txt").write_text(LINE)
    seen: list[tuple[int, int]] = []
    with subject_of(
        home.profile, KEY, WITHOUT_MODELS, on_progress=lambda done, total: seen.append((done, total))
    ) as it:
        section = check(it)
    assert len(section.findings) > 3
    assert MARKER not in str(asdict(section)).lower()
    assert "along the shore" not in str(asdict(section))
    assert seen[-1][0] <= seen[-1][1]


def test_nothing_of_the_users_is_written_while_it_runs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    readable: list[Path] = []
    put = ItemStore.put_contents

    def look(self: ItemStore, *args: object, **kwargs: object) -> object:
        readable.extend(path for path in home.root.rglob("*") if path.is_file() and MARKER in str(path.read_bytes()))
        return put(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(ItemStore, "put_contents", look)
    home.audit()
    assert readable == []


def test_the_audit_knows_the_check(home: Home) -> None:
    sections = sections_of(home.profile, KEY, models=WITHOUT_MODELS, checks=["at-rest"])
    assert next(section for section in sections if section.name == "at-rest").was_run


def test_text_in_the_name_of_a_folder_or_behind_a_link_is_found(home: Home) -> None:
    (home.profile / TEXTS[3]).mkdir(mode=0o700)
    found = home.found()
    assert found["user-text"].level == "high"
    (home.profile / TEXTS[3]).rmdir()
    (home.profile / "link").symlink_to(f"/nowhere/{TEXTS[4]}")
    found = home.found()
    assert found["user-text"].level == "high"
    assert MARKER not in str(found)


def with_other_texts(home: Home) -> dict[str, str]:
    """Give the profile a summary, an earlier wording and an expired item; return their texts."""
    texts = {
        "earlier": "the umbrella of the violet admiral stood in the attic of the lighthouse",
        "expired": "the password of the greenhouse hangs behind the third flowerpot on the left",
    }
    me = Personalizer.over(Vault.open(home.profile, KEY), models=ModelSet(encoder=None, generator=None))
    with me:
        item = me.add(texts["earlier"])
        me.items.update(item.id, text="nothing to be seen here any more, move along")
        me.add(texts["expired"], expires_at=datetime(2020, 1, 1, tzinfo=UTC))
        me.summaries.make()
        texts["summary"] = me.summaries.get().text
    return texts


@pytest.mark.parametrize("kind", ["earlier", "expired", "summary"])
def test_what_the_profile_keeps_beside_its_items_is_looked_for_too(home: Home, kind: str) -> None:
    texts = with_other_texts(home)
    assert "user-text" not in home.found()
    (home.temporary / "app.log").write_text(f"debug: {texts[kind]}\n")
    assert home.found()["user-text"].level == "high"


@pytest.mark.parametrize("kind", ["<f4", "<f2"])
def test_a_vector_of_an_item_that_lies_about_is_found(home: Home, kind: str) -> None:
    with Vault.open(home.profile, KEY) as vault:
        rows = [vault.items.row_of(item.id) for item in vault.items.iterate()]
        vectors = np.random.default_rng(1).standard_normal((len(rows), 32)).astype(np.float32)
        vault.vectors.put("some-encoder", rows, vectors)
    (home.temporary / "cache.npy").write_bytes(vectors[1].astype(kind).tobytes())
    assert home.found()["user-vector"].level == "high"


def test_large_files_leave_no_log_unread(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["ondevice.privacy.at_rest.check"], "_PLACES_BYTES", 3 << 20)
    for number in range(3):
        (home.cache / f"weights-{number}").write_bytes(os.urandom(2 << 20))
    (home.temporary / "app.log").write_text(LINE)
    assert home.found()["user-text"].level == "high"
