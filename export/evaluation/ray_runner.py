"""LaMP on several processes or machines by Ray: a user is a unit of work, and the numbers are those of one machine.

Each worker is a process with models of its own, and gets the next user when it has answered the one before. Answers
are greedy and depend on nothing but their prompt, so neither the number of workers nor the order of the users shows in
the table; seconds do, because workers share a machine's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from export.errors import ClusterError
from export.evaluation.worker import Reply, Worker
from export.workers.cluster import Cluster
from export.workers.crew import Crew, cpus_for
from ondevice.evaluation.answered import Answered, outcomes_of
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.lamp import OnTask, report_of
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report
from ondevice.evaluation.scores import users_of
from ondevice.evaluation.table import CellOutcome
from ondevice.signals import Progress

if TYPE_CHECKING:
    from ray.actor import ActorHandle


def evaluate_lamp_on_workers(
    plan: LampPlan,
    config: RunConfig,
    *,
    workers: int,
    address: str | None = None,
    answers: Path | None = None,
    on_progress: Progress | None = None,
    on_task: OnTask | None = None,
) -> Report:
    """Measure the plan's cells on several workers.

    Args:
        plan: What to measure.
        config: With which models; ``threads`` must be set.
        workers: How many processes answer at the same time.
        address: ``HOST:PORT`` of a running Ray cluster that this machine is part of, or ``None`` to use this machine.
        answers: A file of answers, so that a run that is stopped goes on where it was, or ``None``.
        on_progress: Told how far the whole run is.
        on_task: Told of each task that is done.

    Raises:
        ImportError: If Ray is not installed.
        ClusterError: If Ray cannot be used, or workers die or differ.
        NotFoundError: If data or models are missing.
        InputError: If a file has the wrong form; it names the file and the record.
        ValueError: If a strategy, a k or a number of threads or workers is not possible.
    """
    config.check(plan.strategies)
    splits = plan.splits()
    n_cpus = cpus_for(workers, config.threads)
    with (
        AnswerStore(answers) as store,
        Cluster(address=address, n_cpus=n_cpus) as cluster,
        RayRunner(config, store, cluster, workers=workers) as runner,
    ):
        report = report_of(plan, config, splits, runner, on_progress=on_progress, on_task=on_task)
    return replace(report, about={**report.about, "workers": workers})


class RayRunner:
    """Answers splits on several workers; close it, or use it as a context manager.

    Args:
        config: With which models. ``threads`` must be set, because the last bits of what llama.cpp computes depend on
            it, and machines differ in what they would choose. The models lie at the same path on every machine.
        store: Answers that are known; new ones are put there as they come.
        cluster: Where the workers run; it outlives them.
        workers: How many processes answer at the same time.

    Raises:
        ClusterError: If the cluster has too few CPUs.
        ValueError: If ``threads`` is not set, or there is no worker.
    """

    def __init__(self, config: RunConfig, store: AnswerStore, cluster: Cluster, *, workers: int) -> None:
        cpus_for(workers, config.threads)
        self._config = config
        self._store = store
        self._cluster = cluster
        self._made_with: dict[str, str | None] = {}
        self._actor = cluster.ray.remote(num_cpus=config.threads, max_restarts=0, scheduling_strategy="SPREAD")(Worker)
        self._crew = Crew(cluster, self._start_worker, workers=workers, threads=config.threads or 1)

    def run(
        self,
        split: LampSplit,
        conditions: Sequence[Condition],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[CellOutcome]:
        """Answer every question of the split under every condition.

        Raises:
            ClusterError: If workers die over the same user again and again, none is left, or two have other models.
            NotFoundError: If a model is missing on a worker's machine.
            InputError: If an entry of a history cannot be stored.
        """
        data = self._cluster.ray.put(split)
        found: dict[int, dict[Condition, Answered]] = {}
        replies = self._crew.work(
            _units_of(split),
            lambda worker, places: worker.answer.remote(places, conditions),
            greet=lambda worker: worker.hold.remote(data),
            name=lambda places: f"user's {len(places)} questions",
        )
        for _, reply in replies:
            self._keep(reply)
            found.update({place: dict(cells) for place, cells in reply.answered.items()})
            if on_progress is not None:
                on_progress(len(found), len(split.questions))
        places = range(len(split.questions))
        cells = {condition: [found[place][condition] for place in places] for condition in conditions}
        return outcomes_of(cells, users_of(split))

    def close(self) -> None:
        """End the workers."""
        self._crew.close()

    def __enter__(self) -> RayRunner:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _start_worker(self) -> ActorHandle:
        known = self._cluster.ray.put(self._store.after(0))
        return self._actor.remote(self._config, known, self._cluster.scratch)

    def _keep(self, reply: Reply) -> None:
        for name, model in reply.made_with.items():
            if self._made_with.setdefault(name, model) != model:
                raise ClusterError(
                    f"the workers differ in their {name}, so their answers cannot stand in one table",
                    hint="put the same models and the same release on every machine",
                )
        for key, answer in reply.new.items():
            if self._store.get(key) is None:
                self._store.put(key, answer)
        if reply.error is not None:
            raise reply.error


def _units_of(split: LampSplit) -> list[tuple[int, ...]]:
    """Return each user's places, those with most first, so that no worker gets a long one when the others are done."""
    places: dict[str, list[int]] = {}
    for place, question in enumerate(split.questions):
        places.setdefault(question.user, []).append(place)
    return sorted((tuple(each) for each in places.values()), key=len, reverse=True)
