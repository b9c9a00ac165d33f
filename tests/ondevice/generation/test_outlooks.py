from __future__ import annotations

import pytest

from ondevice.generation.outlooks import Candidate, outlooks, recommended
from ondevice.generation.speed import Speed
from ondevice.safety.machine import Machine

GB = 10**9
SPEED = Speed(read_tokens_s=800.0, write_tokens_s=40.0, seconds=10.0)


def candidate(name: str, n_bytes: int, *, reads_notes: bool = False, measured: Speed | None = None) -> Candidate:
    return Candidate(name=name, n_bytes=n_bytes, reads_notes=reads_notes, is_here=True, measured=measured)


BASE = candidate("small", GB, reads_notes=True, measured=SPEED)
ALL = [candidate("huge", 16 * GB), candidate("middle", 4 * GB), BASE, candidate("slow", 8 * GB)]


def names(free: float, *, larger: bool) -> str | None:
    machine = Machine(memory_bytes=64 * GB, free_bytes=int(free * GB), cores=2)
    best = recommended(outlooks(ALL, BASE, SPEED, machine), larger=larger)
    return None if best is None else best.candidate.name


def test_what_was_not_measured_is_reckoned_by_its_size() -> None:
    found = outlooks(ALL, BASE, SPEED, Machine(memory_bytes=None, free_bytes=None, cores=2))
    assert [each.candidate.name for each in found] == ["small", "middle", "slow", "huge"]
    assert [each.speed.write_tokens_s for each in found] == [40.0, 10.0, 5.0, 2.5]
    assert found[0].answer_s == pytest.approx(600 / 800 + 48 / 40)
    assert all(each.fits for each in found)


def test_who_reads_notes_is_taken_unless_the_largest_that_is_fluent_is_wanted() -> None:
    assert names(32, larger=False) == "small"
    assert names(32, larger=True) == "middle"
    assert names(3, larger=True) == "small"
    assert names(1, larger=True) is None


def test_where_none_is_fluent_the_smallest_that_reads_notes_is_taken() -> None:
    slow = Speed(read_tokens_s=40.0, write_tokens_s=2.0, seconds=10.0)
    machine = Machine(memory_bytes=64 * GB, free_bytes=64 * GB, cores=2)
    candidates = [candidate("tiny", GB // 2), *ALL[:2], candidate("small", GB, reads_notes=True, measured=slow)]
    found = outlooks(candidates, BASE, slow, machine)
    best = recommended(found, larger=True)
    assert best is not None
    assert (best.candidate.name, best.about) == ("small", "slower than one reads")
