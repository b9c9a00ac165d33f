"""Several workers of a cluster that take one unit of work after the other; what a lost one had is begun anew.

What a unit comes to must not depend on who works it or on what came before: then neither the number of workers nor
the order in which they are done shows in the results.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from export.errors import ClusterError
from export.workers.cluster import Cluster

if TYPE_CHECKING:
    from ray import ObjectRef
    from ray.actor import ActorHandle

U = TypeVar("U")

MOST_LOSSES = 3
"""So many workers may die over the same unit before the run gives up."""


class Crew:
    """Workers, each a process; close it, or use it as a context manager.

    Args:
        cluster: Where they run; it outlives them.
        start: Starts one worker.
        workers: How many.
        threads: CPUs that each takes.

    Raises:
        ClusterError: If the cluster has too few CPUs.
        ValueError: If there is no worker.
    """

    def __init__(self, cluster: Cluster, start: Callable[[], ActorHandle], *, workers: int, threads: int) -> None:
        n_cpus = cpus_for(workers, threads)
        if cluster.n_cpus() < n_cpus:
            # Ray would wait for further machines, for ever.
            raise ClusterError(
                f"{workers} workers need {n_cpus} CPUs, but the cluster has {cluster.n_cpus()}", hint="lower --workers"
            )
        self._cluster = cluster
        self._ray = cluster.ray
        self._start = start
        self._threads = threads
        self._workers = [start() for _ in range(workers)]

    def work(
        self,
        units: Sequence[U],
        ask: Callable[[ActorHandle, U], ObjectRef],
        *,
        name: Callable[[U], str],
        greet: Callable[[ActorHandle], object] | None = None,
    ) -> Iterator[tuple[U, Any]]:
        """Yield each unit with what a worker replied, in the order in which the replies come.

        Args:
            units: In the order in which they are begun.
            ask: Begins a unit at a worker.
            name: What a unit is, as errors say it: ``user's 3 questions``.
            greet: Tells a worker what holds for all units; before its first.

        Raises:
            ClusterError: If workers die over the same unit again and again, none is left, or one cannot work.
        """
        waiting, idle = deque((unit, 0) for unit in units), list(self._workers)
        if greet is not None:
            for worker in idle:
                greet(worker)
        busy: dict[ObjectRef, tuple[ActorHandle, U, int]] = {}
        while waiting or busy:
            while waiting and idle:
                worker, (unit, n_losses) = idle.pop(), waiting.popleft()
                busy[ask(worker, unit)] = worker, unit, n_losses
            first = self._ray.wait(list(busy), num_returns=1)[0][0]
            worker, unit, n_losses = busy.pop(first)
            is_lost, reply = self._receive(first)
            if not is_lost:
                idle.append(worker)
                yield unit, reply
                continue
            if n_losses + 1 >= MOST_LOSSES:
                raise ClusterError(
                    f"{MOST_LOSSES} workers died over the same {name(unit)}",
                    hint="the machine may be short of memory: lower --workers, or take a smaller model",
                )
            waiting.appendleft((unit, n_losses + 1))
            replaced = self._replace(worker)
            if greet is not None:
                for each in replaced:
                    greet(each)
            idle += replaced

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            self._ray.kill(worker)
        self._workers = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _receive(self, reply: ObjectRef) -> tuple[bool, Any]:
        """Return whether the worker or its machine was lost before the reply came, and the reply."""
        errors = self._ray.exceptions
        try:
            return False, self._ray.get(reply)
        except (errors.RayActorError, errors.WorkerCrashedError, errors.OutOfMemoryError, errors.ObjectLostError):
            return True, None
        except errors.RayError as error:
            raise ClusterError(
                f"a worker cannot take its work: {type(error).__name__}",
                hint="every machine needs the same version of ondevice-export[ray]",
            ) from None

    def _replace(self, lost: ActorHandle) -> list[ActorHandle]:
        """Start a worker in the place of a lost one, if its machine was not lost too, and return it."""
        self._workers.remove(lost)
        self._ray.kill(lost)
        if self._cluster.n_cpus() < cpus_for(len(self._workers) + 1, self._threads):
            if not self._workers:
                raise ClusterError("every worker was lost, and no machine is left to start another on")
            return []
        self._workers.append(self._start())
        return self._workers[-1:]


def cpus_for(workers: int, threads: int | None) -> int:
    """Return the CPUs that so many workers need.

    Raises:
        ValueError: If the number of threads is left open, or there is no worker.
    """
    if threads is None:
        raise ValueError("workers need a fixed number of threads: name it")
    if workers < 1:
        raise ValueError(f"there must be at least 1 worker, not {workers}")
    return workers * threads
