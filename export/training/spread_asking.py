"""Asking the language model on several processes or machines by Ray: a question is a unit, and the feedback the same.

Each worker has a model of its own. What a question comes to depends on nothing but its prompts, so neither the number
of workers nor their order shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from export.errors import ClusterError
from export.training.asking import AskConfig, Asker, FeedbackStore, Job, RequestFeedback
from export.workers.cluster import Cluster
from export.workers.crew import Crew, cpus_for
from export.workers.travelling import Travelling, travelling
from ondevice.bundle import Bundle

if TYPE_CHECKING:
    from ray.actor import ActorHandle


@dataclass(frozen=True, kw_only=True, slots=True)
class AskReply:
    """What came of one job.

    Args:
        feedback: One for each choice of items, in their order.
        new: What was computed for it, for the driver to keep, also before an error.
        made_with: The model's id and the version of this package, to be the same in every worker.
        error: What stopped the work, or ``None``.
    """

    feedback: Sequence[RequestFeedback] = field(default=(), repr=False)
    new: Mapping[str, RequestFeedback] = field(default_factory=dict, repr=False)
    made_with: Mapping[str, str] = field(default_factory=dict)
    error: Travelling | None = None


class AskWorker:
    """One asker in a process of its own, whose model loads with the first job.

    Nothing is ever raised out of here: errors travel in the reply.
    """

    def __init__(self, base: Path, config: AskConfig, known: Mapping[str, RequestFeedback]) -> None:
        self._base = base
        self._config = config
        self._store = FeedbackStore(None)
        self._store.remember(known)
        self._asker: Asker | None = None

    def ask(self, job: Job) -> AskReply:
        """Ask one question once for each choice of items."""
        n_known = len(self._store)
        feedback: list[RequestFeedback] = []
        made_with: dict[str, str] = {}
        error: Travelling | None = None
        try:
            if self._asker is None:
                self._asker = Asker(Bundle.open(self._base, kind="generator"), self._config, self._store)
            made_with = {"generator": self._asker.model_id, "ondevice-sdk": version("ondevice-sdk")}
            feedback += [self._asker.ask(job.pair, items) for items in job.shown]
        except Exception as raised:
            error = travelling(raised)
        return AskReply(feedback=feedback, new=self._store.after(n_known), made_with=made_with, error=error)


class SpreadAsker:
    """Asks on several workers; close it, or use it as a context manager.

    Args:
        base: The generator's bundle, which lies at the same path on every machine.
        config: How it is asked; ``threads`` must be set.
        store: What is known; what comes is put there.
        workers: How many processes ask at the same time.
        address: ``HOST:PORT`` of a running Ray cluster that this machine is part of, or ``None`` to use this machine.

    Raises:
        ImportError: If Ray is not installed.
        ClusterError: If Ray cannot be used, or has too few CPUs.
        ValueError: If ``threads`` is not set, or there is no worker.
    """

    def __init__(
        self, base: Bundle, config: AskConfig, store: FeedbackStore, *, workers: int, address: str | None = None
    ) -> None:
        self.model_id = base.id
        self._store = store
        with ExitStack() as stack:
            cluster = stack.enter_context(Cluster(address=address, n_cpus=cpus_for(workers, config.threads)))
            actor = cluster.ray.remote(num_cpus=config.threads, max_restarts=0, scheduling_strategy="SPREAD")(AskWorker)

            def start() -> ActorHandle:
                return actor.remote(base.folder, config, cluster.ray.put(store.after(0)))

            self._crew = stack.enter_context(Crew(cluster, start, workers=workers, threads=config.threads or 1))
            self._open = stack.pop_all()
        self._made_with: dict[str, str] = {}

    def ask_all(
        self, jobs: Sequence[Job], *, on_progress: Callable[[int, int], None] | None = None
    ) -> list[list[RequestFeedback]]:
        """Ask all jobs and return their feedback in their order.

        Raises:
            ClusterError: If workers die over the same question again and again, none is left, or two differ.
            ContextOverflowError: If a question alone does not fit.
            StorageError: If the feedback cannot be kept.
        """
        done, total = 0, sum(len(job.shown) for job in jobs)
        found: dict[int, list[RequestFeedback]] = {}
        replies = self._crew.work(
            range(len(jobs)),
            lambda worker, place: worker.ask.remote(jobs[place]),
            name=lambda place: f"question, with {len(jobs[place].shown)} prompts",
        )
        for place, reply in replies:
            self._keep(reply)
            found[place] = list(reply.feedback)
            done += len(reply.feedback)
            if on_progress is not None:
                on_progress(done, total)
        return [found[place] for place in range(len(jobs))]

    def close(self) -> None:
        """End the workers, and Ray where it was started here."""
        self._open.close()

    def __enter__(self) -> SpreadAsker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _keep(self, reply: AskReply) -> None:
        for name, made_with in reply.made_with.items():
            if self._made_with.setdefault(name, made_with) != made_with:
                raise ClusterError(
                    f"the workers differ in their {name}, so their feedback does not belong together",
                    hint="put the same models and the same release on every machine",
                )
        for key, feedback in reply.new.items():
            if self._store.get(key) is None:
                self._store.put(key, feedback)
        if reply.error is not None:
            raise reply.error
