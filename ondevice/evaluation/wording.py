"""A plan from words: what the two command lines that measure LaMP, on one machine and on many, take as text.

Every message names the option, because a wrong word comes from whoever typed it.
"""

from __future__ import annotations

from pathlib import Path

from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.evaluation.conditions import (
    DECODINGS,
    NO_PERSONALIZATION,
    RETRIEVAL_ALONE,
    Decoding,
    check_strategies,
)
from ondevice.evaluation.folds import PARTS
from ondevice.evaluation.plan import TRAIN, LampPlan
from ondevice.retrieval.protocol import MOST_HITS


def plan_of_words(
    *,
    data: Path,
    split: str,
    tasks: str,
    strategies: str,
    ks: str,
    decodings: str,
    control: str | None,
    limit: int | None,
    per_user: int | None,
    prior: str,
    models: Path,
    has_encoder: bool,
    has_selector: bool,
    has_persona: bool = False,
    ask_fold: int | None = None,
    from_history: int = 0,
) -> LampPlan:
    """Return the plan; every text holds names or numbers with commas between them.

    Args:
        data: A folder with one folder for each task.
        split: The files' prefix.
        tasks: Names of folders; empty takes all.
        strategies: Names.
        ks: Numbers of at least 1.
        decodings: Names.
        control: Some of the strategies, ``no``, or ``None`` for the first that personalizes.
        limit: Questions a task, or ``None`` for all.
        per_user: Questions a user, or ``None`` for all.
        prior: The split that labels' priors are measured on, or ``no``.
        models: The folder in which encoders that are named as strategies lie.
        has_encoder: Whether strategies that need vectors are possible.
        has_selector: Whether strategies that choose are.
        has_persona: Whether strategies with rows behind the prompt are.
        ask_fold: The fold of all train and dev users, or ``None`` for the users of ``split``.
        from_history: So many newest items of each user are questions too.

    Raises:
        ValueError: If a word is not possible; it tells which are.
    """
    if ask_fold is not None and split != PARTS[-1]:
        raise ValueError(f"--ask-fold asks users of the {' and '.join(PARTS)} files: leave out --split {split}")
    if ask_fold is not None and prior not in ("no", TRAIN):
        raise ValueError(f"with --ask-fold priors are measured on the other fold: leave out --prior {prior}")
    chosen = words_of(strategies)
    check_strategies(chosen, models=models, has_encoder=has_encoder, has_selector=has_selector, has_persona=has_persona)
    return LampPlan(
        data=data,
        split=split,
        tasks=words_of(tasks),
        strategies=chosen,
        ks=numbers_of_words(ks),
        decodings=_decodings(decodings),
        controls=_controls(control, chosen),
        limit=limit,
        per_user=per_user,
        prior=None if prior == "no" else prior,
        ask_fold=ask_fold,
        from_history=from_history,
    )


def retrievers_of_words(text: str, *, models: Path, has_encoder: bool) -> list[str]:
    """Return the names of retrievers, encoders in the models' folder among them.

    Raises:
        ValueError: If one is unknown, or needs an encoder where there is none.
    """
    names = words_of(text)
    check_strategies(names, models=models, has_encoder=has_encoder, has_selector=False, known=RETRIEVAL_ALONE)
    return names


def numbers_of_words(text: str) -> list[int]:
    """Return the numbers of items.

    Raises:
        ValueError: If one is no number, below 1, or more than can be counted.
    """
    try:
        numbers = [int(number) for number in words_of(text)]
    except ValueError:
        raise ValueError(f"--k takes numbers with commas between them, such as 1,2,4, not {text!r}") from None
    if not numbers or min(numbers) < 1:
        raise ValueError("--k takes numbers of at least 1")
    if max(numbers) > MOST_HITS:
        raise ValueError(f"--k takes numbers of at most {MOST_HITS}")
    return numbers


def lesson_items_of_words(text: str) -> int | None:
    """Return how many items an adapter learns from, at most; ``None`` for all.

    Raises:
        ValueError: If it is no number, or one with which nothing can be learned.
    """
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < MIN_PAIRS:
        raise ValueError(f"--lesson-items takes a number of at least {MIN_PAIRS}, or 'all', not {text!r}")
    return int(text)


def _controls(wanted: str | None, strategies: list[str]) -> list[str]:
    personal = [name for name in strategies if name != NO_PERSONALIZATION]
    if wanted is None:
        return personal[:1]
    names = words_of(wanted)
    if names == ["no"]:
        return []
    if not names or not set(names) <= set(personal):
        raise ValueError(f"--control takes some of the strategies measured, or 'no', not {wanted!r}")
    return names


def _decodings(text: str) -> list[Decoding]:
    names = words_of(text)
    if not names or not set(names) <= set(DECODINGS):
        raise ValueError(f"--decoding takes {' and '.join(DECODINGS)}, not {text!r}")
    return [decoding for decoding in DECODINGS if decoding in names]


def words_of(text: str) -> list[str]:
    """Return the words between the commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
