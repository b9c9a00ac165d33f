"""What choosing a retriever for each request is worth, beside always using one.

Selectors with and without ROPG's retrievers in the pool, by text or by numbers, on questions of users that nothing was
trained on.

    python -m benchmarks.selection LAMP MODELS --answers FILE --train POOL.jsonl … --selector DIR …

LAMP is the data's folder, MODELS the bundles', FILE the answers that ``ondevice eval lamp --answers FILE`` has given
with the pool's retrievers on the dev split. POOL files are what ``ondevice-export feedback pool`` wrote of the train
split, and DIR folders are what ``train rspg`` made of them. Writes results/selection/.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks import machine
from benchmarks.known_answers import KnownAnswers
from benchmarks.pools import Chooser, choosers_of, choosing_without, without
from benchmarks.selection_table import RESULTS, Selection, Worth, write
from export.training.candidates import read_profiles
from export.training.feature_selector import FeatureConfig, FeatureSelector
from export.training.pool_vectors import open_vectors
from export.training.pools import PoolFeedback, collect_pool_feedback, read_pool_feedback
from export.training.requests import Asked, read_asked
from export.training.selector_worth import default_of, place_of
from ondevice.bundle import Bundle

TRAINED = ("ropg-rl", "ropg-kd")
N_RESAMPLES = 2000


def main(arguments: Sequence[str] | None = None) -> None:
    """Look the answers up, let everybody choose, and write the table."""
    given = _parsed(arguments)
    train = [record for path in given.train for record in read_pool_feedback(path)]
    dev = _dev(given, train[0])
    ways: dict[str, Chooser] = {f"always {name}": partial(place_of, name=name) for name in train[0].pool}
    ways |= _by_numbers(train)
    for folder in given.selector:
        for lacks, where in (((), ""), (TRAINED, ", pool without ROPG")):
            usual = default_of([without(record, lacks) for record in train])
            found = choosers_of(folder, default=usual, names=lacks)
            ways |= {f"{folder.name} {how}{where}": choose for how, choose in found.items()}
    ways["oracle"] = lambda record: int(np.argmax([each.reward for each in record.candidates]))
    rewards = {name: _rewards(dev, choose) for name, choose in ways.items()}
    singles = [name for name in rewards if name.startswith("always")]
    best = max(singles, key=lambda name: float(np.mean(list(_by_task(dev, rewards[name]).values()))))
    table = [_worth(name, dev, found, rewards[best]) for name, found in rewards.items()]
    write(RESULTS, _document(table, dev, best, given))


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--selector", type=Path, nargs="*", default=[])
    parser.add_argument("--generator", required=True)
    parser.add_argument("--encoder", default="minilm-l6-int8")
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--limit", type=int, required=True)
    parser.add_argument("--per-user", type=int)
    return parser.parse_args(arguments)


def _dev(given: argparse.Namespace, like: PoolFeedback) -> list[PoolFeedback]:
    trained = {name: given.models / name for name in like.pool if (given.models / name).is_dir()}
    asked: list[Asked] = list(
        read_asked(
            given.data,
            tasks=given.tasks.split(","),
            split="dev",
            limit=given.limit,
            per_user=given.per_user,
            history=0,
            seed=0,
        )
    )
    base = Bundle.open(given.models / given.generator, kind="generator")
    with (
        open_vectors(given.models / given.encoder, trained) as vectors,
        KnownAnswers(base, given.answers, threads=1) as known,
    ):
        read_profiles(asked, vectors.values())
        found = collect_pool_feedback(asked, like.pool, vectors, known, k=like.k)
        Console(stderr=True).print(f"{known.n_asked} answers were asked for, the others known")
        return found


def _by_numbers(train: Sequence[PoolFeedback]) -> dict[str, Chooser]:
    def choosing(records: Sequence[PoolFeedback], **settings: bool) -> Chooser:
        selector = FeatureSelector.fit(records, FeatureConfig(**settings))
        return lambda record: int(np.argmax(selector.shares(record)))

    reduced = [without(record, TRAINED) for record in train]
    return {
        "each task's best of train": choosing(train, knows_features=False),
        "numbers": choosing(train),
        "numbers, pool without ROPG": choosing_without(TRAINED, choosing(reduced)),
    }


def _rewards(dev: Sequence[PoolFeedback], choose: Chooser) -> NDArray[np.float64]:
    return np.array([record.candidates[choose(record)].reward for record in dev])


def _by_task(dev: Sequence[PoolFeedback], rewards: NDArray[np.float64]) -> dict[str, float]:
    tasks = [record.user.split("/")[0] for record in dev]
    return {
        task: float(np.mean([reward for reward, of in zip(rewards, tasks, strict=True) if of == task]))
        for task in dict.fromkeys(tasks)
    }


def _worth(name: str, dev: Sequence[PoolFeedback], found: NDArray[np.float64], best: NDArray[np.float64]) -> Worth:
    top = np.array([max(each.reward for each in record.candidates) for record in dev])
    means, leads = _resampled(dev, found), _resampled(dev, found - best)
    by_task = _by_task(dev, found)
    return Worth(
        name=name,
        by_task=by_task,
        mean=float(np.mean(list(by_task.values()))),
        low=float(np.quantile(means, 0.025)),
        high=float(np.quantile(means, 0.975)),
        lead=float(np.mean(list(_by_task(dev, found - best).values()))),
        lead_low=float(np.quantile(leads, 0.025)),
        lead_high=float(np.quantile(leads, 0.975)),
        success=float(np.mean(found >= top - 1e-9)),
    )


def _resampled(dev: Sequence[PoolFeedback], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over tasks for resamplings of each task's users: float64[n_resamples]."""
    random = np.random.default_rng(0)
    by_task: dict[str, dict[str, list[float]]] = {}
    for record, value in zip(dev, values, strict=True):
        by_task.setdefault(record.user.split("/")[0], {}).setdefault(record.user, []).append(float(value))
    parts = []
    for users in by_task.values():
        sums = np.array([[sum(each), len(each)] for each in users.values()])
        drawn = random.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=N_RESAMPLES) @ sums
        parts.append(drawn[:, 0] / drawn[:, 1])
    return np.asarray(np.mean(parts, axis=0))


def _document(table: Sequence[Worth], dev: Sequence[PoolFeedback], best: str, given: argparse.Namespace) -> Selection:
    settings = f"--tasks {given.tasks} --limit {given.limit} --generator {given.generator}"
    settings += "" if given.per_user is None else f" --per-user {given.per_user}"
    return Selection(
        machine=machine.describe(),
        settings=settings,
        n=len(dev),
        n_users=len({record.user for record in dev}),
        n_retrievers=len(dev[0].pool),
        k=dev[0].k,
        best=best,
        rows=table,
    )


if __name__ == "__main__":
    main()
