"""Which language models fit this machine, and what to expect of each: reckoned from one that was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle.listing import list_models
from ondevice.bundle.specs import READER_ROLE
from ondevice.generation.measured import speed_of
from ondevice.generation.speed import Speed
from ondevice.safety.machine import Machine

LEAST_WRITE_TOKENS_S = 8.0
"""Slower than people read aloud."""
MEMORY_SHARE = 0.6
"""Of the free memory; the rest is for the app, and for other programs."""
OVERHEAD = 1.25
"""A context and its batches beside the weights."""
USUAL_READ, USUAL_WRITTEN = 600, 48
"""Tokens of a question with some notes, and of an answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A language model that may be used here.

    Args:
        name: Its name.
        n_bytes: The size of its weights.
        reads_notes: Whether it learned to answer from a person's notes.
        is_here: Whether it has been fetched.
        measured: How fast it is here, where that was measured.
    """

    name: str
    n_bytes: int
    reads_notes: bool
    is_here: bool
    measured: Speed | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What to expect of a candidate; its speed is reckoned where it was not measured."""

    candidate: Candidate
    speed: Speed
    fits: bool

    @property
    def is_fluent(self) -> bool:
        """Whether it fits, and writes as fast as one reads."""
        return self.fits and self.speed.write_tokens_s >= LEAST_WRITE_TOKENS_S

    @property
    def about(self) -> str:
        """In words what speaks for it, or against it; perhaps nothing."""
        if not self.fits:
            return "needs more memory than is free"
        if not self.is_fluent:
            return "slower than one reads"
        return "has learned to read notes" if self.candidate.reads_notes else ""

    @property
    def written(self) -> str:
        """The tokens a second, with a word where they are reckoned."""
        said = f"{self.speed.write_tokens_s:.0f}"
        return said if self.candidate.measured is not None else f"about {said}"

    @property
    def answer_s(self) -> float:
        """How long a usual answer takes, in seconds."""
        return self.speed.seconds_for(USUAL_READ, USUAL_WRITTEN)


EXPECTED = f"{USUAL_WRITTEN} tokens of answer behind {USUAL_READ} of question and notes"
"""What :attr:`Outlook.answer_s` is the time of."""


def candidates_here(models: Path) -> list[Candidate]:
    """Return the language models that lie in a folder of models, as their manifests describe them."""
    return [
        Candidate(
            name=each.name,
            n_bytes=each.manifest.files["model"].bytes,
            reads_notes=READER_ROLE in each.manifest.files or each.manifest.generator.reads_notes,
            is_here=True,
            measured=speed_of(models, each.name),
        )
        for each in list_models(models)
        if each.manifest is not None and each.manifest.generator is not None
    ]


def outlooks(candidates: Sequence[Candidate], base: Candidate, speed: Speed, machine: Machine) -> list[Outlook]:
    """Return what to expect of each candidate, smallest first.

    A token costs one reading of all weights, so that speed goes with one over the size. That is rough: types of weights
    differ in what they cost.
    """
    free = machine.free_bytes or machine.memory_bytes
    return [
        Outlook(
            candidate=each,
            speed=each.measured or _scaled(speed, base.n_bytes / max(1, each.n_bytes)),
            fits=free is None or each.n_bytes * OVERHEAD <= free * MEMORY_SHARE,
        )
        for each in sorted(candidates, key=lambda each: each.n_bytes)
    ]


def recommended(found: Sequence[Outlook], *, larger: bool) -> Outlook | None:
    """Return the best: one that learned to read notes, or with ``larger`` the largest, among those that are fluent.

    Where none is fluent, it is the smallest that fits, one that reads notes before others.
    """
    fitting = [each for each in found if each.fits]
    fluent = [each for each in fitting if each.is_fluent]
    among = fluent or fitting
    readers = [each for each in among if each.candidate.reads_notes]
    wanted = among if not readers or (larger and fluent) else readers
    if not wanted:
        return None
    return wanted[-1] if fluent else wanted[0]


def _scaled(speed: Speed, factor: float) -> Speed:
    return Speed(read_tokens_s=speed.read_tokens_s * factor, write_tokens_s=speed.write_tokens_s * factor, seconds=0.0)
