"""Progress on stderr: a bar on a terminal, now and then a line elsewhere, and nothing that steers where none looks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ondevice.safety.progress import Lines, spoken_amount, spoken_time
from tests.command_line import descriptor, on_terminal

ROOT = Path(__file__).parent.parent.parent.parent

EAGER = "from ondevice.safety import progress as p; p.AT_MOST_EVERY_S = p._FOUND_WITHIN_S = 0; p._LOOK_EVERY_S = 0.01; "
WORK = f"""{EAGER}
import sys, time
from ondevice.cli.output import Output
output = Output(as_json=True)
with output.progress("training", unit="steps") as on_progress:
    for step in range(1, 11):
        on_progress(step, 10)
        time.sleep(0.02)
with output.working("resting"):
    time.sleep(0.1)
output.result({{"done": True}})
"""


class Journal:
    """Lines, and a clock that is set by hand."""

    def __init__(self, title: str = "training", unit: str = "steps") -> None:
        self.now = 0.0
        self.written: list[str] = []
        self.lines = Lines(lambda: title, unit, self.written.append, clock=lambda: self.now)

    def at(self, now: float, done: int, total: int) -> list[str]:
        """Report at a time, and return the lines that this brought."""
        before = len(self.written)
        self.now = now
        self.lines.on_progress(done, total)
        return self.written[before:]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def test_short_work_says_nothing() -> None:
    journal = Journal()
    assert [line for second in range(10) for line in journal.at(second, second, 10)] == []
    journal.lines.end()
    assert journal.written == []


def test_a_line_says_how_much_how_long_and_what_is_left() -> None:
    journal = Journal()
    assert journal.at(20, 40, 100) == ["training: 40 of 100 steps (40 %), 0:20 so far, about 0:30 left"]
    journal.now = 50
    journal.lines.end()
    assert journal.written[1:] == ["training: 40 of 100 steps (40 %), done in 0:50"]


def test_lines_come_with_each_tenth_but_never_sooner_than_ten_seconds() -> None:
    journal = Journal()
    brought = [second for second in range(41) if journal.at(second, second, 40)]
    assert brought == [10, 20, 30, 40]


def test_slow_work_says_a_line_a_minute() -> None:
    journal = Journal()
    brought = [second for second in range(0, 400, 5) if journal.at(second, second, 100_000)]
    assert brought == [10, 70, 130, 190, 250, 310, 370]


def test_work_that_reports_nothing_is_seen_to_go_on() -> None:
    journal = Journal(title="describing", unit="")
    for journal.now in range(0, 100, 2):
        journal.lines.look()
    assert journal.written == ["describing: 0:10 so far", "describing: 1:10 so far"]


def test_what_was_there_at_once_is_not_taken_for_speed() -> None:
    journal = Journal(title="model", unit="bytes")
    journal.at(0.5, 90_000_000, 100_000_000)
    assert journal.at(10.5, 91_000_000, 100_000_000) == ["model: 91.0 of 100.0 MB (91 %), 0:10 so far, about 1:30 left"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ((0, 0, "items"), ""),
        ((1234, 0, "items"), "1,234 items"),
        ((1234, 2468, "items"), "1,234 of 2,468 items (50 %)"),
        ((3, 4, ""), "3 of 4 (75 %)"),
        ((1_500_000, 0, "bytes"), "1.5 MB"),
    ],
)
def test_amounts_are_spoken(amount: tuple[int, int, str], said: str) -> None:
    assert spoken_amount(*amount) == said


def test_times_are_spoken() -> None:
    assert [spoken_time(seconds) for seconds in (0, 9.6, 65, 3600)] == ["0:00", "0:10", "1:05", "1:00:00"]


@pytest.mark.parametrize("more", [{}, {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "1"}], ids=["pipe", "forced"])
def test_through_a_pipe_it_is_plain_lines_beside_a_pure_document(more: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", WORK], env=environment(**more), capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == {"done": True}
    assert ran.stderr.replace("\n", "").isprintable()
    lines = ran.stderr.splitlines()
    assert lines[0].startswith("training: ")
    assert any(line.startswith("training: 10 of 10 steps (100 %), done in") for line in lines)
    assert any(line.startswith("resting: ") for line in lines)


def test_on_a_terminal_it_is_a_bar_that_goes_away() -> None:
    code, shown = on_terminal([sys.executable, "-c", WORK], environment=environment())
    assert code == 0
    assert "\x1b[" in shown
    assert "10/10 steps" in shown.replace("\x1b[0m", "").replace("\x1b[32m", "")
    assert "so far" not in shown


def test_a_dumb_terminal_gets_lines() -> None:
    code, shown = on_terminal([sys.executable, "-c", WORK], environment=environment(TERM="dumb"))
    assert code == 0
    assert "\x1b" not in shown
    assert "training: 10 of 10 steps (100 %), done in" in shown


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nobody_who_listens_is_no_reason_to_stop(unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    env = environment(PYTHONUNBUFFERED=unbuffered)
    ran = subprocess.run(
        [sys.executable, "-c", WORK], env=env, stdout=subprocess.PIPE, stderr=writer, text=True, check=True
    )
    os.close(writer)
    assert json.loads(ran.stdout) == {"done": True}


def test_a_real_import_says_how_far_it_is(tmp_path: Path, profile_path: Path, app_models: Path) -> None:
    history = tmp_path / "history.jsonl"
    history.write_text("".join(json.dumps({"text": f"Note {number} about rain"}) + "\n" for number in range(200)))
    program = f"{EAGER} from ondevice.cli import main; main()"
    places = ["--profile", str(profile_path), "--models", str(app_models), "--encoder", "tiny-encoder"]

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        number = descriptor("open sesame")
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, *arguments, "--passphrase-fd", number, "--json"],
            env=environment(), pass_fds=(int(number),), capture_output=True, text=True, check=False,
        )  # fmt: skip
        os.close(int(number))
        return ran

    assert call("init", "--profile", str(profile_path)).returncode == 0
    ran = call("import", "jsonl", str(history), *places)
    assert json.loads(ran.stdout)["n_added"] == 200, ran.stderr
    assert "importing: 0.0 of 0.0 MB (100 %), done in 0:0" in ran.stderr
    assert "\x1b" not in ran.stderr + ran.stdout


def test_an_error_ends_the_lines() -> None:
    failing = f"""{EAGER}
import time
from ondevice.cli.output import Output
output = Output(as_json=False)
try:
    with output.progress("training") as on_progress:
        on_progress(1, 2)
        time.sleep(0.1)
        raise ValueError
except ValueError:
    output.say("failed")
    time.sleep(0.1)
"""
    ran = subprocess.run([sys.executable, "-c", failing], env=environment(), capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == "failed"
    assert "done in" not in ran.stderr
