"""Whom a model has learned from, told by its bundle: it is not asked about them.

An answer that was learned is no sign of what personalization is worth. A bundle whose manifest tells of no fold is
taken for one that has learned from none of the users.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ondevice.bundle import FoldSpec, read_manifest
from ondevice.errors import InputError, ModelMismatchError, NotFoundError
from ondevice.evaluation.conditions import STRATEGIES
from ondevice.evaluation.folds import PARTS, divided, fold_digest, other_fold, read_folds, users_of_fold
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.plan import RunConfig


def learned_folds(config: RunConfig, strategies: Sequence[str] = ()) -> dict[str, FoldSpec]:
    """Return from which folds the models of a run have learned, by bundle; of those that tell of one.

    Args:
        config: Its language model and adapter.
        strategies: Those among these that are trained encoders count too, and so does the selector with its pool.

    Raises:
        NotFoundError: If a model is missing.
        ManifestError: If a manifest cannot be used.
    """
    names = [config.generator, config.adapter, config.persona, *(name for name in strategies if name not in STRATEGIES)]
    if strategies and config.selector is not None:
        names += [config.selector, *_pool(config.models, config.selector)]
    told = {name: read_manifest(config.models / name).learned_fold for name in names if name is not None}
    return {name: fold for name, fold in told.items() if fold is not None}


def check_unlearned(data: Path, splits: Sequence[LampSplit], learned_by: Mapping[str, FoldSpec]) -> None:
    """Refuse to ask users from whom a model has learned.

    Args:
        data: The data set's folder.
        splits: What is asked.
        learned_by: From which fold each model has learned, by its name.

    Raises:
        ModelMismatchError: If one has, or it cannot be told, because the data's folds are not those it learned.
        NotFoundError: If a model is missing.
    """
    for name, learned in learned_by.items():
        for split in splits:
            n_known = len(set(_learned(data, split, name, learned)) & {each.user for each in split.questions})
            if n_known:
                raise ModelMismatchError(
                    f"the model {name!r} has learned from {n_known} of the users of {split.name!r} that are asked",
                    hint=f"ask the others with --ask-fold {other_fold(learned.fold)}, or take another model",
                )


def _pool(models: Path, selector: str) -> list[str]:
    """Return the encoders that a selector chooses among and that are there."""
    spec = read_manifest(models / selector).selector
    return [name for name in (() if spec is None else spec.pool) if (models / name).is_dir()]


def _learned(data: Path, split: LampSplit, name: str, learned: FoldSpec) -> Iterator[str]:
    """Yield the users of a task from whom a model has learned."""
    digest = learned.digests.get(split.name)
    if digest is None:
        yield from _learned_elsewhere(data / split.name, learned)
        return
    try:
        everyone = read_folds(data / split.name)
    except NotFoundError as error:
        raise NotFoundError(
            f"{error.message}: these tell from which users of {split.name!r} the model {name!r} has learned",
            hint=f"put the {' and '.join(PARTS)} files there that it learned from, or take another model",
        ) from None
    if fold_digest(everyone) != digest:
        raise ModelMismatchError(
            f"the model {name!r} has learned from users of {split.name!r} who are divided otherwise than in this data",
            hint="take the very data that it learned from, or another model",
        )
    yield from users_of_fold(everyone, learned.fold)


def _learned_elsewhere(folder: Path, learned: FoldSpec) -> Iterator[str]:
    """Yield the users from whom a model has learned where their folder had another name.

    A copy of a task's folder, or a variant beside it that has the same users, is divided otherwise than the folder was.
    """
    try:
        everyone = read_folds(folder)
    except (NotFoundError, InputError):  # there are no two files, or no two users: it is no copy
        return
    for name, digest in learned.digests.items():
        named = divided(replace(everyone, name=name))
        if fold_digest(named) == digest:
            yield from users_of_fold(named, learned.fold)
