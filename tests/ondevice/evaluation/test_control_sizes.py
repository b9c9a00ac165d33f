from __future__ import annotations

from pathlib import Path

from ondevice.evaluation.control_sizes import ControlSize, control_size, control_size_lines
from ondevice.evaluation.lamp_data import read_lamp_split
from tests.ondevice.evaluation.lamp_files import entry, question, write_split


def test_sizes_tell_what_was_left_out_and_why(tmp_path: Path) -> None:
    leak = entry("LaMP_4", "leak", text="rain in Lyon")
    asked = [
        question("LaMP_4", "1", user="a", n_entries=2),
        question("LaMP_4", "2", user="b", profile=[entry("LaMP_4", n) for n in range(4)]),
        question("LaMP_4", "3", user="c", profile=[leak, *(entry("LaMP_4", n) for n in range(6))]),
    ]
    size = control_size(read_lamp_split(write_split(tmp_path / "LaMP_4", "LaMP_4", asked), "dev"))
    # a reads 2 of b's 4, b all 2 of a's, c (6 without the leak) all 4 of b's
    assert size == ControlSize(
        task="LaMP_4",
        n=3,
        own=4.0,
        other=8 / 3,
        n_equal=1,
        least=0.5,
        n_guarded=0,
        n_cut=2,
    )


def test_what_gives_the_answer_away_is_counted_for_every_question(tmp_path: Path) -> None:
    leak = entry("LaMP_4", "leak", text="rain in Lyon")
    others = "Generate a headline for the following article: a duck"
    asked = [
        question("LaMP_4", "1", user="a", n_entries=2),
        question("LaMP_4", "2", user="a", n_entries=2),
        question("LaMP_4", "3", user="b", profile=[leak, entry("LaMP_4", 1)], input=others),
    ]
    split = read_lamp_split(
        write_split(
            tmp_path / "LaMP_4", "LaMP_4", asked, golds=[{"id": str(n), "output": f"{n}"} for n in range(1, 4)]
        ),
        "dev",
    )
    size = control_size(split)
    assert (size.n_guarded, size.n_cut, size.least, size.n_equal) == (2, 0, 0.5, 1)
    assert "| LaMP_4 | 3 | 2.0 | 1.3 | 1 | 50% | 2 | 0 |" in control_size_lines([size])


def test_a_run_without_controls_has_no_table() -> None:
    assert control_size_lines([]) == []
