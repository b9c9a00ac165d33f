"""What a trained selector is worth to users it has not seen, and the numbers that its manifest takes from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from export.training.asked_folds import fold_learned_from
from export.training.choices import MODES, Mode
from export.training.fitting import FitReport
from export.training.judge import Judge, SelectorConfig
from export.training.pools import PoolFeedback
from export.training.rewards import TIE
from ondevice.bundle import Cut, FoldSpec
from ondevice.retrieval.encoding.selector import decide

MARGINS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
LEADS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorReport:
    """What came of it. Rewards are means over the held-out users' requests, those without a choice included.

    Args:
        by_retriever: What always using one retriever is worth, by its name.
        default: The retriever that was worth most to all users, in the mean over the tasks.
        by_lead: By mode and lead over the default, what the selector's choices are worth.
        leads: By mode the greatest lead that is worth as much as any, give or take a standard error: a selector leaves
            the default only where that paid beyond chance.
        by_mode: What the selector's choices are worth with these leads.
        success: How often a mode then picks a best retriever.
        by_margin: Per margin, what choosing by outputs only below it is worth, and the share of requests that it takes.
        best: What the best choice is worth.
        margin: The margin that is worth most; of equals the least.
        learned_fold: From which of two folds of users it learned, or ``None``.
        cut: What a candidate loses that is too long, as the feedback says.
    """

    config: SelectorConfig
    fit: FitReport
    pool: tuple[str, ...]
    k: int
    n_users: int
    n_dropped: int
    by_retriever: Mapping[str, float]
    default: str
    by_lead: Mapping[Mode, Mapping[str, float]]
    leads: Mapping[Mode, float]
    by_mode: Mapping[str, float]
    success: Mapping[str, float]
    by_margin: Mapping[str, tuple[float, float]]
    best: float
    margin: float
    model: str
    tasks: tuple[str, ...]
    learned_fold: FoldSpec | None = None
    cut: Cut = "end"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def measure_selector(
    judge: Judge,
    config: SelectorConfig,
    report: FitReport,
    records: Sequence[PoolFeedback],
    judging: Sequence[PoolFeedback],
    *,
    n_useful: int,
) -> SelectorReport:
    """Let the selector choose for the users held out.

    Args:
        judge: The trained selector.
        config: What was learned.
        report: How the training went.
        records: All feedback.
        judging: That of the users held out, requests without a choice included.
        n_useful: Requests that tell candidates apart.
    """
    rewards = [[candidate.reward for candidate in record.candidates] for record in judging]
    shares = {mode: [judge.shares(record, mode) for record in judging] for mode in config.modes}
    default = default_of(records)
    places = [place_of(record, default) for record in judging]

    def decided(mode: Mode, least: float) -> list[int]:
        return [decide(each, place, least) for each, place in zip(shares[mode], places, strict=True)]

    def worth(found: Sequence[int]) -> float:
        return float(np.mean([row[at] for row, at in zip(rewards, found, strict=True)]))

    by_lead = {mode: {f"{least:g}": worth(decided(mode, least)) for least in LEADS} for mode in config.modes}
    leads = {
        mode: reluctant(
            {least: [row[at] for row, at in zip(rewards, decided(mode, least), strict=True)] for least in LEADS}
        )
        for mode in config.modes
    }
    chosen = {mode: decided(mode, leads[mode]) for mode in config.modes}
    by_margin: dict[str, tuple[float, float]] = {}
    if set(config.modes) == set(MODES):
        clear = [lead(each) for each in shares["pre"]]
        for margin in MARGINS:
            judged = [margin >= 1 or each < margin for each in clear]
            found = [
                row[post if is_judged else pre]
                for row, pre, post, is_judged in zip(rewards, chosen["pre"], chosen["post"], judged, strict=True)
            ]
            by_margin[f"{margin:g}"] = float(np.mean(found)), float(np.mean(judged))
    first = records[0]
    return SelectorReport(
        config=config,
        fit=report,
        pool=first.pool,
        k=first.k,
        n_users=len({record.user for record in records}),
        n_dropped=len(records) - n_useful,
        by_retriever={name: float(np.mean([record.reward_of(name) for record in judging])) for name in first.pool},
        default=default,
        by_lead=by_lead,
        leads=leads,
        by_mode={mode: worth(found) for mode, found in chosen.items()},
        success={
            mode: float(np.mean([row[at] >= max(row) - TIE for row, at in zip(rewards, found, strict=True)]))
            for mode, found in chosen.items()
        },
        by_margin=by_margin,
        best=float(np.mean([max(row) for row in rewards])),
        margin=max(MARGINS, key=lambda margin: (by_margin[f"{margin:g}"][0], -margin)) if by_margin else 0.0,
        model=first.model,
        tasks=tuple(dict.fromkeys(record.user.split("/")[0] for record in records)),
        learned_fold=fold_learned_from(records),
        cut=first.cut,
    )


def reluctant(rewards: Mapping[float, Sequence[float]]) -> float:
    """Return the greatest lead whose mean reward is less than the best one's by no more than a standard error.

    Args:
        rewards: By lead, what each of the same requests came to.
    """
    best = np.array(max(rewards.values(), key=lambda each: float(np.mean(each))))

    def is_level(each: Sequence[float]) -> bool:
        short = best - np.array(each)
        return bool(short.mean() <= short.std(ddof=1) / np.sqrt(len(short))) if len(short) > 1 else False

    return max(lead for lead, each in rewards.items() if is_level(each) or np.array_equal(best, each))


def default_of(records: Sequence[PoolFeedback]) -> str:
    """Return the retriever of the pool that is worth most in the mean over the tasks; of equals the first."""
    by_task: dict[str, list[PoolFeedback]] = {}
    for record in records:
        by_task.setdefault(record.user.split("/")[0], []).append(record)

    def worth(name: str) -> float:
        return float(np.mean([np.mean([record.reward_of(name) for record in each]) for each in by_task.values()]))

    return max(records[0].pool, key=worth)


def place_of(record: PoolFeedback, name: str) -> int:
    """Return the place of the candidate that a retriever leads to."""
    return next(place for place, candidate in enumerate(record.candidates) if name in candidate.names)


def lead(shares: Sequence[float]) -> float:
    """Return by how much the largest share leads the second; 1 where there is no other."""
    ordered = sorted(shares, reverse=True)
    return ordered[0] - ordered[1] if len(ordered) > 1 else 1.0
