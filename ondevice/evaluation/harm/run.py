"""A run: whose profiles are attached, which ways are tried, with which models, and the report of it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ondevice.evaluation.harm.answers import HarmAnswers
from ondevice.evaluation.harm.asking import Asked, HarmAsker, n_answers
from ondevice.evaluation.harm.figures import own_against_other, rows_of, stale_rows_of
from ondevice.evaluation.harm.gate import Measure, gate_of
from ondevice.evaluation.harm.outcomes import Outcome
from ondevice.evaluation.harm.plain_requests import PLAIN_REQUESTS
from ondevice.evaluation.harm.profiles import HarmProfile, invented_profiles, lamp_profiles
from ondevice.evaluation.harm.report import HarmReport, Leak
from ondevice.evaluation.harm.ways import WITH_ADAPTER, HarmWay
from ondevice.evaluation.learned import LearnedStore
from ondevice.evaluation.plan import RunConfig
from ondevice.generation.llama.cores import physical_cores
from ondevice.signals import Progress

LEARNED = "learned"
"""The folder beside the answers that keeps trained adapters."""
SHOWN_LEAKS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmPlan:
    """What to measure.

    Args:
        ways: How requests are answered, beside no personalization.
        people: So many users.
        requests: Requests of each that need no history.
        stale: At most so many questions of each whose answer has changed.
        seed: Which users, and which requests.
        other: Whether each profile is also attached to another user's requests.
        data: A folder of LaMP whose users have profiles in place of invented people, or ``None``.
        split: The prefix of its files.
        tasks: Names of its folders; none means all.
        gate: What may be lost by each measure that the gate judges; without one there is no gate.
    """

    ways: Sequence[HarmWay] = ("retrieval",)
    people: int = 8
    requests: int = 20
    stale: int = 8
    seed: int = 0
    other: bool = True
    data: Path | None = None
    split: str = "dev"
    tasks: Sequence[str] = ()
    gate: Mapping[Measure, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a gate that could not be judged.

        Raises:
            ValueError: If it is to be judged by one user, or a limit is no number of 0 or more.
        """
        for limit in self.gate.values():
            if not 0 <= limit < math.inf:
                raise ValueError(f"a gate's limit is 0 or more, not {limit:g}")
        if self.gate and self.people < 2:
            raise ValueError("a gate compares users, so it needs --people 2 or more")

    @property
    def learns(self) -> bool:
        """Whether adapters are trained."""
        return bool(WITH_ADAPTER.intersection(self.ways))

    def profiles(self) -> list[HarmProfile]:
        """Make the people, or read the histories.

        Raises:
            NotFoundError: If a file is missing, or has no history.
            InputError: If a file has the wrong form.
        """
        if self.data is None:
            people = invented_profiles(self.people, requests=self.requests, stale=self.stale, seed=self.seed)
            return list(people)
        users = lamp_profiles(
            self.data, self.people, split=self.split, tasks=self.tasks, requests=self.requests, seed=self.seed
        )
        return list(users)


def evaluate_harm(
    plan: HarmPlan, config: RunConfig, *, out: Path | None = None, on_progress: Progress | None = None
) -> HarmReport:
    """Ask everybody everything, and gather the figures.

    Args:
        plan: What to measure.
        config: With which models.
        out: A folder that keeps answers and adapters, so that a run that is stopped goes on, or ``None``.
        on_progress: Told how many answers there are, and how many there will be.

    Raises:
        ValueError: If adapters are to be trained on top of another.
        NotFoundError: If data or models are missing.
        InputError: If a file has the wrong form.
        AdaptationError: If a training fails.
        StorageError: If the disk refuses.
        GenerationError: If the runtime fails.
    """
    if plan.learns and config.adapter is not None:
        raise ValueError(f"ways that train adapters cannot be measured with the adapter {config.adapter!r} in use")
    started = time.perf_counter()
    profiles = plan.profiles()
    # Everybody's requests meet the profile of the next, so that each profile is the wrong one once.
    strangers = [profiles[place - 1] if plan.other and len(profiles) > 1 else None for place in range(len(profiles))]
    total = sum(n_answers(each, other, plan.ways) for each, other in zip(profiles, strangers, strict=True))
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    learned = LearnedStore(None if out is None or not plan.learns else out / LEARNED)
    with HarmAnswers(out) as answers, HarmAsker(config, answers, learned, learns=plan.learns) as asker:
        asked = [asker.ask(each, other, plan.ways, told) for each, other in zip(profiles, strangers, strict=True)]
        prompt_form = asker.prompt_form
    about = {
        **_about(plan, config, profiles, asked),
        "questions are shown items as": prompt_form,
        "seconds in all": round(time.perf_counter() - started, 1),
    }
    outcomes = [outcome for each in asked for outcome in each.outcomes]
    return HarmReport(
        about=about,
        rows=rows_of(outcomes),
        others=own_against_other(outcomes),
        stale=stale_rows_of([outcome for each in asked for outcome in each.stale]),
        leaks=_leaks(outcomes),
        gate=gate_of(outcomes, plan.gate) if plan.gate else None,
    )


def _about(
    plan: HarmPlan, config: RunConfig, profiles: Sequence[HarmProfile], asked: Sequence[Asked]
) -> dict[str, Any]:
    used = f"{sum(each.wears for each in asked)} of {len(asked)}; the others made their held-out items no likelier"
    return {
        "profiles of": "invented people, held out" if plan.data is None else f"LaMP's users, {plan.split}",
        **({"tasks": ", ".join(plan.tasks)} if plan.tasks else {}),
        "users": len(profiles),
        "items each, in the mean": round(sum(len(each.drafts) for each in profiles) / len(profiles), 1),
        "requests each": f"{len(profiles[0].requests)} of {len(PLAIN_REQUESTS)}",
        "seed": plan.seed,
        "model": config.generator,
        "adapter": config.adapter or "none",
        **({"users' own adapters in use": used} if plan.learns else {}),
        "encoder": config.encoder or "none",
        "longest answer, tokens": config.max_tokens,
        "threads": config.threads or physical_cores(),
    }


def _leaks(outcomes: Sequence[Outcome]) -> list[Leak]:
    """Return the first answers with personalization that hold something of the profile."""
    found = [each for each in outcomes if each.leaked and each.way != "none"]
    return [
        Leak(
            user=each.user,
            way=each.way,
            whose=each.whose,
            request=each.request,
            answer=each.text,
            pieces=each.leaked,
        )
        for each in found[:SHOWN_LEAKS]
    ]
