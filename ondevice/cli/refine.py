"""``ondevice refine``: let searches learn from the user's past requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.cli.access import ProfileAccess
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.interrupting import interrupt_asks
from ondevice.cli.learning_options import LearnedTaskOption, require_task
from ondevice.cli.output import Output
from ondevice.cli.views import local, pairs_table

if TYPE_CHECKING:
    from ondevice.learned.refinement_notes import RefinementReport


def learn(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    task: LearnedTaskOption = "chat",
    pairs: Annotated[
        int, typer.Option("--pairs", metavar="N", min=MIN_PAIRS, help="Ask about so many past requests, the newest.")
    ] = 24,
    candidates: Annotated[
        int, typer.Option("--candidates", metavar="N", min=2, help="With so many earlier items each, at most.")
    ] = 16,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.01, help="Learn from what was asked by then.", show_default="no limit"),
    ] = None,
) -> None:
    """Learn from past requests which earlier items would have helped, and turn queries that way: --retriever refined.

    The model reads each request once for every candidate, which takes minutes. Ctrl-C ends it, and nothing is kept.
    A map that gained nothing on the newest requests is not kept either.
    """
    require_task(task)
    with (
        access.open() as me,
        output.progress("asking the past", unit="prompts") as on_progress,
        interrupt_asks() as cancel,
    ):
        report = me.refinement.learn(
            task=task,
            filter=selection.filter,
            max_pairs=pairs,
            max_candidates=candidates,
            max_seconds=None if minutes is None else minutes * 60,
            on_progress=on_progress,
            cancel=cancel,
        )
    document = {"report": report, "has_gained": report is not None and report.has_gained}
    output.result(document, "ended: nothing is kept" if report is None else pairs_table(_view(report)))


def status(output: Output, access: ProfileAccess) -> None:
    """Show whether searches can be refined, and what the learning came to."""
    with access.open() as me:
        found = me.refinement.status()
    if found.report is None or found.made_at is None:
        output.result({"status": found}, "no refinement: ondevice refine learn makes one")
        return
    state = "in use" if found.is_in_use else "not in use"
    view = {
        "refinement": state if found.is_for_encoder else f"{state}, but for another encoder",
        "since": local(found.made_at),
        "items": found.n_items,
        "size": f"{found.n_bytes:,} bytes, sealed",
        "asked": found.base_name,
        **_figures(found.report),
    }
    output.result({"status": found}, pairs_table(view))


def drop(output: Output, access: ProfileAccess) -> None:
    """Delete what searches have learned; the other retrievers never used it."""
    with access.open() as me:
        me.refinement.drop()
    output.result({"dropped": True}, "dropped: the refinement")


REFINING: dict[str, Callable[..., None]] = {"learn": learn, "status": status, "drop": drop}


def _figures(report: RefinementReport) -> dict[str, object]:
    return {
        "requests": f"{report.n_pairs}, the newest {report.n_held_out} held out; {report.n_dropped} told nothing",
        "held-out loss": f"{report.loss_before:.3f} → {report.loss_after:.3f} nats",
        "first hit's reward": f"{report.reward_before:.3f} → {report.reward_after:.3f} nats per token of the answer",
    }


def _view(report: RefinementReport) -> dict[str, object]:
    took = f"{report.n_prompts} prompts, {report.n_steps} steps, {report.seconds:.0f} s"
    gained = "ondevice search --retriever refined" if report.has_gained else "no gain: nothing is kept"
    return {**_figures(report), "learning": f"{took}{', out of time' if report.is_cut else ''}", "next": gained}
