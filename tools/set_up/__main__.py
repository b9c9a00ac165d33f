"""Set up an environment: ``python -m tools.set_up demo models``, as the Makefile does.

``demo`` is what the demonstration needs, ``prebuilt`` the same without anything to compile, ``dev`` what every check
and test needs, ``torch`` PyTorch beside it, and ``models`` the default models. What is done already costs a look at a
few files, and no word.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file alone must run on an older Python, to say so
    sys.exit("ondevice needs Python 3.11 or newer: make PYTHON=python3.11 …")

import argparse
from collections.abc import Sequence
from pathlib import Path

from tools.set_up.running import StepFailedError
from tools.set_up.showing import Display
from tools.set_up.stamps import Stamps
from tools.set_up.steps import WANTED, Place, steps_for

ROOT = Path(__file__).parent.parent.parent
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Do the steps that are still to do, and return the exit code."""
    parser = argparse.ArgumentParser("python -m tools.set_up", description=__doc__)
    parser.add_argument("wanted", nargs="+", choices=list(WANTED), metavar="|".join(WANTED), help="what to set up")
    parser.add_argument("--venv", type=Path, default=Path(".venv"), help="the environment's folder (default .venv)")
    parser.add_argument("--project", type=Path, default=ROOT, help="the folder with pyproject.toml (default: this one)")
    parser.add_argument("--then", default="ready", metavar="WORDS", help="what comes when all is set up")
    args = parser.parse_args(arguments)
    place = Place(venv=args.venv, project=args.project)
    stamps = Stamps(place.venv / "set-up.json")
    steps = [step for step in steps_for(args.wanted, place) if not step.is_done(stamps)]
    if not steps:
        return 0
    display = Display(sys.stderr, [step.title for step in steps], args.then)
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    display.say(f"setting up {args.venv}, {count}: {', '.join(step.title for step in steps)}")
    try:
        for step in steps:
            with display.step():
                step.do(display)
            step.stamp(stamps)
    except StepFailedError as error:
        display.fail(error.lines, str(error), error.hint)
        return 1
    except KeyboardInterrupt:
        display.fail([], "interrupted", "run the same command again: what is done is kept")
        return INTERRUPTED
    display.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
