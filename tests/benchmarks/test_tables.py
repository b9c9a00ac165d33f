"""A benchmark's rows on disk: one table to read, one file for programs, both of the same numbers."""

from pathlib import Path

from benchmarks.measure import Row, summarize
from benchmarks.tables import read_rows, write

ROWS = [
    summarize([1.0, 2.0, 4.0], case="put", condition="100 items", aim=3.0),
    Row(
        case="recall",
        condition="of all",
        unit="share",
        median=0.87654321,
        low=0.5,
        high=1.0,
        n=9,
        aim=0.9,
        aim_is_minimum=True,
    ),
]


def test_rows_come_back_and_stand_in_the_table(tmp_path: Path) -> None:
    path = write("vault", {"cores": "2"}, ROWS, folder=tmp_path / "new")
    text = path.read_text("utf-8")
    assert "Reproduce: `python -m benchmarks vault`" in text
    assert "| put | 100 items | 2 ms | 1 … 4 | 3 | ≤ 3 | OK |" in text
    assert "| 0.877 share | 0.5 … 1 | 9 | ≥ 0.9 | MISSED |" in text
    found = read_rows(tmp_path / "new" / "vault.json")
    assert found[0] == ROWS[0]
    assert found[1].median == 0.8765432
