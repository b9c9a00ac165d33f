"""What runs in a worker's process: the runner of one machine, asked for one user at a time.

Nothing is ever raised out of here: Ray would wrap an error into a class of its own, with the whole traceback as its
text. Errors travel in the reply instead.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from export.errors import ClusterError
from export.workers.travelling import Travelling, travelling
from ondevice.evaluation.answered import Answered
from ondevice.evaluation.answers import Answer, AnswerStore
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import Runner


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What came of one user's questions.

    Args:
        answered: By the question's place in the split, what each cell answered.
        new: Answers that were computed for it, for the driver to keep, also those before an error.
        made_with: Ids of the models and the version of this package, to be the same in every worker.
        error: What stopped the work, or ``None``.
    """

    answered: Mapping[int, Mapping[Condition, Answered]] = field(default_factory=dict, repr=False)
    new: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    made_with: Mapping[str, str | None] = field(default_factory=dict)
    error: Travelling | None = None


class Worker:
    """One runner, whose models load with the first question.

    Args:
        config: With which models.
        known: Answers that need not be computed again.
        scratch: Where the profiles lie while they are used, or ``None`` for the system's temporary folder.
    """

    def __init__(self, config: RunConfig, known: Mapping[str, Answer], scratch: Path | None) -> None:
        self._config = config
        self._store = AnswerStore.remembering(known)
        self._runner: Runner | None = None
        self._split: LampSplit | None = None
        if scratch is not None:
            tempfile.tempdir = str(scratch)  # a worker that is killed leaves its profile where the driver clears up

    def hold(self, split: LampSplit) -> None:
        """Take the split that the next questions are about, in the place of the one before."""
        self._split = split

    def answer(self, places: Sequence[int], conditions: Sequence[Condition]) -> Reply:
        """Answer the questions at these places under every condition."""
        n_known = len(self._store)
        answered: dict[int, Mapping[Condition, Answered]] = {}
        made_with: dict[str, str | None] = {}
        error: Travelling | None = None
        try:
            runner, split = self._ready()
            made_with = {"ondevice-sdk": version("ondevice-sdk"), **runner.models_for(conditions)}
            for place in places:
                answered[place] = runner.answer(split, place, conditions)
        except Exception as raised:
            error = travelling(raised)
        return Reply(answered=answered, new=self._store.after(n_known), made_with=made_with, error=error)

    def _ready(self) -> tuple[Runner, LampSplit]:
        if self._split is None:
            raise ClusterError("a worker was asked before it got the data")
        if self._runner is None:
            self._runner = Runner(self._config, self._store)
        return self._runner, self._split
