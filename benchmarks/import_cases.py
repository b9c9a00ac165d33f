"""Importing with encoding: a mailbox and a chat, in processes of their own that tell how much memory they took."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import Row, summarize
from ondevice.records import Draft

N_ITEMS = 2_000
_ROUNDS = 3
_TEXTS_PER_S = 250.0
_CHILD = """
import json, resource, sys, time
from ondevice import ModelSet, Personalizer

source, profile, models = sys.argv[1:]
with Personalizer.create(profile, app_key=b"k" * 32, models=ModelSet(models, generator=None)) as me:
    me.add("warm up")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    report = me.items.import_from(source)
    seconds, used = time.perf_counter() - start, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = {"items": report.n_added, "s": seconds, "cpu_s": used, "mb": peak / 1024, "more_mb": (peak - before) / 1024}
print(json.dumps(told))
"""
"""What a process does; it counts memory in KiB, as Linux does."""


def run(models: Path) -> Iterator[Row]:
    """Yield items a second, processor seconds an item and the peak of memory, for each format and two sizes."""
    for name, write in (("mailbox", _mailbox), ("chat export", _chat)):
        for n_items in (N_ITEMS // 4, N_ITEMS):
            with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
                source = write(Path(folder), corpus.drafts(n_items, seed=2))
                found = [_import(source, Path(folder) / f"{each}.profile", models) for each in range(_ROUNDS)]
            yield from _rows(f"{name}, {n_items:,} messages", found, is_whole=n_items == N_ITEMS)


def _rows(condition: str, found: list[Mapping[str, float]], *, is_whole: bool) -> Iterator[Row]:
    def row(case: str, unit: str, value: Callable[[Mapping[str, float]], float], aim: float | None = None) -> Row:
        return summarize(
            [value(each) for each in found], case=case, condition=condition, unit=unit, aim=aim, aim_is_minimum=True
        )

    yield row("import with encoding", "items/s", lambda each: each["items"] / each["s"], _TEXTS_PER_S)
    yield row("processor time of it", "ms/item", lambda each: 1000 * each["cpu_s"] / each["items"])
    if is_whole:
        yield row("peak memory of the process", "MB", lambda each: each["mb"])
    yield row("memory that importing took", "MB", lambda each: each["more_mb"])


def _import(source: Path, profile: Path, models: Path) -> Mapping[str, float]:
    command = [sys.executable, "-c", _CHILD, str(source), str(profile), str(models)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    told: Mapping[str, float] = json.loads(ran.stdout)
    return told


def _mailbox(folder: Path, drafts: list[Draft]) -> Path:
    path = folder / "mails.mbox"
    with path.open("wb") as file:
        for number, draft in enumerate(drafts):
            mail = EmailMessage()
            mail["From"], mail["Message-ID"] = "Ana <ana@example.org>", f"<{number}@example.org>"
            mail["Subject"] = draft.text[:30]
            mail.set_content(draft.text)
            file.write(b"From ana@example.org Fri May 31 16:30:00 2024\n" + mail.as_bytes() + b"\n")
    return path


def _chat(folder: Path, drafts: list[Draft]) -> Path:
    path = folder / "WhatsApp Chat with Ana.txt"
    lines = []
    for number, draft in enumerate(drafts):
        # A pause after each message, so that each becomes an item.
        said_at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=5 * number)
        lines.append(f"{said_at:%d/%m/%Y, %H:%M} - {'Ana' if number % 2 else 'Ben'}: {draft.text}\n")
    path.write_text("".join(lines), "utf-8")
    return path
