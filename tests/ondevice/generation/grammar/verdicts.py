"""What llama.cpp itself makes of grammars, each in a process of its own: it may print, abort or never end.

Run as a program it reads a job from stdin, and writes a verdict for each grammar to stdout.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle import Bundle

ROOT = Path(__file__).parents[4]
MOST_BYTES = 1 << 30
STACK_BYTES = 1 << 20
PATIENT_S, BRIEF_S = 120.0, 0.4
"""Seconds for what should end, and for what is expected not to."""

TAKEN, REFUSED = 0, 3


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the grammar was taken and let a text be written, and all that was printed meanwhile."""

    is_taken: bool
    is_refused: bool
    printed: str


def verdicts(texts: Sequence[str], bundle: Bundle, *, seconds: float = PATIENT_S) -> list[Verdict]:
    """Hand each text to llama.cpp, let random tokens follow the grammar, and say what happened within the time."""
    job = json.dumps({"model": str(bundle.file("model")), "texts": list(texts), "seconds": seconds})
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.ondevice.generation.grammar.verdicts"],
        input=job,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert ran.stderr == ""
    return [Verdict(**each) for each in json.loads(ran.stdout)]


def _main() -> None:
    # Once, for all of the processes.
    import numpy.random  # noqa: F401

    import ondevice.generation.llama.sampling
    import ondevice.generation.llama.vocabulary  # noqa: F401

    job = json.load(sys.stdin)
    found = [_verdict(text, Path(job["model"]), job["seconds"]) for text in job["texts"]]
    sys.stdout.write(json.dumps(found))


def _verdict(text: str, model: Path, seconds: float) -> dict[str, object]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            try:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                os._exit(_try(text, model, seconds))
            finally:
                os._exit(70)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        printed = output.read().decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    return {"is_taken": code == TAKEN, "is_refused": code == REFUSED, "printed": printed}


def _try(text: str, path: Path, seconds: float) -> int:
    import resource

    import numpy as np

    from ondevice.config import Sampling
    from ondevice.errors import GenerationError
    from ondevice.generation.llama.handles import Model
    from ondevice.generation.llama.sampling import TokenChooser
    from ondevice.generation.llama.vocabulary import Vocabulary

    model = Model.load(path)
    vocabulary = Vocabulary(model)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, STACK_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    for seed in range(2):
        random = np.random.default_rng(seed)
        try:
            with TokenChooser(vocabulary, Sampling(), _Unchecked(text)) as chooser:  # type: ignore[arg-type]
                for _ in range(30):
                    token = chooser.choose(random.standard_normal(vocabulary.size).astype(np.float32))
                    if vocabulary.ends_turn(token):
                        break
        except GenerationError as error:
            if "lets no token" not in str(error):
                raise
            continue  # the model lacks the characters
        except ValueError:
            return REFUSED
    return TAKEN


@dataclass(frozen=True)
class _Unchecked:
    """A grammar that nobody has looked at."""

    text: str


if __name__ == "__main__":
    _main()
