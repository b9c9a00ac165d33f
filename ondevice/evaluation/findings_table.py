"""What a run has shown, as tables for Markdown and for the terminal: a list of cells a line, the heads first."""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.evaluation.interval_words import interval_words, p_words
from ondevice.evaluation.statistics.findings import ALL_TASKS, EquivalenceFinding, Findings
from ondevice.evaluation.statistics.primary import PooledComparison, TaskComparison

SIGNIFICANT = 0.05
Table = list[list[str]]

SHOWN = "What the run has shown"
BY_TASK = "The same in each task, and what could have been seen"
EQUIVALENT = "Does an adapter alone do nothing?"
_WORDS = {
    SHOWN: "These comparisons were fixed before the run. An effect is the mean over tasks of the mean user's "
    "difference, in standard deviations of the users' differences; positive is better. p-values come from flipping the "
    "signs of whole users within tasks, and Holm adjusts them for the primary comparisons; "
    f"* is p < {SIGNIFICANT} after that. Everything else in this report is exploratory and has no stars.",
    BY_TASK: "Differences are means over users, in the measure's unit; positive is better. p-values are not adjusted. "
    "The smallest is the difference that so many users, who differ so much, show in 80 % of runs: a smaller one may be "
    "there, unseen.",
    EQUIVALENT: "That no difference was found does not show that there is none. Two one-sided tests ask whether it is "
    "smaller than a margin, in nats per token or in shares of the score's span; 90 % intervals.",
}


def pooled_table(findings: Findings) -> Table:
    """Return the comparisons over all tasks."""
    head = ["comparison", "measure", "tasks", "users", "effect", "interval", "p", "p (Holm)"]
    return [head, *(_pooled(each) for each in findings.pooled)]


def task_table(findings: Findings) -> Table:
    """Return the comparisons in each task, with the smallest difference that could have been seen."""
    head = ["task", "comparison", "measure", "users", "better by", "interval", "p", "smallest"]
    return [head, *(_in_task(each) for each in findings.by_task)]


def equivalence_table(findings: Findings) -> Table:
    """Return whether an adapter alone does nothing."""
    head = ["comparison", "task", "measure", "users", "better by", "interval", "margin", "p", "no difference"]
    return [head, *(_equivalent(each) for each in findings.equivalence)]


def findings_tables(findings: Findings) -> list[tuple[str, Table]]:
    """Return the tables that have lines, each with its title."""
    tables = {
        SHOWN: pooled_table(findings),
        BY_TASK: task_table(findings),
        EQUIVALENT: equivalence_table(findings),
    }
    return [(title, table) for title, table in tables.items() if len(table) > 1]


def findings_lines(findings: Findings) -> list[str]:
    """Return the tables as Markdown; nothing where the run had none of the comparisons."""
    lines: list[str] = []
    for title, table in findings_tables(findings):
        lines += [f"## {title}", "", _WORDS[title], "", *_markdown(table), ""]
    return lines


def _pooled(each: PooledComparison) -> list[str]:
    is_clear = each.p_holm is not None and each.p_holm < SIGNIFICANT
    return [
        each.comparison,
        each.measure,
        f"{each.n_tasks}",
        f"{each.n_users}",
        "" if each.effect is None else f"{each.effect:+.2f}{'*' if is_clear else ''}",
        # What is pooled has several users in each task; where no task has, there is nothing to pool.
        interval_words(each.low, each.high, n_users=each.n_users or 1, form="+.2f"),
        p_words(each.p),
        p_words(each.p_holm) if each.standing == "primary" else "exploratory",
    ]


def _in_task(each: TaskComparison) -> list[str]:
    return [
        each.task,
        each.comparison,
        each.measure,
        f"{each.n_users}",
        f"{each.better_by:+.3f}",
        interval_words(each.low, each.high, n_users=each.n_users, form="+.3f"),
        p_words(each.p),
        "" if each.smallest is None else f"{each.smallest:.3f}",
    ]


def _equivalent(each: EquivalenceFinding) -> list[str]:
    return [
        each.comparison,
        "all tasks" if each.task == ALL_TASKS else each.task,
        each.measure,
        f"{each.n_users}",
        f"{each.better_by:+.3f}",
        interval_words(each.low, each.high, n_users=each.n_users, form="+.3f"),
        f"{each.margin:g}",
        p_words(each.p),
        "shown" if each.is_shown else "not shown",
    ]


def _markdown(table: Sequence[Sequence[str]]) -> list[str]:
    head, *body = ("| " + " | ".join(row) + " |" for row in table)
    return [head, "|" + "---|" * len(table[0]), *body]
