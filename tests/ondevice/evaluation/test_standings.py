"""Which way of retrieving is best, question by question, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.report import Report, markdown_of
from ondevice.evaluation.standings import TaskStanding, standings_of
from ondevice.evaluation.table import CellOutcome
from tests.ondevice.evaluation.lamp_files import question, write_split


@pytest.fixture
def split(tmp_path: Path) -> LampSplit:
    asked = [question("LaMP_2", str(number), user=str(number), n_entries=1) for number in range(4)]
    golds = [{"id": each["id"], "output": "comedy"} for each in asked]
    folder = write_split(tmp_path / "LaMP_2", "LaMP_2", asked, golds=golds)
    return read_lamp_split(folder, "dev")


def outcome(strategy: str, k: int, right: str, *, choices: tuple[str, ...] = (), **settings: str) -> CellOutcome:
    """``right`` has a letter for each question: R for a right answer."""
    condition = Condition(strategy=strategy, k=k, decoding="free", **settings)  # type: ignore[arg-type]
    return CellOutcome(
        condition=condition, answers=["comedy" if letter == "R" else "action" for letter in right], choices=choices
    )


def by_name(standings: list[TaskStanding]) -> dict[tuple[str, int], TaskStanding]:
    return {(each.strategy, each.k): each for each in standings}


def test_shares_by_hand(split: LampSplit) -> None:
    found = by_name(
        standings_of(
            split,
            [
                outcome("none", 0, "RWWW"),
                outcome("bm25", 4, "RRWW"),
                outcome("my-encoder", 4, "WWRW"),
                outcome("rspg-pre", 4, "RRWW", choices=("bm25", "bm25", "none", "none")),
                outcome("bm25", 4, "RRRR", history="other"),
                outcome("cope", 4, "RRRR"),
                outcome("bm25+pag", 4, "RRRR"),
            ],
        )
    )
    assert set(found) == {("none", 4), ("bm25", 4), ("my-encoder", 4), ("rspg-pre", 4)}
    shares = {name: (each.best, each.alone) for (name, _), each in found.items()}
    # In the last question all are equally wrong, and so all are best.
    assert shares == {"none": (0.5, 0), "bm25": (0.75, 0.25), "my-encoder": (0.5, 0.25), "rspg-pre": (0.75, 0)}
    assert found["rspg-pre", 4].choices == {"bm25": 2, "none": 2}
    table = markdown_of(Report(about={}, rows=[], bins=[], standings=list(found.values())))
    assert "| LaMP_2 | free | rspg-pre | 75% |  | bm25 2, none 2 |" in table
    assert "| LaMP_2 | free | my-encoder | 50% | 25% |  |" in table


def test_a_number_of_items_stands_by_itself(split: LampSplit) -> None:
    found = by_name(
        standings_of(split, [outcome("none", 0, "RWWW"), outcome("bm25", 1, "WWWW"), outcome("bm25", 4, "RRRR")])
    )
    assert (found["none", 1].best, found["none", 4].best) == (1.0, 0.25)
    assert (found["bm25", 1].best, found["bm25", 4].best) == (0.75, 1.0)


def test_one_way_alone_is_no_choice(split: LampSplit) -> None:
    assert standings_of(split, [outcome("none", 0, "RWWW")]) == []
