"""LaMP on several processes or machines by Ray: a user is a unit of work, and the numbers are those of one machine.

Each worker is a process with models of its own, and gets the next user when it has answered the one before. Answers
are greedy and depend on nothing but their prompt, so neither the number of workers nor the order of the users shows in
the table; seconds do, because workers share a machine's memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from export.evaluation.cluster import Cluster
from export.evaluation.worker import Reply, Worker
from ondevice.errors import ClusterError
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition
from ondevice.evaluation.lamp import OnTask, Progress, report_of
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.report import Report
from ondevice.evaluation.runner import Answered, outcomes_of
from ondevice.evaluation.table import Outcome

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.actor import ActorHandle

MOST_LOSSES = 3
"""So many workers may die over the same user before the run gives up."""


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
    n_cpus = _n_cpus(config, workers)
    with (
        AnswerStore(answers) as store,
        Cluster(address=address, n_cpus=n_cpus) as cluster,
        RayRunner(config, store, cluster, workers=workers) as runner,
    ):
        report = report_of(plan, config, splits, runner, on_progress=on_progress, on_task=on_task)
    return replace(report, about={**report.about, "workers": workers})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unit:
    """One user's questions, and how many workers died over them."""

    places: tuple[int, ...]
    n_losses: int = 0


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
        """Start the workers."""
        n_cpus = _n_cpus(config, workers)
        if cluster.n_cpus() < n_cpus:
            # Ray would wait for further machines, for ever.
            raise ClusterError(
                f"{workers} workers need {n_cpus} CPUs, but the cluster has {cluster.n_cpus()}", hint="lower --workers"
            )
        self._config = config
        self._store = store
        self._cluster = cluster
        self._ray = cluster.ray
        self._made_with: dict[str, str | None] = {}
        self._actor = self._ray.remote(num_cpus=config.threads, max_restarts=0, scheduling_strategy="SPREAD")(Worker)
        self._workers = self._start_workers(workers)

    def run(
        self,
        split: LampSplit,
        conditions: Sequence[Condition],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[Outcome]:
        """Answer every question of the split under every condition.

        Raises:
            ClusterError: If workers die over the same user again and again, none is left, or two have other models.
            NotFoundError: If a model is missing on a worker's machine.
            InputError: If an entry of a history cannot be stored.
        """
        data = self._ray.put(split)
        found: dict[int, dict[Condition, Answered]] = {}
        waiting, idle = deque(_units_of(split)), list(self._workers)
        for worker in idle:
            worker.hold.remote(data)
        busy: dict[ObjectRef, tuple[ActorHandle, _Unit]] = {}
        while waiting or busy:
            while waiting and idle:
                worker, unit = idle.pop(), waiting.popleft()
                busy[worker.answer.remote(unit.places, conditions)] = worker, unit
            first = self._ray.wait(list(busy), num_returns=1)[0][0]
            worker, unit = busy.pop(first)
            reply = self._receive(first)
            if reply is None:
                waiting.appendleft(_lost(unit))
                idle += self._replace(worker, data)
                continue
            idle.append(worker)
            self._keep(reply)
            found.update({place: dict(cells) for place, cells in reply.answered.items()})
            if on_progress is not None:
                on_progress(len(found), len(split.questions))
        places = range(len(split.questions))
        return outcomes_of({condition: [found[place][condition] for place in places] for condition in conditions})

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            self._ray.kill(worker)
        self._workers = []

    def __enter__(self) -> RayRunner:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _start_workers(self, n_workers: int) -> list[ActorHandle]:
        known = self._ray.put(self._store.after(0))
        return [self._actor.remote(self._config, known, self._cluster.scratch) for _ in range(n_workers)]

    def _receive(self, reply: ObjectRef) -> Reply | None:
        """Return the reply, or ``None`` if the worker or its machine was lost before it came."""
        errors = self._ray.exceptions
        try:
            received: Reply = self._ray.get(reply)
        except (errors.RayActorError, errors.WorkerCrashedError, errors.OutOfMemoryError, errors.ObjectLostError):
            return None
        except errors.RayError as error:
            raise ClusterError(
                f"a worker cannot take its work: {type(error).__name__}",
                hint="every machine needs the same version of ondevice-sdk[ray]",
            ) from None
        return received

    def _replace(self, lost: ActorHandle, data: ObjectRef) -> list[ActorHandle]:
        """Start a worker in the place of a lost one, if its machine was not lost too, and return it."""
        self._workers.remove(lost)
        self._ray.kill(lost)
        if self._cluster.n_cpus() < _n_cpus(self._config, len(self._workers) + 1):
            if not self._workers:
                raise ClusterError("every worker was lost, and no machine is left to start another on")
            return []
        (worker,) = self._start_workers(1)
        self._workers.append(worker)
        worker.hold.remote(data)
        return [worker]

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


def _n_cpus(config: RunConfig, workers: int) -> int:
    if config.threads is None:
        raise ValueError("workers need a fixed number of threads: set RunConfig.threads")
    if workers < 1:
        raise ValueError(f"there must be at least 1 worker, not {workers}")
    return workers * config.threads


def _units_of(split: LampSplit) -> list[_Unit]:
    """Return the users, those with most questions first, so that no worker gets a long one when the others are done."""
    places: dict[str, list[int]] = {}
    for place, question in enumerate(split.questions):
        places.setdefault(question.user, []).append(place)
    units = [_Unit(places=tuple(each)) for each in places.values()]
    return sorted(units, key=lambda unit: -len(unit.places))


def _lost(unit: _Unit) -> _Unit:
    if unit.n_losses + 1 >= MOST_LOSSES:
        raise ClusterError(
            f"{MOST_LOSSES} workers died over the same user's {len(unit.places)} questions",
            hint="the machine may be short of memory: lower --workers, or take a smaller model",
        )
    return replace(unit, n_losses=unit.n_losses + 1)
