"""What a pipe is shown of setting up: whole lines, now and then."""

from __future__ import annotations

import io

import pytest

from tools.set_up.showing import Display


class Shown:
    """A display in a pipe, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stream = io.StringIO()
        self.display = Display(self.stream, ["packages", "models"], "the demo", clock=lambda: self.now)

    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_no_ten_seconds_are_silent_and_none_says_more_than_a_line() -> None:
    shown = Shown()
    with shown.display.step():
        for second in range(1, 31):
            shown.now = second
            shown.display.now("compiling one", left="0:30", coming="install")
            shown.display.refresh()
    assert shown.lines() == [
        "[1/2] packages; next: models",
        "[1/2] compiling one, 0:10, about 0:30 left; next: install",
        "[1/2] compiling one, 0:20, about 0:30 left; next: install",
        "[1/2] compiling one, 0:30, about 0:30 left; next: install",
        "[1/2] packages: done in 0:30",
    ]


def test_the_last_step_says_what_all_was_for() -> None:
    shown = Shown()
    for _ in range(2):
        with shown.display.step():
            shown.now += 70
    shown.display.end()
    assert shown.lines()[2:] == [
        "[2/2] models; next: the demo",
        "[2/2] models: done in 1:10",
        "set up in 2:20; now: the demo",
    ]


def test_a_step_that_fails_is_not_called_done() -> None:
    shown = Shown()
    with pytest.raises(KeyboardInterrupt), shown.display.step():
        raise KeyboardInterrupt
    shown.display.fail(["make: *** [all] Error 1"], "interrupted", "again")
    assert shown.lines()[1:] == ["    make: *** [all] Error 1", "error: [1/2] packages: interrupted", "hint: again"]
