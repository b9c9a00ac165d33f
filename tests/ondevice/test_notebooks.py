"""Records show their texts in notebooks that ask for it, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice.notebooks import MAX_SHOWN_CHARS, html_of, show_texts
from ondevice.records import Completion, Draft, Hit, Item, Version

ROOT = Path(__file__).parent.parent.parent
WHEN = datetime(2026, 5, 31, 18, 30, tzinfo=UTC)
ITEM = Item(
    id="a1",
    text="Sunny & <b>noisy</b>\nflat\u202e\x1b[31m",
    kind="note",
    fields={"title": "Lyon"},
    time=WHEN,
    metadata={"tags": ["work", "lyon"], "stars": 4},
    added_at=WHEN,
)
HIT = Hit(item=ITEM, score=0.5, rank=1)
ANSWER = Completion(
    text="The flat <in> Lyon", sources=(HIT,), retriever="bm25", task="chat", finish_reason="stop", n_prompt_tokens=1,
    n_reused_tokens=0, n_tokens=1,
)  # fmt: skip
VERSION = Version(version=1, text="Rainy", fields={}, metadata={}, replaced_at=WHEN)


@pytest.fixture
def _shown() -> Iterator[None]:
    show_texts()
    yield
    show_texts(False)


@pytest.mark.parametrize("record", [ITEM, HIT, ANSWER, VERSION], ids=lambda record: type(record).__name__)
def test_nothing_is_shown_unless_asked(record: Any) -> None:
    assert record._repr_html_() is None
    show_texts()
    try:
        assert "Sunny" not in repr(record) + str(record)
        assert "<" in record._repr_html_()
    finally:
        show_texts(False)
    assert record._repr_html_() is None


@pytest.mark.usefixtures("_shown")
def test_texts_are_escaped_and_printable() -> None:
    shown = HIT._repr_html_() or ""
    assert "Sunny &amp; &lt;b&gt;noisy&lt;/b&gt;\nflat\ufffd\ufffd[31m" in shown
    assert all(part in shown for part in ("Lyon", "work, lyon", "<td>1</td>", "0.500", "2026-05-31 18:30"))
    assert "The flat &lt;in&gt; Lyon" in (ANSWER._repr_html_() or "")
    assert "Sunny" in (ANSWER._repr_html_() or "")
    assert "Rainy" in (VERSION._repr_html_() or "")
    hostile = replace(ITEM, kind='<script>"', fields={"<i>": "</td>"}, metadata={"<u>": ["<s>"]}, text="x")
    assert not any(tag in (hostile._repr_html_() or "") for tag in ("<script>", "<i>", "</td></div>", "<u>", "<s>"))


@pytest.mark.usefixtures("_shown")
def test_a_long_text_is_cut() -> None:
    shown = replace(ITEM, text="x" * 100_000, fields={}, metadata={})._repr_html_() or ""
    assert "x" * MAX_SHOWN_CHARS + "…" in shown
    assert len(shown) < MAX_SHOWN_CHARS + 1_000


def test_lists_of_records_are_tables_and_other_things_are_left_alone() -> None:
    assert (html_of([HIT, HIT]) or "").count("<tr>") == 3
    for other in ([], [1], [HIT, 1], "text", Draft(text="x"), {"a": HIT}):
        assert html_of(other) is None


NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from ondevice.notebooks import show_texts
from tests.ondevice.test_notebooks import HIT

display = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}})).display_formatter.format
shown = [display([HIT])[0]]
show_texts()
show_texts()
shown += [display([HIT])[0], display(HIT)[0], display([1, 2])[0]]
show_texts(False)
shown += [display([HIT])[0]]
for each in shown:
    print(sorted(each), "Sunny" in each.get("text/html", ""), "Sunny" in each["text/plain"])
"""


def test_a_notebook_shows_lists_while_it_is_on(tmp_path: Path) -> None:
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", NOTEBOOK], env=environment, capture_output=True, text=True, check=True)
    plain, html = "['text/plain'] False False", "['text/html', 'text/plain'] True False"
    assert ran.stdout.splitlines() == [plain, html, html, plain, plain]


def test_a_time_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        morning, last = datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
        assert "2026-03-03 08:00" in (html_of(replace(ITEM, time=morning)) or "")
        assert "9999-12-31 23:59" in (html_of(replace(ITEM, time=last)) or "")
    finally:
        monkeypatch.undo()
        time.tzset()
