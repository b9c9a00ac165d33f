"""The kept form of a study: what comes back, how little it takes, and that rounding twice is rounding once."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.study import kept, read_study, write_study

RECORDS = [
    {"task": "LaMP_2", "k": 0, "value": 0.25, "gain": None, "parts_ms": {}, "choices": {}},
    {"task": "LaMP_3", "k": 4, "value": 7.0, "gain": -0.5, "parts_ms": {"read": 1.5, "write": 2.25}, "choices": {}},
    {
        "task": "LaMP_3",
        "k": 1,
        "value": 1e-9,
        "gain": 3.5,
        "parts_ms": {"read": 2.5, "write": 0.5},
        "choices": {"a": 1},
    },
]


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    document = {"about": {"model": "tiny", "seconds": 1.5}, "rows": RECORDS, "comparisons": [], "n": 3}
    write_study(tmp_path / "new" / "study.json", document)
    assert read_study(tmp_path / "new" / "study.json") == document
    assert list(read_study(tmp_path / "new" / "study.json")["rows"][0]) == list(RECORDS[0])


def test_columns_are_named_once_and_a_record_is_a_line(tmp_path: Path) -> None:
    write_study(tmp_path / "study.json", {"rows": RECORDS})
    text = (tmp_path / "study.json").read_text("utf-8")
    assert text.count("parts_ms") == text.count("read") == 1
    assert '["LaMP_3",4,7.0,-0.5,[1.5,2.25],[]],' in text.splitlines()


def test_records_of_different_keys_stay_objects(tmp_path: Path) -> None:
    document = {"rows": [{"a": 1}, {"b": 2}], "names": ["x", "y"]}
    write_study(tmp_path / "study.json", document)
    assert json.loads((tmp_path / "study.json").read_text("utf-8")) == read_study(tmp_path / "study.json") == document


def test_a_float_keeps_seven_digits_and_a_whole_number_all() -> None:
    assert kept(1 / 3) == 0.3333333
    assert kept(0.1 + 0.2) == 0.3
    assert kept(123456789012.0) == 123456789012.0
    assert kept(0.12449999999) == 0.1244999, "nearest would be 0.1245, and that a table would round up"


@given(st.integers(-(10**12), 10**12), st.integers(-20, 4), st.integers(1, 6))
def test_rounding_what_is_kept_is_rounding_the_number(mantissa: int, exponent: int, digits: int) -> None:
    number = float(f"{mantissa}e{exponent}")
    assert f"{kept(number):.{digits}g}" == f"{number:.{digits}g}"
